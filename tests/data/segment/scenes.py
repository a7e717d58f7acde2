"""Drawn photos whose truth is known."""

from __future__ import annotations

import cv2
import numpy as np

from vivant.types import Image, Mask


def toy_on_table(width: int = 240, height: int = 200, seed: int = 0) -> tuple[Image, Mask]:
    """A red toy on a grainy grey-blue ground, and its mask (0 or 255)."""
    rng = np.random.default_rng(seed)
    image = np.empty((height, width, 3), dtype=np.float64)
    image[:] = (96, 110, 130)
    mask = np.zeros((height, width), dtype=np.uint8)
    centre = (width // 2, int(height * 0.55))
    cv2.ellipse(mask, centre, (width // 5, height // 4), 0, 0, 360, 255, -1)
    cv2.circle(mask, (centre[0], centre[1] - height // 4), height // 8, 255, -1)
    image[mask > 0] = (190, 50, 40)
    image += rng.normal(0, 6, image.shape)
    smooth = cv2.GaussianBlur(np.clip(image, 0, 255), (0, 0), 0.8)
    return smooth.astype(np.uint8), mask


def iou(one: Mask, other: Mask) -> float:
    """Of two masks, thresholded in the middle."""
    a, b = one > 127, other > 127
    return float((a & b).sum() / max(1, (a | b).sum()))
