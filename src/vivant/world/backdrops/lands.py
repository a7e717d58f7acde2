"""Far lands: mountain, ski slope, desert."""

from __future__ import annotations

import math
import random

from vivant.world.backdrops.plants import cactus, fir, tufts
from vivant.world.backdrops.scenery import Scenery, vary
from vivant.world.backdrops.sky import DAY_SKIES, clouds, hills, peak, sky, sun
from vivant.world.sketch import Colour, Point, mix, shade

_SNOW: Colour = (246, 248, 252)


def mountain(scene: Scenery, rng: random.Random) -> None:
    """Great snowy peaks over an alpine lake, boulders, firs, a cabin."""
    horizon = rng.uniform(0.6, 0.64)
    haze = sky(scene, rng, horizon, warm=0.35)
    clouds(scene, rng, 2, 0.14, 0.2)
    rock = vary(rng, rng.choice(((140, 146, 178), (158, 148, 172), (132, 152, 172))))
    for x, width, height in ((0.52, 0.7, 0.34), (0.06, 0.5, 0.3)):
        peak(scene, x, horizon, width, height, mix(rock, haze, 0.5), mix(_SNOW, haze, 0.25))
    peak(scene, rng.uniform(0.22, 0.3), horizon, 0.82, rng.uniform(0.5, 0.54), rock, _SNOW)
    peak(scene, rng.uniform(0.84, 0.9), horizon, 0.7, rng.uniform(0.4, 0.46), mix(rock, haze, 0.12), _SNOW)
    grass = vary(rng, rng.choice(((156, 184, 136), (178, 184, 130))))
    for index in range(11):
        x = index / 10 + rng.uniform(-0.03, 0.03)
        fir(scene, x, horizon + 0.015, rng.uniform(0.07, 0.13), mix((92, 134, 122), haze, 0.2))
    scene.gradient(horizon, 1.02, shade(grass, 1.1), shade(grass, 0.94))
    lake = rng.uniform(0.66, 0.8)
    scene.disk(lake, horizon + 0.07, 0.34, 0.046, shade(grass, 0.88))
    scene.disk(lake, horizon + 0.066, 0.325, 0.038, (142, 192, 206))
    scene.disk(lake - 0.12, horizon + 0.06, 0.1, 0.007, (206, 230, 234))
    _cabin(scene, rng.uniform(0.16, 0.22), horizon + 0.12, 0.2)
    fir(scene, 0.05, 0.82, 0.34, (96, 140, 124))
    fir(scene, 0.95, 0.84, 0.3, (104, 146, 126))
    for x, y, size in ((0.86, 0.88, 0.07), (0.13, 0.9, 0.055), (0.22, 0.97, 0.035), (0.76, 0.98, 0.03)):
        _boulder(scene, x + rng.uniform(-0.03, 0.03), y, size)
    tufts(scene, rng, 6, 0.8, 1.0, shade(grass, 0.84))


def _cabin(scene: Scenery, x: float, y: float, width: float) -> None:
    wood, roof, half = (176, 130, 100), (120, 100, 100), width / 2
    scene.rect(x - half * 0.8, y - width * 0.45, x + half * 0.8, y, wood)
    for row in range(3):
        scene.rect(
            x - half * 0.8,
            y - width * (0.12 + 0.12 * row),
            x + half * 0.8,
            y - width * (0.1 + 0.12 * row),
            shade(wood, 0.88),
        )
    scene.rect(x + half * 0.4, y - width * 0.85, x + half * 0.62, y - width * 0.5, (168, 150, 146))
    scene.poly([(x - half * 1.08, y - width * 0.4), (x, y - width * 0.86), (x + half * 1.08, y - width * 0.4)], roof)
    scene.poly([(x - half * 0.75, y - width * 0.4), (x, y - width * 0.72), (x + half * 0.75, y - width * 0.4)], wood)
    scene.rect(x - half * 0.2, y - width * 0.3, x + half * 0.2, y, (118, 86, 74))
    for side in (-0.5, 0.5):
        scene.rect(
            x + side * half - width * 0.05,
            y - width * 0.32,
            x + side * half + width * 0.05,
            y - width * 0.18,
            (255, 226, 160),
        )


def _boulder(scene: Scenery, x: float, y: float, size: float) -> None:
    scene.shape("dome", x, y, size, size * 0.85, (158, 158, 170))
    scene.poly([(x - size * 0.8, y - size * 0.4), (x - size * 0.2, y - size * 0.84), (x + size * 0.3, y - size * 0.72),
                (x - size * 0.1, y - size * 0.35)], (190, 190, 198))  # fmt: skip


def ski_slope(scene: Scenery, rng: random.Random) -> None:
    """A white slope between snowed firs, a chairlift, peaks, slalom flags."""
    horizon = 0.5
    top, foot = rng.choice((*DAY_SKIES, ((190, 178, 218), (252, 222, 214))))
    scene.gradient(0.0, horizon + 0.1, top, foot)
    ice = mix((176, 194, 224), foot, 0.25)
    for x, width, height in ((0.1, 0.6, 0.3), (0.9, 0.56, 0.26), (rng.uniform(0.42, 0.58), 0.6, 0.34)):
        peak(scene, x, horizon + 0.06, width, height, ice, (250, 252, 255))
    snow = vary(rng, (226, 236, 248), 4)
    needle = vary(rng, (84, 132, 130))
    hills(scene, rng, horizon + 0.02, 0.02, mix(snow, (196, 212, 236), 0.4), 0.8)
    for index in range(10):
        x = index / 9
        fir(scene, x, horizon + 0.05, rng.uniform(0.1, 0.16), mix(needle, foot, 0.35), _SNOW)
    _lift(scene, rng, rng.uniform(0.1, 0.16), rng.uniform(0.24, 0.3))
    slope: list[Point] = [(-0.02, 0.5), (0.3, 0.58), (0.6, 0.66), (1.02, 0.7), (1.02, 1.02), (-0.02, 1.02)]
    scene.poly(slope, mix(snow, (204, 218, 240), 0.5))
    scene.poly([(-0.02, 0.56), (0.35, 0.65), (0.7, 0.74), (1.02, 0.78), (1.02, 1.02), (-0.02, 1.02)], snow)
    scene.poly([(-0.02, 0.8), (0.4, 0.84), (1.02, 0.96), (1.02, 1.02), (-0.02, 1.02)], (240, 246, 252))
    phase = rng.uniform(0.0, 3.0)
    for shift in (0.0, 0.04):
        track = [(0.55 + (0.03 + 0.06 * t) * math.sin(phase + 7 * t) + shift * (0.5 + t), 0.69 + 0.34 * t)
                 for t in (i / 12 for i in range(13))]  # fmt: skip
        scene.line(track, 0.0045, (206, 220, 240))
    for x, y, height in ((0.04, 0.74, 0.46), (0.2, 0.68, 0.3), (0.97, 0.86, 0.5), (0.84, 0.79, 0.26)):
        scene.disk(x, y, height * 0.26, 0.02, (204, 218, 240))
        fir(scene, x + rng.uniform(-0.015, 0.015), y, height * rng.uniform(0.92, 1.08), needle, _SNOW)
    for x, y, flag in ((0.27, 0.84, (214, 110, 104)), (0.74, 0.9, (100, 142, 196))):
        scene.rect(x - 0.006, y - 0.17, x + 0.006, y, (150, 150, 166))
        scene.poly([(x, y - 0.17), (x + 0.075, y - 0.14), (x, y - 0.1)], flag)


def _lift(scene: Scenery, rng: random.Random, left: float, right: float) -> None:
    steel = (122, 132, 154)
    for x in (0.16, 0.8):
        y = left + (right - left) * x
        scene.rect(x - 0.011, y, x + 0.011, 0.62, steel)
        scene.rect(x - 0.05, y - 0.008, x + 0.05, y + 0.012, steel)
    scene.line([(-0.02, left), (1.02, right)], 0.004, steel)
    shift, seat = rng.uniform(0.0, 0.1), rng.choice(((206, 112, 100), (226, 176, 92), (100, 140, 184)))
    for x in (0.0 + shift, 0.24 + shift, 0.62 + shift, 0.86 + shift):
        y = left + (right - left) * x
        scene.rect(x - 0.004, y, x + 0.004, y + 0.07, steel)
        scene.block(x - 0.038, y + 0.06, x + 0.038, y + 0.09, shade(seat, 1.15))
        scene.block(x - 0.045, y + 0.09, x + 0.045, y + 0.108, seat)


def desert(scene: Scenery, rng: random.Random) -> None:
    """Dunes, mesas, cacti, a great sun."""
    horizon = rng.uniform(0.54, 0.58)
    top, foot = rng.choice((
        ((246, 196, 150), (255, 238, 196)), ((180, 206, 214), (254, 232, 190)), ((226, 160, 150), (255, 220, 172)),
        ((176, 160, 196), (252, 206, 172)),
    ))  # fmt: skip
    scene.gradient(0.0, horizon + 0.02, top, foot)
    sun(scene, rng.uniform(0.3, 0.7), rng.uniform(0.16, 0.28), 0.085, (255, 246, 214))
    mesa = vary(rng, (206, 130, 100))
    sand = vary(rng, (238, 184, 126))
    scene.rect(-0.02, horizon, 1.02, 0.8, mix(sand, foot, 0.5))
    _mesa(scene, rng.uniform(0.36, 0.6), horizon, 0.13, 0.12, mix(mesa, foot, 0.55))
    _mesa(scene, rng.uniform(0.06, 0.14), horizon + 0.01, 0.2, rng.uniform(0.26, 0.32), mesa)
    _mesa(scene, rng.uniform(0.86, 0.94), horizon + 0.01, 0.15, rng.uniform(0.18, 0.24), mix(mesa, foot, 0.16))
    for y, swell, colour in (
        (horizon + 0.02, 0.02, mix(sand, foot, 0.45)),
        (0.67, 0.035, shade(sand, 0.93)),
        (0.77, 0.03, sand),
    ):
        hills(scene, rng, y, swell, colour, rng.uniform(0.7, 1.1))
    hills(scene, rng, 0.88, 0.02, shade(sand, 1.12), 0.8)
    green = vary(rng, (126, 158, 112))
    for x, y, height in ((rng.uniform(0.16, 0.23), 0.84, 0.4), (rng.uniform(0.79, 0.87), 0.82, 0.3),
                         (rng.uniform(0.28, 0.7), 0.69, 0.14)):  # fmt: skip
        scene.disk(x + 0.03, y, height * 0.3, 0.014, shade(sand, 0.86))
        cactus(scene, x, y, height * rng.uniform(0.92, 1.08), green)
    for x, y, size in ((0.93, 0.9, 0.05), (0.1, 0.93, 0.04)):
        scene.shape("dome", x, y, size, size * 0.7, (200, 140, 112))
        scene.shape("dome", x - size * 0.2, y - size * 0.1, size * 0.5, size * 0.5, (220, 164, 132))


def _mesa(scene: Scenery, x: float, y: float, half: float, height: float, rock: Colour) -> None:
    top = y - height
    scene.poly([(x - half, y), (x - half * 0.74, top + height * 0.3), (x - half * 0.7, top), (x + half * 0.7, top),
                (x + half * 0.74, top + height * 0.3), (x + half, y)], rock)  # fmt: skip
    scene.rect(x - half * 0.7, top, x + half * 0.7, top + height * 0.08, shade(rock, 1.2))
    scene.rect(x - half * 0.74, top + height * 0.28, x + half * 0.74, top + height * 0.36, shade(rock, 0.9))
    scene.poly([(x + half * 0.35, top), (x + half * 0.7, top), (x + half, y), (x + half * 0.5, y)], shade(rock, 0.88))
