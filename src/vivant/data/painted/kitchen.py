"""A kitchen, and a table close by."""

from __future__ import annotations

import numpy as np

from vivant.data.painted.canvas import Canvas, Colour
from vivant.data.painted.decor import (
    pendant,
    potted_plant,
)
from vivant.data.painted.furniture import (
    BLACK,
    CLOTHS,
    WARM,
    WHITE,
    WOODS,
    block,
    light_patch,
    wall,
    window,
)
from vivant.data.painted.ground import (
    boards,
    shadow,
    tiles,
)
from vivant.data.painted.plants import (
    bokeh,
)
from vivant.data.painted.rooms import (
    FLOOR,
    HORIZON,
    WALLS,
    finished,
    settle_floor,
)
from vivant.data.painted.shapes import (
    box,
    curve,
    oval,
)
from vivant.data.painted.sky import (
    mix,
)
from vivant.types import Image

TABLE_HORIZON = 0.20
"""Height of the eye, fraction of the picture from the top."""
CABINETS: tuple[Colour, ...] = (
    (0.90, 0.89, 0.86),
    (0.42, 0.52, 0.52),
    (0.56, 0.63, 0.54),
    (0.74, 0.62, 0.48),
    (0.30, 0.38, 0.46),
)


def kitchen(canvas: Canvas) -> Image:
    """Cabinets, a worktop with things on it, a window and hanging lamps over a tiled floor."""
    a, colour = canvas.aspect, canvas.pick(CABINETS)
    wall(canvas, canvas.pick(WALLS), FLOOR, a / 2)
    _splash(canvas, 0.20, 0.36)
    wide = min(0.34, 0.34 * a)
    window(canvas, a / 2 - wide / 2, 0.05, a / 2 + wide / 2, 0.29)
    tiles(canvas, HORIZON, FLOOR, mix(canvas.pick(WOODS), (0.80, 0.79, 0.76), canvas.uniform(0.55, 1.0)),
          checker=canvas.rng.choice([0.0, 0.0, 0.35]), side=canvas.uniform(0.26, 0.40))  # fmt: skip
    settle_floor(canvas)
    for side in (0, 1):
        x0, x1 = (-0.05, a / 2 - wide / 2 - 0.06) if side == 0 else (a / 2 + wide / 2 + 0.06, a + 0.05)
        _doors(canvas, x0, -0.05, x1, 0.17, colour)
    shadow(canvas, a / 2, FLOOR + 0.012, a * 0.7, 0.016, 0.8)
    _doors(canvas, -0.03, 0.375, a + 0.03, FLOOR - 0.002, colour)
    canvas.fill(box(-0.1, FLOOR - 0.010, a + 0.1, FLOOR + 0.012), BLACK, soft=0.003, opacity=0.85)
    top = mix(canvas.pick(WOODS), (0.82, 0.82, 0.80), canvas.rng.choice([0.0, 0.9]))
    canvas.fill(box(-0.1, 0.378, a + 0.1, 0.392), BLACK, soft=0.006, opacity=0.4)
    canvas.fill(box(-0.1, 0.355, a + 0.1, 0.381), (mix(top, WHITE, 0.35), mix(top, BLACK, 0.2)), rough=0.06)
    _worktop(canvas, 0.357)
    for share in (0.25, 0.75):
        pendant(canvas, a * share, 0.215, 0.04, mix(colour, BLACK, 0.4))
    canvas.blur(0.0040, 0.0, 0.61)
    light_patch(canvas, HORIZON, a / 2 - 0.16, 0.64, 0.32, 0.22)
    return finished(canvas, warm=canvas.uniform(0.0, 0.8))


def _splash(canvas: Canvas, y0: float, y1: float) -> None:
    tone = mix(canvas.pick(CLOTHS), WHITE, 0.65)
    y = y0
    odd = False
    while y < y1:
        x = -0.04 * odd
        while x < canvas.aspect:
            shade = mix(tone, WHITE if canvas.uniform(0, 1) < 0.5 else BLACK, canvas.uniform(0, 0.08))
            canvas.fill(box(x, y, x + 0.077, y + 0.037), (mix(shade, WHITE, 0.12), shade))
            x += 0.08
        y, odd = y + 0.04, not odd


def _doors(canvas: Canvas, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
    count = max(1, round((x1 - x0) / 0.15))
    wide = (x1 - x0) / count
    for index in range(count):
        a, b = x0 + index * wide + 0.002, x0 + (index + 1) * wide - 0.002
        block(canvas, a, y0, b, y1, colour, radius=0.002, rough=0.02)
        canvas.fill(
            box(a + 0.018, y0 + 0.018, b - 0.018, y1 - 0.018),
            (mix(colour, BLACK, 0.16), mix(colour, WHITE, 0.06)),
            soft=0.002,
            opacity=0.7,
        )
        canvas.fill(
            box(a + 0.024, y0 + 0.024, b - 0.024, y1 - 0.024),
            (mix(colour, WHITE, 0.06), mix(colour, BLACK, 0.12)),
            soft=0.002,
        )
        x = b - 0.016 if index % 2 == 0 else a + 0.010
        canvas.fill(box(x, y0 + 0.05, x + 0.006, y0 + 0.085, 0.003), (0.78, 0.72, 0.58))


def _worktop(canvas: Canvas, y: float) -> None:
    """Jars, bowls of fruit and herbs on the worktop."""
    x = 0.05
    while x < canvas.aspect - 0.05:
        kind = canvas.rng.integers(4)
        if kind == 0:
            tone, wide, tall = canvas.pick(CLOTHS), canvas.uniform(0.025, 0.04), canvas.uniform(0.05, 0.09)
            block(canvas, x, y - tall, x + wide, y, tone, radius=0.008)
            canvas.fill(box(x - 0.002, y - tall - 0.008, x + wide + 0.002, y - tall + 0.004, 0.004), canvas.pick(WOODS))
        elif kind == 1:
            for k in range(4):
                fruit = ((0.90, 0.50, 0.14), (0.80, 0.18, 0.15), (0.62, 0.72, 0.22))[int(canvas.rng.integers(3))]
                canvas.fill(
                    oval(x + 0.014 * k + 0.012, y - 0.034, 0.014, 0.014),
                    (mix(fruit, WHITE, 0.4), mix(fruit, BLACK, 0.3)),
                )
            bowl = curve(
                [(x - 0.012, y - 0.030), (x + 0.035, y - 0.026), (x + 0.082, y - 0.030), (x + 0.055, y), (x + 0.015, y)]
            )
            canvas.fill(bowl, ((0.92, 0.91, 0.88), (0.55, 0.54, 0.53)))
        elif kind == 2:
            potted_plant(canvas, x + 0.03, y, 0.13)
        x += canvas.uniform(0.10, 0.22)


def table(canvas: Canvas) -> Image:
    """A wooden table close by, a café or terrace far out of focus behind it."""
    a = canvas.aspect
    evening = canvas.uniform(0, 1) < 0.5
    far: Colour = (0.20, 0.15, 0.13) if evening else (0.72, 0.78, 0.70)
    canvas.gradient([(0, mix(far, BLACK, 0.2)), (0.3, far), (0.6, mix(far, (0.5, 0.42, 0.33), 0.4))])
    for _ in range(int(10 * a) + 3):
        tone = mix(canvas.pick(CLOTHS), far, 0.45 if evening else 0.25)
        x, y = canvas.uniform(-0.1, a), canvas.uniform(0.1, 0.42)
        canvas.fill(box(x, y, x + canvas.uniform(0.06, 0.2), 0.6, 0.03), tone, soft=0.02, opacity=0.8)
    for _ in range(int(8 * a)):
        tone = mix((0.30, 0.44, 0.22), far, canvas.uniform(0.1, 0.6))
        canvas.fill(oval(canvas.uniform(0, a), canvas.uniform(0.15, 0.5), 0.08, 0.06), tone, soft=0.03, opacity=0.7)
    canvas.blur(0.022, 0.0, 0.62)
    bokeh(canvas, 0.02, 0.40, int(26 * a), WARM if evening else (1.0, 1.0, 0.92), 0.026)
    canvas.blur(0.003, 0.0, 0.55)
    boards(canvas, TABLE_HORIZON, 0.50, canvas.pick(WOODS), width=0.10, gloss=0.5, across=True, jointed=False)
    rows = np.linspace(0, 1, canvas.h - round(0.50 * canvas.h), dtype=np.float32)[:, None]
    canvas.blur(0.003, 0.49, 0.60)
    canvas.hide_detail(np.repeat(np.clip(rows * 3, 0, 1), canvas.w, axis=1), round(0.50 * canvas.h))
    return canvas.finish(gain=(1.03, 1.0, 0.96), vignette=0.34, bloom=0.5)
