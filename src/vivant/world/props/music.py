"""Instruments, and the notes in the air."""

from __future__ import annotations

from vivant.world.props.frame import Frame
from vivant.world.props.palette import CREAM, DARK, DARK_WOOD, GOLD, STEEL
from vivant.world.sketch import Colour, Paint, Point, Sketch, shade

_NECK = Paint(*DARK_WOOD, 3)
_STRINGS = Paint(*CREAM, 3)
_HOLE = Paint(*shade(DARK_WOOD, 0.5), 2)
_PEG = Paint(*GOLD, 5)
_KEYS = Paint(*CREAM, 6)
_BLACK_KEYS = Paint(*DARK, 6)
_STEEL = Paint(*STEEL, 7)
_DARK = Paint(*DARK, 8)
_GRILLE = Paint(*shade(STEEL, 1.4), 9)
_SOUNDBOARD = Paint(*GOLD, 4)


def note(sketch: Sketch, point: Point, size: float, colour: Colour, angle: float = 0.0) -> None:
    """A quaver whose head is at that point; ``size`` is its height."""
    frame = Frame(sketch, point, size, 1.0, angle)
    paint = Paint(*colour, 31)
    frame.ellipse(0.0, 0.0, 0.27, 0.21, paint, -0.35)
    frame.limb((0.2, -0.05), 0.075, (0.2, -0.85), 0.075, paint)
    frame.limb((0.2, -0.82), 0.1, (0.5, -0.52), 0.06, paint)


def guitar(frame: Frame, wood: Colour) -> None:
    """An acoustic guitar: (0, 0) is its sound hole, the neck lies along x and ends at 0.46."""
    body, top = Paint(*shade(wood, 0.62), 1), Paint(*wood, 1)
    frame.ellipse(-0.105, 0.0, 0.145, 0.14, body)
    frame.ellipse(0.055, 0.0, 0.115, 0.105, body)
    frame.ellipse(-0.105, 0.0, 0.12, 0.115, top)
    frame.ellipse(0.055, 0.0, 0.09, 0.08, top)
    frame.ellipse(0.005, 0.0, 0.048, 0.048, _HOLE)
    frame.stamp("block", -0.155, 0.0, 0.016, 0.05, _HOLE)
    frame.limb((0.06, 0.0), 0.022, (0.38, 0.0), 0.022, _NECK)
    frame.limb((0.39, 0.0), 0.03, (0.45, 0.0), 0.038, body)
    frame.limb((-0.15, 0.0), 0.007, (0.38, 0.0), 0.007, _STRINGS)
    for x in (0.395, 0.455):
        for y in (-0.048, 0.048):
            frame.ellipse(x, y, 0.016, 0.016, _PEG)


def grand_piano(frame: Frame, colour: Colour) -> None:
    """A grand piano from the side, lid open: (0, 0) is on the floor below the edge of the keys (y -0.34)."""
    case, edge, lid = Paint(*colour, 1), Paint(*shade(colour, 0.7), 2), Paint(*shade(colour, 1.12), 3)
    for x in (0.16, 0.6):
        frame.limb((x, -0.25), 0.038, (x, -0.03), 0.024, edge)
    frame.polygon(
        [
            (0.13, -0.4),
            (0.17, -0.7),
            (0.23, -0.78),
            (0.33, -0.8),
            (0.45, -0.76),
            (0.54, -0.67),
            (0.66, -0.61),
            (0.69, -0.4),
        ],
        lid,
    )
    frame.polygon([(0.17, -0.4), (0.2, -0.51), (0.4, -0.53), (0.64, -0.43), (0.64, -0.38), (0.17, -0.38)], _SOUNDBOARD)
    frame.limb((0.46, -0.4), 0.014, (0.5, -0.65), 0.014, edge)
    frame.stamp("block", 0.385, -0.33, 0.315, 0.09, case)
    frame.stamp("block", 0.11, -0.27, 0.12, 0.035, edge)
    frame.polygon([(-0.01, -0.34), (0.15, -0.34), (0.24, -0.25), (0.03, -0.25)], _KEYS)
    for x in (0.03, 0.075, 0.12):
        frame.polygon([(x, -0.34), (x + 0.025, -0.34), (x + 0.065, -0.29), (x + 0.035, -0.29)], _BLACK_KEYS)


def stool(frame: Frame, height: float, cushion: Colour) -> None:
    """A piano stool whose top is ``height`` above (0, 0) on the floor."""
    for x in (-0.09, 0.09):
        frame.limb((0.6 * x, -height + 0.03), 0.02, (x, -0.02), 0.018, _DARK)
    frame.stamp("block", 0.0, -height + 0.03, 0.13, 0.032, Paint(*cushion, 9))


def microphone_stand(frame: Frame, height: float, band: Colour) -> None:
    """A stand with its foot at (0, 0) and a microphone on top that leans back towards -x; its head is at -height."""
    frame.stamp("cushion", 0.0, -0.018, 0.1, 0.024, _DARK)
    frame.limb((0.0, -0.02), 0.014, (0.0, -height + 0.1), 0.014, _STEEL)
    frame.limb((0.03, -height + 0.13), 0.022, (-0.01, -height + 0.05), 0.034, _DARK)
    frame.ellipse(-0.018, -height + 0.035, 0.045, 0.02, Paint(*band, 10), -1.1)
    frame.ellipse(-0.03, -height, 0.05, 0.05, _GRILLE)
