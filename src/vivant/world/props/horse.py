"""A horse to ride."""

from __future__ import annotations

import math
from dataclasses import dataclass

from vivant.world.props.frame import Frame
from vivant.world.props.palette import CREAM, DARK, DARK_WOOD
from vivant.world.sketch import Colour, Paint, Point, shade

_HOOF = Paint(*shade(DARK_WOOD, 0.6), 6)
_EYE = Paint(*shade(DARK, 0.6), 3)
_GLINT = Paint(*CREAM, 3)
_REINS = Paint(*shade(DARK_WOOD, 0.75), 9)


@dataclass(frozen=True, slots=True)
class Coat:
    """A horse's colours: body, muzzle and belly, mane and tail."""

    body: Colour
    muzzle: Colour
    mane: Colour


COATS: tuple[Coat, ...] = (
    Coat((186, 120, 70), (226, 180, 136), (92, 56, 40)),
    Coat((236, 230, 222), (238, 198, 190), (214, 176, 104)),
    Coat((116, 76, 58), (172, 128, 102), (52, 40, 40)),
    Coat((150, 156, 172), (206, 208, 216), (76, 80, 96)),
    Coat((228, 176, 100), (248, 224, 180), (250, 244, 228)),
)

BIT: Point = (0.49, -0.62)
"""Where the reins begin, in the horse's frame."""
BACK = -0.5
"""y of its back."""


def nod(gallop: float) -> float:
    """How far its head is lowered in that phase of its stride."""
    return 0.02 * math.sin(gallop)


def horse_far(frame: Frame, coat: Coat, gallop: float) -> None:
    """Tail and far legs: (0, 0) is on the ground below its middle; ``gallop`` is the phase of its stride, radians."""
    mane = Paint(*coat.mane, 1)
    wave = 0.06 * math.sin(gallop)
    frame.limb((-0.27, -0.45), 0.05, (-0.4, -0.42 + wave), 0.06, mane)
    frame.limb((-0.4, -0.42 + wave), 0.06, (-0.47, -0.26 + 1.6 * wave), 0.03, mane)
    far = Paint(*shade(coat.body, 0.72), 2)
    _leg(frame, -0.19, gallop + 2.2, -1.0, far)
    _leg(frame, 0.22, gallop + 0.6, 1.0, far)


def horse_body(frame: Frame, coat: Coat, gallop: float) -> None:
    """Near legs, trunk, neck and head."""
    body, mane, muzzle = Paint(*coat.body, 4), Paint(*coat.mane, 5), Paint(*coat.muzzle, 4)
    down = nod(gallop)
    _leg(frame, -0.22, gallop + 3.0, -1.0, body)
    _leg(frame, 0.17, gallop, 1.0, body)
    frame.limb((0.14, -0.4), 0.12, (0.36, -0.66 + down), 0.085, body)
    frame.limb((-0.2, -0.37), 0.14, (0.17, -0.38), 0.135, body)
    frame.limb((0.22, -0.56), 0.045, (0.3, -0.7 + down), 0.055, mane)
    frame.limb((0.16, -0.5), 0.03, (0.22, -0.58), 0.05, mane)
    frame.stamp("triangle", 0.325, -0.77 + down, 0.035, 0.065, body, -0.2)
    frame.limb((0.38, -0.66 + down), 0.095, (0.5, -0.58 + down), 0.075, body)
    frame.ellipse(0.525, -0.565 + down, 0.07, 0.065, muzzle)
    frame.stamp("triangle", 0.395, -0.77 + down, 0.035, 0.065, body, 0.05)
    frame.limb((0.34, -0.76 + down), 0.04, (0.42, -0.71 + down), 0.02, mane)
    frame.ellipse(0.43, -0.66 + down, 0.024, 0.03, _EYE)
    frame.ellipse(0.437, -0.67 + down, 0.009, 0.01, _GLINT)
    frame.ellipse(0.56, -0.575 + down, 0.013, 0.016, _EYE)


def saddle(frame: Frame, x: float, colour: Colour, sole: Point) -> None:
    """Saddle and blanket under a rider at that x, and a stirrup under the sole of its near foot."""
    leather = Paint(*DARK_WOOD, 8)
    frame.stamp("cushion", x, -0.4, 0.13, 0.11, Paint(*colour, 7))
    frame.limb((x - 0.12, BACK - 0.02), 0.035, (x + 0.12, BACK - 0.015), 0.03, leather)
    frame.limb((x + 0.04, BACK), 0.012, sole, 0.012, leather)
    frame.stamp("block", sole[0] + 0.02, sole[1], 0.055, 0.016, leather)


def reins(frame: Frame, hand: Point, down: float) -> None:
    """From the bit to a hand (in the horse's frame), with the noseband; the head is lowered by ``down``."""
    bit = (BIT[0], BIT[1] + down + 0.06)
    frame.limb((0.47, -0.645 + down), 0.012, (0.5, -0.515 + down), 0.012, _REINS)
    frame.path([bit, (0.28, -0.47), hand], 0.012, _REINS)


def _leg(frame: Frame, x: float, phase: float, way: float, paint: Paint) -> None:
    """One leg in its stride: ``way`` is 1 for a foreleg, whose joint bends back, and -1 for a hind leg."""
    swing = 0.75 * math.sin(phase)
    lift = max(0.0, math.cos(phase))
    knee = (x + 0.17 * math.sin(swing), -0.32 + 0.17 * math.cos(swing))
    low = swing - way * (0.15 + 0.9 * lift) if way > 0 else swing - 0.25 - 0.7 * lift
    hoof = (knee[0] + 0.13 * math.sin(low), knee[1] + 0.13 * math.cos(low))
    frame.limb((x, -0.34), 0.085, knee, 0.05, paint)
    frame.limb(knee, 0.05, hoof, 0.042, paint)
    frame.ellipse(hoof[0] + 0.008, hoof[1] + 0.015, 0.05, 0.038, _HOOF)
