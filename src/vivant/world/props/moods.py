"""What an action does to a face: eyes closed in sleep, a mouth wide open in song.

Painted over a finished head, in the subject's own parts: it stays the subject's in every mask.
"""

from __future__ import annotations

from vivant.world.cast import Individual
from vivant.world.colours import COLOURS, lightness
from vivant.world.figure.parts import PART
from vivant.world.puppet import SIDES, Puppet
from vivant.world.sketch import PARTS, Colour, Paint, Sketch, shade

_INK: Colour = (52.0, 38.0, 46.0)
_PALE: Colour = (250.0, 240.0, 226.0)
_GUM: Colour = (150.0, 44.0, 58.0)
_TONGUE: Colour = (244.0, 124.0, 134.0)
_SOLDIER: Colour = (252.0, 214.0, 180.0)
"""A toy soldier's colour is its coat's; its face is of painted wood."""
_DARK = 100.0  # luma of skin on which ink does not show


def close_eyes(sketch: Sketch, one: Individual, puppet: Puppet, owner: int) -> None:
    """Lids over both eyes, each with the line of its lashes."""
    skin = _SOLDIER if one.kind == "toy soldier" else COLOURS[one.second if one.kind == "penguin" else one.colour]
    part = owner * PARTS + PART["head"]
    lid = Paint(*shade(skin, 0.94), part)
    lashes = Paint(*(_INK if lightness(skin) > _DARK else _PALE), part)
    size, angle = puppet.build.head * puppet.unit, puppet.head_angle
    for side in SIDES:
        x, y = puppet.eye[side]
        sketch.ellipse(x, y, 0.27 * size, 0.29 * size, lid, angle)
        sketch.stamp("crescent", x, y + 0.03 * size, 0.22 * size, 0.2 * size, lashes, angle)


def open_mouth(sketch: Sketch, puppet: Puppet, owner: int, wide: float) -> None:
    """A mouth that sings; ``wide`` is its height in radii of the head."""
    part = owner * PARTS + PART["mouth"]
    size, angle = puppet.build.head * puppet.unit, puppet.head_angle
    right = 0.56 * puppet.head_facing
    sketch.ellipse(*puppet.on_head(right, 0.66), 0.19 * size, wide * size, Paint(*_GUM, part), angle)
    sketch.ellipse(
        *puppet.on_head(right, 0.66 + 0.5 * wide), 0.12 * size, 0.4 * wide * size, Paint(*_TONGUE, part), angle
    )
