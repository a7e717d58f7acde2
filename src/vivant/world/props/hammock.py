"""A hammock, what it hangs from, and sleep itself."""

from __future__ import annotations

import math

from vivant.world.props.frame import Frame
from vivant.world.props.palette import DARK_WOOD, WOOD
from vivant.world.sketch import Colour, Paint, Point, shade

_WOOD = Paint(*WOOD, 6)
_DARK_WOOD = Paint(*DARK_WOOD, 7)
_LEAF = Paint(58, 148, 84, 17)
_LEAF_DARK = Paint(44, 122, 72, 18)
_TRUNK = Paint(166, 120, 76, 19)
_ROPE = Paint(226, 204, 160, 20)
_SLEEP = Paint(96, 150, 228, 31)


def post(frame: Frame, height: float) -> None:
    """A wooden post that leans outwards (along x) from its foot at (0, 0)."""
    frame.limb((0.0, 0.0), 0.035, (0.05, -height), 0.03, _WOOD)
    frame.stamp("cushion", 0.0, -0.005, 0.1, 0.028, _DARK_WOOD)
    frame.ellipse(0.05, -height, 0.05, 0.035, _DARK_WOOD)


def palm(frame: Frame, height: float) -> None:
    """A palm with its foot at (0, 0)."""
    frame.limb((0.0, 0.0), 0.045, (0.0, -height), 0.026, _TRUNK)
    top = -height - 0.02
    for angle, paint in ((2.1, _LEAF_DARK), (-2.1, _LEAF_DARK), (1.2, _LEAF), (-1.2, _LEAF), (0.1, _LEAF_DARK)):
        frame.stamp("leaf", 0.085 * math.sin(angle), top - 0.085 * math.cos(angle), 0.045, 0.115, paint, angle)
    frame.ellipse(-0.02, top + 0.02, 0.026, 0.026, _DARK_WOOD)


def _slung(half: float, ends: float, middle: float) -> list[Point]:
    """A line that hangs from (-half, ends) through (0, middle) to (half, ends)."""
    return [(half * turn / 4, middle + (ends - middle) * (turn / 4) ** 2) for turn in range(-4, 5)]


def hammock_back(frame: Frame, sag: float, colour: Colour) -> None:
    """The far edge of the cloth and the ropes: (0, 0) is on the ground below its middle, it sags to
    y ``-sag``."""
    for way in (-1.0, 1.0):
        frame.limb((way * 0.545, -0.58), 0.014, (way * 0.42, -sag - 0.3), 0.014, _ROPE)
    cloth = Paint(*shade(colour, 0.7), 21)
    frame.polygon(_slung(0.44, -sag - 0.32, -sag - 0.17) + _slung(0.44, -sag - 0.32, -sag - 0.02)[::-1], cloth)


def hammock_front(frame: Frame, sag: float, colour: Colour, stripe: Colour) -> None:
    """The near side of the cloth, before whoever lies in it."""
    low = -sag - 0.3
    frame.polygon(_slung(0.45, low, -sag - 0.1) + _slung(0.45, low, -sag + 0.04)[::-1], Paint(*colour, 22))
    frame.polygon(_slung(0.44, low, -sag - 0.055) + _slung(0.44, low, -sag - 0.005)[::-1], Paint(*stripe, 22))


def sleep_letter(frame: Frame) -> None:
    """A "Z" in the air, 1 tall, about (0, 0); its frame must not be mirrored."""
    frame.path([(-0.4, -0.45), (0.4, -0.45), (-0.4, 0.45), (0.4, 0.45)], 0.13, _SLEEP)
