"""One subject at home: meals, books, rest."""

from __future__ import annotations

import math
from collections.abc import Callable

from vivant.world.props import furniture, meals
from vivant.world.props.floor import lay_floor, seat, shadow, stand, stretch_leg, within
from vivant.world.props.frame import Frame
from vivant.world.props.hammock import hammock_back, hammock_front, palm, post, sleep_letter
from vivant.world.props.moods import close_eyes
from vivant.world.props.palette import BLUE, BRIGHTS, CREAM, GREEN, ORANGE, PINK, PURPLE, RED, STEEL, TEAL, YELLOW
from vivant.world.sketch import Colour, Paint
from vivant.world.stage import Stage

_CLOTHS: tuple[Colour, ...] = (RED, BLUE, GREEN, PURPLE, PINK, TEAL)
_DRINKS: tuple[Colour, ...] = (RED, ORANGE, PURPLE, YELLOW)
_CHAIRS: tuple[Colour, ...] = (RED, GREEN, PURPLE, TEAL, (176, 92, 70), BLUE)
_STOVES: tuple[Colour, ...] = (CREAM, RED, TEAL, STEEL, PINK)
_BIB = Paint(*CREAM, 30)


def eating_dinner(stage: Stage) -> None:
    """At a laid table with a bib, fork and knife in hand."""
    rng = stage.rng
    floor = lay_floor(stage, 0.86, 0.53)
    eater = seat(stage, floor, 0.0, -0.27, rng.uniform(0.12, 0.28), stage.jitter(0.08), stage.jitter(0.14))
    lifted = rng.random()
    eater.reach(eater.far, floor.at(0.27 - 0.02 * lifted, -0.42 - 0.08 * lifted))
    eater.reach(eater.near, floor.at(-0.27, -0.4 - stage.rng.uniform(0.0, 0.03)))
    knife = Frame(stage.sketch, eater.hand[eater.near], floor.unit, stage.side, -math.pi / 2 + stage.jitter(0.3))
    fork = Frame(stage.sketch, eater.hand[eater.far], floor.unit, stage.side, -math.pi / 2 - rng.uniform(0.0, 0.6))
    shadow(stage, floor, 0.0, 0.45)
    stage.paint(0, "tail", "back", "far_leg", "torso", "near_leg")
    x, y = eater.along(0.16)
    stage.sketch.stamp("diamond", x, y, 0.13 * floor.unit, 0.12 * floor.unit, _BIB, eater.lean)
    stage.paint(0, "head")
    furniture.dining_table(floor, rng.choice(_CLOTHS), 0.46, 0.31)
    rng.choice(meals.MEALS)(floor, stage.jitter(0.03), -0.31)
    meals.glass(floor, 0.36 * rng.choice((-1, 1)), -0.29, rng.choice(_DRINKS))
    meals.knife(knife)
    meals.fork(fork)
    stage.paint(0, "far_arm", "near_arm")


def reading_a_book(stage: Stage) -> None:
    """Sitting in an armchair, head bent over an open book."""
    rng = stage.rng
    floor = lay_floor(stage, 0.88, 0.52)
    x = -0.06
    lean, tilt = rng.uniform(-0.16, -0.06), rng.uniform(0.06, 0.18)
    reader = seat(stage, floor, x, -0.26, rng.uniform(0.35, 0.6), lean, tilt)
    chair = Frame(stage.sketch, floor.at(x, 0.0), floor.unit, stage.side)
    held = chair.at(0.27 + stage.jitter(0.01), -0.3 + stage.jitter(0.02))
    book = Frame(stage.sketch, held, floor.unit, stage.side, rng.uniform(-0.05, 0.2))
    reader.reach(reader.near, book.at(-0.15, -0.02))
    reader.reach(reader.far, book.at(0.03, -0.03))
    swing = rng.uniform(0.0, 0.3)
    stretch_leg(floor, reader, reader.near, 0.9, 0.6 - swing)
    stretch_leg(floor, reader, reader.far, 0.9, 0.3 + swing)
    colour = rng.choice(_CHAIRS)
    shadow(stage, floor, x, 0.38)
    furniture.armchair_back(chair, colour)
    stage.paint(0, "tail", "back", "far_leg", "far_arm", "torso", "near_leg", "head")
    furniture.armchair_front(chair, colour)
    furniture.open_book(book, rng.choice(BRIGHTS))
    stage.paint(0, "near_arm")


def sleeping_in_a_hammock(stage: Stage) -> None:
    """Lying in a hammock between two posts or two palms, an arm dangling, eyes closed."""
    rng = stage.rng
    floor = lay_floor(stage, 0.86, 0.7)
    sag = rng.uniform(0.14, 0.2)
    x, y = 0.1, -sag - 0.13
    sleeper = seat(stage, floor, x, y, rng.uniform(0.3, 0.7), rng.uniform(-1.3, -1.1), rng.uniform(0.0, 0.25))
    stretch_leg(floor, sleeper, sleeper.near, 1.0, -rng.uniform(0.1, 0.3))
    stretch_leg(floor, sleeper, sleeper.far, 0.9, -rng.uniform(0.4, 0.6))
    sleeper.reach(sleeper.far, sleeper.on_head(-0.7 * stage.side, 0.2))
    sleeper.reach(sleeper.near, floor.at(x - rng.uniform(0.0, 0.14), y + 0.14))
    colour, stripe = rng.sample(BRIGHTS, 2)
    stake = rng.choice((post, palm))
    for way in (-1.0, 1.0):
        shadow(stage, floor, way * 0.52, 0.1)
        stake(Frame(stage.sketch, floor.at(way * 0.52, 0.0), floor.unit, stage.side * way), 0.64)
    shadow(stage, floor, 0.0, 0.35)
    hammock_back(floor, sag, colour)
    stage.paint(0, "tail", "back", "far_arm", "far_leg", "torso", "near_leg")
    hammock_front(floor, sag, colour, stripe)
    stage.paint(0, "head")
    close_eyes(stage.sketch, stage.cast[0], sleeper, 1)
    stage.paint(0, "near_arm")
    for step in range(3):
        place = within(floor.at(-0.06 + 0.13 * step, -sag - 0.66 - 0.13 * step), 0.07)
        sleep_letter(Frame(stage.sketch, place, floor.unit * (0.085 + 0.028 * step)))


def cooking(stage: Stage) -> None:
    """At a stove, tossing something in a pan over the flames."""
    rng = stage.rng
    floor = lay_floor(stage, 0.88, 0.63, up=1.18)
    x, height = -0.19, 0.3
    cook = stand(stage, floor, x, rng.uniform(0.5, 0.75), rng.uniform(0.0, 0.12), stage.jitter(0.12))
    stove = Frame(stage.sketch, floor.at(x + 0.5, 0.0), floor.unit, stage.side)
    pan = Frame(stage.sketch, stove.at(-0.3, -height - 0.11), floor.unit, stage.side, rng.uniform(-0.2, 0.02))
    cook.reach(cook.near, pan.at(0.0, 0.0))
    cook.reach(cook.far, stove.at(-0.23, -height - rng.uniform(0.22, 0.28)))
    spatula = Frame(stage.sketch, cook.hand[cook.far], floor.unit, stage.side, -1.0 + stage.jitter(0.3))
    toss = Frame(stage.sketch, pan.at(0.32, -rng.uniform(0.16, 0.27)), floor.unit, stage.side, stage.jitter(0.5))
    shadow(stage, floor, x, 0.2)
    shadow(stage, floor, x + 0.5, 0.3)
    stage.paint(0, "tail", "back", "far_leg", "far_arm", "torso", "near_leg", "head")
    meals.spatula(spatula)
    furniture.stove(stove, rng.choice(_STOVES), height)
    meals.flames(stove, 0.04, -height - 0.03)
    meals.frying_pan(pan)
    meals.steam(pan, 0.28, -0.04)
    rng.choice((meals.pancake, meals.fried_egg))(toss)
    stage.paint(0, "near_arm")


ACTS: dict[str, Callable[[Stage], None]] = {
    "eating dinner": eating_dinner,
    "reading a book": reading_a_book,
    "sleeping in a hammock": sleeping_in_a_hammock,
    "cooking": cooking,
}
PLACES: dict[str, tuple[str, ...]] = {
    "eating dinner": ("restaurant", "kitchen", "rooftop", "garden"),
    "reading a book": ("fireside", "library", "bedroom", "garden"),
    "sleeping in a hammock": ("beach", "garden", "lakeside", "forest"),
    "cooking": ("kitchen", "restaurant", "lakeside"),
}
"""Backdrops where a relation is natural."""
