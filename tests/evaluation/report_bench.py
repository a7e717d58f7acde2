"""A scored benchmark and a training run on disk, made of numbers alone: no model is asked."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vivant.data.naming import safe_name
from vivant.evaluation.benchmarks.cases import Case, CaseSubject, Manifest, make_case, write_manifest
from vivant.evaluation.scoring import PictureScores
from vivant.evaluation.summary import summarise, write_scores
from vivant.images import write_png

BASE_VALUE = {"ours": 0.6, "base": 0.4}


def picture(path: Path, seed: int, side: int = 48) -> Path:
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3)).astype(np.uint8)
    write_png(path, pixels)
    return path


def make_bench(
    folder: Path, methods: Sequence[str] = ("base", "ours"), count: int = 5, *, benchmark: str = "relationbench"
) -> list[Case]:
    """Cases of a cat and a dog; the first case is the worst of every method, the last the best."""
    photos = {
        name: tuple(picture(folder / "photos" / name / f"{n}.png", n) for n in range(2)) for name in ("cat", "dog")
    }
    subjects = [CaseSubject(name=name, noun=name, photos=photos[name]) for name in photos]
    template = "A {} is hugging a {} in a garden."
    cases = [make_case(f"{number:02d}", "multi", template, subjects) for number in range(count)]
    write_manifest(folder, Manifest(benchmark=benchmark, samples=1, cases=tuple(cases)))
    for method in methods:
        rows = [_row(folder, method, case, number) for number, case in enumerate(cases)]
        ceilings = {name: {"clip_i": 0.9, "dino": 0.95} for name in photos}
        encoders = {"clip": {"model": "tiny", "weights": "abc", "template": "{}", "output": "token"}, "crop": "box"}
        summary = summarise(method, benchmark, cases, rows, ceilings, encoders)
        write_scores(folder / "scores" / safe_name(method), summary, rows)
    return cases


def _row(folder: Path, method: str, case: Case, number: int) -> PictureScores:
    path = picture(folder / "methods" / safe_name(method) / f"{case.name}.png", number)
    value = BASE_VALUE.get(method, 0.5) + number / 100
    return PictureScores(
        case=case.name,
        file=path,
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        scores={"clip_t": value, "clip_i": value, "bleeding": 0.5 - number / 100, "nearness": 1.0 - number / 100},
        chance={"clip_t": 0.1, "clip_i": 0.2},
        boxes=((0.1, 0.2, 0.5, 0.9), None),
        likest=(1 if number == 0 else 0, -1),
    )


def make_run(folder: Path, steps: int = 60) -> Path:
    folder.mkdir(parents=True)
    rows = [{"step": step, "total": 1.0 / (step + 1)} for step in range(steps)]
    rows[-1]["held_out_loss"] = 0.25
    (folder / "scalars.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "settings.json").write_text(json.dumps({"steps": steps, "lr": 0.001, "adapter": None}))
    picture(folder / "validation" / f"step-{steps:06d}.png", 9)
    return folder
