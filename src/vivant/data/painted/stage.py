"""A stage with curtains and spotlights."""

from __future__ import annotations

import numpy as np

from vivant.data.painted.canvas import Canvas, Colour
from vivant.data.painted.furniture import (
    BLACK,
    WHITE,
    WOODS,
)
from vivant.data.painted.ground import (
    boards,
)
from vivant.data.painted.plants import (
    bokeh,
)
from vivant.data.painted.shapes import (
    box,
    curve,
    oval,
    points,
    strip,
)
from vivant.data.painted.sky import (
    mix,
)
from vivant.types import Image

STAGE_HORIZON = 0.40
"""Height of the eye, fraction of the picture from the top."""


def stage(canvas: Canvas) -> Image:
    """A stage with curtains and spotlights."""
    a, floor = canvas.aspect, 0.60
    velvet = canvas.pick(((0.52, 0.05, 0.08), (0.10, 0.14, 0.40), (0.30, 0.06, 0.32), (0.05, 0.28, 0.24)))
    tint = mix(canvas.pick(((1.0, 0.90, 0.70), (0.80, 0.88, 1.0), (1.0, 0.78, 0.86))), WHITE, 0.3)
    canvas.gradient([(0, mix(velvet, BLACK, 0.5)), (floor, mix(velvet, BLACK, 0.15))], 0.0, floor + 0.01)
    _folds(canvas, 0.0, a, floor, 0.75)
    y, x = np.mgrid[0 : canvas.h, 0 : canvas.w].astype(np.float32) / canvas.h
    spots = [a * s for s in ((0.5,) if a < 0.8 else (0.3, 0.7))]
    pool = np.asarray(sum(np.exp(-((x - s) ** 2 / 0.09 + (y - 0.38) ** 2 / 0.10)) for s in spots), np.float32)
    canvas.multiply(0.45 + 0.9 * pool)
    canvas.blur(0.003, 0.0, floor)
    boards(canvas, STAGE_HORIZON, floor, canvas.pick(WOODS[:2]), width=0.15, gloss=0.30)
    ground = np.asarray(sum(np.exp(-((x - s) ** 2 / 0.16 + (y - 0.80) ** 2 / 0.035)) for s in spots), np.float32)
    canvas.multiply(0.42 + 0.95 * ground[round(floor * canvas.h) :], round(floor * canvas.h))
    canvas.fill(box(-0.1, floor - 0.006, a + 0.1, floor + 0.03), BLACK, soft=0.012, opacity=0.6)
    for side in (0, 1):
        _wing(canvas, side, velvet)
    _beams(canvas, spots, tint)
    _pelmet(canvas, velvet)
    bokeh(canvas, 0.10, 0.5, int(16 * a), tint, 0.008)
    return canvas.finish(gain=(1.03, 1.0, 0.98), vignette=0.42, bloom=0.6)


def _folds(canvas: Canvas, x0: float, x1: float, y1: float, depth: float) -> None:
    """Vertical folds of a hanging cloth, as lightness of columns."""
    first, last = max(0, round(x0 * canvas.h)), min(canvas.w, round(x1 * canvas.h))
    if last <= first:
        return
    rows = max(1, round(y1 * canvas.h))
    noise = canvas.noise("cloud", 0.5, (1, last - first))[0]
    x = np.arange(first, last, dtype=np.float32) / canvas.h
    wave = np.sin(2 * np.pi * (x * 13 + 0.55 * noise)) * 0.5 + 0.25 * np.sin(2 * np.pi * (x * 27 + noise))
    canvas.multiply(np.repeat(np.asarray(1 + depth * wave, np.float32)[None, :], rows, axis=0), 0, first)


def _wing(canvas: Canvas, side: int, velvet: Colour) -> None:
    """A gathered curtain at one side, nearer than the back one."""
    wide, edge = 0.16 * min(canvas.aspect, 1.2), canvas.aspect if side else 0.0
    inward = -1 if side else 1
    gather = points("-0.05 -0.05, 1.5 -0.05, 1.1 0.2, 0.62 0.38, 0.86 0.55, 1 0.665, -0.05 0.665")
    outline = [(edge + inward * wide * share, y) for share, y in gather]
    canvas.fill(np.array(outline) + np.array([inward * 0.02, 0.012]), BLACK, soft=0.03, opacity=0.6)
    tone = mix(velvet, WHITE, 0.10)
    canvas.fill(curve([*outline[1:], outline[0]], 8), (tone, mix(velvet, BLACK, 0.45)))
    for fold in range(7):
        share = (fold + 0.5) / 7
        path = [
            (edge + inward * wide * share * k, yy)
            for k, yy in ((1.45, -0.05), (1.1, 0.2), (0.62, 0.38), (0.86, 0.55), (1.0, 0.66))
        ]
        canvas.fill(strip(path, [0.012, 0.010, 0.006, 0.009, 0.011]), mix(velvet, WHITE, 0.34), soft=0.005, opacity=0.5)
        dark = [(px + inward * wide * 0.06, py) for px, py in path]
        canvas.fill(strip(dark, [0.012, 0.010, 0.006, 0.009, 0.011]), mix(velvet, BLACK, 0.8), soft=0.005, opacity=0.55)
    canvas.fill(
        box(
            edge - 0.05 if side == 0 else edge - wide * 0.66,
            0.365,
            edge + wide * 0.66 if side == 0 else edge + 0.05,
            0.39,
            0.006,
        ),
        ((0.86, 0.70, 0.34), (0.52, 0.36, 0.12)),
    )


def _pelmet(canvas: Canvas, velvet: Colour) -> None:
    count = max(3, round(canvas.aspect * 5))
    step = canvas.aspect / count
    canvas.fill(box(-0.1, -0.1, canvas.aspect + 0.1, 0.10), BLACK, soft=0.03, opacity=0.5)
    for k in range(count):
        x = step * (k + 0.5)
        canvas.fill(
            oval(x, -0.01, step * 0.56, 0.105),
            (mix(velvet, WHITE, 0.12), mix(velvet, BLACK, 0.35)),
            rough=0.08,
            soft=0.002,
        )
        for inner in (0.4, 0.7):
            canvas.fill(
                oval(x, -0.03, step * 0.56 * inner, 0.105 * inner), mix(velvet, BLACK, 0.6), soft=0.008, opacity=0.35
            )
        canvas.fill(
            strip(
                [
                    (x - step * 0.5, 0.055),
                    (x - step * 0.25, 0.088),
                    (x, 0.098),
                    (x + step * 0.25, 0.088),
                    (x + step * 0.5, 0.055),
                ],
                [0.007] * 5,
            ),
            (0.82, 0.66, 0.32),
        )


def _beams(canvas: Canvas, spots: list[float], tint: Colour) -> None:
    for x in spots:
        source = canvas.aspect / 2 + (x - canvas.aspect / 2) * 1.7
        cone = np.array([(source - 0.01, -0.05), (source + 0.01, -0.05), (x + 0.26, 0.80), (x - 0.26, 0.80)])
        canvas.fill(cone, tint, soft=0.03, opacity=0.13)
        core = np.array([(source - 0.006, -0.05), (source + 0.006, -0.05), (x + 0.15, 0.80), (x - 0.15, 0.80)])
        canvas.fill(core, tint, soft=0.03, opacity=0.10)
        canvas.fill(oval(x, 0.80, 0.27, 0.075), tint, soft=0.03, opacity=0.22)
