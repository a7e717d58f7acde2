"""Where one is watched or trains: gym, stage, ring."""

from __future__ import annotations

import math
import random

from vivant.world.backdrops.furnishing import GOLD, valance, wall
from vivant.world.backdrops.scenery import Scenery, boards, spread, vary
from vivant.world.sketch import Colour, Point, mix, shade

_THEATRES: tuple[tuple[Colour, Colour], ...] = (
    ((186, 72, 80), (112, 92, 142)), ((196, 84, 72), (86, 104, 142)), ((170, 68, 98), (104, 88, 132)),
    ((186, 72, 80), (96, 120, 130)),
)  # fmt: skip
"""Curtain and backcloth."""


def gym(scene: Scenery, rng: random.Random) -> None:
    """A mirror wall, racks of weights, wall bars, mats, tube lights."""
    floor = 0.65
    paper, stripe = rng.choice((
        ((206, 222, 224), (238, 168, 92)), ((222, 218, 208), (96, 158, 172)), ((208, 216, 230), (222, 112, 106)),
    ))  # fmt: skip
    wall(scene, floor, vary(rng, paper, 4))
    scene.rect(-0.02, 0.09, 1.02, 0.125, stripe)
    scene.rect(-0.02, 0.135, 1.02, 0.147, stripe)
    glass = mix(paper, (176, 206, 222), 0.7)
    scene.rect(0.31, 0.2, 0.69, floor - 0.04, (168, 178, 188))
    for index in range(3):
        left = 0.32 + index * 0.122
        scene.rect(left, 0.21, left + 0.116, floor - 0.05, glass)
        scene.poly(
            [(left + 0.02, floor - 0.05), (left + 0.07, 0.21), (left + 0.1, 0.21), (left + 0.05, floor - 0.05)],
            shade(glass, 1.4),
        )
    rubber = vary(rng, (120, 130, 146), 5)
    scene.gradient(floor, 1.02, shade(rubber, 1.12), shade(rubber, 1.0))
    scene.rect(-0.02, floor - 0.02, 1.02, floor + 0.005, shade(rubber, 0.8))
    _mats(scene, floor, stripe, rubber)
    bars = rng.uniform(0.13, 0.17)
    _wall_bars(scene, bars, 0.19, floor + 0.03)
    if rng.random() < 0.5:
        _punching_bag(
            scene, rng.uniform(0.3, 0.36), rng.uniform(0.5, 0.56), rng.choice(((206, 112, 104), (104, 130, 166)))
        )
    _weights(scene, rng, rng.uniform(0.82, 0.86), floor + 0.08)
    _gym_ball(
        scene, rng.uniform(0.08, 0.2), 0.84, 0.085, rng.choice(((232, 150, 130), (150, 186, 160), (166, 158, 206)))
    )
    for x in (0.2, 0.5, 0.8):
        scene.block(x - 0.1, 0.015, x + 0.1, 0.045, (255, 254, 244))
        scene.glow(x, 0.03, 0.2, 0.14, (255, 252, 232), 0.5)


def _mats(scene: Scenery, floor: float, stripe: Colour, rubber: Colour) -> None:
    vanish = (0.5, 0.3)
    for left, right, colour in (
        (0.12, 0.48, mix((104, 150, 190), rubber, 0.15)),
        (0.52, 0.88, mix(stripe, rubber, 0.25)),
    ):
        top, foot = floor + 0.12, 0.99
        corners = [(spread(left, top, vanish), top), (spread(right, top, vanish), top)]
        corners += [(spread(right, foot, vanish), foot), (spread(left, foot, vanish), foot)]
        scene.poly([(x, y + 0.014) for x, y in corners], shade(colour, 0.8))
        scene.poly(corners, colour)


def _wall_bars(scene: Scenery, x: float, top: float, foot: float) -> None:
    wood = (224, 178, 122)
    for row in range(9):
        y = top + 0.025 + row * (foot - top - 0.04) / 8.4
        scene.taper((x - 0.11, y), 0.01, (x + 0.11, y), 0.01, wood)
    for side in (-0.115, 0.115):
        scene.rect(x + side - 0.014, top, x + side + 0.014, foot, shade(wood, 0.85))


def _weights(scene: Scenery, rng: random.Random, x: float, foot: float) -> None:
    steel = (100, 108, 124)
    colours: list[Colour] = [(226, 122, 112), (240, 186, 96), (112, 164, 190), (132, 180, 138)]
    rng.shuffle(colours)
    for side in (-0.15, 0.15):
        scene.taper((x + side * 1.08, foot), 0.012, (x + side * 0.94, foot - 0.4), 0.012, steel)
    for row, count in enumerate((3, 4, 3)):
        shelf = foot - 0.06 - row * 0.15
        scene.rect(x - 0.16, shelf, x + 0.16, shelf + 0.02, steel)
        for index in range(count):
            middle, colour = x - 0.15 + 0.3 * (index + 0.5) / count, colours[(row + index) % 4]
            if row == 0:
                scene.disk(middle, shelf - 0.066, 0.03, 0.03, shade(colour, 0.8))
                scene.disk(middle, shelf - 0.066, 0.016, 0.016, (200, 204, 206))
                scene.disk(middle, shelf - 0.034, 0.042, 0.036, colour)
            else:
                radius = (0.034, 0.046)[row - 1]
                scene.disk(middle, shelf - radius, radius, radius, shade(colour, 0.84))
                scene.disk(middle - 0.004, shelf - radius, radius * 0.88, radius * 0.9, colour)
                scene.disk(middle - 0.004, shelf - radius, radius * 0.3, radius * 0.3, (226, 228, 230))


def _punching_bag(scene: Scenery, x: float, foot: float, leather: Colour) -> None:
    scene.rect(x - 0.004, 0.0, x + 0.004, foot - 0.28, (140, 148, 158))
    scene.shape("cushion", x, foot - 0.14, 0.046, 0.15, leather)
    scene.taper((x - 0.018, foot - 0.22), 0.008, (x - 0.018, foot - 0.06), 0.008, shade(leather, 1.25))
    scene.rect(x - 0.045, foot - 0.24, x + 0.045, foot - 0.22, shade(leather, 0.8))


def _gym_ball(scene: Scenery, x: float, y: float, radius: float, colour: Colour) -> None:
    scene.disk(x, y, radius * 1.1, radius * 0.2, (98, 106, 122))
    scene.disk(x, y - radius, radius, radius, colour)
    scene.disk(x - radius * 0.3, y - radius * 1.35, radius * 0.36, radius * 0.28, shade(colour, 1.4))


def stage(scene: Scenery, rng: random.Random) -> None:
    """Red curtains, spotlights, a painted backcloth, a plank floor with footlights."""
    floor = 0.68
    cloth, back = rng.choice(_THEATRES)
    cloth, back = vary(rng, cloth, 6), vary(rng, back, 6)
    scene.gradient(0.0, floor, shade(back, 0.8), shade(back, 1.2))
    _backcloth(scene, rng, back, floor)
    boards(scene, floor, (0.5, 0.25), 12, (172, 122, 92), (204, 154, 116), (150, 106, 82))
    scene.rect(-0.02, floor - 0.015, 1.02, floor + 0.006, shade(back, 0.66))
    for side in (0, 1):
        _wing(scene, side, cloth)
    valance(scene, 0.07, 0.1, 5, cloth, GOLD)
    for index in range(7):
        x = (index + 0.5) / 7
        scene.shape("dome", x, 1.0, 0.04, 0.035, (122, 92, 96))
        scene.glow(x, 0.975, 0.07, 0.06, (255, 230, 160), 0.7)
    beams: list[list[Point]] = []
    for x, aim in ((0.3, rng.uniform(0.3, 0.42)), (0.7, rng.uniform(0.58, 0.7)), (0.5, 0.5)):
        scene.block(x - 0.03, 0.1, x + 0.03, 0.16, (84, 80, 96))
        beams.append([(x - 0.022, 0.16), (x + 0.022, 0.16), (aim + 0.15, 0.9), (aim - 0.15, 0.9)])
    light = rng.choice(((255, 244, 206), (255, 226, 226), (226, 240, 255), (255, 244, 206)))
    scene.beams(beams, light, 0.24)
    scene.glow(0.5, 0.88, 0.46, 0.12, (255, 240, 200), 0.4)


def _backcloth(scene: Scenery, rng: random.Random, back: Colour, floor: float) -> None:
    gold = mix(back, GOLD, 0.56)
    design = rng.choice(("stars", "sunrise", "town"))
    if design == "stars":
        for index in range(12):
            x = index / 12
            scene.poly([(x, 0.0), (x + 0.035, 0.0), (x + 0.03, floor), (x + 0.006, floor)], shade(back, 0.92))
        for x, y, size in (
            (0.36, 0.44, 0.05),
            (0.64, 0.4, 0.06),
            (0.5, 0.3, 0.085),
            (0.42, 0.2, 0.04),
            (0.6, 0.22, 0.04),
        ):
            scene.shape("star", x + rng.uniform(-0.03, 0.03), y, size, size, gold, rng.uniform(-0.3, 0.3))
    elif design == "sunrise":
        for ray in range(9):
            angle = math.pi * (ray + 0.5) / 9
            scene.poly([(0.5, floor), *((0.5 - math.cos(angle + turn) * 0.7, floor - math.sin(angle + turn) * 0.7)
                        for turn in (-0.09, 0.09))], shade(back, 1.12))  # fmt: skip
        scene.shape("dome", 0.5, floor, 0.22, 0.2, gold)
    else:
        scene.disk(rng.uniform(0.4, 0.6), 0.3, 0.1, 0.1, gold)
        for index in range(5):
            x, top = 0.2 + index * 0.13, floor - rng.uniform(0.12, 0.28)
            scene.rect(x, top, x + 0.115, floor, shade(back, 0.86))
            scene.poly([(x - 0.01, top), (x + 0.057, top - 0.07), (x + 0.125, top)], shade(back, 0.8))
            scene.rect(x + 0.035, top + 0.04, x + 0.075, top + 0.09, gold)


def _wing(scene: Scenery, side: int, cloth: Colour) -> None:
    folds = 5
    for fold in range(folds):
        near, far = 0.27 * fold / folds, 0.27 * (fold + 1) / folds
        points = [(near - 0.02, -0.02), (far, -0.02), (far * 0.86, 0.5), (far * 1.08, 0.88), (near * 1.08 - 0.02, 0.88)]
        points.append((near * 0.86 - 0.02, 0.5))
        tone = shade(cloth, (1.0, 0.84, 1.08, 0.86, 1.02)[fold])
        scene.poly(points if side == 0 else [(1 - x, y) for x, y in points], tone)
    edge = [(0.0, 0.84), (0.285, 0.84), (0.285, 0.866), (0.0, 0.866)]
    scene.poly(edge if side == 0 else [(1 - x, y) for x, y in edge], GOLD)


def ring(scene: Scenery, rng: random.Random) -> None:
    """Ropes between corner posts under bright lamps, rows of heads around."""
    mat = 0.68
    hall = vary(rng, rng.choice(((70, 92, 124), (88, 80, 120), (64, 104, 116))), 5)
    scene.gradient(0.0, mat, shade(hall, 0.86), shade(hall, 1.2))
    for row in range(4):
        y, radius = 0.4 + row * 0.075, 0.03 + 0.006 * row
        colour = mix(shade(hall, 0.8), shade(hall, 1.3), row / 3)
        for index in range(15):
            x = (index + 0.5 * (row % 2)) / 14
            scene.disk(x, y, radius, radius * 1.05, vary(rng, colour, 9))
            scene.shape("dome", x, y + radius * 2.4, radius * 1.5, radius * 1.6, shade(colour, 0.92))
    canvas, trim = rng.choice(
        (((228, 226, 220), (116, 152, 196)), ((226, 216, 200), (206, 112, 104)), ((206, 220, 228), (226, 172, 98)))
    )
    scene.rect(-0.02, mat, 1.02, 1.02, trim)
    scene.poly([(0.08, mat + 0.03), (0.92, mat + 0.03), (1.12, 1.02), (-0.12, 1.02)], canvas)
    scene.disk(0.5, 0.88, 0.3, 0.09, mix(canvas, trim, 0.4))
    scene.disk(0.5, 0.88, 0.26, 0.075, canvas)
    left, right = (0.14, mat + 0.02), (0.86, mat + 0.02)
    for up, colour in ((0.09, (112, 150, 200)), (0.18, (248, 244, 238)), (0.27, (214, 100, 98))):
        scene.line(
            [
                (-0.02, mat + 0.16 - up * 1.45),
                (left[0], left[1] - up),
                (right[0], right[1] - up),
                (1.02, mat + 0.16 - up * 1.45),
            ],
            0.0095,
            colour,
        )
    for (x, y), colour in ((left, (206, 92, 92)), (right, (98, 134, 190))):
        scene.rect(x - 0.022, y - 0.34, x + 0.022, y + 0.03, (206, 208, 214))
        for up in (0.09, 0.18, 0.27):
            scene.block(x - 0.04, y - up - 0.036, x + 0.04, y - up + 0.036, colour)
        scene.disk(x, y - 0.345, 0.03, 0.022, shade(colour, 1.2))
    beams: list[list[Point]] = []
    for x in (0.2, 0.5, 0.8):
        tilt = 0.06 * math.copysign(1, 0.5 - x) if x != 0.5 else 0.0
        scene.poly([(x - 0.07, 0.1), (x + 0.07, 0.1), (x + 0.045, 0.04), (x - 0.045, 0.04)], (78, 82, 100))
        scene.rect(x - 0.004, -0.02, x + 0.004, 0.05, (78, 82, 100))
        scene.disk(x, 0.1, 0.065, 0.022, (255, 250, 224))
        beams.append([(x - 0.06, 0.1), (x + 0.06, 0.1), (x + tilt + 0.2, 0.8), (x + tilt - 0.2, 0.8)])
    scene.beams(beams, (250, 246, 224), 0.2)
