"""The floor of a scene with one subject: everything on it is measured in the subject's heights."""

from __future__ import annotations

from vivant.world.props.frame import Frame
from vivant.world.puppet import Puppet, Side, standing_height
from vivant.world.sketch import Point
from vivant.world.stage import Stage

_BORDER = 0.03  # of the picture, kept free of the action


def lay_floor(stage: Stage, scale: float, half: float, up: float = 1.15) -> Frame:
    """The frame of a scene: (0, 0) is on the ground in the middle of the action, its unit the subject's height.

    The subject is made smaller than asked where the action would leave the picture.

    Args:
        stage: where it is acted.
        scale: of the subject, as `Stage.stand` takes it.
        half: how far the action reaches to either side, in the subject's heights.
        up: how far it reaches above the ground, likewise.
    """
    wide = (min(stage.centre, 1.0 - stage.centre) - _BORDER) / half
    unit = min(scale * stage.height(0), wide, (stage.ground - _BORDER) / up)
    return Frame(stage.sketch, (stage.centre, stage.ground), unit, stage.side)


def seat(stage: Stage, floor: Frame, x: float, hips: float, facing: float, lean: float, tilt: float) -> Puppet:
    """The subject with its hips at (x, hips) of the floor; the rest as `Stage.place`."""
    dx = x * floor.unit / stage.zoom
    scale = floor.unit / stage.height(0)
    return stage.place(0, dx, floor.at(x, hips)[1], facing, lean=lean, tilt=tilt, scale=scale)


def stand(stage: Stage, floor: Frame, x: float, facing: float, lean: float, tilt: float) -> Puppet:
    """The subject standing at that x."""
    return seat(stage, floor, x, -standing_height(stage.cast[0].build), facing, lean, tilt)


def stretch_leg(floor: Frame, puppet: Puppet, side: Side, ahead: float, down: float) -> None:
    """A foot that far ahead of and below its hip, in lengths of the leg: within reach of any build up to 1.1 away."""
    x, y = floor.inverse(puppet.hip[side])
    leg = puppet.build.leg
    puppet.step(side, floor.at(x + ahead * leg, y + down * leg))


def shadow(stage: Stage, floor: Frame, x: float, half: float) -> None:
    """A soft shadow on the floor around that x, reaching ``half`` to either side."""
    stage.shadow(floor.at(x, 0.0)[0], half * floor.unit)


def within(point: Point, margin: float) -> Point:
    """That point, moved so that it keeps a margin to every side of the picture."""
    return (min(max(point[0], margin), 1.0 - margin), min(max(point[1], margin), 1.0 - margin))
