"""Values with their uncertainty, and whether one method is better than another on the same cases. NumPy only."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Z95 = 1.959964
"""Two-sided 95 % of the normal distribution."""
RESAMPLES = 400
MEAN_RESAMPLES = 2000
"""Of means, which cost next to nothing."""
EXACT_UP_TO = 14
"""Cases: all 2^14 ways to swap two methods are tried, more are drawn at random."""
SWAPS = 20_000

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A measured value.

    Attributes:
        value: the point estimate; nan where nothing was measured.
        low, high: 95 % interval.
        count: items that it was measured on.
    """

    value: float
    low: float
    high: float
    count: int


UNMEASURED = Estimate(float("nan"), float("nan"), float("nan"), 0)


def proportion(right: Sequence[bool] | NDArray[np.bool_]) -> Estimate:
    """Share of items that are right, with Wilson's interval."""
    count = len(right)
    if not count:
        return UNMEASURED
    share = float(np.mean(right))
    spread = Z95 * sqrt(share * (1.0 - share) / count + Z95**2 / (4.0 * count**2))
    middle, scale = share + Z95**2 / (2.0 * count), 1.0 + Z95**2 / count
    return Estimate(share, max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale), count)


def bootstrapped(count: int, measure: Callable[[NDArray[np.int64]], float], seed: int) -> Estimate:
    """A measure of all pictures, with the 2.5 % and 97.5 % quantiles over resampled pictures.

    Args:
        count: pictures.
        measure: their numbers, some several times -> the measure.
        seed: of the resampling.
    """
    if not count:
        return UNMEASURED
    rng = np.random.default_rng(seed)
    values = [measure(rng.integers(0, count, count)) for _ in range(RESAMPLES)]
    low, high = np.nanquantile(values, (0.025, 0.975))
    return Estimate(measure(np.arange(count)), float(low), float(high), count)


def pooled(parts: Sequence[NDArray[np.bool_]], seed: int) -> Estimate:
    """Share of right items over all pictures, resampled by picture: items of one picture are not independent."""
    right = np.array([part.sum() for part in parts], dtype=np.float64)
    total = np.array([len(part) for part in parts], dtype=np.float64)

    def share(rows: NDArray[np.int64]) -> float:
        items = total[rows].sum()
        return float(right[rows].sum() / items) if items else float("nan")

    return bootstrapped(len(parts), share, seed)


def mean(values: Sequence[float] | Floats, cases: Sequence[Hashable], seed: int) -> Estimate:
    """Mean over pictures, with an interval by resampling cases: pictures of one case are not independent.

    Args:
        values: one a picture.
        cases: whose picture each is.
        seed: of the resampling.

    Returns:
        `count` is the number of pictures. With a single case there is no interval, and its ends are nan.
    """
    if not len(values):
        return UNMEASURED
    sums, counts = _by_case(values, cases)
    value = float(sums.sum() / counts.sum())
    if len(sums) == 1:
        return Estimate(value, float("nan"), float("nan"), len(values))
    rows = np.random.default_rng(seed).integers(0, len(sums), (MEAN_RESAMPLES, len(sums)))
    low, high = np.quantile(sums[rows].sum(axis=1) / counts[rows].sum(axis=1), (0.025, 0.975))
    return Estimate(value, float(low), float(high), len(values))


@dataclass(frozen=True)
class Comparison:
    """One method against another on the cases that both have.

    Attributes:
        difference: mean over cases of the first one's score minus the second one's, with its interval.
        p_value: two-sided: how often chance alone gives as large a difference.
        wins: share of cases in which the first one scores higher; a tie counts half.
    """

    difference: Estimate
    p_value: float
    wins: float


def compare(first: Mapping[str, float], second: Mapping[str, float], seed: int) -> Comparison:
    """Test two methods on the same cases.

    The test swaps the two methods' scores in some of the cases, which changes nothing if they are equally good (the
    paired permutation test): all ways of swapping up to 14 cases, 20,000 random ones beyond.

    Args:
        first, second: a case's name -> its score (mean over its pictures). Cases that only one has are left out.
        seed: of resampling and swapping.

    Returns:
        nan everywhere without a common case.
    """
    common = sorted(first.keys() & second.keys())
    gaps = np.array([first[case] - second[case] for case in common])
    if not common:
        return Comparison(UNMEASURED, float("nan"), float("nan"))
    wins = float((gaps > 0).mean() + 0.5 * (gaps == 0).mean())
    return Comparison(mean(gaps, common, seed), _swapped(gaps, seed), wins)


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values of several tests at once, adjusted so that one false alarm among them stays unlikely (Holm, 1979)."""
    adjusted, worst = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(np.argsort(p_values, kind="stable")):
        worst = max(worst, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = worst
    return adjusted


def _by_case(values: Sequence[float] | Floats, cases: Sequence[Hashable]) -> tuple[Floats, Floats]:
    """Sum and number of the values of each case."""
    numbers: dict[Hashable, int] = {}
    rows = np.array([numbers.setdefault(case, len(numbers)) for case in cases])
    weights = np.asarray(values, dtype=np.float64)
    return np.asarray(np.bincount(rows, weights=weights), dtype=np.float64), np.bincount(rows).astype(np.float64)


def _swapped(gaps: Floats, seed: int) -> float:
    """Two-sided p-value of the mean gap under random signs; the observed signs count as one of them."""
    tolerance = 1e-12 * np.abs(gaps).sum()  # the same sum in another order
    observed = abs(gaps.sum()) - tolerance
    if len(gaps) <= EXACT_UP_TO:
        signs = np.array(list(product((1.0, -1.0), repeat=len(gaps))))
        return float((np.abs(signs @ gaps) >= observed).mean())
    rng, as_large = np.random.default_rng(seed), 1
    for start in range(0, SWAPS, 1000):  # in parts: a thousand cases at once would take 160 MB
        signs = rng.integers(0, 2, (min(1000, SWAPS - start), len(gaps))) * 2.0 - 1.0
        as_large += int((np.abs(signs @ gaps) >= observed).sum())
    return as_large / (SWAPS + 1)
