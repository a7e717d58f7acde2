"""Whether two pictures show the same individual, told without any weights: by its colours at the same places of the
body.

Whole-picture features forgive what makes an individual: an embedding calls any two ginger cats alike, and a histogram
changes with what the pose hides. Keypoints say which part of the body is where in both pictures, whatever the pose.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from vivant.relations.sample import Points
from vivant.types import Image, Mask

BONES = (
    *((0, 1), (0, 2), (1, 2), (2, 3), (3, 4), (3, 5), (3, 8), (4, 11), (4, 14)),
    *((5, 6), (6, 7), (8, 9), (9, 10), (11, 12), (12, 13), (14, 15), (15, 16)),
)
"""Points of AP-10K's order between which the middle is looked at too."""
ABOVE = (0.3, 0.6, 0.9)
"""Places beyond the eyes, away from the neck, in lengths from neck to eyes: the brow, and what is worn above it."""
SPOT = 0.06
"""Size of a place, as a fraction of the body's longer side: small beside a limb, large beside a keypoint's error."""
FEWEST = 3
"""Places seen in both pictures that say something."""
UNLIKE = 100.0
"""Distance in CIE Lab at which likeness is 0; the width of the colours that things have."""
MOST_DIFFERENT = 0.75
"""Which quantile of the distances counts: another scarf is a few places of many, and a hand is hidden now and then."""

_Colours = npt.NDArray[np.float32]


def likeness(one: tuple[Image, Mask, Points], other: tuple[Image, Mask | None, Points]) -> float | None:
    """1 for the same colours at the same places of the body, 0 for colours as far apart as they can be.

    Args:
        one, other: a picture HWC uint8, the subject's mask HW uint8 (None: all of the picture), its keypoints [17, 3].

    Returns:
        None where too few places are seen in both.
    """
    colours, seen = _colours(*one)
    others, other_seen = _colours(*other)
    both = seen & other_seen
    if both.sum() < FEWEST:
        return None
    distances = np.linalg.norm(colours[both] - others[both], axis=1)
    return float(np.clip(1.0 - np.quantile(distances, MOST_DIFFERENT) / UNLIKE, 0.0, 1.0))


def _colours(picture: Image, mask: Mask | None, points: Points) -> tuple[_Colours, npt.NDArray[np.bool_]]:
    """CIE Lab [P, 3] at the places of the body, each the mean around it within the subject; and which are seen."""
    inside = np.ones(picture.shape[:2], np.float32) if mask is None else (mask >= 128).astype(np.float32)
    places = _places(points)
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if len(rows) == 0:
        return np.zeros((len(places), 3), np.float32), np.zeros(len(places), bool)
    if mask is None:  # nobody knows how large the body is in the picture but its points
        known = points[points[:, 2] > 0, :2]
        side = float(np.ptp(known * picture.shape[1::-1], axis=0).max()) if len(known) else 0.0
    else:
        side = float(max(np.ptp(rows), np.ptp(columns)))
    sigma = max(1.0, SPOT * side / 2)
    lab = cv2.cvtColor(np.ascontiguousarray(picture[..., :3]).astype(np.float32) / 255.0, cv2.COLOR_RGB2LAB)
    weight = cv2.GaussianBlur(inside, (0, 0), sigma)
    blurred = cv2.GaussianBlur(lab * inside[..., None], (0, 0), sigma)
    height, width = inside.shape
    x = np.clip((places[:, 0] * width).astype(int), 0, width - 1)
    y = np.clip((places[:, 1] * height).astype(int), 0, height - 1)
    seen = (places[:, 2] > 0) & (inside[y, x] > 0)
    return (blurred[y, x] / np.maximum(weight[y, x], 1e-3)[:, None]).astype(np.float32), seen


def _places(points: Points) -> Points:
    """Keypoints, middles of bones and the top of the head, [P, 3]."""
    ends = np.array(BONES)
    middles = (points[ends[:, 0]] + points[ends[:, 1]]) / 2
    middles[:, 2] = np.minimum(points[ends[:, 0], 2], points[ends[:, 1], 2])
    eyes = (points[0] + points[1]) / 2
    tops = np.stack([eyes + (eyes - points[3]) * part for part in ABOVE])
    tops[:, 2] = 1.0  # the mask says whether something is there
    return np.concatenate([points, middles, tops]).astype(np.float32)
