"""Individuals drawn on puppets: a figure as layers of flat shapes."""

from __future__ import annotations

from vivant.world.cast import Individual
from vivant.world.figure import accessories, body, outfits
from vivant.world.figure.hair import long_hair
from vivant.world.figure.heads import head
from vivant.world.figure.parts import HEAD_PARTS, LAYERS, PART, PARTS_OF, visible_parts
from vivant.world.figure.pen import Pen
from vivant.world.figure.tails import tail
from vivant.world.figure.wear import wear_of
from vivant.world.puppet import SIDES, Puppet
from vivant.world.sketch import Sketch

__all__ = ["HEAD_PARTS", "LAYERS", "PART", "PARTS_OF", "draw_figure", "visible_parts"]


def draw_figure(individual: Individual, puppet: Puppet, owner: int) -> dict[str, Sketch]:
    """An individual in a pose.

    Args:
        individual: who.
        puppet: the pose.
        owner: 1 to 7: whose pixels they are, see `sketch.PARTS`.

    Returns:
        A sketch for each of `LAYERS`.
    """
    pen = Pen(individual, puppet, owner)
    wear = wear_of(individual)
    tail(pen)
    accessories.on_back(pen)
    long_hair(pen)
    for side in SIDES:
        body.leg(pen, side, wear)
        body.arm(pen, side, wear)
    body.torso(pen)
    outfits.seat(pen, wear)
    outfits.garment(pen, wear)
    outfits.skirt(pen, wear)
    accessories.on_chest(pen)
    accessories.on_neck(pen)
    head(pen)
    return pen.layers
