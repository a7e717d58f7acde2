"""Sports gear, and the floor to dance on."""

from __future__ import annotations

import math
from collections.abc import Sequence

from vivant.world.props.frame import Frame
from vivant.world.props.palette import CREAM, DARK, STEEL
from vivant.world.sketch import Colour, Paint, Point, shade

_STEEL = Paint(*STEEL, 1)
_DARK = Paint(*DARK, 2)
_WHITE = Paint(*CREAM, 3)
_NET = Paint(206, 214, 220, 4)
_POST = Paint(250, 250, 252, 5)
_SNOW = Paint(246, 251, 255, 6)
_MIRROR = Paint(200, 216, 236, 7)
_MIRROR_LIGHT = Paint(250, 252, 255, 7)
_MIRROR_DARK = Paint(140, 150, 190, 7)

_FACETS: tuple[tuple[float, float, Paint], ...] = (
    (-0.45, -0.4, _MIRROR_LIGHT),
    (0.1, -0.55, _MIRROR_DARK),
    (0.5, -0.2, _MIRROR_LIGHT),
    (-0.1, -0.1, _MIRROR_LIGHT),
    (-0.6, 0.15, _MIRROR_DARK),
    (0.3, 0.3, _MIRROR_DARK),
    (-0.2, 0.5, _MIRROR_LIGHT),
)
# Of the football: corners of the patch in the middle, and the directions of the five around it.
_PENTAGON: tuple[Point, ...] = tuple(
    (math.sin(turn * math.tau / 5), -math.cos(turn * math.tau / 5)) for turn in range(5)
)


def barbell(frame: Frame, colour: Colour) -> None:
    """A bar along x with two plates at each end; its middle is at (0, 0)."""
    large, small = Paint(*colour, 2), Paint(*shade(colour, 0.7), 9)
    frame.limb((-0.52, 0.0), 0.017, (0.52, 0.0), 0.017, _STEEL)
    for way in (-1.0, 1.0):
        frame.stamp("block", way * 0.47, 0.0, 0.03, 0.12, small)
        frame.stamp("block", way * 0.4, 0.0, 0.038, 0.175, large)


def ski(frame: Frame, colour: Colour, half: float) -> None:
    """A ski along x with its tip turned up; the boot stands at (0, 0)."""
    paint = Paint(*colour, 9)
    frame.limb((-half, 0.0), 0.02, (half * 0.86, 0.0), 0.02, paint)
    frame.limb((half * 0.86, 0.0), 0.02, (half * 1.08, -0.075), 0.014, paint)


def ski_pole(frame: Frame, length: float, colour: Colour) -> None:
    """A pole held at (0, 0), its point at that length along x."""
    frame.limb((-0.05, 0.0), 0.022, (0.03, 0.0), 0.022, Paint(*colour, 10))
    frame.limb((0.03, 0.0), 0.013, (length, 0.0), 0.011, _DARK)
    frame.ellipse(length - 0.05, 0.0, 0.014, 0.045, _DARK)


def snow_spray(frame: Frame, puffs: Sequence[Point]) -> None:
    """Snow thrown up around (0, 0): a puff at each point, larger the nearer."""
    for x, y in puffs:
        size = 0.1 / (1.0 + 40.0 * (x * x + y * y))
        frame.ellipse(x, y, size, size, _SNOW)


def snow_slope(frame: Frame, half: float) -> None:
    """A drift of snow that skis along x at (0, 0) stand on, deep behind and thin ahead."""
    frame.limb((-half * 0.75, 0.1), 0.19, (half * 0.95, -0.02), 0.055, _SNOW)


def football(frame: Frame, radius: float) -> None:
    """A white ball with dark patches about (0, 0); its frame's angle spins it."""
    frame.ellipse(0.0, 0.0, radius, radius, _WHITE)
    inner, outer = 0.36 * radius, 0.78 * radius
    frame.polygon([(x * inner, y * inner) for x, y in _PENTAGON], _DARK)
    for x, y in _PENTAGON:
        frame.ellipse(x * outer, y * outer, 0.2 * radius, 0.2 * radius, _DARK)


def goal(frame: Frame, half: float, height: float) -> None:
    """A goal seen from the front: (0, 0) is on the ground between its posts, which stand at plus and minus ``half``."""
    back, low = 0.84 * half, -0.09
    for turn in range(-2, 3):
        frame.limb((turn / 2.5 * half, -height), 0.01, (turn / 2.5 * back, low), 0.01, _NET)
    for share in (0.25, 0.5, 0.75, 1.0):
        y = -height + (height + low) * share
        x = half + (back - half) * share
        frame.limb((-x, y), 0.01, (x, y), 0.01, _NET)
    for way in (-1.0, 1.0):
        frame.limb((way * half, 0.0), 0.013, (way * back, low), 0.013, _NET)
    frame.path([(-half, 0.0), (-half, -height), (half, -height), (half, 0.0)], 0.03, _POST)


def dance_floor(frame: Frame, colours: Sequence[Colour], half: float, depth: float) -> None:
    """Glowing tiles around (0, 0), two rows that narrow with distance; takes a colour for each of ten."""
    far = 0.74
    frame.polygon(
        [
            (-half * far, -depth),
            (half * far, -depth),
            (half, depth),
            (half, depth + 0.03),
            (-half, depth + 0.03),
            (-half, depth),
        ],
        _DARK,
    )
    for row, (top, bottom) in enumerate(((-depth, -0.05 * depth), (-0.05 * depth, depth))):
        upper = half * (far + (1 - far) * (top + depth) / (2 * depth))
        lower = half * (far + (1 - far) * (bottom + depth) / (2 * depth))
        for column in range(5):
            left, right = column / 2.5 - 1, (column + 1) / 2.5 - 1
            tile = Paint(*colours[row * 5 + column], 11 + (row + column) % 2)
            frame.polygon(
                [(left * upper, top), (right * upper, top), (right * lower, bottom), (left * lower, bottom)], tile
            )


def mirror_ball(frame: Frame, radius: float, cord: float) -> None:
    """A mirror ball about (0, 0), hanging from a cord of that length."""
    frame.limb((0.0, -cord), 0.006, (0.0, 0.0), 0.006, _DARK)
    frame.ellipse(0.0, 0.0, radius, radius, _MIRROR)
    for x, y, paint in _FACETS:
        frame.stamp("square", x * radius, y * radius, 0.17 * radius, 0.17 * radius, paint)
