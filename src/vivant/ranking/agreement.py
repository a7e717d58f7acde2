"""How far raters agree: Krippendorff's alpha for ordered categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RESAMPLES = 1000
"""For the interval; its ends move by about one hundredth from seed to seed."""


@dataclass(frozen=True)
class Agreement:
    """Alpha and what it stands on.

    Attributes:
        alpha: 1 is perfect, 0 what chance gives, below 0 worse than chance; None where nothing can be compared.
        low, high: 95 % of the alphas of pictures drawn again with replacement.
        pictures: how many two raters or more have rated.
    """

    alpha: float | None
    low: float | None
    high: float | None
    pictures: int


def agreement(ratings: Mapping[str, Mapping[str, int]], rng: np.random.Generator) -> Agreement:
    """Alpha over all pictures that two raters or more have rated, with an interval.

    Args:
        ratings: key -> rater -> rating.
        rng: draws the pictures for the interval.
    """
    units = [list(given.values()) for given in ratings.values() if len(given) >= 2]
    alpha = ordinal_alpha(units)
    if alpha is None:
        return Agreement(None, None, None, len(units))
    chosen = rng.integers(0, len(units), (RESAMPLES, len(units)))
    draws = (ordinal_alpha([units[index] for index in row]) for row in chosen)
    found = np.array([draw for draw in draws if draw is not None])
    low, high = np.quantile(found, [0.025, 0.975])
    return Agreement(alpha, float(low), float(high), len(units))


def ordinal_alpha(units: Sequence[Sequence[int]]) -> float | None:
    """Krippendorff's alpha = 1 - D_observed / D_expected, with the ordinal difference.

    The difference of categories c < k is the square of the number of values from c to k, those at the ends counted half
    (Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011, section E).

    Args:
        units: the values that each unit got; a unit with fewer than two says nothing.

    Returns:
        At most 1; None where no two values can be compared, or all values are the same, so that chance cannot err.
    """
    paired = [unit for unit in units if len(unit) >= 2]
    values = sorted({value for unit in paired for value in unit})
    if len(values) < 2:
        return None
    counts = np.array([[unit.count(value) for value in values] for unit in paired], dtype=np.float64)
    sizes = counts.sum(axis=1)
    weights = 1.0 / (sizes - 1.0)
    coincidences = (counts * weights[:, None]).T @ counts - np.diag(weights @ counts)
    totals = coincidences.sum(axis=1)
    difference = _ordinal_difference(totals)
    expected = np.outer(totals, totals) - np.diag(totals)
    observed = float((coincidences * difference).sum())
    chance = float((expected * difference).sum()) / (float(totals.sum()) - 1.0)
    return 1.0 - observed / chance


def _ordinal_difference(totals: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """[values, values] from how often each value occurs."""
    ends = np.cumsum(totals) - totals / 2.0
    difference: npt.NDArray[np.float64] = (ends[None, :] - ends[:, None]) ** 2
    return difference
