"""What lies underfoot, seen in perspective: turf, sand, snow, stone, boards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import cv2
import numpy as np

from vivant.data.painted.canvas import EYE_M, Canvas, Colour, Points
from vivant.data.painted.noise import TILE, Plane, smoothstep, tile
from vivant.data.painted.shapes import curve
from vivant.data.painted.sky import below, mix


def earth(
    canvas: Canvas, horizon: float, top: float, far: Colour, near: Colour, *, patches: float = 0.07, soil: float = 0.05
) -> None:
    """Ground of any kind: a colour that runs from far to near, large uneven patches, and fine full-size crumbs."""
    canvas.gradient([(top, far), (top + 0.25, mix(far, near, 0.75)), (1.0, near)], top)
    broad = canvas.plane(tile("cloud"), 7.0, horizon, top)
    canvas.multiply(np.maximum(1 + patches * broad, 0.3), round(top * canvas.h))
    crumbs = canvas.plane(_crumbs(), 1.1, horizon, top, full=True)
    canvas.sharpen_ground(np.maximum(1 + soil * crumbs, 0.3), top)


@cache
def _crumbs() -> Plane:
    """Clods and grains together: what makes near ground look sharp."""
    return np.asarray(0.65 * tile("clump") + 0.75 * tile("grain"), np.float32)


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
    # Back to front, a few lightnesses a row: as good as a lightness a blade, and quick.
    for row in np.array_split(np.arange(count), 30):
        near = float((y[row[0]] - top) / (1.04 - top))
        thick = max(1, round(tall / 900 * (0.6 + 2.4 * near)))
        for offset, level in enumerate((-26, 8, 34)):
            tone = 128 + level * (0.45 + 0.55 * near)
            cv2.polylines(field, list(blades[row[offset::3]]), False, tone, thick, cv2.LINE_AA, 4)
    factor = field.astype(np.float32) * np.float32(1 / 128)
    canvas.sharpen_ground(factor, first / tall)


def boards(
    canvas: Canvas, horizon: float, top: float, wood: Colour, *, width: float = 0.13, gloss: float = 0.25,
    across: bool = False, jointed: bool = True,
) -> None:  # fmt: skip
    """Wooden boards that run to the vanishing point (or `across`), with grain, gaps and a mirror sheen.

    Without `jointed` each board is whole, as on a table.
    """
    tone, grain = _boards(jointed)
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
def _boards(jointed: bool) -> tuple[Plane, Plane]:
    """Lightness of each board, and its grain and gaps: two periodic tiles, boards along the rows' direction."""
    rng = np.random.default_rng(11)
    wide = TILE // BOARDS
    tone, lines = np.ones((TILE, TILE), np.float32), np.ones((TILE, TILE), np.float32)
    for board in range(BOARDS):
        columns = slice(board * wide, (board + 1) * wide)
        cut, length = int(rng.integers(0, TILE)), TILE // 2 if jointed else TILE
        for start in range(cut, cut + TILE, length):
            rows = (np.arange(start, start + length)) % TILE
            tone[rows, columns] = rng.uniform(0.84, 1.12)
            # Whole boards meet themselves at the tile's edge: the grain runs there and back.
            along = rows if jointed else np.abs(rows - TILE // 2)
            figure = tile("cloud")[np.ix_((along // 9 + rng.integers(TILE)) % TILE, np.arange(wide) % TILE)]
            fibre = tile("clump")[np.ix_((along // 14 + rng.integers(TILE)) % TILE, np.arange(wide) * 2 % TILE)]
            rings = 0.035 * np.sin(figure * 5.0) + 0.05 * fibre
            lines[rows, columns] = 1 + rings
            if jointed:
                lines[rows[:3], columns] *= 0.55
        lines[:, board * wide : board * wide + 3] *= 0.5
        lines[:, board * wide + 3 : board * wide + 6] *= 1.06
    return tone, np.asarray(cv2.GaussianBlur(lines, (3, 3), 0), np.float32)


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
    return np.asarray(cv2.GaussianBlur(base, (0, 0), 1.2), np.float32)


def drifts(canvas: Canvas, horizon: float, top: float, *, metres: float, depth: float, stretch: float = 2.0) -> None:
    """Low swells of snow or sand, lit from the left."""
    seen = canvas.plane(_slopes(), metres, horizon, top, stretch=stretch)
    fade = np.clip(np.linspace(0, 4, len(seen), dtype=np.float32), 0, 1)[:, None]
    canvas.multiply(np.clip(1 + depth * seen * fade, 0.4, 1.4), round(top * canvas.h))


@cache
def _slopes() -> Plane:
    form = tile("cloud")
    slope = np.asarray(cv2.GaussianBlur(form - np.roll(form, (24, 24), axis=(0, 1)), (0, 0), 6), np.float32)
    return np.asarray(slope / slope.std(), np.float32)


@contextmanager
def beyond(canvas: Canvas, line: Plane, soft: float) -> Iterator[None]:
    """What is painted inside shows only below a line of heights; above it stays what was there."""
    kept = canvas.pixels.copy()
    yield
    mask, first = below(canvas, line, soft)
    kept[:, first:] += (canvas.pixels[:, first:] - kept[:, first:]) * mask
    canvas.pixels = kept
    canvas.hide_detail(mask, first)


def pebbles(canvas: Canvas, horizon: float, top: float, *, metres: float, depth: float) -> None:
    """Rounded stones or dry leaves: cells with dark seams, `depth` strong."""
    relief = canvas.plane(_stones(), metres, horizon, top, full=True)
    canvas.sharpen_ground(np.maximum(1 + depth * relief, 0.2), top)


@cache
def _stones() -> Plane:
    cells = smoothstep(-1.6, 1.4, tile("cell"))
    lit = cells - np.roll(cells, (5, 3), axis=(0, 1))
    return np.asarray(lit * 1.6 + (cells - cells.mean()) * 0.9, np.float32)


def cobbles(canvas: Canvas, horizon: float, top: float, *, metres: float = 2.2, depth: float = 1.0) -> None:
    """Setts in rows; `metres` is the side of the pattern of 14 rows."""
    pattern = canvas.plane(_cobbles(), metres, horizon, top, full=True)
    canvas.sharpen_ground(1 + depth * (pattern - 1), top)


@cache
def _cobbles() -> Plane:
    """Rows of rounded stones of uneven width and lightness, dark between, lit from one side."""
    rng = np.random.default_rng(5)
    rows, tall = 16, TILE // 16
    height, tone = np.zeros((TILE, TILE), np.float32), np.ones((TILE, TILE), np.float32)
    for row in range(rows):
        cuts = np.sort((np.arange(10) + rng.uniform(-0.16, 0.16, 10)) / 10 * TILE + (row % 2) * TILE / 20).astype(int)
        for a, b in zip(cuts, [*cuts[1:], cuts[0] + TILE], strict=True):
            u = np.linspace(-1, 1, b - a, dtype=np.float32)[None, :]
            v = np.linspace(-1, 1, tall, dtype=np.float32)[:, None]
            stone = np.clip(1.15 - np.abs(u) ** 5 - np.abs(v) ** 4, 0, 1) ** 0.5
            where = np.ix_(np.arange(row * tall, (row + 1) * tall), np.arange(a, b) % TILE)
            height[where], tone[where] = stone, rng.uniform(0.84, 1.12)
    lit = cv2.GaussianBlur(height, (0, 0), 2.0)
    slope = lit - np.roll(lit, (-5, -5), axis=(0, 1))
    rough = 1 + 0.06 * tile("clump") + 0.03 * tile("leaf")
    return np.asarray((0.50 + 0.50 * lit) * tone * rough * (1 - 0.30 * slope) * 1.06, np.float32)


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
    return np.asarray(
        (wave + 0.35 * np.sin(4 * np.pi * bent + 1)) * (0.65 + 0.35 * tile("cloud").clip(-1, 1)), np.float32
    )


def way(canvas: Canvas, horizon: float, x: float, half: float, end: float = 1.06) -> Points:
    """Outline of a straight way on the ground, `x` metres off the middle and `half` to each side, up to the horizon."""
    reach, middle = (end - horizon) / EYE_M, canvas.aspect / 2
    return np.array([(middle, horizon), (middle + (x - half) * reach, end), (middle + (x + half) * reach, end)])


def rock(canvas: Canvas, x: float, y: float, size: float, colour: Colour = (0.56, 0.55, 0.53)) -> None:
    turn = np.linspace(0, 2 * np.pi, 9, endpoint=False)
    reach = canvas.rng.uniform(0.78, 1.15, 9)
    outline = [
        (x + size * r * np.cos(t), y - size * 0.30 + size * 0.55 * r * np.sin(t))
        for t, r in zip(turn, reach, strict=True)
    ]
    shadow(canvas, x + size * 0.12, y + size * 0.18, size * 1.05, size * 0.22, 0.6)
    canvas.fill(
        curve(outline, 5),
        (mix(colour, (1.0, 1.0, 0.98), 0.32), mix(colour, (0.05, 0.06, 0.06), 0.55)),
        rough=0.16,
        soft=0.0015,
    )
    face = [(px - size * 0.12, py - size * 0.10) for px, py in outline]
    inner = [(x + (px - x) * 0.62, y - size * 0.36 + (py - y + size * 0.36) * 0.55) for px, py in face]
    canvas.fill(curve(inner, 5), mix(colour, (1.0, 1.0, 1.0), 0.42), soft=size * 0.10, opacity=0.55, rough=0.1)
