"""What all scenes of a run share, and which scene an attempt shows.

All randomness is drawn from (seed, attempt, stage), so that a scene never depends on which process makes it or on what
was made before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np

from vivant.data.backgrounds import RecentPhotos
from vivant.data.plan.associate import Combination
from vivant.data.plan.knowledge import Knowledge
from vivant.data.plan.layout import LayoutItem
from vivant.data.records import CutoutRecord
from vivant.data.store import Store
from vivant.settings.compose import STAGES, ComposeSettings, Stage
from vivant.types import Background, Composite, Cutout, Image, Layout, Subject

Item = TypeVar("Item")

CACHED_BYTES = 150_000_000
"""Decoded cutouts kept by each process: about forty of 1024 px."""


@dataclass(frozen=True)
class Cast:
    """What the whole run works with; small, and sent to every worker.

    Attributes:
        root: the data set's folder.
        settings: of the run.
        made: what every scene's record says of how it was made.
        subjects: by name.
        combinations: which subjects go together, and in which scenes.
        cutouts: the accepted ones, by subject.
        backgrounds: by the name of their scene.
    """

    root: Path
    settings: ComposeSettings
    made: Mapping[str, str | int]
    subjects: Mapping[str, Subject]
    combinations: tuple[Combination, ...]
    cutouts: Mapping[str, tuple[CutoutRecord, ...]]
    backgrounds: Mapping[str, tuple[Background, ...]]


@dataclass(frozen=True)
class Choice:
    """What an attempt shows: who, from which photo, where."""

    cutouts: Mapping[str, CutoutRecord]
    background: Background


@dataclass
class Studio:
    """A cast with what each process loads once: the table of nouns and decoded pictures."""

    cast: Cast
    backgrounds: RecentPhotos = field(default_factory=RecentPhotos)
    _cutouts: dict[str, Cutout] = field(default_factory=dict)

    @property
    def settings(self) -> ComposeSettings:
        """Of the run."""
        return self.cast.settings

    @cached_property
    def store(self) -> Store:
        """Where scenes go."""
        return Store(self.cast.root)

    @cached_property
    def knowledge(self) -> Knowledge:
        """The table of nouns."""
        return Knowledge.load(self.settings.associate.nouns_file)

    def rng(self, attempt: int, stage: Stage) -> np.random.Generator:
        """The randomness of one stage of one attempt."""
        return np.random.default_rng((self.settings.seed, attempt, STAGES.index(stage)))

    def cutout(self, record: CutoutRecord) -> Cutout:
        """Pixels of a cutout, decoded once a process."""
        if record.file not in self._cutouts:
            cutout = self.store.read_cutout(record)
            while sum(kept.rgba.nbytes for kept in self._cutouts.values()) + cutout.rgba.nbytes > CACHED_BYTES:
                if not self._cutouts:
                    break
                del self._cutouts[next(iter(self._cutouts))]
            self._cutouts[record.file] = cutout
        return self._cutouts[record.file]

    def layout_item(self, record: CutoutRecord) -> LayoutItem:
        """What the layout needs to know of a subject's cutout."""
        cutout = self.cutout(record)
        thing = self.knowledge.thing(self.cast.subjects[record.subject])
        return LayoutItem(name=record.subject, thing=thing, aspect=cutout.aspect, cut_sides=cutout.cut_sides)


@dataclass(frozen=True)
class Draft:
    """An attempt up to the composed foreground.

    Attributes:
        attempt: its number.
        choice: who and where.
        items: the subjects as the layout saw them, in the order that captions name them.
        background: with horizon and ground in fractions of the crop.
        background_image: the crop, HWC uint8 RGB.
        layout: the boxes.
        composite: the cutouts in their boxes.
        nouns: by subject.
    """

    attempt: int
    choice: Choice
    items: tuple[LayoutItem, ...]
    background: Background
    background_image: Image
    layout: Layout
    composite: Composite
    nouns: Mapping[str, str]

    @property
    def named(self) -> list[tuple[str, str]]:
        """(name, noun) of each subject."""
        return [(item.name, self.nouns[item.name]) for item in self.items]


def choose(cast: Cast, attempt: int, rng: np.random.Generator) -> Choice:
    """Who, from which photo, where: combinations and their scenes take turns, photos are drawn.

    The list of combinations uses subjects and scenes evenly in any leading part of it, so it is gone through in order.
    """
    rounds, place = divmod(attempt, len(cast.combinations))
    combination = cast.combinations[place]
    scene = combination.scenes[rounds % len(combination.scenes)]
    cutouts = {name: _draw(cast.cutouts[name], rng) for name in combination.subjects}
    return Choice(cutouts, _draw(cast.backgrounds[scene], rng))


def _draw(items: Sequence[Item], rng: np.random.Generator) -> Item:
    return items[int(rng.integers(len(items)))]
