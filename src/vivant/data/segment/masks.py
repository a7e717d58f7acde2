"""Small operations on masks: parts, holes, overlap, boxes."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from vivant.types import Mask

SMALL_HOLE = 0.01
"""Of the subject's area: an eye, a badge, a highlight. A larger hole is one that can be looked through."""
SEEN = 12
"""Of 255: less is the haze that networks leave everywhere."""


def main_part(mask: Mask) -> Mask:
    """The largest connected piece of a 0/1 mask."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    if count <= 2:
        return mask
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    return np.asarray(labels == largest, dtype=np.uint8)


def fill_small_holes(mask: Mask, largest: float = SMALL_HOLE) -> Mask:
    """Fill holes of a 0/1 mask that are at most `largest` of its area."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(1 - mask, connectivity=4)
    filled = mask.copy()
    limit = largest * int(mask.sum())
    outside = set(np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])).tolist())
    for label in range(1, count):
        if label not in outside and stats[label, cv2.CC_STAT_AREA] <= limit:
            filled[labels == label] = 1
    return filled


def filled(mask: Mask) -> Mask:
    """A 0/1 mask with every hole filled."""
    return fill_small_holes(mask, largest=np.inf)


def overlap(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> float:
    """Intersection over union of two 0/1 masks; two empty ones overlap fully."""
    union = int((one | other).sum())
    return float((one & other).sum()) / union if union else 1.0


def bounds(mask: Mask) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom of what is above 0; None when nothing is."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def decisiveness(mask: Mask) -> float:
    """How far from grey a mask (0 to 255) is over the subject: 1 for a hard one, 0 for mid grey or none at all.

    Squared, which brings it to the scale of the embedded filling's confidence: one limit of the verdict fits both.
    """
    values = mask[mask > SEEN].astype(np.float64) / 255.0
    return float(np.abs(2 * values - 1).mean()) ** 2 if len(values) else 0.0


def is_hard(mask: Mask) -> bool:
    """Whether a mask (0 to 255) has no soft edge of its own."""
    return bool(np.all((mask == 0) | (mask == 255)))
