"""Pictures that the base makes from fresh prompts, and what the judge sees in them."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from vivant.evaluation.statistics import proportion
from vivant.files import write_bytes
from vivant.models.torch_models import quiet
from vivant.pocket.check.report import Relation, Row, row
from vivant.pocket.judge import Judge, Reading
from vivant.pocket.preview import AT_ONCE, GUIDANCE, RESCALE, STEPS, draw_prompts
from vivant.world import RELATIONS, UNSEEN, Script

SHIFTS = 20
"""Chance is measured on so many pairings of the pictures with others' prompts."""


@dataclass(frozen=True)
class Made:
    """Pictures from prompts.

    Attributes:
        pictures: uint8 [N, H, W, 3].
        seconds_a_picture: of those made now; nan when all were there.
    """

    pictures: NDArray[np.uint8]
    seconds_a_picture: float


def make(
    base: Path,
    texts: Sequence[str],
    *,
    device: torch.device,
    seed: int,
    cache: Path | None,
    tick: Callable[[int], None],
) -> Made:
    """Generate a picture a prompt, in batches; picture i is the same whatever the batch.

    Args:
        base: folder of the pipeline.
        texts: prompts.
        device: where to generate.
        seed: picture i starts from noise of seed + i.
        cache: pictures are kept in a folder of it named after weights, prompts and settings, and taken from there by
            the next call; None keeps nothing.
        tick: told of the number of pictures that are there.
    """
    folder = None if cache is None else cache / f"pictures-{_fingerprint(base, texts, seed)}"
    pictures = {} if folder is None else _kept(folder, len(texts))
    tick(len(pictures))
    began, already, pipeline = 0.0, len(pictures), None
    for start in range(0, len(texts), AT_ONCE):
        part = range(start, min(start + AT_ONCE, len(texts)))
        if all(index in pictures for index in part):
            continue
        if pipeline is None:
            pipeline, began = _pipeline(base, device), time.monotonic()
        drawn = draw_prompts(pipeline, [texts[index] for index in part], seed=seed + start)
        pictures.update(zip(part, drawn, strict=True))
        if folder is not None:
            for index in part:
                write_bytes(folder / f"{index:05d}.png", _png(pictures[index]))
        tick(len(pictures))
    made = len(pictures) - already
    spent = (time.monotonic() - began) / made if made else float("nan")
    return Made(np.stack([pictures[index] for index in range(len(texts))]), spent)


@dataclass(frozen=True)
class Verdict:
    """Whether each of N pictures shows what its script says.

    Attributes:
        kinds: the likeliest n kinds are exactly the n of the script.
        background, relation: the likeliest one is the script's.
        count: as many subjects are counted as the script has.
        present: the kinds are right, and no fewer subjects are counted.
    """

    kinds: NDArray[np.bool_]
    background: NDArray[np.bool_]
    relation: NDArray[np.bool_]
    count: NDArray[np.bool_]
    present: NDArray[np.bool_]


def verdict(judge: Judge, reading: Reading, scripts: Sequence[Script]) -> Verdict:
    """Compare what the judge reads with what was asked for."""
    config, kinds = judge.config, []
    counted, subjects = reading.subjects(), np.array([len(script.cast) for script in scripts])
    for index, script in enumerate(scripts):
        wanted = {config.kinds.index(one.kind) for one in script.cast}
        likeliest = np.argsort(-reading.kinds[index])[: len(wanted)]
        kinds.append(set(likeliest.tolist()) == wanted)
    backgrounds = np.array([config.backgrounds.index(script.backdrop) for script in scripts])
    relations = np.array([config.relations.index(script.relation) for script in scripts])
    return Verdict(
        np.array(kinds),
        reading.background.argmax(axis=1) == backgrounds,
        reading.relation.argmax(axis=1) == relations,
        counted == subjects,
        np.array(kinds) & (counted >= subjects),
    )


def rows(judge: Judge, made: NDArray[np.uint8], true: NDArray[np.uint8], scripts: Sequence[Script]) -> list[Row]:
    """Text-to-image figures, with shuffled prompts as chance and the true scenes of the same scripts as ceiling."""
    reading, truth = judge.read(made), judge.read(true)
    seen = np.array([script.relation not in UNSEEN for script in scripts])
    pairs = np.array([len(script.cast) == 2 for script in scripts])
    every = np.ones(len(scripts), dtype=np.bool_)
    measured = (
        ("kind right", "kinds", every, 0.9),
        ("kind right, seen relations", "kinds", seen, None),
        ("background right", "background", every, 0.9),
        ("background right, seen relations", "background", seen, None),
        ("relation right, the 19 seen", "relation", seen, 0.8),
        ("relation right, the 6 unseen", "relation", ~seen, None),
        ("both subjects present", "present", pairs, 0.9),
        ("two subjects, whoever they are", "count", pairs, None),
    )
    found = []
    for name, what, which, target in measured:
        chosen = np.flatnonzero(which)
        if len(chosen):
            wanted = [scripts[index] for index in chosen.tolist()]
            right, best = (getattr(verdict(judge, part.at(chosen), wanted), what) for part in (reading, truth))
            chance = _shuffled(judge, reading.at(chosen), wanted, what)
            more = {"chance": chance, "best": float(best.mean()), "target": target}
            found.append(row("base", name, proportion(right), **more))
    return found


def _shuffled(judge: Judge, reading: Reading, scripts: Sequence[Script], what: str) -> float | None:
    """How often pictures show what another one's prompt says."""
    shifts = sorted({int(shift) for shift in np.linspace(1, len(scripts) - 1, SHIFTS)}) if len(scripts) > 1 else []
    shares = [getattr(verdict(judge, reading, [*scripts[n:], *scripts[:n]]), what).mean() for n in shifts]
    return float(np.mean(shares)) if shares else None


def by_relation(judge: Judge, made: NDArray[np.uint8], scripts: Sequence[Script]) -> list[Relation]:
    """The same, relation by relation."""
    right = verdict(judge, judge.read(made), scripts)
    found = []
    for name in RELATIONS:
        which = np.array([script.relation == name for script in scripts])
        if which.any():
            shares = (float(values[which].mean()) for values in (right.kinds, right.background, right.relation))
            found.append(Relation(name, name not in UNSEEN, int(which.sum()), *shares))
    return found


def _pipeline(base: Path, device: torch.device) -> Any:
    from diffusers import StableDiffusionXLPipeline

    with quiet("diffusers", "transformers"):
        pipeline = StableDiffusionXLPipeline.from_pretrained(base, torch_dtype=torch.float32, add_watermarker=False)
    return pipeline.to(device)


def _fingerprint(base: Path, texts: Sequence[str], seed: int) -> str:
    digest = hashlib.sha256(repr((list(texts), STEPS, GUIDANCE, RESCALE, seed)).encode())
    for file in sorted(base.rglob("*")):
        if file.suffix in (".safetensors", ".json"):
            digest.update(file.relative_to(base).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def _kept(folder: Path, count: int) -> dict[int, NDArray[np.uint8]]:
    files = ((index, folder / f"{index:05d}.png") for index in range(count))
    return {index: np.asarray(Image.open(file).convert("RGB")) for index, file in files if file.is_file()}


def _png(picture: NDArray[np.uint8]) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "PNG")
    return stream.getvalue()
