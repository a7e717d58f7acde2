"""A prop's own coordinates: x in the direction that it faces, y down, in its own unit."""

from __future__ import annotations

import math
from collections.abc import Sequence

from vivant.world.sketch import Paint, Point, Sketch


class Frame:
    """Draws on a sketch in coordinates of its own.

    Args:
        sketch: what to draw on.
        origin: where (0, 0) lies, fractions of the picture.
        unit: length of 1, fraction of the picture.
        way: 1 where x points to the viewer's right, -1 where it points to the left: the prop mirrored.
        angle: turns the prop about its origin, radians; positive lowers what lies ahead.
    """

    __slots__ = ("_cos", "_sin", "angle", "sketch", "unit", "way", "x", "y")

    def __init__(self, sketch: Sketch, origin: Point, unit: float, way: float = 1.0, angle: float = 0.0) -> None:
        self.sketch = sketch
        self.x, self.y = origin
        self.unit = unit
        self.way = way
        self.angle = angle
        self._cos = math.cos(angle) * unit
        self._sin = math.sin(angle) * unit

    def at(self, x: float, y: float) -> Point:
        """A point of the frame as fractions of the picture."""
        return (self.x + self.way * (x * self._cos - y * self._sin), self.y + x * self._sin + y * self._cos)

    def inverse(self, point: Point) -> Point:
        """A point of the picture in the frame's coordinates."""
        dx, dy = (point[0] - self.x) * self.way, point[1] - self.y
        square = self.unit * self.unit
        return ((dx * self._cos + dy * self._sin) / square, (dy * self._cos - dx * self._sin) / square)

    def ellipse(self, x: float, y: float, rx: float, ry: float, paint: Paint, angle: float = 0.0) -> None:
        """As `Sketch.ellipse`."""
        self.stamp("disk", x, y, rx, ry, paint, angle)

    def stamp(self, shape: str, x: float, y: float, sx: float, sy: float, paint: Paint, angle: float = 0.0) -> None:
        """As `Sketch.stamp`."""
        px, py = self.at(x, y)
        turned = self.way * (self.angle + angle)
        self.sketch.stamp(shape, px, py, sx * self.unit, sy * self.unit, paint, turned)

    def limb(self, start: Point, r0: float, end: Point, r1: float, paint: Paint) -> None:
        """As `Sketch.limb`."""
        self.sketch.limb(self.at(*start), r0 * self.unit, self.at(*end), r1 * self.unit, paint)

    def path(self, points: Sequence[Point], radius: float, paint: Paint) -> None:
        """As `Sketch.path`."""
        self.sketch.path([self.at(*point) for point in points], radius * self.unit, paint)

    def polygon(self, points: Sequence[Point], paint: Paint) -> None:
        """As `Sketch.polygon`."""
        self.sketch.polygon([self.at(*point) for point in points], paint)
