"""Eyes, brows, cheeks, noses, mouths."""

from __future__ import annotations

from collections.abc import Callable

from vivant.world.colours import COLOURS, lightness
from vivant.world.figure.pen import INK, WHITE, Pen
from vivant.world.puppet import SIDES
from vivant.world.sketch import Colour, Point, mix

_BLUSH: Colour = (244.0, 112.0, 116.0)
_GUM: Colour = (150.0, 44.0, 58.0)
_TONGUE: Colour = (244.0, 124.0, 134.0)
_DARK = 110.0  # luma below which ink does not show


def eyes(pen: Pen) -> None:
    """Both, at the puppet's own eyes; the farther one is narrower."""
    draw = _EYES[pen.one.eyes]
    for side in SIDES:
        draw(pen, pen.puppet.eye[side], 1.0 - 0.22 * max(0.0, pen.turn * pen.puppet.outward(side)))


def brows(pen: Pen, colour: Colour | None = None) -> None:
    """Above the eyes, in a colour of their own or in ink."""
    if pen.one.brows == "none":
        return
    thick = 0.042 if pen.one.brows == "soft" else 0.064
    paint = pen.tint(colour or line(pen), "head")
    shift, spread = 0.36 * pen.turn, 0.4 - 0.1 * abs(pen.turn)
    for way in (-1.0, 1.0):
        x = shift + way * spread
        pen.stroke((x - way * 0.12, -0.41), thick, (x + way * 0.13, -0.4), thick * 0.8, paint)


def cheeks(pen: Pen, skin: Colour | None = None) -> None:
    """Rosy, freckled or neither, on skin of the main colour or another."""
    style = pen.one.cheeks
    if style == "none":
        return
    shift, spread = 0.4 * pen.turn, 0.66 - 0.2 * abs(pen.turn)
    for way in (-1.0, 1.0):
        x = shift + way * spread
        if style == "rosy":
            pen.dab("disk", x, 0.3, 0.16, 0.11, pen.tint(mix(skin or COLOURS[pen.one.colour], _BLUSH, 0.65), "head"))
        else:
            paint = pen.tint(line(pen, 0.45), "head")
            pen.dab("disk", x - 0.07, 0.27, 0.048, 0.048, paint)
            pen.dab("disk", x + 0.07, 0.31, 0.048, 0.048, paint)


def line(pen: Pen, strength: float = 0.8) -> Colour:
    """A colour for lines on the coat that shows on it: darker, or lighter where it is dark itself."""
    coat = COLOURS[pen.one.colour]
    return mix(coat, INK if lightness(coat) > _DARK * 0.8 else COLOURS["beige"], strength)


def nose(pen: Pen, shape: str, rx: float, ry: float, colour: Colour = INK) -> None:
    """At the puppet's nose, with a glint."""
    x, y = pen.puppet.nose
    radius = pen.radius
    pen.layers["head"].stamp(shape, x, y, rx * radius, ry * radius, pen.tint(colour, "head"), pen.puppet.head_angle)
    pen.disk((x, y), -0.3 * rx, -0.4 * abs(ry), 0.32 * rx, 0.26 * abs(ry), pen.tint(mix(colour, WHITE, 0.65), "head"))


def mouth(pen: Pen, down: float = 0.56, colour: Colour = INK, lips: bool = False) -> None:
    """Below the nose. ``lips``: an animal's, in two bows that meet under the nose."""
    _MOUTHS[pen.one.mouth](pen, 0.56 * pen.turn, down, colour, lips)


def _smile(pen: Pen, x: float, y: float, colour: Colour, lips: bool) -> None:
    paint = pen.tint(colour, "head")
    if lips:
        pen.stroke((x, 0.34), 0.03, (x, y - 0.03), 0.03, paint)
        pen.dab("crescent", x - 0.1, y - 0.06, 0.125, 0.11, paint, 0.12)
        pen.dab("crescent", x + 0.1, y - 0.06, 0.125, 0.11, paint, -0.12)
    else:
        pen.dab("crescent", x, y - 0.06, 0.24, 0.15, paint)


def _open_smile(pen: Pen, x: float, y: float, colour: Colour, lips: bool) -> None:
    pen.dab("dome", x, y - 0.1, 0.21, -0.27, pen.tint(_GUM, "mouth"))
    pen.dab("disk", x, y + 0.07, 0.11, 0.07, pen.tint(_TONGUE, "mouth"))


def _tongue(pen: Pen, x: float, y: float, colour: Colour, lips: bool) -> None:
    pen.dab("disk", x + 0.02, y + 0.1, 0.1, 0.16, pen.tint(_TONGUE, "mouth"))
    _smile(pen, x, y, colour, lips)


def _stitched(pen: Pen, x: float, y: float, colour: Colour, lips: bool) -> None:
    paint = pen.tint(colour, "head")
    pen.stroke((x, 0.34), 0.025, (x, y), 0.025, paint)
    pen.dab("crescent", x, y - 0.06, 0.22, 0.12, paint)
    for way in (-1.0, 1.0):
        pen.stroke((x + way * 0.18, y - 0.1), 0.025, (x + way * 0.26, y - 0.02), 0.025, paint)


def _fangs(pen: Pen, x: float, y: float, colour: Colour, lips: bool) -> None:
    pen.dab("dome", x, y - 0.1, 0.42, -0.3, pen.tint(_GUM, "mouth"))
    for dx in (-0.22, 0.22):
        pen.dab("triangle", x + dx, y, 0.09, -0.12, pen.tint(WHITE, "mouth"))


def _teeth(pen: Pen, x: float, y: float, colour: Colour, lips: bool) -> None:
    pen.dab("dome", x, y - 0.1, 0.44, -0.3, pen.tint(_GUM, "mouth"))
    pen.dab("block", x, y - 0.04, 0.34, 0.06, pen.tint(WHITE, "mouth"))
    pen.stroke((x, y - 0.1), 0.02, (x, y + 0.02), 0.02, pen.tint(_GUM, "mouth"))


def _grille(pen: Pen, x: float, y: float, colour: Colour, lips: bool) -> None:
    pen.dab("block", x, y, 0.3, 0.13, pen.tint(colour, "mouth"))
    for dx in (-0.16, 0.0, 0.16):
        pen.dab("block", x + dx, y, 0.05, 0.08, pen.named(pen.one.eye_colour, "mouth"))


def _moustache(pen: Pen, x: float, y: float, colour: Colour, lips: bool) -> None:
    hair = pen.named(pen.one.crest_colour, "hair") if pen.one.kind == "man" else pen.tint(INK, "hair")
    _smile(pen, x, y + 0.1, INK, lips=False)
    for way in (-1.0, 1.0):
        pen.stroke((x + way * 0.06, y - 0.08), 0.085, (x + way * 0.3, y - 0.04), 0.04, hair)


def _stubble(pen: Pen, x: float, y: float, colour: Colour, lips: bool) -> None:
    skin = mix(COLOURS[pen.one.colour], COLOURS[pen.one.crest_colour], 0.35)
    pen.dab("bowl", 0.22 * pen.turn, 0.12, 0.9 - 0.14 * abs(pen.turn), 0.86, pen.tint(skin, "head"))
    pen.dab("disk", x, y - 0.02, 0.3, 0.16, pen.named(pen.one.colour, "head"))
    _smile(pen, x, y, INK, lips=False)


def _beard(pen: Pen, x: float, y: float, colour: Colour, lips: bool) -> None:
    hair = pen.named(pen.one.crest_colour, "hair")
    away = abs(pen.turn)
    pen.dab("bowl", 0.22 * pen.turn, 0.1, 0.96 - 0.14 * away, 1.02, hair)
    pen.dab("disk", 0.4 * pen.turn, 0.2, 0.62 - 0.06 * away, 0.22, pen.named(pen.one.colour, "head"))
    pen.dab("dome", x, y - 0.03, 0.2, -0.17, pen.tint(_GUM, "mouth"))
    for way in (-1.0, 1.0):
        pen.stroke((x + way * 0.05, y - 0.11), 0.075, (x + way * 0.27, y - 0.05), 0.05, hair)


_Mouth = Callable[[Pen, float, float, Colour, bool], None]
_MOUTHS: dict[str, _Mouth] = {
    "smile": _smile,
    "open smile": _open_smile,
    "tongue": _tongue,
    "stitched": _stitched,
    "fangs": _fangs,
    "teeth": _teeth,
    "grille": _grille,
    "moustache": _moustache,
    "stubble": _stubble,
    "beard": _beard,
}


def _dot(pen: Pen, at: Point, squeeze: float) -> None:
    pen.disk(at, 0.0, 0.0, 0.15 * squeeze, 0.195, pen.tint(INK, "head"))
    pen.disk(at, -0.04, -0.08, 0.06, 0.065, pen.tint(WHITE, "head"))


def _bright(pen: Pen, at: Point, squeeze: float) -> None:
    pen.disk(at, 0.0, 0.0, 0.21 * squeeze, 0.25, pen.named(pen.one.eye_colour, "eyes"))
    pen.disk(at, 0.03 * pen.turn, 0.02, 0.13 * squeeze, 0.165, pen.tint(INK, "eyes"))
    pen.disk(at, -0.05, -0.09, 0.07, 0.075, pen.tint(WHITE, "eyes"))


def _big(pen: Pen, at: Point, squeeze: float) -> None:
    pen.disk(at, 0.0, 0.0, 0.25 * squeeze, 0.28, pen.tint(WHITE, "eyes"))
    pen.disk(at, 0.07 * pen.turn, 0.02, 0.17 * squeeze, 0.19, pen.named(pen.one.eye_colour, "eyes"))
    pen.disk(at, 0.08 * pen.turn, 0.03, 0.1 * squeeze, 0.12, pen.tint(INK, "eyes"))
    pen.disk(at, 0.08 * pen.turn - 0.06, -0.07, 0.055, 0.06, pen.tint(WHITE, "eyes"))


def _sleepy(pen: Pen, at: Point, squeeze: float) -> None:
    _big(pen, at, squeeze)
    x, y = at
    size = pen.radius
    lid = pen.named(pen.one.colour, "eyes", 0.82)
    pen.layers["head"].stamp("dome", x, y - 0.06 * size, 0.27 * squeeze * size, 0.24 * size, lid, pen.puppet.head_angle)


def _happy(pen: Pen, at: Point, squeeze: float) -> None:
    x, y = at
    size = pen.radius
    paint = pen.tint(line(pen, 1.0), "head")
    pen.layers["head"].stamp(
        "crescent", x, y + 0.08 * size, 0.19 * squeeze * size, -0.2 * size, paint, pen.puppet.head_angle
    )


def _button(pen: Pen, at: Point, squeeze: float, size: float = 0.19) -> None:
    pen.disk(at, 0.0, 0.0, size * squeeze, size, pen.named(pen.one.eye_colour, "eyes"))
    pen.disk(at, 0.0, 0.0, 0.66 * size * squeeze, 0.66 * size, pen.named(pen.one.eye_colour, "eyes", 0.5))
    pen.disk(at, -0.25 * size, -0.3 * size, 0.28 * size, 0.28 * size, pen.tint(WHITE, "eyes"))


def _big_button(pen: Pen, at: Point, squeeze: float) -> None:
    _button(pen, at, squeeze, 0.25)


def _lamp(pen: Pen, at: Point, squeeze: float) -> None:
    pen.disk(at, 0.0, 0.0, 0.27 * squeeze, 0.27, pen.tint(INK, "eyes"))
    pen.disk(at, 0.0, 0.0, 0.2 * squeeze, 0.2, pen.named(pen.one.eye_colour, "eyes"))
    pen.disk(at, -0.06, -0.06, 0.07, 0.07, pen.tint(WHITE, "eyes"))


def _square(pen: Pen, at: Point, squeeze: float) -> None:
    x, y = at
    size, angle, head = pen.radius, pen.puppet.head_angle, pen.layers["head"]
    head.stamp("cushion", x, y, 0.25 * squeeze * size, 0.27 * size, pen.tint(INK, "eyes"), angle)
    head.stamp("cushion", x, y, 0.17 * squeeze * size, 0.19 * size, pen.named(pen.one.eye_colour, "eyes"), angle)
    pen.disk(at, -0.05, -0.07, 0.06, 0.06, pen.tint(WHITE, "eyes"))


def _visor(pen: Pen, at: Point, squeeze: float) -> None:
    pen.disk(at, 0.0, 0.0, 0.14 * squeeze, 0.17, pen.named(pen.one.eye_colour, "eyes"))
    pen.disk(at, -0.04, -0.06, 0.05, 0.05, pen.tint(WHITE, "eyes"))


def _almond(pen: Pen, at: Point, squeeze: float) -> None:
    x, y = at
    size = pen.radius
    tilt = 0.42 if x < pen.puppet.head[0] + 0.36 * pen.turn * size else -0.42
    paint = pen.named(pen.one.eye_colour, "eyes", 0.7)
    pen.layers["head"].ellipse(x, y, 0.24 * squeeze * size, 0.36 * size, paint, pen.puppet.head_angle - tilt)
    pen.disk(at, -0.06, -0.13, 0.09, 0.1, pen.tint(WHITE, "eyes"))
    pen.disk(at, 0.06, 0.14, 0.05, 0.05, pen.tint(WHITE, "eyes"))


_EYES: dict[str, Callable[[Pen, Point, float], None]] = {
    "dot": _dot,
    "bright": _bright,
    "big": _big,
    "sleepy": _sleepy,
    "happy": _happy,
    "button": _button,
    "big button": _big_button,
    "lamps": _lamp,
    "square": _square,
    "visor": _visor,
    "almond": _almond,
    "three": _big,
}
