"""Rooms to live in: kitchen, bedroom."""

from __future__ import annotations

import random
from collections.abc import Sequence

from vivant.world.backdrops.furnishing import (
    OUTSIDE,
    books,
    curtain,
    frame,
    pendant,
    pot_plant,
    rug,
    stripes,
    table_lamp,
    wall,
    window,
)
from vivant.world.backdrops.scenery import Scenery, boards, checker, vary
from vivant.world.backdrops.sky import CLOUD
from vivant.world.sketch import Colour, mix, shade

_KITCHENS: tuple[tuple[Colour, Colour], ...] = (
    ((164, 206, 190), (250, 240, 216)), ((246, 214, 140), (250, 244, 230)), ((168, 200, 220), (252, 240, 222)),
    ((240, 184, 168), (252, 244, 230)),
)  # fmt: skip
"""Cupboards and wall."""


def kitchen(scene: Scenery, rng: random.Random) -> None:
    """Cupboards, tiles, a stove with a pot, a window, a fridge, hanging pans."""
    floor = 0.72
    cabinet, tone = rng.choice(_KITCHENS)
    cabinet = vary(rng, cabinet, 5)
    wall(scene, floor, tone)
    scene.rect(-0.02, 0.34, 1.02, 0.5, (250, 250, 246))
    for row in range(3):
        y = 0.34 + row * 0.054
        scene.rect(-0.02, y - 0.002, 1.02, y + 0.002, shade(tone, 0.9))
        for column in range(14):
            x = (column + 0.5 * (row % 2)) / 13
            scene.rect(x - 0.002, y, x + 0.002, y + 0.054, shade(tone, 0.9))
    checker(scene, floor, (0.5, 0.26), 0.2, 5, ((250, 242, 226), mix(cabinet, (250, 236, 210), 0.45)))
    middle = rng.uniform(0.46, 0.54)
    window(scene, middle, 0.22, 0.12, 0.15, OUTSIDE[rng.choice(("day", "day", "evening"))], (255, 252, 244))
    cloth = rng.choice(((236, 142, 128), (246, 206, 124), (150, 190, 150)))
    curtain(scene, middle - 0.15, 0.04, 0.32, 0.1, cloth)
    curtain(scene, middle + 0.15, 0.04, 0.32, -0.1, cloth)
    _counter(scene, -0.05, 1.02, floor, cabinet)
    _stove(scene, rng.uniform(0.76, 0.84), floor)
    if rng.random() < 0.6:
        _cupboards(scene, 0.7, cabinet)
        _pans(scene, rng, 0.0, 0.3)
    else:
        _pans(scene, rng, 0.68, 1.0)
        _cupboards(scene, -0.02, cabinet)
    _fridge(
        scene, rng.uniform(0.11, 0.17), floor + 0.03, rng.choice(((246, 232, 214), (240, 178, 164), (178, 208, 220)))
    )
    pendant(scene, middle, 0.12, 0.055, shade(cloth, 0.95), 0.25)
    pot_plant(scene, middle + 0.04, 0.49, 0.11, (138, 182, 124))


def _cupboards(scene: Scenery, x: float, colour: Colour) -> None:
    for left in (x, x + 0.16):
        scene.block(left, 0.05, left + 0.15, 0.25, colour)
        scene.block(left + 0.016, 0.07, left + 0.134, 0.23, shade(colour, 1.16))
        scene.disk(left + 0.03, 0.2, 0.009, 0.009, (180, 150, 120))


def _counter(scene: Scenery, left: float, right: float, floor: float, colour: Colour) -> None:
    scene.rect(left, 0.49, right, floor, colour)
    scene.rect(left, floor - 0.025, right, floor + 0.005, shade(colour, 0.72))
    width = 0.145
    x = left + 0.012
    while x + width < right + 0.1:
        scene.block(x, 0.535, x + width - 0.016, floor - 0.04, shade(colour, 1.16))
        scene.rect(x + 0.04, 0.555, x + width - 0.056, 0.566, (180, 150, 120))
        x += width
    scene.rect(left - 0.012, 0.48, right, 0.515, (212, 170, 130))
    scene.rect(left - 0.012, 0.48, right, 0.49, (232, 196, 156))


def _stove(scene: Scenery, x: float, floor: float) -> None:
    scene.block(x - 0.1, 0.485, x + 0.1, floor, (236, 234, 230))
    scene.rect(x - 0.1, 0.485, x + 0.1, 0.53, (200, 204, 208))
    for dx in (-0.06, -0.02, 0.02, 0.06):
        scene.disk(x + dx, 0.51, 0.011, 0.011, (122, 126, 136))
    scene.block(x - 0.075, 0.56, x + 0.075, floor - 0.04, (122, 126, 140))
    scene.block(x - 0.055, 0.59, x + 0.055, floor - 0.06, (236, 176, 116))
    scene.rect(x - 0.07, 0.548, x + 0.07, 0.558, (160, 164, 172))
    scene.block(x - 0.06, 0.42, x + 0.05, 0.484, (206, 110, 98))
    scene.rect(x - 0.07, 0.412, x + 0.06, 0.426, (226, 140, 124))
    scene.disk(x - 0.005, 0.404, 0.012, 0.012, (122, 90, 84))
    for dx, up in ((-0.02, 0.04), (0.015, 0.08), (-0.01, 0.12)):
        scene.disk(x + dx, 0.4 - up, 0.02 + up * 0.12, 0.018 + up * 0.1, (252, 252, 250))


def _fridge(scene: Scenery, x: float, foot: float, colour: Colour) -> None:
    scene.rect(x - 0.1, foot - 0.01, x + 0.1, foot + 0.012, (150, 146, 150))
    scene.shape("block", x, foot - 0.28, 0.115, 0.28, colour)
    scene.rect(x + 0.06, foot - 0.54, x + 0.1, foot - 0.02, shade(colour, 0.92))
    scene.rect(x - 0.112, foot - 0.36, x + 0.112, foot - 0.35, shade(colour, 0.74))
    for top, low in ((0.5, 0.41), (0.3, 0.17)):
        scene.taper((x - 0.08, foot - top), 0.009, (x - 0.08, foot - low), 0.009, (166, 166, 172))
    scene.rect(x - 0.02, foot - 0.27, x + 0.045, foot - 0.2, (255, 250, 236))
    scene.disk(x + 0.012, foot - 0.27, 0.011, 0.011, (226, 120, 108))


def _pans(scene: Scenery, rng: random.Random, left: float, right: float) -> None:
    scene.rect(left, 0.07, right, 0.082, (150, 120, 100))
    colours: Sequence[Colour] = ((206, 142, 108), (150, 160, 172), (222, 168, 110))
    for index, colour in enumerate(rng.sample(colours, 3)):
        x = left + (right - left) * (index + 0.7) / 3.4
        radius = (0.04, 0.032, 0.036)[index]
        scene.rect(x - 0.006, 0.08, x + 0.006, 0.13, shade(colour, 0.72))
        scene.disk(x, 0.12 + radius, radius, radius, colour)
        scene.disk(x, 0.12 + radius, radius * 0.72, radius * 0.72, shade(colour, 1.22))


def bedroom(scene: Scenery, rng: random.Random) -> None:
    """A bed with a quilt, stars on the wall and in the window, a toy shelf, a night lamp."""
    floor = 0.7
    paper = vary(rng, rng.choice(((190, 184, 222), (176, 200, 226), (228, 194, 210), (184, 210, 204))), 5)
    wall(scene, floor, paper, skirting=(250, 246, 240))
    if rng.random() < 0.65:
        for row in range(4):
            for column in range(7):
                x, y = (column + 0.5 * (row % 2) + 0.25) / 7, 0.1 + row * 0.15
                scene.shape("star", x, y, 0.02, 0.02, shade(paper, 1.4), rng.uniform(0, 1))
    else:
        stripes(scene, 0.0, floor - 0.03, 9, shade(paper, 1.16))
    boards(scene, floor, (0.5, 0.24), 13, (226, 194, 160), (238, 210, 178), (214, 182, 148))
    middle = rng.uniform(0.46, 0.56)
    window(scene, middle, 0.26, 0.11, 0.15, OUTSIDE["night"], (252, 248, 242))
    scene.disk(middle + 0.05, 0.2, 0.035, 0.035, (252, 240, 196))
    scene.disk(middle + 0.033, 0.19, 0.03, 0.03, mix(*OUTSIDE["night"], 0.25))
    for dx, y in ((-0.07, 0.18), (-0.04, 0.3), (0.06, 0.34), (-0.08, 0.36)):
        scene.shape("star", middle + dx, y, 0.014, 0.014, (252, 244, 210))
    cloth = rng.choice(((246, 210, 150), (240, 176, 176), (166, 196, 226)))
    curtain(scene, middle - 0.15, 0.06, 0.46, 0.09, cloth)
    curtain(scene, middle + 0.15, 0.06, 0.46, -0.09, cloth)
    _toy_shelf(scene, rng, 0.86)
    rug(scene, 0.52, 0.91, 0.34, 0.075, mix(cloth, (255, 250, 240), 0.4), shade(cloth, 0.94))
    _bed(
        scene,
        rng,
        rng.uniform(0.06, 0.1),
        0.87,
        rng.choice(((226, 142, 136), (122, 164, 196), (150, 184, 146), (186, 152, 204))),
    )
    dusk: tuple[Colour, ...] = ((120, 134, 186), (160, 168, 208), (186, 190, 220))
    dawn: tuple[Colour, ...] = ((250, 224, 178), (236, 178, 150), (176, 200, 150))
    high = rng.uniform(0.26, 0.34)
    frame(scene, rng.uniform(0.16, 0.22), high, 0.075, 0.065, (250, 246, 240), rng.choice((dusk, dawn)))
    table_lamp(scene, 0.84, 0.27, 0.14, (252, 222, 160))


def _bed(scene: Scenery, rng: random.Random, x: float, foot: float, quilt: Colour) -> None:
    wood, end = (240, 224, 204), x + 0.33
    scene.disk(x + 0.16, foot, 0.2, 0.02, (206, 172, 140))
    scene.shape("cushion", x, foot - 0.21, 0.04, 0.21, shade(wood, 0.92))
    scene.block(x, foot - 0.14, end, foot - 0.04, wood)
    scene.block(x + 0.01, foot - 0.205, end, foot - 0.12, (255, 252, 246))
    scene.shape("cushion", x + 0.075, foot - 0.23, 0.065, 0.045, (255, 252, 246))
    scene.shape("cushion", x + 0.078, foot - 0.24, 0.05, 0.028, (246, 234, 226))
    scene.shape("cushion", x + 0.225, foot - 0.155, 0.125, 0.095, quilt)
    for row in range(2):
        for column in range(3):
            patch = mix(quilt, ((255, 244, 214), (255, 226, 200), (236, 240, 255))[(row + column) % 3], 0.55)
            left, top = x + 0.118 + column * 0.073, foot - 0.225 + row * 0.078
            scene.block(left, top, left + 0.065, top + 0.066, patch)
            if (row + column) % 2 == 0:
                scene.shape(rng.choice(("star", "heart")), left + 0.032, top + 0.033, 0.019, 0.019, quilt)
    scene.shape("cushion", end + 0.018, foot - 0.12, 0.026, 0.12, wood)
    for leg in (x, end + 0.018):
        scene.disk(leg, foot - (0.425 if leg == x else 0.245), 0.024, 0.024, shade(wood, 0.88))


def _toy_shelf(scene: Scenery, rng: random.Random, x: float) -> None:
    white = (250, 246, 240)
    scene.rect(x - 0.12, 0.28, x + 0.16, 0.76, shade(white, 0.86))
    for y in (0.28, 0.44, 0.6, 0.74):
        scene.rect(x - 0.135, y - 0.012, x + 0.16, y + 0.012, white)
    scene.rect(x - 0.135, 0.28, x - 0.11, 0.78, white)
    red, yellow, blue, green = (226, 130, 120), (246, 208, 122), (134, 172, 206), (160, 196, 146)
    scene.disk(x - 0.05, 0.388, 0.04, 0.04, red)
    scene.shape("slice_middle", x - 0.05, 0.388, 0.04, 0.04, (255, 248, 236))
    for dx, y, colour in ((0.03, 0.428, blue), (0.085, 0.428, yellow), (0.058, 0.378, green)):
        scene.block(x + dx - 0.026, y - 0.05, x + dx + 0.026, y, colour)
    books(scene, rng, x - 0.1, x, 0.588, 0.12)
    scene.shape("drop", x + 0.06, 0.525, 0.038, 0.06, (250, 244, 236))
    scene.disk(x + 0.06, 0.525, 0.015, 0.015, blue)
    scene.poly([(x + 0.02, 0.588), (x + 0.045, 0.54), (x + 0.075, 0.54), (x + 0.1, 0.588)], red)
    scene.poly([(x - 0.1, 0.69), (x + 0.02, 0.69), (x - 0.01, 0.728), (x - 0.07, 0.728)], yellow)
    scene.poly([(x - 0.035, 0.685), (x - 0.035, 0.62), (x + 0.01, 0.685)], CLOUD)
