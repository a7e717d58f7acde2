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
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", default="pocket")
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--adapter", help="a folder; else the base's own, or one of random weights")
    parser.add_argument("--cases", nargs="+", choices=list(CASES), default=list(CASES))
    parser.add_argument("--case", choices=list(CASES), help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.case:
        print(json.dumps(measure(options)))
        return
    with tempfile.TemporaryDirectory() as work:
        write_triplets(Path(work) / "triplets", "hugging", 0)
        given = sys.argv[1:]
        if not options.adapter and not has_adapter(options.base):
            given += ["--adapter", str(random_adapter(options.base, Path(work)))]
        print(f"{options.base}, batch {options.batch}, {options.threads} thread(s), {options.steps} steps each")
        first: dict[str, float] = {}
        for case in options.cases:
            command = [sys.executable, __file__, *given, "--case", case, "--work", work]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                sys.exit(done.stderr)
            found = json.loads(done.stdout.splitlines()[-1])
            first = first or found
            speed, memory = first["ms"] / found["ms"], found["mib"] / first["mib"]
            print(
                f"{CASES[case][0]:45} {found['ms']:8.0f} ms a step, {speed:5.2f} times as fast; "
                f"{found['mib']:6.0f} MiB, {memory:4.2f} of it",
                flush=True,
            )


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

        step()
        cuda = run.training.learner.bundle.device.type == "cuda"
        if cuda:
            torch.cuda.reset_peak_memory_stats()
            torch.cuda.synchronize()
        clock = time.perf_counter if cuda else time.process_time
        began = clock()
        for _ in range(options.steps):
            step()
        if cuda:
            torch.cuda.synchronize()
        seconds = (clock() - began) / options.steps
    peak = torch.cuda.max_memory_allocated() / 2**20 if cuda else peak_of_process()
    return {"ms": 1000 * seconds, "mib": peak}


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


def peak_of_process() -> float:
    """MiB that were resident at the most."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**20 if sys.platform == "darwin" else most / 2**10


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    main()
