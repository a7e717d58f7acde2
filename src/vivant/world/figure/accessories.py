"""What is worn on head, eyes, neck and back."""

from __future__ import annotations

import math
from collections.abc import Callable

from vivant.world.colours import COLOURS
from vivant.world.figure.pen import WHITE, Pen
from vivant.world.puppet import SIDES
from vivant.world.sketch import Colour, mix

_GOLD: Colour = (246.0, 200.0, 76.0)
_HAT_FITS: dict[str, tuple[float, float]] = {
    "frog": (-0.44, 0.62),
    "rabbit": (-0.84, 0.72),
    "lion": (-0.98, 0.95),
    "robot": (-0.92, 0.95),
    "alien": (-0.88, 0.85),
    "monster": (-0.86, 0.85),
}
"""Where a hat sits, and how large it is, where not at the usual place."""


def on_back(pen: Pen) -> None:
    """Behind the torso."""
    if pen.one.accessory == "backpack":
        facing = pen.puppet.facing
        wide = pen.girth * (0.95 - 0.3 * abs(facing))
        paint = pen.named(pen.one.accessory_colour, "pack")
        pen.patch("cushion", 0.13, -0.95 * facing, wide, 0.125, paint, layer="back")
        pen.patch(
            "cushion",
            0.085,
            -1.25 * facing,
            wide * 0.6,
            0.06,
            pen.named(pen.one.accessory_colour, "pocket", 0.8),
            layer="back",
        )


def on_chest(pen: Pen) -> None:
    """Over the garment."""
    one = pen.one
    if one.accessory == "backpack":
        for way in (-0.58, 0.58):
            pen.patch("block", 0.15, way + pen.front * 0.6, 0.022, 0.085, pen.named(one.accessory_colour, "pack"))
    elif one.accessory == "medal":
        pen.patch("disk", 0.14, pen.front + 0.35, 0.034, 0.034, pen.named(one.accessory_colour, "pocket"))
        pen.patch("star", 0.14, pen.front + 0.35, 0.026, 0.026, pen.tint(_GOLD, "buttons"))


def on_neck(pen: Pen) -> None:
    """Below the chin; drawn before the head."""
    draw = _NECK.get(pen.one.accessory)
    if draw is not None:
        draw(pen)


def _scarf(pen: Pen) -> None:
    colour, front, girth = pen.one.accessory_colour, pen.front, pen.girth
    side = 0.5 if pen.puppet.is_frontal else 0.42 * pen.puppet.forward
    neck = pen.puppet.build.torso
    pen.patch("cushion", neck - 0.135, front + side, 0.036, 0.075, pen.named(colour, "neckwear"), -0.12, "head")
    pen.patch(
        "block", neck - 0.195, front + side * 1.06, 0.036, 0.014, pen.named(colour, "neckwear", 1.5), -0.12, "head"
    )
    pen.patch("cushion", neck - 0.05, 0.4 * front, girth * 0.98, 0.052, pen.named(colour, "clothes"), 0.0, "head")


def _bow_tie(pen: Pen) -> None:
    colour, x, up = pen.one.accessory_colour, pen.front * 1.2, pen.puppet.build.torso - 0.072
    for way in (-1.0, 1.0):
        pen.patch("triangle", up, x + way * 0.3, 0.045, 0.042, pen.named(colour, "neckwear"), -way * 1.571, "head")
    pen.patch("disk", up, x, 0.024, 0.026, pen.named(colour, "buttons", 0.75), 0.0, "head")


def _collar(pen: Pen) -> None:
    up = pen.puppet.build.torso - 0.055
    pen.patch(
        "cushion",
        up,
        0.35 * pen.front,
        pen.girth * 0.84,
        0.036,
        pen.named(pen.one.accessory_colour, "neckwear"),
        0.0,
        "head",
    )
    pen.patch("disk", up - 0.045, pen.front * 1.1, 0.03, 0.03, pen.tint(_GOLD, "buttons"), 0.0, "head")


_NECK: dict[str, Callable[[Pen], None]] = {"scarf": _scarf, "bow tie": _bow_tie, "collar": _collar}


def glasses(pen: Pen) -> None:
    """Frames and lenses; drawn before the eyes, which look through."""
    if pen.one.accessory != "glasses":
        return
    frame = pen.named(pen.one.accessory_colour, "glasses")
    lens = pen.tint(mix(COLOURS[pen.one.colour], WHITE, 0.72), "eyes")
    turn = pen.turn
    left = -0.97 if turn > -0.3 else 0.36 * turn - 0.3
    right = 0.97 if turn < 0.3 else 0.36 * turn + 0.3
    pen.stroke((left, -0.06), 0.045, (right, -0.06), 0.045, frame)
    for side in SIDES:
        at = pen.puppet.eye[side]
        squeeze = 1.0 - 0.22 * max(0.0, turn * pen.puppet.outward(side))
        pen.disk(at, 0.0, 0.0, 0.36 * squeeze, 0.36, frame)
        pen.disk(at, 0.0, 0.0, 0.285 * squeeze, 0.285, lens)


def on_head(pen: Pen) -> None:
    """Hats, bows and flowers."""
    draw = _HATS.get(pen.one.accessory)
    if draw is not None:
        draw(pen, *_HAT_FITS.get(pen.one.kind, (-0.84, 1.0)))


def _top_hat(pen: Pen, y: float, k: float) -> None:
    colour = pen.one.accessory_colour
    x = -0.04 * pen.turn
    pen.dab("block", x, y - 0.36 * k, 0.46 * k, 0.42 * k, pen.named(colour, "hat"))
    pen.dab("block", x, y - 0.1 * k, 0.46 * k, 0.1 * k, pen.named(colour, "hat_band", 0.6))
    pen.dab("disk", x, y + 0.04, 0.74 * k, 0.13 * k, pen.named(colour, "hat"))


def _party_hat(pen: Pen, y: float, k: float) -> None:
    colour = pen.one.accessory_colour
    x = -0.04 * pen.turn
    light = pen.named(colour, "hat_band", 1.6)
    pen.dab("triangle", x, y - 0.36 * k, 0.46 * k, 0.52 * k, pen.named(colour, "hat"))
    pen.dab("block", x, y - 0.22 * k, 0.25 * k, 0.055 * k, light)
    pen.dab("block", x, y + 0.02 * k, 0.36 * k, 0.055 * k, light)
    pen.dab("disk", x, y - 0.88 * k, 0.15 * k, 0.15 * k, light)


def _crown(pen: Pen, y: float, k: float) -> None:
    colour = pen.one.accessory_colour
    x = -0.04 * pen.turn
    width = pen.puppet.build.head_width
    points = [(-0.5, 0.06), (-0.58, -0.5), (-0.27, -0.22), (0.0, -0.6), (0.27, -0.22), (0.58, -0.5), (0.5, 0.06)]
    outline = [pen.face(x + dx * k / width, y + dy * k) for dx, dy in points]
    pen.layers["head"].polygon(outline, pen.named(colour, "hat"))
    light = pen.named(colour, "hat", 1.65)
    for dx, dy in ((-0.26, -0.06), (0.0, -0.1), (0.26, -0.06)):
        pen.dab("disk", x + dx * k, y + dy * k, 0.08 * k, 0.08 * k, light)


def _cap(pen: Pen, y: float, k: float) -> None:
    colour = pen.one.accessory_colour
    x = -0.05 * pen.turn
    way = 0.9 * pen.turn if abs(pen.turn) > 0.3 else 0.0
    pen.dab("dome", x, y + 0.26 * k, 0.72 * k, 0.62 * k, pen.named(colour, "hat"))
    brim = pen.named(colour, "hat_band", 0.78)
    if way:
        pen.stroke((x + 0.3 * way, y + 0.24 * k), 0.09 * k, (x + 1.05 * way, y + 0.3 * k), 0.07 * k, brim)
    else:
        pen.dab("disk", x, y + 0.28 * k, 0.56 * k, 0.14 * k, brim)


def _woolly_hat(pen: Pen, y: float, k: float) -> None:
    colour = pen.one.accessory_colour
    x = -0.04 * pen.turn
    pale = pen.named(colour, "hat_band", 1.5)
    pen.dab("disk", x, y - 0.48 * k, 0.19 * k, 0.19 * k, pale)
    pen.dab("dome", x, y + 0.24 * k, 0.72 * k, 0.66 * k, pen.named(colour, "hat"))
    pen.dab("cushion", x, y + 0.26 * k, 0.76 * k, 0.13 * k, pale)


def _bow(pen: Pen, y: float, k: float) -> None:
    colour = pen.one.accessory_colour
    x, y = (0.36 * pen.turn, y) if pen.one.kind == "frog" else (-0.42 - 0.1 * pen.turn, y + 0.02)
    for way in (-1.0, 1.0):
        pen.dab("triangle", x + way * 0.25, y - 0.06 * way, 0.26, 0.25, pen.named(colour, "hat"), -way * 1.571 - 0.25)
    pen.dab("disk", x, y, 0.12, 0.13, pen.named(colour, "hat_band", 0.75))


def _flower(pen: Pen, y: float, k: float) -> None:
    x, y = (0.36 * pen.turn, y) if pen.one.kind == "frog" else (0.46 - 0.1 * pen.turn, y + 0.08)
    petal = pen.named(pen.one.accessory_colour, "hat")
    width = pen.puppet.build.head_width
    for turn in range(5):
        angle = turn * math.tau / 5
        pen.dab("disk", x + 0.2 * math.sin(angle) / width, y - 0.2 * math.cos(angle), 0.17, 0.17, petal)
    pen.dab("disk", x, y, 0.13, 0.13, pen.tint(_GOLD, "hat_band"))


def _earrings(pen: Pen, y: float, k: float) -> None:
    paint = pen.named(pen.one.accessory_colour, "hat")
    for way in (-1.0, 1.0):
        if way * pen.turn < 0.3:
            pen.dab("disk", way * (0.99 - 0.62 * abs(pen.turn)), 0.45, 0.13, 0.15, paint)


_HATS: dict[str, Callable[[Pen, float, float], None]] = {
    "top hat": _top_hat,
    "party hat": _party_hat,
    "crown": _crown,
    "cap": _cap,
    "woolly hat": _woolly_hat,
    "bow": _bow,
    "flower": _flower,
    "earrings": _earrings,
}
