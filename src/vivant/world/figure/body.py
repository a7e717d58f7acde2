"""Arms, legs and torso."""

from __future__ import annotations

import math

from vivant.world.cast import Individual
from vivant.world.colours import COLOURS, difference
from vivant.world.figure.coats import torso_coat
from vivant.world.figure.pen import Pen
from vivant.world.figure.wear import BARE, LONG, Wear, is_dressed
from vivant.world.puppet import Side
from vivant.world.sketch import Colour, Paint, Point, Sketch, shade

_SHIRT: Colour = (246.0, 242.0, 234.0)
_BEAK: Colour = (246.0, 158.0, 48.0)
_STEEL: Colour = (120.0, 126.0, 138.0)
_BOOT: Colour = (56.0, 50.0, 58.0)


def colour_of(pen: Pen, role: str) -> Colour:
    """The colour that a role of `Wear` stands for."""
    return _SHIRT if role == "shirt" else COLOURS[getattr(pen.one, role)]


def arm(pen: Pen, side: Side, wear: Wear) -> None:
    """Sleeve, arm and hand."""
    one, puppet = pen.one, pen.puppet
    which = "near" if side == puppet.near else "far"
    sketch, light, r = pen.layers[f"{which}_arm"], pen.far(side), pen.limb
    shoulder, elbow, hand = puppet.shoulder[side], puppet.elbow[side], puppet.hand[side]
    if one.kind == "penguin":
        _flipper(pen, side, wear)
        return
    coat = _limb_colour(pen, side, "left")
    skin = pen.tint(coat, f"{which}_arm", light)
    if wear.sleeves == BARE:
        upper = fore = skin
    else:
        upper = pen.tint(colour_of(pen, wear.sleeve), f"{which}_sleeve", light)
        fore = upper if wear.sleeves == LONG else skin
    steel = pen.tint(_STEEL, f"{which}_arm", light) if one.kind == "robot" else None
    sketch.limb(elbow, r * 0.98, hand, r * 0.92, steel or fore)
    sketch.limb(shoulder, r * 1.12, elbow, r, steel or upper)
    if wear.sleeves == BARE:
        _bands(pen, sketch, elbow, hand, r, which + "_arm", light)
    else:
        _sleeve_stripe(pen, sketch, shoulder, elbow, which + "_sleeve", light)
    _hand(pen, sketch, elbow, hand, f"{which}_hand", coat, light)


def _sleeve_stripe(pen: Pen, sketch: Sketch, shoulder: Point, elbow: Point, part: str, light: float) -> None:
    one = pen.one
    if one.clothing == "striped jumper":
        paint = pen.named(stripe_colour(one), part, light)
    elif one.pattern == "stripes" and is_dressed(one):
        paint = pen.named(one.pattern_colour, part, light)
    else:
        return
    _band(sketch, shoulder, elbow, 0.75, pen.limb, paint)


def stripe_colour(one: Individual) -> str:
    """Of a striped jumper, beside its own colour."""
    return "cream" if difference(one.clothing_colour, "white") < 250 else "white"


def _band(sketch: Sketch, start: Point, end: Point, share: float, r: float, paint: Paint) -> None:
    """A stripe round a limb, that far along."""
    (x0, y0), (x1, y1) = start, end
    x, y = x0 + (x1 - x0) * share, y0 + (y1 - y0) * share
    sketch.stamp("square", x, y, r * 0.28, r * 0.98, paint, math.atan2(y1 - y0, x1 - x0))


def _hand(pen: Pen, sketch: Sketch, elbow: Point, hand: Point, part: str, coat: Colour, light: float) -> None:
    r = pen.limb
    one = pen.one
    if one.pattern == "socks":
        coat = COLOURS[one.pattern_colour]
    elif one.kind == "toy soldier":
        coat = _SHIRT
    if one.kind == "robot":
        sketch.ellipse(*elbow, r * 1.15, r * 1.15, pen.named(one.colour, part, light))
    same = one.kind != "robot" and one.pattern != "socks" and one.clothing == "none" and one.kind != "toy soldier"
    paint = pen.tint(coat, part.replace("hand", "arm") if same else part, light)
    sketch.ellipse(*hand, r * 1.3, r * 1.3, paint)


def leg(pen: Pen, side: Side, wear: Wear) -> None:
    """Trouser, leg and foot."""
    one, puppet = pen.one, pen.puppet
    which = "near" if side == puppet.near else "far"
    sketch, light, r = pen.layers[f"{which}_leg"], pen.far(side), pen.limb * 1.25
    hip, knee, foot = puppet.hip[side], puppet.knee[side], puppet.foot[side]
    coat = _limb_colour(pen, side, "right")
    skin = pen.tint(coat, f"{which}_leg", light)
    if wear.trousers == BARE:
        thigh = shin = skin
    else:
        thigh = pen.tint(colour_of(pen, wear.trouser), f"{which}_trouser", light)
        shin = thigh if wear.trousers == LONG else skin
    if one.kind == "robot":
        thigh = shin = pen.tint(_STEEL, f"{which}_leg", light)
    sketch.limb(knee, r, foot, r * 0.9, shin)
    start = hip
    if puppet.is_frontal and knee[1] - hip[1] > 0.35 * puppet.build.leg * pen.unit:
        start = ((hip[0] + knee[0]) / 2, (hip[1] + knee[1]) / 2)  # the belly hides the rest
    sketch.limb(start, r * 1.12, knee, r * 1.04, thigh)
    if wear.trousers == BARE:
        _bands(pen, sketch, knee, foot, r, which + "_leg", light)
    _foot(pen, sketch, side, which, coat, wear, light)


def _foot(pen: Pen, sketch: Sketch, side: Side, which: str, coat: Colour, wear: Wear, light: float) -> None:
    one, puppet, r = pen.one, pen.puppet, pen.limb
    (kx, ky), (fx, fy) = puppet.knee[side], puppet.foot[side]
    length = math.hypot(fx - kx, fy - ky) or 1.0
    dx, dy = (fx - kx) / length, (fy - ky) / length
    # A shin that stands rests on its sole; one that is lifted or stretched out takes the foot along.
    free = min(1.0, max(0.0, (0.9 - dy) / 0.3))
    angle = free * math.atan2(-dx, dy)
    if puppet.is_frontal:
        way, ahead, long = puppet.outward(side), 0.35, 1.55
    else:
        way, ahead, long = puppet.forward, 0.75, 1.9
    x, y = r * ahead * way, r * 0.12
    cos, sin = math.cos(angle), math.sin(angle)
    part, shape, sx, sy = f"{which}_foot", "disk", long, 1.0
    if wear.shod:
        colour = _BOOT if one.kind in ("toy soldier", "alien") else shade(COLOURS[one.second], 0.62)
    elif one.kind == "penguin":
        colour, sx = _BEAK, long * 1.1
    elif one.kind == "robot":
        colour, shape = COLOURS[one.colour], "dome"
        sy, y = 1.7, r * 1.0
    elif one.pattern == "socks":
        colour = COLOURS[one.pattern_colour]
    else:
        colour = coat
        part = f"{which}_leg" if one.clothing == "none" else part
    if one.kind == "frog":
        sx = long * 1.25
    sketch.stamp(
        shape, fx + x * cos - y * sin, fy + x * sin + y * cos, sx * r, sy * r, pen.tint(colour, part, light), angle
    )


def _flipper(pen: Pen, side: Side, wear: Wear) -> None:
    puppet = pen.puppet
    which = "near" if side == puppet.near else "far"
    sketch, light, r = pen.layers[f"{which}_arm"], pen.far(side), pen.limb
    paint = pen.named(pen.one.colour, f"{which}_arm", light)
    sketch.limb(puppet.elbow[side], r * 1.25, puppet.hand[side], r * 0.75, paint)
    if wear.sleeves:
        paint = pen.named(pen.one.clothing_colour, f"{which}_sleeve", light)
    sketch.limb(puppet.shoulder[side], r * 1.05, puppet.elbow[side], r * 1.3, paint)
    if pen.one.pattern == "socks":
        tip = pen.named(pen.one.pattern_colour, f"{which}_hand", light)
        sketch.ellipse(*puppet.hand[side], r * 0.9, r * 0.9, tip)


def _limb_colour(pen: Pen, side: Side, odd: Side) -> Colour:
    """The coat's; with patches, one arm and one leg are in the patches' colour."""
    one = pen.one
    return COLOURS[one.pattern_colour if one.pattern == "patches" and side == odd else one.colour]


def _bands(pen: Pen, sketch: Sketch, start: Point, end: Point, r: float, part: str, light: float) -> None:
    """What the coat's pattern puts on a lower arm or leg."""
    one = pen.one
    stockings = one.kind == "rag doll" and part.endswith("leg")
    if is_dressed(one) and not stockings:
        return
    if one.pattern == "stripes" or stockings:
        paint = pen.named(one.second if stockings else one.pattern_colour, part, light)
        for share in (0.0, 0.55):
            _band(sketch, start, end, share, r, paint)
    elif one.pattern == "spots":
        x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        sketch.ellipse(x, y, r * 0.6, r * 0.6, pen.named(one.pattern_colour, part, light))
    elif one.pattern == "socks":
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        sketch.limb(
            middle,
            r,
            end,
            r * 0.95,
            pen.named(one.pattern_colour, part[: part.index("_")] + ("_hand" if "arm" in part else "_foot"), light),
        )


def torso(pen: Pen) -> None:
    """The trunk and its coat."""
    one, puppet, unit, girth = pen.one, pen.puppet, pen.unit, pen.girth
    sketch = pen.layers["torso"]
    paint = pen.named(one.colour, "torso")
    if one.kind == "robot":
        pen.patch("cushion", 0.105, 0.0, girth * 0.98, 0.15, paint)
        torso_coat(pen)
        return
    low, high = puppet.along(trunk_low(pen)), puppet.along(puppet.build.torso - 0.085)
    sketch.limb(low, girth * unit, high, girth * 0.74 * unit, paint)
    torso_coat(pen)
    chin_shade(pen, paint)


def chin_shade(pen: Pen, paint: Paint) -> None:
    """The head's shade on the chest: it lifts the head off the body."""
    darker = paint._replace(red=paint.red * 0.82, green=paint.green * 0.82, blue=paint.blue * 0.82)
    pen.patch("disk", pen.puppet.build.torso - 0.045, 0.3 * pen.front, pen.girth * 0.7, 0.042, darker)


def trunk_low(pen: Pen) -> float:
    """How far above the hips the middle of the round belly lies."""
    return 0.5 * pen.girth
