"""Standing next to each other, one to five; and what all scenes of more than one subject share."""

from __future__ import annotations

import math
from collections.abc import Callable

from vivant.world.puppet import SIDES, Puppet, Side, standing_height
from vivant.world.stage import Stage

_EDGE = 0.035  # what stays free beside the action, fraction of the picture
PLACED = ((0, -1.0), (1, 1.0))
"""Index in the cast and side of the picture of two who face each other, before `Stage.side` mirrors them."""
_TURNS = (-0.75, -0.4, 0.0, 0.0, 0.4, 0.75)


def half_body(stage: Stage, index: int) -> float:
    """Half the width of a figure's torso, in the measure of `Stage.at`."""
    return stage.cast[index].build.girth * stage.height(index) / stage.zoom


def half_head(stage: Stage, index: int) -> float:
    """Half the width of a figure's head, in the measure of `Stage.at`."""
    build = stage.cast[index].build
    return build.head * build.head_width * stage.height(index) / stage.zoom


def head_shift(stage: Stage, index: int, facing: float, lean: float, tilt: float) -> float:
    """How far ahead of its hips a figure's head lies, in the measure of `Stage.at`."""
    build = stage.cast[index].build
    shift = build.torso * math.sin(lean) + build.head * (0.86 * math.sin(0.5 * lean + tilt) + 0.12 * facing)
    return shift * stage.height(index) / stage.zoom


def opposite(
    stage: Stage,
    index: int,
    side: float,
    *,
    gap: float,
    facing: float,
    lean: float = 0.0,
    tilt: float = 0.0,
    scale: float = 1.0,
    crouch: float = 1.0,
) -> Puppet:
    """A standing figure that faces the middle of the action.

    Args:
        stage: where.
        index: in the cast.
        side: -1 or 1, where it stands.
        gap: from the middle to its head, in half-widths of the head: at 1 two heads touch.
        facing, lean, tilt: towards the middle.
        scale: of its height.
        crouch: height of the hips beside standing straight.
    """
    apart = scale * (gap * half_head(stage, index) + head_shift(stage, index, facing, lean, tilt))
    hips = stage.ground - crouch * standing_height(stage.cast[index].build) * stage.height(index) * scale
    return stage.place(index, side * apart, hips, -side * facing, lean=-side * lean, tilt=-side * tilt, scale=scale)


def make_room(stage: Stage, behind: float, ahead: float) -> None:
    """Move the middle of the action so that all from ``-behind`` to ``ahead`` lies in the picture, or as much as can.

    Args:
        stage: nothing may be posed on it yet.
        behind, ahead: in the measure of `Stage.at`, from the middle.
    """
    left, right = (behind, ahead) if stage.side > 0 else (ahead, behind)
    lowest, highest = _EDGE + left * stage.zoom, 1.0 - _EDGE - right * stage.zoom
    stage.centre = min(max(stage.centre, lowest), highest) if lowest <= highest else (lowest + highest) / 2


def ground_shadow(stage: Stage, puppet: Puppet, share: float = 1.0) -> None:
    """The soft shadow under a standing figure, ``share`` times as wide as usual."""
    feet = (puppet.foot["left"][0] + puppet.foot["right"][0]) / 2
    spread = abs(puppet.foot["left"][0] - puppet.foot["right"][0]) / 2
    stage.shadow(feet, share * (spread + 0.16 * puppet.unit))


def plant(stage: Stage, puppet: Puppet, side: Side, ahead: float) -> None:
    """Put a foot on the ground, ``ahead`` of the hips in heights of the figure."""
    x = puppet.root[0] + puppet.forward * ahead * puppet.unit
    puppet.step(side, (x, stage.ground - 1.1 * puppet.build.limb * puppet.unit))


def paint_both(stage: Stage, front: int, *steps: tuple[str, ...]) -> None:
    """Step by step the same layers of both, in each step the one ``front`` last."""
    for layers in steps:
        stage.paint(1 - front, *layers)
        stage.paint(front, *layers)


def standing(stage: Stage) -> None:
    """One at ease, or two to five side by side, every other one a little behind."""
    rng = stage.rng
    count = len(stage.cast)
    order = rng.sample(range(count), count)
    waving = rng.choice((None, 0, count - 1)) if count <= 3 else None
    first, last = (
        max(1.25 * half_head(stage, order[end]), half_body(stage, order[end]) + (0.12 if end == waving else 0.05))
        for end in (0, count - 1)
    )
    widest = max(half_head(stage, index) for index in order)
    span = min(2 * widest * rng.uniform(1.0, 1.4) * (count - 1), (1.0 - 2 * _EDGE) / stage.zoom - first - last)
    make_room(stage, span / 2 + first, span / 2 + last)
    second_row = rng.randrange(2)
    depths = []
    for place, index in enumerate(order):
        is_behind = count > 1 and place % 2 == second_row
        depths.append(rng.uniform(0.02, 0.05) if is_behind else rng.uniform(0.0, 0.012))
        share = place / (count - 1) - 0.5 if count > 1 else 0.0
        puppet = _at_ease(stage, index, span * share, depths[place], outward=share if abs(share) == 0.5 else 0.0)
        if place == waving:
            _wave(stage, puppet, "left" if puppet.root[0] > 0.5 else "right")
    for place in sorted(range(count), key=lambda place: -depths[place]):
        puppet = stage.puppets[order[place]]
        stage.shadow(puppet.root[0], 0.2 * puppet.unit, stage.ground - depths[place])
        stage.paint(order[place])


def _at_ease(stage: Stage, index: int, dx: float, depth: float, outward: float) -> Puppet:
    """A figure in one of a few idle poses.

    Args:
        stage: where.
        index: in the cast.
        dx: from the middle of the action.
        depth: how far further back, in fractions of the picture.
        outward: the sign of ``dx`` at the ends of a row, where nobody turns inward: a tail would leave the picture.
    """
    rng = stage.rng
    scale = (0.91 if len(stage.cast) == 1 else 1.0) - 0.9 * depth
    hips = stage.ground - depth - standing_height(stage.cast[index].build) * stage.height(index) * scale
    facing = rng.choice(_TURNS) + stage.jitter(0.1)
    if outward:
        facing = math.copysign(0.8 * facing, outward)
    puppet = stage.place(index, dx, hips, facing, lean=stage.jitter(0.05), scale=scale)
    puppet.turn_head(stage.jitter(0.12), 0.6 * puppet.facing + stage.jitter(0.2))
    pose = rng.randrange(4)
    for side in SIDES:
        away = puppet.outward(side) * puppet.build.girth
        if pose == 0:  # hands on the hips
            puppet.reach(side, puppet.along(0.04, 0.9 * away))
        elif pose == 1:  # together on the belly
            puppet.reach(side, puppet.along(0.07, 0.15 * away + 0.03 * puppet.facing))
        else:
            swing = rng.uniform(0.05, 0.5)
            puppet.arm(side, swing, swing + rng.uniform(-0.1, 0.4))
    return puppet


def _wave(stage: Stage, puppet: Puppet, side: Side) -> None:
    x, y = puppet.shoulder[side]
    away = puppet.outward(side)
    lift = stage.rng.uniform(0.12, 0.2) * puppet.unit
    puppet.reach(side, (x + 0.17 * away * puppet.unit, y - lift), bend=-away)


ACTS: dict[str, Callable[[Stage], None]] = {"standing next to": standing}
PLACES: dict[str, tuple[str, ...]] = {
    "standing next to": ("park", "garden", "beach", "meadow", "village", "lakeside", "forest", "playground", "hilltop")
}
