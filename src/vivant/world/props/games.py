"""What games are played with: a chess table, its pieces and stools; a basketball and its hoop."""

from __future__ import annotations

from vivant.world.props.palette import CREAM, DARK, DARK_WOOD, ORANGE, RED
from vivant.world.sketch import Colour, Paint, Point, Sketch, shade

_LIGHT_SQUARE = Paint(*CREAM, 11)
_DARK_SQUARE = Paint(*DARK_WOOD, 11)
_BALL = Paint(*ORANGE, 13)
_SEAM = Paint(*shade(ORANGE, 0.5), 13)
_RIM = Paint(*RED, 14)
_NET = Paint(250.0, 250.0, 252.0, 15)
_PANEL = Paint(246.0, 248.0, 252.0, 16)
_TARGET = Paint(*RED, 16)
_POLE = Paint(*shade(DARK, 1.2), 17)
_FILES, _RANKS = 6, 3


def stool(sketch: Sketch, x: float, seat: float, floor: float, half: float, colour: Colour) -> None:
    """A stool: y of its seat and of the floor, half its width."""
    legs = Paint(*shade(colour, 0.66), 1)
    for side in (-0.75, 0.75):
        sketch.limb((x + 0.7 * side * half, seat), 0.012, (x + side * half, floor - 0.012), 0.012, legs)
    sketch.stamp("block", x, seat + 0.014, half, 0.016, Paint(*colour, 2))


def chess_table(sketch: Sketch, x: float, top: float, floor: float, half: float, wood: Colour) -> None:
    """A table whose top is a board tilted towards the viewer: its far edge is 0.6 of ``half`` above ``top``."""
    leg = Paint(*shade(wood, 0.7), 3)
    sketch.limb((x, top), 0.026, (x, floor - 0.03), 0.022, leg)
    sketch.stamp("dome", x, floor, 0.62 * half, 0.04, leg)
    sketch.polygon(_quad(x, top, half, -0.09, 1.09, -0.12, 1.14), Paint(*wood, 12))
    sketch.stamp("block", x, top + 0.026, 1.16 * half, 0.017, Paint(*shade(wood, 0.8), 4))
    sketch.polygon(_quad(x, top, half, 0.0, 1.0, 0.0, 1.0), _LIGHT_SQUARE)
    for rank in range(_RANKS):
        for file in range(rank % 2, _FILES, 2):
            sketch.polygon(
                _quad(x, top, half, file / _FILES, (file + 1) / _FILES, rank / _RANKS, (rank + 1) / _RANKS),
                _DARK_SQUARE,
            )


def on_board(x: float, top: float, half: float, file: float, rank: float) -> Point:
    """A point of the board: both in [0, 1], rank 0 nearest the viewer."""
    depth = 0.62 * half
    return (x + (2 * file - 1) * half * (1 - 0.2 * rank), top - depth * rank)


def _quad(x: float, top: float, half: float, left: float, right: float, near: float, far: float) -> list[Point]:
    return [
        on_board(x, top, half, file, rank) for file, rank in ((left, near), (right, near), (right, far), (left, far))
    ]


def piece(sketch: Sketch, foot: Point, size: float, paint: Paint, king: bool = False) -> None:
    """A pawn, or a taller king, of that height; the foot is where it stands."""
    x, y = foot
    height = size * (1.35 if king else 1.0)
    sketch.stamp("triangle", x, y - 0.42 * height, 0.4 * size, 0.5 * height, paint)
    if king:
        sketch.stamp("block", x, y - 0.86 * height, 0.3 * size, 0.13 * height, paint)
    else:
        sketch.ellipse(x, y - 0.82 * height, 0.26 * size, 0.26 * size, paint)


def basketball(sketch: Sketch, point: Point, radius: float, angle: float) -> None:
    """A ball with its seams."""
    sketch.ellipse(*point, radius, radius, _BALL)
    sketch.stamp("slice_middle", *point, radius, 0.7 * radius, _SEAM, angle)
    sketch.stamp("slice_middle", *point, radius, 0.7 * radius, _SEAM, angle + 1.571)


def hoop(sketch: Sketch, x: float, rim: float, floor: float, size: float, way: float) -> None:
    """A hoop on its pole: x and y of the rim's middle, half its width, and -1 or 1 where the pole stands."""
    back = x + way * 1.35 * size
    sketch.limb((back + way * 0.35 * size, rim - 0.6 * size), 0.016, (back + way * 0.35 * size, floor), 0.02, _POLE)
    sketch.stamp("block", back, rim - 0.75 * size, 0.24 * size, 1.25 * size, _PANEL)
    sketch.stamp("block", back - way * 0.02, rim - 0.55 * size, 0.1 * size, 0.5 * size, _TARGET)
    for share in (-0.75, -0.25, 0.25, 0.75):
        sketch.limb((x + share * size, rim), 0.008, (x + 0.6 * share * size, rim + 1.1 * size), 0.008, _NET)
    sketch.limb((x - 0.66 * size, rim + 0.6 * size), 0.007, (x + 0.66 * size, rim + 0.6 * size), 0.007, _NET)
    sketch.limb((x - size, rim), 0.017, (x + size, rim), 0.017, _RIM)
