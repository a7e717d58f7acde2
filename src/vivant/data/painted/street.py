"""A street between two rows of houses."""

from __future__ import annotations

import cv2
import numpy as np

from vivant.data.painted.canvas import EYE_M, FOCAL, Canvas, Colour, Points
from vivant.data.painted.furniture import (
    BLACK,
    CLOTHS,
    WARM,
    WHITE,
    WOODS,
)
from vivant.data.painted.ground import (
    cobbles,
    dapple,
    earth,
    shadow,
    way,
)
from vivant.data.painted.plants import (
    GREENS,
    bokeh,
    faded,
    tree,
    tree_line,
)
from vivant.data.painted.shapes import (
    box,
    oval,
    strip,
)
from vivant.data.painted.sky import (
    Light,
    mix,
    pick_light,
    sky,
)
from vivant.types import Image

STREET_HORIZON = 0.42
"""Height of the eye, fraction of the picture from the top."""
PLASTERS: tuple[Colour, ...] = (
    (0.84, 0.76, 0.62),
    (0.76, 0.56, 0.45),
    (0.86, 0.84, 0.78),
    (0.62, 0.66, 0.66),
    (0.80, 0.66, 0.50),
    (0.68, 0.44, 0.36),
    (0.72, 0.75, 0.64),
)
METRE = 40
"""Pixels a metre on a house front."""
HOUSES_M = (34.0, 9.5)
"""Length and height of a row of houses."""


def street(canvas: Canvas) -> Image:
    """A paved street between two rows of houses."""
    light = pick_light(canvas)
    horizon = STREET_HORIZON
    sky(canvas, light, horizon)
    tree_line(canvas, 0.435, 0.08, faded(GREENS[1], light.low, 0.55), step=0.04)
    sunny = canvas.rng.choice([-1, 1])
    fronts = _fronts(canvas)
    for side in (-1, 1):
        # The same houses stand on both sides, further along on one: nobody looks at both at once.
        along = np.roll(fronts, fronts.shape[1] // 3, axis=1) if side > 0 else fronts
        _row(canvas, horizon, side, 3.3, light, 1.0 if side == sunny else 0.62, along)
    canvas.blur(0.003, 0.0, 0.66)
    stone = mix((0.60, 0.58, 0.55), (0.52, 0.46, 0.40), canvas.uniform(0, 1))
    houses = canvas.pixels.copy()
    earth(
        canvas, horizon, horizon + 0.004, mix(stone, light.low, 0.45), mix(stone, BLACK, 0.12), patches=0.05, soil=0.02
    )
    cobbles(canvas, horizon, 0.5, metres=2.4, depth=0.85)
    for side in (-1, 1):
        _pavement(canvas, horizon, side, stone)
    dapple(canvas, horizon, 0.55, 0.22, 5.0)
    street_area = way(canvas, horizon, 0.0, 3.3)
    _behind(canvas, houses, street_area)
    for metres in (16.0, 9.0):
        for side in (-1, 1):
            _lamp_post(canvas, horizon, side * 2.35, metres, light)
    for side in (-1, 1):
        y = horizon + FOCAL * EYE_M / 12.0
        x = canvas.aspect / 2 + side * FOCAL * 2.55 / 12.0
        tree(canvas, x, y, 0.30, faded(canvas.pick(GREENS[:3]), light.low, 0.15), crowns=6)
    bokeh(canvas, 0.2, 0.42, int(10 * canvas.aspect), WARM, 0.010)
    canvas.blur(0.0025, 0.0, 0.55)
    return canvas.finish(gain=light.gain, vignette=0.26)


def _behind(canvas: Canvas, before: np.ndarray, area: Points) -> None:
    """Put back what was painted before, outside an area of the ground; the houses stand on the rest."""
    inside = np.zeros((canvas.h, canvas.w), np.uint8)
    cv2.fillPoly(inside, [np.round(area * canvas.h * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    weight = inside.astype(np.float32) / 255
    canvas.pixels = before + (canvas.pixels - before) * weight
    canvas.hide_detail(weight, 0)


def _pavement(canvas: Canvas, horizon: float, side: int, stone: Colour) -> None:
    tone = mix(stone, (0.74, 0.72, 0.68), 0.55)
    area = way(canvas, horizon, side * 2.75, 0.60)
    canvas.fill(area, (mix(tone, WHITE, 0.2), mix(tone, BLACK, 0.06)), rough=0.05)
    canvas.cover_detail(area)
    canvas.fill(way(canvas, horizon, side * 2.14, 0.045), mix(stone, BLACK, 0.5), opacity=0.8)
    canvas.fill(way(canvas, horizon, side * 2.20, 0.04), mix(tone, WHITE, 0.35))


def _row(canvas: Canvas, horizon: float, side: int, off: float, light: Light, lit: float, fronts: Image) -> None:
    """A row of houses along one side, `off` metres from the middle of the street."""
    near, far = 2.0, 2.0 + HOUSES_M[0]
    corners = []
    for depth, height in ((near, HOUSES_M[1]), (far, HOUSES_M[1]), (far, 0.0), (near, 0.0)):
        corners.append((canvas.aspect / 2 + side * FOCAL * off / depth, horizon + FOCAL * (EYE_M - height) / depth))
    h, w = fronts.shape[:2]
    source = np.array([(0, 0), (w, 0), (w, h), (0, h)], np.float32)
    matrix = cv2.getPerspectiveTransform(source, np.array(corners, np.float32) * canvas.h)
    size = (canvas.w, canvas.h)
    shown = cv2.warpPerspective(fronts, matrix, size, flags=cv2.INTER_LINEAR).astype(np.float32) / 255
    mask = cv2.warpPerspective(np.full((h, w), 255, np.uint8), matrix, size, flags=cv2.INTER_LINEAR)
    x = np.abs(np.arange(canvas.w, dtype=np.float32) / canvas.h - canvas.aspect / 2)[None, :]
    haze = 0.62 * np.exp(-x * 6.5)
    shades = [(shown[..., k] * lit * (1.06, 1.0, 0.94)[k] * (1 - haze) + light.low[k] * haze) for k in range(3)]
    canvas.lay(mask.astype(np.float32) / 255, np.stack(shades))


def _fronts(canvas: Canvas) -> Image:
    """House fronts side by side as seen square on: plaster, windows with shutters, doors, awnings."""
    wide, tall = (round(m * METRE) for m in HOUSES_M)
    small = Canvas(wide // 2, tall // 2, canvas.rng)
    scale = HOUSES_M[1]
    x = 0.0
    while x < HOUSES_M[0]:
        width = canvas.uniform(4.2, 7.0)
        roof = canvas.uniform(0.0, 2.2)
        _house(small, x / scale, roof / scale, min(x + width, HOUSES_M[0]) / scale, scale)
        x += width
    rgb = cv2.merge([np.ascontiguousarray(part) for part in small.pixels])
    return np.asarray(np.clip(rgb, 0, 1) * 255, np.uint8)


def _house(front: Canvas, x0: float, y0: float, x1: float, scale: float) -> None:
    plaster, trim = front.pick(PLASTERS), (0.90, 0.88, 0.84)
    front.fill(box(x0, 0, x1, 1), (mix(plaster, WHITE, 0.12), mix(plaster, BLACK, 0.16)), rough=0.05)
    front.fill(box(x0, 0, x1, y0), ((0.42, 0.30, 0.26), (0.30, 0.22, 0.20)), rough=0.1)
    front.fill(box(x0, y0, x1, y0 + 0.02), mix(trim, BLACK, 0.15))
    shutter = front.pick(CLOTHS)
    count = max(1, int((x1 - x0) * scale / 2.0))
    step = (x1 - x0) / count
    for row, top in enumerate((0.14, 0.42)):
        for k in range(count):
            _window(front, x0 + step * (k + 0.5), max(top, y0 + 0.05), 0.052, 0.165, trim, shutter, flowers=row == 1)
    for k in range(count):
        _ground_floor(front, x0 + step * (k + 0.5), step, front.pick(CLOTHS), k == 0)
    front.fill(box(x1 - 0.008, 0, x1, 1), BLACK, opacity=0.4, soft=0.004)


def _window(
    front: Canvas, x: float, y: float, half: float, tall: float, trim: Colour, shutter: Colour, *, flowers: bool
) -> None:
    front.fill(box(x - half - 0.012, y - 0.012, x + half + 0.012, y + tall + 0.012), trim)
    lit = front.uniform(0, 1) < 0.25
    glass = ((0.95, 0.82, 0.56), (0.80, 0.62, 0.36)) if lit else ((0.44, 0.54, 0.62), (0.20, 0.25, 0.31))
    front.fill(box(x - half, y, x + half, y + tall), glass)
    front.fill(box(x - 0.004, y, x + 0.004, y + tall), trim)
    front.fill(box(x - half, y + tall * 0.4, x + half, y + tall * 0.4 + 0.007), trim)
    for side in (-1, 1):
        cx = x + side * (half * 1.5 + 0.012)
        front.fill(
            box(cx - half * 0.45, y - 0.006, cx + half * 0.45, y + tall + 0.006),
            (mix(shutter, WHITE, 0.1), mix(shutter, BLACK, 0.25)),
        )
    front.fill(box(x - half - 0.02, y + tall + 0.01, x + half + 0.02, y + tall + 0.04), BLACK, soft=0.01, opacity=0.25)
    if flowers:
        for _ in range(3):
            tone = mix((0.30, 0.46, 0.20), (0.86, 0.30, 0.36), front.uniform(0, 1))
            front.fill(oval(x + front.uniform(-half, half), y + tall + front.uniform(-0.01, 0.02), 0.014, 0.014), tone)


def _ground_floor(front: Canvas, x: float, step: float, cloth: Colour, door: bool) -> None:
    half = step * 0.34
    if door:
        front.fill(box(x - 0.065, 0.69, x + 0.065, 1.0), (0.86, 0.84, 0.80))
        wood = front.pick(WOODS)
        front.fill(box(x - 0.052, 0.705, x + 0.052, 1.0), (mix(cloth, BLACK, 0.2), mix(wood, BLACK, 0.4)))
        return
    front.fill(box(x - half, 0.73, x + half, 0.94), ((0.98, 0.86, 0.62), (0.46, 0.40, 0.34)))
    for k in range(6):
        tone = front.pick(CLOTHS)
        front.fill(
            box(x - half + half * 0.33 * k, 0.86 - 0.04 * (k % 3), x - half + half * 0.33 * k + half * 0.2, 0.93), tone
        )
    stripe = half * 2.3 / 7
    for k in range(7):
        tone = cloth if k % 2 else (0.95, 0.94, 0.90)
        left = x - half * 1.15 + stripe * k
        front.fill(box(left, 0.665, left + stripe, 0.745), (mix(tone, WHITE, 0.15), mix(tone, BLACK, 0.15)))
    front.fill(box(x - half * 1.1, 0.745, x + half * 1.1, 0.78), BLACK, soft=0.012, opacity=0.5)


def _lamp_post(canvas: Canvas, horizon: float, metres: float, depth: float, light: Light) -> None:
    x, foot = canvas.aspect / 2 + FOCAL * metres / depth, horizon + FOCAL * EYE_M / depth
    unit = FOCAL / depth
    top = foot - 3.3 * unit
    iron = mix((0.10, 0.11, 0.12), light.low, min(0.5, depth / 40))
    shadow(canvas, x, foot, 0.35 * unit, 0.05 * unit, 0.6)
    canvas.fill(
        strip([(x, foot), (x, foot - 0.4 * unit), (x, top)], [0.20 * unit, 0.09 * unit, 0.06 * unit]),
        (mix(iron, WHITE, 0.25), iron),
        sideways=True,
    )
    head = np.array(
        [
            (x - 0.13 * unit, top),
            (x + 0.13 * unit, top),
            (x + 0.19 * unit, top - 0.42 * unit),
            (x - 0.19 * unit, top - 0.42 * unit),
        ]
    )
    canvas.fill(oval(x, top - 0.2 * unit, 0.6 * unit, 0.6 * unit), WARM, soft=0.02, opacity=0.3)
    canvas.fill(head, ((1.0, 0.96, 0.84), (1.0, 0.86, 0.60)))
    roof = np.array(
        [(x - 0.24 * unit, top - 0.42 * unit), (x + 0.24 * unit, top - 0.42 * unit), (x, top - 0.66 * unit)]
    )
    canvas.fill(roof, iron)
