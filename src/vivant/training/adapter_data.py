"""Samples of an adapter as tensors: varied, encoded once, and drawn from. All of it lies in main memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from vivant.adapters.sources import ImagePrompting
from vivant.adapters.subjects import phrase_embeds
from vivant.images import content_hash, on_white, read_image
from vivant.models.bundle import Bundle
from vivant.models.text import Text
from vivant.progress import Ticker
from vivant.training.adapter_loss import Dropping, Kept, Subjects
from vivant.training.adapter_samples import Sample
from vivant.training.augment import Augmentation, random_crop
from vivant.training.cache import Cache, cached_moments, cached_text, draw_latents, picture_hash
from vivant.training.image_prompts import cached_features

CHUNK = 16
"""Pictures that are decoded at a time."""


@dataclass(frozen=True)
class AdapterData:
    """V pictures of at most N subjects on the CPU; places that are empty have boxes of zero area.

    Attributes:
        moments: [V, 2, C, h, w] of the pictures, for `draw_latents`.
        boxes: [V, N, 4].
        captions: [V, 2] numbers in `text`: the short and the detailed one, the same where there is one.
        text: of all captions.
        nouns: [V, N] numbers in `phrases`.
        phrases: [M, P] of all nouns.
        photos: [V, N, K] numbers in `features`.
        counts: [V, N], how many of the K there are; 1 at least.
        features: [R, tokens, D] of all photos, the image's, then local tokens.
        image_tokens: how many of the tokens are the image's.
        size: height and width of the pictures in pixels.
        hash: of everything that is trained on.
    """

    moments: Tensor
    boxes: Tensor
    captions: Tensor
    text: Text
    nouns: Tensor
    phrases: Tensor
    photos: Tensor
    counts: Tensor
    features: Tensor
    image_tokens: int
    size: tuple[int, int]
    hash: str

    @property
    def has_local(self) -> bool:
        """Whether local tokens follow the image's features."""
        return bool(self.features.shape[1] > self.image_tokens)


@dataclass(frozen=True)
class Draw:
    """What is random in one step, drawn on the CPU for the whole batch: the same on any device, for any number of
    processes.

    Attributes:
        rows: [B] numbers of pictures.
        captions: [B] numbers of texts.
        photos: [B, N] numbers of photos.
        boxes: [B, N, 4], moved.
        timesteps: [B].
        posterior: [B, C, h, w] standard normal, for `draw_latents`.
        noise: the same, which the UNet is to tell.
        kept: what the sample is told.
        local: whether it is told local tokens; of the whole batch, which then has as many tokens everywhere.
    """

    rows: Tensor
    captions: Tensor
    photos: Tensor
    boxes: Tensor
    timesteps: Tensor
    posterior: Tensor
    noise: Tensor
    kept: Kept
    local: bool

    def part(self, start: int, end: int) -> Draw:
        """Samples `start` up to `end`."""
        names = ("rows", "captions", "photos", "boxes", "timesteps", "posterior", "noise")
        kept = Kept(*(part[start:end] for part in (self.kept.text, self.kept.image, self.kept.dropped)))
        return replace(self, **{name: getattr(self, name)[start:end] for name in names}, kept=kept)

    def latents(self, data: AdapterData) -> Tensor:
        """x_0 [B, C, h, w]."""
        return draw_latents(data.moments[self.rows], self.posterior)

    def subjects(self, data: AdapterData, device: torch.device) -> Subjects:
        """What the adapter reads."""
        features = data.features[self.photos]
        if not self.local:
            features = features[:, :, : data.image_tokens]
        phrases = data.phrases[data.nouns[self.rows]]
        return Subjects(features.to(device), phrases.to(device), self.boxes.to(device))

    def text(self, data: AdapterData, empty: Text, device: torch.device) -> Text:
        """The captions, and the empty text of samples that are told none."""
        told = self.kept.text.to(device)
        states = data.text.states[self.captions].to(device)
        states = torch.where(told[:, None, None], states, empty.states)
        if data.text.pooled is None or empty.pooled is None:
            return Text(states, None)
        return Text(states, torch.where(told[:, None], data.text.pooled[self.captions].to(device), empty.pooled))


@dataclass(frozen=True)
class Chances:
    """Of what a step is told.

    Attributes:
        dropping: what is left out.
        local: of local tokens.
        detailed: of the detailed caption.
        shake: part of a box's side that its edges move by at most.
    """

    dropping: Dropping
    local: float
    detailed: float
    shake: float


def draw_step(data: AdapterData, rows: Tensor, timesteps: int, chances: Chances, source: torch.Generator) -> Draw:
    """Everything random of a step.

    Args:
        data: to draw from.
        rows: [B] numbers of pictures.
        timesteps: of the schedule.
        chances: of what is told.
        source: of the CPU.
    """
    batch, most = len(rows), data.boxes.shape[1]

    def rand(*shape: int) -> Tensor:
        return torch.rand(shape, generator=source)

    picked = (rand(batch, most) * data.counts[rows]).long()
    boxes = data.boxes[rows]
    sides = (boxes[..., 2:] - boxes[..., :2]).repeat(1, 1, 2)
    moved = (boxes + (2.0 * rand(batch, most, 4) - 1.0) * chances.shake * sides).clamp(0.0, 1.0)
    latents = (batch, *data.moments.shape[2:])
    return Draw(
        rows,
        data.captions[rows, (rand(batch) < chances.detailed).long()],
        data.photos[rows].gather(2, picked[..., None])[..., 0],
        moved,
        torch.randint(0, timesteps, (batch,), generator=source),
        torch.randn(latents, generator=source),
        torch.randn(latents, generator=source),
        chances.dropping.draw(batch, most, source),
        bool(rand(1) < chances.local),
    )


def encode_samples(
    bundle: Bundle,
    cache: Cache,
    prompting: ImagePrompting,
    samples: Sequence[Sample],
    how: Augmentation,
    size: tuple[int, int],
    *,
    variations: int,
    seed: int,
    tick: Ticker | None = None,
) -> AdapterData:
    """Every sample so many times, one after the other; what the cache knows is not encoded again.

    Args:
        bundle: the base.
        cache: where to look first.
        prompting: whose encoder reads the photos.
        samples: all of them.
        how: crops; mirrors nothing, since captions say left and right.
        size: height and width of the pictures.
        variations: of each sample.
        seed: of the crops.
        tick: told of every sample and of every photo.
    """
    most = max(len(sample.nouns) for sample in samples)
    photos = list(dict.fromkeys(path for sample in samples for paths in sample.photos for path in paths))
    texts = list(dict.fromkeys(caption for sample in samples for caption in sample.captions))
    nouns = list(dict.fromkeys(noun for sample in samples for noun in sample.nouns))
    moments, boxes, hashes = _encode_targets(bundle, cache, samples, most, how, size, variations, seed, tick)
    features, photo_hashes = _encode_photos(bundle, cache, prompting, photos, tick)
    repeated = [sample for sample in samples for _ in range(variations)]
    found = cached_text(cache, bundle, texts)
    choices, counts = _choices(repeated, {path: number for number, path in enumerate(photos)}, most)
    said = {caption: number for number, caption in enumerate(texts)}
    named = {noun: number for number, noun in enumerate(nouns)}
    return AdapterData(
        moments=moments,
        boxes=boxes,
        captions=torch.tensor([[said[s.captions[0]], said[s.captions[-1]]] for s in repeated]),
        text=Text(found.states.cpu(), None if found.pooled is None else found.pooled.cpu()),
        nouns=torch.tensor([[*(named[noun] for noun in s.nouns), *[0] * (most - len(s.nouns))] for s in repeated]),
        phrases=torch.cat([phrase_embeds(bundle, [noun]) for noun in nouns]).cpu(),
        photos=choices,
        counts=counts,
        features=features,
        image_tokens=1 + (prompting.encoder.image.side // prompting.encoder.image.model.config.patch_size) ** 2,
        size=size,
        hash=content_hash(
            *hashes, *photo_hashes, *(repr((s.nouns, s.captions)) for s in samples), repr(choices.tolist())
        ),
    )


def _encode_targets(
    bundle: Bundle,
    cache: Cache,
    samples: Sequence[Sample],
    most: int,
    how: Augmentation,
    size: tuple[int, int],
    variations: int,
    seed: int,
    tick: Ticker | None,
) -> tuple[Tensor, Tensor, list[str]]:
    """Moments [V, 2, C, h, w], boxes [V, N, 4], and a hash a picture."""
    moments, hashes = [], []
    boxes = torch.zeros(len(samples) * variations, most, 4)
    for number, sample in enumerate(samples):
        rng, whole = np.random.default_rng((seed, number)), sample.view()
        views = [random_crop(whole, rng, how, size[1], size[0]) for _ in range(variations)]
        moments.append(cached_moments(cache, bundle, [view.picture for view in views]).cpu())
        for place, view in enumerate(views, start=number * variations):
            boxes[place, : len(view.boxes)] = torch.from_numpy(view.boxes)
            hashes += [picture_hash(view.picture), view.boxes.tobytes().hex()]
        if tick is not None:
            tick()
    return torch.cat(moments), boxes, hashes


def _encode_photos(
    bundle: Bundle, cache: Cache, prompting: ImagePrompting, photos: Sequence[Path], tick: Ticker | None
) -> tuple[Tensor, list[str]]:
    """Features [R, tokens, D], and a hash a photo."""
    features: list[Tensor] = []
    hashes: list[str] = []
    for some in _chunks(photos):
        pictures = [on_white(read_image(path)) for path in some]
        features += cached_features(cache, bundle, prompting, pictures)
        hashes += [picture_hash(picture) for picture in pictures]
        if tick is not None:
            for _ in some:
                tick()
    return torch.stack(features), hashes


def _chunks(paths: Sequence[Path]) -> Iterator[Sequence[Path]]:
    return (paths[start : start + CHUNK] for start in range(0, len(paths), CHUNK))


def _choices(samples: Sequence[Sample], numbers: dict[Path, int], most: int) -> tuple[Tensor, Tensor]:
    """Numbers of each subject's photos [V, N, K], filled up with its first, and how many it has [V, N]."""
    widest = max(len(paths) for sample in samples for paths in sample.photos)
    choices = torch.zeros(len(samples), most, widest, dtype=torch.long)
    counts = torch.ones(len(samples), most, dtype=torch.long)
    for row, sample in enumerate(samples):
        for subject, paths in enumerate(sample.photos):
            choices[row, subject] = numbers[paths[0]]
            choices[row, subject, : len(paths)] = torch.tensor([numbers[path] for path in paths])
            counts[row, subject] = len(paths)
    return choices, counts
