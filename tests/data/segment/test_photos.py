"""Real photos against the masks of IS-Net, which are a reference and not the truth. Skipped where there are none."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.data.segment.scenes import iou
from vivant.data.segment import segment
from vivant.data.segment.grabcut import GrabCutSegmenter
from vivant.data.segment.quality import find_cut_sides, judge, measure
from vivant.images import fit_within, read_image
from vivant.settings.segment import SegmentSettings
from vivant.types import Cutout, Image, Mask

SHARED = Path(os.environ.get("VIVANT_SHARED", Path(__file__).parents[4] / "shared"))
REFERENCES = sorted((SHARED / "reference_masks").glob("*.png"))
SETTINGS = SegmentSettings()

pytestmark = pytest.mark.skipif(not REFERENCES, reason="the shared photos are not here")


@cache
def photo(name: str) -> Image:
    return fit_within(read_image(SHARED / "photos" / name / "01.jpg"), 640)


def reference(name: str) -> Mask:
    mask = read_image(SHARED / "reference_masks" / f"{name}.png")[..., 0]
    height, width = photo(name).shape[:2]
    return np.asarray(cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


class Remembering(GrabCutSegmenter):
    """Keeps the hard mask that the references are compared with."""

    mask: Mask

    def with_confidence(self, image: Image) -> tuple[Mask, float]:
        self.mask, confidence = super().with_confidence(image)
        return self.mask, confidence


@cache
def found(name: str) -> tuple[Cutout, float]:
    segmenter = Remembering()
    cutout = segment(name, Path(f"{name}.jpg"), photo(name), segmenter, SETTINGS)
    return cutout, iou(segmenter.mask, reference(name))


NAMES = [path.stem for path in REFERENCES]


def test_mean_overlap_with_the_references() -> None:
    overlaps = {name: found(name)[1] for name in NAMES}
    assert np.mean(list(overlaps.values())) >= 0.905, overlaps


@pytest.mark.parametrize("name", NAMES)
def test_what_is_accepted_is_good(name: str) -> None:
    cutout, overlap = found(name)
    assert not cutout.quality.accepted or overlap >= 0.7


def test_most_are_usable() -> None:
    assert sum(found(name)[0].quality.accepted for name in NAMES) >= 8


@pytest.mark.parametrize("name", ["cat", "teapot"])
def test_grey_backs_and_trays_do_not_pass(name: str) -> None:
    """IS-Net's own masks of these two are half sure of a back and of a tray."""
    mask = reference(name)
    quality = judge(measure(photo(name), mask, 1.0), find_cut_sides(mask), SETTINGS.verdict)
    assert not quality.accepted
    assert "half transparent" in quality.reasons[0]
