"""Garden and park."""

from __future__ import annotations

import cv2
import numpy as np

from vivant.data.painted.canvas import Canvas, Colour
from vivant.data.painted.ground import (
    dapple,
    earth,
    grass,
    shadow,
)
from vivant.data.painted.noise import (
    smoothstep,
)
from vivant.data.painted.plants import (
    AUTUMN,
    GREENS,
    Leaves,
    clump,
    faded,
    flowers,
    hedge,
    overhang,
    tree,
    tree_line,
)
from vivant.data.painted.shapes import (
    box,
    strip,
)
from vivant.data.painted.sky import (
    mix,
    pick_light,
    sky,
)
from vivant.types import Image

GARDEN_HORIZON, PARK_HORIZON = 0.40, 0.42
"""Heights of the eye, fraction of the picture from the top."""
LAWNS: tuple[tuple[Colour, Colour], ...] = (
    ((0.46, 0.60, 0.26), (0.27, 0.42, 0.13)),
    ((0.52, 0.60, 0.28), (0.32, 0.42, 0.15)),
    ((0.40, 0.57, 0.28), (0.22, 0.38, 0.14)),
)
"""Far and near."""
PETALS: tuple[Colour, ...] = (
    (0.86, 0.25, 0.32),
    (0.95, 0.72, 0.20),
    (0.75, 0.45, 0.80),
    (0.97, 0.93, 0.90),
    (0.94, 0.52, 0.62),
    (0.42, 0.45, 0.85),
)


def garden(canvas: Canvas) -> Image:
    """A lawn before a hedge or fence with flower beds."""
    light = pick_light(canvas)
    horizon = GARDEN_HORIZON
    leaves = canvas.pick(GREENS)
    sky(canvas, light, horizon)
    tree_line(canvas, 0.46, 0.24, faded(leaves, light.low, 0.45), step=0.08)
    canvas.blur(0.006, 0.0, 0.6)
    for _ in range(int(canvas.rng.integers(1, 4))):
        kind = canvas.pick(GREENS)
        tree(canvas, canvas.uniform(0, canvas.aspect), 0.50, canvas.uniform(0.4, 0.62), faded(kind, light.low, 0.12))
    if canvas.uniform(0, 1) < 0.5:
        _fence(canvas, 0.37, 0.555)
    else:
        hedge(canvas, 0.37, 0.545, faded(leaves, light.low, 0.08))
    canvas.blur(0.0035, 0.0, 0.62)
    lawn = canvas.pick(LAWNS)
    earth(canvas, horizon, 0.55, *lawn, patches=0.09, soil=0.05)
    dapple(canvas, horizon, 0.55, 0.34)
    shadow(canvas, canvas.aspect / 2, 0.555, canvas.aspect * 0.7, 0.02, 0.5)
    _bed(canvas, leaves)
    canvas.blur(0.0022, 0.0, 0.62)
    grass(canvas, horizon, 0.575)
    if canvas.uniform(0, 1) < 0.6:
        overhang(canvas, leaves, int(canvas.rng.integers(2)))
        canvas.blur(0.004, 0.0, 0.22)
    return canvas.finish(gain=light.gain)


def _fence(canvas: Canvas, top: float, base: float) -> None:
    wood = mix((0.62, 0.50, 0.38), (0.80, 0.80, 0.78), canvas.uniform(0, 1))
    for rail in (0.25, 0.75):
        y = top + (base - top) * rail
        canvas.fill(box(-0.1, y, canvas.aspect + 0.1, y + 0.014), mix(wood, (0.1, 0.08, 0.05), 0.4))
    x = -0.01
    while x < canvas.aspect:
        tone = mix(wood, (0.2, 0.16, 0.12), canvas.uniform(0.0, 0.25))
        board = np.array([(x, base), (x, top + 0.012), (x + 0.021, top), (x + 0.042, top + 0.012), (x + 0.042, base)])
        canvas.fill(board, (mix(tone, (1.0, 1.0, 1.0), 0.12), mix(tone, (0.1, 0.1, 0.05), 0.3)), rough=0.08)
        x += 0.049


def _bed(canvas: Canvas, leaves: Leaves) -> None:
    """Bushes with blossoms along the back, thicker to the sides."""
    petals = [PETALS[int(k)] for k in canvas.rng.choice(len(PETALS), 3, replace=False)]
    x = -0.05
    while x < canvas.aspect + 0.05:
        off = abs(x / canvas.aspect - 0.5) * 2
        rise = 0.035 + 0.075 * off * canvas.uniform(0.6, 1.2)
        half = canvas.uniform(0.05, 0.085)
        clump(canvas, x, 0.572 - rise * 0.5, half, rise, leaves, fine=1.2)
        flowers(
            canvas, x - half * 0.9, x + half * 0.9, 0.572 - rise * 1.2, 0.572, petals[int(canvas.rng.integers(3))], 16
        )
        x += half * 1.1


def park(canvas: Canvas) -> Image:
    """A meadow with a path and scattered trees."""
    light = pick_light(canvas)
    horizon = PARK_HORIZON
    autumn = canvas.uniform(0, 1) < 0.25
    kinds = AUTUMN if autumn else GREENS
    sky(canvas, light, horizon)
    tree_line(canvas, 0.44, 0.12, faded(GREENS[1], light.low, 0.6), step=0.04)
    tree_line(canvas, 0.455, 0.13, faded(kinds[0], light.low, 0.42), step=0.06)
    canvas.blur(0.004, 0.0, 0.5)
    lawn = canvas.pick(LAWNS)
    earth(canvas, horizon, 0.452, mix(lawn[0], light.low, 0.2), lawn[1], patches=0.07)
    _path(canvas, horizon)
    for depth in np.sort(canvas.rng.uniform(0.0, 1.0, 5)):
        base = 0.462 + 0.085 * depth
        height = 0.22 + 0.42 * depth
        x = canvas.rng.choice([canvas.uniform(-0.05, 0.33), canvas.uniform(0.67, 1.05)]) * canvas.aspect
        leaves = faded(kinds[int(canvas.rng.integers(len(kinds)))], light.low, 0.32 * (1 - depth))
        shadow(canvas, x + height * 0.10, base, height * 0.34, height * 0.03, 0.5)
        tree(canvas, x, base, height, leaves)
    canvas.blur(0.0032, 0.0, 0.6)
    dapple(canvas, horizon, 0.55, 0.22, 5.0)
    grass(canvas, horizon, 0.57, length=0.09)
    _worn(canvas, horizon)
    return canvas.finish(gain=light.gain)


def _path(canvas: Canvas, horizon: float) -> None:
    side = canvas.rng.choice([-1.0, 1.0])
    near = canvas.aspect / 2 + side * canvas.aspect * 0.30
    far = canvas.aspect / 2
    across = (far - side * 0.05, far + side * 0.06, near - side * 0.16, near - side * 0.02, near + side * 0.22)
    bends = list(zip(across, (0.462, 0.50, 0.60, 0.75, 1.08), strict=True))
    steps = np.linspace(0, 4, 40)
    spine = np.stack([np.interp(steps, range(5), [p[k] for p in bends]) for k in range(2)], axis=1)
    spine[:, 0] = np.convolve(np.pad(spine[:, 0], 3, mode="edge"), np.ones(7) / 7, "valid")
    width = (spine[:, 1] - horizon) / 0.75 * 0.5
    gravel = ((0.80, 0.74, 0.62), (0.62, 0.53, 0.41))
    canvas.fill(strip(spine, width.tolist()), gravel, soft=0.006, rough=0.06, opacity=0.92)


def _worn(canvas: Canvas, horizon: float) -> None:
    """No blades on the path: full-size detail fades where the ground is no green."""
    if canvas.detail is None:
        return
    green = canvas.pixels[1] - canvas.pixels[0]
    bare = cv2.resize(smoothstep(-0.02, 0.05, green), (canvas.width, canvas.height))
    canvas.detail = 1 + (canvas.detail - 1) * np.maximum(bare, 0.35)
