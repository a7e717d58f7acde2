"""Trees, hedges, flowers and leaves, painted as clumps lit from above."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vivant.data.painted.canvas import Canvas, Colour
from vivant.data.painted.ground import shadow
from vivant.data.painted.noise import smoothstep
from vivant.data.painted.shapes import oval, strip
from vivant.data.painted.sky import mix


@dataclass(frozen=True)
class Leaves:
    """Colours of foliage from shade to light."""

    dark: Colour
    light: Colour


GREENS = (
    Leaves((0.06, 0.13, 0.05), (0.45, 0.60, 0.22)),
    Leaves((0.05, 0.14, 0.08), (0.36, 0.56, 0.27)),
    Leaves((0.10, 0.15, 0.05), (0.58, 0.64, 0.24)),
    Leaves((0.07, 0.12, 0.07), (0.40, 0.50, 0.26)),
)
AUTUMN = (Leaves((0.20, 0.09, 0.03), (0.88, 0.56, 0.16)), Leaves((0.22, 0.06, 0.04), (0.82, 0.36, 0.14)))


def faded(leaves: Leaves, haze: Colour, share: float) -> Leaves:
    """The same leaves seen through `share` of haze."""
    return Leaves(mix(leaves.dark, haze, share), mix(leaves.light, haze, share))


def clump(
    canvas: Canvas, x: float, y: float, rx: float, ry: float, leaves: Leaves, *, fine: float = 1.0, ragged: float = 0.4
) -> None:
    """One mass of leaves round (x, y): ragged outline, light from the upper left, leafy texture.

    Args:
        fine: smaller for larger leaves.
        ragged: how far the outline strays.
    """
    x0, y0 = int((x - rx * 1.35) * canvas.h), int((y - ry * 1.35) * canvas.h)
    x1, y1 = int((x + rx * 1.35) * canvas.h) + 2, int((y + ry * 1.35) * canvas.h) + 2
    left, top, right, bottom = max(x0, 0), max(y0, 0), min(x1, canvas.w), min(y1, canvas.h)
    if right - left < 2 or bottom - top < 2:
        return
    rows = (np.arange(top, bottom, dtype=np.float32)[:, None] / canvas.h - y) / ry
    columns = (np.arange(left, right, dtype=np.float32)[None, :] / canvas.h - x) / rx
    size = (bottom - top, right - left)
    big = canvas.noise("clump", 0.9 * fine, size)
    small = canvas.noise("leaf", 1.3 * fine, size)
    body = 1 - np.sqrt(rows * rows + columns * columns) + ragged * (0.42 * big + 0.30 * small)
    mask = np.clip(body * 7 + 0.4, 0, 1)
    lit = 0.46 - 0.26 * rows - 0.14 * columns + 0.17 * big + 0.15 * small
    lit = np.clip(lit, 0, 1) ** 1.25
    shades = np.stack([d + (b - d) * lit for d, b in zip(leaves.dark, leaves.light, strict=True)])
    canvas.lay(mask, shades, top, left)


def tree(
    canvas: Canvas, x: float, base: float, height: float, leaves: Leaves, *, bark: Colour = (0.26, 0.20, 0.15),
    crowns: int = 7, slim: float = 1.0,
) -> None:  # fmt: skip
    """A leafy tree that stands at (x, base)."""
    rng = canvas.rng
    lean = rng.normal(0, 0.02) * height
    fork = base - height * 0.45
    trunk = strip([(x, base), (x + lean * 0.4, base - height * 0.25), (x + lean, fork - height * 0.2)],
                  [height * 0.075, height * 0.055, height * 0.03])  # fmt: skip
    canvas.fill(
        trunk, (mix(bark, (0.5, 0.45, 0.38), 0.35), mix(bark, (0.0, 0.0, 0.0), 0.45)), sideways=True, rough=0.15
    )
    cx, cy, rx, ry = x + lean, base - height * 0.66, height * 0.30 * slim, height * 0.32
    dark = Leaves(leaves.dark, mix(leaves.dark, leaves.light, 0.6))
    clump(canvas, cx, cy + ry * 0.1, rx, ry, dark)
    for index in range(crowns):
        turn = 2 * np.pi * (index + rng.uniform(-0.2, 0.2)) / crowns
        reach = rng.uniform(0.35, 0.72)
        px, py = cx + np.cos(turn) * rx * reach, cy + np.sin(turn) * ry * reach
        shade = float(np.clip(0.5 + 0.5 * np.sin(turn), 0, 1)) * 0.35
        clump(canvas, px, py, rx * 0.52, ry * 0.46, Leaves(leaves.dark, mix(leaves.light, leaves.dark, shade)))
    clump(canvas, cx - rx * 0.15, cy - ry * 0.35, rx * 0.55, ry * 0.45, leaves)


def spruce(canvas: Canvas, x: float, base: float, height: float, leaves: Leaves, snow: float = 0.0) -> None:
    """A conifer of drooping tiers; `snow` (0..1) lies on them."""
    canvas.fill(strip([(x, base), (x, base - height * 0.3)], [height * 0.05, height * 0.04]), (0.18, 0.13, 0.10))
    tiers = 9
    white = Leaves((0.55, 0.64, 0.80), (1.0, 1.0, 1.0))
    for tier in range(tiers):
        t = tier / (tiers - 1)
        half = height * (0.25 * (1 - t) ** 0.85 + 0.015)
        y, drop = base - height * (0.13 + 0.83 * t), height * (0.085 - 0.05 * t)
        for k in np.linspace(-1, 1, 5 if t < 0.6 else 3):
            px = x + half * k * canvas.uniform(0.8, 1.05)
            py = y + drop * (0.9 * abs(k) - 0.2) + canvas.rng.normal(0, 0.1) * drop
            wide = half * 0.42 + 0.006 * height
            clump(canvas, px, py, wide, drop * 0.9, leaves, fine=2.0, ragged=0.7)
            if snow > 0 and canvas.uniform(0, 1) < snow:
                clump(canvas, px, py - drop * 0.42, wide * 0.82, drop * 0.42, white, fine=1.6, ragged=0.55)


def tree_line(canvas: Canvas, base: float, height: float, leaves: Leaves, *, step: float = 0.06) -> None:
    """A far wood: a row of clumps from edge to edge."""
    x = -step
    while x < canvas.aspect + step:
        tall = height * canvas.uniform(0.65, 1.15)
        clump(canvas, x, base - tall * 0.5, step * canvas.uniform(0.8, 1.3), tall * 0.62, leaves, fine=1.4)
        x += step * canvas.uniform(0.7, 1.2)


def hedge(canvas: Canvas, top: float, base: float, leaves: Leaves, x0: float = -0.05, x1: float | None = None) -> None:
    """A hedge or a row of bushes between two heights."""
    end = canvas.aspect + 0.05 if x1 is None else x1
    radius = (base - top) * 0.55
    shadow(canvas, (x0 + end) / 2, base, (end - x0) / 2, radius * 0.25, 0.45)
    for row, share in ((0.62, 0.35), (0.36, 0.0)):
        x = x0
        while x < end:
            y = top + (base - top) * (row + canvas.uniform(-0.06, 0.08))
            lit = mix(leaves.light, leaves.dark, share)
            clump(
                canvas,
                x,
                y,
                radius * canvas.uniform(0.8, 1.1),
                radius * canvas.uniform(0.7, 0.85),
                Leaves(leaves.dark, lit),
            )
            x += radius * canvas.uniform(0.75, 1.05)


def flowers(
    canvas: Canvas, x0: float, x1: float, top: float, base: float, petals: Colour, count: int, size: float = 1.0
) -> None:
    """Blossoms strewn over a bed: small soft discs with a lit side, larger towards the front."""
    for y in np.sort(canvas.rng.uniform(top, base, count)):
        r = size * (0.004 + 0.009 * (y - top) / max(base - top, 1e-6)) * canvas.uniform(0.7, 1.3)
        x, tone = canvas.uniform(x0, x1), canvas.uniform(-0.25, 0.2)
        colour = mix(petals, (1.0, 1.0, 1.0) if tone > 0 else (0.1, 0.05, 0.05), abs(tone))
        canvas.fill(oval(x, y, r, r * 0.75), (mix(colour, (1.0, 1.0, 1.0), 0.25), mix(colour, (0.1, 0.0, 0.05), 0.3)))


def overhang(canvas: Canvas, leaves: Leaves, corner: int, reach: float = 0.30) -> None:
    """Near leaves out of focus in an upper corner (0 left, 1 right)."""
    side = canvas.aspect if corner else 0.0
    for _ in range(7):
        x = side + (1 - 2 * corner) * canvas.uniform(-0.05, reach)
        away = abs(x - side) / reach
        y = canvas.uniform(-0.06, 0.16 * (1 - away) + 0.02)
        clump(canvas, x, y, 0.10, 0.07, leaves, fine=0.45, ragged=0.7)


def bokeh(canvas: Canvas, top: float, bottom: float, count: int, colour: Colour, size: float = 0.018) -> None:
    """Discs of light that a lens makes of bright gaps far behind."""
    for _ in range(count):
        x, y = canvas.uniform(0, canvas.aspect), canvas.uniform(top, bottom)
        r = size * canvas.uniform(0.5, 1.4)
        canvas.fill(oval(x, y, r, r), colour, soft=0.002, opacity=canvas.uniform(0.06, 0.3))


def rays(canvas: Canvas, x: float, y: float, count: int, colour: Colour, strength: float, length: float = 1.0) -> None:
    """Shafts of light that fan out downwards from (x, y)."""
    glow = np.zeros((canvas.h, canvas.w), np.uint8)
    for _ in range(count):
        turn, half = canvas.uniform(0.15, 0.85) * np.pi, canvas.uniform(0.01, 0.05)
        ends = [(x, y)] + [
            (x + np.cos(turn + s * half) * length * 2, y + np.sin(turn + s * half) * length * 2) for s in (-1, 1)
        ]
        layer = np.zeros_like(glow)
        cv2.fillPoly(layer, [np.round(np.array(ends) * canvas.h).astype(np.int32)], 90)
        glow = np.asarray(cv2.add(glow, layer), np.uint8)
    soft = cv2.GaussianBlur(cv2.resize(glow, (max(1, canvas.w // 4), max(1, canvas.h // 4))), (0, 0), 0.005 * canvas.h)
    fade = np.linspace(1, 0, canvas.h, dtype=np.float32)[:, None] ** (1 / max(length, 0.1))
    beam = cv2.resize(soft, (canvas.w, canvas.h)).astype(np.float32) / 255 * fade
    canvas.add(np.asarray(strength * smoothstep(0, 1, beam), np.float32), colour)
