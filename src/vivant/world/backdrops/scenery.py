"""What backdrops are drawn on: a sketch that takes plain colours, and knows gradients, soft light and floors."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from vivant.world.sketch import Colour, Paint, Point, Sketch, mix

WHITE: Colour = (255.0, 255.0, 255.0)

_OVER = 0.02  # how far what should touch the border reaches beyond it
_LARGE = 0.1
_FINE = [(math.cos(i * math.tau / 64), math.sin(i * math.tau / 64)) for i in range(64)]


@dataclass(frozen=True, slots=True)
class Glow:
    """A soft round light: at its middle the picture takes ``strength`` of the colour, at its rim none."""

    x: float
    y: float
    rx: float
    ry: float
    colour: Colour
    strength: float


@dataclass(frozen=True, slots=True)
class Beams:
    """Shafts of light (or veils of mist): within the outlines the picture takes ``strength`` of the colour."""

    outlines: Sequence[Sequence[Point]]
    colour: Colour
    strength: float


class Scenery(Sketch):
    """A sketch of flat colours without parts, with soft lights that are laid over all shapes at the end."""

    __slots__ = ("lights",)

    def __init__(self) -> None:
        super().__init__()
        self.lights: list[Glow | Beams] = []

    def disk(self, x: float, y: float, rx: float, ry: float, colour: Colour, angle: float = 0.0) -> None:
        """An ellipse; large upright ones have more corners than a unit shape has, or they would show."""
        if max(rx, ry) < _LARGE or angle:
            self.ellipse(x, y, rx, ry, _paint(colour), angle)
        else:
            self.poly([(x + rx * cos, y + ry * sin) for cos, sin in _FINE], colour)

    def shape(self, name: str, x: float, y: float, sx: float, sy: float, colour: Colour, angle: float = 0.0) -> None:
        """A unit shape of `sketch.SHAPES`."""
        self.stamp(name, x, y, sx, sy, _paint(colour), angle)

    def rect(self, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
        """An upright rectangle by two opposite corners."""
        self.stamp("square", (x0 + x1) / 2, (y0 + y1) / 2, abs(x1 - x0) / 2, abs(y1 - y0) / 2, _paint(colour))

    def block(self, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
        """An upright rectangle with softened corners."""
        self.stamp("block", (x0 + x1) / 2, (y0 + y1) / 2, abs(x1 - x0) / 2, abs(y1 - y0) / 2, _paint(colour))

    def poly(self, points: Sequence[Point], colour: Colour) -> None:
        """Any closed outline."""
        self.polygon(points, _paint(colour))

    def line(self, points: Sequence[Point], radius: float, colour: Colour) -> None:
        """A rounded line through all points."""
        self.path(points, radius, _paint(colour))

    def taper(self, start: Point, r0: float, end: Point, r1: float, colour: Colour) -> None:
        """A rounded bar with a radius at each end."""
        self.limb(start, r0, end, r1, _paint(colour))

    def gradient(self, y0: float, y1: float, top: Colour, bottom: Colour) -> None:
        """The whole width from y0 down to y1, in steps too fine to see."""
        steps = max(1, min(40, round(max(abs(a - b) for a, b in zip(top, bottom, strict=True)) / 2)))
        for step in range(steps):
            colour = mix(top, bottom, (step + 0.5) / steps)
            self.rect(-_OVER, y0 + (y1 - y0) * step / steps, 1 + _OVER, y1, colour)

    def glow(self, x: float, y: float, rx: float, ry: float, colour: Colour, strength: float) -> None:
        """Add a soft round light."""
        self.lights.append(Glow(x, y, rx, ry, colour, strength))

    def beams(self, outlines: Sequence[Sequence[Point]], colour: Colour, strength: float) -> None:
        """Add shafts of light."""
        self.lights.append(Beams(outlines, colour, strength))


def vary(rng: random.Random, colour: Colour, spread: float = 8.0) -> Colour:
    """A colour near that one: as a whole lighter or darker, and a little off in each channel."""
    whole = rng.uniform(-spread, spread)
    red, green, blue = (min(255.0, max(0.0, channel + whole + rng.uniform(-spread, spread) / 2)) for channel in colour)
    return (red, green, blue)


def rows(horizon: float, count: int, *, first: float = 0.16, end: float = 1.04) -> list[float]:
    """The y of lines across a floor, from its far edge to the near one, in perspective.

    Args:
        horizon: y of the far edge.
        count: rows between the lines; one more line than that comes back.
        first: depth of the farthest row as a share of an even one; 1 is a floor seen from above.
        end: y of the nearest line.
    """
    depths = [first + (2 - 2 * first) * (row + 0.5) / count for row in range(count)]
    scale = (end - horizon) / sum(depths)
    lines = [horizon]
    for depth in depths:
        lines.append(lines[-1] + depth * scale)
    return lines


def spread(x: float, y: float, vanish: Point) -> float:
    """Where a floor line that would leave the picture's foot (y = 1) at x is at height y."""
    return vanish[0] + (x - vanish[0]) * (y - vanish[1]) / (1 - vanish[1])


def boards(scene: Scenery, horizon: float, vanish: Point, count: int, far: Colour, near: Colour, seam: Colour) -> None:
    """A floor of planks that run towards a vanishing point above the horizon."""
    scene.gradient(horizon, 1 + _OVER, far, near)
    reach = 1.2 * (1 - vanish[1]) / (horizon - vanish[1])
    for index in range(count + 1):
        x = vanish[0] + (index / count - 0.5) * reach * 2
        top, foot = spread(x, horizon, vanish), spread(x, 1.03, vanish)
        if -0.05 < foot < 1.05 or -0.05 < top < 1.05:
            scene.poly([(top, horizon), (top + 0.002, horizon), (foot + 0.006, 1.03), (foot - 0.002, 1.03)], seam)


def checker(
    scene: Scenery, horizon: float, vanish: Point, tile: float, count: int, colours: tuple[Colour, Colour]
) -> None:
    """A chequered floor.

    Args:
        scene: to draw on.
        horizon: y of the far edge.
        vanish: where the rows of tiles meet, above the horizon.
        tile: width of a tile at the picture's foot.
        count: rows.
        colours: the ground, and the tiles laid on it.
    """
    scene.rect(-_OVER, horizon, 1 + _OVER, 1 + _OVER, colours[0])
    lines = rows(horizon, count)
    for row, (top, foot) in enumerate(pairwise(lines)):
        reach = (1 - vanish[1]) / (top - vanish[1])
        first = int((vanish[0] * reach) / tile) + 2
        last = int(((1 - vanish[0]) * reach) / tile) + 2
        for column in range(-first, last):
            if (row + column) % 2:
                continue
            x0, x1 = vanish[0] + column * tile, vanish[0] + (column + 1) * tile
            corners = [(spread(x0, top, vanish), top), (spread(x1, top, vanish), top)]
            corners += [(spread(x1, foot, vanish), foot), (spread(x0, foot, vanish), foot)]
            if corners[0][0] < 1 and corners[1][0] > 0:
                scene.poly(corners, colours[1])


def _paint(colour: Colour) -> Paint:
    return Paint(colour[0], colour[1], colour[2], 0)
