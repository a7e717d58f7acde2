"""Whose keypoints are whose: the rows of a target picture's keypoints, matched with its masks."""

from __future__ import annotations

from itertools import permutations

from vivant.types import Box, Keypoints, Triplet
from vivant.types.triplet import KEYPOINTS

MARGIN = KEYPOINTS // 4
"""Points that another order must put into their own boxes on top of those of the order as given: embracing boxes share
most of their area, and one or two points beyond an edge say nothing."""


def in_order(triplet: Triplet) -> Triplet:
    """The triplet with each row of target keypoints given to the subject whose box holds it.

    A detector lists what it finds in its own order: in one of the five published triplets of "hug" the target's
    keypoints are those of (tiger, bear), while masks, entities and concept pictures say (bear, tiger).
    """
    boxes = [subject.box for subject in triplet.subjects]
    rows = [subject.target_keypoints for subject in triplet.subjects]
    held = [[_inside(row, box) for box in boxes] for row in rows]
    given = tuple(range(len(rows)))

    def score(order: tuple[int, ...]) -> int:
        return sum(held[row][subject] for subject, row in enumerate(order))

    best = max(permutations(given), key=score)  # the order as given comes first, and so wins a draw
    if score(best) < score(given) + MARGIN:
        return triplet
    subjects = tuple(
        subject.model_copy(update={"target_keypoints": rows[row]})
        for subject, row in zip(triplet.subjects, best, strict=True)
    )
    return triplet.model_copy(update={"subjects": subjects})


def _inside(points: Keypoints, box: Box) -> int:
    return sum(bool(seen) and box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1 for x, y, seen in points)
