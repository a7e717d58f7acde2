"""Where games are played outdoors: street court, playground."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from vivant.world.backdrops.plants import LEAVES, round_tree
from vivant.world.backdrops.scenery import WHITE, Scenery, vary
from vivant.world.backdrops.sky import clouds, sky
from vivant.world.sketch import Colour, Point, mix, shade


def street_court(scene: Scenery, rng: random.Random) -> None:
    """A court between houses: a painted wall, a wire fence, bright lines, street lights."""
    horizon = 0.63
    haze = sky(scene, rng, 0.5, warm=0.35)
    for index in range(6):
        x, top = index / 6 - 0.02, rng.uniform(0.1, 0.24)
        house = mix(vary(rng, rng.choice(((196, 150, 136), (206, 184, 164), (160, 168, 186))), 6), haze, 0.35)
        scene.rect(x, top, x + 0.172, horizon, house)
        for row in range(2):
            for column in range(3):
                left, up = x + 0.026 + column * 0.048, top + 0.04 + row * 0.08
                scene.rect(left, up, left + 0.026, up + 0.046, mix(house, (236, 240, 240), 0.5))
    _wire_fence(scene, 0.2, 0.4, mix((126, 138, 148), haze, 0.3))
    brick = vary(rng, rng.choice(((204, 178, 166), (190, 188, 194), (212, 196, 170))), 5)
    scene.rect(-0.02, 0.385, 1.02, horizon, brick)
    scene.rect(-0.02, 0.375, 1.02, 0.398, shade(brick, 1.4))
    _graffiti(scene, rng, 0.515)
    court, zone = rng.choice((
        ((126, 160, 190), (214, 146, 122)), ((206, 148, 124), (134, 170, 158)), ((132, 172, 156), (226, 184, 122)),
        ((166, 152, 190), (236, 196, 138)),
    ))  # fmt: skip
    scene.gradient(horizon, 1.02, mix(zone, haze, 0.2), zone)
    white = (248, 244, 236)
    _zone(scene, 0.66, 0.09, -0.16, white)
    _zone(scene, 0.672, 0.1, -0.12, court)
    for x in (0.25, 0.75):
        scene.poly(
            [
                (0.5 + (x - 0.5) * 0.9, 0.672),
                (0.5 + (x - 0.5) * 0.93, 0.672),
                (x * 1.5 - 0.24, 1.02),
                (x * 1.5 - 0.26, 1.02),
            ],
            white,
        )
    scene.disk(0.5, 0.84, 0.3, 0.075, white)
    scene.disk(0.5, 0.84, 0.28, 0.066, court)
    for x in (rng.uniform(0.13, 0.2), rng.uniform(0.8, 0.87)):
        _street_light(scene, x, 0.65)


def _zone(scene: Scenery, far: float, edge: float, foot: float, colour: Colour) -> None:
    scene.poly([(edge, far), (1 - edge, far), (1 - foot, 1.02), (foot, 1.02)], colour)


def _graffiti(scene: Scenery, rng: random.Random, y: float) -> None:
    colours: list[Colour] = [(226, 130, 132), (244, 192, 112), (116, 178, 180), (164, 138, 196), (148, 190, 128)]
    rng.shuffle(colours)
    shapes = rng.sample(("star", "heart", "burst", "drop", "diamond", "cushion"), 5)
    for index, name in enumerate(shapes):
        x, up, size = 0.1 + index * 0.2, y + rng.uniform(-0.012, 0.012), rng.uniform(0.07, 0.085)
        colour, turn = colours[index], rng.uniform(-0.2, 0.2)
        scene.disk(x + 0.09, up + 0.02, 0.075, 0.062, mix(colours[index - 2], WHITE, 0.25))
        scene.disk(x - 0.07, up - 0.03, 0.05, 0.042, mix(colours[index - 3], WHITE, 0.35))
        scene.shape(name, x, up, size * 1.24, size * 1.28, (252, 248, 242), turn)
        scene.shape(name, x, up, size, size * 1.06, colour, turn)
        scene.shape(name, x - size * 0.06, up - size * 0.08, size * 0.5, size * 0.55, shade(colour, 1.4), turn)


def _wire_fence(scene: Scenery, top: float, foot: float, wire: Colour) -> None:
    count, tall = 10, foot - top
    for index in range(-2, count + 1):
        x = index / count
        scene.line([(x, foot), (x + tall, top)], 0.0026, wire)
        scene.line([(x, top), (x + tall, foot)], 0.0026, wire)
    for x in (0.04, 0.35, 0.65, 0.96):
        scene.rect(x - 0.01, top - 0.02, x + 0.01, foot, shade(wire, 0.9))
    scene.rect(-0.02, top - 0.009, 1.02, top + 0.009, shade(wire, 0.9))


def _street_light(scene: Scenery, x: float, foot: float) -> None:
    steel, way = (112, 122, 134), 1 if x < 0.5 else -1
    scene.rect(x - 0.011, 0.1, x + 0.011, foot, steel)
    scene.line([(x, 0.1), (x + way * 0.03, 0.075), (x + way * 0.1, 0.075)], 0.009, steel)
    scene.shape("dome", x + way * 0.11, 0.095, 0.045, 0.026, steel)
    scene.disk(x + way * 0.11, 0.097, 0.034, 0.012, (255, 246, 214))


def playground(scene: Scenery, rng: random.Random) -> None:
    """A slide, swings, a sandpit, a bright paling, soft ground."""
    horizon = 0.58
    haze = sky(scene, rng, horizon, warm=0.15)
    clouds(scene, rng, 3, 0.1, 0.3)
    season = rng.choice(("spring", "summer", "autumn"))
    for x in (-0.02, 0.18, 0.4, 0.62, 0.82, 1.03):
        round_tree(scene, rng, x, horizon, rng.uniform(0.26, 0.34), mix(rng.choice(LEAVES[season]), haze, 0.45))
    paint = [(232, 150, 138), (246, 208, 130), (146, 190, 214), (166, 204, 150)]
    rng.shuffle(paint)
    for index in range(22):
        x, top = index / 21, 0.475 + 0.012 * math.cos(index * math.pi)
        scene.block(x - 0.017, top, x + 0.017, horizon + 0.05, mix(paint[index % 4], haze, 0.25))
    scene.rect(-0.02, 0.54, 1.02, 0.555, (250, 246, 238))
    scene.rect(-0.02, horizon + 0.02, 1.02, 0.7, mix((190, 206, 150), haze, 0.25))
    ground = vary(rng, rng.choice(((232, 176, 148), (176, 204, 190), (228, 196, 160))), 6)
    scene.gradient(horizon + 0.03, 1.02, mix(ground, haze, 0.25), ground)
    for x, y, rx in ((0.5, 0.92, 0.34), (0.12, 0.72, 0.2)):
        scene.disk(x, y, rx, rx * 0.24, mix(ground, (255, 250, 240), 0.35))
    _swings(scene, rng, rng.uniform(0.76, 0.8), 0.76, paint)
    _slide(scene, rng.uniform(0.16, 0.2), 0.8, paint)
    scene.disk(0.88, 0.92, 0.2, 0.055, paint[3])
    scene.disk(0.88, 0.915, 0.18, 0.044, (248, 230, 188))
    scene.shape("dome", 0.92, 0.92, 0.05, 0.045, (238, 214, 166))
    scene.poly([(0.81, 0.87), (0.86, 0.87), (0.852, 0.92), (0.818, 0.92)], paint[0])


def _swings(scene: Scenery, rng: random.Random, x: float, y: float, paint: Sequence[Colour]) -> None:
    frame, top = shade(paint[2], 0.86), y - 0.42
    for side in (-1, 1):
        for slant in (-0.05, 0.05):
            scene.taper((x + side * 0.19, top), 0.011, (x + side * 0.2 + slant, y + 0.02 * (slant > 0)), 0.011, frame)
    scene.rect(x - 0.2, top - 0.012, x + 0.2, top + 0.012, frame)
    for middle in (-0.085, 0.085):
        sway = rng.uniform(-0.05, 0.05)
        for chain in (-0.032, 0.032):
            scene.line([(x + middle + chain, top), (x + middle + chain + sway, y - 0.1)], 0.0035, (136, 132, 140))
        scene.block(x + middle + sway - 0.048, y - 0.11, x + middle + sway + 0.048, y - 0.088, paint[0])


def _slide(scene: Scenery, x: float, y: float, paint: Sequence[Colour]) -> None:
    post, deck = shade(paint[0], 0.92), y - 0.33
    for side in (-0.11, -0.01):
        scene.rect(x + side - 0.011, deck - 0.14, x + side + 0.011, y, post)
    for row in range(5):
        scene.rect(x - 0.11, y - 0.05 - row * 0.062, x - 0.01, y - 0.036 - row * 0.062, shade(post, 1.2))
    scene.poly([(x - 0.15, deck - 0.13), (x - 0.06, deck - 0.24), (x + 0.03, deck - 0.13)], paint[2])
    chute: list[Point] = [(x + 0.0, deck), (x + 0.08, deck + 0.1), (x + 0.15, y - 0.06), (x + 0.21, y - 0.025)]
    scene.line(chute, 0.036, shade(paint[1], 0.88))
    scene.line([(px, py - 0.012) for px, py in chute], 0.028, paint[1])
    scene.rect(x - 0.13, deck - 0.012, x + 0.02, deck + 0.014, shade(post, 0.9))
