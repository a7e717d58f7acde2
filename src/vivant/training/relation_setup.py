"""What the recipe for relations sets up: triplets and their variations, image prompts, R*, constants of the loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from vivant.adapters.relation_embedding import RelationEmbedding, new_relation_embedding
from vivant.adapters.sources import AdapterChoice, ImagePrompting, load_image_prompting
from vivant.errors import InputError, ModelError, SettingsError
from vivant.models.bundle import Bundle
from vivant.relations.order import in_order
from vivant.relations.predicate import predicate_span
from vivant.relations.published import read_relation
from vivant.settings.train_relation import TrainRelationSettings
from vivant.training.augment import Augmentation
from vivant.training.log import Say
from vivant.training.objective import PRESETS, RelationLoss
from vivant.training.relation_data import Variation, vary
from vivant.types import Triplet
from vivant.types.triplet import word_spans


def loss_constants(settings: TrainRelationSettings) -> RelationLoss:
    """The preset, with what the settings say otherwise. An embedding is learned by equation 3 alone, unless told.

    Raises:
        SettingsError: the attention to words that an embedding replaces.
    """
    if settings.method == "embedding" and settings.predicate_weight:
        raise SettingsError(
            "predicate_weight: the predicate's own tokens are gone with --method embedding; leave it out"
        )
    preset = PRESETS[settings.preset]
    if settings.method == "embedding":
        preset = replace(preset, keypoint_weight=0.0, predicate_weight=0.0)
    names = ("keypoint_weight", "keypoint_latest", "predicate_weight", "min_snr_gamma")
    given = {name: value for name in names if (value := getattr(settings, name)) is not None}
    return replace(preset, **given)


def read_triplets(source: Path, tell: Say) -> list[Triplet]:
    """The triplets of a folder, each subject with its own keypoints.

    Raises:
        InputError, ImageError: triplets that cannot be used.
    """
    triplets = []
    for given in read_relation(source):
        triplets.append(in_order(given))
        if triplets[-1] is not given:
            tell(f"{source}, triplet {given.name!r}: keypoints were listed in another order than masks; exchanged")
    return triplets


def vary_all(
    triplets: Sequence[Triplet], settings: TrainRelationSettings, width: int, height: int
) -> tuple[list[Variation], int]:
    """Variations to train on, then those to score on, and how many are the former.

    Raises:
        SettingsError: no triplet is left to train on.
    """
    count = len(triplets) - settings.held_out
    if count < 1:
        raise SettingsError(f"held_out {settings.held_out}: of {len(triplets)} triplets, one at least must be left")
    rng = np.random.default_rng(settings.seed)
    how = Augmentation(flip=settings.flip, crop=settings.crop)
    trained = vary(triplets[:count], settings.variations, rng, how, width, height, crops=settings.crops)
    first = count if settings.held_out else 0
    others = vary(triplets[first:], 1, rng, how, width, height, crops=settings.crops)
    return [*trained, *(replace(one, triplet=one.triplet + first) for one in others)], len(trained)


def load_prompting(bundle: Bundle, settings: TrainRelationSettings) -> ImagePrompting | None:
    """What makes image prompts of pictures; None where none are wanted.

    Raises:
        ModelError: the base has no adapter, or one that does not fit.
    """
    if not settings.image_prompts:
        return None
    names = ("adapter", "image_encoder", "local_encoder", "partitions", "factor")
    chosen: dict[str, Any] = {name: getattr(settings, name) for name in names}
    try:
        found = load_image_prompting(bundle, AdapterChoice(**chosen))
    except ModelError as error:
        raise ModelError(f"{error}; or train on the text alone: --no-image-prompts") from error
    # The adapter reads what it was trained with; where features get wider, a layer of ours stands before it.
    how = replace(found.encoder.how, injection=settings.injection)
    return replace(found, encoder=replace(found.encoder, how=how))


def start_embedding(bundle: Bundle, triplets: Sequence[Triplet]) -> RelationEmbedding:
    """R* as it starts, from the words of the first triplet that says its relation.

    Raises:
        InputError: none does.
    """
    for triplet in triplets:
        try:
            marked = [span for words in triplet.predicate for span in word_spans(triplet.prompt, words)]
            return new_relation_embedding(
                bundle, triplet.prompt, marked[0] if marked else predicate_span(triplet.prompt)
            )
        except InputError:
            continue
    raise InputError(
        f"{triplets[0].prompt!r} and the other prompts say no relation: an embedding has nothing to replace"
    )
