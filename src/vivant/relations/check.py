"""What is wrong with a triplet: the failures that the paper names, and what annotators get wrong.

All of it is measured on pixels and points; nothing asks how the triplet was made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations, permutations

import cv2
import numpy as np

from vivant.relations.likeness import likeness
from vivant.relations.order import MARGIN
from vivant.relations.published import mask_box
from vivant.relations.sample import Part, Points, Sample
from vivant.settings.relate import RelationCheckSettings
from vivant.types import Image, Mask

MIRRORED = (1, 0, 2, 3, 4, 8, 9, 10, 5, 6, 7, 14, 15, 16, 11, 12, 13)
"""The points of a mirrored picture, in AP-10K's order."""
LIMBS = (6, 7, 9, 10, 12, 13, 15, 16)
"""Elbows, hands, knees and feet: a head alone has no pose."""
FEWEST, FEWEST_LIMBS = 6, 3
"""Points and limbs seen in both pictures that make a pose."""


@dataclass(frozen=True)
class Verdict:
    """What was measured, and what follows.

    Attributes:
        scores: "likeness", "pose", "inside", "area" of the worst subject, "overlap" of the worst pair. What cannot be
            measured is left out.
        reasons: why the triplet is rejected, a sentence each; empty where it is accepted.
        notes: what is odd, and no reason to reject.
    """

    scores: dict[str, float] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def check(sample: Sample, limits: RelationCheckSettings) -> Verdict:
    """Measure a triplet and say what is wrong with it.

    Args:
        sample: annotated.
        limits: from where on it is rejected.
    """
    scores: dict[str, float] = {}
    reasons: list[str] = []
    there = [part for part in sample.parts if not _missing(part, limits, scores, reasons)]
    for one, other in combinations(there, 2):
        _merged(one, other, limits, scores, reasons)
    ordered, notes = _own_points(there)
    for part, points in zip(there, ordered, strict=True):
        _points_outside(part, points, limits, scores, reasons)
        _not_the_same(sample, part, points, limits, scores, reasons)
        _same_pose(sample, part, points, limits, scores, reasons)
    return Verdict(scores, tuple(reasons), notes)


def pose_distance(one: Points, other: Points) -> float | None:
    """How unlike two poses of a body are, wherever and however large it is, also mirrored.

    Args:
        one, other: x and y in one unit.

    Returns:
        The root mean square distance of points seen in both, in sizes of the body: 0 for the same pose, about 0.5
        for another one. None where too few points are seen.
    """
    flipped = other[list(MIRRORED)] * np.array([-1.0, 1.0, 1.0], np.float32)
    found = [distance for there in (other, flipped) if (distance := _distance(one, there)) is not None]
    return min(found, default=None)


def share_inside(points: Points, mask: Mask, margin: float) -> float | None:
    """Share of the visible points in a mask that is grown by a margin, in sides of its box; None where none is seen."""
    seen = points[points[:, 2] > 0]
    if len(seen) == 0:
        return None
    height, width = mask.shape
    box = mask_box(mask)
    reach = margin * max(box.width * width, box.height * height)
    away = cv2.distanceTransform((mask < 128).astype(np.uint8), cv2.DIST_L2, 3)
    x = np.clip((seen[:, 0] * width).astype(int), 0, width - 1)
    y = np.clip((seen[:, 1] * height).astype(int), 0, height - 1)
    return float((away[y, x] <= reach).mean())


def _missing(part: Part, limits: RelationCheckSettings, scores: dict[str, float], reasons: list[str]) -> bool:
    area = float((part.mask >= 128).mean())
    _worst(scores, "area", area)
    sure = part.confidence.get("box", 1.0)
    if area < limits.area:
        reasons.append(f"the {part.noun} is missing (it covers {area:.3f} of the picture)")
    elif sure < limits.confidence:
        reasons.append(f"the {part.noun} is missing (found with a confidence of {sure:.2f})")
    return area < max(limits.area, 1e-9)


def _merged(
    one: Part, other: Part, limits: RelationCheckSettings, scores: dict[str, float], reasons: list[str]
) -> None:
    first, second = one.mask >= 128, other.mask >= 128
    shared = float((first & second).sum() / min(first.sum(), second.sum()))
    scores["overlap"] = max(scores.get("overlap", 0.0), round(shared, 4))
    if shared >= limits.overlap:
        reasons.append(f"the {one.noun} and the {other.noun} are one (masks share {shared:.2f} of the smaller)")


def _own_points(parts: Sequence[Part]) -> tuple[list[Points], tuple[str, ...]]:
    """Target points of each subject; a detector may have listed them in another order than the masks."""
    rows = [part.target_keypoints for part in parts]
    held = [[_count_inside(row, part.mask) for part in parts] for row in rows]
    given = tuple(range(len(parts)))

    def score(order: tuple[int, ...]) -> int:
        return sum(held[row][subject] for subject, row in enumerate(order))

    best = max(permutations(given), key=score, default=given)
    if score(best) < score(given) + MARGIN:
        return rows, ()
    return [rows[row] for row in best], ("keypoints of the picture are listed in another order than masks",)


def _count_inside(points: Points, mask: Mask) -> int:
    share = share_inside(points, mask, 0.0)
    return 0 if share is None else round(share * int((points[:, 2] > 0).sum()))


def _points_outside(
    part: Part, points: Points, limits: RelationCheckSettings, scores: dict[str, float], reasons: list[str]
) -> None:
    places = [("in the picture of the relation", points, part.mask)]
    if part.concept_mask is not None and part.concept_mask.max() >= 128:
        places.append(("on its own", part.concept_keypoints, part.concept_mask))
    for where, found, mask in places:
        share = share_inside(found, mask, limits.margin)
        if share is None:
            continue
        _worst(scores, "inside", share)
        if share < limits.inside:
            reasons.append(f"keypoints of the {part.noun} {where} lie outside its mask ({share:.2f} inside)")


def _not_the_same(
    sample: Sample,
    part: Part,
    points: Points,
    limits: RelationCheckSettings,
    scores: dict[str, float],
    reasons: list[str],
) -> None:
    alike = likeness((sample.target, part.mask, points), (part.concept, part.concept_mask, part.concept_keypoints))
    if alike is None:
        return
    _worst(scores, "likeness", alike)
    if limits.likeness is not None and alike < limits.likeness:
        reasons.append(f"the {part.noun} is not the same individual on its own (likeness {alike:.2f})")


def _same_pose(
    sample: Sample,
    part: Part,
    points: Points,
    limits: RelationCheckSettings,
    scores: dict[str, float],
    reasons: list[str],
) -> None:
    distance = pose_distance(_upright(points, sample.target), _upright(part.concept_keypoints, part.concept))
    if distance is None:
        return
    _worst(scores, "pose", distance)
    if distance < limits.pose:
        reasons.append(f"the {part.noun} is on its own in the pose of the relation already (distance {distance:.2f})")


def _distance(one: Points, other: Points) -> float | None:
    both = (one[:, 2] > 0) & (other[:, 2] > 0)
    if both.sum() < FEWEST or both[list(LIMBS)].sum() < FEWEST_LIMBS:
        return None
    first, second = _normalised(one[both, :2]), _normalised(other[both, :2])
    # The mean square: an annotator errs by as much everywhere, and another pose moves a limb or two far.
    return float(np.sqrt(((first - second) ** 2).sum(axis=1).mean()))


def _upright(points: Points, picture: Image) -> Points:
    """In heights of the picture, so that pictures of other shapes compare."""
    return points * np.array([picture.shape[1] / picture.shape[0], 1.0, 1.0], np.float32)


def _normalised(points: Points) -> Points:
    centred = points - points.mean(axis=0)
    size = float(np.sqrt((centred**2).sum(axis=1).mean()))
    return np.asarray(centred / max(size, 1e-6), dtype=np.float32)


def _worst(scores: dict[str, float], name: str, value: float) -> None:
    scores[name] = round(min(scores.get(name, value), value), 4)
