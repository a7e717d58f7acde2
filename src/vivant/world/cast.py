"""Who can act: individuals of a kind, each with its own looks, in names, in words and as a vector."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

from vivant.errors import InputError
from vivant.world.colours import COLOURS, difference, lightness
from vivant.world.kinds import CLOTH_COLOURS, DRESSED, HATS, KINDS, Kind, Names
from vivant.world.puppet import Build
from vivant.world.wording import attributes, phrase

PHYSIQUES: dict[str, tuple[float, float, float, float]] = {
    "small": (1.0, 1.0, 1.06, 0.9),
    "slim": (0.82, 0.88, 0.96, 1.06),
    "usual": (1.0, 1.0, 1.0, 1.0),
    "stout": (1.24, 1.14, 1.0, 0.98),
}
"""What a physique multiplies: girth, limb, head, height."""


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
        """Attribute phrases, the most telling first, e.g. "ginger", "black stripes", "a blue scarf"."""
        return attributes(self)

    def phrase(self, most: int = 5) -> str:
        """With its article and at most that many attributes, in at most 14 words."""
        return phrase(self, most)


def sample_individual(rng: random.Random, kind: str | None = None) -> Individual:
    """One character, of that kind or of any; colours that touch differ clearly.

    Args:
        rng: all chance comes from it.
        kind: a key of `KINDS`.

    Raises:
        InputError: there is no such kind.
    """
    if kind is None:
        kind = rng.choice(_NOUNS)
    elif kind not in KINDS:
        raise InputError(f"no character of kind {kind!r}; kinds are {', '.join(KINDS)}")
    of = KINDS[kind]
    colour = rng.choice(of.colours)
    second = _unlike(rng, of.seconds, colour)
    clothing, pattern = _suited(rng.choice(of.clothes), rng.choice(of.patterns), kind)
    clothing_colour = _NONE if clothing == _NONE else _unlike(rng, CLOTH_COLOURS, colour, second)
    pattern_colour = _NONE if pattern == "plain" else _unlike(rng, of.pattern_colours, colour, clothing_colour)
    accessory = rng.choice(of.accessories)
    crest = rng.choice([one for one in of.crests if not (accessory in HATS and one in _UNDER_HATS)])
    crest_colour = _NONE if crest == "plain" else _unlike(rng, of.crest_colours, colour, clear=_HAIR_CLEAR)
    around = (colour, pattern_colour) if pattern in ("mask", "patches") else (colour,)
    eyes, eye_colour = _eyes(rng, of, around)
    return Individual(
        kind=kind,
        colour=colour,
        second=second,
        pattern=pattern,
        pattern_colour=pattern_colour,
        crest=crest,
        crest_colour=crest_colour,
        accessory=accessory,
        accessory_colour=_accessory_colour(rng, accessory, colour, clothing_colour, crest_colour),
        clothing=clothing,
        clothing_colour=clothing_colour,
        physique=rng.choice(_PHYSIQUES),
        eyes=eyes,
        eye_colour=eye_colour,
        mouth=rng.choice(of.mouths),
        cheeks=rng.choice(of.cheeks),
        brows=rng.choice(of.brows),
    )


_NONE = "none"
_NOUNS, _PHYSIQUES = tuple(KINDS), tuple(PHYSIQUES)
_UNDER_HATS = frozenset(("antenna", "dish", "one horn", "tuft", "bun"))  # crests that a hat would hide
_CLEAR = 120.0  # colours closer than this are hard to tell in a small picture
_HAIR_CLEAR = 70.0  # an ink line helps
_DIM = 110.0  # luma of a coat on which ink does not show


def _suited(clothing: str, pattern: str, kind: str) -> tuple[str, str]:
    """A garment and a pattern that can both be seen."""
    if kind in DRESSED:
        if clothing == "suit":
            return clothing, "tie"
        hidden = clothing == "waistcoat" or (clothing == "dungarees" and pattern != "heart")
        return clothing, "plain" if hidden else pattern
    return (_NONE if pattern in ("heart", "checks", "crescent") else clothing), pattern


def _eyes(rng: random.Random, of: Kind, around: tuple[str, ...]) -> tuple[str, str]:
    """Style and colour of eyes that show on what is around them."""
    dim = of.category != "toy" and any(lightness(COLOURS[one]) < _DIM for one in around)
    eyes = rng.choice([one for one in of.eyes if not (dim and one == "dot")])
    if eyes in ("dot", "happy"):
        return eyes, _NONE
    return eyes, _unlike(rng, of.eye_colours, *(around if eyes in ("bright", "almond") else ()))


def _accessory_colour(rng: random.Random, accessory: str, *beside: str) -> str:
    return _NONE if accessory == _NONE else _unlike(rng, CLOTH_COLOURS, *beside)


def _unlike(rng: random.Random, options: Sequence[str], *others: str, clear: float = _CLEAR) -> str:
    """One that stands out from the others, or, where none does, from the first of them."""
    colours = [other for other in others if other != _NONE]
    found = [one for one in options if all(difference(one, other) > clear for other in colours)]
    return rng.choice(found or [one for one in options if one != colours[0]])


@cache
def _build(kind: str, physique: str) -> Build:
    """The proportions of one of that kind and physique; its height stays within 0.88 and 1.08."""
    usual = KINDS[kind].build
    girth, limb, head, height = PHYSIQUES[physique]
    return replace(
        usual,
        girth=usual.girth * girth,
        limb=usual.limb * limb,
        head=usual.head * head,
        height=min(1.08, max(0.88, usual.height * height)),
    )


def _options() -> dict[str, tuple[str, ...]]:
    colours = ("none", *COLOURS)
    of = KINDS.values()
    lists = {
        "kind": tuple(KINDS),
        "pattern": (*_union(kind.patterns for kind in of), "tie"),
        "crest": _union(kind.crests for kind in of),
        "accessory": _union(kind.accessories for kind in of),
        "clothing": _union(kind.clothes for kind in of),
        "physique": tuple(PHYSIQUES),
        "eyes": _union(kind.eyes for kind in of),
        "mouth": _union(kind.mouths for kind in of),
        "cheeks": _union(kind.cheeks for kind in of),
        "brows": _union(kind.brows for kind in of),
    }
    return {field.name: lists.get(field.name, colours) for field in fields(Individual)}


def _union(lists: Iterable[Names]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in lists for name in names))


FEATURES: dict[str, tuple[str, ...]] = _options()
"""Attribute of `Individual` to every value that it can have in any kind."""
VECTOR_SIZE = sum(len(options) for options in FEATURES.values())
