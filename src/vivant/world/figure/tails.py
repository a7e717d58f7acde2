"""Tails."""

from __future__ import annotations

from collections.abc import Callable

from vivant.world.figure.pen import Pen
from vivant.world.figure.wear import is_dressed
from vivant.world.sketch import Paint, Point, Sketch


def _steps(pen: Pen, *points: tuple[float, float]) -> list[Point]:
    """Points of a tail, in heights behind and below its root."""
    x, y = pen.puppet.tail_root
    back, unit = -pen.puppet.forward, pen.unit
    return [(x + back * dx * unit, y + dy * unit) for dx, dy in points]


def tail(pen: Pen) -> None:
    """What sits behind, as it is for each kind."""
    draw = _TAILS.get(pen.one.kind)
    if draw is not None:
        draw(pen, pen.layers["tail"], pen.named(pen.one.colour, "tail", 0.94))


def _tip(pen: Pen) -> Paint:
    one = pen.one
    plain = one.pattern_colour == "none" or is_dressed(one)
    return pen.named(one.colour if plain else one.pattern_colour, "tail", 0.94)


def _cat_tail(pen: Pen, sketch: Sketch, paint: Paint) -> None:
    points = _steps(pen, (-0.02, 0.02), (0.13, 0.03), (0.21, -0.06), (0.19, -0.18))
    sketch.path(points, 0.034 * pen.unit, paint)
    end = points[3]
    sketch.limb(
        ((points[2][0] + 2 * end[0]) / 3, (points[2][1] + 2 * end[1]) / 3),
        0.034 * pen.unit,
        end,
        0.036 * pen.unit,
        _tip(pen),
    )


def _dog_tail(pen: Pen, sketch: Sketch, paint: Paint) -> None:
    start, middle, end = _steps(pen, (0.0, 0.0), (0.12, -0.04), (0.17, -0.14))
    sketch.limb(start, 0.04 * pen.unit, middle, 0.034 * pen.unit, paint)
    sketch.limb(middle, 0.034 * pen.unit, end, 0.022 * pen.unit, paint)
    sketch.ellipse(*end, 0.024 * pen.unit, 0.024 * pen.unit, _tip(pen))


def _fox_tail(pen: Pen, sketch: Sketch, paint: Paint) -> None:
    start, low, high, end = _steps(pen, (0.0, 0.03), (0.15, 0.02), (0.23, -0.1), (0.25, -0.2))
    unit = pen.unit
    sketch.limb(start, 0.035 * unit, low, 0.072 * unit, paint)
    sketch.limb(low, 0.072 * unit, high, 0.068 * unit, paint)
    sketch.limb(high, 0.066 * unit, end, 0.012 * unit, pen.named(pen.one.second, "tail_tip"))


def _puff(pen: Pen, sketch: Sketch, paint: Paint) -> None:
    ((x, y),) = _steps(pen, (0.045, 0.03))
    sketch.ellipse(x, y, 0.058 * pen.unit, 0.058 * pen.unit, pen.named(pen.one.second, "tail"))


def _stub(pen: Pen, sketch: Sketch, paint: Paint) -> None:
    ((x, y),) = _steps(pen, (0.025, 0.03))
    sketch.ellipse(x, y, 0.042 * pen.unit, 0.042 * pen.unit, paint)


def _lion_tail(pen: Pen, sketch: Sketch, paint: Paint) -> None:
    points = _steps(pen, (0.0, 0.0), (0.14, 0.05), (0.23, -0.01), (0.25, -0.12))
    sketch.path(points, 0.021 * pen.unit, paint)
    x, y = points[3]
    sketch.stamp(
        "leaf", x, y - 0.01 * pen.unit, 0.06 * pen.unit, 0.075 * pen.unit, pen.named(pen.one.crest_colour, "tail_tip")
    )


def _wedge(pen: Pen, sketch: Sketch, paint: Paint) -> None:
    start, end = _steps(pen, (-0.02, 0.02), (0.1, 0.1))
    sketch.limb(start, 0.05 * pen.unit, end, 0.012 * pen.unit, paint)


def _dragon(pen: Pen, sketch: Sketch, paint: Paint) -> None:
    start, low, end = _steps(pen, (-0.02, 0.03), (0.14, 0.07), (0.24, -0.02))
    unit = pen.unit
    sketch.limb(start, 0.075 * unit, low, 0.05 * unit, paint)
    sketch.limb(low, 0.05 * unit, end, 0.02 * unit, paint)
    sketch.stamp(
        "triangle", end[0], end[1] - 0.03 * unit, 0.045 * unit, 0.05 * unit, pen.named(pen.one.crest_colour, "tail_tip")
    )


_TAILS: dict[str, Callable[[Pen, Sketch, Paint], None]] = {
    "cat": _cat_tail,
    "dog": _dog_tail,
    "fox": _fox_tail,
    "rabbit": _puff,
    "bear": _stub,
    "lion": _lion_tail,
    "penguin": _wedge,
    "teddy bear": _stub,
    "plush bunny": _puff,
    "monster": _dragon,
}
