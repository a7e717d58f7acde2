"""Whether two pictures show the same individual, told without any weights: by its colours at the same places of the
body.

Whole-picture features forgive what makes an individual: an embedding calls any two ginger cats alike, and a histogram
changes with what the pose hides. Keypoints say which part of the body is where in both pictures, whatever the pose.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vivant.images import fit_within
from vivant.relations.sample import Points
from vivant.types import Image, Mask

BONES = (
    *((0, 1), (0, 2), (1, 2), (2, 3), (3, 4), (3, 5), (3, 8), (4, 11), (4, 14)),
    *((5, 6), (6, 7), (8, 9), (9, 10), (11, 12), (12, 13), (14, 15), (15, 16)),
)
"""Points of AP-10K's order between which the middle is looked at too."""
TAIL_ROOT = 4
ABOVE = (0.3, 0.6, 0.9)
"""Places beyond the eyes, away from the neck, in lengths from neck to eyes: the brow, and what is worn above it."""
SPOT = 0.04
"""Size of a place, as a fraction of the body's longer side: small beside a limb."""
REACH = 0.06
"""How far from a place its colour may be found in the other picture, in the same unit: stripes shift with the pose,
and keypoints err."""
FEWEST = 3
"""Places seen in both pictures that say something."""
LIGHTNESS = 1.2
"""Weight of lightness beside the two axes of colour."""
UNLIKE = 100.0
"""Distance in CIE Lab at which likeness is 0; the width of the colours that things have."""
MOST_DIFFERENT = 0.8
"""Which quantile of the distances counts: another scarf is a few places of many, and a hand is hidden now and then."""

LIGHTS = np.array(
    [
        [strength * colour for colour in light]
        for strength in (1.0, 0.9, 1.1)
        for light in ((1.0, 1.0, 1.0), (0.85, 0.9, 1.0), (1.18, 1.11, 1.0))
    ],
    dtype=np.float32,
)
"""Red, green and blue of one picture's light against the other's: the same, night, day after night; each as it is,
dimmer and brighter."""
OTHER_LIGHT = 0.02
"""What likeness in another light counts less: it is one more way for strangers to look alike."""
SIDE = 256
"""Pixels of a picture's long side that are looked at; a place has ten of them at the least."""

_Numbers = npt.NDArray[np.float32]


@dataclass(frozen=True)
class _Look:
    """Of P places: colours [P, 3], RGB in [0, 1] or CIE Lab, those around each [P, K, 3], and which are seen [P]."""

    colours: _Numbers
    around: _Numbers
    seen: npt.NDArray[np.bool_]


def likeness(one: tuple[Image, Mask, Points], other: tuple[Image, Mask | None, Points]) -> float | None:
    """1 for the same colours at the same places of the body, 0 for colours as far apart as they can be.

    Args:
        one, other: a picture HWC uint8, the subject's mask HW uint8 (None: all of the picture), its keypoints [17, 3].

    Returns:
        None where too few places are seen in both.
    """
    first, second = _look(*one), _look(*other)
    both = first.seen & second.seen
    if both.sum() < FEWEST:
        return None
    there = _in_light(second, LIGHTS[0])
    found = [_alike(_in_light(first, light), there, both) for light in LIGHTS]
    return max(0.0, found[0], *(alike - OTHER_LIGHT for alike in found[1:]))


def _in_light(look: _Look, light: _Numbers) -> _Look:
    """RGB to CIE Lab, as it would be in another light."""
    return _Look(_to_lab(look.colours * light), _to_lab(look.around * light), look.seen)


def _to_lab(colours: _Numbers) -> _Numbers:
    rows = np.clip(colours, 0.0, 1.0).reshape(-1, 1, 3)
    lab = cv2.cvtColor(np.ascontiguousarray(rows, dtype=np.float32), cv2.COLOR_RGB2LAB)
    return np.asarray(lab * (LIGHTNESS, 1.0, 1.0), dtype=np.float32).reshape(colours.shape)


def _alike(first: _Look, second: _Look, both: npt.NDArray[np.bool_]) -> float:
    distances = np.maximum(_nearest(first, second, both), _nearest(second, first, both))
    return float(np.clip(1.0 - np.quantile(distances, MOST_DIFFERENT) / UNLIKE, 0.0, 1.0))


def _nearest(one: _Look, other: _Look, places: npt.NDArray[np.bool_]) -> _Numbers:
    """How far each place's colour is from the nearest around the same place of the other."""
    apart = np.linalg.norm(one.colours[places][:, None] - other.around[places], axis=2)
    return np.asarray(apart.min(axis=1), dtype=np.float32)


def _look(picture: Image, mask: Mask | None, points: Points) -> _Look:
    picture = fit_within(picture, SIDE)
    height, width = picture.shape[:2]
    inside = np.ones((height, width), np.float32)
    if mask is not None:
        small = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA)
        inside = np.asarray(small >= 128, dtype=np.float32)
    places, side = _places(points), _side(inside, points, known=mask is not None)
    sigma = max(1.0, SPOT * side / 2)
    colours = picture[..., :3].astype(np.float32) / 255.0
    weight = cv2.GaussianBlur(inside, (0, 0), sigma)
    blurred = cv2.GaussianBlur(colours * inside[..., None], (0, 0), sigma) / np.maximum(weight, 1e-3)[..., None]
    x, y = (places[:, :2] * (width, height)).astype(int).T
    steps = (_ring() * REACH * side).round().astype(int)
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    nearby_x = np.clip(x[:, None] + steps[:, 0], 0, width - 1)
    nearby_y = np.clip(y[:, None] + steps[:, 1], 0, height - 1)
    outside = inside[nearby_y, nearby_x] == 0
    nearby_x, nearby_y = np.where(outside, x[:, None], nearby_x), np.where(outside, y[:, None], nearby_y)
    seen = (places[:, 2] > 0) & (inside[y, x] > 0)
    return _Look(blurred[y, x], blurred[nearby_y, nearby_x], seen)


def _side(inside: _Numbers, points: Points, *, known: bool) -> float:
    """Longer side of the body in pixels, by its mask, or by its points where nobody knows the mask."""
    if known:
        rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
        return float(max(np.ptp(rows), np.ptp(columns))) if len(rows) else 0.0
    seen = points[points[:, 2] > 0, :2] * inside.shape[::-1]
    return float(np.ptp(seen, axis=0).max()) if len(seen) else 0.0


def _ring() -> _Numbers:
    """The place itself and sixteen around it, in units of the reach."""
    turns = np.arange(8) * np.pi / 4
    circle = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    return np.concatenate([np.zeros((1, 2)), circle / 2, circle]).astype(np.float32)


def _places(points: Points) -> Points:
    """Keypoints, middles of bones and the top of the head, [P, 3].

    Not the tail's root and what lies between it and the rest: seen from the front, the belly is there.
    """
    points = points.copy()
    points[TAIL_ROOT, 2] = 0.0
    ends = np.array(BONES)
    middles = (points[ends[:, 0]] + points[ends[:, 1]]) / 2
    middles[:, 2] = np.minimum(points[ends[:, 0], 2], points[ends[:, 1], 2])
    eyes = (points[0] + points[1]) / 2
    tops = np.stack([eyes + (eyes - points[3]) * part for part in ABOVE])
    tops[:, 2] = 1.0  # the mask says whether something is there
    return np.concatenate([points, middles, tops]).astype(np.float32)
