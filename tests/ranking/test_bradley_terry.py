"""Strengths of methods from choices."""

from __future__ import annotations

import numpy as np
import pytest

from vivant.ranking.bradley_terry import log_strengths, strengths
from vivant.ranking.items import Item
from vivant.ranking.ratings import Vote


def test_two_methods_by_hand() -> None:
    # Wins 3 to 1; the prior adds half a win each against a middle of strength 1, which for two is symmetric. With
    # s = exp(d / 2) the likelihood is stationary where 4 / (1 + s^-2) + 1 / (1 + 1 / s) = 3.5.
    score = log_strengths(np.array([[0.0, 3.0], [1.0, 0.0]]))
    s = float(np.exp(score[0]))
    assert score[0] == pytest.approx(-score[1])
    assert 4 / (1 + s**-2) + 1 / (1 + 1 / s) == pytest.approx(3.5, abs=1e-6)


def test_true_strengths_are_found() -> None:
    true = np.array([1.0, 0.0, -1.0])
    chance = 1 / (1 + np.exp(true[None, :] - true[:, None]))
    games = 100_000 * chance * (1 - np.eye(3))
    assert log_strengths(games) == pytest.approx(true, abs=1e-3)


def test_one_that_always_wins_stays_finite() -> None:
    score = log_strengths(np.array([[0.0, 50.0], [0.0, 0.0]]))
    assert np.isfinite(score).all() and score[0] - score[1] > 3


def test_votes_on_either_side_ties_and_skips() -> None:
    items = {f"{m}{c}": Item(f"{m}{c}", "", "", method=m, case=str(c)) for m in "xy" for c in range(20)}
    votes = []
    for case in range(20):
        left, right = ("x", "y") if case % 2 else ("y", "x")
        score: int | None = (1 if left == "x" else 2) if case < 12 else 0 if case < 16 else None
        votes.append(Vote(str(case), "ann", f"{left}{case}", f"{right}{case}", score))
    best, worst = strengths(votes, items, np.random.default_rng(0))
    assert (best.method, best.wins, best.ties, best.choices) == ("x", 12, 4, 16)
    assert (worst.method, worst.wins, worst.ties) == ("y", 0, 4)
    assert best.low <= best.score <= best.high and best.low > worst.high
    assert strengths([Vote("1", "ann", "x0", score=5)], items, np.random.default_rng(0)) == []
