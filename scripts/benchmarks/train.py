"""What each saving of `vivant train relation` is worth: milliseconds a step and peak memory, off and on.

    scripts/bench train [--base pocket] [--steps 8] [--batch 8] [--threads 1]

Every line is measured in a process of its own with the same weights, batch and draws, all in one run: compare the
ratios, not the absolute times of two machines. On a CPU it is processor time, so that other work on the machine
disturbs little. Memory is the process's peak on a CPU (its libraries take some 600 MiB
of it), and what torch had allocated on a GPU. Without an adapter of the base's own one of random weights and the same
size is made, which takes the same time.
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

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from relation_proof import write_triplets

from vivant.adapters.attention import attached
from vivant.adapters.ms import new_ms_adapter, save_ms_adapter
from vivant.adapters.resampler import ResamplerSizes
from vivant.adapters.sources import AdapterChoice, adapter_defaults, load_image_prompting
from vivant.adapters.subjects import phrase_embeds
from vivant.errors import ModelError
from vivant.models.bundle import load_bundle
from vivant.models.image_encoder import load_image_encoder
from vivant.models.text import encode_text
from vivant.settings.train_relation import TrainRelationSettings
from vivant.training.cache import encode_moments
from vivant.training.relation import Run, set_up
from vivant.training.relation_data import draw_step
from vivant.training.setup import start_processes

CASES: dict[str, tuple[str, dict[str, Any], frozenset[str]]] = {
    "each": ("everything computed at each step", {"fix_image_keys": False}, frozenset({"text", "latents", "features"})),
    "text": ("+ text cached", {"fix_image_keys": False}, frozenset({"latents", "features"})),
    "latents": ("+ latents cached", {"fix_image_keys": False}, frozenset({"features"})),
    "features": ("+ image features and local tokens cached", {"fix_image_keys": False}, frozenset()),
    "keys": ("+ image keys fixed (the default)", {}, frozenset()),
    "micro": ("the default, 2 samples at a time", {"micro_batch": 2}, frozenset()),
    "checkpointing": ("the default, gradient checkpointing", {"gradient_checkpointing": True}, frozenset()),
    "bf16": ("the default, bfloat16", {"dtype": "bfloat16"}, frozenset()),
}
"""Name -> its line, settings, and what is computed again at each step."""


def main() -> None:
    """Measure every case, each in a process of its own, and print a line each."""
    parser = parser_of(__doc__, list(CASES), steps=8, batch=8)
    parser.add_argument("--adapter", help="a folder; else the base's own, or one of random weights")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.case:
        print(json.dumps(measure(options)))
        return
    with tempfile.TemporaryDirectory() as work:
        write_triplets(Path(work) / "triplets", "hugging", 0)
        given = [*sys.argv[1:], "--work", work]
        if not options.adapter and not has_adapter(options.base):
            given += ["--adapter", str(random_adapter(options.base, Path(work)))]
        compare(options, {case: line for case, (line, *_) in CASES.items()}, __file__, given)


def measure(options: argparse.Namespace) -> dict[str, float]:
    """Milliseconds a step and peak MiB of one case."""
    _, changes, again = CASES[options.case]
    chosen = {"base": options.base, "batch": options.batch, "device": options.device, "dtype": "float32"}
    sources: dict[str, Any] = {} if not options.adapter else {"adapter": options.adapter, "local_encoder": "same"}
    settings = TrainRelationSettings.model_validate({**chosen, **sources, "variations": 2, **changes})
    processes = start_processes(settings, "the benchmark")
    run = set_up(options.work / "triplets", options.work / "run", settings, processes, lambda line: None)
    work = again_and_again(run, settings, again)
    with attached(run.training.learner.unet):

        def step() -> None:
            work()
            run.training.step(settings.batch, settings.micro_batch)

        return cost(step, options.steps, run.training.learner.bundle.device)


def again_and_again(run: Run, settings: TrainRelationSettings, again: frozenset[str]) -> Callable[[], None]:
    """What a recipe without a cache would do before each step, for the samples of a batch."""
    training, bundle = run.training, run.training.learner.bundle
    names = ("adapter", "image_encoder", "local_encoder", "partitions", "factor")
    choice = AdapterChoice(**{name: getattr(settings, name) for name in names})
    encoder = load_image_prompting(bundle, choice).encoder if "features" in again else None
    source = torch.Generator().manual_seed(1)

    def work() -> None:
        rows = draw_step(training.data, settings.batch, 1000, source, among=training.among).rows.tolist()
        for row in rows:
            one, triplet = run.grids.variations[row], run.grids.triplets[run.grids.variations[row].triplet]
            pictures = [view.picture for view in one.concepts]
            if "text" in again:
                encode_text(bundle, [triplet.prompt])
            if "latents" in again:
                for picture in (one.target.picture, *pictures):
                    encode_moments(bundle, picture)
            if encoder is not None:
                encoder.features(pictures)
                phrase_embeds(bundle, [subject.noun for subject in triplet.subjects])

    return work


def has_adapter(base: str) -> bool:
    """Whether the base comes with one."""
    defaults = adapter_defaults(base)
    return defaults is not None and (defaults.adapter.count("/") == 1 or Path(defaults.adapter).is_dir())


def random_adapter(base: str, folder: Path) -> Path:
    """One of the pocket adapter's size, for a base whose image encoder is known."""
    defaults, bundle = adapter_defaults(base), load_bundle(base, "cpu", "float32")
    if defaults is None:
        raise ModelError(f"base {base!r} has no image encoder of its own: give --adapter, or another base")
    torch.manual_seed(0)
    sizes = ResamplerSizes(
        dim=128,
        depth=2,
        head=32,
        heads=4,
        queries=8,
        features=load_image_encoder(defaults.image_encoder).width,
        output=bundle.unet.config.cross_attention_dim,
        phrase=bundle.text_encoders[0].config.hidden_size,
    )
    save_ms_adapter(new_ms_adapter(bundle.unet, sizes), folder / "adapter" / "ms_adapter.safetensors")
    return folder / "adapter"


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    main()
