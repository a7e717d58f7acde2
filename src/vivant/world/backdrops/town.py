"""In and above the town: rooftop, village."""

from __future__ import annotations

import random
from collections.abc import Sequence

from vivant.world.backdrops.plants import LEAVES, bush
from vivant.world.backdrops.scenery import Scenery, rows, spread, vary
from vivant.world.backdrops.sky import clouds, moon, sky, stars
from vivant.world.sketch import Colour, mix, shade

_LIT: Colour = (255, 222, 150)


def rooftop(scene: Scenery, rng: random.Random) -> None:
    """Night over the town: lit windows, a moon, a water tank, chimneys, a string of lamps."""
    horizon = 0.68
    top, foot = rng.choice((
        ((64, 72, 128), (146, 138, 186)), ((56, 80, 132), (128, 160, 196)), ((82, 70, 128), (190, 144, 178)),
    ))  # fmt: skip
    scene.gradient(0.0, horizon + 0.02, top, foot)
    stars(scene, rng, 18, 0.4)
    moon(scene, rng.uniform(0.28, 0.72), rng.uniform(0.1, 0.17), 0.065)
    _skyline(scene, rng, mix(top, foot, 0.66), 9, 0.24, 0.36, horizon)
    _skyline(scene, rng, mix(top, foot, 0.28), 6, 0.14, 0.42, horizon)
    roof = vary(rng, (122, 124, 156), 6)
    scene.gradient(horizon, 1.02, shade(roof, 0.94), shade(roof, 1.08))
    vanish = (0.5, 0.3)
    for y in rows(0.74, 5, first=0.3)[1:]:
        scene.rect(-0.02, y - 0.003, 1.02, y + 0.003, shade(roof, 0.9))
    for x in (-0.5, -0.1, 0.3, 0.7, 1.1, 1.5):
        scene.line([(spread(x, 0.74, vanish), 0.74), (spread(x, 1.02, vanish), 1.02)], 0.003, shade(roof, 0.9))
    brick = vary(rng, (148, 110, 126))
    scene.rect(-0.02, 0.665, 1.02, 0.745, brick)
    scene.rect(-0.02, 0.645, 1.02, 0.675, shade(brick, 1.25))
    for index in range(9):
        scene.rect(
            index / 8 - 0.04 + 0.03 * (index % 2), 0.7, index / 8 + 0.02 + 0.03 * (index % 2), 0.722, shade(brick, 0.9)
        )
    _tank(scene, rng.uniform(0.14, 0.18), 0.7)
    _chimney(scene, rng.uniform(0.84, 0.88), 0.78, 0.3, brick)
    _string_of_lamps(scene, rng.uniform(0.24, 0.3), (_LIT, (244, 170, 150), (170, 206, 190)))


def _skyline(
    scene: Scenery, rng: random.Random, wall: Colour, count: int, low: float, high: float, foot: float
) -> None:
    width = 1.04 / count
    for index in range(count):
        x0, x1 = index * width - 0.02, (index + 1) * width - 0.026
        edge = abs(index - (count - 1) / 2) / count * 2
        top = foot - rng.uniform(low, high) * (0.6 + 0.4 * edge)
        colour = vary(rng, wall, 5)
        scene.rect(x0, top, x1, foot, colour)
        if rng.random() < 0.35:
            scene.poly([(x0, top), ((x0 + x1) / 2, top - 0.06), (x1, top)], colour)
        across = max(2, round((x1 - x0) / 0.05))
        for row in range(int((foot - 0.04 - top) / 0.07)):
            for column in range(across):
                if rng.random() < 0.45:
                    x = x0 + (x1 - x0) * (column + 0.5) / across
                    y = top + 0.05 + row * 0.07
                    scene.rect(x - 0.011, y - 0.016, x + 0.011, y + 0.016, mix(_LIT, wall, 0.1 + 0.3 * rng.random()))


def _tank(scene: Scenery, x: float, y: float) -> None:
    wood, steel = (142, 108, 112), (86, 84, 116)
    for side in (-0.08, 0.08):
        scene.taper((x + side, y), 0.009, (x + side * 0.85, y - 0.14), 0.009, steel)
    scene.line([(x - 0.075, y - 0.02), (x + 0.07, y - 0.12)], 0.006, steel)
    scene.line([(x + 0.075, y - 0.02), (x - 0.07, y - 0.12)], 0.006, steel)
    scene.rect(x - 0.1, y - 0.32, x + 0.1, y - 0.13, wood)
    scene.rect(x - 0.1, y - 0.32, x - 0.04, y - 0.13, shade(wood, 1.16))
    for up in (0.17, 0.27):
        scene.rect(x - 0.103, y - up - 0.007, x + 0.103, y - up + 0.007, shade(wood, 0.76))
    scene.poly([(x - 0.125, y - 0.315), (x, y - 0.42), (x + 0.125, y - 0.315)], shade(steel, 1.15))


def _chimney(scene: Scenery, x: float, y: float, height: float, brick: Colour) -> None:
    scene.rect(x - 0.065, y - height, x + 0.065, y, shade(brick, 1.05))
    scene.rect(x + 0.02, y - height, x + 0.065, y, shade(brick, 0.88))
    scene.rect(x - 0.08, y - height - 0.02, x + 0.08, y - height + 0.015, shade(brick, 1.25))
    for row in range(3):
        scene.rect(x - 0.05 + 0.03 * (row % 2), y - height * 0.8 + row * 0.08, x - 0.01 + 0.03 * (row % 2),
                   y - height * 0.8 + row * 0.08 + 0.022, shade(brick, 0.9))  # fmt: skip
    for size, dx, up in ((0.022, 0.0, 0.05), (0.03, 0.02, 0.1), (0.04, 0.05, 0.16)):
        scene.disk(x + dx, y - height - up, size, size * 0.9, (184, 180, 206))


def _string_of_lamps(scene: Scenery, y: float, bulbs: Sequence[Colour]) -> None:
    line = [(index / 16, y - 0.14 * (index / 8 - 1) ** 2) for index in range(17)]
    scene.line(line, 0.0035, (70, 68, 100))
    for index in range(1, 17, 2):
        x, hang = line[index]
        colour = bulbs[index // 2 % len(bulbs)]
        scene.disk(x, hang + 0.02, 0.017, 0.021, shade(colour, 1.2))
        scene.glow(x, hang + 0.02, 0.06, 0.06, colour, 0.6)


def village(scene: Scenery, rng: random.Random) -> None:
    """Cottages along a cobbled lane, a church, flower boxes."""
    horizon = 0.62
    haze = sky(scene, rng, horizon, warm=0.4)
    clouds(scene, rng, 2, 0.1, 0.24)
    season = rng.choice(("spring", "summer", "autumn"))
    for index in range(7):
        scene.disk(index / 6, horizon - 0.03, 0.12, 0.1, mix(rng.choice(LEAVES[season]), haze, 0.45))
    _church(scene, rng.choice((rng.uniform(0.28, 0.36), rng.uniform(0.44, 0.6))), horizon)
    roof = rng.choice(((206, 116, 94), (190, 108, 106), (214, 134, 92)))
    walls = [(250, 238, 214), (246, 214, 186), (226, 232, 216), (244, 222, 206)]
    rng.shuffle(walls)
    _cottage(scene, 0.37, 0.64, 0.15, 0.15, walls[0], vary(rng, roof))
    _cottage(scene, 0.7, 0.65, 0.17, 0.18, walls[1], vary(rng, roof))
    stone = vary(rng, (214, 200, 186), 5)
    scene.gradient(horizon + 0.01, 1.02, mix(stone, haze, 0.2), stone)
    for row, y in enumerate(rows(0.66, 6, first=0.35)[1:]):
        tall = 0.012 + 0.005 * row
        for index in range(9):
            x = (index + 0.5 * (row % 2)) / 8.4
            scene.shape("cushion", x, y - tall, 0.034 + 0.003 * row, tall, vary(rng, shade(stone, 0.93), 5))
    _cottage(
        scene, rng.uniform(0.11, 0.15), 0.78, 0.34, rng.uniform(0.28, 0.34), walls[2], vary(rng, roof), flowers=True
    )
    _cottage(
        scene, rng.uniform(0.86, 0.9), 0.76, 0.33, rng.uniform(0.26, 0.32), walls[3], vary(rng, roof), flowers=True
    )
    leaf = rng.choice(LEAVES[season])
    bush(scene, 0.33, 0.8, 0.1, leaf)
    bush(scene, 0.68, 0.78, 0.09, leaf)


def _church(scene: Scenery, x: float, y: float) -> None:
    wall, slate = (244, 234, 222), (134, 146, 166)
    scene.rect(x - 0.055, y - 0.36, x + 0.055, y, wall)
    scene.rect(x + 0.015, y - 0.36, x + 0.055, y, shade(wall, 0.92))
    scene.poly([(x - 0.07, y - 0.35), (x, y - 0.55), (x + 0.07, y - 0.35)], slate)
    scene.disk(x, y - 0.29, 0.028, 0.028, (226, 190, 120))
    scene.disk(x, y - 0.29, 0.02, 0.02, (252, 246, 232))


def _cottage(
    scene: Scenery,
    x: float,
    y: float,
    width: float,
    height: float,
    wall: Colour,
    roof: Colour,
    *,
    flowers: bool = False,
) -> None:
    half = width / 2
    scene.rect(x + half * 0.4, y - height * 1.75, x + half * 0.62, y - height, shade(roof, 0.8))
    scene.rect(x - half, y - height, x + half, y, wall)
    scene.poly([(x - half * 1.16, y - height * 0.92), (x - half * 0.66, y - height * 1.6),
                (x + half * 0.66, y - height * 1.6), (x + half * 1.16, y - height * 0.92)], roof)  # fmt: skip
    for row in (1.12, 1.34):
        scene.rect(
            x - half * (1.62 - row * 0.55),
            y - height * row,
            x + half * (1.62 - row * 0.55),
            y - height * (row - 0.04),
            shade(roof, 0.88),
        )
    scene.rect(x - half, y - height * 0.93, x + half, y - height * 0.87, shade(wall, 0.84))
    scene.shape("block", x, y - height * 0.27, half * 0.22, height * 0.28, (150, 116, 98))
    glass = (150, 186, 204)
    for side in (-0.6, 0.6):
        left, up = x + side * half, y - height * 0.55
        scene.rect(left - half * 0.22, up - height * 0.18, left + half * 0.22, up + height * 0.16, (252, 248, 240))
        scene.rect(left - half * 0.16, up - height * 0.13, left + half * 0.16, up + height * 0.11, glass)
        if flowers:
            scene.rect(left - half * 0.26, up + height * 0.16, left + half * 0.26, up + height * 0.26, (150, 116, 98))
            for dx in (-0.16, 0.0, 0.16):
                scene.disk(left + dx * half, up + height * 0.14, half * 0.09, half * 0.09, (232, 130, 136))
