"""Open country: meadow, hilltop, road."""

from __future__ import annotations

import math
import random

from vivant.world.backdrops.plants import PETALS, cypress, flower, flowers, tufts
from vivant.world.backdrops.scenery import Scenery, spread, vary
from vivant.world.backdrops.sky import CLOUD, cloud, clouds, far_hills, hills, sky, sun
from vivant.world.sketch import Colour, Point, mix, shade


def meadow(scene: Scenery, rng: random.Random) -> None:
    """Flowers as far as one sees, a windmill, butterflies."""
    horizon = rng.uniform(0.5, 0.56)
    haze = sky(scene, rng, horizon, warm=0.5)
    clouds(scene, rng, 2, 0.12, 0.3)
    grass = vary(rng, rng.choice(((206, 218, 136), (190, 216, 146), (224, 220, 140))))
    far_hills(scene, rng, horizon, (150, 184, 148), haze)
    hills(scene, rng, horizon, 0.02, mix(grass, haze, 0.3), 1.2)
    _windmill(scene, rng, rng.uniform(0.17, 0.24), horizon + 0.06, rng.uniform(0.32, 0.38))
    barn = rng.uniform(0.78, 0.88)
    if rng.random() < 0.5:
        _windmill(scene, rng, barn, horizon + 0.03, 0.2)
    else:
        cypress(scene, barn, horizon + 0.04, 0.2, (130, 172, 128))
        cypress(scene, barn + 0.06, horizon + 0.05, 0.26, (122, 166, 124))
    hills(scene, rng, horizon + 0.08, 0.015, mix(grass, haze, 0.12), 0.8)
    scene.gradient(horizon + 0.13, 1.02, grass, shade(grass, 0.93))
    petals = [*rng.sample(PETALS, 3), PETALS[2]]
    for _ in range(26):
        y = rng.uniform(horizon + 0.08, 0.7)
        scene.disk(rng.random(), y, 0.012, 0.007, rng.choice(petals))
    flowers(scene, rng, 24, 0.7, 1.0, petals, 0.046)
    for x in (rng.uniform(0.1, 0.25), rng.uniform(0.72, 0.9), rng.uniform(0.75, 0.92)):
        _butterfly(scene, x, rng.uniform(0.5, 0.72), 0.028, rng.choice(petals[:3]))


def _windmill(scene: Scenery, rng: random.Random, x: float, y: float, height: float) -> None:
    wall, top = (248, 236, 220), y - height
    foot, half = height * 0.24, height * 0.14
    scene.poly([(x - foot, y), (x - half, top), (x + half, top), (x + foot, y)], wall)
    scene.poly([(x + foot * 0.35, y), (x + half * 0.35, top), (x + half, top), (x + foot, y)], shade(wall, 0.9))
    scene.shape("dome", x, top + 0.005, height * 0.18, height * 0.17, (196, 110, 96))
    scene.shape("block", x, y - height * 0.11, height * 0.055, height * 0.11, (170, 120, 96))
    scene.shape("block", x, y - height * 0.47, height * 0.045, height * 0.055, (150, 184, 204))
    turn = rng.uniform(0, math.pi / 2)
    for blade in range(4):
        angle = turn + blade * math.pi / 2
        tip = (x + math.sin(angle) * height * 0.46, top - math.cos(angle) * height * 0.46)
        scene.taper((x, top), 0.008, tip, 0.006, (150, 116, 96))
        side = (x + math.sin(angle + 0.16) * height * 0.29, top - math.cos(angle + 0.16) * height * 0.29)
        scene.shape("square", side[0], side[1], height * 0.055, height * 0.17, (255, 250, 240), angle)
    scene.disk(x, top, 0.014, 0.014, (150, 116, 96))


def _butterfly(scene: Scenery, x: float, y: float, size: float, wing: Colour) -> None:
    for way in (-1, 1):
        scene.disk(x + way * size * 0.55, y - size * 0.25, size * 0.55, size * 0.5, wing, way * 0.5)
        scene.disk(x + way * size * 0.4, y + size * 0.35, size * 0.36, size * 0.34, shade(wing, 0.9), way * 0.5)
    scene.taper((x, y - size * 0.5), size * 0.12, (x, y + size * 0.5), size * 0.08, (120, 100, 96))


def hilltop(scene: Scenery, rng: random.Random) -> None:
    """A round hill under a great sky, with kites and a balloon above a valley of fields."""
    horizon = rng.uniform(0.62, 0.66)
    haze = sky(scene, rng, horizon, warm=0.4)
    sun(scene, rng.uniform(0.3, 0.7), rng.uniform(0.12, 0.2), 0.06)
    for x, y, width in ((0.1, 0.42, 0.34), (0.88, 0.5, 0.32), (rng.uniform(0.4, 0.6), 0.3, 0.26)):
        cloud(scene, x + rng.uniform(-0.05, 0.05), y + rng.uniform(-0.05, 0.05), width, mix(CLOUD, haze, 0.15))
    far_hills(scene, rng, horizon, (140, 170, 176), haze)
    fields = ((214, 206, 140), (172, 200, 140), (232, 212, 150), (150, 186, 140))
    scene.rect(-0.02, horizon, 1.02, 1.02, mix(fields[1], haze, 0.3))
    for row, (top, foot) in enumerate(
        ((horizon, horizon + 0.05), (horizon + 0.05, horizon + 0.13), (horizon + 0.13, 0.98))
    ):
        for column in range(6):
            x, slant = -0.1 + column * 0.24 + row * 0.07, 0.06
            scene.poly([(x + slant, top), (x + slant + 0.225, top), (x + 0.225, foot), (x, foot)],
                       mix(vary(rng, rng.choice(fields), 5), haze, 0.42 - 0.15 * row))  # fmt: skip
    grass = vary(rng, (150, 192, 116))
    crest = rng.uniform(0.765, 0.785)
    scene.disk(0.5, crest + 0.72, 1.28, 0.735, shade(grass, 1.14))
    scene.disk(0.5, crest + 0.76, 1.3, 0.75, grass)
    tufts(scene, rng, 9, 0.88, 1.0, shade(grass, 0.86))
    for x in (0.12, 0.24, 0.36, 0.66, 0.78, 0.9):
        flower(scene, x + rng.uniform(-0.04, 0.04), rng.uniform(0.93, 1.0), 0.026, rng.choice(PETALS))
    _kite(scene, rng.uniform(0.13, 0.22), rng.uniform(0.16, 0.26), 0.085, rng.choice(PETALS[:2]), 0.35)
    _kite(scene, rng.uniform(0.6, 0.7), rng.uniform(0.08, 0.13), 0.05, PETALS[3], -0.3)
    cloths: tuple[Colour, ...] = ((222, 130, 112), (122, 160, 196), (214, 168, 96), (136, 172, 132))
    _balloon(scene, rng.uniform(0.79, 0.86), rng.uniform(0.24, 0.36), rng.uniform(0.08, 0.11), rng.choice(cloths))
    if rng.random() < 0.5:
        _balloon(scene, rng.uniform(0.1, 0.3), rng.uniform(0.48, 0.54), 0.045, rng.choice(cloths))


def _kite(scene: Scenery, x: float, y: float, size: float, cloth: Colour, turn: float) -> None:
    sway = -1 if turn > 0 else 1
    tail = [
        (x + sway * size * (0.4 + 0.35 * i + 0.2 * math.sin(2.4 * i)), y + size * (1.0 + 0.6 * i)) for i in range(5)
    ]
    scene.line([(x, y), *tail], size * 0.05, shade(cloth, 0.8))
    for point in tail[1::2]:
        scene.shape("diamond", point[0], point[1], size * 0.24, size * 0.16, shade(cloth, 1.25))
    scene.shape("diamond", x, y, size * 0.72, size, cloth, turn)
    scene.shape("diamond", x, y, size * 0.3, size, shade(cloth, 1.3), turn)


def _balloon(scene: Scenery, x: float, y: float, size: float, cloth: Colour) -> None:
    scene.poly([(x - size * 0.6, y + size * 0.7), (x + size * 0.6, y + size * 0.7), (x + size * 0.2, y + size * 1.35),
                (x - size * 0.2, y + size * 1.35)], shade(cloth, 0.9))  # fmt: skip
    scene.disk(x, y, size, size * 1.08, cloth)
    scene.disk(x, y, size * 0.66, size * 1.08, (252, 238, 212))
    scene.disk(x, y, size * 0.3, size * 1.08, cloth)
    scene.block(x - size * 0.22, y + size * 1.5, x + size * 0.22, y + size * 1.85, (176, 130, 96))


def road(scene: Scenery, rng: random.Random) -> None:
    """A highway to the horizon between fields of corn, poles with wires, signs, marker posts."""
    horizon = rng.uniform(0.5, 0.54)
    haze = sky(scene, rng, horizon, warm=0.4)
    clouds(scene, rng, 3, 0.08, 0.36)
    far_hills(scene, rng, horizon, (138, 160, 190), haze)
    field = vary(rng, rng.choice(((236, 206, 128), (226, 196, 120), (214, 210, 134))))
    vanish = (rng.uniform(0.44, 0.56), horizon - 0.01)
    scene.gradient(horizon, 1.02, mix(field, haze, 0.35), field)
    for index in range(-7, 8):
        x = vanish[0] + index * 0.62 + (0.4 if index >= 0 else -0.4)
        scene.poly([vanish, (spread(x, 1.02, vanish), 1.02), (spread(x + 0.2, 1.02, vanish), 1.02)], shade(field, 0.93))
    asphalt = vary(rng, (150, 152, 164), 5)
    for half, colour in ((0.62, mix(field, (180, 170, 150), 0.6)), (0.55, (244, 240, 230)), (0.52, asphalt)):
        scene.poly(
            [vanish, (spread(vanish[0] + half, 1.02, vanish), 1.02), (spread(vanish[0] - half, 1.02, vanish), 1.02)],
            colour,
        )
    y = horizon + 0.02
    while y < 1.0:
        foot = y + (y - horizon) * 0.42
        top_half, foot_half = 0.052 * (y - horizon), 0.052 * (foot - horizon)
        middle = vanish[0]
        dash = [(middle - top_half, y), (middle + top_half, y), (middle + foot_half, foot), (middle - foot_half, foot)]
        scene.poly(dash, (250, 222, 146))
        y = foot + (foot - horizon) * 0.5
    _poles(scene, vanish)
    _sign(scene, 0.17, 0.76, 0.34, rng)
    for x, y in ((0.1, 0.92), (0.3, 0.66), (0.36, 0.6)):
        size = (y - horizon) / 0.4
        scene.block(x - 0.018 * size, y - 0.17 * size, x + 0.018 * size, y, (250, 246, 238))
        scene.rect(x - 0.018 * size, y - 0.14 * size, x + 0.018 * size, y - 0.1 * size, (214, 112, 98))


def _poles(scene: Scenery, vanish: Point) -> None:
    wood = (146, 120, 108)
    last: tuple[Point, Point] | None = None
    for depth in (0.2, 0.32, 0.54, 0.95, 1.6):
        x, foot = vanish[0] + 0.47 * depth / 0.95 * 0.9, vanish[1] + 0.27 * depth / 0.95
        top, arm = foot - 0.62 * depth / 0.95, 0.09 * depth / 0.95
        scene.rect(x - 0.013 * depth, top, x + 0.013 * depth, foot, wood)
        scene.rect(x - arm, top + 0.3 * arm, x + arm, top + 0.55 * arm, wood)
        ends = ((x - arm * 0.9, top + 0.3 * arm), (x + arm * 0.9, top + 0.3 * arm))
        if last is not None:
            for start, end in zip(last, ends, strict=True):
                sag = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + 0.03 * depth)
                scene.line([start, sag, end], 0.0028, shade(wood, 0.9))
        last = ends


def _sign(scene: Scenery, x: float, y: float, height: float, rng: random.Random) -> None:
    scene.rect(x - 0.009, y - height, x + 0.009, y, (164, 166, 176))
    top = y - height
    if rng.random() < 0.5:
        scene.shape("diamond", x, top, 0.1, 0.1, (250, 246, 236))
        scene.shape("diamond", x, top, 0.086, 0.086, (240, 194, 92))
        scene.line([(x - 0.02, top + 0.035), (x - 0.02, top), (x + 0.02, top - 0.03)], 0.009, (110, 100, 96))
    else:
        scene.block(x - 0.12, top - 0.06, x + 0.12, top + 0.06, (250, 248, 240))
        scene.block(x - 0.11, top - 0.05, x + 0.11, top + 0.05, (112, 164, 140))
        for row, end in ((-0.018, 0.07), (0.018, 0.03)):
            scene.rect(x - 0.08, top + row - 0.007, x + end, top + row + 0.007, (244, 248, 240))
