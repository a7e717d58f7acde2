"""Forest, and the bank of a lake."""

from __future__ import annotations

import numpy as np

from vivant.data.painted.canvas import Canvas, Colour
from vivant.data.painted.gardens import (
    LAWNS,
)
from vivant.data.painted.ground import (
    beyond,
    dapple,
    earth,
    grass,
    pebbles,
    shadow,
    way,
)
from vivant.data.painted.noise import (
    Plane,
)
from vivant.data.painted.plants import (
    GREENS,
    Leaves,
    bokeh,
    clump,
    faded,
    rays,
    tree_line,
)
from vivant.data.painted.shapes import (
    strip,
)
from vivant.data.painted.sky import (
    below,
    mix,
    mountains,
    pick_light,
    sky,
    water,
)
from vivant.types import Image

FOREST_HORIZON, LAKE_HORIZON = 0.42, 0.42
"""Heights of the eye, fraction of the picture from the top."""


def forest(canvas: Canvas) -> Image:
    """A path between trunks, light falling through the leaves."""
    light = pick_light(canvas)
    horizon = FOREST_HORIZON
    leaves = canvas.pick(GREENS)
    glow = mix((0.80, 0.88, 0.62), light.low, 0.4)
    canvas.gradient(
        [(0, mix(leaves.light, glow, 0.15)), (0.30, glow), (0.46, mix(glow, (1.0, 1.0, 1.0), 0.2)), (0.6, glow)]
    )
    tree_line(canvas, 0.44, 0.34, faded(leaves, glow, 0.72), step=0.09)
    for _ in range(16):
        _trunk(
            canvas,
            canvas.uniform(0, canvas.aspect),
            0.45,
            canvas.uniform(0.008, 0.016),
            mix((0.22, 0.2, 0.15), glow, 0.62),
        )
    bokeh(canvas, 0.02, 0.38, 26, (1.0, 1.0, 0.86), 0.02)
    canvas.blur(0.009, 0.0, 0.7)
    earth(canvas, horizon, 0.47, mix((0.42, 0.44, 0.24), glow, 0.35), (0.30, 0.27, 0.15), patches=0.08, soil=0.09)
    track = way(canvas, horizon + 0.015, canvas.uniform(-0.15, 0.15), 0.55)
    canvas.fill(track, ((0.70, 0.64, 0.46), (0.44, 0.35, 0.24)), soft=0.02, opacity=0.85, rough=0.08)
    for depth in np.sort(canvas.rng.uniform(0.0, 0.75, 9)):
        base = 0.475 + 0.12 * depth
        side = canvas.rng.choice([-1.0, 1.0])
        x = canvas.aspect / 2 + side * canvas.aspect * canvas.uniform(0.14 + 0.14 * depth, 0.56)
        hue = mix((0.20, 0.16, 0.11), glow, 0.48 * (1 - depth))
        shadow(canvas, x, base, 0.07 + 0.06 * depth, 0.010 + 0.01 * depth, 0.5)
        _trunk(canvas, float(x), base, 0.018 + 0.045 * depth, hue)
        for _ in range(2):
            clump(
                canvas,
                float(x) + canvas.uniform(-0.08, 0.08),
                base,
                0.05 + 0.03 * depth,
                0.025 + 0.02 * depth,
                faded(leaves, glow, 0.4 * (1 - depth)),
            )
        canvas.blur(0.0012, 0.0, 0.62)
    for _ in range(12):
        clump(
            canvas,
            canvas.uniform(0, canvas.aspect),
            canvas.uniform(-0.05, 0.12),
            0.14,
            0.08,
            faded(leaves, glow, canvas.uniform(0, 0.4)),
            ragged=0.8,
        )
    canvas.blur(0.004, 0.0, 0.4)
    dapple(canvas, horizon, 0.50, 0.30, 2.2)
    pebbles(canvas, horizon, 0.5, metres=1.6, depth=0.10)
    grass(canvas, horizon, 0.56, length=0.06, count=1500)
    rays(canvas, canvas.uniform(0.2, 0.8) * canvas.aspect, -0.25, 12, (1.0, 0.97, 0.80), 0.20, 0.95)
    return canvas.finish(gain=light.gain, vignette=0.34)


def _trunk(canvas: Canvas, x: float, base: float, width: float, bark: Colour) -> None:
    lean = canvas.rng.normal(0, 0.03)
    path = [(x, base + 0.004), (x + lean * 0.06, base - 0.05), (x + lean * 0.4, base - 0.3), (x + lean, -0.05)]
    outline = strip(path, [width * 1.6, width * 1.05, width * 0.9, width * 0.75])
    canvas.fill(
        outline,
        (mix(bark, (0.75, 0.72, 0.55), 0.3), mix(bark, (0.0, 0.0, 0.0), 0.45)),
        sideways=True,
        rough=0.2,
        soft=0.001,
    )


def lakeside(canvas: Canvas) -> Image:
    """Still water with hills and woods in it, and a grassy or stony bank in front."""
    light = pick_light(canvas)
    horizon = LAKE_HORIZON
    sky(canvas, light, horizon)
    mountains(canvas, 0.34, 0.055, (0.42, 0.47, 0.52), light.low, 0.45, snow=canvas.rng.choice([0.0, 0.3]))
    leaves = canvas.pick(GREENS)
    mountains(canvas, 0.375, 0.018, (0.22, 0.34, 0.25), light.low, 0.35)
    tree_line(canvas, 0.424, 0.075, faded(leaves, light.low, 0.30), step=0.035)
    canvas.blur(0.0022, 0.0, 0.45)
    water(canvas, horizon, 0.72, mix((0.16, 0.32, 0.38), light.zenith, 0.35), ripple=canvas.uniform(0.3, 0.9))
    bank = canvas.uniform(0.0, 1.0)
    line = 0.655 + 0.03 * canvas.noise("cloud", 0.35, (1, canvas.w))[0]
    _bank(canvas, line, stones=bank < 0.4)
    _reeds(canvas, leaves)
    canvas.blur(0.0018, 0.0, 0.6)
    return canvas.finish(gain=light.gain)


def _bank(canvas: Canvas, line: Plane, *, stones: bool) -> None:
    """The near shore: pebbles or grass below a wavering line, dark where it is wet."""
    top = 0.60
    far, near = ((0.66, 0.62, 0.54), (0.47, 0.43, 0.37)) if stones else canvas.pick(LAWNS)
    with beyond(canvas, line, soft=0.01):
        earth(canvas, LAKE_HORIZON, top, far, near)
        dapple(canvas, LAKE_HORIZON, top, 0.16)
        if stones:
            pebbles(canvas, LAKE_HORIZON, top, metres=2.6, depth=0.26)
        else:
            grass(canvas, LAKE_HORIZON, 0.66, length=0.10, count=4200)
        wet, row = below(canvas, line + 0.012, soft=0.03)
        canvas.multiply(0.72 + 0.28 * wet, row)


def _reeds(canvas: Canvas, leaves: Leaves) -> None:
    for side in (0.0, 1.0):
        if canvas.uniform(0, 1) < 0.35:
            continue
        for _ in range(34):
            x = canvas.aspect * side + (1 - 2 * side) * abs(canvas.rng.normal(0, 0.09))
            base = canvas.uniform(0.655, 0.70)
            tall = canvas.uniform(0.10, 0.26)
            bend = canvas.rng.normal(0, 0.035)
            blade = strip(
                [(x, base), (x + bend * 0.3, base - tall * 0.6), (x + bend, base - tall)], [0.006, 0.005, 0.0008]
            )
            tone = mix(leaves.light, (0.70, 0.62, 0.36), canvas.uniform(0, 0.7))
            canvas.fill(blade, (tone, mix(tone, leaves.dark, 0.7)))
