"""Skies and what lies under them: suns, moons, clouds, rolling hills, distant peaks."""

from __future__ import annotations

import math
import random

from vivant.world.backdrops.scenery import Scenery, vary
from vivant.world.sketch import Colour, Point, mix, shade

CLOUD: Colour = (252, 250, 246)

DAY_SKIES: tuple[tuple[Colour, Colour], ...] = (
    ((150, 200, 232), (226, 240, 240)),
    ((128, 190, 224), (236, 240, 222)),
    ((176, 208, 232), (250, 236, 220)),
    ((142, 206, 214), (240, 244, 224)),
)
"""Top and foot of skies by day."""
WARM_SKIES: tuple[tuple[Colour, Colour], ...] = (
    ((166, 184, 222), (252, 220, 190)),
    ((236, 178, 158), (254, 230, 188)),
    ((190, 176, 214), (252, 214, 200)),
)
"""Skies of morning and evening."""


def sky(scene: Scenery, rng: random.Random, horizon: float, *, warm: float = 0.3) -> Colour:
    """A sky down to the horizon, warm with that probability; the colour of its foot, which tints what is far."""
    top, foot = rng.choice(WARM_SKIES if rng.random() < warm else DAY_SKIES)
    scene.gradient(0.0, horizon + 0.02, top, foot)
    return foot


def sun(scene: Scenery, x: float, y: float, radius: float, colour: Colour = (255, 240, 190)) -> None:
    """A pale sun with its halo."""
    scene.disk(x, y, radius, radius, colour)
    scene.glow(x, y, radius * 5, radius * 5, (255, 240, 200), 0.55)


def moon(scene: Scenery, x: float, y: float, radius: float) -> None:
    """A full moon with its halo."""
    scene.disk(x, y, radius, radius, (250, 244, 218))
    scene.disk(x - radius * 0.3, y - radius * 0.2, radius * 0.22, radius * 0.2, (232, 224, 200))
    scene.disk(x + radius * 0.28, y + radius * 0.35, radius * 0.28, radius * 0.24, (236, 228, 204))
    scene.glow(x, y, radius * 4.5, radius * 4.5, (214, 216, 250), 0.5)


def cloud(scene: Scenery, x: float, y: float, width: float, colour: Colour = CLOUD) -> None:
    """A flat-footed heap of a cloud; y is its foot."""
    scene.taper(
        (x - width * 0.38, y - width * 0.09), width * 0.09, (x + width * 0.38, y - width * 0.09), width * 0.09, colour
    )
    scene.disk(x - width * 0.16, y - width * 0.2, width * 0.18, width * 0.17, colour)
    scene.disk(x + width * 0.1, y - width * 0.24, width * 0.21, width * 0.2, colour)
    scene.disk(x + width * 0.28, y - width * 0.14, width * 0.13, width * 0.12, colour)


def clouds(
    scene: Scenery, rng: random.Random, count: int, top: float, foot: float, colour: Colour = CLOUD, size: float = 0.26
) -> None:
    """Clouds spread over the width between two heights; lower ones are smaller."""
    start = rng.random()
    for index in range(count):
        x = (start + (index + rng.uniform(0.0, 0.5)) / count) % 1.0
        y = rng.uniform(top, foot)
        cloud(scene, x, y, size * rng.uniform(0.7, 1.1) * (1.15 - 0.8 * (y - top)), colour)


def stars(scene: Scenery, rng: random.Random, count: int, foot: float, colour: Colour = (244, 240, 214)) -> None:
    """Stars, some of them large."""
    for _ in range(count):
        radius = rng.choice((0.005, 0.005, 0.008))
        scene.disk(rng.random(), rng.uniform(0.02, foot), radius, radius, colour)


def ridge(rng: random.Random, y: float, swell: float, waves: float) -> list[Point]:
    """The skyline of rolling land: points from the left border to the right."""
    phase, other = rng.uniform(0, math.tau), rng.uniform(0, math.tau)
    return [
        (-0.02 + 1.04 * i / 24, y - swell * (0.6 * math.sin(waves * i / 24 * math.tau + phase)
                                             + 0.4 * math.sin(waves * 1.9 * i / 24 * math.tau + other)))
        for i in range(25)
    ]  # fmt: skip


def hills(
    scene: Scenery, rng: random.Random, y: float, swell: float, colour: Colour, waves: float = 1.4
) -> list[Point]:
    """Rolling land from its skyline down to the foot of the plate; the skyline."""
    line = ridge(rng, y, swell, waves)
    scene.poly([*line, (1.02, 1.02), (-0.02, 1.02)], colour)
    return line


def far_hills(scene: Scenery, rng: random.Random, horizon: float, colour: Colour, haze: Colour) -> None:
    """Two lines of hills that fade into the colour of the sky."""
    hills(scene, rng, horizon - 0.08, 0.035, mix(vary(rng, colour), haze, 0.62), 1.1)
    hills(scene, rng, horizon - 0.03, 0.025, mix(vary(rng, colour), haze, 0.35), 1.7)


def peak(scene: Scenery, x: float, foot: float, width: float, height: float, rock: Colour, snow: Colour) -> None:
    """A mountain, lit from the left, with a ragged cap of snow."""
    left, right, top = (x - width / 2, foot), (x + width / 2, foot), (x, foot - height)
    ridge_foot = (x + width * 0.08, foot)
    scene.poly([left, top, ridge_foot], rock)
    scene.poly([ridge_foot, top, right], shade(rock, 0.86))

    def at(side: float, down: float) -> Point:
        return (x + side * width / 2 * down, foot - height * (1 - down))

    middle = (x + width * 0.08 * 0.42, foot - height * 0.58)
    scene.poly([top, middle, at(-0.42, 0.36), at(-0.62, 0.46), at(-1, 0.34)], snow)
    scene.poly([top, at(1, 0.36), at(0.7, 0.3), at(0.5, 0.42), middle], mix(snow, rock, 0.3))
