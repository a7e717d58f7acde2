"""Snow, hilltop, desert, and the sky above the clouds."""

from __future__ import annotations

import numpy as np

from vivant.data.painted.canvas import Canvas, Colour
from vivant.data.painted.coast import (
    SAND,
)
from vivant.data.painted.gardens import (
    LAWNS,
    PETALS,
)
from vivant.data.painted.ground import (
    beyond,
    drifts,
    earth,
    grass,
    ripples,
    rock,
)
from vivant.data.painted.plants import (
    Leaves,
    clump,
    faded,
    flowers,
    spruce,
    tree_line,
)
from vivant.data.painted.shapes import (
    oval,
)
from vivant.data.painted.sky import (
    mix,
    mountains,
    pick_light,
    sky,
)
from vivant.types import Image

SNOW_HORIZON, MOUNTAIN_HORIZON, DESERT_HORIZON, HEAVENS_HORIZON = 0.42, 0.46, 0.42, 0.70
"""Heights of the eye, fraction of the picture from the top."""


def snow(canvas: Canvas) -> Image:
    """A snowy field before spruces and mountains; sometimes snow is falling."""
    light = pick_light(canvas)
    horizon = SNOW_HORIZON
    sky(canvas, light, horizon, cover=canvas.uniform(0.2, 0.6))
    mountains(canvas, 0.36, 0.055, (0.40, 0.44, 0.52), light.low, 0.28, snow=0.75)
    leaves = Leaves((0.06, 0.11, 0.11), (0.30, 0.40, 0.36))
    tree_line(canvas, 0.445, 0.06, faded(leaves, mix(light.low, (0.8, 0.85, 0.92), 0.5), 0.55), step=0.03)
    canvas.blur(0.003, 0.0, 0.5)
    earth(
        canvas,
        horizon,
        0.445,
        mix((0.93, 0.95, 0.98), light.sun, 0.15),
        (0.89, 0.925, 0.975),
        patches=0.010,
        soil=0.012,
    )
    drifts(canvas, horizon, 0.445, metres=5.0, depth=0.04, stretch=2.6)
    drifts(canvas, horizon, 0.445, metres=1.2, depth=0.013)
    for depth in np.sort(canvas.rng.uniform(0, 1, 8)):
        x = canvas.aspect * canvas.rng.choice([canvas.uniform(-0.03, 0.34), canvas.uniform(0.66, 1.03)])
        base, tall = 0.455 + 0.085 * depth, 0.15 + 0.36 * depth
        canvas.fill(
            oval(float(x) + tall * 0.12, base, tall * 0.36, tall * 0.035), (0.50, 0.60, 0.78), soft=0.008, opacity=0.55
        )
        spruce(canvas, float(x), base, tall, faded(leaves, light.low, 0.3 * (1 - depth)), snow=0.9)
    canvas.blur(0.0028, 0.0, 0.58)
    if canvas.uniform(0, 1) < 0.45:
        _flakes(canvas)
    return canvas.finish(gain=light.gain, vignette=0.18)


def _flakes(canvas: Canvas) -> None:
    for _ in range(int(130 * canvas.aspect)):
        r = 0.0016 + 0.0045 * canvas.uniform(0, 1) ** 3
        flake = oval(canvas.uniform(0, canvas.aspect), canvas.uniform(0, 0.9), r, r * 1.15)
        canvas.fill(flake, (1.0, 1.0, 1.0), soft=r * 0.5, opacity=canvas.uniform(0.35, 0.85))


def mountain(canvas: Canvas) -> Image:
    """A flowery hilltop above ranges that fade into the distance."""
    light = pick_light(canvas)
    horizon = MOUNTAIN_HORIZON
    sky(canvas, light, horizon)
    white = canvas.uniform(0.35, 0.65)
    mountains(canvas, 0.30, 0.065, (0.40, 0.44, 0.52), light.low, 0.36, snow=white)
    mountains(canvas, 0.385, 0.04, (0.30, 0.38, 0.42), light.low, 0.30, snow=white - 0.3)
    mountains(canvas, 0.45, 0.03, (0.20, 0.32, 0.22), light.low, 0.20)
    mountains(canvas, 0.51, 0.02, (0.22, 0.34, 0.18), light.low, 0.06)
    canvas.blur(0.0032, 0.0, 0.62)
    lawn = canvas.pick(LAWNS)
    top = 0.53
    line = np.asarray(0.575 + 0.018 * canvas.noise("cloud", 0.3, (1, canvas.w))[0], np.float32)
    with beyond(canvas, line, soft=0.005):
        earth(canvas, horizon, top, mix(lawn[0], light.sun, 0.12), lawn[1], patches=0.10)
        drifts(canvas, horizon, top, metres=3.0, depth=0.06)
        grass(canvas, horizon, 0.60, length=0.10)
    for _ in range(2):
        petals = canvas.pick(PETALS)
        flowers(canvas, 0.0, canvas.aspect, 0.595, 0.70, petals, round(40 * canvas.aspect), size=0.36)
    for _ in range(int(canvas.rng.integers(3, 7))):
        rock(canvas, canvas.uniform(0, canvas.aspect), canvas.uniform(0.60, 0.66), canvas.uniform(0.03, 0.075))
    return canvas.finish(gain=light.gain)


def desert(canvas: Canvas) -> Image:
    """Dunes with lit and shaded flanks."""
    light = pick_light(canvas)
    horizon = DESERT_HORIZON
    sky(canvas, light, horizon, cover=canvas.uniform(0.0, 0.25))
    tone = canvas.pick(SAND)
    base = mix(tone[1], (0.90, 0.58, 0.30), 0.5)
    haze = mix(light.low, base, 0.25)
    canvas.gradient([(0.40, haze), (0.6, mix(haze, base, 0.5)), (1.0, base)], horizon - 0.01)
    for depth in (0.0, 0.3, 0.6, 1.0):
        for _ in range(2):
            _dune(canvas, canvas.uniform(0, 1) * canvas.aspect, depth, base, haze)
        canvas.blur(0.0018, 0.0, 0.6)
    far = 0.56
    line = np.asarray(0.60 + 0.02 * canvas.noise("cloud", 0.22, (1, canvas.w))[0], np.float32)
    with beyond(canvas, line, soft=0.004):
        earth(canvas, horizon, far, mix(base, light.sun, 0.22), mix(base, (0.55, 0.30, 0.12), 0.16), patches=0.03)
        drifts(canvas, horizon, far, metres=3.6, depth=0.06)
        ripples(canvas, horizon, far, metres=2.3, depth=0.045, stretch=2.2)
    return canvas.finish(gain=light.gain, vignette=0.18)


def _dune(canvas: Canvas, x: float, depth: float, sand: Colour, haze: Colour) -> None:
    """One dune: a lit body and a shaded lee with a curved crest between."""
    tall = 0.05 + 0.10 * depth
    base, half = 0.445 + 0.15 * depth, 0.35 + 0.40 * depth
    mist = 0.62 * (1 - depth)
    lit, shade = (
        mix(mix(sand, (1.0, 0.92, 0.75), 0.25), haze, mist),
        mix(mix(sand, (0.38, 0.20, 0.16), 0.55), haze, mist),
    )
    peak = base - tall
    left = [
        (x - half, base + 0.01),
        (x - half * 0.62, base - tall * 0.20),
        (x - half * 0.28, base - tall * 0.66),
        (x, peak),
    ]
    right = [(x + half * 0.30, base - tall * 0.72), (x + half * 0.66, base - tall * 0.26), (x + half, base + 0.01)]
    foot = [(x + half, base + 0.25), (x - half, base + 0.25)]
    canvas.fill(np.array(left + right + foot), (lit, mix(lit, sand, 0.6)), soft=0.0025)
    crest = [
        (x, peak),
        (x + half * 0.03, peak + tall * 0.22),
        (x - half * 0.05, peak + tall * 0.52),
        (x - half * 0.16, base - tall * 0.16),
        (x - half * 0.30, base + 0.015),
    ]
    lee = [*crest, (x + half, base + 0.02), *right[1::-1]]
    canvas.fill(np.array(lee), (shade, mix(shade, lit, 0.55)), soft=0.003)


def heavens(canvas: Canvas) -> Image:
    """Above the clouds: open air over a sea of them."""
    light = pick_light(canvas)
    horizon = HEAVENS_HORIZON
    sky(canvas, light, horizon, cover=0.35)
    bright, dim = mix((1.0, 1.0, 1.0), light.sun, 0.25), mix((0.66, 0.73, 0.85), light.low, 0.25)
    canvas.gradient([(horizon - 0.03, light.low), (horizon + 0.1, mix(dim, bright, 0.5)), (1.0, dim)], horizon - 0.03)
    for depth in np.linspace(0, 1, 6):
        y = horizon - 0.01 + 0.30 * depth**1.3
        radius = 0.022 + 0.10 * depth
        far = 0.45 * (1 - depth)
        puffs = Leaves(mix(dim, light.low, far), mix(bright, light.low, far))
        x = -radius
        while x < canvas.aspect + radius:
            _cumulus(canvas, x, y - canvas.uniform(-0.3, 0.5) * radius, radius * canvas.uniform(0.8, 1.2), puffs)
            x += radius * canvas.uniform(1.5, 2.2)
        canvas.blur(0.0022, horizon - 0.2, 1.0)
    for _ in range(int(canvas.rng.integers(1, 4))):
        x, y, size = canvas.uniform(0, canvas.aspect), canvas.uniform(0.12, 0.5), canvas.uniform(0.05, 0.10)
        _cumulus(canvas, x, y, size, Leaves(mix(dim, light.zenith, 0.2), bright))
    canvas.blur(0.003, 0.0, horizon)
    return canvas.finish(gain=light.gain, vignette=0.15)


def _cumulus(canvas: Canvas, x: float, y: float, size: float, puffs: Leaves) -> None:
    """A heap of round puffs, bright on top and grey and flat below."""
    for k in range(5):
        across = (k - 2) / 2
        rise = size * (0.5 * (1 - across * across) * canvas.uniform(0.5, 1.2))
        r = size * (0.62 - 0.24 * abs(across)) * canvas.uniform(0.85, 1.15)
        clump(canvas, x + across * size * 1.15, y - rise, r, r * 0.8, puffs, fine=0.30, ragged=0.28)
