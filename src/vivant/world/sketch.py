"""Drawing: a display list of flat shapes.

Every shape is a unit shape under an affine map (or, for limbs, under two: one for each end), so a whole scene becomes
points in one matrix product. `vivant.world.raster` fills them.

Coordinates are fractions of the picture, x to the right, y down. Colours are RGB, 0 to 255.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Colour: TypeAlias = tuple[float, float, float]
"""Red, green, blue, 0 to 255."""
Point: TypeAlias = tuple[float, float]

PARTS = 32
"""Parts an owner may have; the id of a pixel is ``owner * PARTS + part``. Owner 0 is the scenery; id 0 is nothing."""
_POINTS = 24


class Paint(NamedTuple):
    """What a shape is filled with: a colour and the id of the part that it belongs to."""

    red: float
    green: float
    blue: float
    part: int


def shade(colour: Colour, factor: float) -> Colour:
    """Darker below 1; above 1 lighter, by moving towards white (2 is white)."""
    if factor <= 1.0:
        return (colour[0] * factor, colour[1] * factor, colour[2] * factor)
    return mix(colour, (255.0, 255.0, 255.0), min(1.0, factor - 1.0))


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """``one`` with that share of ``other``."""
    keep = 1.0 - share
    return (
        one[0] * keep + other[0] * share,
        one[1] * keep + other[1] * share,
        one[2] * keep + other[2] * share,
    )


def _outline(points: Sequence[Point]) -> npt.NDArray[np.float64]:
    """A closed outline resampled to `_POINTS` points, evenly along its length."""
    closed = np.array([*points, points[0]], dtype=np.float64)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    at = np.linspace(0.0, along[-1], _POINTS, endpoint=False)
    return np.stack([np.interp(at, along, closed[:, axis]) for axis in (0, 1)], axis=1)


def _round(exponent: float) -> npt.NDArray[np.float64]:
    """A superellipse: 2 is the disk, larger is squarer."""
    angle = np.arange(_POINTS) * 2 * np.pi / _POINTS
    cos, sin = np.cos(angle), np.sin(angle)
    power = 2.0 / exponent
    return np.stack([np.sign(cos) * np.abs(cos) ** power, np.sign(sin) * np.abs(sin) ** power], axis=1)


def _capsule() -> npt.NDArray[np.float64]:
    """A disk whose first half is the half-circle facing -x, and whose second half faces +x, both with their corners."""
    half = np.linspace(np.pi / 2, 3 * np.pi / 2, _POINTS // 2)
    angle = np.concatenate([half, half + np.pi])
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _star(spikes: int, inner: float) -> list[Point]:
    turns = [i * math.pi / spikes - math.pi / 2 for i in range(2 * spikes)]
    return [
        (math.cos(t) * (inner if i % 2 else 1.0), math.sin(t) * (inner if i % 2 else 1.0)) for i, t in enumerate(turns)
    ]


def _heart() -> list[Point]:
    turns = [i * 2 * math.pi / 60 for i in range(60)]
    return [
        (math.sin(t) ** 3, -(13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)) / 17)
        for t in turns
    ]


_OUTLINES: dict[str, npt.NDArray[np.float64]] = {
    "capsule": _capsule(),
    "disk": _round(2.0),
    "cushion": _round(3.5),
    "block": _round(9.0),
    "square": _outline([(-1, -1), (1, -1), (1, 1), (-1, 1)]),
    "triangle": _outline([(0, -1), (1, 1), (-1, 1)]),
    "drop": _outline([(0, -1), (0.55, -0.2), (0.9, 0.4), (0.6, 0.9), (0, 1), (-0.6, 0.9), (-0.9, 0.4), (-0.55, -0.2)]),
    "leaf": _outline(
        [(0, -1), (0.55, -0.4), (0.65, 0.1), (0.4, 0.65), (0, 1), (-0.4, 0.65), (-0.65, 0.1), (-0.55, -0.4)]
    ),
    "dome": _outline([(math.cos(i * math.pi / 12), -math.sin(i * math.pi / 12)) for i in range(13)]),
    "crescent": _outline(
        [(math.cos(i * math.pi / 12), math.sin(i * math.pi / 12)) for i in range(13)]
        + [(-math.cos(i * math.pi / 12), 0.35 * math.sin(i * math.pi / 12)) for i in range(1, 12)]
    ),
    "star": _outline(_star(5, 0.45)),
    "burst": _outline(_star(6, 0.6)),
    "heart": _outline(_heart()),
    "diamond": _outline([(0, -1), (1, 0), (0, 1), (-1, 0)]),
    # Slices of a disk, for stripes and bands that stay inside an ellipse: y from -0.65 to -0.35 and so on.
    **{
        name: _outline(
            [(math.sqrt(1 - y * y), y) for y in np.linspace(top, bottom, 5)]
            + [(-math.sqrt(1 - y * y), y) for y in np.linspace(bottom, top, 5)]
        )
        for name, top, bottom in (
            ("slice_top", -0.72, -0.42),
            ("slice_middle", -0.15, 0.15),
            ("slice_bottom", 0.42, 0.72),
            ("cap", -0.999, -0.35),
            ("bowl", 0.1, 0.999),
        )
    },
}
SHAPES = tuple(_OUTLINES)
"""Names of the unit shapes; all lie in [-1, 1] x [-1, 1]."""
_INDEX = {name: index for index, name in enumerate(SHAPES)}
_CAPSULE, _DISK = _INDEX["capsule"], _INDEX["disk"]
# [shapes, halves, points of a half, (u, v, 1)]
_UNIT = np.concatenate([np.stack(list(_OUTLINES.values())), np.ones((len(SHAPES), _POINTS, 1))], axis=2).reshape(
    len(SHAPES), 2, _POINTS // 2, 3
)


class Sketch:
    """A display list, painted in the order of the calls."""

    __slots__ = ("items",)

    def __init__(self) -> None:
        # (unit shape, or -1 for a polygon; its twelve numbers, or the polygon's points; paint)
        self.items: list[tuple[int, Sequence[Any], Paint]] = []

    def extend(self, other: Sketch) -> None:
        """Paint another sketch on top."""
        self.items += other.items

    def ellipse(self, x: float, y: float, rx: float, ry: float, paint: Paint, angle: float = 0.0) -> None:
        """An ellipse with that centre and radii, turned by ``angle`` radians (clockwise as seen)."""
        self._affine(_DISK, x, y, rx, ry, paint, angle)

    def stamp(self, shape: str, x: float, y: float, sx: float, sy: float, paint: Paint, angle: float = 0.0) -> None:
        """A unit shape (one of `SHAPES`) of that half-width and half-height; negative mirrors it."""
        self._affine(_INDEX[shape], x, y, sx, sy, paint, angle)

    def limb(self, start: Point, r0: float, end: Point, r1: float, paint: Paint) -> None:
        """A rounded limb from one point to another, with the radius at each."""
        (x0, y0), (x1, y1) = start, end
        dx, dy = x1 - x0, y1 - y0
        length = math.hypot(dx, dy)
        cos, sin = (dx / length, dy / length) if length > 1e-9 else (1.0, 0.0)
        numbers = (
            r0 * cos, -r0 * sin, x0, r0 * sin, r0 * cos, y0,
            r1 * cos, -r1 * sin, x1, r1 * sin, r1 * cos, y1,
        )  # fmt: skip
        self.items.append((_CAPSULE, numbers, paint))

    def path(self, points: Sequence[Point], radius: float, paint: Paint) -> None:
        """A rounded line through all points."""
        for start, end in pairwise(points):
            self.limb(start, radius, end, radius, paint)

    def polygon(self, points: Sequence[Point], paint: Paint) -> None:
        """Any closed outline."""
        self.items.append((-1, points, paint))

    def move(self, scale: float, dx: float, dy: float) -> None:
        """Put every point (x, y) at (scale x + dx, scale y + dy)."""
        step = (0.0, 0.0, dx, 0.0, 0.0, dy) * 2
        self.items = [
            (shape, [number * scale + add for number, add in zip(value, step, strict=True)], paint)
            if shape >= 0
            else (shape, [(x * scale + dx, y * scale + dy) for x, y in value], paint)
            for shape, value, paint in self.items
        ]

    def outlines(self) -> list[npt.NDArray[np.float64]]:
        """Each shape's outline [points, 2], fractions of the picture."""
        shapes = [shape for shape, _, _ in self.items if shape >= 0]
        numbers = [value for shape, value, _ in self.items if shape >= 0]
        maps = np.array(numbers, dtype=np.float64).reshape(-1, 2, 2, 3)
        stamped = iter(np.matmul(_UNIT[shapes], maps.transpose(0, 1, 3, 2)).reshape(-1, _POINTS, 2))
        return [next(stamped) if shape >= 0 else np.array(value, dtype=np.float64) for shape, value, _ in self.items]

    def _affine(self, shape: int, x: float, y: float, sx: float, sy: float, paint: Paint, angle: float) -> None:
        if angle:
            cos, sin = math.cos(angle), math.sin(angle)
            half = (sx * cos, -sy * sin, x, sx * sin, sy * cos, y)
        else:
            half = (sx, 0.0, x, 0.0, sy, y)
        self.items.append((shape, half + half, paint))


def extent(sketch: Sketch) -> tuple[float, float, float, float]:
    """x0, y0, x1, y1 around all that belongs to a subject; scenery may leave the picture."""
    owned = Sketch()
    owned.items = [item for item in sketch.items if item[2].part >= PARTS]
    points = np.concatenate(owned.outlines() or [np.full((1, 2), 0.5)])
    (x0, y0), (x1, y1) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return x0, y0, x1, y1
