"""Where one dines and dances: ballroom, restaurant."""

from __future__ import annotations

import random
from collections.abc import Sequence

from vivant.world.backdrops.furnishing import GOLD, LAMPLIGHT, OUTSIDE, arched_window, curtain, pendant, wall, window
from vivant.world.backdrops.scenery import Scenery, boards, checker, vary
from vivant.world.sketch import Colour, mix, shade

_BALLROOMS: tuple[tuple[Colour, Colour, Colour], ...] = (
    ((246, 228, 206), (196, 112, 122), (226, 178, 172)), ((240, 226, 222), (140, 124, 172), (194, 178, 208)),
    ((240, 234, 212), (120, 150, 136), (182, 200, 182)), ((250, 226, 204), (198, 134, 92), (232, 196, 158)),
)  # fmt: skip
"""Wall, drapes and tiles."""


_DINING_ROOMS: tuple[tuple[Colour, Colour], ...] = (
    ((188, 112, 100), (132, 86, 82)), ((126, 148, 120), (96, 106, 92)), ((198, 140, 100), (136, 96, 82)),
)  # fmt: skip
"""Wallpaper and panelling."""


def ballroom(scene: Scenery, rng: random.Random) -> None:
    """Chandeliers, tall arched windows, columns, drapes, a chequered marble floor."""
    floor = 0.64
    paper, cloth, tile = rng.choice(_BALLROOMS)
    wall(scene, floor, vary(rng, paper, 4), skirting=shade(paper, 0.86))
    outside = OUTSIDE[rng.choice(("evening", "night", "evening"))]
    for x in (0.2, 0.5, 0.8):
        arched_window(scene, x, 0.16, 0.56, 0.085, outside, GOLD)
        curtain(scene, x - 0.115, 0.13, 0.6, 0.085, cloth)
        curtain(scene, x + 0.115, 0.13, 0.6, -0.085, cloth)
    for x in (0.02, 0.35, 0.65, 0.98):
        _column(scene, x, 0.07, floor + 0.01, shade(paper, 1.5))
    scene.rect(-0.02, -0.02, 1.02, 0.055, shade(paper, 1.3))
    scene.rect(-0.02, 0.05, 1.02, 0.07, GOLD)
    checker(scene, floor, (rng.uniform(0.44, 0.56), 0.22), 0.24, 6, ((252, 244, 232), vary(rng, tile, 5)))
    if rng.random() < 0.6:
        for x in (0.2, 0.8):
            _chandelier(scene, x, rng.uniform(0.2, 0.22), 0.11)
    else:
        _chandelier(scene, rng.uniform(0.4, 0.6), 0.2, 0.16)
        for x in (0.02, 0.98):
            scene.glow(x, 0.3, 0.16, 0.2, LAMPLIGHT, 0.6)


def _column(scene: Scenery, x: float, top: float, foot: float, stone: Colour) -> None:
    scene.rect(x - 0.026, top, x + 0.026, foot, stone)
    scene.rect(x + 0.006, top, x + 0.026, foot, shade(stone, 0.92))
    scene.rect(x - 0.04, top, x + 0.04, top + 0.024, GOLD)
    scene.rect(x - 0.038, foot - 0.03, x + 0.038, foot, shade(stone, 0.9))


def _chandelier(scene: Scenery, x: float, y: float, size: float) -> None:
    gold = shade(GOLD, 0.94)
    scene.rect(x - 0.005, -0.02, x + 0.005, y, gold)
    for half, up in ((1.0, 0.0), (0.62, 0.42)):
        scene.shape("crescent", x, y - up * size, size * half, size * 0.42 * half, gold)
        for index in range(-2, 3):
            candle = (x + index * size * half * 0.46, y - up * size - size * 0.02)
            scene.rect(candle[0] - 0.007, candle[1] - size * 0.24, candle[0] + 0.007, candle[1], (255, 250, 236))
            scene.shape("drop", candle[0], candle[1] - size * 0.34, 0.01, 0.018, (255, 214, 120))
    for index in range(-2, 3):
        scene.shape(
            "drop", x + index * size * 0.36, y + size * (0.5 - 0.07 * abs(index)), 0.011, 0.022, (236, 244, 250)
        )
    scene.glow(x, y - size * 0.2, size * 2.6, size * 2.4, LAMPLIGHT, 0.42)


def restaurant(scene: Scenery, rng: random.Random) -> None:
    """Laid tables, low lamps, a window on the street, shelves of bottles, a blackboard."""
    floor = 0.66
    paper, panel = rng.choice(_DINING_ROOMS)
    paper = vary(rng, paper)
    wall(scene, floor, paper)
    scene.rect(-0.02, 0.47, 1.02, floor, panel)
    scene.rect(-0.02, 0.455, 1.02, 0.48, shade(panel, 1.24))
    for index in range(7):
        scene.block(index / 6.5 - 0.03, 0.51, index / 6.5 + 0.09, floor - 0.04, shade(panel, 1.12))
    boards(scene, floor, (0.5, 0.2), 13, (188, 142, 106), (206, 162, 124), (172, 128, 96))
    outside = OUTSIDE[rng.choice(("evening", "night"))]
    if rng.random() < 0.5:
        window(scene, rng.uniform(0.44, 0.56), 0.28, 0.15, 0.13, outside, (246, 228, 200))
        _blackboard(scene, rng.uniform(0.12, 0.18), 0.28)
    else:
        window(scene, rng.uniform(0.14, 0.18), 0.28, 0.11, 0.13, outside, (246, 228, 200))
        _blackboard(scene, rng.uniform(0.42, 0.56), 0.29)
    _bottles(scene, rng, 0.68, 1.0, 0.3)
    check = rng.choice(((214, 108, 100), (112, 146, 172), (120, 156, 120)))
    _table(scene, rng, 0.44, 0.71, 0.09, check)
    _table(scene, rng, rng.uniform(0.11, 0.15), 0.84, 0.155, check)
    _table(scene, rng, rng.uniform(0.86, 0.9), 0.82, 0.145, check)
    shade_colour = rng.choice(((96, 140, 128), (222, 168, 92), (206, 112, 96)))
    for x in (0.14, 0.5, 0.87):
        pendant(scene, x, rng.uniform(0.15, 0.18) - 0.02 * (x == 0.5), 0.07, shade_colour, 0.5)


def _table(scene: Scenery, rng: random.Random, x: float, y: float, half: float, check: Colour) -> None:
    white, top = (254, 248, 238), y - half * 1.15
    for side in (-1, 1):
        _chair(scene, x + side * half * 1.12, y, half, side)
    scene.poly([(x - half, top), (x + half, top), (x + half * 0.92, y), (x - half * 0.92, y)], white)
    for column in range(4):
        left = x - half * 0.86 + column * half * 0.48
        scene.poly(
            [(left, top), (left + half * 0.24, top), (left + half * 0.22, y), (left + half * 0.02, y)],
            mix(check, white, 0.35),
        )
    scene.rect(x - half * 0.96, top + half * 0.4, x + half * 0.96, top + half * 0.6, mix(check, white, 0.5))
    scene.disk(x, top, half * 1.02, half * 0.2, white)
    scene.disk(x - half * 0.45, top - half * 0.02, half * 0.3, half * 0.08, shade(white, 0.88))
    scene.disk(x + half * 0.5, top - half * 0.02, half * 0.28, half * 0.08, shade(white, 0.88))
    scene.rect(x - half * 0.05, top - half * 0.4, x + half * 0.05, top, (250, 236, 206))
    scene.shape("drop", x, top - half * 0.5, half * 0.07, half * 0.13, (255, 204, 110))
    scene.disk(x + half * 0.14, top - half * 0.05, half * 0.08, half * 0.06, vary(rng, (206, 120, 110)))
    scene.glow(x, top - half * 0.4, half * 1.3, half * 1.2, LAMPLIGHT, 0.45)


def _chair(scene: Scenery, x: float, y: float, half: float, side: int) -> None:
    wood = (142, 98, 78)
    seat = y - half * 0.62
    scene.rect(x - half * 0.34, seat, x + half * 0.34, seat + half * 0.14, wood)
    for leg in (-0.28, 0.28):
        scene.rect(x + leg * half - half * 0.05, seat, x + leg * half + half * 0.05, y + half * 0.1, wood)
    back = x + side * half * 0.3
    scene.taper((back, seat), half * 0.06, (back + side * half * 0.1, seat - half), half * 0.06, wood)
    scene.taper(
        (back + side * half * 0.1, seat - half),
        half * 0.08,
        (back + side * half * 0.05, seat - half * 0.5),
        half * 0.08,
        shade(wood, 1.2),
    )


def _bottles(scene: Scenery, rng: random.Random, left: float, right: float, y: float) -> None:
    glass: Sequence[Colour] = ((112, 150, 118), (196, 120, 92), (216, 178, 110), (136, 160, 176), (160, 96, 110))
    for shelf in (y, y + 0.13):
        scene.rect(left, shelf, right, shelf + 0.016, (220, 178, 130))
        for index in range(7):
            x, tall = left + (index + 0.5) * (right - left) / 7, rng.uniform(0.05, 0.07)
            colour = vary(rng, rng.choice(glass))
            scene.block(x - 0.014, shelf - tall, x + 0.014, shelf, colour)
            scene.rect(x - 0.006, shelf - tall - 0.025, x + 0.006, shelf - tall + 0.01, colour)
            scene.rect(x - 0.012, shelf - tall * 0.65, x + 0.012, shelf - tall * 0.3, (250, 240, 220))


def _blackboard(scene: Scenery, x: float, y: float) -> None:
    scene.block(x - 0.105, y - 0.115, x + 0.105, y + 0.115, (214, 172, 124))
    scene.rect(x - 0.09, y - 0.1, x + 0.09, y + 0.1, (84, 96, 94))
    for row, width in enumerate((0.1, 0.13, 0.08, 0.12)):
        scene.rect(x - width / 2, y - 0.07 + row * 0.04, x + width / 2, y - 0.06 + row * 0.04, (226, 228, 214))
