"""Krippendorff's alpha against the example that he prints, and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from vivant.ranking.agreement import agreement, ordinal_alpha

# "Computing Krippendorff's Alpha-Reliability" (2011), section C: four observers, twelve units, gaps. A row an observer.
PRINTED = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3),
    (None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None),
)


def test_the_printed_example() -> None:
    units = [[value for value in unit if value is not None] for unit in zip(*PRINTED, strict=True)]
    assert ordinal_alpha(units) == pytest.approx(0.815, abs=5e-4)


def test_by_hand() -> None:
    # Two units, values 1 1 | 1 2: n_1 = 3, n_2 = 1, so the difference is ((3 + 1) / 2)^2 = 4. Observed: one ordered
    # pair each way, 2 x 4 = 8. Expected: 2 x 3 x 1 x 4 / 3 = 8. Alpha is 0.
    assert ordinal_alpha([[1, 1], [1, 2]]) == pytest.approx(0.0)


def test_the_ends() -> None:
    assert ordinal_alpha([[1, 1], [3, 3], [5, 5]]) == pytest.approx(1.0)
    assert ordinal_alpha([[1, 5], [5, 1]]) < 0  # type: ignore[operator]
    assert ordinal_alpha([[4, 4], [4, 4]]) is None and ordinal_alpha([[1], [2]]) is None and ordinal_alpha([]) is None


def test_near_misses_cost_less_than_far_ones() -> None:
    ground = [[n, n] for n in (1, 2, 3, 4, 5)]
    near, far = ordinal_alpha([*ground, [3, 4]]), ordinal_alpha([*ground, [1, 5]])
    assert near is not None and far is not None and far < near < 1


def test_raters_at_random_agree_by_nothing_and_the_interval_says_so() -> None:
    dice = np.random.default_rng(0)
    given = {str(n): {rater: int(dice.integers(1, 6)) for rater in ("ann", "ben", "cleo")} for n in range(200)}
    found = agreement(given, np.random.default_rng(1))
    assert found.alpha is not None and found.low is not None and found.high is not None
    assert found.low < 0 < found.high and abs(found.alpha) < 0.1 and found.pictures == 200
    assert agreement({"a": {"ann": 3}}, dice).alpha is None
