"""Pictures of individuals that nothing was trained on, from one portrait each: does the adapter keep who they are?"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from vivant.adapters.attention import attached
from vivant.adapters.ms import MsAdapter, load_ms_adapter
from vivant.adapters.sources import adapter_file
from vivant.adapters.subjects import SubjectEncoder
from vivant.evaluation.statistics import proportion
from vivant.generation.plan import Sampling
from vivant.generation.subjects import Subjects, draw_with_subjects, prepare_subjects
from vivant.models.bundle import Bundle, load_bundle
from vivant.models.image_encoder import load_image_encoder
from vivant.models.text import encode_empty, encode_text
from vivant.pocket.adapter import LOCAL
from vivant.pocket.check.material import DOING, Portraits, portraits
from vivant.pocket.check.report import Row, row
from vivant.pocket.check.text_to_image import verdict
from vivant.pocket.judge import Judge
from vivant.pocket.preview import AT_ONCE, GUIDANCE, RESCALE, STEPS
from vivant.types import Box
from vivant.world import Script, Tableau, perform, sample_individual, sample_script

CROWD = 20
"""Individuals that one has to be told from, itself counted."""
HOW = Sampling(steps=STEPS, guidance=GUIDANCE, rescale=RESCALE, width=128, height=128, negative=None)

Pictures = NDArray[np.uint8]


def scenes(count: int, seed: int) -> list[Tableau]:
    """True scenes of relations that the base has seen: their captions and boxes are what is asked for."""
    rngs = (random.Random(f"check/{seed}/prompted/{index}") for index in range(count))
    return [perform(sample_script(rng, relations=[DOING[index % len(DOING)]])) for index, rng in enumerate(rngs)]


def draw(
    weights: Path, wanted: Sequence[Tableau], seed: int, device: torch.device, tick: Callable[[int], None]
) -> tuple[Pictures, Pictures]:
    """The same sentences and noise with everybody's portrait shown in its box, and with the text alone.

    Args:
        weights: folder of the family.
        wanted: scenes with the captions, individuals and boxes.
        seed: of portraits; picture i starts from noise of seed + i.
        device: where to draw.
        tick: told how many are there.

    Returns:
        Twice uint8 [N, 128, 128, 3].
    """
    bundle = load_bundle(str(weights / "base"), str(device), "float32")
    adapter = load_ms_adapter(adapter_file(str(weights / "adapter")), bundle.unet)
    image, local = (load_image_encoder(weights / name, device=device) for name in ("clip", "local"))
    encoder = SubjectEncoder(image, local, LOCAL)
    shown: list[Pictures] = []
    alone: list[Pictures] = []
    with attached(bundle.unet), torch.inference_mode():
        for start in range(0, len(wanted), AT_ONCE):
            part = wanted[start : start + AT_ONCE]
            asked = [_asked(bundle, encoder, one.script, one.boxes, seed) for one in part]
            seeds = [seed + start + number for number in range(len(part))]
            shown += _batch(bundle, adapter, part, asked, seeds)
            alone += _batch(bundle, adapter, part, [_without(one) for one in asked], seeds)
            tick(len(shown))
    return np.stack(shown), np.stack(alone)


def rows(judge: Judge, shown: Pictures, alone: Pictures, wanted: Sequence[Tableau], seed: int) -> list[Row]:
    """What the judge says; the text alone is the level that the adapter has to beat, the true scenes the most."""
    true = np.stack([one.picture for one in wanted])
    scripts = [one.script for one in wanted]
    measured: list[Row] = []
    for name, field in (("kind right", "kinds"), ("relation right, the 19 seen", "relation")):
        said, plain, best = (getattr(verdict(judge, judge.read(part), scripts), field) for part in (shown, alone, true))
        levels = {"chance": float(plain.mean()), "best": float(best.mean())}
        measured.append(row("adapter", f"{name}, portraits shown", proportion(said), **levels))
    said, plain, best = (_recognised(judge, part, wanted, seed) for part in (shown, alone, true))
    name = f"identity top-1 of {CROWD}, portraits shown"
    return [
        *measured,
        row("adapter", name, proportion(said), chance=float(plain.mean()), best=float(best.mean())),
    ]


def _asked(bundle: Bundle, encoder: SubjectEncoder, script: Script, boxes: NDArray[np.float32], seed: int) -> Subjects:
    features = encoder.features(list(_references(script, seed).pictures))
    places = [Box(x0=float(x0), y0=float(y0), x1=float(x1), y1=float(y1)) for x0, y0, x1, y1 in boxes]
    return prepare_subjects(bundle, script.text, [one.noun for one in script.cast], list(features), places)


def _references(script: Script, seed: int) -> Portraits:
    return portraits(script.cast, f"{seed}/reference/{script.seed}")


def _without(subjects: Subjects) -> Subjects:
    return Subjects(subjects.features, subjects.phrases, subjects.boxes * 0.0, subjects.scales, subjects.words)


def _batch(
    bundle: Bundle, adapter: MsAdapter, part: Sequence[Tableau], asked: Sequence[Subjects], seeds: Sequence[int]
) -> list[Pictures]:
    texts = [encode_text(bundle, [one.script.text]) for one in part]
    return draw_with_subjects(bundle, adapter, texts, encode_empty(bundle), seeds, HOW, asked)


def _recognised(judge: Judge, pictures: Pictures, wanted: Sequence[Tableau], seed: int) -> NDArray[np.bool_]:
    """Whether what is in each subject's box is more like its own portrait than like those of 19 others of its kind."""
    right = []
    for number, one in enumerate(wanted):
        seen: NDArray[np.bool_] = np.all(one.boxes[:, 2:] > one.boxes[:, :2], axis=1)
        references = _references(one.script, seed)
        own = judge.identities(references.pictures, references.boxes)
        found = judge.identities(np.repeat(pictures[number : number + 1], len(seen), axis=0), one.boxes)
        for place in np.flatnonzero(seen):
            rng = random.Random(f"check/{seed}/crowd/{number}/{place}")
            kind = one.script.cast[place].kind
            others = portraits([sample_individual(rng, kind) for _ in range(CROWD - 1)], f"{seed}/{number}/{place}")
            rivals = judge.identities(others.pictures, others.boxes) @ found[place]
            right.append(bool(own[place] @ found[place] > rivals.max()))
    return np.array(right)
