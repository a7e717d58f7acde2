"""One subject makes music, or moves to it."""

from __future__ import annotations

from collections.abc import Callable

from vivant.world.props.floor import lay_floor, seat, shadow, stand, stretch_leg, within
from vivant.world.props.frame import Frame
from vivant.world.props.moods import open_mouth
from vivant.world.props.music import grand_piano, guitar, microphone_stand, note, stool
from vivant.world.props.palette import (
    BLUE,
    BRIGHTS,
    DARK,
    DARK_WOOD,
    ORANGE,
    PALE_WOOD,
    PINK,
    PURPLE,
    RED,
    TEAL,
    WOOD,
    YELLOW,
)
from vivant.world.props.sport import dance_floor, mirror_ball
from vivant.world.sketch import Colour, Point
from vivant.world.stage import Stage

_GUITARS: tuple[Colour, ...] = (ORANGE, PALE_WOOD, RED, WOOD, TEAL, YELLOW)
_PIANOS: tuple[Colour, ...] = (DARK, DARK, DARK_WOOD, (150, 52, 52), (238, 232, 224))
_LIGHTS: tuple[Colour, ...] = (PINK, YELLOW, TEAL, PURPLE, ORANGE, BLUE)
_NOTES: tuple[Colour, ...] = (RED, BLUE, PURPLE, PINK, YELLOW)
_DANCES = (((0.9, -0.9), (2.2, 2.7)), ((1.9, 2.7), (1.9, 2.7)), ((1.5, 2.9), (1.5, 0.1)), ((0.7, 1.1), (2.4, 2.2)))
"""Angles of upper and lower arm, on the side of the lifted leg and on the other."""


def playing_guitar(stage: Stage) -> None:
    """Standing, the guitar before the belly: one hand strums, the other holds the neck."""
    rng = stage.rng
    floor = lay_floor(stage, 0.9, 0.58, up=1.18)
    player = stand(stage, floor, -0.06, rng.uniform(0.12, 0.28), stage.jitter(0.06), stage.jitter(0.1))
    body = player.along(0.05, -0.015 * stage.side)
    held = Frame(stage.sketch, body, floor.unit, stage.side, rng.uniform(-0.42, -0.16))
    player.reach(player.near, held.at(rng.uniform(-0.06, 0.0), rng.uniform(-0.05, 0.05)))
    player.reach(player.far, held.at(rng.uniform(0.23, 0.32), 0.005))
    stretch_leg(floor, player, player.far, rng.uniform(0.0, 0.25), 1.0)
    shadow(stage, floor, -0.06, 0.24)
    stage.paint_except(0, "head", "near_arm", "far_arm")
    guitar(held, rng.choice(_GUITARS))
    stage.paint(0, "far_arm", "head", "near_arm")
    _notes(stage, floor, floor.inverse(player.on_head(1.75 * stage.side, 0.1)), 2)


def playing_piano(stage: Stage) -> None:
    """Sitting at a grand piano, both hands on the keys."""
    rng = stage.rng
    floor = lay_floor(stage, 0.82, 0.69)
    x = -0.25
    player = seat(stage, floor, x, -0.25, rng.uniform(0.6, 0.9), rng.uniform(0.0, 0.14), stage.jitter(0.12))
    piano = Frame(stage.sketch, floor.at(x + 0.18, 0.0), floor.unit, stage.side)
    for side, key in ((player.near, 0.01), (player.far, 0.1)):
        player.reach(side, piano.at(key + stage.jitter(0.02), rng.uniform(-0.39, -0.36)))
        stretch_leg(floor, player, side, rng.uniform(0.6, 0.8), rng.uniform(0.6, 0.75))
    shadow(stage, floor, x, 0.2)
    shadow(stage, floor, x + 0.56, 0.38)
    stool(Frame(stage.sketch, floor.at(x, 0.0), floor.unit, stage.side), 0.2, rng.choice(BRIGHTS))
    stage.paint(0, "tail", "back", "far_leg")
    grand_piano(piano, rng.choice(_PIANOS))
    stage.paint(0, "far_arm", "torso", "near_leg", "head", "near_arm")
    _notes(stage, floor, (x + 0.5, -0.92), 2)


def singing(stage: Stage) -> None:
    """At a microphone on its stand, one hand on it, the other arm flung out."""
    rng = stage.rng
    floor = lay_floor(stage, 0.92, 0.6, up=1.22)
    x = -0.06
    singer = stand(stage, floor, x, rng.uniform(0.2, 0.3), rng.uniform(-0.1, 0.06), stage.jitter(0.14))
    microphone = Frame(stage.sketch, floor.at(x + 0.32, 0.0), floor.unit, stage.side)
    singer.reach(singer.far, microphone.at(0.0, -0.4))
    singer.arm(singer.near, rng.uniform(1.0, 2.2), rng.uniform(1.5, 2.6))
    shadow(stage, floor, x, 0.24)
    shadow(stage, floor, x + 0.32, 0.1)
    stage.paint_except(0, "far_arm", "near_arm")
    open_mouth(stage.sketch, singer, 1, rng.uniform(0.16, 0.26))
    microphone_stand(microphone, 0.53, rng.choice(BRIGHTS))
    stage.paint(0, "far_arm", "near_arm")
    _notes(stage, floor, floor.inverse(singer.on_head(1.75 * stage.side, 0.0)), 3)


def dancing(stage: Stage) -> None:
    """On a floor of coloured lights under a mirror ball, one leg lifted, arms thrown."""
    rng = stage.rng
    floor = lay_floor(stage, 0.86, 0.54)
    lean = stage.jitter(0.2)
    dancer = stand(stage, floor, 0.0, rng.uniform(0.1, 0.28), lean, -lean + stage.jitter(0.12))
    sides = (dancer.near, dancer.far) if rng.random() < 0.5 else (dancer.far, dancer.near)
    for one, (upper, lower) in zip(sides, rng.choice(_DANCES), strict=True):
        dancer.arm(one, upper + stage.jitter(0.2), lower + stage.jitter(0.25))
    kick = rng.uniform(0.7, 1.3)
    dancer.leg(sides[0], kick, kick - rng.uniform(0.5, 1.6))
    dancer.leg(sides[1], rng.uniform(-0.15, 0.1), 0.0)
    lit = Frame(stage.sketch, floor.at(0.0, -0.03), floor.unit, stage.side)
    dance_floor(lit, rng.sample(_LIGHTS * 2, 10), 0.5, 0.06)
    shadow(stage, floor, 0.0, 0.2)
    ball = within(floor.at(rng.choice((-0.5, 0.5)), -1.08), 0.12)
    mirror_ball(Frame(stage.sketch, ball, 1.0), 0.085, ball[1])
    stage.paint_except(0, "far_arm", "near_arm")
    stage.paint(0, "far_arm", "near_arm")


def _notes(stage: Stage, floor: Frame, lowest: Point, count: int) -> None:
    """Notes that rise from a place of the floor's frame, swaying."""
    rng = stage.rng
    x, y = lowest
    for index in range(count):
        sway = 0.05 if index % 2 else -0.05
        point = within(floor.at(x + sway + stage.jitter(0.04), y - 0.19 * index + stage.jitter(0.02)), 0.115)
        note(stage.sketch, point, 0.155 * floor.unit, rng.choice(_NOTES), stage.jitter(0.3))


ACTS: dict[str, Callable[[Stage], None]] = {
    "playing guitar": playing_guitar,
    "playing piano": playing_piano,
    "dancing": dancing,
    "singing": singing,
}
PLACES: dict[str, tuple[str, ...]] = {
    "playing guitar": ("stage", "park", "beach", "fireside", "bedroom", "hilltop"),
    "playing piano": ("ballroom", "stage", "restaurant", "library"),
    "dancing": ("ballroom", "stage", "rooftop", "garden"),
    "singing": ("stage", "rooftop", "ballroom", "village"),
}
"""Backdrops where a relation is natural."""
