"""Average precision of detections, with its uncertainty. NumPy only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vivant.evaluation.boxes import overlap
from vivant.evaluation.statistics import Estimate, bootstrapped

IOU = 0.5


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
