"""A relation's triplets as tensors: varied, encoded once, and drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from vivant.adapters.maps import select_tokens
from vivant.errors import InputError
from vivant.models.bundle import Bundle
from vivant.models.text import Text, tokens_read
from vivant.relations.predicate import predicate_span, token_positions
from vivant.training.augment import Augmentation, View, load_views, random_views, subject_crops
from vivant.training.cache import Cache, cached_moments, cached_text, draw_latents, picture_hash
from vivant.training.objective import Pose
from vivant.types import Image, Triplet
from vivant.types.triplet import KEYPOINTS, word_spans


@dataclass(frozen=True)
class Variation:
    """One crop and flip of a triplet.

    Attributes:
        triplet: its number.
        target: the picture of the relation.
        concepts: of each subject its own, mirrored if the target is.
    """

    triplet: int
    target: View
    concepts: tuple[View, ...]


@dataclass(frozen=True)
class RelationData:
    """V variations, encoded, on the training device. A triplet of fewer than N subjects is filled up with hidden ones.

    Attributes:
        moments: [V, 2, C, h, w] of the targets, for `draw_latents`.
        concepts: [V, N, C, h, w], E(c_i) of equation 6: the mean of the autoencoder's posterior.
        target_points, concept_points: [V, N, 17, 3].
        masks: [V, H, W] uint8, where any subject is.
        text: of V prompts.
        selection: [V, tokens, 1], the weight of each token in the predicate's attention.
        size: height and width of the pictures in pixels.
        prompts: of the variations.
    """

    moments: Tensor
    concepts: Tensor
    target_points: Tensor
    concept_points: Tensor
    masks: Tensor
    text: Text
    selection: Tensor
    size: tuple[int, int]
    prompts: tuple[str, ...]

    def pose(self, rows: Tensor) -> Pose:
        """What the extra losses know of some variations."""
        masks = self.masks[rows].float() / 255.0
        return Pose(self.concepts[rows], self.target_points[rows], self.concept_points[rows], masks)


@dataclass(frozen=True)
class Draw:
    """What is random in one step, drawn on the CPU for the whole batch: the same on any device, for any number of
    processes.

    Attributes:
        rows: [B] numbers of variations.
        timesteps: [B].
        posterior: [B, C, h, w] standard normal, for `draw_latents`.
        noise: the same, which the UNet is to tell.
    """

    rows: Tensor
    timesteps: Tensor
    posterior: Tensor
    noise: Tensor

    def part(self, start: int, end: int, device: torch.device) -> Draw:
        """Samples `start` up to `end`, on a device."""
        return Draw(*(value[start:end].to(device) for value in (self.rows, self.timesteps, self.posterior, self.noise)))

    def latents(self, data: RelationData) -> Tensor:
        """x_0 [B, C, h, w]."""
        return draw_latents(data.moments[self.rows], self.posterior)


def draw_step(
    data: RelationData, batch: int, timesteps: int, source: torch.Generator, *, among: int | None = None
) -> Draw:
    """Everything random of a step: variations, time steps of each sample's own, and noise.

    Args:
        data: to draw from.
        batch: samples, of all processes together.
        timesteps: of the schedule.
        source: of the CPU.
        among: only the first so many variations; None for all.
    """
    shape = (batch, *data.moments.shape[2:])
    return Draw(
        torch.randint(0, among or len(data.moments), (batch,), generator=source),
        torch.randint(0, timesteps, (batch,), generator=source),
        torch.randn(shape, generator=source),
        torch.randn(shape, generator=source),
    )


def vary(
    triplets: Sequence[Triplet],
    count: int,
    rng: np.random.Generator,
    how: Augmentation,
    width: int,
    height: int,
    *,
    crops: bool = False,
) -> list[Variation]:
    """`count` variations of every triplet.

    Args:
        triplets: of the relation.
        count: of each.
        rng: what is drawn from.
        how: crops and flips.
        width, height: pixels.
        crops: take the subjects' pictures from the picture of the relation, instead of those of their own.

    Raises:
        ImageError, InputError: a picture that cannot be read any more.
    """
    variations = []
    for number, triplet in enumerate(triplets):
        target, concepts = load_views(triplet)
        shown = subject_crops(target, width, height) if crops else concepts
        for _ in range(count):
            variations.append(Variation(number, *random_views(target, shown, rng, how, width, height)))
    return variations


def encode_relation(
    bundle: Bundle, cache: Cache, triplets: Sequence[Triplet], variations: Sequence[Variation]
) -> RelationData:
    """Variations as the losses take them; what the cache knows is not encoded again."""
    targets = [one.target.picture for one in variations]
    prompts = [triplets[one.triplet].prompt for one in variations]
    selection = select_tokens(
        [[predicate_places(bundle, triplets[one.triplet])] for one in variations], tokens_read(bundle)
    )
    most = max(len(one.concepts) for one in variations)
    masks = np.stack([one.target.masks.max(axis=0) for one in variations])
    return RelationData(
        moments=cached_moments(cache, bundle, targets),
        concepts=_encode_concepts(bundle, cache, variations, most),
        target_points=_points([list(one.target.keypoints) for one in variations], most).to(bundle.device),
        concept_points=_points([[c.keypoints[0] for c in one.concepts] for one in variations], most).to(bundle.device),
        masks=torch.from_numpy(masks).to(bundle.device),
        text=cached_text(cache, bundle, prompts),
        selection=selection.to(bundle.device),
        size=(targets[0].shape[0], targets[0].shape[1]),
        prompts=tuple(prompts),
    )


def data_hash(triplets: Sequence[Triplet], variations: Sequence[Variation]) -> list[str]:
    """Of all that is trained on: prompts, predicates, pixels, masks, keypoints."""
    parts = [f"{triplet.prompt} {[s.noun for s in triplet.subjects]} {triplet.predicate}" for triplet in triplets]
    for one in variations:
        for view in (one.target, *one.concepts):
            parts += [picture_hash(view.picture), picture_hash(view.masks), view.keypoints.tobytes().hex()]
    return parts


def predicate_places(bundle: Bundle, triplet: Triplet) -> list[int]:
    """Positions of the predicate's tokens in the encoded prompt; none where the prompt says no relation.

    All of its words count the same. The words that the triplet marks are taken, else those that the sentence suggests.
    """
    spans = [span for words in triplet.predicate for span in word_spans(triplet.prompt, words)]
    try:
        spans = spans or [predicate_span(triplet.prompt)]
    except InputError:
        return []
    places = {place for span in spans for place in token_positions(bundle.tokenizers[0], triplet.prompt, span)}
    return sorted(places)


def _encode_concepts(bundle: Bundle, cache: Cache, variations: Sequence[Variation], most: int) -> Tensor:
    """[V, N, C, h, w]."""
    pictures: list[Image] = [view.picture for one in variations for view in one.concepts]
    means = iter(cached_moments(cache, bundle, pictures)[:, 0])
    rows = [[next(means) for _ in one.concepts] for one in variations]
    nothing = torch.zeros_like(rows[0][0])
    return torch.stack([torch.stack(row + [nothing] * (most - len(row))) for row in rows])


def _points(rows: Sequence[Sequence[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]], most: int) -> Tensor:
    """[V, N, 17, 3], subjects that are not there invisible."""
    filled = np.zeros((len(rows), most, KEYPOINTS, 3), dtype=np.float32)
    for number, row in enumerate(rows):
        for subject, points in enumerate(row):
            filled[number, subject] = points
    return torch.from_numpy(filled)
