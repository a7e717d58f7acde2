"""What the planner knows of the world: how tall things are, what they rest on, and where they are found.

Two tables ship as readable CSV files: ``assets/nouns.csv`` (everyday things) and ``assets/scenes.csv`` (backgrounds).
They stand in for the language model of Gen4Gen, sections 3.1 (principle ii) and 3.2 (realistic scale).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from vivant.data.plan.tables import SUPPORTS, asset, number, rows, split_list, support
from vivant.data.plan.words import plain, singulars
from vivant.errors import InputError
from vivant.types import Background, Subject, Support

PLACES = (
    "indoors",
    "outdoors",
    "living room",
    "kitchen",
    "bedroom",
    "bathroom",
    "office",
    "workshop",
    "shop",
    "stage",
    "street",
    "park",
    "garden",
    "forest",
    "field",
    "farm",
    "savanna",
    "beach",
    "desert",
    "mountain",
    "snow",
    "river",
    "lake",
    "sea",
    "underwater",
    "sky",
)
"""The closed vocabulary of places. Two of them are wide: "indoors" is any room, and "outdoors" any everyday open place
on land (street, park, garden, forest, field, farm, beach, mountain, snow). A thing has a wide word when it may be in
every such place; a room has "indoors" and an open place "outdoors" besides its own word."""

HEIGHT_RANGE_M = (0.001, 1000.0)
"""From a ladybird to above the tallest building: what lies outside is a slip of the pen."""


@dataclass(frozen=True)
class SceneKind:
    """A row of ``scenes.csv``.

    Attributes:
        scene: its word, lower case.
        template: its prompt with ``{}`` where the scene's own name goes ("on the {}").
        places: words of `PLACES` that it counts as.
        surface: what its lower part is.
    """

    scene: str
    template: str
    places: tuple[str, ...]
    surface: Support

    @property
    def indoors(self) -> bool:
        """Whether there is a ceiling above."""
        return "outdoors" not in self.places and not {"indoors", "workshop"}.isdisjoint(self.places)


UNKNOWN_SCENE = SceneKind("", "in the {}", ("indoors", "outdoors"), "ground")
"""A scene that the table does not know takes what may be anywhere."""


@cache
def scene_kinds() -> Mapping[str, SceneKind]:
    """The scenes that Vivant knows, by their word, in the table's order."""
    return {
        row["scene"]: SceneKind(row["scene"], row["prompt"], split_list(row["places"]), support(row["surface"]))
        for _, row in rows(asset("scenes.csv"))
    }


def scene_kind(name: str) -> SceneKind:
    """The row for a scene's name ("Garden_2", "my yard", "beach at dusk"), else `UNKNOWN_SCENE`.

    The whole name goes first, then its longest ending, then its longest part from the left.
    """
    words = plain(name).split()
    kinds = scene_kinds()
    spans = [words[i:] for i in range(len(words))]
    spans += [words[i:j] for j in range(len(words) - 1, 0, -1) for i in range(j)]
    return next((kinds[phrase] for span in spans if (phrase := " ".join(span)) in kinds), UNKNOWN_SCENE)


def scene_places(name: str) -> tuple[str, ...]:
    """Words of `PLACES` that a scene counts as: "garden" -> ("garden", "outdoors")."""
    return scene_kind(name).places


def scene_surface(name: str) -> Support:
    """What the lower part of a scene is: "sea" -> "water"; "ground" where nothing is known."""
    return scene_kind(name).surface


def scene_indoors(name: str) -> bool:
    """Whether a scene has a ceiling above."""
    return scene_kind(name).indoors


_DETERMINERS = frozenset({"a", "an", "the", "my", "our", "your", "his", "her", "their", "this", "that"})
_PREPOSITIONS = frozenset({"in", "on", "at", "by", "near", "under", "beside", "among", "inside", "outside", "over"})


def scene_prompt(name: str) -> str:
    """A scene as in a caption: "garden" -> "in the garden", "my yard" -> "in my yard", "on the moon" stays."""
    words = plain(name)
    first = words.split(" ", 1)[0]
    if first in _PREPOSITIONS:
        return words
    template = scene_kind(name).template
    if first in _DETERMINERS:
        template = re.sub(r"\b(the|a) (?=.*\{\})", "", template)
    return template.format(words or "picture")


@dataclass(frozen=True)
class Thing:
    """What is known of a thing in a picture.

    Attributes:
        noun: as in a caption.
        height_m: typical height as photographed, in metres.
        rests_on: supports that it may have, the usual one first.
        found: words of `PLACES`, or names of the user's own scenes.
        known: whether the table (or the user) knows it; False means the default.
        aspect: width over height in its usual pose, where pose changes the height much (animals, people).
        holds: where other things stand on it, as a fraction of its height from the top; None when nothing does.
    """

    noun: str
    height_m: float
    rests_on: tuple[Support, ...]
    found: tuple[str, ...]
    known: bool = True
    aspect: float | None = None
    holds: float | None = None

    def suits(self, background: Background) -> bool:
        """Whether it can be there without a miracle."""
        here = {plain(background.scene), *background.places}
        return not here.isdisjoint(self.found) and self.can_rest(background.surface, background.indoors)

    def can_rest(self, surface: Support, indoors: bool) -> bool:
        """Whether that surface, or the air or a wall above it, can carry it.

        What stands on tables may stand on the ground too, unless the air or water would have to carry it.
        """
        if surface == "air":
            return "air" in self.rests_on
        if surface == "water":
            return not {"water", "air"}.isdisjoint(self.rests_on)
        if surface == "ground":
            hung = "wall" in self.rests_on and indoors
            return hung or not {"ground", "table", "air"}.isdisjoint(self.rests_on)
        return surface in self.rests_on


DEFAULT_THING = Thing(
    "", 0.5, ("ground", "table"), ("indoors", "garden", "park", "street", "field", "beach"), known=False
)
"""A noun that nobody has described: knee-high, portable, seen about the house and in everyday places outdoors."""


class Knowledge:
    """The table of nouns, with the user's own rows over it."""

    def __init__(self, things: Mapping[str, Thing]) -> None:
        self._things = dict(things)
        self._squeezed = {noun.replace(" ", ""): noun for noun in self._things}

    @classmethod
    def load(cls, user_file: Path | None = None) -> Knowledge:
        """The shipped table, and a user's CSV with the same columns whose rows go first.

        Raises:
            InputError: the file cannot be read, or a row is wrong: names file, line and value.
        """
        things = dict(_shipped_things())
        if user_file is not None:
            try:
                text = user_file.read_text(encoding="utf-8-sig")
            except (OSError, UnicodeDecodeError) as error:
                raise InputError(f"{user_file}: the table of nouns cannot be read ({error})") from error
            things |= read_things(text, str(user_file))
        return cls(things)

    def __len__(self) -> int:
        return len(self._things)

    def __iter__(self) -> Iterator[Thing]:
        return iter(self._things.values())

    def thing(self, subject: Subject) -> Thing:
        """What is known of a subject: its own notes first, then the table, then `DEFAULT_THING`."""
        found = self.look_up(subject.noun) or DEFAULT_THING
        told = subject.height_m is not None and subject.found is not None
        thing = replace(found, noun=subject.noun, known=found.known or told)
        if subject.height_m is not None:
            thing = replace(thing, height_m=subject.height_m)
        if subject.rests_on is not None:
            thing = replace(thing, rests_on=(subject.rests_on,))
        if subject.found is not None:
            thing = replace(thing, found=tuple(plain(place) for place in subject.found))
        return thing

    def look_up(self, noun: str) -> Thing | None:
        """The row for a noun: whole, singular, a toy of it, then its last words ("my red backpack" -> "backpack")."""
        words = re.split(r" (?:of|with|in|on|for|from) ", plain(noun))[0].split()
        if not words:
            return None
        whole = self._row(plain(noun)) or self._row(" ".join(words))
        if whole is not None:
            return whole
        toy = next((_TOY_WORDS[word] for word in words[:-1] if word in _TOY_WORDS), None)
        if toy is not None:
            return self._things.get(toy)
        return next((row for i in range(1, len(words)) if (row := self._row(" ".join(words[i:])))), None)

    def _row(self, phrase: str) -> Thing | None:
        for form in (phrase, *singulars(phrase)):
            name = form if form in self._things else self._squeezed.get(form.replace(" ", ""))
            if name is not None:
                return self._things[name]
        return None


_TOY_WORDS = {
    "toy": "toy",
    "lego": "toy",
    "stuffed": "plushie",
    "plush": "plushie",
    "crocheted": "plushie",
    "miniature": "figurine",
    "porcelain": "figurine",
}
"""Words before a noun that make it a toy: a "stuffed elephant" is as tall as a plushie."""


@cache
def _shipped_things() -> Mapping[str, Thing]:
    return read_things(asset("nouns.csv"), "nouns.csv")


def read_things(text: str, name: str) -> dict[str, Thing]:
    """Parse a table of nouns: a header, then a row a noun; lists are separated by ``|``; ``#`` starts a comment line.

    Raises:
        InputError: a missing column or a wrong value; names the file, the line and the value.
    """
    things: dict[str, Thing] = {}
    for line, row in rows(text, name, needed=("noun", "height_m", "rests_on", "found")):
        try:
            thing = _read_thing(row)
        except ValueError as error:
            raise InputError(f"{name}, line {line}: {error}") from error
        things[thing.noun] = thing
    return things


def _read_thing(row: Mapping[str, str]) -> Thing:
    noun, found = plain(row["noun"]), split_list(row["found"])
    if not noun:
        raise ValueError(f"no noun in {row['noun']!r}")
    if not found:
        raise ValueError(f"found is empty for {noun!r}; known: {', '.join(PLACES)}")
    for place in found:
        if place not in PLACES:
            raise ValueError(f"unknown place {place!r}; known: {', '.join(PLACES)}")
    rests_on = tuple(support(item) for item in split_list(row["rests_on"]))
    if not rests_on:
        raise ValueError(f"rests_on is empty for {noun!r}; known: {', '.join(SUPPORTS)}")
    return Thing(
        noun,
        number(row["height_m"], "height_m", *HEIGHT_RANGE_M),
        rests_on,
        found,
        aspect=number(row["aspect"], "aspect", 0.05, 20.0) if row.get("aspect") else None,
        holds=number(row["holds"], "holds", 0.0, 0.95) if row.get("holds") else None,
    )
