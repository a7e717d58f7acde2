"""Green places: garden, park, forest, and the bank of a lake."""

from __future__ import annotations

import numpy as np

from vivant.data.painted.canvas import Canvas, Colour
from vivant.data.painted.ground import dapple, earth, grass, pebbles, shadow, way
from vivant.data.painted.noise import smoothstep
from vivant.data.painted.plants import (
    AUTUMN, GREENS, Leaves, bokeh, clump, faded, flowers, hedge, overhang, rays, tree, tree_line,
)  # fmt: skip
from vivant.data.painted.shapes import box, curve, oval, strip
from vivant.data.painted.sky import mix, mountains, pick_light, sky, water
from vivant.types import Image

LAWNS: tuple[tuple[Colour, Colour], ...] = (
    ((0.46, 0.60, 0.26), (0.27, 0.42, 0.13)),
    ((0.52, 0.60, 0.28), (0.32, 0.42, 0.15)),
    ((0.40, 0.57, 0.28), (0.22, 0.38, 0.14)),
)
PETALS: tuple[Colour, ...] = (
    (0.86, 0.25, 0.32), (0.95, 0.72, 0.20), (0.75, 0.45, 0.80), (0.97, 0.93, 0.90), (0.94, 0.52, 0.62), (0.42, 0.45, 0.85),
)  # fmt: skip


def garden(canvas: Canvas) -> Image:
    """A lawn before a hedge or fence with flower beds."""
    light = pick_light(canvas)
    horizon = 0.40
    leaves = GREENS[int(canvas.rng.integers(len(GREENS)))]
    sky(canvas, light, horizon)
    tree_line(canvas, 0.46, 0.24, faded(leaves, light.low, 0.45), step=0.08)
    canvas.blur(0.006, 0.0, 0.6)
    for _ in range(int(canvas.rng.integers(1, 4))):
        kind = GREENS[int(canvas.rng.integers(len(GREENS)))]
        tree(canvas, canvas.uniform(0, canvas.aspect), 0.50, canvas.uniform(0.4, 0.62), faded(kind, light.low, 0.12))
    if canvas.uniform(0, 1) < 0.5:
        _fence(canvas, 0.37, 0.555)
    else:
        hedge(canvas, 0.37, 0.545, faded(leaves, light.low, 0.08))
    canvas.blur(0.0035, 0.0, 0.62)
    lawn = LAWNS[int(canvas.rng.integers(len(LAWNS)))]
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
        flowers(canvas, x - half * 0.9, x + half * 0.9, 0.572 - rise * 1.2, 0.572, petals[int(canvas.rng.integers(3))], 16)
        x += half * 1.1


def park(canvas: Canvas) -> Image:
    """A meadow with a path and scattered trees."""
    light = pick_light(canvas)
    horizon = 0.42
    autumn = canvas.uniform(0, 1) < 0.25
    kinds = AUTUMN if autumn else GREENS
    sky(canvas, light, horizon)
    tree_line(canvas, 0.44, 0.12, faded(GREENS[1], light.low, 0.6), step=0.04)
    tree_line(canvas, 0.455, 0.13, faded(kinds[0], light.low, 0.42), step=0.06)
    canvas.blur(0.004, 0.0, 0.5)
    lawn = LAWNS[int(canvas.rng.integers(len(LAWNS)))]
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
    bends = [(canvas.aspect / 2 - side * 0.05, 0.462), (canvas.aspect / 2 + side * 0.06, 0.50), (near - side * 0.16, 0.60),
             (near - side * 0.02, 0.75), (near + side * 0.22, 1.08)]  # fmt: skip
    steps = np.linspace(0, 4, 40)
    spine = np.stack([np.interp(steps, range(5), [p[k] for p in bends]) for k in range(2)], axis=1)
    spine[:, 0] = np.convolve(np.pad(spine[:, 0], 3, mode="edge"), np.ones(7) / 7, "valid")
    width = (spine[:, 1] - horizon) / 0.75 * 0.5
    canvas.fill(strip([(float(x), float(y)) for x, y in spine], width.tolist()), ((0.80, 0.74, 0.62), (0.62, 0.53, 0.41)),
                soft=0.006, rough=0.06, opacity=0.92)  # fmt: skip


def _worn(canvas: Canvas, horizon: float) -> None:
    """No blades on the path: full-size detail fades where the ground is no green."""
    if canvas.detail is None:
        return
    green = canvas.pixels[1] - canvas.pixels[0]
    import cv2

    bare = cv2.resize(smoothstep(-0.02, 0.05, green), (canvas.width, canvas.height))
    canvas.detail = 1 + (canvas.detail - 1) * np.maximum(bare, 0.35)


def forest(canvas: Canvas) -> Image:
    """A path between trunks, light falling through the leaves."""
    light = pick_light(canvas)
    horizon = 0.42
    leaves = GREENS[int(canvas.rng.integers(len(GREENS)))]
    glow = mix((0.80, 0.88, 0.62), light.low, 0.4)
    canvas.gradient([(0, mix(leaves.light, glow, 0.15)), (0.30, glow), (0.46, mix(glow, (1.0, 1.0, 1.0), 0.2)), (0.6, glow)])
    tree_line(canvas, 0.44, 0.34, faded(leaves, glow, 0.72), step=0.09)
    for _ in range(16):
        _trunk(canvas, canvas.uniform(0, canvas.aspect), 0.45, canvas.uniform(0.008, 0.016), mix((0.22, 0.2, 0.15), glow, 0.62))
    bokeh(canvas, 0.02, 0.38, 26, (1.0, 1.0, 0.86), 0.02)
    canvas.blur(0.009, 0.0, 0.7)
    earth(canvas, horizon, 0.47, mix((0.42, 0.44, 0.24), glow, 0.35), (0.24, 0.21, 0.12), patches=0.10, soil=0.10)
    canvas.fill(way(canvas, horizon + 0.015, canvas.uniform(-0.15, 0.15), 0.55), ((0.70, 0.64, 0.46), (0.44, 0.35, 0.24)),
                soft=0.02, opacity=0.85, rough=0.08)  # fmt: skip
    for depth in np.sort(canvas.rng.uniform(0.0, 0.75, 9)):
        base = 0.475 + 0.12 * depth
        side = canvas.rng.choice([-1.0, 1.0])
        x = canvas.aspect / 2 + side * canvas.aspect * canvas.uniform(0.14 + 0.14 * depth, 0.56)
        hue = mix((0.20, 0.16, 0.11), glow, 0.48 * (1 - depth))
        shadow(canvas, x, base, 0.07 + 0.06 * depth, 0.010 + 0.01 * depth, 0.5)
        _trunk(canvas, float(x), base, 0.018 + 0.045 * depth, hue)
        for _ in range(2):
            clump(canvas, float(x) + canvas.uniform(-0.08, 0.08), base, 0.05 + 0.03 * depth, 0.025 + 0.02 * depth, faded(leaves, glow, 0.4 * (1 - depth)))
        canvas.blur(0.0012, 0.0, 0.62)
    for _ in range(12):
        clump(canvas, canvas.uniform(0, canvas.aspect), canvas.uniform(-0.05, 0.12), 0.14, 0.08, faded(leaves, glow, canvas.uniform(0, 0.4)), ragged=0.8)
    canvas.blur(0.004, 0.0, 0.4)
    dapple(canvas, horizon, 0.50, 0.42, 2.2)
    pebbles(canvas, horizon, 0.5, metres=1.6, depth=0.10)
    grass(canvas, horizon, 0.56, length=0.06, count=1500)
    rays(canvas, canvas.uniform(0.2, 0.8) * canvas.aspect, -0.25, 12, (1.0, 0.97, 0.80), 0.20, 0.95)
    return canvas.finish(gain=light.gain, vignette=0.34)


def _trunk(canvas: Canvas, x: float, base: float, width: float, bark: Colour) -> None:
    lean = canvas.rng.normal(0, 0.03)
    path = [(x, base + 0.004), (x + lean * 0.06, base - 0.05), (x + lean * 0.4, base - 0.3), (x + lean, -0.05)]
    outline = strip(path, [width * 1.6, width * 1.05, width * 0.9, width * 0.75])
    canvas.fill(outline, (mix(bark, (0.75, 0.72, 0.55), 0.3), mix(bark, (0.0, 0.0, 0.0), 0.45)), sideways=True, rough=0.2, soft=0.001)


def lake(canvas: Canvas) -> Image:
    """Still water with hills and woods in it, and a grassy or stony bank in front."""
    light = pick_light(canvas)
    horizon = 0.42
    sky(canvas, light, horizon)
    mountains(canvas, 0.34, 0.055, (0.42, 0.47, 0.52), light.low, 0.45, snow=canvas.rng.choice([0.0, 0.3]))
    leaves = GREENS[int(canvas.rng.integers(len(GREENS)))]
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


def _bank(canvas: Canvas, line: np.ndarray, *, stones: bool) -> None:
    from vivant.data.painted.sky import below

    kept = canvas.pixels.copy()
    top = 0.60
    far, near = ((0.66, 0.62, 0.54), (0.47, 0.43, 0.37)) if stones else LAWNS[int(canvas.rng.integers(len(LAWNS)))]
    earth(canvas, 0.42, top, far, near)
    dapple(canvas, 0.42, top, 0.16)
    if stones:
        pebbles(canvas, 0.42, top, metres=2.4, depth=0.22)
    else:
        grass(canvas, 0.42, 0.66, length=0.10, count=4200)
    mask, first = below(canvas, np.asarray(line, np.float32), soft=0.01)
    wet, row = below(canvas, np.asarray(line + 0.012, np.float32), soft=0.03)
    canvas.multiply(0.72 + 0.28 * wet, row)
    kept[:, first:] += (canvas.pixels[:, first:] - kept[:, first:]) * mask
    canvas.pixels = kept
    if canvas.detail is not None:
        import cv2

        whole = np.zeros((canvas.h, canvas.w), np.float32)
        whole[first:] = mask
        canvas.detail = 1 + (canvas.detail - 1) * cv2.resize(whole, (canvas.width, canvas.height))


def _reeds(canvas: Canvas, leaves: Leaves) -> None:
    for side in (0.0, 1.0):
        if canvas.uniform(0, 1) < 0.35:
            continue
        for _ in range(34):
            x = canvas.aspect * side + (1 - 2 * side) * abs(canvas.rng.normal(0, 0.09))
            base = canvas.uniform(0.655, 0.70)
            tall = canvas.uniform(0.10, 0.26)
            bend = canvas.rng.normal(0, 0.035)
            blade = strip([(x, base), (x + bend * 0.3, base - tall * 0.6), (x + bend, base - tall)], [0.006, 0.005, 0.0008])
            tone = mix(leaves.light, (0.70, 0.62, 0.36), canvas.uniform(0, 0.7))
            canvas.fill(blade, (tone, mix(tone, leaves.dark, 0.7)))


_ = (curve, oval)
