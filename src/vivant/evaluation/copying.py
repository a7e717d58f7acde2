"""Is a subject drawn anew, or pasted from its photo? By its pose and by its pixels. NumPy and OpenCV.

Not in the papers: CLIP-I and DINO reward a copy of the photo, pose and all, which is the opposite of what a relation
asks for (DreamRelation explains its lower CLIP-I by new poses, section 4.1).
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from vivant.evaluation.metrics import Features, Floats, cosine
from vivant.types import Image

TOLERANCE = 0.1
"""Distance between two points at which their likeness has fallen to exp(-1/2), in sizes of the pose."""
LEAST_POINTS = 5
"""Points that both poses must show."""
SIDE = 48
"""Pixels a side at which crops are compared: coarse enough for a slightly wrong box, fine enough for a pose."""
SHIFTS = (-3, 0, 3)
"""Pixels, at that size, that a crop is moved by in each direction: detectors' boxes are not exact."""
FLAT = 4.0
"""Squared gradient below which a surface counts as flat."""


def pose_likeness(
    points: NDArray[np.floating], others: NDArray[np.floating], pairs: Sequence[tuple[int, int]], least: float = 0.3
) -> float:
    """How alike two poses are, wherever and however large they stand, facing either way.

    Both are moved to the mean of the points that both show and brought to the same size (root mean square distance
    from it). The likeness of a point is exp(-d^2 / 2 TOLERANCE^2), that of the poses its mean, as in COCO's object
    keypoint similarity; of the pose and its mirror image the better one counts.

    Args:
        points, others: [K, 3] x, y in units of the same length, and how surely each is seen.
        pairs: numbers of points that a mirror swaps (left eye, right eye).
        least: how surely a point has to be seen.

    Returns:
        0 to 1; nan where they have fewer than 5 points in common.
    """
    swapped = np.arange(len(others))
    for left, right in pairs:
        swapped[[left, right]] = right, left
    mirrored = others[swapped] * np.array([-1.0, 1.0, 1.0])
    likenesses = [_pose_likeness(points, other, least) for other in (others, mirrored)]
    return float(np.nan if np.isnan(likenesses).all() else np.nanmax(likenesses))


def _pose_likeness(points: NDArray[np.floating], others: NDArray[np.floating], least: float) -> float:
    seen = (points[:, 2] >= least) & (others[:, 2] >= least)
    if seen.sum() < LEAST_POINTS:
        return float("nan")
    one, other = (_settled(pose[seen, :2].astype(np.float64)) for pose in (points, others))
    squares = ((one - other) ** 2).sum(axis=1)
    return float(np.exp(-squares / (2.0 * TOLERANCE**2)).mean())


def _settled(points: Floats) -> Floats:
    centred = points - points.mean(axis=0)
    size = np.sqrt((centred**2).sum(axis=1).mean())
    return np.asarray(centred / max(size, 1e-9))


def pixel_likeness(crop: Image, photo: Image) -> float:
    """How alike two crops of a subject are in their edges and shading, facing either way.

    Correlation of luminance gradients at 48 x 48 pixels, the middle counting most, for the background of two photos is
    not the same; the best of small shifts and of the mirror image. Another exposure or tint changes nothing.

    Args:
        crop, photo: HWC uint8 RGB, cut out by the subject's box.

    Returns:
        0 to 1: 1 the same pixels, about 0 what another pose of the same subject gives.
    """
    one = _gradients(crop)
    best = 0.0
    for other in (photo, photo[:, ::-1]):
        field = _gradients(other)
        for dy in SHIFTS:
            for dx in SHIFTS:
                best = max(best, _correlation(one, np.roll(field, (dy, dx), axis=(0, 1))))
    return best


def _gradients(crop: Image) -> Floats:
    """[SIDE, SIDE, 2] of the crop stretched to a square and smoothed."""
    small = cv2.resize(np.ascontiguousarray(crop[..., :3]), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 1.5)
    return np.stack([cv2.Sobel(grey, cv2.CV_32F, *order, scale=0.25) for order in ((1, 0), (0, 1))], axis=-1)


def _correlation(one: Floats, other: Floats) -> float:
    weight = (np.outer(*[np.hanning(SIDE + 2)[1:-1]] * 2))[..., None]
    energy = np.sqrt((weight * one**2).sum() * (weight * other**2).sum())
    return float(np.clip((weight * one * other).sum() / (energy + FLAT * weight.sum()), 0.0, 1.0))


def copy_paste(poses: Sequence[float], pixels: Sequence[float]) -> float:
    """How surely one subject is a copy of one of its photos: 0 drawn anew, 1 pasted.

    The geometric mean of pose and pixels for the same photo, of the photo for which it is greatest: a copy is alike in
    both. Where a pose is not known the pixels speak alone.

    Args:
        poses: likeness to each photo, nan where it is not known.
        pixels: likeness to each photo.

    Returns:
        nan without a photo.
    """
    both = [
        pixel if np.isnan(pose) else float(np.sqrt(pose * pixel)) for pose, pixel in zip(poses, pixels, strict=True)
    ]
    return max(both, default=float("nan"))


def nearness(crop: Features, photos: Features) -> float:
    """How near a subject is to its nearest photo, measured by how near that photo is to its nearest fellow.

    d(crop, nearest photo) / d(that photo, its nearest fellow), d being 1 - cosine. Below 1 it is nearer to a photo than
    the photos are to each other: likely a copy. Above 1 it is farther off than another photo of the subject would be.

    Args:
        crop: [D] features.
        photos: [n, D].

    Returns:
        nan for fewer than two photos, or two that are the same.
    """
    if len(photos) < 2:
        return float("nan")
    distances = 1.0 - cosine(crop[None], photos)[0]
    nearest = int(distances.argmin())
    fellows = np.delete(1.0 - cosine(photos[nearest : nearest + 1], photos)[0], nearest)
    return float(distances[nearest] / fellows.min()) if fellows.min() > 1e-9 else float("nan")
