"""Green places: park, forest, garden."""

from __future__ import annotations

import math
import random

from vivant.world.backdrops.plants import BARK, LEAVES, PETALS, bush, cypress, fern, round_tree, tufts, tulip
from vivant.world.backdrops.scenery import Scenery, vary
from vivant.world.backdrops.sky import clouds, sky
from vivant.world.sketch import Colour, mix, shade

_GRASS: dict[str, Colour] = {"spring": (186, 212, 142), "summer": (166, 202, 130), "autumn": (208, 204, 136)}


def park(scene: Scenery, rng: random.Random) -> None:
    """Lawn with a winding path, broad trees, a lamp, a bench, a pond."""
    season = rng.choice(("spring", "summer", "summer", "autumn"))
    horizon = rng.uniform(0.52, 0.57)
    haze = sky(scene, rng, horizon, warm=0.15)
    clouds(scene, rng, 2, 0.1, 0.26)
    leaves, grass = LEAVES[season], vary(rng, _GRASS[season])
    for index in range(9):
        radius = rng.uniform(0.06, 0.09)
        scene.disk(index / 8, horizon - 0.01, radius, radius * 0.95, mix(rng.choice(leaves), haze, 0.5))
    scene.gradient(horizon, 1.02, mix(grass, haze, 0.2), shade(grass, 0.95))
    pond_x, pond_y = rng.uniform(0.7, 0.9), horizon + rng.uniform(0.09, 0.12)
    scene.disk(pond_x, pond_y, 0.22, 0.052, shade(grass, 0.9))
    scene.disk(pond_x, pond_y, 0.2, 0.042, (160, 204, 220))
    scene.disk(pond_x - 0.05, pond_y - 0.012, 0.07, 0.008, (214, 234, 238))
    _path(scene, horizon, rng.uniform(0.3, 0.5), rng.uniform(0.42, 0.62), (242, 226, 194))
    inner = rng.choice((rng.uniform(0.26, 0.34), rng.uniform(0.6, 0.7)))
    for x, y, height in ((0.04, 0.66, 0.62), (0.97, 0.64, 0.6), (inner, 0.6, rng.uniform(0.36, 0.46))):
        scene.disk(x, y, height * 0.26, 0.02, shade(grass, 0.88))
        round_tree(scene, rng, x + rng.uniform(-0.02, 0.02), y, height * rng.uniform(0.94, 1.06), rng.choice(leaves))
    lamp, bench = rng.choice(((0.8, 0.19), (0.8, 0.19), (0.2, 0.8), (0.33, 0.16)))
    _lamp_post(scene, lamp + rng.uniform(-0.03, 0.03), rng.uniform(0.76, 0.82), rng.uniform(0.52, 0.58))
    _bench(scene, bench + rng.uniform(-0.03, 0.03), rng.uniform(0.8, 0.84), 0.25)
    bush(scene, rng.choice((0.93, 0.07)), 0.86, 0.2, rng.choice(leaves))
    tufts(scene, rng, 6, 0.74, 0.98, shade(grass, 0.86))


def _path(scene: Scenery, horizon: float, far: float, near: float, colour: Colour) -> None:
    left, right = [], []
    for step in range(9):
        t = step / 8
        y = horizon + (1.02 - horizon) * t
        middle = far + (near - far) * t + 0.09 * math.sin(t * 5.0) * (0.3 + t)
        half = 0.012 + 0.2 * t**1.4
        left.append((middle - half, y))
        right.append((middle + half, y))
    scene.poly([*left, *reversed(right)], colour)


def _lamp_post(scene: Scenery, x: float, y: float, height: float) -> None:
    iron = (92, 122, 118)
    top = y - height
    scene.shape("dome", x, y, 0.035, 0.03, iron)
    scene.rect(x - 0.011, top, x + 0.011, y, iron)
    scene.disk(x, top - 0.025, 0.042, 0.045, (255, 244, 208))
    scene.shape("dome", x, top - 0.05, 0.048, 0.03, iron)
    scene.glow(x, top - 0.025, 0.13, 0.13, (255, 244, 200), 0.6)


def _bench(scene: Scenery, x: float, y: float, width: float) -> None:
    wood, iron = (206, 152, 108), (92, 122, 118)
    half = width / 2
    for side in (-0.8, 0.8):
        scene.rect(x + side * half - 0.009, y - 0.13, x + side * half + 0.009, y, iron)
    scene.block(x - half, y - 0.145, x + half, y - 0.118, wood)
    scene.block(x - half, y - 0.108, x + half, y - 0.08, shade(wood, 1.1))
    scene.block(x - half, y - 0.062, x + half, y - 0.03, shade(wood, 1.2))
    scene.rect(x - half, y - 0.036, x + half, y - 0.026, shade(wood, 0.8))


def forest(scene: Scenery, rng: random.Random) -> None:
    """Trunk behind trunk under one canopy, ferns, toadstools, shafts of light."""
    light, leaf, floor = rng.choice((
        ((226, 234, 190), (104, 146, 104), (168, 168, 118)),
        ((216, 232, 206), (92, 142, 118), (150, 168, 124)),
        ((244, 228, 180), (168, 150, 84), (196, 164, 110)),
    ))  # fmt: skip
    horizon = rng.uniform(0.58, 0.63)
    scene.gradient(0.0, horizon + 0.02, shade(mix(light, leaf, 0.4), 1.05), light)
    scene.gradient(horizon, 1.02, mix(floor, light, 0.45), floor)
    trunk = (132, 104, 88)
    for layer, (count, half, foot) in enumerate(((11, 0.013, horizon + 0.02), (7, 0.024, horizon + 0.09))):
        bark = mix(trunk, light, 0.62 - 0.24 * layer)
        for index in range(count):
            x = (index + rng.uniform(0.15, 0.85)) / count
            scene.rect(x - half, -0.02, x + half, foot - half, bark)
            scene.poly(
                [
                    (x - half, foot - half * 2),
                    (x + half, foot - half * 2),
                    (x + half * 1.8, foot),
                    (x - half * 1.8, foot),
                ],
                bark,
            )
    for index in range(9):
        scene.disk(index / 8, rng.uniform(0.1, 0.16), 0.13, 0.11, mix(leaf, light, 0.34))
    for x, half, foot in (
        (rng.uniform(0.06, 0.1), 0.055, 0.86),
        (rng.uniform(0.26, 0.31), 0.03, 0.76),
        (rng.uniform(0.91, 0.95), 0.06, 0.88),
        (rng.uniform(0.7, 0.76), 0.034, 0.78),
    ):
        scene.disk(x, foot, half * 2.4, half * 0.45, shade(floor, 0.86))
        scene.poly([(x - half * 0.8, -0.02), (x + half * 0.8, -0.02), (x + half, foot - half), (x + half * 1.8, foot),
                    (x - half * 1.8, foot), (x - half, foot - half)], trunk)  # fmt: skip
        scene.poly([(x - half * 0.8, -0.02), (x - half * 0.3, -0.02), (x - half * 0.4, foot - half),
                    (x - half * 1.2, foot), (x - half * 1.8, foot), (x - half, foot - half)],
                   shade(trunk, 1.14))  # fmt: skip
    for index in range(8):
        scene.disk((index + 0.3) / 7.5, rng.uniform(0.0, 0.05), 0.12, 0.1, vary(rng, leaf))
    for x, y, size in ((0.02, 0.95, 0.17), (0.2, 0.88, 0.12), (0.82, 0.87, 0.12), (0.98, 0.97, 0.18)):
        fern(scene, x + rng.uniform(-0.02, 0.02), y, size, shade(leaf, 1.12))
    for _ in range(3):
        _toadstool(scene, rng.choice((rng.uniform(0.1, 0.28), rng.uniform(0.72, 0.9))), rng.uniform(0.88, 0.97), 0.022)
    start = rng.uniform(-0.1, 0.1)
    shafts = [[(x, -0.02), (x + w, -0.02), (x + w * 1.8 + 0.28, 0.95), (x + 0.24, 0.95)]
              for x, w in ((start + 0.05, 0.06), (start + 0.3, 0.09), (start + 0.62, 0.05))]  # fmt: skip
    scene.beams(shafts, (255, 248, 206), 0.34)


def _toadstool(scene: Scenery, x: float, y: float, size: float) -> None:
    scene.taper((x, y), size * 0.4, (x, y - size), size * 0.3, (246, 236, 220))
    scene.shape("dome", x, y - size * 0.8, size, size, (214, 108, 92))
    scene.disk(x - size * 0.3, y - size * 1.25, size * 0.22, size * 0.2, (252, 236, 224))
    scene.disk(x + size * 0.4, y - size * 1.1, size * 0.18, size * 0.16, (252, 236, 224))


def garden(scene: Scenery, rng: random.Random) -> None:
    """Clipped hedges, a rose arch, beds of tulips, a fountain, a paved path."""
    horizon = 0.6
    haze = sky(scene, rng, horizon, warm=0.25)
    clouds(scene, rng, 2, 0.1, 0.22)
    hedge, lawn = vary(rng, (116, 166, 122)), vary(rng, (178, 212, 142))
    for index in range(6):
        cypress(scene, (index + 0.4) / 5.4, horizon, rng.uniform(0.36, 0.42), mix(hedge, haze, 0.4))
    scene.rect(-0.02, 0.43, 1.02, horizon + 0.03, hedge)
    scene.rect(-0.02, 0.42, 1.02, 0.455, shade(hedge, 1.2))
    scene.gradient(horizon + 0.02, 1.02, shade(lawn, 1.08), lawn)
    middle = rng.uniform(0.44, 0.56)
    _arch(scene, rng, middle, horizon + 0.04, rng.choice(PETALS[:2]))
    stone = (238, 222, 204)
    scene.poly([(middle - 0.07, 0.63), (middle + 0.07, 0.63), (middle + 0.3, 1.02), (middle - 0.3, 1.02)], stone)
    for y, half in ((0.68, 0.1), (0.75, 0.14), (0.84, 0.19), (0.95, 0.26)):
        scene.rect(middle - half, y, middle + half, y + 0.008, shade(stone, 0.92))
    _fountain(scene, rng.uniform(0.79, 0.84), rng.uniform(0.72, 0.75))
    _topiary(scene, rng.uniform(0.13, 0.19), rng.uniform(0.71, 0.74), hedge)
    petals = rng.sample(PETALS, 3)
    for left, right in ((-0.02, 0.25), (0.78, 1.02)):
        for row, y in enumerate((0.84, 0.91, 0.98)):
            inner = (0.04 if left > 0.5 else -0.04) * row
            scene.block(left + max(0.0, inner), y - 0.012, right + min(0.0, inner), y + 0.06, (146, 172, 110))
            for index in range(5):
                x = left + (right - left) * (index + 0.5 * (row % 2) + 0.3) / 5.4 + inner * 0.5
                tulip(scene, x, y, 0.042 + 0.004 * row, vary(rng, petals[row], 6))


def _arch(scene: Scenery, rng: random.Random, x: float, y: float, petal: Colour) -> None:
    white = (250, 246, 238)
    opening, leaf = (208, 228, 190), (138, 184, 128)
    scene.rect(x - 0.09, 0.4, x + 0.09, y, opening)
    scene.shape("dome", x, 0.4, 0.13, 0.14, leaf)
    scene.shape("dome", x, 0.41, 0.09, 0.09, opening)
    for side in (-0.11, 0.11):
        scene.rect(x + side - 0.02, 0.4, x + side + 0.02, y, white)
    for step in range(9):
        angle = math.pi * step / 8
        scene.disk(x - math.cos(angle) * 0.115, 0.39 - math.sin(angle) * 0.115, 0.024, 0.024, vary(rng, petal, 10))


def _fountain(scene: Scenery, x: float, y: float) -> None:
    stone, water = (224, 216, 208), (178, 218, 230)
    scene.disk(x, y, 0.15, 0.035, shade(stone, 0.86))
    scene.disk(x, y - 0.016, 0.15, 0.035, stone)
    scene.disk(x, y - 0.018, 0.13, 0.026, water)
    scene.taper((x, y - 0.02), 0.02, (x, y - 0.16), 0.013, stone)
    scene.shape("bowl", x, y - 0.18, 0.085, 0.05, stone)
    scene.disk(x, y - 0.174, 0.08, 0.014, water)
    for way in (-1, 1):
        scene.line([(x, y - 0.25), (x + way * 0.035, y - 0.262), (x + way * 0.06, y - 0.2)], 0.007, (226, 242, 246))
    scene.taper((x, y - 0.17), 0.01, (x, y - 0.25), 0.006, (226, 242, 246))


def _topiary(scene: Scenery, x: float, y: float, leaf: Colour) -> None:
    scene.shape("cushion", x, y - 0.03, 0.055, 0.045, (206, 132, 104))
    scene.rect(x - 0.01, y - 0.16, x + 0.01, y - 0.06, BARK)
    for up, radius in ((0.16, 0.085), (0.3, 0.065), (0.41, 0.045)):
        scene.disk(x, y - up, radius, radius, shade(leaf, 0.9))
        scene.disk(x - radius * 0.2, y - up - radius * 0.2, radius * 0.72, radius * 0.7, shade(leaf, 1.06))
