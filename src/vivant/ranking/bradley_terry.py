"""Which method is better, from choices between two pictures: the Bradley-Terry model.

P(a beats b) = s_a / (s_a + s_b). Strengths are found by the minorise-maximise steps of Hunter, "MM algorithms for
generalized Bradley-Terry models" (2004), equation 3. A tie counts as half a win for each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vivant.ranking.items import Item
from vivant.ranking.ratings import Vote

PRIOR = 1.0
"""Ties of every method with one of middle strength: a method that has won every time keeps a finite score."""
STEPS = 2000
SETTLED = 1e-9
"""Of the largest change of a log-strength in a step."""
RESAMPLES = 500


@dataclass(frozen=True)
class Strength:
    """Where a method stands.

    Attributes:
        method: its name.
        score: log-strength, 0 in the middle; a difference of 1 is a win in 73 of 100.
        low, high: 95 % of the scores of cases drawn again with replacement.
        wins, ties, choices: how often it was chosen, was found as good, and was looked at.
    """

    method: str
    score: float
    low: float
    high: float
    wins: int
    ties: int
    choices: int


def strengths(votes: Sequence[Vote], items: Mapping[str, Item], rng: np.random.Generator) -> list[Strength]:
    """Every method that was compared, best first.

    Args:
        votes: of pairs; skipped ones say nothing.
        items: key -> item, for its method and case.
        rng: draws cases for the intervals: choices on one case by several raters are not independent.
    """
    told = [vote for vote in votes if vote.other and vote.score is not None]
    names = sorted({items[key].method for vote in told for key in (vote.item, vote.other)})
    if not names:
        return []
    place = {name: index for index, name in enumerate(names)}
    by_case: dict[str, npt.NDArray[np.float64]] = {}
    wins, ties, choices = Counter[str](), Counter[str](), Counter[str]()
    for vote in told:
        pair = items[vote.item].method, items[vote.other].method
        table = by_case.setdefault(items[vote.item].case, np.zeros((len(names), len(names))))
        share = {1: 1.0, 2: 0.0}.get(vote.score or 0, 0.5)
        table[place[pair[0]], place[pair[1]]] += share
        table[place[pair[1]], place[pair[0]]] += 1.0 - share
        choices.update(pair)
        if vote.score:
            wins[pair[vote.score - 1]] += 1
        else:
            ties.update(pair)
    tables = np.stack(list(by_case.values()))
    score = log_strengths(tables.sum(axis=0))
    drawn = rng.integers(0, len(tables), (RESAMPLES, len(tables)))
    draws = log_strengths(np.stack([tables[row].sum(axis=0) for row in drawn]))
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    found = [
        Strength(name, float(score[i]), float(low[i]), float(high[i]), wins[name], ties[name], choices[name])
        for i, name in enumerate(names)
    ]
    return sorted(found, key=lambda one: -one.score)


def log_strengths(wins: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Log-strengths of mean 0.

    Args:
        wins: [..., methods, methods], how often the row's method was chosen over the column's; halves for ties.

    Returns:
        [..., methods].
    """
    games = wins + wins.swapaxes(-1, -2)
    won = wins.sum(axis=-1) + PRIOR / 2.0
    strength = np.ones_like(won)
    for _ in range(STEPS):
        shares = (games / (strength[..., :, None] + strength[..., None, :])).sum(axis=-1) + PRIOR / (strength + 1.0)
        renewed = won / shares
        change = np.abs(np.log(renewed / strength)).max()
        strength = renewed
        if change < SETTLED:
            break
    logs: npt.NDArray[np.float64] = np.log(strength)
    logs -= logs.mean(axis=-1, keepdims=True)
    return logs
