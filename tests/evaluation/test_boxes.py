from typing import Any

import numpy as np

from vivant.evaluation.boxes import cut_out, overlap, squared, without_doubles


def boxes(*rows: Any) -> Any:
    return np.array(rows, np.float32).reshape(-1, 4)


def test_overlap_by_hand():
    found = overlap(boxes([0, 0, 2, 2]), boxes([1, 1, 3, 3], [0, 0, 2, 1], [5, 5, 6, 6]))
    np.testing.assert_allclose(found, [[1 / 7, 1 / 2, 0]], rtol=1e-6)


def test_of_doubles_the_surest_stays():
    found = boxes([0, 0, 1, 1], [0, 0, 1, 0.9], [0, 0, 1, 0.9], [0, 0, 0.5, 0.5])
    scores, labels = np.array([0.5, 0.9, 0.8, 0.7], np.float32), np.array([0, 0, 1, 0])
    assert without_doubles(found, scores, labels, 0.6) == [1, 2, 3]
    assert without_doubles(boxes(), scores[:0], labels[:0], 0.6) == []


def test_cut_out_takes_every_pixel_that_is_touched():
    image = np.arange(8 * 4 * 3, dtype=np.uint8).reshape(8, 4, 3)
    assert cut_out(image, boxes([0.25, 0.25, 0.75, 0.75])[0]).tolist() == image[2:6, 1:3].tolist()
    assert cut_out(image, boxes([0.3, 0.3, 0.7, 0.7])[0]).shape == (4, 2, 3)
    assert cut_out(image, boxes([0.5, 0.5, 0.5, 0.5])[0]).tolist() == image[4:5, 2:3].tolist()
    assert cut_out(image, boxes([-1, -1, 2, 2])[0]).tolist() == image.tolist()
    assert cut_out(image, boxes([1, 1, 1, 1])[0]).tolist() == image[7:, 3:].tolist()


def test_squared_is_a_square_of_pixels_around_the_same_middle():
    np.testing.assert_allclose(squared(boxes([0.2, 0.4, 0.6, 0.6])[0], 100, 200), [0.2, 0.1, 0.6, 0.9], atol=1e-6)
