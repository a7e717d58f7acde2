"""Rooms and what stands in them: walls, windows, soft blocks with lit tops."""

from __future__ import annotations

import numpy as np

from vivant.data.painted.canvas import Canvas, Colour
from vivant.data.painted.ground import (
    shadow,
)
from vivant.data.painted.noise import (
    Plane,
    tile,
)
from vivant.data.painted.shapes import (
    box,
    oval,
)
from vivant.data.painted.sky import (
    mix,
)

WHITE: Colour = (1.0, 1.0, 1.0)
BLACK: Colour = (0.02, 0.02, 0.025)
WARM: Colour = (1.0, 0.88, 0.66)
WOODS: tuple[Colour, ...] = ((0.62, 0.44, 0.28), (0.45, 0.30, 0.19), (0.74, 0.59, 0.42), (0.56, 0.42, 0.32))
CLOTHS: tuple[Colour, ...] = (
    (0.36, 0.46, 0.54),
    (0.58, 0.62, 0.52),
    (0.72, 0.46, 0.36),
    (0.80, 0.76, 0.69),
    (0.34, 0.44, 0.38),
    (0.62, 0.52, 0.60),
    (0.85, 0.68, 0.40),
)


def block(
    canvas: Canvas, x0: float, y0: float, x1: float, y1: float, colour: Colour, *, radius: float = 0.006,
    rough: float = 0.05, lift: float = 0.14,
) -> None:  # fmt: skip
    """A piece of furniture: lit from above, darker below, with a soft light edge along its top."""
    canvas.fill(box(x0 - 0.006, y0 + 0.006, x1 + 0.010, y1 + 0.008, radius), BLACK, soft=0.010, opacity=0.28)
    canvas.fill(
        box(x0, y0, x1, y1, radius), (mix(colour, WHITE, lift), mix(colour, BLACK, 0.32)), rough=rough, soft=0.0012
    )
    edge = min(0.006, (y1 - y0) * 0.2)
    canvas.fill(box(x0 + radius, y0, x1 - radius, y0 + edge), mix(colour, WHITE, 0.45), soft=0.002, opacity=0.6)


def wall(canvas: Canvas, colour: Colour, floor: float, light_x: float, *, ceiling: float = 0.0) -> None:
    """A plastered wall lit from one side, darker towards ceiling, corners and floor."""
    canvas.gradient(
        [(0, mix(colour, BLACK, 0.16)), (floor * 0.5, colour), (floor, mix(colour, BLACK, 0.10))], 0.0, floor
    )
    rows = round(floor * canvas.h)
    y, x = np.mgrid[0:rows, 0 : canvas.w].astype(np.float32) / canvas.h
    near = np.exp(-((x - light_x) ** 2 / 0.30 + (y - 0.25) ** 2 / 0.16))
    canvas.multiply(np.asarray(0.80 + 0.34 * near, np.float32))
    canvas.multiply(1 + 0.008 * canvas.noise("clump", 1.2, (rows, canvas.w)))
    if ceiling > 0:
        canvas.fill(box(-0.1, -0.1, canvas.aspect + 0.1, ceiling), (mix(colour, WHITE, 0.5), mix(colour, WHITE, 0.3)))
        canvas.fill(box(-0.1, ceiling, canvas.aspect + 0.1, ceiling + 0.02), BLACK, soft=0.02, opacity=0.2)


def skirting(canvas: Canvas, floor: float, colour: Colour) -> None:
    """The board along the foot of a wall."""
    canvas.fill(
        box(-0.1, floor - 0.022, canvas.aspect + 0.1, floor), (mix(colour, WHITE, 0.5), mix(colour, BLACK, 0.15))
    )
    canvas.fill(box(-0.1, floor - 0.004, canvas.aspect + 0.1, floor + 0.002), BLACK, soft=0.004, opacity=0.35)


def window(
    canvas: Canvas, x0: float, y0: float, x1: float, y1: float, *, frame: Colour = (0.95, 0.94, 0.92),
    curtain: Colour | None = None, city: bool = False,
) -> None:  # fmt: skip
    """A bright window with something green or a town blurred outside, glazing bars and perhaps curtains."""
    canvas.fill(box(x0, y0, x1, y1), ((0.86, 0.93, 1.0), (0.98, 0.98, 0.95)))
    tall = y1 - y0
    x = x0
    while x < x1:
        wide = canvas.uniform(0.03, 0.08)
        rise = tall * canvas.uniform(0.2, 0.55)
        tone = (
            mix((0.55, 0.62, 0.70), (0.8, 0.84, 0.9), canvas.uniform(0, 1))
            if city
            else mix((0.45, 0.60, 0.34), (0.72, 0.82, 0.55), canvas.uniform(0, 1))
        )
        outline = (
            box(x, y1 - rise, min(x + wide, x1), y1)
            if city
            else oval(min(x + wide / 2, x1), y1 - rise * 0.4, wide * 0.8, rise * 0.7)
        )
        outline = np.clip(outline, (x0, y0), (x1, y1))
        canvas.fill(outline, tone, soft=0.010, opacity=0.55)
        x += wide
    for share in (0.0, 0.5, 1.0):
        x = x0 + (x1 - x0) * share
        canvas.fill(box(x - 0.007, y0 - 0.007, x + 0.007, y1 + 0.007), (frame, mix(frame, BLACK, 0.25)))
    for share in (0.0, 0.42, 1.0):
        y = y0 + tall * share
        canvas.fill(box(x0 - 0.007, y - 0.007, x1 + 0.007, y + 0.007), (frame, mix(frame, BLACK, 0.3)))
    canvas.fill(box(x0 - 0.02, y1 + 0.006, x1 + 0.02, y1 + 0.022), (mix(frame, WHITE, 0.5), mix(frame, BLACK, 0.2)))
    canvas.fill(box(x0, y0, x1, y1), WHITE, soft=0.05, opacity=0.30)
    if curtain:
        for side in (0, 1):
            _curtain(canvas, (x0 - 0.055) if side == 0 else (x1 - 0.035), y0 - 0.04, 0.09, y1 + 0.10, curtain)
        canvas.fill(box(x0 - 0.09, y0 - 0.048, x1 + 0.09, y0 - 0.038, 0.005), (0.35, 0.28, 0.22))


def _curtain(canvas: Canvas, x: float, y0: float, wide: float, y1: float, colour: Colour) -> None:
    canvas.fill(box(x + 0.01, y0, x + wide + 0.016, y1), BLACK, soft=0.012, opacity=0.25)
    folds = 6
    for fold in range(folds):
        a, b = x + wide * fold / folds, x + wide * (fold + 1) / folds
        canvas.fill(
            box(a, y0, b + 0.002, y1 + 0.004 * (fold % 2)),
            (mix(colour, WHITE, 0.30), mix(colour, BLACK, 0.28)),
            sideways=True,
        )


def light_patch(canvas: Canvas, horizon: float, x: float, y: float, wide: float, strength: float = 0.30) -> None:
    """Sun from a window lying on the floor, in panes."""
    slant, deep = 0.16, 0.17
    for pane in (0, 1):
        a, b = x + wide * pane * 0.52, x + wide * (pane * 0.52 + 0.48)
        middle = canvas.aspect / 2
        grow = (y + deep - horizon) / (y - horizon)
        quad = np.array(
            [
                (a, y),
                (b, y),
                (middle + (b - middle) * grow - slant, y + deep),
                (middle + (a - middle) * grow - slant, y + deep),
            ]
        )
        canvas.fill(quad, (1.0, 0.95, 0.82), soft=0.008, opacity=strength)


def sofa(canvas: Canvas, x: float, base: float, wide: float, cloth: Colour) -> None:
    """A sofa with cushions, its middle at x."""
    tall = wide * 0.40
    left = x - wide / 2
    shadow(canvas, x, base + 0.004, wide * 0.54, 0.022, 0.75)
    for foot in (0.08, 0.92):
        canvas.fill(
            box(left + wide * foot - 0.008, base - 0.03, left + wide * foot + 0.008, base + 0.004), (0.22, 0.15, 0.1)
        )
    # Shares of the width from the left and of the height from the floor: back, cushions, seats, base, arms.
    for x0, y0, x1, y1, radius, light, lift in (
        (0.05, 1.00, 0.950, 0.20, 0.040, 0.00, 0.14),
        (0.10, 0.90, 0.495, 0.38, 0.030, 0.06, 0.14),
        (0.50, 0.90, 0.895, 0.38, 0.030, 0.06, 0.14),
        (0.095, 0.47, 0.495, 0.24, 0.018, 0.10, 0.24),
        (0.500, 0.47, 0.900, 0.24, 0.018, 0.10, 0.24),
        (0.05, 0.28, 0.950, 0.07, 0.012, -0.12, 0.14),
        (0.000, 0.66, 0.115, 0.06, 0.028, 0.03, 0.22),
        (0.885, 0.66, 1.000, 0.06, 0.028, 0.03, 0.22),
    ):
        tone = mix(cloth, WHITE if light > 0 else BLACK, abs(light))
        area = (left + wide * x0, base - tall * y0, left + wide * x1, base - tall * y1)
        block(canvas, *area, tone, radius=radius, lift=lift)
    for share in (0.19, 0.72):
        size, cx = tall * 0.36, left + wide * share
        block(
            canvas,
            cx,
            base - tall * 0.80,
            cx + size * 1.05,
            base - tall * 0.80 + size,
            canvas.pick(CLOTHS),
            radius=0.022,
            lift=0.22,
        )


def rug(canvas: Canvas, horizon: float, y0: float, y1: float, half: float, colour: Colour, trim: Colour) -> None:
    """A rug lying in perspective, with a border."""
    middle = canvas.aspect / 2
    for inset, tone in ((0.0, trim), (0.05, colour), (0.14, trim), (0.16, colour)):
        a, b = y0 + (y1 - y0) * inset * 0.7, y1 - (y1 - y0) * inset
        near, far = (
            half * (1 - inset) * (b - horizon) / (y1 - horizon),
            half * (1 - inset) * (a - horizon) / (y1 - horizon),
        )
        quad = np.array([(middle - far, a), (middle + far, a), (middle + near, b), (middle - near, b)])
        if inset == 0.0:
            canvas.fill(quad + np.array([0.004, 0.006]), BLACK, soft=0.008, opacity=0.4)
            canvas.cover_detail(quad, _weave(canvas, horizon, y0))
        canvas.fill(quad, (mix(tone, WHITE, 0.10), mix(tone, BLACK, 0.06)), rough=0.025, soft=0.0015)


def _weave(canvas: Canvas, horizon: float, top: float) -> Plane:
    """Full-size tufts of a rug."""
    whole = np.ones((canvas.height, canvas.width), np.float32)
    tufts = canvas.plane(tile("leaf"), 0.8, horizon, top, full=True)
    whole[round(top * canvas.height) :] += 0.055 * tufts
    return whole
