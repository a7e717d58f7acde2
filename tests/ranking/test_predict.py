"""The model that sorts the rest, and what it says of itself."""

from __future__ import annotations

import numpy as np
import pytest

from vivant.ranking.predict import LEAST, PENALTIES, fit, held_out, predictions, rank_correlation, terms


def made_up(count: int, noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Ratings that follow two of ten features."""
    rng = np.random.default_rng(seed)
    features = rng.normal(5.0, 3.0, (count, 10))
    hidden = 3.0 + (features[:, 0] - features[:, 1]) / 3.0 + noise * rng.normal(size=count)
    return features, np.clip(hidden.round(), 1, 5)


def test_leaving_one_out_is_what_it_says() -> None:
    features, ratings = made_up(25, 0.5)
    model = fit(features, ratings)
    design = terms(features, model.mean, model.scale)

    def error(penalty: float) -> float:
        found = []
        for out in range(25):
            rest = np.arange(25) != out
            # The bias is fitted with the weights; features keep the scale of all, as in `fit`.
            one = np.concatenate([np.ones((25, 1)), design], axis=1)
            hold = np.diag([0.0] + [penalty] * 20)
            weights = np.linalg.solve(one[rest].T @ one[rest] + hold, one[rest].T @ ratings[rest])
            found.append((one[out] @ weights - ratings[out]) ** 2)
        return float(np.mean(found))

    assert model.penalty == min(PENALTIES, key=error)


def test_it_learns_what_there_is_to_learn() -> None:
    found = held_out(*made_up(150, 0.3), np.random.default_rng(0))
    assert found is not None
    assert found.correlation > 0.85 and found.low > 0.75 and found.low <= found.correlation <= found.high
    assert found.error < 0.7 * found.error_of_mean and found.kept > found.kept_of_most + 0.1


def test_it_says_when_there_is_nothing() -> None:
    features, ratings = made_up(100, 0.3)
    found = held_out(features, np.random.default_rng(1).permutation(ratings), np.random.default_rng(0))
    assert found is not None and found.low < 0.0 and abs(found.correlation) < 0.3


def test_too_few_or_all_the_same_is_no_verdict() -> None:
    features, ratings = made_up(LEAST, 0.3)
    rng = np.random.default_rng(0)
    assert held_out(features[1:], ratings[1:], rng) is None
    assert held_out(features, np.full(LEAST, 4.0), rng) is None


def test_only_the_unrated_are_predicted_and_a_constant_feature_does_no_harm() -> None:
    features, ratings = made_up(60, 0.1)
    features = np.concatenate([features, np.full((60, 1), 7.0)], axis=1)
    keys = [str(number) for number in range(60)]
    ranks = {key: int(ratings[int(key)]) for key in keys[:40]}
    found = predictions(keys, features, ranks)
    assert sorted(found) == sorted(keys[40:]) and all(1.0 <= value <= 5.0 for value in found.values())
    assert rank_correlation(np.array([found[key] for key in keys[40:]]), ratings[40:]) > 0.8
    assert predictions(keys, features, dict.fromkeys(keys[: LEAST - 1], 3)) == {}


def test_rank_correlation_by_hand() -> None:
    # Ranks 1, 2.5, 2.5, 4 and 2, 1, 3.5, 3.5; around their mean 2.5 the products sum to 2.25, the squares to 4.5 each.
    one, other = np.array([1.0, 2.0, 2.0, 5.0]), np.array([3.0, 1.0, 4.0, 4.0])
    assert rank_correlation(one, other) == pytest.approx(0.5)
    assert rank_correlation(one, np.ones(4)) == 0.0
