"""Several rounds of one segmenter over a photo, as Gen4Gen does with its saliency detector (section 3.2).

Each round sees the crop around what the round before found, so that the subject fills the picture and gets all of the
detector's resolution; where the detector gives a soft matte, what the round before called background is painted over
with the crop's mean background colour, so that a second object cannot come back. A round that throws away most of the
subject is not believed, and ends the rounds.
"""

from __future__ import annotations

import cv2
import numpy as np

from vivant.data.segment.masks import bounds, is_hard, overlap
from vivant.data.segment.segmenter import Confident, Segmenter
from vivant.types import Image, Mask

CROP_MARGIN = 0.15
"""Room around the subject in the next round's crop, as a fraction of its longer side."""
KEEP_MARGIN = 0.03
"""How far beyond the mask of the round before the photo stays visible."""
BELIEVABLE = 0.6
"""Least overlap of a round's mask with the one before; below it the round has lost the subject."""


class InRounds:
    """A segmenter that looks again at what it found.

    Args:
        inner: the segmenter.
        rounds: passes in all, at least 1.
    """

    def __init__(self, inner: Segmenter, rounds: int) -> None:
        self.name = inner.name
        self._inner = inner
        self._rounds = rounds

    def __call__(self, image: Image) -> Mask:
        """HW uint8 mask of HWC uint8 RGB."""
        return self.with_confidence(image)[0]

    def with_confidence(self, image: Image) -> tuple[Mask, float]:
        """The last round's mask, and its confidence times the agreement of the last two rounds."""
        mask, confidence = self._look(image)
        for _ in range(self._rounds - 1):
            box = _crop_box(mask)
            if box is None:
                break
            left, top, right, bottom = box
            part = np.s_[top:bottom, left:right]
            found, belief = self._look(_without_background(image[part], mask[part]))
            again = np.zeros_like(mask)
            again[part] = found
            agreement = overlap((mask > 127).astype(np.uint8), (again > 127).astype(np.uint8))
            if agreement < BELIEVABLE:
                break
            mask, confidence = again, belief * agreement
        return mask, confidence

    def _look(self, image: Image) -> tuple[Mask, float]:
        if isinstance(self._inner, Confident):
            return self._inner.with_confidence(image)
        return self._inner(image), 1.0


def _crop_box(mask: Mask) -> tuple[int, int, int, int] | None:
    box = bounds((mask > 127).astype(np.uint8))
    if box is None:
        return None
    left, top, right, bottom = box
    margin = round(CROP_MARGIN * max(right - left, bottom - top))
    height, width = mask.shape
    return max(0, left - margin), max(0, top - margin), min(width, right + margin), min(height, bottom + margin)


def _without_background(crop: Image, mask: Mask) -> Image:
    """Paint over what is far from the mask; a hard mask comes from colours and needs the background to tell apart."""
    if is_hard(mask):
        return np.ascontiguousarray(crop)
    size = 2 * max(1, round(KEEP_MARGIN * max(mask.shape))) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    keep = cv2.GaussianBlur(cv2.dilate(mask, disc), (0, 0), size / 4).astype(np.float32)[..., None] / 255.0
    outside = crop[mask < 12]
    colour = outside.mean(axis=0) if len(outside) else np.full(3, 127.0)
    return np.asarray(np.round(crop * keep + colour * (1 - keep)), dtype=np.uint8)
