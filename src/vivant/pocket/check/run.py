"""`vivant pocket check`: every figure of the family on fresh prompts and scenes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import torch

from vivant.errors import InputError
from vivant.models.torch_models import quiet
from vivant.pocket.check import image_prompts, recognisers, text_to_image
from vivant.pocket.check.local import local_rows
from vivant.pocket.check.material import Scenes, prompts
from vivant.pocket.check.report import Report, Row
from vivant.pocket.family import MEMBERS
from vivant.pocket.judge import Judge
from vivant.pocket.preview import GUIDANCE, STEPS
from vivant.pocket.train import device_name

PROMPTED = 5
"""One in so many pictures is also drawn from portraits, twice."""

Say = Callable[[str], None]


def run_check(
    weights: Path, *, count: int, seed: int, device: torch.device, cache: Path | None, trained: dict[str, Any], say: Say
) -> Report:
    """Check the members of the family that lie in a folder.

    Args:
        weights: a folder a member, as `family.weights_dir()`.
        count: prompts, and scenes.
        seed: of prompts, scenes, individuals and noise.
        device: where the models run.
        cache: generated pictures are kept here; None keeps none.
        trained: figures of the training run by stage, as far as they are known; they tell a preview.
        say: told what goes on.

    Raises:
        InputError: the folder holds no member of the family.
        ModelError: a member cannot be read.
    """
    missing = tuple(name for name in MEMBERS if not (weights / name).is_dir())
    if len(missing) == len(MEMBERS):
        raise InputError(f"{weights}: none of {', '.join(MEMBERS)} is here; give --weights the folder that holds them")
    began = time.monotonic()
    report = Report(
        rows=(),
        relations=(),
        device=device_name(device),
        preview=_on_cpu(trained, device),
        date=date.today().isoformat(),
        count=count,
        seed=seed,
        steps=STEPS,
        guidance=GUIDANCE,
        seconds=0.0,
        seconds_a_picture=float("nan"),
        missing=missing,
    )
    judge = None if "judge" in missing else Judge.load(weights / "judge", device)
    if judge is not None and "base" not in missing:
        report = _with_base(report, weights / "base", judge, device, cache, say)
        if not {"adapter", "clip", "local"} & set(missing):
            report = _with_adapter(report, weights, judge, device, say)
    say(f"recognisers on {count} scenes")
    with quiet("transformers", "diffusers"):
        rows = [*_recognised(weights, judge, Scenes.fresh(count, seed), device, seed)]
    return replace(report, rows=(*report.rows, *rows), seconds=time.monotonic() - began)


def _with_base(report: Report, base: Path, judge: Judge, device: torch.device, cache: Path | None, say: Say) -> Report:
    scripts = prompts(report.count, report.seed)

    def tick(done: int) -> None:
        say(f"pictures from text: {done}/{report.count}")

    made = text_to_image.make(
        base, [script.text for script in scripts], device=device, seed=report.seed, cache=cache, tick=tick
    )
    rows = text_to_image.rows(judge, made.pictures, Scenes(scripts).pictures, scripts)
    relations = text_to_image.by_relation(judge, made.pictures, scripts)
    return replace(report, rows=tuple(rows), relations=tuple(relations), seconds_a_picture=made.seconds_a_picture)


def _with_adapter(report: Report, weights: Path, judge: Judge, device: torch.device, say: Say) -> Report:
    count = max(1, report.count // PROMPTED)
    wanted = image_prompts.scenes(count, report.seed)

    def tick(done: int) -> None:
        say(f"pictures from portraits: {done}/{count}")

    with quiet("transformers", "diffusers"):
        shown, alone = image_prompts.draw(weights, wanted, report.seed, device, tick)
    rows = image_prompts.rows(judge, shown, alone, wanted, report.seed)
    return replace(report, rows=(*report.rows, *rows))


def _recognised(weights: Path, judge: Judge | None, scenes: Scenes, device: torch.device, seed: int) -> Iterator[Row]:
    if (weights / "base" / "vae").is_dir():
        yield from recognisers.vae_rows(weights / "base" / "vae", scenes, device, seed)
    if (weights / "clip").is_dir():
        yield from recognisers.clip_rows(weights / "clip", scenes, device)
    if judge is not None:
        yield from recognisers.judge_rows(judge, scenes, seed)
        yield from recognisers.judge_clip_rows(judge, scenes)
    if (weights / "owlvit").is_dir():
        yield from recognisers.owlvit_rows(weights / "owlvit", scenes, device, seed)
    if (weights / "vitpose").is_dir():
        yield from recognisers.vitpose_rows(weights / "vitpose", scenes, device, seed)
    if (weights / "dino").is_dir():
        yield from recognisers.dino_rows(weights / "dino", device, seed)
    if (weights / "local").is_dir() and (weights / "clip").is_dir():
        yield from local_rows(weights / "local", weights / "clip", scenes, device, seed)


def _on_cpu(trained: dict[str, Any], device: torch.device) -> bool:
    """Whether a stage that trains was run on a CPU; where nothing is known, whether the check is."""
    devices = [str(figures["device"]) for stage, figures in trained.items() if stage != "world" and "device" in figures]
    return any(name.startswith("CPU") for name in devices) if devices else device.type == "cpu"
