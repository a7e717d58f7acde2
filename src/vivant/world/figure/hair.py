"""Hair of people and rag dolls, and the hats that toy soldiers wear instead."""

from __future__ import annotations

import math
from collections.abc import Callable

from vivant.world.figure.pen import INK, Pen
from vivant.world.figure.wear import is_dressed
from vivant.world.sketch import Colour, Paint

_WAYS = (-1.0, 1.0)
_GOLD: Colour = (246.0, 200.0, 76.0)


def long_hair(pen: Pen) -> None:
    """What hangs behind the shoulders: of the layer "back"."""
    draw = _LONG.get(pen.one.crest) if is_dressed(pen.one) else None
    if draw is not None:
        draw(pen, pen.named(pen.one.crest_colour, "hair", 0.92))


def hairdo(pen: Pen) -> None:
    """The head of a person: hair all round, and the face in it; then what is in front of the face."""
    one, turn = pen.one, pen.turn
    away = abs(turn)
    skin = pen.named(one.colour, "head")
    wide = pen.puppet.build.head_width
    hair = pen.named(one.crest_colour, "hair")
    if one.crest == "bald":
        pen.dab("disk", 0.0, 0.0, wide, 1.0, skin)
        return
    behind = _BEHIND.get(one.crest)
    if behind is not None:
        behind(pen, hair)
    pen.dab("disk", 0.0, 0.02, wide, 1.0, skin)
    if one.crest in _LOOSE:
        pen.dab("disk", -0.12 * turn, -0.06, 1.14, 1.04, hair)
    else:
        pen.dab("disk", -0.12 * turn, -0.25, 1.1, 0.88, hair)
    pen.dab("disk", 0.26 * turn, 0.24, 0.93 - 0.16 * away, 0.8, skin)
    _FRINGES[one.crest](pen, hair)


def _swept(pen: Pen, paint: Paint) -> None:
    x = 0.2 * pen.turn
    pen.dab("leaf", x + 0.2, -0.56, 0.26, 0.62, paint, -1.2)


def _parted(pen: Pen, paint: Paint) -> None:
    x = 0.24 * pen.turn
    pen.dab("leaf", x - 0.36, -0.5, 0.28, 0.56, paint, 0.95)
    pen.dab("leaf", x + 0.42, -0.5, 0.28, 0.52, paint, -0.95)


def _spiky(pen: Pen, paint: Paint) -> None:
    for dx in (-0.72, -0.38, 0.0, 0.38, 0.72):
        pen.dab("triangle", dx - 0.08 * pen.turn, -1.04 + 0.42 * dx * dx, 0.27, 0.36, paint, 0.8 * dx)
    x = 0.26 * pen.turn
    for dx in (-0.36, 0.0, 0.36):
        pen.dab("triangle", x + dx, -0.46, 0.22, -0.24, paint)


def _curly(pen: Pen, paint: Paint) -> None:
    for turn in range(7):
        angle = (turn - 3) * 0.5 - 0.14 * pen.turn
        pen.dab("disk", 1.0 * math.sin(angle), -0.9 * math.cos(angle) - 0.08, 0.36, 0.36, paint)
    x = 0.2 * pen.turn
    for dx in (-0.42, 0.0, 0.42):
        pen.dab("disk", x + dx, -0.56 + 0.2 * dx * dx, 0.25, 0.22, paint)


def _fringe(pen: Pen, paint: Paint) -> None:
    pen.dab("cap", 0.16 * pen.turn, 0.06, 0.98 - 0.1 * abs(pen.turn), 1.02, paint)


def _mop(pen: Pen, paint: Paint) -> None:
    for turn in range(8):
        angle = (turn - 3.5) * 0.56 - 0.2 * pen.turn
        pen.dab("disk", 1.02 * math.sin(angle), -0.92 * math.cos(angle), 0.38, 0.38, paint)
    x = 0.2 * pen.turn
    for dx in (-0.45, -0.15, 0.15, 0.45):
        pen.dab("disk", x + dx, -0.54 + 0.2 * dx * dx, 0.22, 0.24, paint)


def _pigtails(pen: Pen, paint: Paint) -> None:
    for way in _WAYS:
        x = way * 1.12 - 0.15 * pen.turn
        pen.dab("disk", x, -0.3, 0.15, 0.15, pen.named(_ribbon(pen), "hat_band"))
        pen.stroke((x + way * 0.16, -0.16), 0.24, (x + way * 0.3, 0.42), 0.14, paint)


def _ribbon(pen: Pen) -> str:
    return pen.one.clothing_colour


def _braids(pen: Pen, paint: Paint) -> None:
    for way in _WAYS:
        x = way * 0.98 - 0.15 * pen.turn
        for step in range(3):
            pen.dab("disk", x + way * 0.05 * step, 0.4 + 0.3 * step, 0.2, 0.2, paint)
        pen.dab("disk", x + way * 0.14, 1.22, 0.12, 0.11, pen.named(_ribbon(pen), "hat_band"))


def _bun(pen: Pen, paint: Paint) -> None:
    pen.dab("disk", -0.3 * pen.turn, -1.16, 0.4, 0.36, paint)


def _ponytail(pen: Pen, paint: Paint) -> None:
    way = -1.0 if pen.turn >= 0 else 1.0
    pen.stroke((way * 0.7, -0.74), 0.2, (way * 1.22, -0.6), 0.27, paint)
    pen.stroke((way * 1.22, -0.6), 0.27, (way * 1.34, 0.36), 0.1, paint)
    pen.dab("disk", way * 0.82, -0.76, 0.17, 0.17, pen.named(_ribbon(pen), "hat_band"))


def _bob(pen: Pen, paint: Paint) -> None:
    for way in _WAYS:
        pen.dab("disk", way * 0.92 - 0.14 * pen.turn, 0.56, 0.36, 0.34, paint)


def _long(pen: Pen, paint: Paint) -> None:
    radius = pen.radius
    x, y = pen.face(-0.22 * pen.turn, 0.0)
    lx, ly = pen.puppet.along(0.13, -0.5 * pen.girth * pen.puppet.facing)
    pen.layers["back"].limb((x, y), 1.08 * radius, (lx, ly), 0.92 * radius, paint)


def _waves(pen: Pen, paint: Paint) -> None:
    for dx, down in ((-0.95, 0.2), (0.95, 0.2), (-1.02, 0.62), (1.02, 0.62), (-0.85, 1.0), (0.85, 1.0)):
        x, y = pen.face(dx - 0.25 * pen.turn, down)
        pen.layers["back"].ellipse(x, y, 0.34 * pen.radius, 0.34 * pen.radius, paint)


_LONG: dict[str, Callable[[Pen, Paint], None]] = {"long": _long, "waves": _waves}
_BEHIND: dict[str, Callable[[Pen, Paint], None]] = {
    "pigtails": _pigtails,
    "bun": _bun,
    "ponytail": _ponytail,
    "bob": _bob,
    "braids": _braids,
}
_LOOSE = frozenset(("bob", "long", "waves"))
_FRINGES: dict[str, Callable[[Pen, Paint], None]] = {
    "short": _swept,
    "parted": _parted,
    "spiky": _spiky,
    "curly": _curly,
    "fringe": _fringe,
    "mop": _mop,
    "bob": _parted,
    "pigtails": _parted,
    "ponytail": _swept,
    "braids": _parted,
    "bun": _swept,
    "long": _parted,
    "waves": _swept,
}


def soldier_hat(pen: Pen) -> None:
    """Bearskin, shako or helmet."""
    one = pen.one
    paint = pen.named(one.crest_colour, "hat")
    x = -0.05 * pen.turn
    if one.crest == "bearskin":
        pen.dab("cushion", x, -1.02, 0.94, 0.82, paint)
        pen.dab("disk", x + 0.7, -1.1, 0.14, 0.4, pen.named(one.colour, "hat_band"))
    elif one.crest == "shako":
        pen.dab("block", x, -1.02, 0.84, 0.6, paint)
        pen.dab("disk", x, -1.75, 0.16, 0.3, pen.named(one.colour, "hat_band"))
        pen.dab("star", x + 0.2 * pen.turn, -0.95, 0.3, 0.3, pen.tint(_GOLD, "hat_band"))
        pen.dab("block", x + 0.12 * pen.turn, -0.42, 0.94, 0.1, pen.tint(INK, "hat_band"))
    else:
        pen.dab("dome", x, -0.36, 1.06, 0.86, paint)
        pen.dab("leaf", x, -1.34, 0.2, 0.36, pen.named(one.colour, "hat_band"))
        pen.dab("block", x + 0.12 * pen.turn, -0.4, 1.12, 0.1, pen.tint(_GOLD, "hat_band"))
