"""What makes a room lived in: lamps, plants in pots, pictures, books."""

from __future__ import annotations

import numpy as np

from vivant.data.painted.canvas import Canvas, Colour
from vivant.data.painted.furniture import (
    BLACK,
    CLOTHS,
    WARM,
    WHITE,
    WOODS,
)
from vivant.data.painted.ground import (
    shadow,
)
from vivant.data.painted.plants import (
    GREENS,
)
from vivant.data.painted.shapes import (
    box,
    oval,
    strip,
)
from vivant.data.painted.sky import (
    mix,
)

SPINES: tuple[Colour, ...] = (
    (0.55, 0.16, 0.14),
    (0.16, 0.27, 0.42),
    (0.20, 0.36, 0.26),
    (0.80, 0.70, 0.52),
    (0.44, 0.28, 0.16),
    (0.84, 0.80, 0.72),
    (0.30, 0.22, 0.32),
    (0.76, 0.48, 0.20),
    (0.14, 0.15, 0.18),
)


def lamp(canvas: Canvas, x: float, base: float, tall: float, shade: Colour = (0.97, 0.90, 0.76)) -> None:
    """A standing or table lamp that is lit."""
    shadow(canvas, x, base, tall * 0.11, tall * 0.022, 0.5)
    canvas.fill(strip([(x, base), (x, base - tall * 0.75)], [0.007, 0.006]), (0.25, 0.21, 0.18))
    canvas.fill(oval(x, base - 0.004, tall * 0.085, tall * 0.02), (0.3, 0.25, 0.2))
    top, wide = base - tall, tall * 0.17
    canvas.fill(oval(x, top + tall * 0.12, wide * 2.6, tall * 0.42), WARM, soft=0.06, opacity=0.34)
    quad = np.array(
        [(x - wide * 0.62, top), (x + wide * 0.62, top), (x + wide, top + tall * 0.26), (x - wide, top + tall * 0.26)]
    )
    canvas.fill(quad, (shade, mix(shade, (1.0, 0.80, 0.5), 0.5)), soft=0.001)
    canvas.fill(oval(x, top + tall * 0.15, wide * 0.5, tall * 0.09), WHITE, soft=0.02, opacity=0.65)


def pendant(canvas: Canvas, x: float, y: float, size: float, colour: Colour) -> None:
    """A hanging lamp that is lit."""
    canvas.fill(strip([(x, -0.02), (x, y - size)], [0.004, 0.004]), (0.15, 0.14, 0.14))
    canvas.fill(oval(x, y + size * 0.3, size * 2.8, size * 2.2), WARM, soft=0.05, opacity=0.30)
    turn = np.linspace(np.pi, 2 * np.pi, 24)
    dome = np.stack([x + size * np.cos(turn), y + size * np.sin(turn)], axis=1)
    canvas.fill(dome, (mix(colour, WHITE, 0.25), mix(colour, BLACK, 0.35)), sideways=True)
    canvas.fill(oval(x, y, size, size * 0.16), (1.0, 0.95, 0.80), soft=0.002)


def potted_plant(canvas: Canvas, x: float, base: float, tall: float, pot: Colour | None = None) -> None:
    """A leafy plant in a pot."""
    colour = pot or canvas.pick(((0.80, 0.52, 0.38), (0.88, 0.86, 0.82), (0.36, 0.40, 0.44)))
    shadow(canvas, x + 0.01, base, tall * 0.20, tall * 0.04, 0.55)
    wide = tall * 0.17
    leaves = canvas.pick(GREENS[:2])
    for _ in range(16):
        turn = canvas.rng.normal(0, 0.75)
        reach = tall * canvas.uniform(0.40, 0.72)
        root = (x + canvas.rng.normal(0, wide * 0.2), base - tall * 0.26)
        tip = (root[0] + np.sin(turn) * reach * 0.8, root[1] - np.cos(turn) * reach)
        bend = ((root[0] + tip[0]) / 2 - np.sin(turn) * 0.01, (root[1] + tip[1]) / 2 - reach * 0.12)
        tone = mix(leaves.dark, leaves.light, canvas.uniform(0.25, 1.0))
        canvas.fill(
            strip([root, bend, tip], [tall * 0.02, tall * 0.085, 0.002]),
            (mix(tone, WHITE, 0.12), mix(tone, leaves.dark, 0.6)),
        )
    quad = np.array(
        [
            (x - wide, base - tall * 0.28),
            (x + wide, base - tall * 0.28),
            (x + wide * 0.72, base),
            (x - wide * 0.72, base),
        ]
    )
    canvas.fill(quad, (mix(colour, WHITE, 0.25), mix(colour, BLACK, 0.4)), sideways=True, rough=0.03)
    canvas.fill(oval(x, base - tall * 0.28, wide, wide * 0.16), mix(colour, BLACK, 0.35))


def pictures(canvas: Canvas, x: float, y: float, count: int, size: float) -> None:
    """Framed pictures in a row, each a small abstract of soft fields."""
    for index in range(count):
        wide, tall = size * canvas.uniform(0.75, 1.1), size * canvas.uniform(0.9, 1.35)
        left = x + index * size * 1.45
        canvas.fill(
            box(left + 0.006, y - tall / 2 + 0.008, left + wide + 0.008, y + tall / 2 + 0.010),
            BLACK,
            soft=0.008,
            opacity=0.35,
        )
        canvas.fill(box(left, y - tall / 2, left + wide, y + tall / 2), canvas.pick(WOODS))
        rim = size * 0.07
        canvas.fill(box(left + rim, y - tall / 2 + rim, left + wide - rim, y + tall / 2 - rim), (0.94, 0.93, 0.90))
        a, b = canvas.pick(CLOTHS), canvas.pick(CLOTHS)
        inner = rim * 2.2
        canvas.fill(
            box(left + inner, y - tall / 2 + inner, left + wide - inner, y + tall / 2 - inner),
            (mix(a, WHITE, 0.3), b),
            rough=0.1,
        )


def shelf(canvas: Canvas, x0: float, y0: float, x1: float, y1: float, wood: Colour, rows: int) -> None:
    """A bookcase: dark inside, boards, and books of many colours, some leaning, some places empty."""
    canvas.fill(box(x0 - 0.01, y0, x1 + 0.014, y1 + 0.012), BLACK, soft=0.014, opacity=0.4)
    canvas.fill(box(x0, y0, x1, y1), (mix(wood, BLACK, 0.62), mix(wood, BLACK, 0.72)))
    step = (y1 - y0) / rows
    for row in range(rows):
        floor = y0 + step * (row + 1) - 0.008
        _books(canvas, x0 + 0.010, x1 - 0.010, floor, step * 0.78)
        canvas.fill(box(x0, floor - step + 0.016, x1, floor - step + 0.030), BLACK, soft=0.010, opacity=0.45)
        canvas.fill(box(x0, floor, x1, floor + 0.010), (mix(wood, WHITE, 0.3), mix(wood, BLACK, 0.3)))
    for x in (x0, x1 - 0.010):
        canvas.fill(box(x, y0, x + 0.010, y1), (mix(wood, WHITE, 0.2), mix(wood, BLACK, 0.3)), rough=0.06)
    canvas.fill(box(x0 - 0.004, y0 - 0.008, x1 + 0.004, y0 + 0.006), (mix(wood, WHITE, 0.35), mix(wood, BLACK, 0.15)))


def _books(canvas: Canvas, x0: float, x1: float, floor: float, room: float) -> None:
    x = x0
    while x < x1 - 0.012:
        if canvas.uniform(0, 1) < 0.06:
            x += canvas.uniform(0.02, 0.05)
            continue
        wide = min(canvas.uniform(0.009, 0.022), x1 - x)
        tall = room * canvas.uniform(0.66, 1.0)
        tone = mix(canvas.pick(SPINES), (0.5, 0.4, 0.3), 0.15)
        canvas.fill(
            box(x, floor - tall, x + wide, floor), (mix(tone, WHITE, 0.18), mix(tone, BLACK, 0.38)), sideways=True
        )
        x += wide + 0.0012
