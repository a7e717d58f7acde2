"""Saliency without learning: what the border of the photo does not lead to.

Regions that reach the border along even colour are background even where the subject touches the border too (boundary
connectivity); the rest is salient by its contrast to them, smoothed over the graph of regions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vivant.data.segment.appearance import Map

REGIONS = 400
COMPACTNESS = 10.0
"""Lab distance that counts as much as one grid step of space."""
ROUNDS = 5
GEODESIC_SPREAD = 7.0
"""Lab distance along a path over which two regions are one surface."""
COLOUR_SPREAD = 10.0
SPACE_SPREAD = 0.4
"""Fraction of the picture over which contrast counts."""
BACKGROUND_WEIGHT = 5.0
"""The background cue is surer than the contrast cue."""
SMOOTH_FLOOR = 0.1

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Regions:
    """Superpixels.

    Attributes:
        labels: HW int.
        colour: N x 3 mean Lab.
        place: N x 2 mean y, x in fractions.
    """

    labels: npt.NDArray[np.intp]
    colour: npt.NDArray[np.floating[Any]]
    place: npt.NDArray[np.floating[Any]]


def find_regions(lab: Map, count: int = REGIONS) -> Regions:
    """Group pixels by colour and place (simple linear iterative clustering).

    Args:
        lab: HW3 float32.
        count: about how many regions.
    """
    height, width = lab.shape[:2]
    step = max(1.0, (height * width / count) ** 0.5)
    rows, columns = max(2, round(height / step)), max(2, round(width / step))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    row = np.minimum((y * rows / height).astype(np.intp), rows - 1)
    column = np.minimum((x * columns / width).astype(np.intp), columns - 1)
    scale = COMPACTNESS / step
    features = np.dstack([lab, y * scale, x * scale]).astype(np.float32)
    labels = row * columns + column
    for _ in range(ROUNDS):
        means = _means(features, labels, rows * columns)
        best = np.full((height, width), np.inf, dtype=np.float32)
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                near = np.clip(row + dy, 0, rows - 1) * columns + np.clip(column + dx, 0, columns - 1)
                distance = ((features - means[near]) ** 2).sum(axis=-1)
                closer = distance < best
                best[closer], labels[closer] = distance[closer], near[closer]
    _, compact = np.unique(labels, return_inverse=True)
    compact = compact.reshape(height, width)
    means = np.asarray(_means(features, compact, int(compact.max()) + 1), dtype=np.float64)
    place = means[:, 3:] / scale / np.array([height, width])
    return Regions(compact.astype(np.intp), means[:, :3], place)


def _means(features: Map, labels: npt.NDArray[np.intp], count: int) -> Map:
    flat = labels.ravel()
    total = np.maximum(np.bincount(flat, minlength=count), 1)
    sums = [np.bincount(flat, weights=features[..., k].ravel(), minlength=count) for k in range(features.shape[2])]
    return np.asarray(np.stack(sums, axis=1) / total[:, None], dtype=np.float32)


def saliency(lab: Map) -> Map:
    """HW float32 in [0, 1]; all 0 where the picture is even.

    Args:
        lab: HW3 float32 Lab, a few hundred pixels a side.
    """
    regions = find_regions(lab)
    count = len(regions.colour)
    apart = np.sqrt(((regions.colour[:, None] - regions.colour[None]) ** 2).sum(axis=-1))
    touching = _touching(regions.labels, count)
    edge = np.unique(np.concatenate([regions.labels[[0, -1]].ravel(), regions.labels[:, [0, -1]].ravel()]))
    on_border = np.zeros(count, dtype=bool)
    on_border[edge] = True
    background = _background(apart, touching, on_border)
    far = ((regions.place[:, None] - regions.place[None]) ** 2).sum(axis=-1)
    contrast = (apart * np.exp(-far / (2 * SPACE_SPREAD**2)) * background[None]).sum(axis=1)
    salient = _stretch(_smooth(apart, touching, on_border, background, _stretch(contrast)))
    return salient[regions.labels].astype(np.float32)


def _touching(labels: npt.NDArray[np.intp], count: int) -> npt.NDArray[np.bool_]:
    pairs = np.zeros((count, count), dtype=bool)
    for one, other in ((labels[:, 1:], labels[:, :-1]), (labels[1:], labels[:-1])):
        pairs[one.ravel(), other.ravel()] = True
    pairs |= pairs.T
    np.fill_diagonal(pairs, False)
    return pairs


def _background(apart: Floats, touching: npt.NDArray[np.bool_], on_border: npt.NDArray[np.bool_]) -> Floats:
    """Probability in [0, 1) that a region is background, by how much of its surface lies on the border."""
    linked = touching | (on_border[:, None] & on_border[None])
    np.fill_diagonal(linked, False)
    nearest = np.where(touching, apart, np.inf).min(axis=1)
    grain = nearest[np.isfinite(nearest)].mean() if np.isfinite(nearest).any() else 0.0
    path = np.where(linked, np.maximum(apart - grain, 0.0), np.inf).astype(np.float32)
    np.fill_diagonal(path, 0.0)
    for middle in range(len(path)):  # all shortest paths at once
        np.minimum(path, path[:, middle, None] + path[None, middle], out=path)
    same = np.exp(-(path.astype(np.float64) ** 2) / (2 * GEODESIC_SPREAD**2))
    connectivity = same[:, on_border].sum(axis=1) / np.sqrt(same.sum(axis=1))
    return np.asarray(1.0 - np.exp(-(connectivity**2) / 2))


def _smooth(
    apart: Floats,
    touching: npt.NDArray[np.bool_],
    on_border: npt.NDArray[np.bool_],
    background: Floats,
    contrast: Floats,
) -> Floats:
    """Least squares: background pulls to 0, contrast to 1, neighbours of one colour to each other."""
    steps = touching.astype(np.float32)
    near = touching | (steps @ steps > 0) | (on_border[:, None] & on_border[None])
    np.fill_diagonal(near, False)
    weight = np.where(near, np.exp(-(apart**2) / (2 * COLOUR_SPREAD**2)) + SMOOTH_FLOOR, 0.0)
    system = np.diag(weight.sum(axis=1) + BACKGROUND_WEIGHT * background + contrast + 1e-9) - weight
    return np.clip(np.linalg.solve(system, contrast), 0.0, 1.0)


def _stretch(values: Floats) -> Floats:
    span = float(np.ptp(values))
    return (values - values.min()) / span if span > 1e-9 else np.zeros_like(values)
