"""Text queries for a batch of scenes, and which subject each of them is true of."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vivant.world import KINDS, sample_individual
from vivant.world.script import article

FORMS = ("a {}", "{}", "the {}", "a photo of a {}", "a picture of a {}")
UNKNOWN = -1


@dataclass(frozen=True)
class Looks:
    """What queries can say of an individual.

    Attributes:
        kind: its noun.
        words: all its attributes, as "grey", "a blue scarf".
        adjectives: those of them that stand before the noun.
    """

    kind: str
    words: tuple[str, ...]
    adjectives: frozenset[str]


def looks_of(individuals: NDArray[np.int64]) -> list[Looks]:
    """Looks of the individuals of these seeds."""
    everyone = (sample_individual(random.Random(one)) for one in individuals.tolist())
    return [Looks(one.kind, tuple(one.words()), frozenset((one.colour, one.physique))) for one in everyone]


def query(noun: str, form: str = FORMS[0]) -> str:
    """A query for a kind, with the right article: "a fox", "an elephant"."""
    return form.format(noun).replace(f"a {noun}", f"{article(noun)} {noun}")


def description(looks: Looks, rng: random.Random) -> tuple[str, tuple[str, ...]]:
    """One or two of an individual's attributes as a query ("a grey cat with a blue scarf"), and those attributes."""
    chosen = tuple(rng.sample(looks.words, min(len(looks.words), rng.choice((1, 1, 2)))))
    before = [word for word in chosen if word in looks.adjectives]
    after = [word for word in chosen if word not in looks.adjectives]
    return query(" ".join((*before, looks.kind))) + (f" with {' and '.join(after)}" if after else ""), chosen


def batch_queries(
    kinds: NDArray[np.int64], people: NDArray[np.int64], looks: Sequence[Looks], described: int, rng: random.Random
) -> tuple[list[str], NDArray[np.int8]]:
    """Queries of all kinds in one form, and descriptions of some of the batch's subjects.

    Args:
        kinds: [S] index of each subject's kind.
        people: [S] index into `looks`, or -1 where a subject's looks are not known.
        looks: of the known individuals.
        described: how many subjects are described.
        rng: chooses form, subjects and attributes.

    Returns:
        Q queries, and [Q, S]: 1 where a query is true of a subject, 0 where not, -1 where it is unknown. A description
        is true of every subject of that kind with those attributes.
    """
    form, nouns = rng.choice(FORMS), list(KINDS)
    texts = [query(noun, form) for noun in nouns]
    truth = [(kinds == index).astype(np.int8) for index in range(len(nouns))]
    known = np.flatnonzero(people >= 0).tolist()
    for subject in rng.sample(known, min(described, len(known))):
        text, chosen = description(looks[people[subject]], rng)
        fits = (kinds == kinds[subject]).astype(np.int8)
        for other in np.flatnonzero(fits):
            who = people[other]
            fits[other] = UNKNOWN if who < 0 else set(chosen) <= set(looks[who].words)
        texts.append(text)
        truth.append(fits)
    return texts, np.stack(truth)
