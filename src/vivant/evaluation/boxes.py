"""Boxes of detectors: how far they overlap, which are doubles, and the pixels that they cut out."""

from __future__ import annotations

from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from vivant.types import Image

Boxes = NDArray[np.float32]
"""[N, 4] x0, y0, x1, y1; in [0, 1] of the picture where it says nothing else."""


def overlap(boxes: Boxes, others: Boxes) -> Boxes:
    """Intersection over union of [N, 4] and [M, 4] boxes x0, y0, x1, y1: [N, M]."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    shared = np.clip(high - low, 0.0, None).prod(axis=2)
    areas, other_areas = ((b[:, 2:] - b[:, :2]).prod(axis=1) for b in (boxes, others))
    union = areas[:, None] + other_areas[None] - shared
    return np.asarray(shared / np.maximum(union, 1e-9), dtype=np.float32)


def without_doubles(boxes: Boxes, scores: NDArray[np.float32], labels: NDArray[np.int64], most: float) -> list[int]:
    """Rows that stay when of boxes of one label that overlap the surest does, the surest row first.

    Args:
        boxes: [N, 4].
        scores: [N] confidence.
        labels: [N]; boxes of different labels do not compete.
        most: overlap from which two boxes are doubles, 0 to 1.
    """
    kept: list[int] = []
    for row in np.argsort(-scores, kind="stable").tolist():
        rivals = [other for other in kept if labels[other] == labels[row]]
        if not rivals or overlap(boxes[row : row + 1], boxes[rivals]).max() < most:
            kept.append(row)
    return kept


def cut_out(image: Image, box: NDArray[np.float32]) -> Image:
    """The pixels that a box touches, at least one; what lies beyond the picture's edge is left out.

    Args:
        image: HWC uint8.
        box: [4] x0, y0, x1, y1 in [0, 1].
    """
    height, width = image.shape[:2]
    left, right = _span(float(box[0]), float(box[2]), width)
    top, bottom = _span(float(box[1]), float(box[3]), height)
    return image[top:bottom, left:right]


def squared(box: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """The box grown along its shorter side to a square of pixels; it may pass the picture's edge.

    Args:
        box: [4] x0, y0, x1, y1 in [0, 1].
        height, width: of the picture in pixels.
    """
    size = np.array([width, height], dtype=np.float32)
    centre, sides = (box[:2] + box[2:]) / 2.0, (box[2:] - box[:2]) * size
    half = sides.max() / size / 2.0
    return np.concatenate([centre - half, centre + half]).astype(np.float32)


def _span(start: float, end: float, length: int) -> tuple[int, int]:
    rounding = 1e-4  # an edge at 0.5 of 64 pixels that a float puts at 32.000001 does not touch pixel 32
    first = min(max(floor(start * length + rounding), 0), length - 1)
    return first, max(min(ceil(end * length - rounding), length), first + 1)
