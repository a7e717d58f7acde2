"""Rooms, seen straight on: living room, kitchen, bedroom, office, library, and a table close by."""

from __future__ import annotations

import numpy as np

from vivant.data.painted.canvas import Canvas, Colour
from vivant.data.painted.furniture import (
    BLACK, CLOTHS, WARM, WHITE, WOODS, block, lamp, light_patch, pendant, pick, pictures, potted_plant, rug, shelf,
    skirting, sofa, wall, window,
)  # fmt: skip
from vivant.data.painted.ground import boards, shadow, tiles
from vivant.data.painted.plants import bokeh
from vivant.data.painted.shapes import box, curve, oval, strip
from vivant.data.painted.sky import mix
from vivant.types import Image

FLOOR = 0.56
"""Where back walls meet the floor, in heights."""
HORIZON = 0.36
WALLS: tuple[Colour, ...] = (
    (0.86, 0.83, 0.77), (0.74, 0.79, 0.78), (0.82, 0.75, 0.68), (0.70, 0.74, 0.68), (0.88, 0.86, 0.84), (0.68, 0.74, 0.80),
)  # fmt: skip


def _ended(canvas: Canvas, *, warm: float, vignette: float = 0.26) -> Image:
    shade = canvas.plane(np.ones((8, 8), np.float32), 1.0, HORIZON, FLOOR)
    rows = np.linspace(0, 1, len(shade), dtype=np.float32)[:, None]
    # The floor is darkest where it meets the wall and what stands there.
    canvas.multiply(np.asarray(1 - 0.30 * np.exp(-rows * 9) + 0 * shade, np.float32), round(FLOOR * canvas.h))
    return canvas.finish(gain=(1 + 0.03 * warm, 1.0, 1 - 0.05 * warm), vignette=vignette, bloom=0.5)


def living_room(canvas: Canvas) -> Image:
    """A sofa between a window and a plant, a rug on boards."""
    a, flip = canvas.aspect, canvas.uniform(0, 1) < 0.5
    x_of = (lambda x: a - x) if flip else (lambda x: x)
    light_x = x_of(0.2 * a)
    wall(canvas, pick(canvas, WALLS), FLOOR, light_x)
    skirting(canvas, FLOOR, (0.92, 0.91, 0.88))
    wide = min(0.40, 0.42 * a)
    left = light_x - wide / 2
    window(canvas, left, 0.07, left + wide, 0.36, curtain=mix(pick(canvas, CLOTHS), WHITE, 0.55))
    pictures(canvas, x_of(0.68 * a) - 0.14, 0.16, 2, 0.11)
    potted_plant(canvas, x_of(0.94 * a), FLOOR + 0.012, 0.34)
    sofa(canvas, x_of(0.53 * a), FLOOR + 0.022, min(0.66, 0.72 * a), pick(canvas, CLOTHS))
    lamp(canvas, x_of(0.10 * a), FLOOR + 0.015, 0.40)
    canvas.blur(0.0042, 0.0, 0.62)
    below = canvas.pixels[:, round(FLOOR * canvas.h) : round(0.62 * canvas.h)].copy()
    boards(canvas, HORIZON, FLOOR, pick(canvas, WOODS))
    _keep_feet(canvas, below)
    rug(canvas, HORIZON, 0.63, 0.88, 0.52 * max(a, 0.8), pick(canvas, CLOTHS), mix(pick(canvas, CLOTHS), WHITE, 0.5))
    light_patch(canvas, HORIZON, x_of(0.2 * a) - 0.05, 0.66, 0.30)
    return _ended(canvas, warm=canvas.uniform(0.2, 1.0))
