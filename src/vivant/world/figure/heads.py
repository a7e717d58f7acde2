"""Heads, kind by kind: shape, coat, muzzle and face."""

from __future__ import annotations

from collections.abc import Callable

from vivant.world.colours import COLOURS
from vivant.world.figure import accessories, face
from vivant.world.figure.coats import head_coat
from vivant.world.figure.ears import crest, drooping
from vivant.world.figure.hair import hairdo, soldier_hat
from vivant.world.figure.pen import INK, WHITE, Pen
from vivant.world.sketch import Colour, mix

_PINK: Colour = (238.0, 128.0, 140.0)
_GUM: Colour = (150.0, 44.0, 58.0)
_TONGUE: Colour = (244.0, 124.0, 134.0)
_BEAK: Colour = (246.0, 158.0, 48.0)
_BROWN: Colour = (96.0, 62.0, 50.0)
_WOOD: Colour = (252.0, 214.0, 180.0)
_WAYS = (-1.0, 1.0)


def head(pen: Pen) -> None:
    """All of the head, with what is worn on it."""
    _HEADS.get(pen.one.kind, _person)(pen)
    accessories.on_head(pen)


def _ball(pen: Pen, jowl: float = 0.0) -> None:
    """The skull: round, with fuller cheeks by ``jowl``."""
    wide = pen.puppet.build.head_width
    paint = pen.named(pen.one.colour, "head")
    pen.dab("disk", 0.0, 0.0, wide, 1.0, paint)
    if jowl:
        pen.dab("disk", 0.04 * pen.turn, 0.3, wide * (1.0 + jowl), 0.68, paint)


def _muzzle(pen: Pen, rx: float, ry: float, down: float = 0.47, part: str = "head") -> None:
    """Round the nose; it stands out a little on the side that it is turned to."""
    pen.dab("disk", 0.6 * pen.turn, down, rx, ry, pen.named(pen.one.second, part))


def _looks(pen: Pen) -> None:
    """Cheeks, glasses, eyes and brows, which all have."""
    face.cheeks(pen)
    accessories.glasses(pen)
    face.eyes(pen)
    face.brows(pen)


def _cat(pen: Pen) -> None:
    crest(pen)
    _ball(pen, 0.08)
    head_coat(pen)
    x = 0.56 * pen.turn
    for way in _WAYS:
        pen.dab("disk", x + way * 0.17, 0.48, 0.25, 0.21, pen.named(pen.one.second, "head"))
    paint = pen.tint(face.line(pen, 0.75), "head")
    for way in _WAYS:
        for low, end in ((0.42, 0.32), (0.54, 0.56)):
            pen.stroke((x * 0.6 + way * 0.62, low), 0.022, (x * 0.5 + way * 1.22, end), 0.018, paint)
    _looks(pen)
    face.nose(pen, "triangle", 0.13, -0.09, _PINK)
    face.mouth(pen, 0.56, lips=True)


def _dog(pen: Pen) -> None:
    crest(pen)
    _ball(pen)
    head_coat(pen)
    drooping(pen)
    pen.dab("disk", 0.66 * pen.turn, 0.46, 0.5, 0.38, pen.named(pen.one.second, "head"))
    _looks(pen)
    face.nose(pen, "disk", 0.2, 0.14)
    face.mouth(pen, 0.64, lips=True)


def _fox(pen: Pen) -> None:
    crest(pen)
    turn = pen.turn
    white = pen.named(pen.one.second, "head")
    for way in _WAYS:
        pen.dab("triangle", way * 0.86 - 0.08 * turn, 0.36, 0.36, 0.46, white, way * 2.1)
    _ball(pen)
    head_coat(pen)
    for way in _WAYS:
        pen.dab("disk", way * (0.5 - 0.12 * abs(turn)) + 0.34 * turn, 0.44, 0.5, 0.35, white, way * -0.5)
    pen.dab("disk", 0.6 * turn, 0.56, 0.4, 0.38, white)
    _looks(pen)
    face.nose(pen, "disk", 0.14, 0.11)
    face.mouth(pen, 0.58, lips=True)


def _rabbit(pen: Pen) -> None:
    crest(pen)
    _ball(pen, 0.05)
    head_coat(pen)
    x = 0.56 * pen.turn
    for way in _WAYS:
        pen.dab("disk", x + way * 0.15, 0.48, 0.22, 0.19, pen.named(pen.one.second, "head"))
    _looks(pen)
    if pen.one.mouth != "open smile":
        pen.dab("block", x, 0.66, 0.1, 0.12, pen.tint(WHITE, "mouth"))
    face.nose(pen, "triangle", 0.11, -0.085, _PINK)
    face.mouth(pen, 0.57, lips=True)


def _bear(pen: Pen) -> None:
    crest(pen)
    _ball(pen, 0.04)
    head_coat(pen)
    _muzzle(pen, 0.46, 0.37)
    _looks(pen)
    face.nose(pen, "disk", 0.19, 0.13)
    face.mouth(pen, 0.64, lips=True)


def _lion(pen: Pen) -> None:
    crest(pen)
    _ball(pen)
    head_coat(pen)
    _muzzle(pen, 0.44, 0.33, 0.5)
    _looks(pen)
    face.nose(pen, "triangle", 0.2, -0.13, (150.0, 78.0, 66.0))
    face.mouth(pen, 0.64, lips=True)


def _frog(pen: Pen) -> None:
    one, turn = pen.one, pen.turn
    wide = pen.puppet.build.head_width
    skin = pen.named(one.colour, "head")
    for way in _WAYS:
        x = 0.36 * turn + way * (0.42 - 0.1 * abs(turn))
        pen.dab("disk", x, -0.08, 0.4, 0.42, skin)
    pen.dab("disk", 0.0, 0.34, wide, 0.66, skin)
    head_coat(pen)
    pen.dab("bowl", 0.0, 0.34, wide, 0.66, pen.named(one.second, "head"))
    _looks(pen)
    x = 0.56 * turn
    for way in _WAYS:
        pen.dab("disk", x + way * 0.09, 0.3, 0.035, 0.035, pen.tint(INK, "head"))
    mouth = 0.3 * turn
    if one.mouth == "open smile":
        pen.dab("dome", mouth, 0.46, 0.42, -0.32, pen.tint(_GUM, "mouth"))
        pen.dab("disk", mouth, 0.66, 0.22, 0.1, pen.tint(_TONGUE, "mouth"))
    else:
        pen.dab("crescent", mouth, 0.42, 0.66, 0.24, pen.tint(INK, "head"))
    if one.mouth == "tongue":
        pen.dab("disk", mouth + 0.16, 0.68, 0.13, 0.16, pen.tint(_TONGUE, "mouth"))


def _penguin(pen: Pen) -> None:
    one, turn = pen.one, pen.turn
    crest(pen)
    _ball(pen)
    white = pen.named(one.second, "head")
    for way in _WAYS:
        x = 0.36 * turn + way * (0.38 - 0.1 * abs(turn))
        pen.dab("disk", x, -0.02, 0.44, 0.5, white)
    pen.dab("disk", 0.3 * turn, 0.42, 0.66 - 0.1 * abs(turn), 0.48, white)
    head_coat(pen)
    _looks(pen)
    x = 0.58 * turn
    x += 0.1 * turn
    if one.mouth == "open smile":
        pen.dab("dome", x, 0.4, 0.24, -0.3, pen.tint(mix(_BEAK, INK, 0.25), "muzzle"))
        pen.dab("disk", x, 0.5, 0.13, 0.12, pen.tint(_TONGUE, "muzzle"))
    else:
        pen.dab("triangle", x, 0.45, 0.24, -0.11, pen.tint(mix(_BEAK, INK, 0.3), "muzzle"))
    pen.dab("diamond", x, 0.34, 0.3, 0.19, pen.tint(_BEAK, "muzzle"))


def _plush(pen: Pen) -> None:
    crest(pen)
    _ball(pen)
    seam = pen.tint(face.line(pen, 0.35), "head")
    pen.stroke((0.1 * pen.turn, -0.96), 0.025, (0.4 * pen.turn, 0.2), 0.025, seam)
    head_coat(pen)
    drooping(pen)
    _muzzle(pen, 0.42, 0.34)
    _looks(pen)
    face.nose(pen, "heart" if pen.one.kind == "plush bunny" else "cushion", 0.15, 0.11, (120.0, 66.0, 60.0))
    face.mouth(pen, 0.62, (96.0, 58.0, 56.0), lips=True)


def _robot(pen: Pen) -> None:
    one, turn = pen.one, pen.turn
    wide = pen.puppet.build.head_width
    crest(pen)
    pen.dab("cushion", 0.0, 0.0, wide * 1.02, 0.96, pen.named(one.colour, "head"))
    x = 0.3 * turn
    pen.dab("cushion", x, 0.1, 0.88 - 0.1 * abs(turn), 0.7, pen.named(one.second, "muzzle"))
    if one.eyes == "visor":
        pen.dab("cushion", 0.36 * turn, -0.02, 0.78 - 0.1 * abs(turn), 0.3, pen.tint(INK, "eyes"))
    face.eyes(pen)
    colour = (236.0, 240.0, 244.0) if one.second in ("navy", "charcoal") else INK
    face.cheeks(pen)
    face.mouth(pen, 0.54, colour)


def _soldier(pen: Pen) -> None:
    wood, turn = pen.tint(_WOOD, "head"), pen.turn
    pen.dab("disk", 0.0, 0.0, pen.puppet.build.head_width, 1.0, wood)
    pen.dab("disk", -0.12 * turn, -0.22, 1.04, 0.84, pen.tint(_BROWN, "hair"))
    pen.dab("disk", 0.26 * turn, 0.22, 0.9 - 0.16 * abs(turn), 0.8, wood)
    face.cheeks(pen, _WOOD)
    accessories.glasses(pen)
    face.eyes(pen)
    face.brows(pen, INK)
    face.nose(pen, "disk", 0.1, 0.09, (232.0, 150.0, 120.0))
    face.mouth(pen, 0.56)
    soldier_hat(pen)


def _person(pen: Pen) -> None:
    one, turn = pen.one, pen.turn
    skin = COLOURS[one.colour]
    hairdo(pen)
    for way in _WAYS:
        if way * turn < 0.3:
            pen.dab("disk", way * (0.98 - 0.62 * abs(turn)), 0.12, 0.17, 0.2, pen.tint(skin, "ears"))
    face.cheeks(pen)
    if one.kind == "man":
        face.mouth(pen)
    accessories.glasses(pen)
    face.eyes(pen)
    face.brows(pen, mix(COLOURS[one.crest_colour], INK, 0.35))
    face.nose(pen, "disk", 0.085, 0.075, mix(skin, (196.0, 70.0, 50.0), 0.38))
    if one.kind != "man":
        face.mouth(pen)


def _doll(pen: Pen) -> None:
    hairdo(pen)
    face.cheeks(pen)
    face.eyes(pen)
    face.brows(pen)
    face.nose(pen, "triangle", 0.13, 0.11, (228.0, 76.0, 66.0))
    face.mouth(pen, 0.58)


def _monster(pen: Pen) -> None:
    one, turn = pen.one, pen.turn
    crest(pen)
    paint = pen.named(one.colour, "head")
    for way in _WAYS:
        for down, size in ((0.1, 0.3), (0.5, 0.34)):
            pen.dab("triangle", way * (1.02 - 0.2 * down), down, 0.22, size, paint, way * 2.0)
    _ball(pen, 0.04)
    head_coat(pen)
    pen.dab("disk", 0.5 * turn, 0.56, 0.66, 0.38, pen.named(one.second, "head"))
    face.cheeks(pen)
    accessories.glasses(pen)
    if one.eyes == "three":
        at = pen.face(0.38 * turn, -0.52)
        pen.disk(at, 0.0, 0.0, 0.23, 0.25, pen.tint(WHITE, "eyes"))
        pen.disk(at, 0.07 * turn, 0.02, 0.14, 0.16, pen.named(one.eye_colour, "eyes"))
        pen.disk(at, 0.08 * turn, 0.03, 0.08, 0.1, pen.tint(INK, "eyes"))
    face.eyes(pen)
    face.brows(pen)
    face.nose(pen, "disk", 0.12, 0.09, mix(COLOURS[one.colour], INK, 0.5))
    face.mouth(pen, 0.6)


def _alien(pen: Pen) -> None:
    crest(pen)
    paint = pen.named(pen.one.colour, "head")
    pen.stroke((0.0, -0.1), 0.96, (0.1 * pen.turn, 0.56), 0.44, paint)
    pen.dab("disk", 0.0, -0.1, 1.04, 0.9, paint)
    head_coat(pen)
    _looks(pen)
    x = 0.56 * pen.turn
    for way in _WAYS:
        pen.dab("disk", x + way * 0.06, 0.32, 0.03, 0.04, pen.tint(face.line(pen), "head"))
    face.mouth(pen, 0.6)


_HEADS: dict[str, Callable[[Pen], None]] = {
    "cat": _cat,
    "dog": _dog,
    "fox": _fox,
    "rabbit": _rabbit,
    "bear": _bear,
    "lion": _lion,
    "frog": _frog,
    "penguin": _penguin,
    "teddy bear": _plush,
    "plush bunny": _plush,
    "robot": _robot,
    "toy soldier": _soldier,
    "rag doll": _doll,
    "monster": _monster,
    "alien": _alien,
}
