"""Fresh scenes, prompts and individuals that no training run has drawn: seeded apart from every pool."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from vivant.world import (
    KINDS,
    RELATIONS,
    SEEN,
    TOGETHER,
    UNSEEN,
    Individual,
    Script,
    Tableau,
    perform,
    portrait,
    sample_individual,
    sample_script,
)

DOING = tuple(name for name in SEEN if name != TOGETHER)
"""The 19 relations of RelationBench that the base has seen."""
LOOKALIKES = 20
"""Individuals of each kind to tell apart."""


def prompts(count: int, seed: int) -> list[Script]:
    """Scripts whose captions are the prompts: half of relations that the base has seen, half not, each in turn."""
    scripts = []
    for index in range(count):
        group = DOING if index % 2 == 0 else UNSEEN
        relation = group[index // 2 % len(group)]
        scripts.append(sample_script(random.Random(f"check/{seed}/prompt/{index}"), relations=[relation]))
    return scripts


@dataclass(frozen=True)
class Subject:
    """One subject of a scene, by number."""

    scene: int
    place: int


class Scenes:
    """True scenes of all relations in turn, with flat views of their subjects."""

    def __init__(self, scripts: Sequence[Script]) -> None:
        self.tableaux: list[Tableau] = [perform(script) for script in scripts]
        self.scripts = list(scripts)

    @classmethod
    def fresh(cls, count: int, seed: int) -> Scenes:
        """`count` scenes, relation after relation."""
        names = list(RELATIONS)
        rngs = (random.Random(f"check/{seed}/scene/{index}") for index in range(count))
        return cls([sample_script(rng, relations=[names[index % len(names)]]) for index, rng in enumerate(rngs)])

    @cached_property
    def pictures(self) -> NDArray[np.uint8]:
        """uint8 [N, 128, 128, 3]."""
        return np.stack([tableau.picture for tableau in self.tableaux])

    @cached_property
    def subjects(self) -> list[Subject]:
        """Every subject that something can be seen of."""
        return [
            Subject(scene, place)
            for scene, tableau in enumerate(self.tableaux)
            for place, box in enumerate(tableau.boxes)
            if (box[2:] > box[:2]).all()
        ]

    @cached_property
    def boxes(self) -> NDArray[np.float32]:
        """[S, 4] of the subjects."""
        return np.stack([self.tableaux[one.scene].boxes[one.place] for one in self.subjects])

    @cached_property
    def keypoints(self) -> NDArray[np.float32]:
        """[S, 17, 3] of the subjects."""
        return np.stack([self.tableaux[one.scene].keypoints[one.place] for one in self.subjects])

    @cached_property
    def owners(self) -> NDArray[np.int64]:
        """[S] the scene of each subject."""
        return np.array([one.scene for one in self.subjects])

    def individual(self, subject: Subject) -> Individual:
        """Who a subject is."""
        return self.scripts[subject.scene].cast[subject.place]


@dataclass(frozen=True)
class Portraits:
    """One portrait of each of M individuals.

    Attributes:
        pictures: uint8 [M, 128, 128, 3].
        boxes: [M, 4].
    """

    pictures: NDArray[np.uint8]
    boxes: NDArray[np.float32]


def portraits(individuals: Sequence[Individual], seed: str) -> Portraits:
    """Fresh portraits; another seed gives other poses and backdrops."""
    seeds = [random.Random(f"check/{seed}/{index}").getrandbits(48) for index in range(len(individuals))]
    drawn = [portrait(one, number) for one, number in zip(individuals, seeds, strict=True)]
    return Portraits(np.stack([one.picture for one in drawn]), np.stack([one.boxes[0] for one in drawn]))


def lookalikes(seed: int) -> dict[str, list[Individual]]:
    """Twenty individuals of every kind."""
    rng = random.Random(f"check/{seed}/lookalikes")
    return {kind: [sample_individual(rng, kind) for _ in range(LOOKALIKES)] for kind in KINDS}
