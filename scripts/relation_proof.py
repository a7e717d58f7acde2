"""The parts of `prove_relations.py`: triplets and cases from the world, what a variant draws, what the judge says."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vivant.adapters.local_linear import load_local_linear, new_local_linear
from vivant.adapters.ms import MsAdapter
from vivant.adapters.relation_embedding import embedding_path, encode_with_relation, load_relation_embedding
from vivant.adapters.relation_lora import load_lora
from vivant.errors import ImageError, SettingsError
from vivant.generation.boxes import propose_boxes
from vivant.generation.plan import Sampling
from vivant.generation.subjects import draw_with_subjects, prepare_subjects
from vivant.images import read_image, read_recipe, write_png
from vivant.models.bundle import Bundle, load_bundle
from vivant.models.text import Text, encode_empty, encode_text
from vivant.pocket.check.material import portraits
from vivant.pocket.check.text_to_image import verdict
from vivant.pocket.judge import Judge
from vivant.relations.from_world import everyone_seen, world_sample
from vivant.relations.published import is_published, write_prompts
from vivant.relations.triplet_store import write_sample
from vivant.settings.train_relation import TrainRelationSettings
from vivant.training.relation_setup import load_prompting
from vivant.types import Box, Image
from vivant.world import (
    BACKDROPS,
    Individual,
    Script,
    Tableau,
    perform,
    sample_individual,
    sample_script,
)

TRIPLETS = 5
"""A relation's; the paper takes 4 to 6 (section 4)."""
CROWD = 20
"""Individuals of one kind that a subject has to be told from, itself counted."""


def slug(relation: str) -> str:
    """As a folder's name."""
    return re.sub(r"\W+", "-", relation)


def write_triplets(folder: Path, relation: str, seed: int) -> list[Script]:
    """Five triplets of a relation with exact truth, in the published layout, unless they are there; their scripts."""
    rng = random.Random(f"proof/{relation}/{seed}/triplets")
    scenes: list[Tableau] = []
    while len(scenes) < TRIPLETS:
        found = perform(sample_script(rng, relations=[relation]), 256)
        if everyone_seen(found):
            scenes.append(found)
    if not is_published(folder):
        drawn = [world_sample(str(number), one, rng) for number, one in enumerate(scenes)]
        write_prompts(folder, [write_sample(folder, one) for one in drawn])
    return [one.script for one in scenes]


@dataclass(frozen=True)
class Case:
    """A picture that is asked for.

    Attributes:
        script: the relation, individuals that nothing was trained on, and a backdrop of no triplet.
        portraits: uint8 [N, 128, 128, 3], one of each.
        portrait_boxes: [N, 4].
        boxes: one a subject, proposed from the sentence.
        seed: of its noise.
    """

    script: Script
    portraits: NDArray[np.uint8]
    portrait_boxes: NDArray[np.float32]
    boxes: tuple[Box, ...]
    seed: int


def make_cases(relation: str, seed: int, count: int, trained: Sequence[Script]) -> list[Case]:
    """What is asked of every variant: the same individuals, backdrops, boxes and noise."""
    places = [name for name in BACKDROPS if name not in {one.backdrop for one in trained}]
    found = []
    for number in range(count):
        rng = random.Random(f"proof/{relation}/{seed}/case/{number}")
        script = sample_script(rng, relations=[relation], backdrops=places)
        own = portraits(script.cast, f"proof/{relation}/{seed}/{number}")
        boxes = tuple(propose_boxes(script.text, [one.noun for one in script.cast], 1.0))
        found.append(Case(script, own.pictures, own.boxes, boxes, seed * 1_000_000 + number))
    return found


@dataclass(frozen=True)
class Models:
    """What a variant draws with.

    Attributes:
        bundle: the base, with the LoRA in it.
        adapter: of the base.
        encode: a prompt to its text.
        features: photos to what the adapter reads, one [tokens, D] each.
    """

    bundle: Bundle
    adapter: MsAdapter
    encode: Callable[[str], Text]
    features: Callable[[Sequence[Image]], Sequence[Tensor]]


def load_models(settings: TrainRelationSettings, run: Path | None) -> Models:
    """The base and its adapter as a variant is trained with them, and what its run has learned."""
    bundle = load_bundle(settings.base, settings.device, "float32")
    prompting = load_prompting(bundle, settings)
    if prompting is None:
        raise SettingsError("image_prompts: the proof is about subjects that are shown; leave them on")
    encoder = prompting.encoder
    encode: Callable[[str], Text] = lambda prompt: encode_text(bundle, [prompt])  # noqa: E731
    features: Callable[[Sequence[Image]], Sequence[Tensor]] = encoder.features
    if run is not None and embedding_path(run) is not None:
        embedding = load_relation_embedding(bundle, run)
        encode = lambda prompt: encode_with_relation(bundle, [prompt], embedding)  # noqa: E731
    elif run is not None:
        load_lora(bundle.unet, run, "relation")
    if settings.injection == "linear":
        width = encoder.image.width
        linear = (new_local_linear(width) if run is None else load_local_linear(run, width)).to(bundle.device)
        features = lambda photos: linear(encoder.features(photos))  # noqa: E731
    return Models(bundle, prompting.adapter, encode, features)


def draw_cases(
    models: Callable[[], Models], cases: Sequence[Case], how: Sampling, folder: Path, mark: str, batch: int
) -> NDArray[np.uint8]:
    """A picture a case, uint8 [N, H, W, 3]; those that are in the folder under the same mark are not drawn again."""
    paths = [folder / f"{number:04d}.png" for number in range(len(cases))]
    recipes = [{"proof": mark, "prompt": one.script.text, "seed": one.seed} for one in cases]
    missing = [number for number, path in enumerate(paths) if not _carries(path, recipes[number])]
    if missing:
        loaded = models()
        with torch.inference_mode():
            empty = encode_empty(loaded.bundle) if how.guidance != 1.0 else None
        for start in range(0, len(missing), batch):
            numbers = missing[start : start + batch]
            for number, picture in zip(numbers, _draw(loaded, [cases[n] for n in numbers], empty, how), strict=True):
                write_png(paths[number], picture, recipes[number])
    return np.stack([read_image(path) for path in paths])


def _draw(models: Models, cases: Sequence[Case], empty: Text | None, how: Sampling) -> list[NDArray[np.uint8]]:
    bundle = models.bundle
    with torch.inference_mode():
        texts = [models.encode(one.script.text) for one in cases]
        subjects = [
            prepare_subjects(
                bundle,
                one.script.text,
                [who.noun for who in one.script.cast],
                list(models.features(list(one.portraits))),
                one.boxes,
            )
            for one in cases
        ]
    return draw_with_subjects(bundle, models.adapter, texts, empty, [one.seed for one in cases], how, subjects)


def _carries(path: Path, recipe: dict[str, Any]) -> bool:
    try:
        return read_recipe(path) == json.loads(json.dumps(recipe))
    except ImageError:
        return False


def score(judge: Judge, pictures: NDArray[np.uint8], cases: Sequence[Case]) -> dict[str, float]:
    """The judge's shares of right answers: the relation, who it is (top-1 of 20), everybody present."""
    said = verdict(judge, judge.read(pictures), [one.script for one in cases])
    return {
        "relation": float(said.relation.mean()),
        "identity": float(np.mean(recognised(judge, pictures, cases))),
        "present": float(said.present.mean()),
    }


def recognised(judge: Judge, pictures: NDArray[np.uint8], cases: Sequence[Case]) -> list[bool]:
    """Whether what is in each subject's box is more like its own portrait than like those of 19 others of its kind."""
    right = []
    for number, one in enumerate(cases):
        own = judge.identities(one.portraits, one.portrait_boxes)
        boxes = np.array([box.as_tuple() for box in one.boxes], dtype=np.float32)
        found = judge.identities(np.repeat(pictures[number : number + 1], len(boxes), axis=0), boxes)
        for place, who in enumerate(one.script.cast):
            others = portraits(_crowd(who, one.seed + place), f"proof/crowd/{one.seed}/{place}")
            rivals = judge.identities(others.pictures, others.boxes) @ found[place]
            right.append(bool(own[place] @ found[place] > rivals.max()))
    return right


def _crowd(who: Individual, seed: int) -> list[Individual]:
    rng = random.Random(f"proof/crowd/{seed}")
    return [sample_individual(rng, who.kind) for _ in range(CROWD - 1)]


def truth(judge: Judge, cases: Sequence[Case]) -> dict[str, float]:
    """What the judge says of the world's own pictures of the same scripts: no variant can be expected to do better."""
    pictures = np.stack([perform(one.script).picture for one in cases])
    boxes = [tuple(Box.model_validate(box.tolist()) for box in perform(one.script).boxes) for one in cases]
    placed = [
        Case(one.script, one.portraits, one.portrait_boxes, own, one.seed)
        for one, own in zip(cases, boxes, strict=True)
    ]
    return score(judge, pictures, placed)
