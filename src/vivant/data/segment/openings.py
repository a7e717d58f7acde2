"""Openings of a subject: where the background is seen through it, as inside a handle or a lantern's frame.

A cut with a smooth outline keeps enclosed background. It is opened where the colour is one of the near surroundings and
hardly of the subject, over enough pixels, and with a clear edge to the subject around it.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from vivant.data.segment.appearance import LIGHTNESS_WEIGHT, Map
from vivant.types import Mask

COLOURS = 48
SAMPLE_STEP = 3
"""Every third pixel is enough to find the colours by."""
RING = 0.1
"""Width of the surroundings, as a fraction of the long side."""
ALIKE = 3.0
"""Lab distance over which colours share their counts."""
PURITY = 0.8
"""Least share that a colour of an opening has in the surroundings, against its share in the mask. As the mask still has
the opening in it, one that is more than a fifth of it stays: so large a patch is rather the subject's."""
RARE = 1e-4
LEAST_AREA = 0.01
"""Of the subject: less is a highlight or an eye."""
LEAST_CONTRAST = 20.0
"""Lab distance to the subject around an opening: less may be a shade of the subject itself."""


def cut_openings(lab: Map, mask: Mask, seed: int) -> Mask:
    """The mask without the enclosed background.

    Args:
        lab: HW3 float32 Lab.
        mask: HW uint8, 0 or 1.
        seed: of the clustering.
    """
    inside = mask > 0
    size = max(3, round(RING * max(mask.shape))) | 1
    ring = (cv2.dilate(mask, np.ones((size, size), np.uint8)) > 0) & ~inside
    if not inside.any() or not ring.any() or lab.shape[0] * lab.shape[1] < SAMPLE_STEP * COLOURS:
        return mask
    foreign = (_foreign(lab, inside, ring, seed) & inside).astype(np.uint8)
    foreign = np.asarray(cv2.morphologyEx(foreign, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), dtype=np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(foreign, connectivity=4)
    opened = mask.copy()
    for label in range(1, count):
        if stats[label, cv2.CC_STAT_AREA] < LEAST_AREA * int(inside.sum()):
            continue
        piece = (labels == label).astype(np.uint8)
        if _contrast(lab, piece, inside) >= LEAST_CONTRAST:
            opened[piece > 0] = 0
    return opened


def _foreign(lab: Map, inside: npt.NDArray[np.bool_], ring: npt.NDArray[np.bool_], seed: int) -> npt.NDArray[np.bool_]:
    """Pixels, anywhere, whose colour belongs to the ring rather than to the inside."""
    points = (lab * np.array([LIGHTNESS_WEIGHT, 1.0, 1.0], dtype=np.float32)).reshape(-1, 3)
    sample = np.ascontiguousarray(points[::SAMPLE_STEP])
    cv2.setRNGSeed(seed)
    stop = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 8, 1.0)
    start = np.zeros((len(sample), 1), dtype=np.int32)
    _, _, centres = cv2.kmeans(sample, COLOURS, start, stop, 1, cv2.KMEANS_PP_CENTERS)
    nearest = ((centres**2).sum(axis=1)[None] - 2 * points @ centres.T).argmin(axis=1).reshape(inside.shape)
    apart = ((centres[:, None] - centres[None]) ** 2).sum(axis=-1, dtype=np.float64)
    similarity = np.exp(-apart / (2 * ALIKE**2))
    out, within = (similarity @ np.bincount(nearest[part], minlength=COLOURS) / part.sum() for part in (ring, inside))
    return np.asarray((out / (out + within + RARE) > PURITY)[nearest])


def _contrast(lab: Map, piece: Mask, inside: npt.NDArray[np.bool_]) -> float:
    """Lab distance of a piece to what of the subject lies a few pixels around it; 0 where nothing does."""
    wide, narrow = (cv2.dilate(piece, np.ones((size, size), np.uint8)) for size in (7, 3))
    around = (wide > 0) & (narrow == 0) & inside
    if not around.any():
        return 0.0
    return float(np.linalg.norm(lab[around].mean(axis=0) - lab[piece > 0].mean(axis=0)))
