"""One subject rides."""

from __future__ import annotations

import math
from collections.abc import Callable

from vivant.world.props.floor import lay_floor, seat, shadow, stretch_leg
from vivant.world.props.frame import Frame
from vivant.world.props.horse import BACK, COATS, horse_body, horse_far, nod, reins, saddle
from vivant.world.props.palette import BLUE, BRIGHTS, DARK, GREEN, ORANGE, RED, TEAL
from vivant.world.props.vehicles import Bicycle, Motorbike
from vivant.world.sketch import Colour
from vivant.world.stage import Stage

_MOTORBIKES: tuple[Colour, ...] = (RED, BLUE, GREEN, ORANGE, TEAL, DARK)


def riding_a_bike(stage: Stage) -> None:
    """Pedalling; any phase of the pedals."""
    rng = stage.rng
    floor = lay_floor(stage, 0.82, 0.6, up=1.27)
    frame = Frame(stage.sketch, floor.at(-0.03, 0.0), floor.unit, stage.side)
    build = stage.cast[0].build
    sole = 1.1 * build.limb
    # As high as lets either foot follow its pedal down: the hips are behind the bracket, one more than the other.
    leg = math.sqrt((1.12 * build.leg) ** 2 - 0.1**2)
    hips = Bicycle.BRACKET[1] + Bicycle.CRANK - Bicycle.PEDAL - sole - leg
    bicycle = Bicycle(frame, hips + 0.06, rng.uniform(0.0, math.tau))
    lean, tilt = rng.uniform(0.18, 0.32), rng.uniform(-0.2, 0.0)
    rider = seat(stage, floor, -0.1, hips, rng.uniform(0.7, 1.0), lean, tilt)
    for foot, (x, y) in ((rider.near, bicycle.near_pedal), (rider.far, bicycle.far_pedal)):
        rider.step(foot, frame.at(x - 0.02, y - Bicycle.PEDAL - sole))
    rider.reach(rider.near, frame.at(*Bicycle.GRIP))
    rider.reach(rider.far, frame.at(Bicycle.GRIP[0] + 0.06, Bicycle.GRIP[1]))
    for x, _ in (Bicycle.REAR, Bicycle.FRONT):
        shadow(stage, frame, x, 0.15)
    stage.paint(0, "far_arm")
    bicycle.draw_far(rng.uniform(0.0, 1.0))
    stage.paint(0, "tail", "back", "far_leg")
    bicycle.draw_frame(rng.choice(BRIGHTS))
    stage.paint(0, "torso")
    bicycle.draw_near()
    stage.paint(0, "near_leg", "head", "near_arm")


def riding_a_motorbike(stage: Stage) -> None:
    """Astride a motorbike at speed."""
    rng = stage.rng
    floor = lay_floor(stage, 0.82, 0.69, up=1.27)
    frame = Frame(stage.sketch, floor.at(0.05, 0.0), floor.unit, stage.side, -rng.uniform(0.0, 0.04))
    motorbike = Motorbike(frame)
    x, y = floor.inverse(frame.at(-0.12, Motorbike.SEAT_TOP - 0.06))
    rider = seat(stage, floor, x, y, rng.uniform(0.7, 1.0), rng.uniform(0.2, 0.34), rng.uniform(-0.22, -0.02))
    sole = 1.1 * rider.build.limb
    for leg in (rider.near, rider.far):
        stretch_leg(floor, rider, leg, 0.75, 0.75)
    rider.reach(rider.near, frame.at(*Motorbike.GRIP))
    rider.reach(rider.far, frame.at(Motorbike.GRIP[0] + 0.05, Motorbike.GRIP[1]))
    for x, _ in (Motorbike.REAR, Motorbike.FRONT):
        shadow(stage, frame, x, 0.18)
    motorbike.draw_smoke((rng.uniform(0.03, 0.05), rng.uniform(0.05, 0.065), rng.uniform(0.055, 0.085)))
    stage.paint(0, "tail", "far_arm", "back", "far_leg")
    motorbike.draw_body(rng.choice(_MOTORBIKES))
    stage.paint(0, "torso")
    foot = frame.inverse(rider.foot[rider.near])
    motorbike.draw_near((foot[0], foot[1] + sole))
    stage.paint(0, "near_leg", "head", "near_arm")


def riding_a_horse(stage: Stage) -> None:
    """Astride a cantering horse, reins in hand."""
    rng = stage.rng
    floor = lay_floor(stage, 0.76, 0.63, up=1.46)
    frame = Frame(stage.sketch, floor.at(-0.05, 0.0), floor.unit, stage.side, stage.jitter(0.07))
    gallop = rng.uniform(0.0, math.tau)
    x, y = floor.inverse(frame.at(-0.1, BACK - 0.05))
    rider = seat(stage, floor, x, y, rng.uniform(0.6, 1.0), rng.uniform(-0.08, 0.14), stage.jitter(0.1))
    hand = (rng.uniform(0.07, 0.12), rng.uniform(-0.66, -0.6))
    rider.reach(rider.near, frame.at(*hand))
    rider.reach(rider.far, frame.at(hand[0] + 0.04, hand[1] - 0.02))
    stretch_leg(floor, rider, rider.near, rng.uniform(0.2, 0.45), 0.95)
    coat = rng.choice(COATS)
    shadow(stage, floor, -0.03, 0.4)
    horse_far(frame, coat, gallop)
    stage.paint(0, "far_leg")
    horse_body(frame, coat, gallop)
    foot = frame.inverse(rider.foot[rider.near])
    saddle(frame, -0.1, rng.choice(BRIGHTS), (foot[0], foot[1] + 1.1 * rider.build.limb))
    stage.paint(0, "tail", "back", "far_arm", "torso")
    reins(frame, hand, nod(gallop))
    stage.paint(0, "near_leg", "head", "near_arm")


ACTS: dict[str, Callable[[Stage], None]] = {
    "riding a bike": riding_a_bike,
    "riding a horse": riding_a_horse,
    "riding a motorbike": riding_a_motorbike,
}
PLACES: dict[str, tuple[str, ...]] = {
    "riding a bike": ("road", "park", "village", "lakeside", "playground"),
    "riding a horse": ("meadow", "forest", "desert", "hilltop", "mountain"),
    "riding a motorbike": ("road", "desert", "mountain", "street court"),
}
"""Backdrops where a relation is natural."""
