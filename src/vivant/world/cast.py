"""Who can act: individuals of a kind, each with its own looks, in names, in words and as a vector."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

from vivant.errors import InputError
from vivant.world.colours import COLOURS, difference
from vivant.world.kinds import BROWS, CHEEKS, CLOTH_COLOURS, KINDS, PHYSIQUES, build_of
from vivant.world.puppet import Build


@dataclass(frozen=True)
class Individual:
    """One character. Every attribute is a name from its kind's lists (`vivant.world.kinds.Kind` says what they mean).

    A colour is "none" where there is nothing to colour.
    """

    kind: str
    colour: str
    second: str
    pattern: str
    pattern_colour: str
    crest: str
    crest_colour: str
    accessory: str
    accessory_colour: str
    clothing: str
    clothing_colour: str
    physique: str
    eyes: str
    eye_colour: str
    mouth: str
    cheeks: str
    brows: str

    @property
    def noun(self) -> str:
        """What it is called."""
        return self.kind

    @cached_property
    def build(self) -> Build:
        """Its proportions."""
        return _build(self.kind, self.physique)

    def vector(self) -> npt.NDArray[np.float32]:
        """Float32 [`VECTOR_SIZE`]: a one-hot block for each of `FEATURES`, in that order."""
        vector = np.zeros(VECTOR_SIZE, dtype=np.float32)
        start = 0
        for name, options in FEATURES.items():
            vector[start + options.index(getattr(self, name))] = 1.0
            start += len(options)
        return vector

    def words(self) -> list[str]:
        """Attribute phrases, the most telling first, e.g. "black stripes", "a white belly", "a blue scarf"."""
        return [self.colour]

    def phrase(self, most: int = 5) -> str:
        """With its article and its most telling attributes, at most 14 words."""
        return f"a {self.colour} {self.kind}"


def sample_individual(rng: random.Random, kind: str | None = None) -> Individual:
    """One character, of that kind or of any; neighbouring colours always differ clearly.

    Raises:
        InputError: there is no such kind.
    """
    if kind is None:
        kind = rng.choice(tuple(KINDS))
    elif kind not in KINDS:
        raise InputError(f"no character of kind {kind!r}; kinds are {', '.join(KINDS)}")
    of = KINDS[kind]
    colour = rng.choice(of.colours)
    second = _unlike(rng, of.seconds, colour)
    pattern = rng.choice(of.patterns)
    accessory = rng.choice(of.accessories)
    clothing = rng.choice(of.clothes)
    clothing_colour = "none" if clothing == "none" else _unlike(rng, CLOTH_COLOURS, colour, second)
    return Individual(
        kind=kind,
        colour=colour,
        second=second,
        pattern=pattern,
        pattern_colour="none" if pattern == "plain" else _unlike(rng, of.pattern_colours, colour, clothing_colour),
        crest=rng.choice(of.crests),
        crest_colour=_unlike(rng, of.crest_colours, colour),
        accessory=accessory,
        accessory_colour="none" if accessory == "none" else _unlike(rng, CLOTH_COLOURS, colour, clothing_colour),
        clothing=clothing,
        clothing_colour=clothing_colour,
        physique=rng.choice(tuple(PHYSIQUES)),
        eyes=rng.choice(of.eyes),
        eye_colour=rng.choice(of.eye_colours),
        mouth=rng.choice(of.mouths),
        cheeks=rng.choice(CHEEKS),
        brows=rng.choice(BROWS),
    )


_CLEAR = 120.0  # colours closer than this are hard to tell in a small picture


def _unlike(rng: random.Random, options: Sequence[str], *others: str) -> str:
    clear = [one for one in options if all(other == "none" or difference(one, other) > _CLEAR for other in others)]
    return rng.choice(clear or [one for one in options if one not in others])


@cache
def _build(kind: str, physique: str) -> Build:
    return build_of(kind, physique)


def _options() -> dict[str, tuple[str, ...]]:
    colours = ("none", *COLOURS)
    of = KINDS.values()
    lists = {
        "kind": tuple(KINDS),
        "pattern": _union(kind.patterns for kind in of),
        "crest": _union(kind.crests for kind in of),
        "accessory": _union(kind.accessories for kind in of),
        "clothing": _union(kind.clothes for kind in of),
        "physique": tuple(PHYSIQUES),
        "eyes": _union(kind.eyes for kind in of),
        "mouth": _union(kind.mouths for kind in of),
        "cheeks": CHEEKS,
        "brows": BROWS,
    }
    return {field.name: lists.get(field.name, colours) for field in fields(Individual)}


def _union(lists) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in lists for name in names))


FEATURES: dict[str, tuple[str, ...]] = _options()
"""Attribute of `Individual` to every value that it can have in any kind."""
VECTOR_SIZE = sum(len(options) for options in FEATURES.values())
