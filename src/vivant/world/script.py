"""What a scene shows, as values: who does what where; and the same in words."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from vivant.world.backdrops import BACKDROPS
from vivant.world.cast import Individual, sample_individual
from vivant.world.kinds import KINDS
from vivant.world.relations import RELATIONS, TOGETHER

_NATURAL = 0.5  # share of scenes at a place where the relation is at home; the others are anywhere
_GROUPS = (1, 2, 2, 3, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class Script:
    """One scene, wholly determined.

    Attributes:
        relation: a key of `RELATIONS`.
        cast: in the order of the sentence.
        backdrop: a key of `BACKDROPS`.
        seed: of pose, props, backdrop's variant and framing.
    """

    relation: str
    cast: tuple[Individual, ...]
    backdrop: str
    seed: int

    @property
    def text(self) -> str:
        """Short caption: "a fox is dancing in a ballroom"."""
        return sentence(self.relation, [f"{article(one.noun)} {one.noun}" for one in self.cast], self.backdrop)

    @property
    def text_detailed(self) -> str:
        """The same with what each subject looks like."""
        most = 5 if len(self.cast) <= 2 else 1
        return sentence(self.relation, [one.phrase(most) for one in self.cast], self.backdrop)

    @property
    def text_present(self) -> str:
        """The short caption in the present tense: "a fox dances in a ballroom"."""
        nouns = [f"{article(one.noun)} {one.noun}" for one in self.cast]
        return sentence(self.relation, nouns, self.backdrop, present=True)


def sentence(relation: str, subjects: Sequence[str], backdrop: str, *, present: bool = False) -> str:
    """A caption from the subjects' phrases, in their order.

    Raises:
        ValueError: that relation does not take so many subjects.
    """
    wanted = RELATIONS[relation]
    least, most = wanted.subjects
    if not least <= len(subjects) <= most:
        raise ValueError(f"{relation!r} takes {least} to {most} subjects, not {len(subjects)}")
    place = BACKDROPS[backdrop].phrase
    if relation == TOGETHER and len(subjects) != 2:
        return _standing(subjects, place, present)
    does = wanted.present if present else f"is {wanted.name}"
    return " ".join((subjects[0], does, *subjects[1:], place))


def sample_script(
    rng: random.Random,
    relations: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
    backdrops: Sequence[str] | None = None,
) -> Script:
    """A scene at random: the relation evenly among those given, every subject of another kind.

    Args:
        rng: all chance comes from it.
        relations, kinds, backdrops: names to choose from; None for all.

    Raises:
        ValueError: fewer kinds than a relation needs subjects.
    """
    relation = rng.choice(list(relations) if relations else list(RELATIONS))
    least, most = RELATIONS[relation].subjects
    choice = list(kinds) if kinds else list(KINDS)
    count = least if least == most else min(rng.choice(_GROUPS), len(choice))
    if count > len(choice):
        raise ValueError(f"{relation!r} needs {count} kinds of subject, there are {len(choice)}")
    cast = tuple(sample_individual(rng, kind) for kind in rng.sample(choice, count))
    allowed = list(backdrops) if backdrops else list(BACKDROPS)
    natural = [place for place in RELATIONS[relation].places if place in allowed]
    backdrop = rng.choice(natural if natural and rng.random() < _NATURAL else allowed)
    return Script(relation, cast, backdrop, rng.getrandbits(48))


def article(words: str) -> str:
    """ "a" or "an"."""
    return "an" if words[:1].lower() in "aeiou" else "a"


def _standing(subjects: Sequence[str], place: str, present: bool) -> str:
    if len(subjects) == 1:
        return f"{subjects[0]} {'stands' if present else 'is standing'} {place}"
    everyone = f"{', '.join(subjects[:-1])} and {subjects[-1]}"
    return f"{everyone} {'stand' if present else 'are standing'} side by side {place}"
