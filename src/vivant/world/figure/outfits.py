"""Garments on the torso, and skirts."""

from __future__ import annotations

import math

from vivant.world.colours import COLOURS
from vivant.world.figure.body import chin_shade, colour_of, stripe_colour, trunk_low
from vivant.world.figure.coats import PRINTS
from vivant.world.figure.pen import INK, WHITE, Pen
from vivant.world.figure.wear import Wear, is_dressed
from vivant.world.puppet import SIDES
from vivant.world.sketch import Colour, Paint, Point, mix

_HALF_TURN = tuple(step * math.pi / 6 for step in range(7))
_GOLD: Colour = (246.0, 200.0, 76.0)


def seat(pen: Pen, wear: Wear) -> None:
    """The upper end of trousers, round the hips."""
    if wear.trousers:
        girth = pen.girth
        pen.patch("disk", 0.035, 0.0, girth * 1.0, 0.085, pen.tint(colour_of(pen, wear.trouser), "near_trouser"))


def garment(pen: Pen, wear: Wear) -> None:
    """What is worn on the torso, with its print."""
    one = pen.one
    if one.kind == "toy soldier":
        _uniform(pen)
    elif one.clothing == "dungarees":
        _dungarees(pen)
    elif wear.top:
        paint = pen.tint(colour_of(pen, wear.top), "clothes")
        _body(pen, paint, 0.06 if wear.trousers else trunk_low(pen))
        _CUTS.get(one.clothing, _plain)(pen, paint)
        if is_dressed(one) and one.clothing not in ("suit", "waistcoat"):
            _print(pen)


def _body(pen: Pen, paint: Paint, low: float) -> None:
    puppet, girth, unit = pen.puppet, pen.girth, pen.unit
    pen.layers["torso"].limb(
        puppet.along(low), girth * 1.03 * unit, puppet.along(puppet.build.torso - 0.08), girth * 0.79 * unit, paint
    )
    chin_shade(pen, paint)


def _print(pen: Pen) -> None:
    one = pen.one
    if one.pattern in PRINTS:
        PRINTS[one.pattern](pen, pen.named(one.pattern_colour, "clothes"))


def _plain(pen: Pen, paint: Paint) -> None:
    """A garment without a cut of its own."""


def _striped(pen: Pen, paint: Paint) -> None:
    PRINTS["stripes"](pen, pen.named(stripe_colour(pen.one), "clothes"))


def _waistcoat(pen: Pen, paint: Paint) -> None:
    one = pen.one
    inner = mix(WHITE, _GOLD, 0.06) if is_dressed(one) else COLOURS[one.second]
    pen.patch("drop", 0.11, pen.front, pen.girth * 0.42, -0.16, pen.tint(inner, "torso"))
    for up in (0.03, 0.085):
        pen.patch("disk", up, pen.front * 1.1 + 0.5, 0.014, 0.014, pen.tint(_GOLD, "clothes"))


def _suit(pen: Pen, paint: Paint) -> None:
    x = pen.front
    pen.patch("triangle", 0.165, x, pen.girth * 0.5, -0.085, pen.tint((250.0, 248.0, 244.0), "buttons"))
    colour = pen.one.pattern_colour
    tie = COLOURS["red" if colour == "none" else colour]
    pen.patch("diamond", 0.15, x, 0.024, 0.075, pen.tint(tie, "pocket"))
    pen.patch("disk", 0.035, x + 0.1, 0.014, 0.014, pen.tint(INK, "clothes"))


def _space_suit(pen: Pen, paint: Paint) -> None:
    one = pen.one
    pen.patch("cushion", 0.12, pen.front, pen.girth * 0.55, 0.055, pen.named(one.second, "pocket"))
    pen.patch("disk", 0.135, pen.front - 0.22, 0.02, 0.02, pen.tint(_GOLD, "pocket"))
    pen.patch("block", 0.02, 0.0, pen.girth * 1.0, 0.02, pen.named(one.second, "buttons"))


_CUTS = {
    "striped jumper": _striped,
    "waistcoat": _waistcoat,
    "suit": _suit,
    "space suit": _space_suit,
}


def _dungarees(pen: Pen) -> None:
    one, girth, x = pen.one, pen.girth, pen.front
    if is_dressed(one):
        _body(pen, pen.named(one.second, "torso"), 0.08)
    cloth = pen.named(one.clothing_colour, "clothes")
    unit, puppet = pen.unit, pen.puppet
    pen.layers["torso"].limb(
        puppet.along(0.4 * girth), girth * 1.02 * unit, puppet.along(0.05), girth * 1.0 * unit, cloth
    )
    pen.patch("cushion", 0.155, x, girth * 0.56, 0.07, cloth)
    for way in (-0.5, 0.5):
        pen.patch("block", 0.215, x + way, 0.018, 0.04, cloth)
        pen.patch("disk", 0.2, x + way, 0.018, 0.018, pen.tint(_GOLD, "buttons"))
    pen.patch("cushion", 0.115, x, girth * 0.34, 0.04, pen.named(one.clothing_colour, "pocket", 0.86))
    if is_dressed(one) and one.pattern == "heart":
        pen.patch("heart", 0.12, x, 0.04, 0.038, pen.named(one.pattern_colour, "pocket"))


def _uniform(pen: Pen) -> None:
    one, girth, x = pen.one, pen.girth, pen.front
    _body(pen, pen.named(one.colour, "clothes"), 0.06)
    trim = pen.named(one.pattern_colour, "buttons")
    puppet = pen.puppet
    if one.pattern == "cross belt":
        for way in (-1.0, 1.0):
            pen.patch("block", 0.125, x, 0.02, 0.115, trim, way * 0.72)
    elif one.pattern == "sash":
        pen.patch("block", 0.125, x, 0.034, 0.125, trim, 0.66)
    else:
        for way in (-0.32, 0.32):
            for up in (0.08, 0.125, 0.17):
                pen.patch("disk", up, x + way, 0.018, 0.018, trim)
    pen.patch("block", 0.025, 0.0, girth * 1.0, 0.02, pen.tint(INK, "pocket"))
    pen.patch("block", 0.025, x, 0.024, 0.024, pen.tint(_GOLD, "pocket"))
    for side in SIDES:
        shoulder = puppet.shoulder[side]
        pen.layers["torso" if side == puppet.far else "near_arm"].stamp(
            "dome",
            shoulder[0],
            shoulder[1],
            pen.limb * 1.5,
            pen.limb * 1.5,
            pen.tint(_GOLD, "far_sleeve" if side == puppet.far else "near_sleeve"),
            puppet.lean,
        )


def skirt(pen: Pen, wear: Wear) -> None:
    """A skirt hung over both legs, as they are posed."""
    if not wear.hem:
        return
    puppet, girth, unit = pen.puppet, pen.girth, pen.unit
    points = [puppet.along(0.09, -girth * 0.8), puppet.along(0.09, girth * 0.8)]
    for turn in _HALF_TURN:
        points.append(puppet.along(trunk_low(pen) - 1.04 * girth * math.sin(turn), 1.04 * girth * math.cos(turn)))
    flare = pen.limb * (1.6 + 0.5 * wear.hem)
    for side in SIDES:
        (x0, y0), (x1, y1), share = puppet.hip[side], puppet.knee[side], wear.hem
        if wear.hem > 1.0:
            (x0, y0), (x1, y1), share = puppet.knee[side], puppet.foot[side], wear.hem - 1.0
        x, y = x0 + (x1 - x0) * share, y0 + (y1 - y0) * share
        half = 0.5 * puppet.build.leg * unit
        ax, ay = flare * (y1 - y0) / half, -flare * (x1 - x0) / half
        points += [(x + ax, y + ay), (x - ax, y - ay)]
    hull = _hull(points)
    pen.layers["near_leg"].polygon(hull, pen.tint(colour_of(pen, wear.skirt), "skirt"))
    if wear.skirt == wear.sleeve:
        _skirt_print(pen)
    if pen.one.kind == "rag doll":
        pen.patch(
            "cushion",
            -0.01,
            pen.front * 0.9,
            girth * 0.62,
            0.075,
            pen.named(pen.one.second, "pocket"),
            layer="near_leg",
        )


def _skirt_print(pen: Pen) -> None:
    """The spots of a dress go on below the waist."""
    one = pen.one
    if one.pattern == "spots":
        for right in (-0.5, 0.0, 0.5):
            pen.patch("disk", -0.025, right, 0.021, 0.021, pen.named(one.pattern_colour, "skirt"), layer="near_leg")


def _hull(points: list[Point]) -> list[Point]:
    """Convex hull, by Andrew's monotone chain."""
    points = sorted(points)
    found: list[Point] = []
    for ordered in (points, points[::-1]):
        start = len(found)
        for x, y in ordered:
            while len(found) >= start + 2:
                (x0, y0), (x1, y1) = found[-2], found[-1]
                if (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0) > 0:
                    break
                found.pop()
            found.append((x, y))
        found.pop()
    return found
