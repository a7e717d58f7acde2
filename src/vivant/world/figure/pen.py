"""What every part of a figure is drawn with: the layers, the measures of the puppet, and its own directions."""

from __future__ import annotations

import math

from vivant.world.cast import Individual
from vivant.world.colours import COLOURS
from vivant.world.figure.parts import LAYERS, PART
from vivant.world.puppet import Puppet, Side
from vivant.world.sketch import PARTS, Colour, Paint, Point, Sketch, shade

INK: Colour = (52.0, 38.0, 46.0)
"""Pupils, noses, mouths."""
WHITE: Colour = (255.0, 255.0, 255.0)
_FAR = 0.88  # limbs on the far side are a little darker


class Pen:
    """Draws one figure.

    Lengths on the head are in radii of the head, on the body in heights of the figure.

    Attributes:
        one: who it is.
        puppet: its pose.
        layers: what has been drawn, by layer.
        unit: height of the figure, fraction of the picture.
        radius: of the head, fraction of the picture.
        turn: of the head, -1 to 1.
        girth: half the width of the torso, in heights.
        limb: radius of an arm, fraction of the picture.
    """

    __slots__ = (
        "_across",
        "_cos",
        "_first",
        "_sin",
        "girth",
        "layers",
        "limb",
        "one",
        "puppet",
        "radius",
        "turn",
        "unit",
    )

    def __init__(self, one: Individual, puppet: Puppet, owner: int) -> None:
        build = puppet.build
        self.one = one
        self.puppet = puppet
        self.layers = {name: Sketch() for name in LAYERS}
        self.unit = puppet.unit
        self.radius = build.head * puppet.unit
        self.turn = puppet.head_facing
        self.girth = build.girth
        self.limb = build.limb * puppet.unit
        self._first = owner * PARTS
        self._across = self.radius * build.head_width
        self._cos, self._sin = math.cos(puppet.head_angle), math.sin(puppet.head_angle)

    def named(self, colour: str, part: str, light: float = 1.0) -> Paint:
        """Paint of a named colour, for a part; ``light`` as `shade` takes it."""
        return self.tint(COLOURS[colour], part, light)

    def tint(self, colour: Colour, part: str, light: float = 1.0) -> Paint:
        """Paint of any colour."""
        red, green, blue = colour if light == 1.0 else shade(colour, light)
        return Paint(red, green, blue, self._first + PART[part])

    def far(self, side: Side) -> float:
        """The light that a limb of that side is in."""
        return 1.0 if side == self.puppet.near else _FAR

    def face(self, right: float, down: float) -> Point:
        """A point of the head; 1 is its edge. As `Puppet.on_head`, faster."""
        x, y = self.puppet.head
        rx, ry = self._across * right, self.radius * down
        return (x + rx * self._cos - ry * self._sin, y + rx * self._sin + ry * self._cos)

    def dab(
        self, shape: str, right: float, down: float, sx: float, sy: float, paint: Paint, angle: float = 0.0
    ) -> None:
        """A unit shape on the head."""
        x, y = self.face(right, down)
        radius = self.radius
        self.layers["head"].stamp(shape, x, y, sx * radius, sy * radius, paint, self.puppet.head_angle + angle)

    def disk(self, at: Point, dx: float, dy: float, rx: float, ry: float, paint: Paint) -> None:
        """An ellipse on the head, beside a point of the picture."""
        dx, dy = dx * self.radius, dy * self.radius
        x, y = at[0] + dx * self._cos - dy * self._sin, at[1] + dx * self._sin + dy * self._cos
        self.layers["head"].ellipse(x, y, rx * self.radius, ry * self.radius, paint, self.puppet.head_angle)

    def stroke(self, start: Point, r0: float, end: Point, r1: float, paint: Paint, layer: str = "head") -> None:
        """A limb between two places of the head."""
        radius = self.radius
        self.layers[layer].limb(self.face(*start), r0 * radius, self.face(*end), r1 * radius, paint)

    def patch(
        self,
        shape: str,
        up: float,
        right: float,
        sx: float,
        sy: float,
        paint: Paint,
        angle: float = 0.0,
        layer: str = "torso",
    ) -> None:
        """A unit shape on the torso: ``up`` and the sizes in heights, ``right`` in half-widths of the torso."""
        x, y = self.puppet.along(up, right * self.girth)
        unit = self.unit
        self.layers[layer].stamp(shape, x, y, sx * unit, sy * unit, paint, self.puppet.lean + angle)

    @property
    def front(self) -> float:
        """Where the middle of the chest and belly lies, in half-widths of the torso."""
        return 0.36 * self.puppet.facing
