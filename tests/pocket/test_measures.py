from typing import Any

import numpy as np
import pytest

from vivant.pocket.measures import (
    Found,
    average_precision,
    bootstrapped,
    match,
    mean_average_precision,
    overlap,
    pooled,
    proportion,
)


def boxes(*rows: Any) -> Any:
    return np.array(rows, np.float32).reshape(-1, 4)


def test_wilson_interval_of_eight_in_ten():
    found = proportion([True] * 8 + [False] * 2)
    assert (found.value, found.count) == (0.8, 10)
    assert found.low == pytest.approx(0.4902, abs=1e-4) and found.high == pytest.approx(0.9433, abs=1e-4)
    sure = proportion([True] * 10)
    assert sure.high == pytest.approx(1.0) and sure.low == pytest.approx(0.7225, abs=1e-4)
    assert np.isnan(proportion([]).value)


def test_overlap_by_hand():
    found = overlap(boxes([0, 0, 2, 2]), boxes([1, 1, 3, 3], [0, 0, 2, 1], [5, 5, 6, 6]))
    np.testing.assert_allclose(found, [[1 / 7, 1 / 2, 0]], rtol=1e-6)


def test_a_second_detection_of_a_box_is_wrong():
    found = match(boxes([0, 0, 1, 1], [0, 0, 1, 0.9], [3, 3, 4, 4]), np.array([0.5, 0.9, 0.8]), boxes([0, 0, 1, 1]))
    assert found.hits.tolist() == [False, True, False] and found.truths == 1


def test_average_precision_by_hand():
    # By score: hit, miss, hit, and one truth never found: (1 + 2/3) / 3.
    parts = [
        Found(np.array([0.9, 0.7], np.float32), np.array([True, True]), 2),
        Found(np.array([0.8], np.float32), np.array([False]), 1),
    ]
    assert average_precision(parts) == pytest.approx(5 / 9)
    # A late miss costs nothing; a precision that rises again counts as the later, higher one.
    hits = np.array([False, True, True, False])
    assert average_precision([Found(np.array([4.0, 3, 2, 1], np.float32), hits, 2)]) == pytest.approx(2 / 3)
    assert np.isnan(average_precision([Found(np.zeros(0, np.float32), np.zeros(0, np.bool_), 0)]))


def test_the_mean_leaves_out_classes_that_are_nowhere():
    none = Found(np.zeros(0, np.float32), np.zeros(0, np.bool_), 0)
    perfect = Found(np.ones(1, np.float32), np.ones(1, np.bool_), 1)
    missed = Found(np.zeros(0, np.float32), np.zeros(0, np.bool_), 1)
    found = mean_average_precision([[perfect, none], [missed, none]], seed=0)
    assert found.value == 0.5 and found.low <= 0.5 <= found.high


def test_items_of_a_picture_are_resampled_together():
    parts = [np.ones(50, np.bool_), np.zeros(50, np.bool_)] * 5
    found = pooled(parts, seed=0)
    assert found.value == 0.5 and found.count == 10
    assert found.high - found.low > 0.3  # ten pictures, not 500 points


def test_bootstrap_is_seeded_and_brackets_the_mean():
    values = np.random.default_rng(1).normal(3.0, 1.0, 200)
    first, again = (bootstrapped(200, lambda rows: float(values[rows].mean()), seed=4) for _ in range(2))
    assert first == again
    assert first.low < first.value < first.high and first.high - first.low == pytest.approx(0.28, abs=0.06)
