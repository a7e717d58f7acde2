"""Two against each other: fencing, boxing, wrestling."""

from __future__ import annotations

import math
from collections.abc import Callable

from vivant.world.props.arms import flash, foil, glove, mat
from vivant.world.props.palette import BLUE, BRIGHTS, CREAM, GREEN, ORANGE, PURPLE, RED, TEAL, YELLOW
from vivant.world.puppet import Puppet, Side
from vivant.world.relations.together import PLACED, ground_shadow, make_room, opposite, paint_both, plant
from vivant.world.sketch import Colour, Point
from vivant.world.stage import Stage

_CORNERS: tuple[tuple[Colour, Colour], ...] = ((RED, BLUE), (BLUE, RED), (RED, GREEN), (PURPLE, ORANGE))
_MATS: tuple[tuple[Colour, Colour], ...] = ((BLUE, YELLOW), (RED, CREAM), (TEAL, YELLOW), (ORANGE, BLUE))


def fencing(stage: Stage) -> None:
    """Both lunge, the blades cross between their heads, the free arms fly up behind."""
    rng = stage.rng
    make_room(stage, 0.43, 0.43)
    pair = [_lunge(stage, index, side) for index, side in PLACED]
    cross = stage.between(pair[0].head, pair[1].head)
    for index, puppet in enumerate(pair):
        ground_shadow(stage, puppet)
        stage.paint_except(index, "near_arm")
    for index, (puppet, colour) in enumerate(zip(pair, rng.sample(BRIGHTS, 2), strict=True)):
        hand = puppet.hand[puppet.far]
        tip = _beyond(hand, (cross[0], cross[1] + stage.jitter(0.02)), 0.5 * puppet.unit)
        foil(stage.sketch, hand, tip, 0.078 * puppet.unit, colour)
        stage.paint(index, "near_arm")


def _lunge(stage: Stage, index: int, side: float) -> Puppet:
    rng = stage.rng
    puppet = opposite(
        stage, index, side, gap=1.5, facing=rng.uniform(0.75, 0.95), lean=rng.uniform(-0.02, 0.14), tilt=-0.1,
        scale=0.85, crouch=rng.uniform(0.78, 0.9),
    )  # fmt: skip
    plant(stage, puppet, puppet.far, rng.uniform(0.16, 0.2))
    plant(stage, puppet, puppet.near, -rng.uniform(0.14, 0.18))
    puppet.arm(puppet.near, -rng.uniform(1.2, 1.6), -rng.uniform(2.4, 3.0))
    puppet.reach(puppet.far, puppet.along(rng.uniform(0.17, 0.23), 0.2 * puppet.forward))
    return puppet


def _beyond(start: Point, through: Point, length: float) -> Point:
    """The point that far from the start on the way through another, and at least a third beyond that."""
    dx, dy = through[0] - start[0], through[1] - start[1]
    share = max(1.33, length / max(1e-6, math.hypot(dx, dy)))
    return (start[0] + share * dx, start[1] + share * dy)


def fighting(stage: Stage) -> None:
    """Boxing: one glove lands on the other's cheek, the rest are up."""
    rng = stage.rng
    make_room(stage, 0.43, 0.43)
    striker = rng.randrange(2)
    pair = [_guard(stage, index, side, index == striker) for index, side in PLACED]
    hitter, struck = pair[striker], pair[1 - striker]
    cheek = struck.on_head(0.95 * struck.forward, 0.45)
    hitter.reach(hitter.far, cheek)
    hitter.reach(hitter.near, hitter.along(0.15, 0.08 * hitter.forward))
    struck.reach(struck.far, struck.along(0.1, 0.18 * struck.forward))
    struck.arm(struck.near, -rng.uniform(0.6, 1.0), -rng.uniform(2.1, 2.7))
    for puppet in pair:
        ground_shadow(stage, puppet)
    stage.paint_except(1 - striker, "near_arm")
    stage.paint_except(striker, "near_arm")
    star = (cheek[0] + 0.02 * struck.forward, cheek[1] - 0.19 * struck.unit)
    flash(stage.sketch, star, rng.uniform(0.07, 0.085), rng.uniform(0.0, 1.0))
    colours = rng.choice(_CORNERS)
    for index in (1 - striker, striker):
        _glove(stage, index, pair[index].far, colours[index])
    for index in (1 - striker, striker):
        stage.paint(index, "near_arm")
        _glove(stage, index, pair[index].near, colours[index])


def _guard(stage: Stage, index: int, side: float, strikes: bool) -> Puppet:
    """Leaning into the blow, or thrown back by it; the face half towards the viewer, clear of the gloves."""
    rng = stage.rng
    lean = rng.uniform(0.24, 0.34) if strikes else -rng.uniform(0.06, 0.16)
    tilt = -rng.uniform(0.0, 0.1) if strikes else -rng.uniform(0.1, 0.25)
    gap, facing = (1.1 if strikes else 1.15), rng.uniform(0.65, 0.9)
    puppet = opposite(stage, index, side, gap=gap, facing=facing, lean=lean, tilt=tilt, scale=0.9, crouch=0.94)
    puppet.turn_head(tilt * puppet.forward, rng.uniform(0.3, 0.55) * puppet.forward)
    plant(stage, puppet, puppet.far, rng.uniform(0.08, 0.13))
    plant(stage, puppet, puppet.near, -rng.uniform(0.08, 0.13))
    return puppet


def _glove(stage: Stage, index: int, side: Side, colour: Colour) -> None:
    puppet = stage.puppets[index]
    part = 1 + 4 * index + 2 * (side == puppet.near)
    glove(stage.sketch, puppet.elbow[side], puppet.hand[side], 0.085 * puppet.unit, colour, part)


def wrestling(stage: Stage) -> None:
    """On a mat, legs wide, bent far forward, arms locked; one is lower and in front."""
    rng = stage.rng
    make_room(stage, 0.4, 0.4)
    low = rng.randrange(2)
    pair = [_crouch(stage, index, side, index == low) for index, side in PLACED]
    high = pair[1 - low]
    # The one behind looks up and out, so that its face shows beside the other's.
    high.turn_head(-0.3 * high.forward, stage.jitter(0.1))
    for puppet, other in (pair, pair[::-1]):
        puppet.reach(puppet.near, other.shoulder[other.far])
        puppet.reach(puppet.far, other.along(0.1))
    middle = stage.between(pair[0].root, pair[1].root)[0]
    mat(stage.sketch, middle, stage.ground - 0.02, 0.36 * stage.zoom, *rng.choice(_MATS))
    stage.shadow(middle, 0.38 * stage.zoom)
    paint_both(stage, low, ("tail", "back", "far_leg", "far_arm"), ("torso", "near_leg"), ("head",), ("near_arm",))


def _crouch(stage: Stage, index: int, side: float, low: bool) -> Puppet:
    rng = stage.rng
    puppet = opposite(
        stage, index, side, gap=0.76, facing=rng.uniform(0.6, 0.8), lean=rng.uniform(0.95, 1.1) if low else
        rng.uniform(0.65, 0.85), tilt=-rng.uniform(0.3, 0.45), scale=0.89, crouch=rng.uniform(0.85, 0.95),
    )  # fmt: skip
    plant(stage, puppet, puppet.far, rng.uniform(0.12, 0.16))
    plant(stage, puppet, puppet.near, -rng.uniform(0.14, 0.18))
    return puppet


ACTS: dict[str, Callable[[Stage], None]] = {
    "fencing with": fencing,
    "wrestling with": wrestling,
    "fighting with": fighting,
}
PLACES: dict[str, tuple[str, ...]] = {
    "fencing with": ("ballroom", "gym", "garden", "rooftop", "village"),
    "wrestling with": ("gym", "ring", "meadow", "beach", "playground"),
    "fighting with": ("ring", "gym", "street court", "rooftop", "road"),
}
