"""What a caption will say and in which words, before it is written out."""

from __future__ import annotations

from dataclasses import dataclass, field

from vivant.data.captions.facts import Fact
from vivant.data.captions.words import Name, listing

PLACE_WORDS: dict[str, tuple[str, ...]] = {
    "left": ("on the left", "on the left side", "to the left"),
    "centre-left": ("left of the centre", "just left of the middle"),
    "centre-right": ("right of the centre", "just right of the middle"),
    "right": ("on the right", "on the right side", "to the right"),
    "middle": ("in the middle", "in the centre"),
    "top": ("near the top",),
    "foreground": ("in the foreground", "close to the camera"),
    "close-up": ("close up", "in close-up"),
    "background": ("further back", "farther away"),
    "air": ("in the air",),
    "wall": ("on the wall",),
    "water": ("on the water",),
}
RELATION_WORDS: dict[str, tuple[str, ...]] = {
    "left of": ("to the left of",),
    "right of": ("to the right of",),
    "behind": ("behind",),
    "in front of": ("in front of",),
    "hidden by": ("partly hidden by", "partly covered by"),
    "hides": ("partly hiding", "partly covering"),
    "on top of": ("on top of", "on"),
    "above": ("above",),
    "smaller": ("much smaller than",),
    "larger": ("much larger than",),
}
BESIDE_NOUN = frozenset({"left of", "right of", "behind", "in front of", "on top of", "above"})
"""Relations that can follow a noun at once: "a dog behind the cat"."""


@dataclass
class Draft:
    """What a caption will say, and in which words; `text` writes it out.

    Attributes:
        names: how each subject is spoken of.
        order: in which they are introduced.
        setting: "in the garden", or empty.
        opening: "a photo of ", or empty.
        setting_first: "In the garden, there is a cat …".
        words: the phrase chosen for each kind of statement.
        inline: at most one statement a subject, right behind its noun.
        adjectives: "small" or "large".
        sentences: statements that get a sentence each.
    """

    names: list[Name]
    order: list[int]
    setting: str
    opening: str
    setting_first: bool
    words: dict[str, str]
    inline: dict[int, Fact] = field(default_factory=dict)
    adjectives: dict[int, str] = field(default_factory=dict)
    sentences: list[Fact] = field(default_factory=list)

    def text(self) -> str:
        items = listing([self._item(index) for index in self.order])
        if self.setting_first:
            verb = self.names[self.order[0]].verb
            first = f"{self.setting}, there {verb} {items}"
        else:
            comma = "," if self.inline and self.setting else ""
            first = f"{self.opening}{items}{comma} {self.setting}".strip()
        return " ".join(f"{capital(sentence)}." for sentence in [first, *self._sentences()])

    def says_more(self, fact: Fact) -> bool:
        """Whether a statement adds to what is said already about its subject, or about both of its subjects."""
        told = [*self.inline.values(), *self.sentences]
        if fact.family == "size" and {fact.subject, fact.other} & set(self.adjectives):
            return False
        if fact.other is None:
            return not any(old.subject == fact.subject and old.family == fact.family for old in told)
        sides = [old.subject for old in told if old.other is None and old.family == fact.family]
        if fact.subject in sides and fact.other in sides:
            return False
        pair = {fact.subject, fact.other}
        return not any({old.subject, old.other} == pair and old.family == fact.family for old in told)

    def shorten(self) -> bool:
        """Leave out the least telling thing; False when nothing is left to leave out."""
        if self.sentences:
            self.sentences.pop()
        elif self.adjectives:
            self.adjectives.popitem()
        elif self.inline:
            del self.inline[min(self.inline, key=lambda index: self.inline[index].weight)]
        else:
            return False
        return True

    def _item(self, index: int) -> str:
        introduced = self.names[index].introduce(self.adjectives.get(index, ""))
        fact = self.inline.get(index)
        return f"{introduced} {self._predicate(fact)}" if fact else introduced

    def _predicate(self, fact: Fact) -> str:
        words = self.words[fact.kind]
        return words if fact.other is None else f"{words} {self.names[fact.other].refer()}"

    def _sentences(self) -> list[str]:
        """One a subject, which may say several things of it; two short ones are joined."""
        predicates: dict[int, list[str]] = {}
        for fact in self.sentences:
            predicates.setdefault(fact.subject, []).append(self._predicate(fact))
        said = [
            f"{self.names[index].refer()} {self.names[index].verb} {listing(several)}"
            for index, several in predicates.items()
        ]
        return [f"{said[0]}, and {said[1]}"] if len(said) == 2 else said


def capital(sentence: str) -> str:
    """With a capital first letter."""
    return sentence[:1].upper() + sentence[1:]
