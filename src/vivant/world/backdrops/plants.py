"""Plants: trees, bushes, flowers, reeds. Each stands on (x, y)."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import pairwise

from vivant.world.backdrops.scenery import Scenery, vary
from vivant.world.sketch import Colour, mix, shade

BARK: Colour = (142, 112, 92)
LEAVES: dict[str, tuple[Colour, ...]] = {
    "spring": ((176, 206, 132), (236, 190, 200), (196, 214, 146)),
    "summer": ((128, 178, 112), (148, 190, 118), (112, 166, 122)),
    "autumn": ((226, 170, 96), (214, 134, 92), (232, 194, 112)),
}
"""Leaf colours by season."""
PETALS: tuple[Colour, ...] = ((236, 140, 150), (250, 212, 120), (246, 240, 232), (190, 154, 212), (240, 170, 120))


def round_tree(scene: Scenery, rng: random.Random, x: float, y: float, height: float, leaf: Colour) -> None:
    """A broad tree: a trunk and a heap of leaves, lit from the upper left."""
    crown, radius = y - height * 0.64, height * 0.3
    scene.taper((x, y), height * 0.055, (x, crown), height * 0.035, BARK)
    scene.taper((x, y - height * 0.3), height * 0.02, (x + radius * 0.5, crown), height * 0.015, BARK)
    dark, light = shade(leaf, 0.86), shade(leaf, 1.18)
    turn = rng.uniform(-0.15, 0.15)
    for side, up, share in ((-0.55, -0.3, 0.62), (0.6, -0.2, 0.6), (0.0, 0.35, 0.95)):
        scene.disk(x + side * radius + turn * radius, crown - up * radius, radius * share, radius * share * 0.92, dark)
    for side, up, share in ((-0.45, -0.1, 0.5), (0.4, 0.05, 0.48), (-0.08, 0.55, 0.7)):
        scene.disk(x + side * radius + turn * radius, crown - up * radius, radius * share, radius * share * 0.88, leaf)
    scene.disk(x - radius * 0.22, crown - radius * 0.75, radius * 0.36, radius * 0.3, light)


def fir(scene: Scenery, x: float, y: float, height: float, leaf: Colour, snow: Colour | None = None) -> None:
    """A fir of three tiers, snowed on if a colour says so."""
    width = height * 0.24
    scene.rect(x - height * 0.03, y - height * 0.16, x + height * 0.03, y, shade(BARK, 0.85))
    for tier in range(3):
        foot = y - height * (0.1 + 0.24 * tier)
        half, tall = width * (1 - 0.24 * tier), height * (0.4 - 0.01 * tier)
        scene.poly([(x - half, foot), (x, foot - tall), (x + half, foot)], leaf)
        scene.poly([(x + half * 0.1, foot), (x, foot - tall), (x + half, foot)], shade(leaf, 0.88))
        if snow is not None:
            scene.poly([(x - half * 0.62, foot - tall * 0.38), (x, foot - tall), (x + half * 0.5, foot - tall * 0.5),
                        (x + half * 0.1, foot - tall * 0.32)], snow)  # fmt: skip


def cypress(scene: Scenery, x: float, y: float, height: float, leaf: Colour) -> None:
    """A slim upright tree."""
    scene.rect(x - height * 0.02, y - height * 0.12, x + height * 0.02, y, BARK)
    scene.shape("drop", x, y - height * 0.54, height * 0.17, height * 0.48, leaf)
    scene.disk(x - height * 0.04, y - height * 0.5, height * 0.055, height * 0.26, shade(leaf, 1.15))


def palm(scene: Scenery, rng: random.Random, x: float, y: float, height: float, lean: float, leaf: Colour) -> None:
    """A palm whose trunk bends by ``lean`` of its height."""
    trunk = (196, 160, 122)
    points = [(x + lean * height * (t / 4) ** 1.6, y - height * t / 4) for t in range(5)]
    for index, (start, end) in enumerate(pairwise(points)):
        scene.taper(start, height * (0.05 - 0.006 * index), end, height * (0.036 - 0.005 * index), trunk)
        scene.disk(end[0], end[1], height * 0.03, height * 0.012, shade(trunk, 0.86))
    top_x, top_y = points[-1]
    turn = rng.uniform(-0.15, 0.15)
    for index, angle in enumerate((-2.15, 2.15, -1.55, 1.55, -0.85, 0.85, 0.1)):
        length = height * (0.24 if abs(angle) > 2 else 0.27)
        colour = shade(leaf, 0.84) if index < 2 else leaf if index < 4 else shade(leaf, 1.12)
        reach = angle + turn
        end = (top_x + math.sin(reach) * length, top_y - math.cos(reach) * length)
        scene.shape("leaf", end[0], end[1], height * 0.075, length, colour, reach + math.pi)
    scene.disk(top_x - height * 0.03, top_y + height * 0.02, height * 0.03, height * 0.03, (150, 108, 80))
    scene.disk(top_x + height * 0.035, top_y + height * 0.03, height * 0.03, height * 0.03, (134, 96, 74))


def bush(scene: Scenery, x: float, y: float, width: float, leaf: Colour) -> None:
    """A low round bush."""
    dark = shade(leaf, 0.86)
    scene.disk(x - width * 0.3, y - width * 0.16, width * 0.26, width * 0.2, dark)
    scene.disk(x + width * 0.3, y - width * 0.15, width * 0.25, width * 0.19, dark)
    scene.disk(x, y - width * 0.22, width * 0.32, width * 0.28, leaf)
    scene.disk(x - width * 0.07, y - width * 0.32, width * 0.16, width * 0.11, shade(leaf, 1.15))


def fern(scene: Scenery, x: float, y: float, size: float, leaf: Colour) -> None:
    """A fan of fronds."""
    for angle in (-1.25, 1.25, -0.7, 0.7, 0.0):
        colour = shade(leaf, 1.1 - 0.2 * abs(angle))
        middle = (x + math.sin(angle) * size * 0.5, y - math.cos(angle) * size * 0.5)
        scene.shape("leaf", middle[0], middle[1], size * 0.13, size * 0.52, colour, angle)


def flower(scene: Scenery, x: float, y: float, size: float, petal: Colour, heart: Colour = (250, 220, 130)) -> None:
    """A flower seen from the front, on a short stem."""
    scene.rect(x - size * 0.1, y - size * 1.2, x + size * 0.1, y, (124, 164, 104))
    scene.shape("burst", x, y - size * 1.3, size * 0.68, size * 0.68, petal)
    scene.disk(x, y - size * 1.3, size * 0.26, size * 0.26, heart)


def tulip(scene: Scenery, x: float, y: float, size: float, petal: Colour) -> None:
    """A cup-shaped flower on a stem."""
    scene.rect(x - size * 0.09, y - size * 1.3, x + size * 0.09, y, (124, 164, 104))
    scene.shape("drop", x, y - size * 1.5, size * 0.42, size * 0.55, petal)


def flowers(
    scene: Scenery, rng: random.Random, count: int, top: float, foot: float, petals: Sequence[Colour], size: float
) -> None:
    """Flowers over a field, larger towards the viewer, painted from far to near."""
    for y in sorted(rng.uniform(top, foot) for _ in range(count)):
        near = 0.45 + 0.55 * (y - top) / (foot - top)
        flower(scene, rng.uniform(0.01, 0.99), y, size * near, vary(rng, rng.choice(petals), 5))


def tufts(scene: Scenery, rng: random.Random, count: int, top: float, foot: float, grass: Colour) -> None:
    """Tufts of grass."""
    for _ in range(count):
        x, y = rng.uniform(0.0, 1.0), rng.uniform(top, foot)
        size = 0.02 * (0.5 + 0.8 * (y - top) / max(0.01, foot - top))
        for lean in (-0.5, 0.0, 0.5):
            scene.taper((x + lean * size * 0.5, y), size * 0.2, (x + lean * size * 1.6, y - size), size * 0.05, grass)


def reeds(scene: Scenery, rng: random.Random, x: float, y: float, height: float, count: int, stalk: Colour) -> None:
    """Bulrushes: stalks with brown heads."""
    for index in range(count):
        foot = x + (index - (count - 1) / 2) * height * 0.1
        tall, lean = height * rng.uniform(0.6, 1.0), rng.uniform(-0.1, 0.1) * height
        tip = (foot + lean, y - tall)
        scene.taper((foot, y), height * 0.018, tip, height * 0.01, mix(stalk, (90, 120, 90), 0.2))
        if index % 2 == 0:
            below = (foot + lean * 0.75, y - tall * 0.78)
            scene.taper(below, height * 0.034, (foot + lean * 0.95, y - tall * 0.94), height * 0.034, (150, 108, 78))
        else:
            scene.shape("leaf", foot - lean, y - tall * 0.45, height * 0.028, tall * 0.46, stalk, -lean * 3)


def cactus(scene: Scenery, x: float, y: float, height: float, green: Colour) -> None:
    """A saguaro with two arms."""
    stem = height * 0.1
    for way, low, high in ((-1, 0.34, 0.66), (1, 0.46, 0.8)):
        elbow = (x + way * height * 0.24, y - height * low)
        scene.taper((x, y - height * low), stem * 0.7, elbow, stem * 0.7, shade(green, 0.9))
        scene.taper(elbow, stem * 0.7, (elbow[0], y - height * high), stem * 0.66, green)
    scene.taper((x, y), stem, (x, y - height), stem * 0.9, green)
    scene.taper((x - stem * 0.35, y - stem), stem * 0.2, (x - stem * 0.35, y - height), stem * 0.2, shade(green, 1.16))
