import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivant.evaluation.boxes import cut_out
from vivant.evaluation.copying import TOLERANCE, copy_paste, nearness, pixel_likeness, pose_likeness
from vivant.world import KEYPOINTS, perform, portrait, sample_individual
from vivant.world.script import Script

PAIRS = [(0, 1), (2, 3)]


def pose(*points: tuple[float, float]) -> Any:
    return np.array([(*point, 1.0) for point in points])


SQUARE = pose((0, 0), (2, 0), (0, 2), (2, 2), (1, 1))


def test_likeness_of_poses_by_hand():
    # The square's points are sqrt(2), the middle 0 away from the mean: size sqrt(4 * 2 / 5). One point off by d moves
    # the mean by d / 5 and the size a little; taken large enough, that point counts nothing and the others much.
    moved = SQUARE.copy()
    assert pose_likeness(SQUARE, moved, []) == pytest.approx(1.0)
    size = np.sqrt(8 / 5)
    moved[4, :2] += 1e-3 * size  # moves the mean by a fifth, on both axes
    squares = np.array([2 * (2e-4) ** 2] * 4 + [2 * (8e-4) ** 2])
    assert pose_likeness(SQUARE, moved, []) == pytest.approx(np.exp(-squares / (2 * TOLERANCE**2)).mean(), abs=1e-6)


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0.2, 5), st.booleans())
def test_place_size_and_side_of_a_pose_do_not_matter(x, y, scale, mirrored):
    rng = np.random.default_rng(0)
    points = np.column_stack([rng.uniform(size=(6, 2)), np.ones(6)])
    other = points.copy()
    if mirrored:
        other[:, 0] *= -1
        other = other[[1, 0, 3, 2, 4, 5]]
    other[:, :2] = other[:, :2] * scale + (x, y)
    assert pose_likeness(points, other, PAIRS) == pytest.approx(1.0)
    assert pose_likeness(points, rng.permutation(points), PAIRS) < 0.6


def test_poses_with_too_little_in_common():
    hidden = SQUARE.copy()
    hidden[0, 2] = 0.1
    assert np.isnan(pose_likeness(SQUARE, hidden, []))


def test_a_pasted_portrait_is_found_out_and_a_scene_is_not():
    one = sample_individual(random.Random(3), "fox")
    photo, scene = portrait(one, seed=1, size=128), perform(Script("dancing", (one,), "park", 5), 128)
    pairs = [
        (KEYPOINTS.index(name), KEYPOINTS.index(name.replace("left", "right"))) for name in KEYPOINTS if "left" in name
    ]
    cut = cut_out(photo.picture, photo.boxes[0])
    pasted = scene.picture.copy()
    pasted[128 - cut.shape[0] :, : cut.shape[1]] = np.clip(cut[:, ::-1] * 0.8 + 20, 0, 255).astype(np.uint8)
    again = pasted[128 - cut.shape[0] :, : cut.shape[1]]
    copied, anew = pixel_likeness(again, cut), pixel_likeness(cut_out(scene.picture, scene.boxes[0]), cut)
    assert copied > 0.9 and anew < 0.7
    poses = [pose_likeness(one.keypoints[0], photo.keypoints[0], pairs) for one in (photo, scene)]
    assert poses[0] == pytest.approx(1.0) and poses[1] < 0.6
    assert copy_paste(poses[:1], [copied]) > 0.9 and copy_paste(poses[1:], [anew]) < 0.5


def test_pixels_of_flat_crops_say_nothing():
    flat = np.full((20, 30, 3), 90, np.uint8)
    assert pixel_likeness(flat, flat) == 0.0


def test_a_copy_is_alike_in_pose_and_pixels_to_the_same_photo():
    assert copy_paste([0.9, 0.1], [0.1, 0.9]) == pytest.approx(0.3)
    assert copy_paste([0.9, 1.0], [0.1, 0.81]) == pytest.approx(0.9)
    assert copy_paste([float("nan")], [0.7]) == 0.7
    assert np.isnan(copy_paste([], []))


def test_nearness_by_hand():
    photos = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])
    # Nearest to the second photo, at 1 - 0.96; that one's nearest fellow is the third, at 1 - 0.8.
    assert nearness(np.array([0.8, 0.6]), photos) == pytest.approx(0.04 / 0.2)
    assert nearness(photos[0], photos) == pytest.approx(0.0)
    assert np.isnan(nearness(photos[0], photos[:1])) and np.isnan(nearness(photos[0], photos[[0, 0]]))
