"""A simple model that learns from the ratings, to sort what nobody has rated; the future work of Gen4Gen's section 5.

Ridge regression on standardised features. It is no judge: it says itself how well it agrees with ratings that it has
not seen, and where that is poor the order it gives is worth nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vivant.ranking.verdict import KEPT

Array = npt.NDArray[np.float64]
PENALTIES = tuple(10.0**power for power in np.arange(-1.0, 4.5, 0.5))
FOLDS = 5
LEAST = 20
"""Ratings; fewer than four a fold cannot tell a model from chance."""
RESAMPLES = 1000


@dataclass(frozen=True)
class Model:
    """rating = bias + weights . terms of the features.

    Attributes:
        mean, scale: [features].
        weights: [2 x features], of `terms`.
        bias: the mean rating.
        penalty: what the weights were held down by.
    """

    mean: Array
    scale: Array
    weights: Array
    bias: float
    penalty: float

    def predict(self, features: Array) -> Array:
        """[items] ratings from [items, features], within 1 to 5."""
        return np.clip(self.bias + terms(features, self.mean, self.scale) @ self.weights, 1.0, 5.0)


def terms(features: Array, mean: Array, scale: Array) -> Array:
    """Standardised features and their squares: too dark is as bad as too bright.

    Returns:
        [items, 2 x features]; a feature is held to 3 standard deviations, so that a stray one does not rule.
    """
    standard = np.clip((features - mean) / scale, -3.0, 3.0)
    return np.concatenate([standard, standard**2 - 1.0], axis=1)


@dataclass(frozen=True)
class HeldOut:
    """How the model does on ratings that it was not fitted to.

    Attributes:
        pictures: how many.
        correlation: Spearman's, of predicted and given ratings; 0 is no better than shuffling.
        low, high: 95 % of it when pictures are drawn again with replacement.
        error: mean distance of predicted and given ratings.
        error_of_mean: the same of always saying the mean.
        kept: share of pictures for which "4 or better" is said rightly.
        kept_of_most: the same of always saying what holds for most.
    """

    pictures: int
    correlation: float
    low: float
    high: float
    error: float
    error_of_mean: float
    kept: float
    kept_of_most: float


def fit(features: Array, ratings: Array) -> Model:
    """Ridge regression; the penalty is the one that leaves the smallest error when each rating is left out in turn.

    Args:
        features: [items, features].
        ratings: [items], at least two.
    """
    mean, scale = features.mean(axis=0), features.std(axis=0)
    scale = np.where(scale > 1e-9, scale, 1.0)
    design, bias = terms(features, mean, scale), float(ratings.mean())
    left, values, right = np.linalg.svd(design, full_matrices=False)
    target = left.T @ (ratings - bias)
    best: tuple[float, float] | None = None
    for penalty in PENALTIES:
        shrink = values**2 / (values**2 + penalty)
        # The hat matrix gives every leave-one-out residual without a second fit; 1/n is the part of the bias.
        leverage = (left**2 @ shrink) + 1.0 / len(ratings)
        residual = (ratings - bias - left @ (shrink * target)) / np.maximum(1e-6, 1.0 - leverage)
        error = float((residual**2).mean())
        if best is None or error < best[0]:
            best = error, penalty
    assert best is not None
    weights = right.T @ (values / (values**2 + best[1]) * target)
    return Model(mean, scale, weights, bias, best[1])


def held_out(features: Array, ratings: Array, rng: np.random.Generator) -> HeldOut | None:
    """Fit on four fifths, predict the fifth one, five times; None with fewer than `LEAST` ratings or a single rank.

    Args:
        features: [items, features].
        ratings: [items].
        rng: deals the items to the folds and draws them for the interval.
    """
    count = len(ratings)
    if count < LEAST or np.ptp(ratings) == 0:
        return None
    fold = rng.permutation(count) % FOLDS
    guess, plain = np.empty(count), np.empty(count)
    for number in range(FOLDS):
        out = fold == number
        guess[out] = fit(features[~out], ratings[~out]).predict(features[out])
        plain[out] = ratings[~out].mean()
    draws = rng.integers(0, count, (RESAMPLES, count))
    low, high = np.quantile([rank_correlation(guess[draw], ratings[draw]) for draw in draws], [0.025, 0.975])
    good = ratings >= KEPT
    return HeldOut(
        pictures=count,
        correlation=rank_correlation(guess, ratings),
        low=float(low),
        high=float(high),
        error=float(np.abs(guess - ratings).mean()),
        error_of_mean=float(np.abs(plain - ratings).mean()),
        kept=float(((guess >= KEPT - 0.5) == good).mean()),
        kept_of_most=float(max(good.mean(), 1.0 - good.mean())),
    )


def predictions(keys: Sequence[str], features: Array, ranks: Mapping[str, int]) -> dict[str, float]:
    """key -> predicted rating of every item that has none; empty with fewer than `LEAST` ratings."""
    rated = np.array([key in ranks for key in keys])
    if rated.sum() < LEAST:
        return {}
    given = np.array([ranks[key] for key in keys if key in ranks], dtype=np.float64)
    model = fit(features[rated], given)
    guess = model.predict(features)
    return {key: float(guess[index]) for index, key in enumerate(keys) if key not in ranks}


def rank_correlation(one: Array, other: Array) -> float:
    """Spearman's, ties sharing their mean rank; 0 where one of them does not vary."""
    a, b = _ranks(one), _ranks(other)
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float((a * b).sum()) / size if size > 0 else 0.0


def _ranks(values: Array) -> Array:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts).astype(np.float64)
    middle: Array = ends - (counts - 1) / 2.0
    return middle[inverse]
