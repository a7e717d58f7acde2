"""By the water: lakeside, beach."""

from __future__ import annotations

import random

from vivant.world.backdrops.plants import palm, reeds, tufts
from vivant.world.backdrops.scenery import WHITE, Scenery, vary
from vivant.world.backdrops.sky import CLOUD, clouds, hills, ridge, sky, sun
from vivant.world.sketch import Colour, mix, shade


def lakeside(scene: Scenery, rng: random.Random) -> None:
    """A still lake between wooded shores, a jetty, boats, reeds, water lilies."""
    horizon = rng.uniform(0.42, 0.46)
    top, foot, water = rng.choice((
        ((160, 200, 222), (246, 234, 214), (150, 198, 208)),
        ((214, 176, 190), (254, 222, 186), (206, 184, 190)),
        ((172, 190, 220), (240, 226, 226), (160, 186, 206)),
        ((176, 214, 210), (240, 242, 216), (152, 200, 196)),
    ))  # fmt: skip
    scene.gradient(0.0, horizon + 0.02, top, foot)
    sun_x = rng.uniform(0.3, 0.7)
    sun(scene, sun_x, rng.uniform(0.2, 0.3), 0.05)
    clouds(scene, rng, 2, 0.12, 0.2, mix(CLOUD, foot, 0.4))
    wood = mix(vary(rng, (104, 142, 128)), foot, 0.2)
    scene.gradient(horizon, 0.88, mix(water, foot, 0.45), water)
    hills(scene, rng, horizon - 0.06, 0.03, mix(wood, foot, 0.55), 1.0)
    scene.gradient(horizon, 0.82, mix(water, foot, 0.45), water)
    for index in range(14):
        x, radius = index / 13, rng.uniform(0.035, 0.06)
        scene.shape("dome", x, horizon, radius * 1.15, radius * 1.7, wood)
        scene.shape("dome", x, horizon, radius * 1.15, -radius * 1.2, mix(wood, water, 0.55))
    for _ in range(9):
        y = rng.uniform(horizon + 0.06, 0.75)
        scene.disk(rng.random(), y, 0.05 + 0.1 * (y - horizon), 0.004, mix(water, WHITE, 0.4))
    scene.glow(sun_x, 0.62, 0.07, 0.24, (255, 244, 206), 0.5)
    hulls: tuple[Colour, ...] = ((206, 122, 104), (110, 150, 172), (222, 172, 104))
    _boat(scene, rng.uniform(0.22, 0.36), rng.uniform(0.57, 0.62), 0.11, rng.choice(hulls))
    if rng.random() < 0.5:
        _sail(scene, rng.uniform(0.62, 0.9), horizon + 0.04, 0.05)
    _jetty(scene, rng.uniform(0.76, 0.84))
    grass = vary(rng, rng.choice(((166, 192, 124), (190, 194, 128))))
    line = ridge(rng, 0.79, 0.01, 1.3)
    scene.poly([*line, (1.02, 1.02), (-0.02, 1.02)], shade(grass, 1.12))
    scene.poly([*((x, y + 0.02) for x, y in line), (1.02, 1.02), (-0.02, 1.02)], grass)
    for x in (0.3, 0.66):
        _lily(scene, x + rng.uniform(-0.05, 0.05), rng.uniform(0.69, 0.74))
    reeds(scene, rng, 0.12, 0.93, 0.42, 6, (128, 162, 106))
    reeds(scene, rng, 0.93, 0.95, 0.36, 4, (138, 168, 110))
    tufts(scene, rng, 6, 0.88, 1.0, shade(grass, 0.84))
    _willow(scene, rng, rng.choice((0.0, 0.05)), mix(grass, (120, 164, 110), 0.6))


def _willow(scene: Scenery, rng: random.Random, x: float, leaf: Colour) -> None:
    scene.taper((x - 0.02, 0.9), 0.05, (x + 0.01, 0.1), 0.03, (142, 116, 98))
    scene.disk(x + 0.04, 0.06, 0.24, 0.12, shade(leaf, 0.92))
    for index in range(9):
        hang, sway = x - 0.12 + index * 0.048, rng.uniform(-0.01, 0.03)
        tall = rng.uniform(0.26, 0.44) * (1.15 - 0.6 * abs(index - 3) / 6)
        tone = shade(leaf, (1.0, 1.12, 0.92)[index % 3])
        scene.taper((hang, 0.06), 0.03, (hang + sway, 0.1 + tall), 0.011, tone)


def _boat(scene: Scenery, x: float, y: float, width: float, colour: Colour) -> None:
    scene.disk(x, y + width * 0.2, width * 1.05, width * 0.06, WHITE)
    scene.poly([(x - width, y - width * 0.2), (x + width, y - width * 0.2), (x + width * 0.7, y + width * 0.2),
                (x - width * 0.7, y + width * 0.2)], colour)  # fmt: skip
    scene.rect(x - width, y - width * 0.26, x + width, y - width * 0.14, (250, 240, 224))
    scene.line([(x - width * 0.1, y - width * 0.2), (x + width * 0.9, y - width * 0.6)], width * 0.035, (170, 130, 100))


def _jetty(scene: Scenery, x: float) -> None:
    wood = (188, 150, 116)
    far, near = 0.57, 0.85
    for y, half in ((0.61, 0.055), (0.68, 0.08), (0.77, 0.115)):
        for side in (-1, 1):
            scene.rect(x + side * half - 0.011, y - 0.05, x + side * half + 0.011, y + 0.05, shade(wood, 0.74))
    scene.poly([(x - 0.05, far), (x + 0.05, far), (x + 0.14, near), (x - 0.14, near)], wood)
    for step in range(1, 8):
        t = (step / 8) ** 1.3
        y, half = far + (near - far) * t, 0.05 + 0.09 * t
        scene.rect(x - half, y - 0.003, x + half, y + 0.003, shade(wood, 0.84))


def _lily(scene: Scenery, x: float, y: float) -> None:
    for dx, size in ((0.0, 0.035), (0.07, 0.025)):
        scene.disk(x + dx, y + dx * 0.2, size, size * 0.36, (128, 174, 122))
    scene.shape("burst", x, y - 0.012, 0.018, 0.016, (250, 226, 232))


def beach(scene: Scenery, rng: random.Random) -> None:
    """Sand, a turquoise sea, palms, a parasol, a sail."""
    horizon = rng.uniform(0.44, 0.48)
    haze = sky(scene, rng, horizon, warm=0.3)
    sun(scene, rng.uniform(0.35, 0.65), rng.uniform(0.12, 0.24), 0.055)
    clouds(scene, rng, 2, 0.24, 0.34)
    sea = vary(rng, rng.choice(((112, 192, 200), (104, 180, 208))))
    scene.gradient(horizon, 0.66, mix(sea, (60, 130, 180), 0.25), mix(sea, (230, 246, 236), 0.4))
    scene.disk(0.98, horizon + 0.005, 0.2, 0.05, mix((130, 170, 150), haze, 0.3))
    scene.rect(-0.02, horizon, 1.02, horizon + 0.06, mix(sea, (60, 130, 180), 0.22))
    _sail(scene, rng.uniform(0.58, 0.76), horizon + 0.03, 0.075)
    for _ in range(8):
        y = rng.uniform(horizon + 0.03, 0.6)
        scene.disk(rng.random(), y, 0.04, 0.004, (214, 240, 240))
    sand = vary(rng, (246, 226, 184), 5)
    shore = ridge(rng, 0.655, 0.018, 1.0)
    scene.poly([*((x, y - 0.022) for x, y in shore), (1.02, 1.02), (-0.02, 1.02)], (250, 252, 246))
    scene.poly([*shore, (1.02, 1.02), (-0.02, 1.02)], shade(sand, 0.9))
    scene.poly([*((x, y + 0.03) for x, y in shore), (1.02, 1.02), (-0.02, 1.02)], sand)
    leaf = vary(rng, (116, 172, 124))
    palm(scene, rng, 0.06, 0.86, 0.72, rng.uniform(0.12, 0.2), leaf)
    if rng.random() < 0.5:
        palm(scene, rng, 0.97, 0.78, 0.5, rng.uniform(-0.2, -0.1), leaf)
    _parasol(scene, rng.uniform(0.8, 0.86), 0.83, 0.36, rng.choice(((222, 120, 110), (232, 164, 96), (104, 152, 190))))
    scene.disk(0.22, 0.9, 0.045, 0.02, shade(sand, 0.92))
    scene.shape("star", 0.22, 0.89, 0.035, 0.03, (232, 142, 116), rng.uniform(0, 1))
    scene.shape("dome", 0.13, 0.965, 0.032, 0.03, (252, 236, 226))
    scene.shape("dome", rng.uniform(0.74, 0.9), 0.97, 0.028, 0.026, (246, 206, 196))


def _sail(scene: Scenery, x: float, y: float, size: float) -> None:
    scene.poly(
        [(x + size * 0.1, y - size * 0.2), (x + size * 0.1, y - size * 2), (x + size * 0.95, y - size * 0.2)],
        (252, 248, 240),
    )
    scene.poly([(x, y - size * 0.2), (x, y - size * 1.7), (x - size * 0.7, y - size * 0.2)], (236, 152, 132))
    scene.poly([(x - size, y - size * 0.12), (x + size, y - size * 0.12), (x + size * 0.65, y + size * 0.25),
                (x - size * 0.7, y + size * 0.25)], (158, 112, 92))  # fmt: skip


def _parasol(scene: Scenery, x: float, y: float, height: float, cloth: Colour) -> None:
    scene.disk(x - 0.02, y + 0.02, 0.17, 0.03, (226, 202, 160))
    scene.poly(
        [(x - 0.17, y - 0.01), (x - 0.03, y - 0.01), (x - 0.06, y + 0.05), (x - 0.22, y + 0.05)], mix(cloth, WHITE, 0.5)
    )
    scene.taper((x, y + 0.02), 0.008, (x, y - height), 0.008, (250, 244, 232))
    for share, colour in ((1.0, cloth), (0.66, (253, 246, 232)), (0.33, cloth)):
        scene.shape("dome", x, y - height * 0.55, 0.17 * share, height * 0.48, colour)
    scene.disk(x, y - height * 1.03, 0.012, 0.012, shade(cloth, 0.85))
