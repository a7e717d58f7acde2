"""Whatever happens to the pixels happens to masks, boxes and keypoints."""

import numpy as np
import pytest

from tests.relations.triplets import write_small_relation
from vivant.relations.published import read_relation
from vivant.training.augment import (
    Augmentation,
    View,
    cropped,
    fitted,
    flipped,
    load_views,
    random_crop,
    random_views,
    resized,
    subject_crops,
)


def marked(width: int = 40, height: int = 24, seed: int = 0) -> View:
    """A picture whose keypoints are its only bright pixels, each of its own colour; the mask is where they are."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((height, width, 3), dtype=np.uint8)
    spots = rng.permutation(width * height)[:17]
    rows, columns = spots // width, spots % width
    for number, (row, column) in enumerate(zip(rows, columns, strict=True)):
        picture[row, column] = 100 + number
    mask = np.where(picture[..., 0] > 0, 255, 0).astype(np.uint8)
    points = np.stack([(columns + 0.5) / width, (rows + 0.5) / height, np.ones(17)], axis=1)
    box = [columns.min() / width, rows.min() / height, (columns.max() + 1) / width, (rows.max() + 1) / height]
    return View(picture, mask[None], np.array([box], np.float32), points[None].astype(np.float32))


def assert_points_at_their_marks(view: View) -> int:
    """Each visible keypoint lies on the pixel of its own colour, in the mask and in the box; how many are visible."""
    height, width = view.picture.shape[:2]
    for number, (x, y, seen) in enumerate(view.keypoints[0]):
        if seen:
            row, column = min(height - 1, int(y * height)), min(width - 1, int(x * width))
            assert view.picture[row, column, 0] == 100 + number
            assert view.masks[0, row, column] == 255
            x0, y0, x1, y1 = view.boxes[0]
            assert x0 <= x <= x1
            assert y0 <= y <= y1
    return int(view.keypoints[0, :, 2].sum())


def test_a_flip_moves_everything_and_keeps_the_indices():
    view = marked()
    mirrored = flipped(view)
    assert assert_points_at_their_marks(mirrored) == 17
    assert (mirrored.picture == view.picture[:, ::-1]).all()
    again = flipped(mirrored)
    assert (again.picture == view.picture).all()
    assert np.allclose(again.keypoints, view.keypoints, atol=1e-6)
    assert np.allclose(again.boxes, view.boxes, atol=1e-6)


def test_a_point_on_the_edge_flips_to_the_other_edge():
    view = marked()
    view.keypoints[0, 0] = (1.0, 1.0, 1.0)
    assert flipped(view).keypoints[0, 0].tolist() == [0.0, 1.0, 1.0]


def test_a_crop_moves_everything_and_hides_what_it_loses():
    view = marked()
    part = cropped(view, left=10, top=4, width=20, height=16)
    seen = assert_points_at_their_marks(part)
    x, y = view.keypoints[0, :, 0] * 40, view.keypoints[0, :, 1] * 24
    inside = (x > 10) & (x < 30) & (y > 4) & (y < 20)
    assert part.keypoints[0, :, 2].tolist() == inside.astype(float).tolist()
    assert 0 < seen < 17
    assert part.picture.shape == (16, 20, 3)
    assert part.keypoints[..., :2].min() >= 0
    assert part.keypoints[..., :2].max() <= 1


def test_a_box_outside_of_the_crop_covers_nothing():
    view = marked()
    view.boxes[0] = (0.0, 0.0, 0.1, 1.0)
    x0, _, x1, _ = cropped(view, left=20, top=0, width=20, height=24).boxes[0]
    assert x0 == x1 == 0.0


def test_hidden_keypoints_stay_hidden():
    view = marked()
    view.keypoints[0, 3, 2] = 0.0
    assert cropped(flipped(view), 0, 0, 40, 24).keypoints[0, 3, 2] == 0.0


def test_resizing_keeps_fractions_and_enlarges_the_mask():
    larger = resized(marked(), 80, 48)
    assert larger.picture.shape == (48, 80, 3)
    assert larger.masks.shape == (1, 48, 80)
    assert (larger.keypoints == marked().keypoints).all()


@pytest.mark.parametrize("size", [(20, 20), (40, 10), (12, 24)])
def test_fitting_another_shape_cuts_and_never_distorts(size):
    width, height = size
    before, after = marked(), fitted(marked(), width, height)
    assert after.picture.shape[:2] == (height, width)
    seen = after.keypoints[0, :, 2] > 0
    spreads = [np.ptp(view.keypoints[0, seen, :2] * view.picture.shape[1::-1], axis=0) for view in (before, after)]
    across, down = spreads[1] / spreads[0]
    assert across == pytest.approx(down, rel=0.02)


def test_random_crops_keep_the_subjects_and_vary():
    view = marked()
    view.masks[:] = 0
    view.masks[0, 8:16, 14:26] = 255
    how = Augmentation(crop=0.6, keep=1.0)
    rng = np.random.default_rng(0)
    views = [random_crop(view, rng, how, 40, 24) for _ in range(8)]
    assert len({one.keypoints.tobytes() for one in views}) == 8
    for one in views:
        x0, x1 = one.masks[0].max(axis=0).nonzero()[0][[0, -1]]
        assert x1 - x0 >= 11


def test_a_subject_that_fills_the_picture_is_not_cut():
    view = marked()
    view.masks[:] = 255
    found = random_crop(view, np.random.default_rng(0), Augmentation(crop=0.5, keep=0.999), 40, 24)
    assert (found.picture == view.picture).all()


def test_a_sample_is_mirrored_whole_or_not_at_all():
    target, concept = marked(seed=1), marked(seed=2)
    always, never = Augmentation(flip=1.0, crop=1.0), Augmentation(flip=0.0, crop=1.0)
    first, (second,) = random_views(target, (concept,), np.random.default_rng(0), always, 40, 24)
    assert (first.picture == target.picture[:, ::-1]).all()
    assert (second.picture == concept.picture[:, ::-1]).all()
    assert assert_points_at_their_marks(first) == assert_points_at_their_marks(second) == 17
    first, (second,) = random_views(target, (concept,), np.random.default_rng(0), never, 40, 24)
    assert (first.picture == target.picture).all()
    assert (second.picture == concept.picture).all()


def test_the_same_seed_gives_the_same_view():
    one, other = (
        random_views(marked(), (marked(seed=2),), np.random.default_rng(3), Augmentation(), 20, 20)[0] for _ in range(2)
    )
    assert (one.picture == other.picture).all()
    assert (one.keypoints == other.keypoints).all()


def test_views_of_a_triplet(tmp_path):
    triplet = read_relation(write_small_relation(tmp_path, count=1))[0]
    target, concepts = load_views(triplet)
    assert target.masks.shape == (2, 32, 64)
    assert target.keypoints.shape == (2, 17, 3)
    assert target.boxes[1].tolist() == pytest.approx(triplet.subjects[1].box.as_tuple())
    assert [one.keypoints.shape for one in concepts] == [(1, 17, 3)] * 2
    small = fitted(concepts[0], 16, 16)
    assert small.picture.shape == (16, 16, 3)
    assert small.masks.shape == (0, 16, 16)


def test_subjects_are_cut_out_with_their_keypoints():
    picture = np.zeros((60, 100, 3), dtype=np.uint8)
    picture[10:40, 50:70] = 255
    points = np.zeros((1, 17, 3), dtype=np.float32)
    points[0, :, :] = (0.6, 25 / 60, 1.0)
    boxes = np.array([[0.5, 10 / 60, 0.7, 40 / 60]], dtype=np.float32)
    (crop,) = subject_crops(View(picture, np.zeros((0, 60, 100), np.uint8), boxes, points), 64, 64)
    assert crop.picture.shape == (33, 33, 3)  # the longer side, a tenth more, and square
    assert crop.picture[16, 16, 0] == 255 and (crop.picture == 255).sum() == 3 * 30 * 20
    assert crop.keypoints[0, 0, :2] == pytest.approx([0.5, 0.5], abs=0.05) and crop.keypoints[0, :, 2].all()


def test_a_crop_at_the_edge_stays_inside():
    picture = np.arange(60 * 100 * 3, dtype=np.uint32).reshape(60, 100, 3).astype(np.uint8)
    boxes = np.array([[0.0, 0.0, 0.3, 1.0], [0.9, 0.9, 1.0, 1.0]], dtype=np.float32)
    view = View(picture, np.zeros((0, 60, 100), np.uint8), boxes, np.ones((2, 17, 3), np.float32))
    first, second = subject_crops(view, 128, 64)
    assert first.picture.shape == (60, 100, 3)
    assert second.picture.shape[0] == 16 and second.picture.shape[1] == 32
    assert np.array_equal(second.picture, picture[-16:, -32:])
