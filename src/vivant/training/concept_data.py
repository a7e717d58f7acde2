"""Pictures of subjects as tensors: varied, encoded once, and drawn from. What the base says of them lies in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from vivant.images import content_hash, on_white, read_image
from vivant.models.bundle import Bundle
from vivant.models.text import Text, token_numbers
from vivant.training.cache import Cache, cached_moments, cached_text, draw_latents, picture_hash
from vivant.training.concepts import Material
from vivant.training.prompting import Fits, Prompting, prompts_of
from vivant.training.resizing import Resizing, cells_seen, draw_resizing, resized
from vivant.types import Image

FIRST = "\x00"
"""No prompt has it: between prompts that may be said of one picture."""


@dataclass(frozen=True)
class Variation:
    """One version of a picture.

    Attributes:
        shot: its number.
        how: its scale and what is said of it.
        prompts: what may be said of it, each as likely.
    """

    shot: int
    how: Resizing
    prompts: tuple[str, ...]


@dataclass(frozen=True)
class ConceptData:
    """V versions of pictures and R pictures of classes, encoded; on the CPU but for the text.

    Attributes:
        moments: [V, 2, C, h, w], for `draw_latents`.
        seen: [V, 1, h, w], 1 where there is something of the picture.
        chances: [V] of being drawn; 0 for those that are held out.
        choices: [V, K] numbers in `prompts`, filled up with the first.
        counts: [V], how many of the K there are.
        class_moments: [R, 2, C, h, w]; R is 0 without prior preservation.
        class_prompts: [R] numbers in `prompts`.
        prompts: P different ones.
        numbers: [P, tokens] for each text encoder.
        known: [P], whether a prompt is without tokens that are learned.
        text: of the known prompts, on the base's device; zeros for the others.
        size: height and width of the pictures in pixels.
        hash: of everything that is trained on.
    """

    moments: Tensor
    seen: Tensor
    chances: Tensor
    choices: Tensor
    counts: Tensor
    class_moments: Tensor
    class_prompts: Tensor
    prompts: tuple[str, ...]
    numbers: tuple[Tensor, ...]
    known: Tensor
    text: Text
    size: tuple[int, int]
    hash: str


@dataclass(frozen=True)
class Draw:
    """What is random in one step, drawn on the CPU for the whole batch: the same on any device, for any number of
    processes. Each sample is a picture of a subject, then, with prior preservation, as many pictures of classes.

    Attributes:
        rows: [B] numbers of versions.
        class_rows: [B] numbers of pictures of classes, or [0].
        prompts: [B or 2B].
        timesteps: [B or 2B].
        posterior: [B or 2B, C, h, w] standard normal, for `draw_latents`.
        noise: the same, which the UNet is to tell.
    """

    rows: Tensor
    class_rows: Tensor
    prompts: Tensor
    timesteps: Tensor
    posterior: Tensor
    noise: Tensor

    def part(self, start: int, end: int) -> Draw:
        """Samples `start` up to `end`, each with its picture of a class."""
        whole, own = len(self.rows), torch.arange(start, min(end, len(self.rows)))
        both = own if len(self.class_rows) == 0 else torch.cat([own, own + whole])
        values = (self.prompts, self.timesteps, self.posterior, self.noise)
        classes = self.class_rows[own] if len(self.class_rows) else self.class_rows
        return Draw(self.rows[own], classes, *(value[both] for value in values))

    def latents(self, data: ConceptData) -> Tensor:
        """x_0 [B or 2B, C, h, w]."""
        moments = torch.cat([data.moments[self.rows], data.class_moments[self.class_rows]])
        return draw_latents(moments, self.posterior)

    def seen(self, data: ConceptData) -> Tensor:
        """[B or 2B, 1, h, w]; of classes everything."""
        own = data.seen[self.rows]
        return torch.cat([own, own.new_ones(len(self.class_rows), *own.shape[1:])])


def draw_step(data: ConceptData, batch: int, timesteps: int, source: torch.Generator) -> Draw:
    """Everything random of a step: versions, prompts, time steps of each sample's own, and noise.

    Args:
        data: to draw from.
        batch: samples, of all processes together.
        timesteps: of the schedule.
        source: of the CPU.
    """
    rows = torch.multinomial(data.chances, batch, replacement=True, generator=source)
    chosen = (torch.rand(batch, generator=source) * data.counts[rows]).long()
    prompts = data.choices[rows, chosen]
    class_rows = torch.zeros(0, dtype=torch.long)
    if len(data.class_moments):
        class_rows = torch.randint(0, len(data.class_moments), (batch,), generator=source)
    every = batch + len(class_rows)
    shape = (every, *data.moments.shape[2:])
    return Draw(
        rows,
        class_rows,
        torch.cat([prompts, data.class_prompts[class_rows]]),
        torch.randint(0, timesteps, (every,), generator=source),
        torch.randn(shape, generator=source),
        torch.randn(shape, generator=source),
    )


def vary(
    material: Material, how: Prompting, fits: Fits, *, count: int, resize: bool, flip: float, held_out: int, seed: int
) -> tuple[list[Variation], int]:
    """Versions to train on, then those to score on, and how many are the former. Nothing is decoded yet.

    Args:
        material: what is learned from.
        how: what is said of it.
        fits: tells what the base can read.
        count: versions of each picture.
        resize: whether their scale varies.
        flip: chance of a photo to be mirrored.
        held_out: pictures at the end that are not trained on; 0 scores one more version of each.
        seed: of the versions.

    Raises:
        InputError: a prompt that is too long.
    """
    rng = np.random.default_rng(seed)
    said = [prompts_of(shot, material, how, fits) for shot in material.shots]
    trained = len(said) - held_out

    def version(shot: int) -> Variation:
        mirrored = 0.0 if material.shots[shot].scene is not None else flip
        drawn = draw_resizing(rng, resize=resize, flip=mirrored)
        told = [f"{drawn.words} {text}" for text in said[shot]] if drawn.words else []
        return Variation(shot, drawn, tuple(text for text in told if fits(text)) or said[shot])

    versions = [version(shot) for shot in range(trained) for _ in range(count)]
    scored = [version(shot) for shot in (range(trained, len(said)) if held_out else range(trained))]
    return [*versions, *scored], len(versions)


def encode_concepts(
    bundle: Bundle,
    cache: Cache,
    material: Material,
    variations: Sequence[Variation],
    trained: int,
    classes: Sequence[tuple[str, Image]],
    size: tuple[int, int],
    learned: Sequence[str],
) -> ConceptData:
    """Versions as the losses take them; what the cache knows is not encoded again.

    Args:
        bundle: the base, with its new words.
        cache: where to look first.
        material: what is learned from.
        variations: from `vary`.
        trained: how many of them are trained on.
        classes: prompt and picture, HWC uint8 RGB of any size.
        size: height and width.
        learned: tokens whose meaning changes from step to step.

    Raises:
        ImageError: a picture that cannot be read.
    """
    moments, seen, hashes = _encode_pictures(bundle, cache, material, variations, size)
    shown = [resized(picture, Resizing(), size[1], size[0])[0] for _, picture in classes]
    class_moments = cached_moments(cache, bundle, shown).cpu() if shown else moments[:0]
    prompts = tuple(dict.fromkeys([text for one in variations for text in one.prompts] + [text for text, _ in classes]))
    places = {text: number for number, text in enumerate(prompts)}
    most = max(len(one.prompts) for one in variations)
    rows = [[places[text] for text in one.prompts] for one in variations]
    known = [not any(token in text for token in learned) for text in prompts]
    chances = torch.zeros(len(variations))
    chances[:trained] = _evenly([material.shots[one.shot].concepts for one in variations[:trained]])
    return ConceptData(
        moments=moments,
        seen=seen,
        chances=chances,
        choices=torch.tensor([row + row[:1] * (most - len(row)) for row in rows]),
        counts=torch.tensor([len(row) for row in rows]),
        class_moments=class_moments,
        class_prompts=torch.tensor([places[text] for text, _ in classes], dtype=torch.long),
        prompts=prompts,
        numbers=tuple(token_numbers(bundle, prompts)),
        known=torch.tensor(known),
        text=_known_text(bundle, cache, prompts, known),
        size=size,
        hash=content_hash(*hashes, *(FIRST.join(one.prompts) for one in variations), *map(picture_hash, shown)),
    )


def _encode_pictures(
    bundle: Bundle, cache: Cache, material: Material, variations: Sequence[Variation], size: tuple[int, int]
) -> tuple[Tensor, Tensor, list[str]]:
    """Moments, what is seen, and a hash a version. One picture is in memory at a time."""
    moments: list[Tensor] = [torch.empty(0)] * len(variations)
    seen, hashes = list(moments), [""] * len(variations)
    by_shot: dict[int, list[int]] = {}
    for number, one in enumerate(variations):
        by_shot.setdefault(one.shot, []).append(number)
    for shot, numbers in by_shot.items():
        picture = on_white(read_image(material.shots[shot].picture))
        made = [resized(picture, variations[number].how, size[1], size[0]) for number in numbers]
        found = cached_moments(cache, bundle, [one for one, _ in made]).cpu()
        for number, (version, mask), one in zip(numbers, made, found, strict=True):
            moments[number], hashes[number] = one, picture_hash(version) + picture_hash(mask)
            seen[number] = torch.from_numpy(cells_seen(mask, *one.shape[-2:]))[None]
    return torch.stack(moments), torch.stack(seen), hashes


def _known_text(bundle: Bundle, cache: Cache, prompts: Sequence[str], known: Sequence[bool]) -> Text:
    """Encodings of the prompts that stay as they are, at their places."""
    told = [text for text, stays in zip(prompts, known, strict=True) if stays]
    found = cached_text(cache, bundle, told or [""])
    places = torch.tensor([number for number, stays in enumerate(known) if stays], dtype=torch.long)
    states = found.states.new_zeros(len(prompts), *found.states.shape[1:])
    pooled = None if found.pooled is None else found.pooled.new_zeros(len(prompts), *found.pooled.shape[1:])
    if told:
        states[places] = found.states
        if pooled is not None and found.pooled is not None:
            pooled[places] = found.pooled
    return Text(states, pooled)


def _evenly(shown: Sequence[tuple[int, ...]]) -> Tensor:
    """Where every picture shows one subject, each subject is drawn as often, however many photos it has."""
    if any(len(one) != 1 for one in shown):
        return torch.ones(len(shown))
    counts = {group: shown.count(group) for group in set(shown)}
    return torch.tensor([1.0 / counts[group] for group in shown])
