"""Nouns in English: articles, pairs, plurals, and how to speak of the second cat."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


def word_set(text: str) -> frozenset[str]:
    """The words of a line."""
    return frozenset(text.split())


PAIRS = word_set(
    "binoculars boots chopsticks clogs earbuds earphones earrings eyeglasses flippers forceps glasses gloves goggles "
    "headphones heels jeans knickers leggings mittens overalls pajamas pants pliers pyjamas sandals scissors secateurs "
    "shears shoes shorts skates skis slippers sneakers socks spectacles sunglasses tights tongs trainers trousers "
    "tweezers"
)
"""Things that come, or are called, in twos: "a pair of" goes before them."""
MASS = word_set(
    "bread cheese clothing confetti cutlery fruit furniture grass ivy jewellery jewelry lettuce luggage moss pasta "
    "popcorn rice seaweed spaghetti spinach straw sushi toast tofu wool yarn"
)
"""Things that are not counted: "some", and a singular verb."""
IRREGULAR_PLURALS = word_set("cattle children feet geese men mice oxen people teeth women")
SINGULAR_IN_S = word_set("atlas canvas christmas cosmos gas lens news pancreas rhinoceros series species thermos")
"""End in s and are still one, beside what ends in -ss, -us or -is."""
_SINGULAR_ENDINGS = ("ss", "us", "is")
_DRINKING = word_set("beer champagne cocktail drinking martini shot water whiskey whisky wine")
"""Before "glasses", these make them vessels, of any number."""
_DETERMINERS = word_set("a an the my your his her its our their this that")
_VOWEL_SOUND = re.compile(r"^(?:hour|honest|honou?r|heir|[aeiou]|x-ray|mp3|[fhlmnrsx](?:-|\d|$))", re.IGNORECASE)
_CONSONANT_SOUND = re.compile(
    r"^(?:eu|ewe|ewer|one\b|once|oui|ouija|u[bcfhkqrst][aeiou](?!m)|uni(?!n|m)|use|usual|u\b|u-|ufo|usb|ukulele)",
    re.IGNORECASE,
)
_INITIALS_VOWEL = re.compile(r"^[AEFHILMNORSX][A-Z0-9]{1,2}\b")
_INITIALS_CONSONANT = re.compile(r"^[BCDGJKPQTUVWYZ][A-Z0-9]{1,2}\b")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def article(words: str) -> str:
    """ "a" or "an", by how the first word sounds: an owl, a unicorn, an hourglass, an SUV, a UFO."""
    if _INITIALS_VOWEL.match(words):
        return "an"
    if _INITIALS_CONSONANT.match(words) or _CONSONANT_SOUND.match(words):
        return "a"
    return "an" if _VOWEL_SOUND.match(words) else "a"


@dataclass(frozen=True)
class Name:
    """How one subject is spoken of.

    Attributes:
        noun: as given, cleaned.
        kind: decides article and verb.
        rank: 0 for the first subject of this noun, 1 for the second …
        of: how many subjects share the noun.
    """

    noun: str
    kind: str
    rank: int = 0
    of: int = 1

    @property
    def verb(self) -> str:
        """ "is" or "are"."""
        return "are" if self.kind == "plural" else "is"

    def introduce(self, adjective: str = "") -> str:
        """First mention: "a cat", "a small cat", "another cat", "a third cat", "a pair of scissors", "some flowers"."""
        words = f"{adjective} {self._counted}".strip()
        if self.kind == "named":
            return self._counted
        if self.kind in ("plural", "mass"):
            return f"some {'more ' if self.rank else ''}{words}"
        if self.rank == 0:
            return f"{article(words)} {words}"
        if self.rank == 1:
            return f"another {words}"
        return f"a{'n' if _ordinal(self.rank).startswith('e') else ''} {_ordinal(self.rank)} {words}"

    def refer(self) -> str:
        """Later mention: "the cat", "the second cat"; unique among the scene's subjects."""
        if self.kind == "named":
            return self._counted
        return f"the {self._counted}" if self.of == 1 else f"the {_ordinal(self.rank)} {self._counted}"

    @property
    def _counted(self) -> str:
        return f"pair of {self.noun}" if self.kind == "pair" else self.noun


def name_subjects(nouns: Sequence[str]) -> list[Name]:
    """One `Name` a noun, in order; equal nouns are told apart by rank."""
    cleaned = [" ".join(noun.replace("_", " ").split()) or "thing" for noun in nouns]
    totals = Counter(noun.lower() for noun in cleaned)
    seen: Counter[str] = Counter()
    names = []
    for noun in cleaned:
        key = noun.lower()
        names.append(Name(noun, kind_of(noun), rank=seen[key], of=totals[key]))
        seen[key] += 1
    return names


def kind_of(noun: str) -> str:
    """ "named" (has its own article), "pair", "mass", "plural" or "one", from the noun's first and head word."""
    words = noun.lower().split()
    if words[0] in _DETERMINERS:
        return "named"
    head = words[words.index("of") - 1] if "of" in words[1:] else words[-1]
    if head in PAIRS:
        return "plural" if head == "glasses" and _DRINKING & set(words) else "pair"
    if head in MASS:
        return "mass"
    if head in IRREGULAR_PLURALS:
        return "plural"
    is_plural = len(head) > 3 and head.endswith("s") and not head.endswith(_SINGULAR_ENDINGS)
    return "plural" if is_plural and head not in SINGULAR_IN_S else "one"


def listing(items: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def _ordinal(rank: int) -> str:
    if rank < len(_ORDINALS):
        return _ORDINALS[rank]
    number = rank + 1
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
