"""Food, what it is eaten with, and what it is cooked with."""

from __future__ import annotations

import math
from collections.abc import Callable

from vivant.world.props.frame import Frame
from vivant.world.props.palette import CREAM, DARK, DARK_WOOD, FLAME, GREEN, ORANGE, RED, STEEL, WOOD, YELLOW
from vivant.world.sketch import Colour, Paint, shade

_WHITE = Paint(*CREAM, 1)
_PANCAKE = Paint(186, 118, 52, 11)
_RIM = Paint(*shade(CREAM, 0.86), 1)
_STEEL = Paint(*STEEL, 3)
_DARK = Paint(*DARK, 4)
_CHAR = Paint(*shade(DARK, 1.15), 5)
_WOOD = Paint(*WOOD, 6)
_DARK_WOOD = Paint(*DARK_WOOD, 7)
_FLAME = Paint(*FLAME, 8)
_FLAME_CORE = Paint(*YELLOW, 8)
_STEAM = Paint(240, 244, 248, 9)
_YOLK = Paint(*ORANGE, 10)
_PASTA = Paint(248, 214, 116, 11)
_SAUCE = Paint(*RED, 11)
_ROAST = Paint(190, 106, 46, 12)
_ROAST_LIGHT = Paint(214, 136, 66, 12)
_BONE = Paint(*CREAM, 13)
_PEAS = Paint(*GREEN, 14)
_FISH = Paint(112, 164, 196, 15)
_FISH_EYE = Paint(*DARK, 15)
_WATER = Paint(186, 226, 240, 16)


def plate(frame: Frame, x: float, y: float) -> None:
    """A dinner plate seen from above the table's edge."""
    frame.ellipse(x, y, 0.17, 0.058, _RIM)
    frame.ellipse(x, y - 0.006, 0.13, 0.04, _WHITE)


def roast(frame: Frame, x: float, y: float) -> None:
    """A roast chicken on a plate."""
    plate(frame, x, y)
    frame.limb((x + 0.07, y - 0.05), 0.035, (x + 0.135, y - 0.1), 0.014, _ROAST)
    frame.ellipse(x + 0.14, y - 0.108, 0.022, 0.022, _BONE)
    frame.ellipse(x - 0.01, y - 0.055, 0.1, 0.068, _ROAST)
    frame.ellipse(x - 0.025, y - 0.075, 0.06, 0.035, _ROAST_LIGHT)
    frame.ellipse(x - 0.1, y - 0.005, 0.024, 0.02, _PEAS)
    frame.ellipse(x - 0.07, y + 0.01, 0.024, 0.02, _PEAS)


def spaghetti(frame: Frame, x: float, y: float) -> None:
    """A heap of spaghetti with red sauce."""
    plate(frame, x, y)
    frame.stamp("dome", x, y + 0.005, 0.115, 0.1, _PASTA)
    frame.stamp("dome", x, y - 0.045, 0.075, 0.06, _SAUCE)
    frame.ellipse(x - 0.025, y - 0.1, 0.026, 0.026, _ROAST)
    frame.ellipse(x + 0.03, y - 0.092, 0.026, 0.026, _ROAST)


def fish(frame: Frame, x: float, y: float) -> None:
    """A whole fish with peas."""
    plate(frame, x, y)
    frame.stamp("triangle", x + 0.1, y - 0.045, 0.05, 0.045, _FISH, -math.pi / 2)
    frame.ellipse(x - 0.02, y - 0.045, 0.1, 0.05, _FISH)
    frame.ellipse(x - 0.08, y - 0.055, 0.013, 0.013, _FISH_EYE)
    for dx in (-0.05, 0.0, 0.05):
        frame.ellipse(x + dx, y + 0.01, 0.024, 0.02, _PEAS)


MEALS: tuple[Callable[[Frame, float, float], None], ...] = (roast, spaghetti, fish)
"""Each draws a dish at a place of the table."""


def glass(frame: Frame, x: float, y: float, drink: Colour) -> None:
    """A full glass whose foot is at that place."""
    frame.polygon([(x - 0.042, y - 0.13), (x + 0.042, y - 0.13), (x + 0.032, y), (x - 0.032, y)], _WATER)
    frame.polygon([(x - 0.039, y - 0.09), (x + 0.039, y - 0.09), (x + 0.032, y), (x - 0.032, y)], Paint(*drink, 16))


def fork(frame: Frame) -> None:
    """A fork held at (0, 0), pointing along x."""
    frame.limb((-0.05, 0.0), 0.013, (0.1, 0.0), 0.013, _STEEL)
    for y in (-0.032, 0.0, 0.032):
        frame.limb((0.1, y * 0.9), 0.012, (0.17, y), 0.01, _STEEL)
    frame.limb((0.105, -0.03), 0.012, (0.105, 0.03), 0.012, _STEEL)


def knife(frame: Frame) -> None:
    """A table knife held at (0, 0), pointing along x."""
    frame.limb((-0.05, 0.0), 0.016, (0.04, 0.0), 0.016, _DARK)
    frame.limb((0.05, 0.0), 0.02, (0.17, -0.004), 0.014, _STEEL)


def flames(frame: Frame, x: float, y: float) -> None:
    """Flames under a pan at that place."""
    for dx in (-0.09, 0.0, 0.09):
        frame.stamp("drop", x + dx, y, 0.035, 0.045, _FLAME)
        frame.stamp("drop", x + dx, y + 0.014, 0.018, 0.025, _FLAME_CORE)


def frying_pan(frame: Frame) -> None:
    """A pan with its handle's end at (0, 0), lying along x; its bowl spans x 0.12 to 0.42."""
    frame.limb((-0.02, 0.0), 0.02, (0.16, 0.01), 0.018, _DARK_WOOD)
    frame.polygon([(0.12, -0.005), (0.44, -0.005), (0.4, 0.065), (0.16, 0.065)], _DARK)
    frame.stamp("block", 0.28, -0.008, 0.165, 0.014, _CHAR)


def pancake(frame: Frame) -> None:
    """A pancake in the air about (0, 0)."""
    frame.ellipse(0.0, 0.012, 0.115, 0.045, _PANCAKE)
    frame.ellipse(0.0, -0.006, 0.11, 0.036, _PASTA)


def fried_egg(frame: Frame) -> None:
    """A fried egg in the air about (0, 0)."""
    frame.stamp("cushion", 0.0, 0.0, 0.115, 0.045, _WHITE)
    frame.stamp("dome", 0.01, 0.0, 0.05, 0.05, _YOLK)


def steam(frame: Frame, x: float, y: float) -> None:
    """Two wisps that rise from that place."""
    for dx, height in ((-0.06, 0.13), (0.06, 0.17)):
        frame.path([(x + dx, y), (x + dx + 0.03, y - height * 0.4), (x + dx - 0.01, y - height)], 0.018, _STEAM)


def spatula(frame: Frame) -> None:
    """A spatula held at (0, 0), pointing along x."""
    frame.limb((-0.04, 0.0), 0.016, (0.17, 0.0), 0.012, _WOOD)
    frame.stamp("block", 0.21, 0.0, 0.055, 0.042, _STEEL)
