"""A bicycle and a motorbike."""

from __future__ import annotations

import math

from vivant.world.props.frame import Frame
from vivant.world.props.palette import CREAM, DARK, DARK_WOOD, FLAME, RED, STEEL, YELLOW
from vivant.world.sketch import Colour, Paint, Point, shade

_TYRE = Paint(*DARK, 1)
_STEEL = Paint(*STEEL, 2)
_PALE = Paint(*shade(STEEL, 1.35), 2)
_SEAT = Paint(*shade(DARK_WOOD, 0.8), 3)
_GRIP = Paint(*DARK, 4)
_ENGINE = Paint(*shade(STEEL, 0.75), 5)
_ENGINE_LIGHT = Paint(*shade(STEEL, 1.1), 5)
_CHROME = Paint(*shade(STEEL, 1.3), 6)
_LAMP = Paint(255, 236, 150, 7)
_TAIL_LAMP = Paint(*RED, 8)
_SMOKE = Paint(226, 226, 230, 9)
_FIRE = Paint(*FLAME, 10)
_CREAM = Paint(*CREAM, 11)
_CHAIN = Paint(*YELLOW, 12)

_TURNS = tuple((math.cos(turn * math.tau / 24), math.sin(turn * math.tau / 24)) for turn in range(25))


def _ring(frame: Frame, x: float, y: float, outer: float, inner: float, paint: Paint) -> None:
    """A flat ring that can be seen through: its outline runs around and, by a seam, back inside."""
    points = [(x + outer * cos, y + outer * sin) for cos, sin in _TURNS]
    points += [(x + inner * cos, y - inner * sin) for cos, sin in _TURNS]
    frame.polygon(points, paint)


def _wheel(frame: Frame, x: float, y: float, radius: float, spin: float) -> None:
    """A spoked wheel."""
    for turn in range(3):
        cos, sin = (
            math.cos(spin + turn * math.pi / 3) * radius * 0.9,
            math.sin(spin + turn * math.pi / 3) * radius * 0.9,
        )
        frame.limb((x - cos, y - sin), 0.008, (x + cos, y + sin), 0.008, _PALE)
    _ring(frame, x, y, radius, radius * 0.8, _TYRE)
    frame.ellipse(x, y, 0.03, 0.03, _STEEL)


class Bicycle:
    """Where a bicycle's parts are; its frame's (0, 0) is on the ground below the bottom bracket, its unit the rider's.

    Args:
        frame: coordinates.
        saddle: y of the saddle's top.
        phase: of the pedals, radians; the near one points ahead at 0 and down at a quarter turn.
    """

    WHEEL = 0.195
    REAR: Point = (-0.29, -0.195)
    FRONT: Point = (0.36, -0.195)
    BRACKET: Point = (0.0, -0.2)
    SADDLE_X = -0.08
    HEAD: Point = (0.25, -0.43)
    GRIP: Point = (0.19, -0.53)
    CRANK = 0.055
    PEDAL = 0.018

    def __init__(self, frame: Frame, saddle: float, phase: float) -> None:
        self.frame = frame
        self.saddle = saddle
        x, y = self.BRACKET
        dx, dy = self.CRANK * math.cos(phase), self.CRANK * math.sin(phase)
        self.near_pedal: Point = (x + dx, y + dy)
        self.far_pedal: Point = (x - dx, y - dy)

    def draw_far(self, spin: float) -> None:
        """What the rider's far leg passes before: wheels and the far pedal."""
        frame = self.frame
        _wheel(frame, *self.REAR, self.WHEEL, spin)
        _wheel(frame, *self.FRONT, self.WHEEL, spin + 0.4)
        frame.limb(self.BRACKET, 0.014, self.far_pedal, 0.014, _ENGINE)
        self._pedal(self.far_pedal)

    def draw_frame(self, colour: Colour) -> None:
        """The frame with its saddle, between the rider's legs."""
        frame, paint = self.frame, Paint(*colour, 13)
        tube, x, top = 0.022, self.SADDLE_X, self.saddle
        frame.limb((x, top + 0.01), 0.016, (x + 0.02, top + 0.08), 0.016, _STEEL)
        cluster = (x + 0.02, min(-0.3, top + 0.06))
        frame.limb(cluster, tube, self.BRACKET, tube, paint)
        frame.limb((x + 0.025, cluster[1] + 0.02), tube, self.HEAD, tube, paint)
        frame.limb(self.BRACKET, tube, (0.275, -0.38), tube, paint)
        frame.limb(self.REAR, 0.018, self.BRACKET, 0.018, paint)
        frame.limb(self.REAR, 0.018, cluster, 0.018, paint)
        frame.limb(self.HEAD, 0.02, self.FRONT, 0.02, paint)
        frame.limb(self.HEAD, 0.016, (0.23, -0.51), 0.016, _STEEL)
        frame.limb((x - 0.08, top - 0.002), 0.03, (x + 0.06, top + 0.005), 0.018, _SEAT)

    def draw_near(self) -> None:
        """Crank, near pedal and handlebar, before the frame and behind the near leg."""
        frame = self.frame
        frame.ellipse(*self.BRACKET, 0.045, 0.045, _CHAIN)
        frame.limb(self.BRACKET, 0.016, self.near_pedal, 0.014, _STEEL)
        self._pedal(self.near_pedal)
        x, y = self.GRIP
        frame.limb((x + 0.04, y + 0.02), 0.018, (x + 0.08, y - 0.01), 0.018, _STEEL)
        frame.limb((x + 0.08, y - 0.01), 0.022, (x - 0.03, y), 0.028, _GRIP)

    def _pedal(self, point: Point) -> None:
        self.frame.stamp("block", *point, 0.045, self.PEDAL, _GRIP)


class Motorbike:
    """Where a motorbike's parts are; its frame's (0, 0) is on the ground below its middle, its unit the rider's."""

    WHEEL = 0.2
    REAR: Point = (-0.36, -0.2)
    FRONT: Point = (0.42, -0.2)
    SEAT_TOP = -0.375
    GRIP: Point = (0.15, -0.56)

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def draw_body(self, colour: Colour) -> None:
        """Everything but the grip: the far leg is behind, the near leg before it."""
        frame, paint, dark = self.frame, Paint(*colour, 13), Paint(*shade(colour, 0.7), 14)
        for x, y in (self.REAR, self.FRONT):
            frame.ellipse(x, y, self.WHEEL, self.WHEEL, _TYRE)
            frame.ellipse(x, y, 0.115, 0.115, _CHROME)
            frame.ellipse(x, y, 0.06, 0.06, _ENGINE)
        frame.limb((0.2, -0.47), 0.026, self.FRONT, 0.026, _CHROME)
        frame.stamp("dome", self.FRONT[0], -0.31, 0.17, 0.12, dark, 0.25)
        frame.limb((-0.36, -0.2), 0.03, (0.1, -0.2), 0.03, _GRIP)
        frame.stamp("cushion", 0.04, -0.23, 0.16, 0.12, _ENGINE)
        for y in (-0.29, -0.235, -0.18):
            frame.limb((-0.06, y), 0.014, (0.13, y), 0.014, _ENGINE_LIGHT)
        frame.stamp("dome", -0.37, -0.33, 0.2, 0.13, paint, -0.2)
        frame.stamp("cushion", -0.2, -0.375, 0.22, 0.04, _SEAT, 0.05)
        frame.stamp("drop", 0.12, -0.41, 0.1, 0.19, paint, math.pi / 2 + 0.25)
        frame.limb((0.0, -0.11), 0.026, (-0.5, -0.1), 0.036, _CHROME)
        frame.ellipse(-0.575, -0.34, 0.03, 0.035, _TAIL_LAMP)
        frame.limb((0.24, -0.42), 0.03, (0.19, -0.53), 0.02, _ENGINE)
        frame.ellipse(0.315, -0.44, 0.065, 0.07, dark)
        frame.ellipse(0.345, -0.44, 0.04, 0.06, _LAMP)

    def draw_near(self, sole: Point) -> None:
        """The handlebar, behind the near hand, and a footrest just under the rider's near sole."""
        self.frame.stamp("block", sole[0] + 0.02, sole[1], 0.06, 0.018, _GRIP)
        self.frame.limb((0.21, -0.5), 0.018, (0.2, -0.56), 0.018, _CHROME)
        self.frame.limb((0.2, -0.56), 0.022, (self.GRIP[0] - 0.03, self.GRIP[1]), 0.028, _GRIP)

    def draw_smoke(self, puffs: tuple[float, float, float]) -> None:
        """Exhaust behind it; three sizes."""
        for (x, y), size in zip(((-0.56, -0.1), (-0.625, -0.17), (-0.655, -0.27)), puffs, strict=True):
            self.frame.ellipse(x, y, size, size, _SMOKE)
