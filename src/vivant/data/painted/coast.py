"""Beach and sea floor."""

from __future__ import annotations

import numpy as np

from vivant.data.painted.canvas import Canvas, Colour
from vivant.data.painted.ground import (
    beyond,
    drifts,
    earth,
    ripples,
    rock,
    shadow,
)
from vivant.data.painted.noise import (
    Plane,
    smoothstep,
    tile,
)
from vivant.data.painted.plants import (
    Leaves,
    clump,
    faded,
    rays,
)
from vivant.data.painted.shapes import (
    oval,
    strip,
)
from vivant.data.painted.sky import (
    Light,
    below,
    mix,
    pick_light,
    sky,
    skyline,
    water,
)
from vivant.types import Image

BEACH_HORIZON, SEA_FLOOR_HORIZON = 0.38, 0.48
"""Heights of the eye, fraction of the picture from the top."""
SAND: tuple[tuple[Colour, Colour], ...] = (
    ((0.90, 0.82, 0.68), (0.80, 0.68, 0.50)),
    ((0.93, 0.87, 0.76), (0.84, 0.74, 0.59)),
    ((0.86, 0.76, 0.62), (0.74, 0.61, 0.45)),
)
"""Far and near."""
CORALS: tuple[Leaves, ...] = (
    Leaves((0.36, 0.10, 0.22), (0.95, 0.50, 0.55)),
    Leaves((0.40, 0.18, 0.08), (0.98, 0.66, 0.36)),
    Leaves((0.22, 0.12, 0.36), (0.70, 0.50, 0.88)),
    Leaves((0.30, 0.26, 0.10), (0.92, 0.84, 0.48)),
)


def beach(canvas: Canvas) -> Image:
    """Sea, surf and sand; sometimes a headland, a sail or palm leaves."""
    light = pick_light(canvas)
    horizon = BEACH_HORIZON
    sky(canvas, light, horizon)
    if canvas.uniform(0, 1) < 0.6:
        _headland(canvas, light, horizon)
    deep, shallow = mix((0.05, 0.30, 0.46), light.zenith, 0.25), mix((0.36, 0.70, 0.70), light.low, 0.2)
    water(canvas, horizon, 0.64, deep, ripple=1.0, mirror=0.42)
    first, last = round(horizon * canvas.h), round(0.64 * canvas.h)
    towards = np.linspace(0, 1, last - first, dtype=np.float32)[:, None] ** 1.5
    canvas.lay(np.repeat(towards * 0.9, canvas.w, axis=1), shallow, first)
    swell = canvas.plane(tile("cloud"), 6.0, horizon - 0.01, horizon, 0.64, stretch=5.0)[: last - first]
    canvas.multiply(1 + 0.10 * swell, first)
    if canvas.uniform(0, 1) < 0.45:
        _sail(canvas, horizon)
    for row in (0.475, 0.52):
        _foam(canvas, row, 0.010, 0.55)
    canvas.blur(0.0022, 0.0, 0.6)
    _sand(canvas, horizon, light)
    return canvas.finish(gain=light.gain, vignette=0.16)


def _headland(canvas: Canvas, light: Light, horizon: float) -> None:
    side = canvas.rng.choice([0.0, 1.0])
    x = np.linspace(0, canvas.aspect, canvas.w, dtype=np.float32)
    away = np.abs(x - side * canvas.aspect) / (0.55 * canvas.aspect)
    line = skyline(canvas, 0.0, 0.008, 0.003, 0.6) + horizon - 0.085 * np.clip(1 - away, -0.2, 1)
    mask, top = below(canvas, np.asarray(line, np.float32))
    rows = max(1, round((horizon + 0.004) * canvas.h) - top)
    rough = 1 + 0.12 * canvas.noise("clump", 2.0, (rows, canvas.w))
    colour = mix((0.30, 0.40, 0.34), light.low, 0.45)
    canvas.lay(mask[:rows], np.stack([c * rough for c in colour]), top)


def _sail(canvas: Canvas, horizon: float) -> None:
    x, tall = canvas.uniform(0.15, 0.85) * canvas.aspect, canvas.uniform(0.035, 0.06)
    base = horizon + 0.006
    canvas.fill(np.array([(x, base - tall), (x + tall * 0.42, base - 0.006), (x, base - 0.006)]), (0.98, 0.97, 0.95))
    canvas.fill(
        np.array([(x - 0.003, base - tall * 0.9), (x - tall * 0.3, base - 0.006), (x - 0.003, base - 0.006)]),
        (0.86, 0.87, 0.9),
    )
    canvas.fill(
        np.array(
            [
                (x - tall * 0.4, base - 0.005),
                (x + tall * 0.5, base - 0.005),
                (x + tall * 0.3, base + 0.004),
                (x - tall * 0.3, base + 0.004),
            ]
        ),
        (0.3, 0.24, 0.22),
    )


def _foam(canvas: Canvas, y: float, thick: float, strength: float) -> None:
    """A crest of surf that wavers round y."""
    line = np.asarray(y + 0.012 * canvas.noise("cloud", 0.5, (1, canvas.w))[0], np.float32)
    front, top = below(canvas, line, soft=0.003)
    rows = min(len(front), round(0.10 * canvas.h))
    height = (np.arange(top, top + rows, dtype=np.float32)[:, None] / canvas.h - line[None, :]) / thick
    lace = canvas.noise("clump", 1.8, (rows, canvas.w), stretch=2.5)
    body = front[:rows] * np.clip(1.25 - height * 0.55 + 0.6 * lace, 0, 1) * np.clip(3.2 - height, 0, 1)
    canvas.lay(np.asarray(body * strength, np.float32), (0.98, 0.99, 0.99), top)


def _sand(canvas: Canvas, horizon: float, light: Light) -> None:
    """The beach below the last wave, wet and dark at its edge."""
    tones = canvas.pick(SAND)
    top = 0.55
    line = np.asarray(0.595 + 0.022 * canvas.noise("cloud", 0.4, (1, canvas.w))[0], np.float32)
    with beyond(canvas, line, soft=0.006):
        earth(canvas, horizon, top, mix(tones[0], light.sun, 0.15), tones[1], patches=0.035, soil=0.035)
        drifts(canvas, horizon, top, metres=2.5, depth=0.045)
        ripples(canvas, horizon, top, metres=3.4, depth=canvas.uniform(0.02, 0.05))
        wet, row = below(canvas, line + 0.055, soft=0.05)
        # Wet sand is darker and shows the sky.
        for part, colour in zip(canvas.pixels[:, row:], light.low, strict=True):
            dark = part * 0.66 + 0.12 * colour
            part += (dark - part) * (1 - wet)
    _lap(canvas, line)


def _lap(canvas: Canvas, line: Plane) -> None:
    """The thin last edge of the water on the sand, with the shade under it."""
    edge, top = below(canvas, line - 0.012, soft=0.006)
    end, row = below(canvas, line + 0.002, soft=0.004)
    band = edge.copy()
    band[row - top :] -= end[: len(band) - (row - top)]
    lace = canvas.noise("clump", 2.2, band.shape, stretch=2.0)
    canvas.lay(np.clip(band, 0, 1) * np.clip(0.75 + 0.3 * lace, 0, 1), (0.97, 0.985, 0.99), top)


def underwater(canvas: Canvas) -> Image:
    """A sandy sea floor with corals and weed under shafts of light."""
    horizon = SEA_FLOOR_HORIZON
    deep = mix((0.04, 0.25, 0.42), (0.04, 0.34, 0.40), canvas.uniform(0, 1))
    clear = mix((0.42, 0.80, 0.86), (0.50, 0.84, 0.78), canvas.uniform(0, 1))
    canvas.gradient([(0, mix(clear, (1.0, 1.0, 1.0), 0.25)), (0.18, clear), (0.5, mix(deep, clear, 0.35)), (1, deep)])
    for depth in (0.0, 0.35):
        for _ in range(5):
            colour = mix((0.20, 0.34, 0.36), mix(deep, clear, 0.35), 0.85 - depth)
            rock(canvas, canvas.uniform(0, canvas.aspect), 0.53 + 0.05 * depth, canvas.uniform(0.05, 0.16), colour)
    canvas.blur(0.008, 0.0, 0.7)
    top = 0.52
    earth(canvas, horizon, top, mix(deep, clear, 0.38), mix((0.72, 0.74, 0.60), deep, 0.30), patches=0.05, soil=0.03)
    web = np.asarray(smoothstep(0.55, 1.25, tile("ridge")), np.float32)
    light = canvas.plane(web, 2.4, horizon, top) + 0.6 * canvas.plane(web, 1.7, horizon, top)
    fade = np.clip(np.linspace(0, 2.0, len(light), dtype=np.float32), 0, 1)[:, None]
    canvas.add(0.26 * light * fade, (0.85, 1.0, 0.92), round(top * canvas.h))
    ripples(canvas, horizon, top, metres=2.6, depth=0.04)
    _reef(canvas, deep, clear)
    canvas.blur(0.0022, 0.0, 0.6)
    rays(canvas, canvas.uniform(0.2, 0.8) * canvas.aspect, -0.35, 16, (0.75, 1.0, 0.98), 0.28, 1.1)
    for _ in range(26):
        r = 0.002 + 0.007 * canvas.uniform(0, 1) ** 2
        x, y = canvas.uniform(0, canvas.aspect), canvas.uniform(0.05, 0.75)
        canvas.fill(oval(x, y, r, r), ((0.9, 1.0, 1.0), mix(clear, deep, 0.4)), opacity=0.55, soft=0.0008)
        canvas.fill(oval(x - r * 0.3, y - r * 0.35, r * 0.28, r * 0.28), (1.0, 1.0, 1.0), opacity=0.8)
    return canvas.finish(gain=(0.97, 1.0, 1.02), vignette=0.3)


def _reef(canvas: Canvas, deep: Colour, clear: Colour) -> None:
    for depth in np.sort(canvas.rng.uniform(0.1, 1, 9)):
        side = canvas.rng.choice([0.0, 1.0])
        x = float(canvas.aspect * side + (1 - 2 * side) * abs(canvas.rng.normal(0, 0.13)) * canvas.aspect)
        base, mist = 0.54 + 0.10 * depth, 0.55 * (1 - depth)
        murk = mix(deep, clear, 0.35)
        shadow(canvas, x, base + 0.01, 0.10, 0.014, 0.4)
        if canvas.uniform(0, 1) < 0.45:
            for _ in range(7):
                _weed(
                    canvas,
                    x + canvas.rng.normal(0, 0.03),
                    base,
                    canvas.uniform(0.14, 0.34) * (0.6 + 0.4 * depth),
                    murk,
                    mist,
                )
        else:
            coral = faded(canvas.pick(CORALS), murk, 0.25 + mist)
            for _ in range(3):
                size = canvas.uniform(0.03, 0.065)
                clump(
                    canvas, x + canvas.rng.normal(0, 0.035), base - size * 0.6, size, size, coral, fine=1.6, ragged=0.5
                )


def _weed(canvas: Canvas, x: float, base: float, tall: float, murk: Colour, mist: float) -> None:
    t = np.linspace(0, 1, 12)
    sway = 0.03 * np.sin(t * 6 + canvas.uniform(0, 6)) * t + canvas.rng.normal(0, 0.03) * t
    path = [(x + float(s), base - tall * float(u)) for s, u in zip(sway, t, strict=True)]
    tone = mix(mix((0.20, 0.42, 0.18), (0.52, 0.50, 0.16), canvas.uniform(0, 1)), murk, 0.2 + mist)
    canvas.fill(
        strip(path, (0.014 * (1 - t**2) + 0.002).tolist()),
        (mix(tone, (0.8, 1.0, 0.8), 0.25), mix(tone, (0.0, 0.1, 0.1), 0.4)),
    )
