"""Photo in, cutout out: soft edges, clean colours, the alpha of the file, and the sheet that shows it all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.segment.scenes import toy_on_table
from vivant.data.segment import build_segmenter, contact_sheet, segment
from vivant.data.segment.masks import bounds, decisiveness, fill_small_holes, main_part, overlap
from vivant.data.segment.matting import soften
from vivant.errors import ImageError
from vivant.settings.segment import SegmentSettings
from vivant.types import Cutout, Image, Mask

SETTINGS = SegmentSettings()
PHOTO = Path("photos/toy/01.jpg")


class Fixed:
    """Gives the mask that it was given."""

    name = "fixed"

    def __init__(self, mask: Mask) -> None:
        self._mask = mask

    def __call__(self, image: Image) -> Mask:
        return self._mask


class Never:
    """Must not be asked."""

    name = "never"

    def __call__(self, image: Image) -> Mask:
        raise AssertionError("the segmenter must not run")


def cut(image: Image, mask: Mask) -> Cutout:
    return segment("toy", PHOTO, image, Fixed(mask), SETTINGS)


def test_embedded_end_to_end() -> None:
    image, truth = toy_on_table()
    cutout = segment("toy", PHOTO, image, build_segmenter(SETTINGS), SETTINGS)
    assert cutout.quality.accepted, cutout.quality.reasons
    assert cutout.method == "grabcut"
    left, top, right, bottom = bounds(truth) or (0, 0, 0, 0)
    assert cutout.aspect == pytest.approx((right - left) / (bottom - top), rel=0.05)
    assert cutout.cut_sides == frozenset()


def test_an_alpha_that_is_there_is_taken_as_it_is() -> None:
    image, truth = toy_on_table()
    rgba = np.dstack([image, truth])

    cutout = segment("toy", PHOTO, rgba, Never(), SETTINGS)
    left, top, right, bottom = bounds(truth) or (0, 0, 0, 0)
    assert cutout.method == "alpha"
    assert cutout.quality.accepted
    assert np.array_equal(cutout.rgba, rgba[top:bottom, left:right])


def test_a_wholly_clear_file_is_refused() -> None:
    image, truth = toy_on_table()
    cutout = segment("toy", PHOTO, np.dstack([image, np.zeros_like(truth)]), Fixed(truth), SETTINGS)
    assert not cutout.quality.accepted
    assert cutout.rgba.shape == (1, 1, 4)


def test_nothing_found_is_a_rejected_cutout() -> None:
    image = np.full((48, 64, 3), 200, dtype=np.uint8)
    cutout = segment("toy", PHOTO, image, build_segmenter(SETTINGS), SETTINGS)
    assert not cutout.quality.accepted
    assert cutout.quality.reasons == ("no subject was found",)


def test_half_grey_matte_is_refused() -> None:
    image, truth = toy_on_table()
    matte = truth.copy()
    matte[:, 120:] = matte[:, 120:] // 2
    quality = cut(image, matte).quality
    assert not quality.accepted
    assert quality.grey_share > 0.4


def test_soft_edge_lies_at_the_edge_and_takes_no_background_along() -> None:
    image, truth = toy_on_table(480, 400)
    rgba = soften(image, truth, reach=4)
    alpha = rgba[..., 3]
    assert alpha[truth > 0].mean() > 240
    assert alpha[truth == 0].mean() < 3
    edge = (alpha > 60) & (alpha < 200)
    assert edge.any()
    red = rgba[edge].astype(np.float64)
    assert (red[:, 0] - red[:, 2]).mean() > 100  # the ground is bluer than red: none of it is left


def test_huge_photo_is_shrunk_first() -> None:
    image = np.zeros((3000, 4000, 3), dtype=np.uint8)
    image[..., 1] = 90
    image[800:2400, 1300:2700] = (200, 60, 40)
    cutout = segment("toy", PHOTO, image, build_segmenter(SETTINGS), SETTINGS)
    assert max(cutout.rgba.shape[:2]) <= SETTINGS.max_side
    assert cutout.quality.accepted, cutout.quality.reasons
    assert cutout.quality.area == pytest.approx(1600 * 1400 / 12e6, rel=0.05)


def test_bottom_cut_keeps_flush_with_the_border() -> None:
    image, truth = toy_on_table()
    cutout = cut(np.ascontiguousarray(image[:150]), np.ascontiguousarray(truth[:150]))
    assert cutout.cut_sides == {"bottom"}
    assert (cutout.rgba[-1, :, 3] > 127).mean() > 0.5


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 40), st.integers(2, 40), st.integers(0, 2**32 - 1))
def test_any_mask_gives_a_judged_cutout(width: int, height: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    mask = rng.integers(0, 256, (height, width), dtype=np.uint8)
    for matte in (mask, np.where(mask > 127, 255, 0).astype(np.uint8)):
        quality = cut(image, matte).quality
        assert quality.accepted == (not quality.reasons)


def test_masks() -> None:
    mask = np.zeros((20, 20), dtype=np.uint8)
    mask[2:12, 2:12] = 1
    mask[15:17, 15:17] = 1
    mask[5, 5] = 0
    main = main_part(mask)
    assert main[16, 16] == 0
    assert fill_small_holes(main, largest=0.05)[5, 5] == 1
    assert fill_small_holes(main, largest=0.001)[5, 5] == 0
    assert bounds(main) == (2, 2, 12, 12)
    assert bounds(np.zeros_like(mask)) is None
    assert overlap(main, main) == 1.0
    assert decisiveness(np.full((4, 4), 128, dtype=np.uint8)) < 0.01
    assert decisiveness(main * 255) == 1.0


def test_contact_sheet_shows_cutouts_rejects_and_missing_photos() -> None:
    image, truth = toy_on_table()
    good, bad = cut(image, truth), cut(image, np.roll(truth, 40, axis=1))

    def load(path: Path) -> Image:
        if path == PHOTO:
            return image
        raise ImageError(f"{path}: broken")

    gone = Cutout("toy", Path("gone.jpg"), good.rgba, good.quality, "fixed")
    rejects = [(Path("x/broken.jpg"), "the file is empty")]
    sheet = contact_sheet([good, bad, gone], rejects, load=load)
    assert sheet.ndim == 3
    assert sheet.dtype == np.uint8
    green = (np.abs(sheet.astype(int) - (44, 142, 78)).sum(axis=-1) < 12).sum()
    red = (np.abs(sheet.astype(int) - (196, 52, 46)).sum(axis=-1) < 12).sum()
    assert green > 1500
    assert red > 1500
    assert np.array_equal(
        sheet, contact_sheet([good, bad, gone], [(Path("x/broken.jpg"), "the file is empty")], load=load)
    )


def test_contact_sheet_of_nothing_and_of_very_many() -> None:
    assert contact_sheet([]).shape[2] == 3
    rejects = [(Path(f"x/{number}.jpg"), "no picture " * 40) for number in range(400)]
    assert contact_sheet([], rejects).shape[0] < 65_000


def test_the_mask_lies_where_the_subject_is():
    photo = np.full((60, 80, 4), 90, np.uint8)
    photo[..., 3] = 0
    photo[20:50, 10:40, 3] = 255
    settings = SegmentSettings()
    cutout = segment("toy", Path("a.png"), photo, build_segmenter(settings), settings)
    assert cutout.box.pixels(80, 60) == (10, 20, 40, 50)
    assert np.array_equal(cutout.mask(80, 60), photo[..., 3])
