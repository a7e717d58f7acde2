"""What a rater sees next: their own seeded order, filters, and which are done."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from vivant.images import content_hash
from vivant.ranking.items import Item
from vivant.ranking.ratings import Vote
from vivant.settings.rank import Order

UNSURE = 3.5
"""Halfway between what the paper leaves out and what it keeps."""


@dataclass(frozen=True)
class Task:
    """One look: a picture to rate, or two to choose from.

    Attributes:
        item: the picture; the left one of a pair.
        other: the right one.
    """

    item: Item
    other: Item | None = None

    @property
    def subject(self) -> tuple[str, str]:
        """As `Vote.subject`."""
        if self.other is None:
            return (self.item.key, "")
        return (min(self.item.key, self.other.key), max(self.item.key, self.other.key))


@dataclass(frozen=True)
class Filter:
    """Which pictures are wanted; an empty field wants all.

    Attributes:
        subjects: how many; 0 for any number.
        noun: of one of the subjects.
        relation: the predicate.
        words: all of them in the caption, whatever their case.
    """

    subjects: int = 0
    noun: str = ""
    relation: str = ""
    words: str = ""

    def takes(self, item: Item) -> bool:
        """Whether a picture passes."""
        caption = f"{item.caption} {item.detailed}".casefold()
        return (
            (not self.subjects or len(item.subjects) == self.subjects)
            and (not self.noun or any(one.noun == self.noun for one in item.subjects))
            and (not self.relation or item.relation == self.relation)
            and all(word in caption for word in self.words.casefold().split())
        )


@dataclass(frozen=True)
class Standing:
    """Where a rater stands within a filter.

    Attributes:
        waiting: what is still to be seen, in the rater's order.
        skipped: what they passed over, in the same order.
        done: how many they have judged.
    """

    waiting: list[Task]
    skipped: list[Task]
    done: int


def rater_order(
    items: Sequence[Item], rater: str, seed: int, order: Order = "random", predicted: Mapping[str, float] | None = None
) -> list[Task]:
    """Every picture once, in an order of this rater alone, or by predicted rating where `order` says so.

    Args:
        items: in the order of the source.
        rater: part of the seed, so that two raters do not tire on the same pictures.
        seed: the other part.
        order: see `RankSettings`.
        predicted: key -> predicted rating; a picture without one comes last.
    """
    shuffled = [items[index] for index in _generator(seed, rater).permutation(len(items))]
    if order != "random":
        guess = predicted or {}
        value = {item.key: guess.get(item.key) for item in items}
        shuffled.sort(key=lambda item: _rank(value[item.key], order))
    return [Task(item) for item in shuffled]


def _rank(value: float | None, order: Order) -> float:
    if value is None:
        return float("inf")
    return {"best": -value, "worst": value}.get(order, abs(value - UNSURE))


def pair_order(items: Sequence[Item], rater: str, seed: int) -> list[Task]:
    """Every pair of pictures of one case and two methods, in an order of this rater, each side left half the time."""
    cases: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        cases[item.case].append(item)
    pairs = [
        pair for found in cases.values() for pair in combinations(found, 2) if len({one.method for one in pair}) == 2
    ]
    generator = _generator(seed, rater)
    swapped = generator.integers(0, 2, len(pairs))
    placed = [Task(*(pair[::-1] if swap else pair)) for pair, swap in zip(pairs, swapped, strict=True)]
    return [placed[index] for index in generator.permutation(len(placed))]


def standing(tasks: Sequence[Task], votes: Sequence[Vote], rater: str, wanted: Filter, most: int | None) -> Standing:
    """What is done and what is left.

    Args:
        tasks: in the rater's order.
        votes: those that count, of all raters.
        rater: whose standing.
        wanted: what the rater has chosen to see.
        most: judgements a picture; one that others gave them all is not shown.
    """
    mine = {vote.subject: vote.score for vote in votes if vote.rater == rater}
    others = Counter(vote.subject for vote in votes if vote.rater != rater and vote.score is not None)
    waiting, skipped, done = [], [], 0
    for task in tasks:
        if not wanted.takes(task.item):
            continue
        if task.subject in mine:
            if mine[task.subject] is None:
                skipped.append(task)
            else:
                done += 1
        elif most is None or others[task.subject] < most:
            waiting.append(task)
    return Standing(waiting, skipped, done)


def _generator(seed: int, rater: str) -> np.random.Generator:
    return np.random.default_rng([seed, int(content_hash("rater", rater), 16)])
