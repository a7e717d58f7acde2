"""What lies underfoot, seen in perspective: turf, sand, snow, stone, boards."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from vivant.data.painted.canvas import EYE_M, Canvas, Colour, Points
from vivant.data.painted.noise import TILE, Plane, smoothstep, tile
from vivant.data.painted.sky import mix


def earth(
    canvas: Canvas, horizon: float, top: float, far: Colour, near: Colour, *, patches: float = 0.07, soil: float = 0.05
) -> None:
    """Ground of any kind: a colour that runs from far to near, large uneven patches, and fine full-size crumbs."""
    canvas.gradient([(top, far), (top + 0.25, mix(far, near, 0.75)), (1.0, near)], top)
    broad = canvas.plane(tile("cloud"), 7.0, horizon, top)
    canvas.multiply(np.maximum(1 + patches * broad, 0.3), round(top * canvas.h))
    crumbs = canvas.plane(tile("clump"), 1.1, horizon, top, full=True)
    canvas.sharpen_ground(np.maximum(1 + soil * crumbs, 0.3), top)


def dapple(canvas: Canvas, horizon: float, top: float, strength: float, size: float = 3.0) -> None:
    """Soft patches of shade that leaves overhead throw on the ground."""
    shade = smoothstep(-0.3, 0.7, canvas.plane(tile("cloud"), size, horizon, top, stretch=1.6))
    shade *= np.clip(np.linspace(0, 5, len(shade), dtype=np.float32), 0, 1)[:, None]
    canvas.multiply(1 - strength * shade, round(top * canvas.h))


def shadow(canvas: Canvas, x: float, y: float, rx: float, ry: float, strength: float = 0.5) -> None:
    """A soft dark oval under a thing that stands at (x, y)."""
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    outline = np.stack([x + rx * np.cos(turn), y + ry * np.sin(turn)], axis=1)
    canvas.fill(outline, (0.03, 0.035, 0.05), soft=max(ry * 0.6, 0.004), opacity=strength)


def grass(canvas: Canvas, horizon: float, top: float, *, length: float = 0.10, count: int = 5200) -> None:
    """Blades of grass as full-size detail, small and dense far off, long in front.

    Args:
        length: metres.
        count: blades a square picture; more of them in a wide one.
    """
    rng, tall, wide = canvas.rng, canvas.height, canvas.width
    count = int(count * canvas.aspect)
    y = top + (1.04 - top) * rng.uniform(0.0, 1.0, count) ** 0.75
    y.sort()
    size = length * (y - horizon) / 0.75 * rng.uniform(0.6, 1.25, count)
    x = rng.uniform(-0.02, canvas.aspect + 0.02, count)
    lean = rng.normal(0, 0.35, count) * size
    root, tip = np.stack([x, y], axis=1), np.stack([x + lean, y - size], axis=1)
    bend = np.stack([x + lean * 0.25, y - size * 0.6], axis=1)
    blades = np.round(np.stack([root, bend, tip], axis=1) * tall * 16).astype(np.int32)
    first = max(0, round((top - 0.05) * tall))
    blades[..., 1] -= first * 16
    field = np.full((tall - first, wide), 128, np.uint8)
    # Back to front in small groups of one lightness each: as good as a lightness a blade, and quick.
    for group in np.array_split(np.arange(count), 90):
        near = float((y[group[0]] - top) / (1.04 - top))
        tone = 128 + rng.normal(4, 20) * (0.45 + 0.55 * near)
        thick = max(1, round(tall / 900 * (0.6 + 2.4 * near)))
        cv2.polylines(field, list(blades[group]), False, float(np.clip(tone, 60, 205)), thick, cv2.LINE_AA, 4)
    factor = field.astype(np.float32) * np.float32(1 / 128)
    canvas.sharpen_ground(factor, first / tall)


def boards(
    canvas: Canvas, horizon: float, top: float, wood: Colour, *, width: float = 0.13, gloss: float = 0.25,
    across: bool = False,
) -> None:  # fmt: skip
    """A floor of wooden boards that run to the vanishing point (or `across`), with grain, gaps and a mirror sheen."""
    tone, grain = _boards()
    if across:
        tone, grain = np.ascontiguousarray(tone.T), np.ascontiguousarray(grain.T)
    side = width * BOARDS
    state = canvas.rng.bit_generator.state
    tones = canvas.plane(tone, side, horizon, top)
    canvas.rng.bit_generator.state = state
    lines = canvas.plane(grain, side, horizon, top, full=True)
    first = round(top * canvas.h)
    above = canvas.pixels[:, max(0, 2 * first - canvas.h) : first][:, ::-1].copy()
    canvas.gradient([(top, mix(wood, (1.0, 1.0, 1.0), 0.16)), (1.0, wood)], top)
    canvas.multiply(tones, first)
    if gloss > 0:
        for index in range(3):
            above[index] = cv2.GaussianBlur(above[index], (0, 0), 0.006 * canvas.h, sigmaY=0.045 * canvas.h)
        fade = np.linspace(gloss, gloss * 0.25, above.shape[1], dtype=np.float32)[:, None]
        canvas.lay(np.repeat(fade, canvas.w, axis=1), above, first)
    canvas.sharpen_ground(lines, top)


BOARDS = 8
"""Boards side by side in the tile."""


@cache
def _boards() -> tuple[Plane, Plane]:
    """Lightness of each board, and its grain and gaps: two periodic tiles, boards along the rows' direction."""
    rng = np.random.default_rng(11)
    wide = TILE // BOARDS
    tone, lines = np.ones((TILE, TILE), np.float32), np.ones((TILE, TILE), np.float32)
    for board in range(BOARDS):
        columns = slice(board * wide, (board + 1) * wide)
        cut = int(rng.integers(0, TILE))
        for start, length in ((cut, TILE // 2), (cut + TILE // 2, TILE // 2)):
            rows = (np.arange(start, start + length)) % TILE
            tone[rows, columns] = rng.uniform(0.84, 1.12)
            figure = tile("cloud")[np.ix_((rows // 9 + rng.integers(TILE)) % TILE, np.arange(wide) % TILE)]
            fibre = tile("clump")[np.ix_((rows // 14 + rng.integers(TILE)) % TILE, np.arange(wide) * 2 % TILE)]
            rings = 0.035 * np.sin(figure * 5.0) + 0.05 * fibre
            lines[rows, columns] = 1 + rings
            lines[rows[:3], columns] *= 0.55
        lines[:, board * wide : board * wide + 3] *= 0.5
        lines[:, board * wide + 3 : board * wide + 6] *= 1.06
    return tone, cv2.GaussianBlur(lines, (3, 3), 0)


def tiles(
    canvas: Canvas, horizon: float, top: float, colour: Colour, *, side: float = 0.33, joint: float = 0.8,
    checker: float = 0.0, gloss: float = 0.2,
) -> None:  # fmt: skip
    """Square floor tiles of `side` metres; every second one darker by `checker`."""
    pattern = _tiles(round(joint * 100), round(checker * 100))
    first = round(top * canvas.h)
    above = canvas.pixels[:, max(0, 2 * first - canvas.h) : first][:, ::-1].copy()
    canvas.gradient([(top, mix(colour, (1.0, 1.0, 1.0), 0.15)), (1.0, colour)], top)
    if gloss > 0:
        for index in range(3):
            above[index] = cv2.GaussianBlur(above[index], (0, 0), 0.005 * canvas.h, sigmaY=0.03 * canvas.h)
        fade = np.linspace(gloss, gloss * 0.3, above.shape[1], dtype=np.float32)[:, None]
        canvas.lay(np.repeat(fade, canvas.w, axis=1), above, first)
    canvas.sharpen_ground(canvas.plane(pattern, side * 4, horizon, top, full=True), top)
    broad = canvas.plane(tile("cloud"), 2.0, horizon, top)
    canvas.multiply(1 + 0.03 * broad, first)


@cache
def _tiles(joint: int, checker: int) -> Plane:
    """Four by four tiles with joints; arguments in hundredths."""
    rng = np.random.default_rng(7)
    count, side = 4, TILE // 4
    base = np.kron(rng.uniform(0.95, 1.04, (count, count)), np.ones((side, side))).astype(np.float32)
    odd = np.kron(np.add.outer(np.arange(count), np.arange(count)) % 2, np.ones((side, side))).astype(np.float32)
    base *= 1 - checker / 100 * odd
    base *= 1 + 0.03 * tile("clump")
    for edge in range(count):
        line = slice(edge * side, edge * side + 6)
        base[line] = joint / 100
        base[:, line] = joint / 100
    return cv2.GaussianBlur(base, (0, 0), 1.2)


def drifts(canvas: Canvas, horizon: float, top: float, *, metres: float, depth: float, stretch: float = 2.0) -> None:
    """Low swells of snow or sand, lit from the left."""
    form = tile("cloud")
    slope = cv2.GaussianBlur(form - np.roll(form, (24, 24), axis=(0, 1)), (0, 0), 6)
    slope /= slope.std()
    seen = canvas.plane(slope, metres, horizon, top, stretch=stretch)
    fade = np.clip(np.linspace(0, 4, len(seen), dtype=np.float32), 0, 1)[:, None]
    canvas.multiply(np.clip(1 + depth * seen * fade, 0.4, 1.4), round(top * canvas.h))


def pebbles(canvas: Canvas, horizon: float, top: float, *, metres: float, depth: float) -> None:
    """Rounded stones, cobbles or dry leaves: cells with dark seams, `depth` strong."""
    cells = smoothstep(-1.6, 1.4, tile("cell"))
    lit = cells - np.roll(cells, (5, 3), axis=(0, 1))
    texture = np.asarray(1 + depth * (lit * 1.6 + (cells - cells.mean()) * 0.9), np.float32)
    canvas.sharpen_ground(np.maximum(canvas.plane(texture, metres, horizon, top, full=True), 0.2), top)


def ripples(canvas: Canvas, horizon: float, top: float, *, metres: float, depth: float, stretch: float = 3.0) -> None:
    """Wind ripples in sand or snow: wavering crests across the view."""
    texture = _ripples()
    pattern = canvas.plane(texture, metres, horizon, top, full=True, stretch=stretch)
    canvas.sharpen_ground(1 + depth * pattern, top)


@cache
def _ripples() -> Plane:
    y = np.arange(TILE, dtype=np.float32)[:, None] / TILE
    bent = y * 24 + 0.55 * tile("cloud")
    wave = np.sin(2 * np.pi * bent)
    return np.asarray((wave + 0.35 * np.sin(4 * np.pi * bent + 1)) * (0.65 + 0.35 * tile("cloud").clip(-1, 1)), np.float32)


def way(canvas: Canvas, horizon: float, x: float, half: float, end: float = 1.06) -> Points:
    """Outline of a straight way on the ground, `x` metres off the middle and `half` to each side, from the horizon on."""
    reach, middle = (end - horizon) / EYE_M, canvas.aspect / 2
    return np.array([(middle, horizon), (middle + (x - half) * reach, end), (middle + (x + half) * reach, end)])
