"""Furniture, and a book to read in it."""

from __future__ import annotations

from vivant.world.props.frame import Frame
from vivant.world.props.palette import CREAM, DARK, DARK_WOOD, FLAME, STEEL
from vivant.world.sketch import Colour, Paint, mix, shade

_STEEL = Paint(*STEEL, 3)
_DARK = Paint(*DARK, 4)
_CHAR = Paint(*shade(DARK, 1.15), 5)
_DARK_WOOD = Paint(*DARK_WOOD, 7)
_FLAME = Paint(*FLAME, 8)
_PAGES = Paint(254, 250, 238, 20)
_INK_LINES = Paint(150, 146, 150, 20)


def dining_table(frame: Frame, cloth: Colour, half: float, height: float) -> None:
    """A table with a cloth: (0, 0) is on the floor below its middle; its top lies at ``height``."""
    fold = Paint(*shade(cloth, 0.86), 21)
    top = Paint(*mix(cloth, CREAM, 0.25), 22)
    low = -0.1
    frame.limb((-0.8 * half, -height), 0.02, (-0.8 * half, -0.01), 0.02, _DARK_WOOD)
    frame.limb((0.8 * half, -height), 0.02, (0.8 * half, -0.01), 0.02, _DARK_WOOD)
    frame.polygon([(-half, -height), (half, -height), (half * 1.05, low), (-half * 1.05, low)], fold)
    hem = Paint(*CREAM, 21)
    frame.polygon([(-half * 1.04, low - 0.05), (half * 1.04, low - 0.05), (half * 1.05, low), (-half * 1.05, low)], hem)
    frame.stamp("cushion", 0.0, -height, half * 1.02, 0.075, top)


def armchair_back(frame: Frame, colour: Colour) -> None:
    """What of an armchair lies behind its sitter: (0, 0) is on the floor below the hips, seat at y -0.2."""
    dark = Paint(*shade(colour, 0.75), 23)
    for x in (-0.24, 0.22):
        frame.limb((x, -0.1), 0.028, (x, -0.02), 0.02, _DARK_WOOD)
    frame.stamp("cushion", -0.22, -0.42, 0.17, 0.34, Paint(*colour, 24), -0.14)
    frame.stamp("cushion", 0.02, -0.14, 0.3, 0.09, dark)
    frame.stamp("cushion", 0.05, -0.19, 0.25, 0.055, Paint(*shade(colour, 1.2), 25))


def armchair_front(frame: Frame, colour: Colour) -> None:
    """Its near arm, before the sitter's hip."""
    frame.stamp("cushion", -0.04, -0.16, 0.22, 0.1, Paint(*shade(colour, 0.9), 26))
    frame.stamp("cushion", -0.04, -0.25, 0.24, 0.05, Paint(*shade(colour, 1.08), 27))


def open_book(frame: Frame, cover: Colour) -> None:
    """An open book: (0, 0) is the middle of its spine's lower end, pages spread along x and rise to y -0.2."""
    binding = Paint(*cover, 28)
    frame.polygon([(0.0, 0.025), (-0.19, -0.02), (-0.19, -0.235), (0.0, -0.19), (0.19, -0.235), (0.19, -0.02)], binding)
    for way in (-1.0, 1.0):
        frame.polygon(
            [(0.0, 0.0), (way * 0.165, -0.04), (way * 0.165, -0.22), (way * 0.08, -0.22), (0.0, -0.18)], _PAGES
        )
        for y in (-0.06, -0.105, -0.15):
            frame.limb((way * 0.035, y), 0.008, (way * 0.13, y - 0.03), 0.008, _INK_LINES)
    frame.limb((0.0, 0.0), 0.007, (0.0, -0.18), 0.007, _INK_LINES)


def stove(frame: Frame, colour: Colour, height: float) -> None:
    """A stove with oven and burner: (0, 0) is on the floor below its middle."""
    frame.stamp("block", 0.0, -height / 2, 0.26, height / 2, Paint(*colour, 21))
    frame.stamp("block", 0.0, -height * 0.38, 0.19, height * 0.26, _DARK)
    frame.stamp("block", 0.0, -height * 0.36, 0.14, height * 0.16, _FLAME)
    frame.limb((-0.17, -height * 0.7), 0.014, (0.17, -height * 0.7), 0.014, _STEEL)
    for x in (-0.17, -0.06, 0.06, 0.17):
        frame.ellipse(x, -height * 0.84, 0.024, 0.024, Paint(*shade(colour, 0.45), 22))
    frame.stamp("block", 0.0, -height, 0.28, 0.024, _CHAR)
