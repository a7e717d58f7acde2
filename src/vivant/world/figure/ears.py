"""What grows on the heads of animals, plushies, monsters and machines. Drawn before the head, but for drooping ears."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from vivant.world.figure.pen import Pen
from vivant.world.sketch import Colour, Paint

_STEEL: Colour = (120.0, 126.0, 138.0)
_WAYS = (-1.0, 1.0)
_Draw: TypeAlias = Callable[[Pen, Paint, Paint], None]


def crest(pen: Pen) -> None:
    """Behind the head."""
    draw = _BEHIND.get((pen.one.kind, pen.one.crest)) or _BEHIND.get((pen.one.kind, ""))
    if draw is not None:
        draw(pen, pen.named(_ear_colour(pen), "ears"), pen.named(pen.one.crest_colour, "ears"))


def drooping(pen: Pen) -> None:
    """Over the sides of the head."""
    draw = _OVER.get((pen.one.kind, pen.one.crest))
    if draw is not None:
        draw(pen, pen.named(_ear_colour(pen), "ears"), pen.named(pen.one.crest_colour, "ears"))


def _ear_colour(pen: Pen) -> str:
    return pen.one.colour


def _at(pen: Pen, way: float, spread: float) -> float:
    """How far to the right an ear of that side sits: on a turned head both move back a little."""
    return way * spread * (1.0 - 0.12 * abs(pen.turn)) - 0.16 * pen.turn


def _pointed(pen: Pen, coat: Paint, inside: Paint, size: float = 0.36, tall: float = 0.46) -> None:
    for way in _WAYS:
        x = _at(pen, way, 0.62)
        pen.dab("triangle", x + way * 0.05, -0.86, size, tall, coat, way * 0.32)
        pen.dab("triangle", x + way * 0.05, -0.8, size * 0.58, tall * 0.62, inside, way * 0.32)


def _big_pointed(pen: Pen, coat: Paint, inside: Paint) -> None:
    _pointed(pen, coat, inside, 0.44, 0.6)


def _folded(pen: Pen, coat: Paint, inside: Paint) -> None:
    for way in _WAYS:
        x = _at(pen, way, 0.62)
        pen.dab("triangle", x, -0.78, 0.36, 0.34, coat, way * 0.3)
        pen.dab("triangle", x + way * 0.16, -0.78, 0.26, -0.2, inside, way * 0.5)


def _fox_ears(pen: Pen, coat: Paint, inside: Paint, size: float = 1.0) -> None:
    for way in _WAYS:
        x = _at(pen, way, 0.6)
        pen.dab("triangle", x + way * 0.1, -0.96, 0.4 * size, 0.66 * size, coat, way * 0.3)
        pen.dab("triangle", x + way * 0.23, -1.3 * size + 0.08 * (size - 1), 0.2 * size, 0.32 * size, inside, way * 0.3)


def _big_fox_ears(pen: Pen, coat: Paint, inside: Paint) -> None:
    _fox_ears(pen, coat, inside, 1.22)


def _round(pen: Pen, coat: Paint, inside: Paint, size: float = 0.32) -> None:
    for way in _WAYS:
        x = _at(pen, way, 0.72)
        pen.dab("disk", x, -0.7, size, size, coat)
        pen.dab("disk", x, -0.68, size * 0.58, size * 0.58, inside)


def _small_round(pen: Pen, coat: Paint, inside: Paint) -> None:
    _round(pen, coat, inside, 0.25)


def _big_round(pen: Pen, coat: Paint, inside: Paint) -> None:
    _round(pen, coat, inside, 0.42)


def _mane(pen: Pen, coat: Paint, inside: Paint) -> None:
    hair = inside._replace(part=pen.named("black", "hair").part)
    x = -0.1 * pen.turn
    style = pen.one.crest
    if style == "round":
        pen.dab("disk", x, 0.0, 1.5, 1.42, hair)
    elif style == "shaggy":
        for angle in (0.0, math.pi / 6):
            pen.dab("burst", x, 0.0, 1.75, 1.68, hair, angle)
    else:
        for turn in range(9):
            angle = turn * 2 * math.pi / 9 + 0.35
            pen.dab("disk", x + 0.98 * math.sin(angle), -1.06 * math.cos(angle), 0.46, 0.46, hair)
    _round(pen, coat, pen.named("chocolate", "ears", 1.15), 0.27)


def _long(pen: Pen, coat: Paint, inside: Paint, spread: float = 0.3) -> None:
    for way in _WAYS:
        _one_long(pen, coat, inside, way, spread)


def _one_long(pen: Pen, coat: Paint, inside: Paint, way: float, spread: float) -> None:
    x = _at(pen, way, 0.42)
    tip = (x + way * spread, -1.74)
    pen.stroke((x, -0.7), 0.24, tip, 0.21, coat)
    pen.stroke((x + way * spread * 0.25, -0.95), 0.11, (x + way * spread * 0.92, -1.68), 0.1, inside)


def _wide_long(pen: Pen, coat: Paint, inside: Paint) -> None:
    _long(pen, coat, inside, 0.62)


def _bent(pen: Pen, coat: Paint, inside: Paint) -> None:
    _one_long(pen, coat, inside, -1.0, 0.25)
    x = _at(pen, 1.0, 0.42)
    pen.stroke((x, -0.7), 0.24, (x + 0.18, -1.42), 0.23, coat)
    pen.stroke((x + 0.18, -1.42), 0.23, (x + 0.66, -1.08), 0.2, inside)


def _is_away(pen: Pen, way: float) -> bool:
    """Whether that side of the head is turned away, so that what hangs there hangs behind it."""
    return way * pen.turn > 0.3


def _floppy(low: float, ways: tuple[float, ...] = _WAYS, *, behind: bool) -> _Draw:
    def draw(pen: Pen, coat: Paint, inside: Paint) -> None:
        for way in ways:
            if _is_away(pen, way) == behind:
                x = way * 0.8 * (1.0 - 0.32 * max(0.0, -way * pen.turn))
                pen.stroke((x, -0.62), 0.22, (x + way * 0.2, low), 0.3, inside)

    return draw


def _dog_one_up(pen: Pen, coat: Paint, inside: Paint) -> None:
    _floppy(0.12, (1.0,), behind=True)(pen, coat, inside)
    x = _at(pen, -1.0, 0.62)
    pen.dab("triangle", x - 0.05, -0.86, 0.36, 0.5, inside, -0.3)


def _tipped(pen: Pen, coat: Paint, inside: Paint) -> None:
    for way in _WAYS:
        x = _at(pen, way, 0.6)
        pen.stroke((x, -0.62), 0.24, (x + way * 0.2, -1.06), 0.2, inside)
        pen.stroke((x + way * 0.2, -1.06), 0.2, (x + way * 0.56, -0.78), 0.13, inside)


def _hanging(ways: tuple[float, ...] = _WAYS, *, behind: bool) -> _Draw:
    def draw(pen: Pen, coat: Paint, inside: Paint) -> None:
        for way in ways:
            if _is_away(pen, way) == behind:
                x = way * 0.4 * (1.0 - 0.8 * max(0.0, -way * pen.turn))
                bend, tip = (x + way * 0.5, -1.16), (x + way * 0.78, 0.62)
                pen.stroke((x, -0.78), 0.2, bend, 0.22, coat)
                pen.stroke(bend, 0.22, tip, 0.3, coat)
                pen.stroke((x + way * 0.62, -0.5), 0.1, tip, 0.17, inside)

    return draw


def _bunny_one_up(pen: Pen, coat: Paint, inside: Paint) -> None:
    _one_long(pen, coat, inside, -1.0, 0.28)
    _hanging((1.0,), behind=True)(pen, coat, inside)


def _tuft(pen: Pen, coat: Paint, inside: Paint) -> None:
    for angle in (-0.5, 0.0, 0.5):
        pen.dab("leaf", 0.3 * angle - 0.05 * pen.turn, -1.02, 0.13, 0.28, inside, angle)


def _plumes(pen: Pen, coat: Paint, inside: Paint) -> None:
    for way in _WAYS:
        x = _at(pen, way, 0.68)
        pen.dab("leaf", x + way * 0.2, -0.72, 0.15, 0.42, inside, way * 0.95)
        pen.dab("leaf", x + way * 0.05, -0.86, 0.13, 0.36, inside, way * 0.45)


def _antenna(pen: Pen, coat: Paint, inside: Paint) -> None:
    _feeler(pen, -0.06 * pen.turn, 0.0, inside)


def _antennae(pen: Pen, coat: Paint, inside: Paint) -> None:
    for way in _WAYS:
        _feeler(pen, _at(pen, way, 0.42), way * 0.3, inside)


def _feeler(pen: Pen, x: float, out: float, ball: Paint) -> None:
    stalk = pen.tint(_STEEL, "ears") if pen.one.kind == "robot" else pen.named(pen.one.colour, "ears", 0.85)
    pen.stroke((x, -0.8), 0.06, (x + out, -1.4), 0.05, stalk)
    pen.dab("disk", x + out, -1.46, 0.17, 0.17, ball)


def _springs(pen: Pen, coat: Paint, inside: Paint) -> None:
    stalk = pen.named(pen.one.colour, "ears", 0.85)
    for way in _WAYS:
        x = _at(pen, way, 0.4)
        points = [pen.face(x + way * dx, -dy) for dx, dy in ((0.0, 0.8), (0.18, 1.05), (-0.04, 1.2), (0.2, 1.42))]
        pen.layers["head"].path(points, 0.055 * pen.radius, stalk)
        pen.dab("star", x + way * 0.2, -1.5, 0.21, 0.21, inside)


def _fins(pen: Pen, coat: Paint, inside: Paint) -> None:
    for way in _WAYS:
        x = _at(pen, way, 0.92)
        pen.dab("triangle", x + way * 0.15, -0.3, 0.3, 0.42, coat, way * 1.2)
        pen.dab("triangle", x + way * 0.14, -0.3, 0.16, 0.26, inside, way * 1.2)


def _side_bolts(pen: Pen, coat: Paint, inside: Paint) -> None:
    for way in _WAYS:
        pen.dab("block", _at(pen, way, 1.1), 0.0, 0.18, 0.24, inside)
        pen.dab("block", _at(pen, way, 1.24), 0.0, 0.08, 0.34, pen.tint(_STEEL, "ears"))


def _dish(pen: Pen, coat: Paint, inside: Paint) -> None:
    x = -0.06 * pen.turn
    pen.stroke((x, -0.8), 0.07, (x, -1.2), 0.06, pen.tint(_STEEL, "ears"))
    pen.dab("dome", x, -1.42, 0.46, -0.26, inside)
    pen.dab("disk", x, -1.46, 0.1, 0.1, pen.tint(_STEEL, "hat_band"))


def _horns(pen: Pen, coat: Paint, inside: Paint) -> None:
    for way in _WAYS:
        x = _at(pen, way, 0.6)
        pen.stroke((x, -0.74), 0.22, (x + way * 0.3, -1.08), 0.15, inside)
        pen.stroke((x + way * 0.3, -1.08), 0.15, (x + way * 0.26, -1.4), 0.05, inside)


def _one_horn(pen: Pen, coat: Paint, inside: Paint) -> None:
    x = -0.06 * pen.turn
    pen.stroke((x, -0.8), 0.26, (x, -1.5), 0.05, inside)


def _spikes(pen: Pen, coat: Paint, inside: Paint) -> None:
    for dx, down, size in (
        (-0.68, -0.74, 0.26),
        (-0.36, -0.98, 0.32),
        (0.0, -1.08, 0.36),
        (0.36, -0.98, 0.32),
        (0.68, -0.74, 0.26),
    ):
        pen.dab("triangle", dx - 0.08 * pen.turn, down, 0.2, size, inside, dx * 0.8)


def _tufts(pen: Pen, coat: Paint, inside: Paint) -> None:
    for way in _WAYS:
        x = _at(pen, way, 0.72)
        for angle in (0.1, 0.75, 1.4):
            pen.dab("leaf", x + way * 0.16 * angle, -0.92 + 0.22 * angle, 0.16, 0.38, inside, way * angle)


_BEHIND: dict[tuple[str, str], _Draw] = {
    ("cat", "pointed"): _pointed,
    ("cat", "big"): _big_pointed,
    ("cat", "folded"): _folded,
    ("dog", "tipped"): _tipped,
    ("dog", "floppy"): _floppy(0.12, behind=True),
    ("dog", "long"): _floppy(0.52, behind=True),
    ("dog", "one up"): _dog_one_up,
    ("fox", "pointed"): _fox_ears,
    ("fox", "big"): _big_fox_ears,
    ("rabbit", "upright"): _long,
    ("rabbit", "spread"): _wide_long,
    ("rabbit", "bent"): _bent,
    ("bear", "round"): _round,
    ("bear", "small"): _small_round,
    ("lion", ""): _mane,
    ("penguin", "tuft"): _tuft,
    ("penguin", "plumes"): _plumes,
    ("teddy bear", "round"): _round,
    ("teddy bear", "big"): _big_round,
    ("plush bunny", "hanging"): _hanging(behind=True),
    ("plush bunny", "one up"): _bunny_one_up,
    ("robot", "antenna"): _antenna,
    ("robot", "two antennae"): _antennae,
    ("robot", "knobs"): _side_bolts,
    ("robot", "dish"): _dish,
    ("monster", "horns"): _horns,
    ("monster", "one horn"): _one_horn,
    ("monster", "spikes"): _spikes,
    ("monster", "tufts"): _tufts,
    ("alien", "antenna"): _antenna,
    ("alien", "two antennae"): _antennae,
    ("alien", "springs"): _springs,
    ("alien", "fins"): _fins,
}
_OVER: dict[tuple[str, str], _Draw] = {
    ("dog", "floppy"): _floppy(0.12, behind=False),
    ("dog", "long"): _floppy(0.52, behind=False),
    ("dog", "one up"): _floppy(0.12, (1.0,), behind=False),
    ("plush bunny", "hanging"): _hanging(behind=False),
    ("plush bunny", "one up"): _hanging((1.0,), behind=False),
}
