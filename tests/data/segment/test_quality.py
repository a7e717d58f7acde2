"""The verdict: each measure means what it says, and each kind of bad cutout is refused with its reason."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.data.segment.scenes import toy_on_table
from vivant.data.segment.quality import find_cut_sides, judge, measure
from vivant.settings.segment import VerdictSettings
from vivant.types import CutoutQuality, Mask

LIMITS = VerdictSettings()


def verdict(mask: Mask, confidence: float = 1.0) -> CutoutQuality:
    image, _ = toy_on_table()
    return judge(measure(image, mask, confidence), find_cut_sides(mask), LIMITS)


def test_the_truth_is_accepted() -> None:
    _, truth = toy_on_table()
    quality = verdict(truth)
    assert quality.accepted
    assert quality.reasons == ()
    assert quality.area == pytest.approx((truth > 0).mean(), abs=0.01)
    assert (quality.parts, quality.holes, quality.border_cut) == (1, 0.0, 0.0)
    assert quality.edge_sharpness > 0.8


def grown(mask: Mask, pixels: int) -> Mask:
    kernel = np.ones((abs(pixels), abs(pixels)), np.uint8)
    return np.asarray(cv2.dilate(mask, kernel) if pixels > 0 else cv2.erode(mask, kernel), dtype=np.uint8)


def bad_masks() -> dict[str, tuple[Mask, str]]:
    _, truth = toy_on_table()
    grey = truth.copy()
    grey[:, 120:] //= 2
    pieces = truth.copy()
    pieces[:, 100:110] = 0
    pieces[100:108] = 0
    holes = truth.copy()
    cv2.circle(holes, (120, 110), 34, 0, -1)
    right = np.zeros_like(truth)
    right[:, 20:] = 255
    return {
        "nothing": (np.zeros_like(truth), "no subject"),
        "everything": (np.full_like(truth, 255), "nearly the whole photo"),
        "a speck": (cv2.circle(np.zeros_like(truth), (120, 100), 5, 255, -1).astype(np.uint8), "too small"),
        "too large": (grown(truth, 25), "follows no edge"),
        "too small": (grown(truth, -25), "follows no edge"),
        "half grey": (grey, "half transparent"),
        "in pieces": (pieces, "pieces"),
        "mostly hole": (holes, "holes"),
        "cut by the border": (right, "border cuts"),
        "shifted": (np.roll(truth, 40, axis=1), "follows no edge"),
    }


@pytest.mark.parametrize("name", list(bad_masks()))
def test_bad_masks_are_refused_with_the_reason(name: str) -> None:
    mask, reason = bad_masks()[name]
    quality = verdict(mask)
    assert not quality.accepted
    assert any(reason in line for line in quality.reasons), quality.reasons


def test_a_doubtful_segmenter_is_not_believed() -> None:
    _, truth = toy_on_table()
    quality = verdict(truth, confidence=LIMITS.min_confidence - 0.01)
    assert not quality.accepted
    assert "not sure" in quality.reasons[0]


def test_cut_by_the_bottom_alone_is_fine() -> None:
    image, truth = toy_on_table()
    image, truth = image[:150], truth[:150]
    sides = find_cut_sides(truth)
    assert sides == {"bottom"}
    assert judge(measure(image, truth, 1.0), sides, LIMITS).accepted


def test_measures_do_not_depend_on_the_size() -> None:
    image, truth = toy_on_table()
    large = np.asarray(cv2.resize(image, None, fx=3, fy=3), dtype=np.uint8)
    mask = np.asarray(cv2.resize(truth, None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST), dtype=np.uint8)
    one, other = measure(image, truth, 1.0), measure(large, mask, 1.0)
    assert one.area == pytest.approx(other.area, abs=0.01)
    assert one.edge_sharpness == pytest.approx(other.edge_sharpness, abs=0.1)
