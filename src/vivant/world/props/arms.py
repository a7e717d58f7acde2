"""What contests are fought with: foils, boxing gloves, a mat; and the star where a blow lands."""

from __future__ import annotations

import math

from vivant.world.props.palette import GOLD, YELLOW
from vivant.world.sketch import Colour, Paint, Point, Sketch, shade

_BLADE = Paint(236.0, 240.0, 248.0, 21)
_EDGE = Paint(66.0, 76.0, 104.0, 21)
_GRIP = Paint(*GOLD, 22)
_FLASH = Paint(*YELLOW, 23)
_FLASH_HEART = Paint(255.0, 252.0, 236.0, 24)


def foil(sketch: Sketch, hand: Point, tip: Point, size: float, colour: Colour) -> None:
    """A foil from a hand to its tip; ``size`` is half the width of its guard."""
    dx, dy = tip[0] - hand[0], tip[1] - hand[1]
    length = math.hypot(dx, dy)
    ux, uy = dx / length, dy / length
    pommel = (hand[0] - 1.1 * size * ux, hand[1] - 1.1 * size * uy)
    guard = (hand[0] + 0.7 * size * ux, hand[1] + 0.7 * size * uy)
    sketch.limb(guard, 0.4 * size, tip, 0.3 * size, _EDGE)
    sketch.limb(guard, 0.22 * size, tip, 0.16 * size, _BLADE)
    sketch.limb(pommel, 0.3 * size, hand, 0.2 * size, _GRIP)
    sketch.ellipse(*guard, 0.42 * size, size, Paint(*colour, 22), math.atan2(uy, ux))


def glove(sketch: Sketch, elbow: Point, hand: Point, size: float, colour: Colour, part: int) -> None:
    """A boxing glove of that radius over a hand."""
    dx, dy = hand[0] - elbow[0], hand[1] - elbow[1]
    length = max(1e-6, math.hypot(dx, dy))
    ux, uy = dx / length * size, dy / length * size
    paint = Paint(*colour, part)
    sketch.limb(
        (hand[0] - 1.05 * ux, hand[1] - 1.05 * uy), 0.6 * size, (hand[0] - 0.7 * ux, hand[1] - 0.7 * uy), 0.6 * size,
        Paint(*shade(colour, 1.75), part + 1),
    )  # fmt: skip
    sketch.limb(hand, 0.95 * size, (hand[0] + 0.3 * ux, hand[1] + 0.3 * uy), size, paint)
    thumb = 1.0 if ux >= 0 else -1.0
    sketch.ellipse(
        hand[0] + 0.1 * ux + 0.55 * uy * thumb, hand[1] + 0.1 * uy - 0.55 * ux * thumb, 0.48 * size, 0.36 * size,
        Paint(*shade(colour, 0.86), part), math.atan2(uy, ux),
    )  # fmt: skip


def flash(sketch: Sketch, point: Point, size: float, angle: float) -> None:
    """The star where a blow lands."""
    sketch.stamp("burst", *point, size, size, _FLASH, angle)
    sketch.stamp("burst", *point, 0.55 * size, 0.55 * size, _FLASH_HEART, angle)


def mat(sketch: Sketch, x: float, y: float, half: float, colour: Colour, ring: Colour) -> None:
    """A round wrestling mat on the ground, seen flat."""
    sketch.ellipse(x, y + 0.012, half, 0.17 * half, Paint(*shade(colour, 0.72), 25))
    sketch.ellipse(x, y, half, 0.17 * half, Paint(*colour, 26))
    sketch.ellipse(x, y, 0.74 * half, 0.12 * half, Paint(*ring, 26))
    sketch.ellipse(x, y, 0.64 * half, 0.1 * half, Paint(*colour, 26))
    sketch.ellipse(x, y + 0.012, 0.58 * half, 0.07 * half, Paint(*shade(colour, 0.8), 26))  # the wrestlers' shadow
