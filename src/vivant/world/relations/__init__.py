"""What subjects do: the 25 relations of RelationBench (table 10) and plain co-existence, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vivant.world.relations import contest, games, home, music, rides, sport, tender, together
from vivant.world.stage import Stage

UNSEEN = ("hugging", "shaking hands with", "carrying", "sitting back to back with", "riding a bike", "playing guitar")
"""Kept out of everything that the pocket base and its text encoders are trained on, so that learning one of them from a
handful of triplets is a real test."""

TOGETHER = "standing next to"
"""Co-existence, one to five subjects; not one of RelationBench's."""


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation.

    Attributes:
        name: as it follows "is" in a caption ("hugging").
        present: third person present ("hugs").
        subjects: fewest and most.
        act: poses and paints the cast on a stage.
        places: names of the backdrops where it is natural.
        seen: whether the pocket base is trained on it.
    """

    name: str
    present: str
    subjects: tuple[int, int]
    act: Callable[[Stage], None]
    places: tuple[str, ...]
    seen: bool


_PRESENT = {
    "playing guitar": "plays guitar",
    "playing piano": "plays piano",
    "eating dinner": "eats dinner",
    "dancing": "dances",
    "lifting weights": "lifts weights",
    "reading a book": "reads a book",
    "skiing": "skis",
    "sleeping in a hammock": "sleeps in a hammock",
    "cooking": "cooks",
    "singing": "sings",
    "riding a bike": "rides a bike",
    "riding a horse": "rides a horse",
    "riding a motorbike": "rides a motorbike",
    "playing soccer": "plays soccer",
    "playing chess with": "plays chess with",
    "partner dancing with": "partner dances with",
    "carrying": "carries",
    "fencing with": "fences with",
    "shaking hands with": "shakes hands with",
    "kissing": "kisses",
    "playing basketball with": "plays basketball with",
    "wrestling with": "wrestles with",
    "hugging": "hugs",
    "fighting with": "fights with",
    "sitting back to back with": "sits back to back with",
    TOGETHER: "stands next to",
}
_MODULES = (music, home, sport, rides, games, tender, contest, together)
_ACTS = {name: act for module in _MODULES for name, act in module.ACTS.items()}
_PLACES = {name: places for module in _MODULES for name, places in module.PLACES.items()}


def _subjects(place: int) -> tuple[int, int]:
    """Table 10: the first 14 have one subject, the other 11 two."""
    return (1, 1) if place < 14 else (2, 2) if place < 25 else (1, 5)


RELATIONS: dict[str, Relation] = {
    name: Relation(name, present, _subjects(place), _ACTS[name], _PLACES[name], name not in UNSEEN)
    for place, (name, present) in enumerate(_PRESENT.items())
}
"""By name, in the order of table 10, co-existence last."""
SEEN = tuple(name for name, relation in RELATIONS.items() if relation.seen)
"""All that the pocket base is trained on: 19 relations and co-existence."""
