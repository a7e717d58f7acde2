"""Small measures with their uncertainty: proportions, averages of pictures, average precision. NumPy only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Z95 = 1.959964
"""Two-sided 95 % of the normal distribution."""
RESAMPLES = 400
IOU = 0.5


@dataclass(frozen=True)
class Estimate:
    """A measured value.

    Attributes:
        value: the point estimate; nan where nothing was measured.
        low, high: 95 % interval.
        count: items that it was measured on.
    """

    value: float
    low: float
    high: float
    count: int


def proportion(right: Sequence[bool] | NDArray[np.bool_]) -> Estimate:
    """Share of items that are right, with Wilson's interval."""
    count = len(right)
    if not count:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    share = float(np.mean(right))
    spread = Z95 * sqrt(share * (1.0 - share) / count + Z95**2 / (4.0 * count**2))
    middle, scale = share + Z95**2 / (2.0 * count), 1.0 + Z95**2 / count
    return Estimate(share, max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale), count)


def bootstrapped(count: int, measure: Callable[[NDArray[np.int64]], float], seed: int) -> Estimate:
    """A measure of all pictures, with the 2.5 % and 97.5 % quantiles over resampled pictures.

    Args:
        count: pictures.
        measure: their numbers, some several times -> the measure.
        seed: of the resampling.
    """
    if not count:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    rng = np.random.default_rng(seed)
    values = [measure(rng.integers(0, count, count)) for _ in range(RESAMPLES)]
    low, high = np.nanquantile(values, (0.025, 0.975))
    return Estimate(measure(np.arange(count)), float(low), float(high), count)


def pooled(parts: Sequence[NDArray[np.bool_]], seed: int) -> Estimate:
    """Share of right items over all pictures, resampled by picture: items of one picture are not independent."""
    right = np.array([part.sum() for part in parts], dtype=np.float64)
    total = np.array([len(part) for part in parts], dtype=np.float64)

    def share(rows: NDArray[np.int64]) -> float:
        items = total[rows].sum()
        return float(right[rows].sum() / items) if items else float("nan")

    return bootstrapped(len(parts), share, seed)


def overlap(boxes: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of [N, 4] and [M, 4] boxes x0, y0, x1, y1: [N, M]."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    shared = np.clip(high - low, 0.0, None).prod(axis=2)
    areas, other_areas = ((b[:, 2:] - b[:, :2]).prod(axis=1) for b in (boxes, others))
    union = areas[:, None] + other_areas[None] - shared
    return np.asarray(shared / np.maximum(union, 1e-9), dtype=np.float32)


@dataclass(frozen=True)
class Found:
    """Detections of one class in one picture, against the truth.

    Attributes:
        scores: [n] confidence, any order.
        hits: [n] whether the detection is the best-scored one of a true box (IoU at least 0.5).
        truths: how many true boxes of the class there are.
    """

    scores: NDArray[np.float32]
    hits: NDArray[np.bool_]
    truths: int


def match(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], truths: NDArray[np.float32], iou: float = IOU
) -> Found:
    """Match detections to true boxes as PASCAL VOC does: by falling score, each to the box it overlaps most.

    A true box that is taken already makes a detection false.

    Args:
        boxes: [n, 4] of one class in one picture.
        scores: [n].
        truths: [m, 4].
        iou: least intersection over union of a hit.
    """
    hits = np.zeros(len(boxes), dtype=np.bool_)
    if len(boxes) and len(truths):
        overlaps, taken = overlap(boxes, truths), set()
        for row in np.argsort(-scores, kind="stable"):
            best = int(overlaps[row].argmax())
            if overlaps[row, best] >= iou and best not in taken:
                hits[row] = True
                taken.add(best)
    return Found(scores, hits, len(truths))


def average_precision(found: Sequence[Found]) -> float:
    """Area under the precision-recall curve of one class over pictures; nan if the class is nowhere.

    Precision is made non-increasing, and every point of the curve counts (VOC 2010 and later), not 11 or 101 of them.
    """
    truths = sum(one.truths for one in found)
    if not truths:
        return float("nan")
    scores = np.concatenate([one.scores for one in found])
    hits = np.concatenate([one.hits for one in found])[np.argsort(-scores, kind="stable")]
    right = np.cumsum(hits)
    precision = right / np.arange(1, len(hits) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    return float(precision[hits].sum() / truths)


def mean_average_precision(table: Sequence[Sequence[Found]], seed: int) -> Estimate:
    """Mean over classes of the average precision, resampled by picture.

    Args:
        table: a row a picture, a `Found` a class.
        seed: of the resampling.
    """

    def measure(rows: NDArray[np.int64]) -> float:
        values = [average_precision([table[row][kind] for row in rows]) for kind in range(len(table[0]))]
        values = [value for value in values if value == value]
        return float(np.mean(values)) if values else float("nan")

    return bootstrapped(len(table), measure, seed)
