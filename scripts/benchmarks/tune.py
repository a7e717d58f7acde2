"""What each saving of `vivant train custom-diffusion` is worth: milliseconds a step and peak memory, off and on.

    scripts/bench tune [--base pocket] [--steps 6] [--batch 4] [--threads 1]

Every line is measured in a process of its own with the same weights, batch and draws, all in one run: compare the
ratios, not the absolute times of two machines. Memory is the process's peak on a CPU (its libraries take some 600 MiB
of it), and what torch had allocated on a GPU. Three characters of the world, two photos each, prior preservation on.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from _steps import compare, cost, parser_of

from vivant.data.performed import draw_photos
from vivant.images import read_image
from vivant.models.text import encode_text
from vivant.settings.train_custom_diffusion import TrainCustomDiffusionSettings
from vivant.settings.train_dreambooth import TrainDreamboothSettings
from vivant.settings.train_textual_inversion import TrainTextualInversionSettings
from vivant.settings.world import WorldSettings
from vivant.training import custom_diffusion, dreambooth, textual_inversion
from vivant.training.cache import encode_moments
from vivant.training.concept_data import draw_step
from vivant.training.concept_setup import Run
from vivant.training.resizing import Resizing, resized
from vivant.training.setup import start_processes

RECIPES: dict[str, tuple[Any, Any]] = {
    "custom-diffusion": (TrainCustomDiffusionSettings, custom_diffusion.set_up),
    "dreambooth": (TrainDreamboothSettings, dreambooth.set_up),
    "textual-inversion": (TrainTextualInversionSettings, textual_inversion.set_up),
}
CASES: dict[str, tuple[str, str, dict[str, Any], frozenset[str]]] = {
    "each": ("everything computed at each step", "custom-diffusion", {}, frozenset({"text", "latents"})),
    "text": ("+ prompts of classes cached", "custom-diffusion", {}, frozenset({"latents"})),
    "latents": ("+ latents cached (the default)", "custom-diffusion", {}, frozenset()),
    "micro": ("the default, 1 sample at a time", "custom-diffusion", {"micro_batch": 1}, frozenset()),
    "checkpointing": (
        "the default, gradient checkpointing",
        "custom-diffusion",
        {"gradient_checkpointing": True},
        frozenset(),
    ),
    "bf16": ("the default, bfloat16", "custom-diffusion", {"dtype": "bfloat16"}, frozenset()),
    "lora": ("DreamBooth, LoRA", "dreambooth", {}, frozenset()),
    "full": ("DreamBooth, full", "dreambooth", {"method": "full"}, frozenset()),
    "words": ("Textual Inversion (no pictures of classes)", "textual-inversion", {}, frozenset()),
}
"""Name -> its line, recipe, settings, and what is computed again at each step."""


def main() -> None:
    """Measure every case, each in a process of its own, and print a line each."""
    options = parser_of(__doc__, list(CASES), steps=6, batch=4).parse_args()
    torch.set_num_threads(options.threads)
    if options.case:
        print(json.dumps(measure(options)))
        return
    with tempfile.TemporaryDirectory() as work:
        draw_photos(Path(work) / "photos", WorldSettings(kinds=("fox", "robot", "cat"), references=2, size=128))
        lines = {case: line for case, (line, *_) in CASES.items()}
        compare(options, lines, __file__, [*sys.argv[1:], "--work", work])


def measure(options: argparse.Namespace) -> dict[str, float]:
    """Milliseconds a step and peak MiB of one case."""
    _, recipe, changes, again = CASES[options.case]
    kind, set_up = RECIPES[recipe]
    chosen = {"base": options.base, "batch": options.batch, "device": options.device, "dtype": "float32"}
    few = {"prior_pictures": 2, "variations": 2, "validate_every": 0, "grid": 0, "lr": 1e-4}
    settings = kind.model_validate({**chosen, **few, "regularisation": str(options.work / "classes"), **changes})
    processes = start_processes(settings, "the benchmark")
    run = set_up(options.work / "photos", options.work / options.case, settings, processes, lambda line: None)
    work = without_caches(run, again)
    with run.training.learner.acting():

        def step() -> None:
            work(settings.batch)
            run.training.step(settings.batch, settings.micro_batch)

        return cost(step, options.steps, run.training.learner.bundle.device)


def without_caches(run: Run, again: frozenset[str]) -> Callable[[int], None]:
    """What a recipe without a cache would do before each step, for the samples of a batch."""
    learner, material = run.training.learner, run.prepared.material
    data, bundle = learner.data, learner.bundle
    pictures = [resized(read_image(shot.picture), Resizing(), *data.size[::-1])[0] for shot in material.shots]
    source = torch.Generator().manual_seed(1)

    def work(batch: int) -> None:
        drawn = draw_step(data, batch, 1000, source)
        if "text" in again:
            encode_text(bundle, [data.prompts[number] for number in drawn.prompts[batch:].tolist()])
        if "latents" in again:
            for number in drawn.rows.tolist() + drawn.class_rows.tolist():
                encode_moments(bundle, pictures[number % len(pictures)])

    return work


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    main()
