#!/usr/bin/env python
"""Time relation training at SDXL's full size: steps of batch 8 at 1024 x 1024, FLOPs, share of the device's peak.

UNet and MS-Diffusion's adapter have the published sizes and random weights, so nothing is downloaded: the time is the
real one, what is learned is nothing. Text, latents and image features are random as well, as if read from the cache;
encoding five triplets is not counted. The step is the very one of `vivant train relation`, with the paper's losses.
Blocks of steps go to a JSON-lines file as they come; run again, it does only what is missing.

    python scripts/gpu_sdxl_train.py --out gpu_sdxl_train.jsonl
    python scripts/gpu_sdxl_train.py --tiny --out /tmp/tiny.jsonl      (a few seconds, on a CPU)
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import torch
from random_sdxl import (
    SDXL_UNET,
    TOY_UNET,
    UnetSizes,
    add_row,
    euler_scheduler,
    machine_of,
    parser_of,
    random_unet,
    read_rows,
    weights_on,
)
from torch.utils.flop_counter import FlopCounterMode

from vivant.adapters.attention import attached
from vivant.adapters.ms import new_ms_adapter
from vivant.adapters.relation_lora import add_relation_lora
from vivant.adapters.resampler import ResamplerSizes
from vivant.errors import ModelError
from vivant.models.bundle import Bundle
from vivant.models.text import Text
from vivant.settings.train_relation import TrainRelationSettings
from vivant.training.image_prompts import ImagePrompts, References
from vivant.training.learner import Learner, Training
from vivant.training.objective import PRESETS
from vivant.training.relation_data import RelationData
from vivant.training.schedule import noise_schedule
from vivant.training.setup import adam, memory_explained, start_processes

PAPER_STEPS, PAPER_MINUTES = 500, 10
"""DreamRelation, section 4: on two A100."""
BLOCK = 25
"""Steps a row."""
PEAKS = {"H200": 989.0, "H100 PCIe": 756.0, "H100": 989.0, "A100": 312.0, "L40S": 362.0, "B200": 2250.0, "4090": 165.0}
"""Dense TFLOP/s of tensor cores in bfloat16, by what the device's name holds; the first that does counts."""
VARIATIONS, SUBJECTS = 16, 2


@dataclass(frozen=True)
class Sizes:
    """Numbers of the published configurations, or of a toy."""

    unet: UnetSizes
    image_tokens: int
    resampler: ResamplerSizes


SDXL = Sizes(SDXL_UNET, image_tokens=257 + 16, resampler=ResamplerSizes())
TOY = Sizes(
    TOY_UNET,
    image_tokens=17 + 16,
    resampler=ResamplerSizes(dim=16, depth=1, head=8, heads=2, queries=4, features=16, output=32, phrase=8),
)


def build_unet(sizes: Sizes, device: Any, dtype: Any) -> Any:
    """SDXL's UNet of random weights, frozen."""
    with weights_on(device, dtype):
        unet = random_unet(sizes.unet)
    return unet.requires_grad_(False).eval().to(memory_format=torch.channels_last)


def set_up(sizes: Sizes, settings: TrainRelationSettings, side: int) -> Training:
    """Everything that a step needs, of random numbers."""
    processes = start_processes(settings, "scripts/gpu_sdxl_train.py")
    device, dtype = processes.accelerator.device, processes.dtype
    torch.manual_seed(0)
    unet = build_unet(sizes, device, dtype)
    scheduler = euler_scheduler()
    bundle = Bundle("random sdxl", "sdxl", unet, None, (), (), scheduler, device, dtype, {}, True)
    adapter = new_ms_adapter(unet, sizes.resampler).to(device, dtype).requires_grad_(False).eval()
    data = random_data(sizes, side, device, dtype)
    draws = torch.Generator().manual_seed(0)
    boxes = torch.tensor([[0.0, 0.1, 0.6, 1.0], [0.4, 0.1, 1.0, 1.0]], device=device).expand(VARIATIONS, -1, -1)
    references = References(
        torch.randn(VARIATIONS, SUBJECTS, sizes.image_tokens, sizes.resampler.features, device=device, dtype=dtype),
        torch.randn(VARIATIONS, SUBJECTS, sizes.resampler.phrase, device=device, dtype=dtype),
        boxes,
    )
    prompts = ImagePrompts(unet, adapter, references, size=(side // 8, side // 8), scale=settings.scale)
    add_relation_lora(unet, draws, rank=settings.rank)
    if settings.gradient_checkpointing:
        unet.enable_gradient_checkpointing()
    learner = Learner(bundle, data, prompts)
    optimiser = adam(list(learner.trained().values()), settings.lr)
    model, optimiser = processes.accelerator.prepare(learner, optimiser)
    schedule, constants = noise_schedule(scheduler, device), PRESETS[settings.preset]
    return Training(processes, learner, model, optimiser, data, VARIATIONS, schedule, constants, draws)


def random_data(sizes: Sizes, side: int, device: Any, dtype: Any) -> RelationData:
    """Variations of two subjects as the cache would give them."""
    small = side // 8
    points = torch.rand(VARIATIONS, SUBJECTS, 17, 3, device=device)
    text = Text(
        torch.randn(VARIATIONS, 77, sizes.unet.text, device=device, dtype=dtype),
        torch.randn(VARIATIONS, sizes.unet.pooled, device=device, dtype=dtype),
    )
    return RelationData(
        moments=torch.rand(VARIATIONS, 2, 4, small, small, device=device),
        concepts=torch.randn(VARIATIONS, SUBJECTS, 4, small, small, device=device),
        target_points=points,
        concept_points=points.roll(1, 0),
        masks=torch.full((VARIATIONS, side, side), 255, dtype=torch.uint8, device=device),
        text=text,
        selection=torch.zeros(VARIATIONS, 77, 1, device=device),
        size=(side, side),
        prompts=("",) * VARIATIONS,
    )


def count_flops(training: Training, settings: TrainRelationSettings) -> float:
    """Of one step of the whole batch, forward and backward, what is computed twice counted twice."""
    with FlopCounterMode(display=False) as counter:
        training.step(settings.batch, settings.micro_batch)
    return float(counter.get_total_flops())


def time_block(training: Training, settings: TrainRelationSettings, steps: int) -> float:
    """Seconds."""
    cuda = torch.cuda.is_available() and training.processes.accelerator.device.type == "cuda"
    if cuda:
        torch.cuda.synchronize()
    began = time.perf_counter()
    for _ in range(steps):
        training.step(settings.batch, settings.micro_batch)
    if cuda:
        torch.cuda.synchronize()
    return time.perf_counter() - began


def report(rows: Sequence[dict[str, Any]], peak: float | None) -> str:
    """What all blocks of one setting come to."""
    steps, seconds = sum(row["steps"] for row in rows), sum(row["seconds"] for row in rows)
    each, flops = seconds / steps, rows[-1]["flops"]
    used = flops / each / 1e12
    share = f", {used / peak:.0%} of {peak:.0f}" if peak else ""
    memory = "" if rows[-1]["peak_gib"] is None else f", peak {max(row['peak_gib'] for row in rows):.1f} GiB"
    return (
        f"{rows[-1]['machine']}: {steps} steps in {seconds / 60:.1f} minutes, {1000 * each:.0f} ms a step, "
        f"{flops / 1e12:.3g} TFLOP a step, {used:.3g} TFLOP/s{share}{memory}; {PAPER_STEPS} steps take "
        f"{PAPER_STEPS * each / 60:.1f} minutes (the paper: {PAPER_MINUTES} on two A100)"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse flags, build once, time what is missing."""
    parser = parser_of(__doc__, "gpu_sdxl_train.jsonl")
    parser.add_argument("--steps", type=int, help="500; 4 with --tiny")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--micro-batch", type=int, help="samples at a time; without it as many as memory holds")
    parser.add_argument("--gradient-checkpointing", action="store_true")
    parser.add_argument(
        "--peak-tflops", type=float, help="of the device in bfloat16, where the script does not know it"
    )
    options = parser.parse_args(arguments)
    machine = machine_of(parser, options.tiny)
    steps, block = options.steps or (4 if options.tiny else PAPER_STEPS), 2 if options.tiny else BLOCK
    peak = options.peak_tflops or next((value for name, value in PEAKS.items() if name in machine), None)
    wanted = {"machine": machine, "batch": options.batch, "checkpointing": options.gradient_checkpointing}
    mine = [row for row in read_rows(options.out) if all(row[name] == value for name, value in wanted.items())]
    if options.micro_batch:
        mine = [row for row in mine if row["micro_batch"] == options.micro_batch]
    left = steps - sum(row["steps"] for row in mine)
    if left > 0:
        micro = options.micro_batch or (mine[-1]["micro_batch"] if mine else options.batch)
        for row in _timed(options, wanted, micro, left, block):
            mine.append(row)
            add_row(options.out, row)
            print(report(mine, peak), file=sys.stderr, flush=True)
    print(report(mine, peak))


def _timed(options: argparse.Namespace, wanted: dict[str, Any], micro: int, left: int, block: int) -> Any:
    """Rows of the blocks that are missing; where memory is too small, half as many samples at a time."""
    cuda = not options.tiny
    while True:
        settings = TrainRelationSettings(
            batch=options.batch,
            micro_batch=micro,
            gradient_checkpointing=options.gradient_checkpointing,
            device="cuda" if cuda else "cpu",
            dtype="bfloat16" if cuda else "float32",
        )
        training = set_up(TOY if options.tiny else SDXL, settings, 64 if options.tiny else 1024)
        try:
            with memory_explained(), attached(training.learner.unet):
                flops = count_flops(training, settings)
                time_block(training, settings, 1)
                for start in range(0, left, block):
                    count = min(block, left - start)
                    seconds = time_block(training, settings, count)
                    memory = torch.cuda.max_memory_allocated() / 2**30 if cuda else None
                    row = {**wanted, "micro_batch": micro, "steps": count, "seconds": round(seconds, 4)}
                    yield {**row, "flops": flops, "peak_gib": memory}
                return
        except ModelError:
            if options.micro_batch or micro == 1:
                raise
            micro //= 2
        del training
        if cuda:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()


if __name__ == "__main__":
    main()
