"""Rooms to read in: fireside, library."""

from __future__ import annotations

import random

from vivant.world.backdrops.furnishing import (
    BOOKS,
    OUTSIDE,
    books,
    curtain,
    frame,
    pot_plant,
    rug,
    stripes,
    wall,
    window,
)
from vivant.world.backdrops.scenery import Scenery, boards, vary
from vivant.world.sketch import Colour, mix, shade

_CREAM: Colour = (252, 244, 228)


def fireside(scene: Scenery, rng: random.Random) -> None:
    """A brick hearth with a fire, a clock, an armchair, a rug, snow outside."""
    floor = 0.68
    paper = vary(rng, rng.choice(((206, 170, 138), (164, 166, 140), (188, 142, 132), (146, 158, 162))))
    wall(scene, floor, paper, skirting=shade(paper, 0.78))
    stripes(scene, 0.0, floor - 0.03, 11, mix(paper, (236, 206, 164), 0.3))
    timber = (150, 108, 84)
    boards(scene, floor, (0.5, 0.2), 13, shade(timber, 1.12), shade(timber, 1.3), shade(timber, 1.0))
    hearth = rng.uniform(0.2, 0.25)
    _fireplace(scene, rng, hearth, floor + 0.03)
    if rng.random() < 0.6:
        _snowy_window(scene, rng, rng.uniform(0.78, 0.83), timber)
        frame(scene, rng.uniform(0.47, 0.55), rng.uniform(0.2, 0.28), 0.07, 0.06, (222, 180, 116),
              ((226, 216, 190), (150, 164, 132), (184, 190, 140)))  # fmt: skip
    else:
        _bookcase(scene, rng, rng.uniform(0.8, 0.84), floor, timber)
    rug(scene, 0.5, 0.9, 0.42, 0.09, vary(rng, (196, 116, 100)), (240, 214, 170))
    _armchair(scene, rng.uniform(0.8, 0.86), 0.84, rng.choice(((132, 148, 120), (204, 152, 92), (122, 134, 158))))
    scene.glow(hearth, 0.6, 0.5, 0.42, (255, 180, 90), 0.5)
    scene.glow(hearth + 0.1, 0.9, 0.6, 0.16, (255, 190, 110), 0.35)


def _snowy_window(scene: Scenery, rng: random.Random, x: float, timber: Colour) -> None:
    window(scene, x, 0.28, 0.11, 0.15, OUTSIDE["night"], (232, 208, 178))
    for _ in range(7):
        scene.disk(x + rng.uniform(-0.09, 0.09), rng.uniform(0.16, 0.4), 0.008, 0.008, (240, 244, 252))
    cloth = rng.choice(((176, 88, 84), (112, 128, 98), (186, 126, 76)))
    for side in (-1, 1):
        curtain(scene, x + side * 0.135, 0.08, 0.52, -side * 0.1, cloth)
    scene.rect(x - 0.16, 0.07, x + 0.16, 0.085, timber)


def _bookcase(scene: Scenery, rng: random.Random, x: float, floor: float, timber: Colour) -> None:
    scene.rect(x - 0.15, 0.1, x + 0.15, floor, shade(timber, 0.76))
    for row in range(4):
        foot = 0.23 + row * 0.13
        books(scene, rng, x - 0.13, x + 0.13, foot, 0.11)
        scene.rect(x - 0.15, foot, x + 0.15, foot + 0.016, timber)
    for side in (-0.15, 0.15):
        scene.rect(x + side - 0.014, 0.1, x + side + 0.014, floor, timber)
    scene.rect(x - 0.175, 0.085, x + 0.175, 0.11, shade(timber, 1.15))
    pot_plant(scene, x, 0.088, 0.1, (138, 170, 118))


def _fireplace(scene: Scenery, rng: random.Random, x: float, y: float) -> None:
    brick = vary(rng, (186, 118, 98), 6)
    scene.rect(x - 0.13, -0.02, x + 0.13, 0.36, brick)
    scene.rect(x - 0.17, 0.36, x + 0.17, y, brick)
    for row in range(11):
        top = 0.02 + row * 0.062
        half = 0.13 if top < 0.33 else 0.17
        for column in range(3):
            left = x - half + 0.02 + column * half * 0.66 + (half * 0.3 if row % 2 else 0.0)
            if left + 0.05 < x + half and not (top > 0.4 and abs(left + 0.025 - x) < 0.13):
                scene.rect(left, top, left + 0.06, top + 0.036, shade(brick, 0.9 if (row + column) % 2 else 1.12))
    scene.rect(x - 0.21, 0.335, x + 0.21, 0.375, (172, 126, 92))
    scene.rect(x - 0.21, 0.335, x + 0.21, 0.347, (200, 154, 114))
    scene.shape("dome", x, 0.53, 0.115, 0.09, (78, 52, 52))
    scene.rect(x - 0.115, 0.525, x + 0.115, y - 0.02, (78, 52, 52))
    scene.rect(x - 0.2, y - 0.03, x + 0.2, y + 0.01, (206, 186, 172))
    scene.taper((x - 0.075, y - 0.045), 0.018, (x + 0.07, y - 0.055), 0.018, (128, 88, 66))
    scene.taper((x - 0.06, y - 0.07), 0.017, (x + 0.075, y - 0.04), 0.017, (108, 74, 60))
    for dx, tall, colour in ((0.0, 0.1, (240, 128, 60)), (-0.045, 0.065, (240, 142, 66)), (0.045, 0.07, (240, 142, 66)),
                             (0.0, 0.065, (252, 190, 88)), (-0.01, 0.035, (255, 236, 160))):  # fmt: skip
        scene.shape("drop", x + dx, y - 0.05 - tall, tall * 0.5, tall, colour, rng.uniform(-0.12, 0.12))
    scene.shape("block", x - 0.02, 0.285, 0.05, 0.05, (140, 98, 74))
    scene.disk(x - 0.02, 0.28, 0.036, 0.036, _CREAM)
    scene.line([(x - 0.02, 0.256), (x - 0.02, 0.28), (x - 0.003, 0.288)], 0.005, (96, 76, 70))
    for dx, tall in ((-0.15, 0.06), (0.12, 0.06), (0.165, 0.045)):
        scene.rect(x + dx - 0.011, 0.335 - tall, x + dx + 0.011, 0.335, (248, 232, 204))
        scene.shape("drop", x + dx, 0.322 - tall, 0.009, 0.014, (255, 206, 112))


def _armchair(scene: Scenery, x: float, y: float, cloth: Colour) -> None:
    for side in (-0.1, 0.1):
        scene.rect(x + side - 0.012, y - 0.04, x + side + 0.012, y, (116, 84, 68))
    scene.shape("cushion", x, y - 0.21, 0.125, 0.15, cloth)
    scene.shape("cushion", x, y - 0.23, 0.095, 0.11, shade(cloth, 1.12))
    scene.block(x - 0.13, y - 0.11, x + 0.13, y - 0.03, shade(cloth, 0.9))
    scene.shape("cushion", x, y - 0.115, 0.1, 0.03, shade(cloth, 1.22))
    for side in (-0.135, 0.135):
        scene.shape("cushion", x + side, y - 0.11, 0.038, 0.08, shade(cloth, 1.04))


def library(scene: Scenery, rng: random.Random) -> None:
    """Shelves of books to the ceiling, a ladder, a globe, a green lamp, an oak floor."""
    floor = 0.7
    oak = vary(rng, rng.choice(((168, 122, 92), (150, 110, 94), (180, 138, 100))))
    back = shade(oak, 0.7)
    scene.rect(-0.02, 0.0, 1.02, floor, back)
    for left, right in ((-0.02, 0.3), (0.33, 0.67), (0.7, 1.02)):
        for row in range(4):
            foot = 0.165 + row * 0.155
            books(scene, rng, left + 0.008, right, foot, 0.14, mix(back, (214, 184, 150), 0.5))
            scene.rect(left, foot, right, foot + 0.018, oak)
    for x in (-0.01, 0.315, 0.685, 1.01):
        scene.rect(x - 0.021, -0.02, x + 0.021, floor, oak)
        scene.rect(x - 0.021, -0.02, x - 0.007, floor, shade(oak, 1.18))
    scene.rect(-0.02, -0.02, 1.02, 0.026, shade(oak, 1.1))
    scene.rect(-0.02, floor - 0.03, 1.02, floor, shade(oak, 0.85))
    boards(scene, floor, (0.5, 0.22), 13, (196, 154, 116), (214, 174, 134), (184, 142, 106))
    rug(
        scene,
        0.5,
        0.9,
        0.46,
        0.1,
        vary(rng, rng.choice(((112, 146, 122), (160, 104, 104), (112, 130, 162)))),
        (232, 206, 156),
    )
    _ladder(scene, rng.uniform(0.17, 0.28), 0.82)
    _globe(scene, rng.uniform(0.79, 0.86), 0.84, rng.uniform(0.085, 0.105))
    _book_pile(scene, rng, rng.choice((0.1, 0.66, 0.96)), rng.uniform(0.82, 0.92))
    scene.glow(0.5, 0.1, 0.7, 0.5, (255, 224, 170), 0.3)


def _ladder(scene: Scenery, x: float, foot: float) -> None:
    wood: Colour = (226, 182, 128)
    for side in (-0.06, 0.06):
        scene.taper((x + side * 1.2 - 0.05, foot), 0.012, (x + side + 0.05, 0.06), 0.011, wood)
    for rung in range(6):
        y = 0.15 + rung * 0.115
        middle = x + 0.05 - 0.1 * (y - 0.06) / (foot - 0.06)
        scene.rect(middle - 0.062, y, middle + 0.062, y + 0.017, shade(wood, 0.9))


def _globe(scene: Scenery, x: float, y: float, radius: float) -> None:
    brass, sea = (212, 168, 106), (142, 184, 196)
    middle = y - 0.3
    scene.shape("dome", x, y, 0.075, 0.03, (140, 100, 80))
    scene.rect(x - 0.012, middle + radius, x + 0.012, y - 0.02, (140, 100, 80))
    scene.disk(x, middle, radius * 1.2, radius * 1.2, brass)
    scene.disk(x, middle, radius * 1.1, radius * 1.1, shade(brass, 0.7))
    scene.disk(x, middle, radius, radius, sea)
    scene.disk(x - radius * 0.3, middle - radius * 0.25, radius * 0.42, radius * 0.36, (178, 194, 132), 0.4)
    scene.disk(x + radius * 0.35, middle + radius * 0.3, radius * 0.3, radius * 0.42, (178, 194, 132), 0.3)
    scene.disk(x - radius * 0.35, middle + radius * 0.55, radius * 0.2, radius * 0.14, (178, 194, 132))


def _book_pile(scene: Scenery, rng: random.Random, x: float, y: float) -> None:
    for index, colour in enumerate(rng.sample(BOOKS, 4)):
        foot, shift = y - index * 0.032, rng.uniform(-0.015, 0.015)
        scene.block(x + shift - 0.08, foot - 0.032, x + shift + 0.08, foot, colour)
        scene.rect(x + shift + 0.03, foot - 0.026, x + shift + 0.078, foot - 0.007, (250, 240, 220))
