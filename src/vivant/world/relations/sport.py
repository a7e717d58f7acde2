"""One subject at sports."""

from __future__ import annotations

import math
from collections.abc import Callable

from vivant.world.props import sport as props
from vivant.world.props.floor import lay_floor, seat, shadow, stand, stretch_leg
from vivant.world.props.frame import Frame
from vivant.world.props.palette import BLUE, BRIGHTS, DARK, GREEN, ORANGE, PURPLE, RED, YELLOW
from vivant.world.sketch import Colour
from vivant.world.stage import Stage

_WEIGHTS: tuple[Colour, ...] = (RED, BLUE, DARK, YELLOW, GREEN, PURPLE, ORANGE)
_SPRAY = ((-0.06, 0.0), (0.04, -0.03), (-0.02, -0.09), (-0.13, -0.11), (0.09, -0.13), (0.01, -0.2), (-0.12, -0.22))


def lifting_weights(stage: Stage) -> None:
    """A barbell pressed up beside the head, or held low before the belly."""
    rng = stage.rng
    floor = lay_floor(stage, 0.88, 0.57, up=1.18)
    lifter = stand(stage, floor, 0.0, rng.uniform(0.1, 0.25), stage.jitter(0.05), stage.jitter(0.08))
    low = rng.random() < 0.25
    build = lifter.build
    grip = 0.2 if low else 0.28
    wide = max(0.0, grip - 0.92 * build.girth)  # hands beside shoulders
    raised = build.torso - 0.045 + rng.uniform(0.75, 1.0) * math.sqrt((1.06 * build.arm) ** 2 - wide * wide)
    middle = lifter.along(rng.uniform(0.05, 0.12) if low else raised)
    bar = Frame(stage.sketch, middle, floor.unit, stage.side, stage.jitter(0.07))
    lifter.reach(lifter.near, bar.at(-grip, 0.0))
    lifter.reach(lifter.far, bar.at(grip, 0.0))
    for leg, way in ((lifter.near, -1.0), (lifter.far, 1.0)):
        stretch_leg(floor, lifter, leg, way * rng.uniform(0.15, 0.35), 1.0)
    shadow(stage, floor, 0.0, 0.28)
    if low:
        stage.paint_except(0, "far_arm", "head", "near_arm")
    props.barbell(bar, rng.choice(_WEIGHTS))
    if low:
        stage.paint(0, "far_arm", "head", "near_arm")
    else:
        stage.paint_except(0, "far_arm", "near_arm")
        stage.paint(0, "far_arm", "near_arm")


def skiing(stage: Stage) -> None:
    """Downhill on two skis, crouching, poles trailing, snow flying."""
    rng = stage.rng
    floor = lay_floor(stage, 0.85, 0.67, up=1.25)
    slope = rng.uniform(0.14, 0.28)
    build = stage.cast[0].build
    sole = 1.1 * build.limb
    snow = Frame(stage.sketch, floor.at(0.03, -0.1 - 0.5 * slope), floor.unit, stage.side, slope)
    hips = floor.inverse(snow.at(0.0, -sole - 0.85 * build.leg))[1]
    lean, tilt = rng.uniform(0.15, 0.38), rng.uniform(-0.15, 0.05)
    skier = seat(stage, floor, 0.0, hips, rng.uniform(0.55, 0.9), lean, tilt)
    skier.reach(skier.near, skier.along(rng.uniform(0.08, 0.14), stage.side * rng.uniform(0.14, 0.2)))
    skier.reach(skier.far, skier.along(0.12, stage.side * rng.uniform(0.26, 0.3)))
    skier.step(skier.near, snow.at(-0.02, -sole + 0.01))
    skier.step(skier.far, snow.at(0.12, -sole - 0.075))
    colour, poles = rng.sample(BRIGHTS, 2)
    swing = math.pi - rng.uniform(0.3, 0.6)
    props.snow_slope(snow, 0.52)
    props.ski(Frame(stage.sketch, snow.at(0.12, -0.075), floor.unit, stage.side, slope), colour, 0.44)
    props.ski_pole(Frame(stage.sketch, skier.hand[skier.far], floor.unit, stage.side, swing), 0.46, poles)
    stage.paint(0, "tail", "back", "far_leg", "far_arm", "torso", "near_leg", "head")
    props.ski(Frame(stage.sketch, snow.at(-0.02, 0.01), floor.unit, stage.side, slope), colour, 0.44)
    props.ski_pole(Frame(stage.sketch, skier.hand[skier.near], floor.unit, stage.side, swing), 0.5, poles)
    stage.paint(0, "near_arm")
    puffs = [(x + stage.jitter(0.03), y + stage.jitter(0.03)) for x, y in _SPRAY]
    props.snow_spray(Frame(stage.sketch, snow.at(-0.44, -0.02), floor.unit, stage.side, slope), puffs)


def playing_soccer(stage: Stage) -> None:
    """Kicking a football before a goal."""
    rng = stage.rng
    floor = lay_floor(stage, 0.86, 0.61)
    x = -0.1
    lean, tilt = rng.uniform(-0.28, -0.1), rng.uniform(0.0, 0.14)
    player = stand(stage, floor, x, rng.uniform(0.5, 0.85), lean, tilt)
    lift = rng.uniform(0.3, 0.9)
    stretch_leg(floor, player, player.near, math.cos(lift), math.sin(lift))
    toe = floor.inverse(player.foot[player.near])
    player.arm(player.near, rng.uniform(-1.2, -0.6), rng.uniform(-1.0, -0.3))
    player.arm(player.far, rng.uniform(0.7, 1.5), rng.uniform(1.0, 1.9))
    flown = rng.choice((0.0, rng.uniform(0.02, 0.1)))
    spot = floor.at(toe[0] + 0.2 + flown, toe[1] - 0.4 * flown)
    shadow(stage, floor, x, 0.2)
    shadow(stage, floor, toe[0] + 0.2 + flown, 0.1)
    props.goal(Frame(stage.sketch, floor.at(0.0, -0.09), floor.unit), 0.56, rng.uniform(0.54, 0.64))
    stage.paint(0)
    props.football(Frame(stage.sketch, spot, floor.unit, stage.side, rng.uniform(0.0, math.tau)), 0.12)


ACTS: dict[str, Callable[[Stage], None]] = {
    "lifting weights": lifting_weights,
    "skiing": skiing,
    "playing soccer": playing_soccer,
}
PLACES: dict[str, tuple[str, ...]] = {
    "lifting weights": ("gym", "ring", "beach", "rooftop"),
    "skiing": ("ski slope", "mountain"),
    "playing soccer": ("park", "meadow", "playground", "street court", "village"),
}
"""Backdrops where a relation is natural."""
