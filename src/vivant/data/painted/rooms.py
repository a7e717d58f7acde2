"""Rooms seen straight on: living room, bedroom, office, library."""

from __future__ import annotations

import numpy as np

from vivant.data.painted.canvas import Canvas, Colour
from vivant.data.painted.decor import (
    lamp,
    pictures,
    potted_plant,
    shelf,
)
from vivant.data.painted.furniture import (
    BLACK,
    CLOTHS,
    WHITE,
    WOODS,
    block,
    light_patch,
    rug,
    skirting,
    sofa,
    wall,
    window,
)
from vivant.data.painted.ground import (
    boards,
    shadow,
)
from vivant.data.painted.shapes import (
    box,
    strip,
)
from vivant.data.painted.sky import (
    mix,
)
from vivant.types import Image

FLOOR = 0.56
"""Where back walls meet the floor, in heights."""
HORIZON = 0.36
"""Height of the eye, fraction of the picture from the top."""
WALLS: tuple[Colour, ...] = (
    (0.86, 0.83, 0.77),
    (0.74, 0.79, 0.78),
    (0.82, 0.75, 0.68),
    (0.70, 0.74, 0.68),
    (0.88, 0.86, 0.84),
    (0.68, 0.74, 0.80),
)


def settle_floor(canvas: Canvas) -> None:
    """Shade where the floor meets the wall; detail sets in softly below it, for what stands there is painted over."""
    rows = np.linspace(0, 1, canvas.h - round(FLOOR * canvas.h), dtype=np.float32)[:, None]
    canvas.multiply(np.repeat(1 - 0.30 * np.exp(-rows * 8), canvas.w, axis=1), round(FLOOR * canvas.h))
    fade = np.clip(rows * 6 - 0.4, 0, 1)
    canvas.hide_detail(np.repeat(fade, canvas.w, axis=1), round(FLOOR * canvas.h))


def finished(canvas: Canvas, *, warm: float, vignette: float = 0.26) -> Image:
    return canvas.finish(gain=(1 + 0.03 * warm, 1.0, 1 - 0.05 * warm), vignette=vignette, bloom=0.5)


def living_room(canvas: Canvas) -> Image:
    """A sofa between a window and a plant, a rug on boards."""
    a, mirrored = canvas.aspect, canvas.uniform(0, 1) < 0.5

    def at(share: float) -> float:
        return a * (1 - share if mirrored else share)

    wall(canvas, canvas.pick(WALLS), FLOOR, at(0.2))
    wide = min(0.40, 0.42 * a)
    window(canvas, at(0.22) - wide / 2, 0.07, at(0.22) + wide / 2, 0.35, curtain=mix(canvas.pick(CLOTHS), WHITE, 0.55))
    pictures(canvas, at(0.70) - 0.14, 0.15, 2, 0.11)
    boards(canvas, HORIZON, FLOOR, canvas.pick(WOODS))
    settle_floor(canvas)
    skirting(canvas, FLOOR, (0.92, 0.91, 0.88))
    potted_plant(canvas, at(0.93), FLOOR + 0.015, 0.36)
    lamp(canvas, at(0.07), FLOOR + 0.015, 0.42)
    sofa(canvas, at(0.52), FLOOR + 0.026, min(0.66, 0.74 * a), canvas.pick(CLOTHS))
    canvas.blur(0.0042, 0.0, 0.61)
    rug(canvas, HORIZON, 0.635, 0.90, 0.50 * max(a, 0.8), canvas.pick(CLOTHS), mix(canvas.pick(CLOTHS), WHITE, 0.5))
    light_patch(canvas, HORIZON, at(0.22) - 0.10, 0.66, 0.30, 0.25)
    return finished(canvas, warm=canvas.uniform(0.2, 1.0))


def bedroom(canvas: Canvas) -> Image:
    """A bed under pictures or a garland, a night table with a lamp, a window."""
    a, mirrored = canvas.aspect, canvas.uniform(0, 1) < 0.5

    def at(share: float) -> float:
        return a * (1 - share if mirrored else share)

    wall(canvas, canvas.pick(WALLS), FLOOR, at(0.82))
    wide = min(0.30, 0.34 * a)
    window(canvas, at(0.83) - wide / 2, 0.07, at(0.83) + wide / 2, 0.35, curtain=mix(canvas.pick(CLOTHS), WHITE, 0.6))
    if canvas.uniform(0, 1) < 0.5:
        _garland(canvas)
    else:
        pictures(canvas, at(0.36) - 0.2, 0.13, 2, 0.13)
    boards(canvas, HORIZON, FLOOR, canvas.pick(WOODS), gloss=0.15)
    settle_floor(canvas)
    skirting(canvas, FLOOR, (0.92, 0.91, 0.88))
    _bed(canvas, at(0.36), FLOOR + 0.035, min(0.62, 0.66 * a))
    table = at(0.36) + (1 if not mirrored else -1) * (min(0.62, 0.66 * a) / 2 + 0.075)
    shadow(canvas, table, FLOOR + 0.018, 0.07, 0.012, 0.7)
    wood = canvas.pick(WOODS)
    block(canvas, table - 0.055, FLOOR - 0.125, table + 0.055, FLOOR + 0.012, wood)
    canvas.fill(
        box(table - 0.045, FLOOR - 0.105, table + 0.045, FLOOR - 0.058), (mix(wood, WHITE, 0.2), mix(wood, BLACK, 0.1))
    )
    lamp(canvas, table, FLOOR - 0.125, 0.19)
    canvas.blur(0.0042, 0.0, 0.615)
    rug(
        canvas,
        HORIZON,
        0.65,
        0.93,
        0.46 * max(a, 0.8),
        mix(canvas.pick(CLOTHS), WHITE, 0.25),
        mix(canvas.pick(CLOTHS), WHITE, 0.6),
    )
    light_patch(canvas, HORIZON, at(0.83) - 0.2, 0.66, 0.26, 0.2)
    return finished(canvas, warm=canvas.uniform(0.3, 1.0))


def _bed(canvas: Canvas, x: float, base: float, wide: float) -> None:
    left, right, cloth, wood = x - wide / 2, x + wide / 2, canvas.pick(CLOTHS), canvas.pick(WOODS)
    shadow(canvas, x, base, wide * 0.54, 0.02, 0.8)
    block(canvas, left, base - 0.33, right, base - 0.05, wood, radius=0.03)
    for half in (0, 1):
        a = left + wide * (0.08 + 0.44 * half)
        block(canvas, a, base - 0.255, a + wide * 0.40, base - 0.14, (0.94, 0.93, 0.91), radius=0.045, lift=0.5)
    block(
        canvas,
        left - 0.008,
        base - 0.165,
        right + 0.008,
        base - 0.010,
        mix(cloth, WHITE, 0.25),
        radius=0.035,
        rough=0.05,
        lift=0.3,
    )
    block(canvas, left - 0.010, base - 0.185, right + 0.010, base - 0.118, (0.93, 0.92, 0.90), radius=0.03, lift=0.5)
    block(
        canvas,
        left - 0.010,
        base - 0.075,
        right + 0.010,
        base - 0.006,
        mix(cloth, BLACK, 0.15),
        radius=0.015,
        rough=0.08,
    )


def _garland(canvas: Canvas) -> None:
    """Little flags on a string, as over a child's bed."""
    count = max(5, round(canvas.aspect * 11))
    for index in range(count):
        x = canvas.aspect * (index + 0.5) / count
        y = 0.05 + 0.035 * np.sin(np.pi * ((index + 0.5) / count * 2 % 1))
        tone = mix(canvas.pick(CLOTHS), WHITE, 0.2)
        canvas.fill(
            np.array([(x - 0.026, y), (x + 0.026, y), (x, y + 0.055)]), (mix(tone, WHITE, 0.2), mix(tone, BLACK, 0.1))
        )


def office(canvas: Canvas) -> Image:
    """A desk with a screen before a wide window over the town."""
    a, mirrored = canvas.aspect, canvas.uniform(0, 1) < 0.5

    def at(share: float) -> float:
        return a * (1 - share if mirrored else share)

    wall(canvas, canvas.pick(WALLS), FLOOR, a / 2)
    window(canvas, 0.06 * a, 0.05, 0.94 * a, 0.37, frame=(0.30, 0.32, 0.34), city=True)
    boards(canvas, HORIZON, FLOOR, mix(canvas.pick(WOODS), (0.55, 0.55, 0.56), 0.4), gloss=0.3)
    settle_floor(canvas)
    skirting(canvas, FLOOR, (0.80, 0.80, 0.80))
    shelf(canvas, at(0.86) - 0.13, 0.16, at(0.86) + 0.13, FLOOR + 0.01, canvas.pick(WOODS), 5)
    potted_plant(canvas, at(0.06), FLOOR + 0.016, 0.38)
    _desk(canvas, at(0.40), FLOOR + 0.03, min(0.56, 0.6 * a))
    canvas.blur(0.0042, 0.0, 0.615)
    light_patch(canvas, HORIZON, at(0.5) - 0.22, 0.65, 0.42, 0.22)
    return finished(canvas, warm=canvas.uniform(-0.6, 0.4))


def _desk(canvas: Canvas, x: float, base: float, wide: float) -> None:
    wood, top = canvas.pick(WOODS), base - 0.215
    shadow(canvas, x, base, wide * 0.5, 0.016, 0.5)
    canvas.fill(box(x - wide * 0.46, top, x + wide * 0.46, base - 0.01), BLACK, soft=0.02, opacity=0.30)
    for share in (-0.44, 0.42):
        canvas.fill(box(x + wide * share, top, x + wide * share + 0.014, base), (0.24, 0.24, 0.25))
    block(canvas, x + wide * 0.16, top + 0.02, x + wide * 0.40, base - 0.02, mix(wood, WHITE, 0.1))
    screen = box(x - 0.12, top - 0.165, x + 0.06, top - 0.045, 0.006)
    canvas.fill(strip([(x - 0.03, top), (x - 0.03, top - 0.06)], [0.03, 0.012]), (0.32, 0.33, 0.35))
    canvas.fill(screen, (0.10, 0.11, 0.13))
    canvas.fill(box(x - 0.114, top - 0.159, x + 0.054, top - 0.051), ((0.42, 0.56, 0.70), (0.20, 0.30, 0.44)))
    block(canvas, x - wide / 2, top, x + wide / 2, top + 0.022, wood, lift=0.3)
    lamp(canvas, x + wide * 0.36, top, 0.17)
    block(canvas, x - wide * 0.42, top - 0.03, x - wide * 0.30, top, canvas.pick(CLOTHS), radius=0.003)
    chair = canvas.pick(CLOTHS)
    shadow(canvas, x - 0.03, base + 0.008, 0.09, 0.014, 0.6)
    canvas.fill(strip([(x - 0.03, base - 0.09), (x - 0.03, base)], [0.012, 0.012]), (0.2, 0.2, 0.21))
    block(canvas, x - 0.10, base - 0.245, x + 0.04, base - 0.115, chair, radius=0.03)
    block(canvas, x - 0.105, base - 0.105, x + 0.045, base - 0.075, chair, radius=0.014, lift=0.25)


def library(canvas: Canvas) -> Image:
    """Bookcases from wall to wall in lamplight."""
    a, wood = canvas.aspect, canvas.pick(WOODS[:2])
    wall(canvas, (0.48, 0.40, 0.32), FLOOR, a / 2)
    boards(canvas, HORIZON, FLOOR, mix(wood, (0.4, 0.25, 0.14), 0.3), gloss=0.3)
    settle_floor(canvas)
    count = max(1, round(a / 0.36))
    for index in range(count):
        shelf(canvas, a * index / count + 0.004, 0.04, a * (index + 1) / count - 0.004, FLOOR + 0.012, wood, 5)
    for share in (0.18, 0.82):
        lamp(canvas, a * share, FLOOR + 0.03, 0.46)
    near = np.zeros((canvas.h, canvas.w), np.float32)
    y, x = np.mgrid[0 : canvas.h, 0 : canvas.w].astype(np.float32) / canvas.h
    for share in (0.18, 0.82):
        near += np.exp(-((x - a * share) ** 2 / 0.08 + (y - 0.26) ** 2 / 0.07))
    canvas.multiply(np.asarray(0.66 + 0.6 * near + 0.4 * np.clip(y - 0.5, 0, 1), np.float32))
    canvas.blur(0.0048, 0.0, 0.61)
    rug(canvas, HORIZON, 0.63, 0.92, 0.50 * max(a, 0.8), (0.50, 0.18, 0.15), (0.72, 0.58, 0.36))
    return finished(canvas, warm=1.4, vignette=0.36)
