"""Light of the day, sky, clouds, far ridges, and water that mirrors them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vivant.data.painted.canvas import Canvas, Colour, blurred
from vivant.data.painted.noise import Plane, smoothstep, tile


@dataclass(frozen=True)
class Light:
    """A time of day: colours of the sky, of the sun and of far haze, and the gain of the whole picture."""

    zenith: Colour
    low: Colour
    sun: Colour
    gain: Colour
    strength: float


LIGHTS = (
    Light((0.27, 0.49, 0.78), (0.75, 0.85, 0.93), (1.0, 0.98, 0.92), (1.0, 1.0, 1.0), 1.0),
    Light((0.36, 0.56, 0.80), (0.93, 0.89, 0.82), (1.0, 0.94, 0.80), (1.03, 1.0, 0.95), 1.0),
    Light((0.40, 0.52, 0.72), (0.98, 0.84, 0.66), (1.0, 0.86, 0.62), (1.06, 0.99, 0.89), 1.1),
    Light((0.60, 0.67, 0.75), (0.85, 0.87, 0.89), (0.96, 0.97, 1.0), (0.97, 0.99, 1.02), 0.55),
)
"""Noon, morning, golden hour, overcast."""


def pick_light(canvas: Canvas) -> Light:
    """One of the lights; the bright ones come more often."""
    return LIGHTS[int(canvas.rng.choice(len(LIGHTS), p=(0.4, 0.28, 0.2, 0.12)))]


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`share` of the second colour in the first."""
    a, b, c = (p + (q - p) * share for p, q in zip(first, second, strict=True))
    return (a, b, c)


def sky(canvas: Canvas, light: Light, horizon: float, cover: float | None = None) -> None:
    """Sky down to the horizon, with a glow round the sun and clouds in perspective; `cover` is their share."""
    end = min(1.0, horizon + 0.06)
    middle = mix(light.zenith, light.low, 0.55)
    canvas.gradient([(0, light.zenith), (horizon * 0.55, middle), (horizon, light.low)], 0.0, end)
    rows = round(end * canvas.h)
    sun_x = canvas.uniform(0.1, 0.9) * canvas.aspect
    sun_y = horizon * canvas.uniform(0.1, 0.7)
    y, x = np.mgrid[0:rows, 0 : canvas.w].astype(np.float32) / canvas.h
    away = (x - sun_x) ** 2 + (y - sun_y) ** 2
    canvas.add(0.22 * light.strength * np.exp(-away / 0.06), light.sun)
    cover = canvas.uniform(0.3, 0.72) if cover is None else cover
    if cover > 0:
        clouds(canvas, light, horizon, cover)


def clouds(canvas: Canvas, light: Light, horizon: float, cover: float) -> None:
    """Clouds on a plane overhead: large above, flat and crowded near the horizon, lit from above."""
    end = max(0.02, horizon - 0.004)
    form = canvas.plane(tile("cloud"), 9.0, horizon + 0.10, 0.0, end, eye=0.9, stretch=1.5, ceiling=True)
    shadow = cv2.GaussianBlur(form, (0, 0), 0.012 * canvas.h)
    threshold = 1.2 - 2.2 * cover
    body = smoothstep(threshold, threshold + 0.95, form)
    rows = np.linspace(0, 1, len(form), dtype=np.float32)[:, None]
    body *= 1 - 0.6 * rows**4
    # A cloud is bright where it is thin towards the light and grey where it is thick.
    thick = np.clip(0.55 + 0.28 * (form - shadow) * 2 - 0.13 * (shadow - threshold), 0, 1)
    dark = mix(mix(light.zenith, (0.75, 0.77, 0.8), 0.72), light.low, 0.3)
    bright = mix((1.0, 1.0, 1.0), light.sun, 0.5)
    shades = np.stack([d + (b - d) * thick for d, b in zip(dark, bright, strict=True)])
    canvas.lay(body * 0.94, shades)


def skyline(canvas: Canvas, base: float, rise: float, rough: float, repeats: float) -> Plane:
    """Heights y (w,) of a ridge: `base` plus or minus `rise`, with `rough` small jags on it."""
    slow = canvas.noise("cloud", repeats, (1, canvas.w))[0]
    quick = canvas.noise("clump", repeats * 2, (1, canvas.w))[0]
    return np.asarray(base - rise * slow - rough * quick, np.float32)


def below(canvas: Canvas, line: Plane, soft: float = 0.0015) -> tuple[Plane, int]:
    """Mask of everything below a line of heights, and the row where it starts."""
    top = int(np.clip(np.floor((line.min() - 2 * soft) * canvas.h), 0, canvas.h - 1))
    rows = (np.arange(top, canvas.h, dtype=np.float32) + 0.5) / canvas.h
    return np.clip((rows[:, None] - line[None, :]) / max(soft, 1 / canvas.h) + 0.5, 0, 1), top


def mountains(
    canvas: Canvas, base: float, rise: float, rock: Colour, haze: Colour, far: float, snow: float = 0.0
) -> None:
    """A range with lit and shaded faces, faded by `far` into haze; `snow` (0..1) is the white share of it."""
    line = skyline(canvas, base, rise, rise * 0.12, canvas.uniform(0.35, 0.6))
    mask, top = below(canvas, line)
    mask = mask[: max(2, round((base + 0.16) * canvas.h) - top)]
    h = len(mask)
    relief = canvas.noise("ridge", 0.28 / max(rise, 0.03) * 0.16, (h, canvas.w), stretch=0.7)
    soft = blurred(relief, 0.003 * canvas.h)
    lit = np.clip(0.5 + 0.9 * (np.roll(soft, -3, axis=1) - np.roll(soft, 3, axis=1)) * 0.55, 0, 1)
    rows = np.arange(top, top + h, dtype=np.float32)[:, None] / canvas.h
    height = (base + rise - rows) / (3.2 * rise) + 0.10 * soft
    white = smoothstep(0.95 - snow, 1.05 - snow, height) if snow > 0 else np.zeros_like(height)
    mist = np.clip(far + 0.5 * np.clip((rows - base + rise * 0.4) / 0.16, 0, 1), 0, 0.97)
    shades = []
    for channel in range(3):
        bare = rock[channel] * (0.45 + 0.85 * lit)
        shade = (0.60, 0.68, 0.82)[channel]
        seen = bare + (shade + (0.99 - shade) * lit - bare) * white
        shades.append(seen + (haze[channel] - seen) * mist)
    canvas.lay(mask, np.stack(shades), top)


def water(
    canvas: Canvas, horizon: float, bottom: float, tint: Colour, *, ripple: float = 0.5, mirror: float = 0.75
) -> None:
    """Water from the horizon down: the picture above it mirrored and shaken by waves, over a tint that deepens."""
    first, last = round(horizon * canvas.h), round(bottom * canvas.h)
    waves = canvas.plane(tile("cloud"), 5.0, horizon - 0.008, first / canvas.h, last / canvas.h, stretch=4.0)
    waves = waves[: last - first]
    rows = np.arange(last - first, dtype=np.float32)[:, None]
    depth = rows / max(1, last - first)
    source_y = np.clip(first - 1 - rows * 0.92 + waves * ripple * (0.6 + 6 * depth) * canvas.h / 260, 0, first - 1)
    source_x = np.broadcast_to(np.arange(canvas.w, dtype=np.float32)[None, :], source_y.shape)
    source_x = source_x + waves * ripple * 1.5
    share = mirror * (1 - 0.55 * depth) * np.clip(1 + 0.16 * ripple * waves, 0.4, 1.3)
    for part, colour in zip(canvas.pixels, tint, strict=True):
        image = cv2.remap(part[:first], source_x, source_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        own = colour * (1 - 0.3 * depth) * (1 + 0.10 * waves)
        part[first:last] = own + (image * 0.94 - own) * np.clip(share, 0, 0.92)
