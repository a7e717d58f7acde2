from typing import Any

import numpy as np
import pytest

from vivant.pocket.measures import Found, average_precision, match, mean_average_precision


def boxes(*rows: Any) -> Any:
    return np.array(rows, np.float32).reshape(-1, 4)


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
