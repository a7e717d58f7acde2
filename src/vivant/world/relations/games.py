"""Two at a game: chess, basketball."""

from __future__ import annotations

from collections.abc import Callable

from vivant.world.props.games import basketball, chess_table, hoop, on_board, piece, stool
from vivant.world.props.palette import BRIGHTS, DARK_WOOD, PALE_WOOD, WOOD
from vivant.world.puppet import SIDES, Puppet, standing_height
from vivant.world.relations.together import PLACED, ground_shadow, half_body, half_head, make_room, plant
from vivant.world.sketch import Paint
from vivant.world.stage import Stage

_WHITE, _BLACK = Paint(255.0, 250.0, 240.0, 6), Paint(58.0, 50.0, 62.0, 7)
# Half the width of the board, heights of seat and table, size of a piece: fractions of the picture at zoom 1.
_BOARD = 0.135
_SEAT, _TABLE = 0.17, 0.26
_PIECE = 0.056
_FILES = (0.12, 0.32, 0.68, 0.88)
_KINGS = (1, 2)


def chess(stage: Stage) -> None:
    """On stools at either side of a board on a table; one holds a piece above it."""
    rng = stage.rng
    make_room(stage, 0.43, 0.43)
    mover = rng.randrange(2)
    seats = rng.choice(BRIGHTS)
    pair = [_seat(stage, index, side, index == mover) for index, side in PLACED]
    for puppet in pair:
        x, seat = puppet.root[0], stage.ground - _SEAT * stage.zoom
        stool(stage.sketch, x, seat, stage.ground, 0.075 * stage.zoom, seats)
        stage.shadow(x, 0.11)
    x, top, half = stage.at(0.0), stage.ground - _TABLE * stage.zoom, _BOARD * stage.zoom
    stage.shadow(x, half)
    for puppet in pair:
        edge = (x - puppet.forward * 0.95 * half, top)
        puppet.reach(puppet.far, edge)
        puppet.reach(puppet.near, edge)
    moving, thinking = pair[mover], pair[1 - mover]
    square = on_board(x, top, half, 0.5 + stage.jitter(0.15), 0.5)
    moving.reach(moving.near, (square[0], square[1] - 1.1 * _PIECE * stage.zoom))
    if rng.random() < 0.5:  # paw at the chin
        thinking.reach(thinking.near, thinking.on_head(0.55 * thinking.forward, 0.85))
    for index in (0, 1):
        stage.paint_except(index, "near_arm")
    chess_table(stage.sketch, x, top, stage.ground, half, rng.choice((WOOD, PALE_WOOD, DARK_WOOD)))
    _set_up(stage, x, top, half)
    hand = moving.hand[moving.near]
    piece(
        stage.sketch, (hand[0], hand[1] + 0.7 * _PIECE * stage.zoom), _PIECE * stage.zoom, _WHITE if mover else _BLACK
    )
    for index in (1 - mover, mover):
        stage.paint(index, "near_arm")


def _seat(stage: Stage, index: int, side: float, eager: bool) -> Puppet:
    """A player on its stool, feet on the ground."""
    rng, scale = stage.rng, 0.83
    height = stage.height(index) * scale
    hips = stage.ground - _SEAT * stage.zoom - 1.1 * stage.cast[index].build.limb * height
    lean = rng.uniform(0.06, 0.18) if eager else stage.jitter(0.08)
    apart = _BOARD + 0.03 + 0.95 * scale * half_body(stage, index)
    puppet = stage.place(
        index, side * apart, hips, -side * rng.uniform(0.6, 0.9), lean=-side * lean, tilt=-side * 0.1, scale=scale
    )
    plant(stage, puppet, puppet.far, 0.12)
    plant(stage, puppet, puppet.near, 0.1)
    return puppet


def _set_up(stage: Stage, x: float, top: float, half: float) -> None:
    """Each player's pieces on its half of the board: the second in the cast has white."""
    for rank, kings in ((0.8, _KINGS), (0.15, ())):
        for place, file in enumerate(_FILES):
            if rank < 0.5 and place in _KINGS:
                continue
            colour = _BLACK if (file < 0.5) == (stage.side > 0) else _WHITE
            foot = on_board(x, top, half, file + stage.jitter(0.03), rank)
            piece(stage.sketch, foot, _PIECE * stage.zoom, colour, king=place in kings)


def playing_basketball(stage: Stage) -> None:
    """One leaps and throws, the other blocks, the hoop beyond."""
    rng = stage.rng
    make_room(stage, 0.41, 0.43)
    thrower, blocker = (0, 1) if rng.random() < 0.5 else (1, 0)
    hoop(
        stage.sketch,
        stage.at(0.29),
        stage.ground - rng.uniform(0.62, 0.66) * stage.zoom,
        stage.ground,
        0.075 * stage.zoom,
        stage.side,
    )
    scale, radius = 0.77, 0.06 * stage.zoom
    one = _leap(stage, thrower, scale)
    other = stage.stand(
        blocker, 0.1, -rng.uniform(0.0, 0.25), lean=rng.uniform(-0.1, 0.05), tilt=stage.jitter(0.1), scale=scale
    )
    for arm in SIDES:
        other.arm(arm, rng.uniform(1.9, 2.4), rng.uniform(2.4, 2.9))
    edge = half_head(stage, thrower) * scale * stage.zoom
    ball = (one.head[0] + one.forward * (edge + 0.8 * radius), one.head[1] - rng.uniform(0.4, 1.0) * edge)
    one.reach(one.far, (ball[0] - one.forward * 0.3 * radius, ball[1] + 0.8 * radius))
    if rng.random() < 0.5:  # already on its way, over the blocker's head
        top = min(ball[1], other.on_head(0.0, -1.0)[1])
        ball = (stage.at(rng.uniform(-0.02, 0.12)), top - rng.uniform(1.5, 2.0) * radius)
    stage.shadow(one.root[0], 0.1)
    ground_shadow(stage, other)
    stage.paint_except(blocker, "near_arm")
    stage.paint_except(thrower, "near_arm")
    stage.paint(blocker, "near_arm")
    basketball(stage.sketch, ball, radius, rng.uniform(0.0, 1.5))
    stage.paint(thrower, "near_arm")


def _leap(stage: Stage, index: int, scale: float) -> Puppet:
    """In the air, legs trailing, the free arm flung back."""
    rng = stage.rng
    soles = standing_height(stage.cast[index].build) * stage.height(index) * scale
    hips = stage.ground - soles - rng.uniform(0.06, 0.1) * stage.zoom
    puppet = stage.place(index, -0.22, hips, rng.uniform(0.5, 0.8), lean=rng.uniform(0.0, 0.12), tilt=-0.1, scale=scale)
    puppet.arm(puppet.near, -rng.uniform(0.6, 1.1), -rng.uniform(0.9, 1.6))
    puppet.leg(puppet.far, rng.uniform(0.3, 0.7), -rng.uniform(0.3, 0.7))
    puppet.leg(puppet.near, -rng.uniform(0.2, 0.5), -rng.uniform(0.7, 1.1))
    return puppet


ACTS: dict[str, Callable[[Stage], None]] = {"playing chess with": chess, "playing basketball with": playing_basketball}
PLACES: dict[str, tuple[str, ...]] = {
    "playing chess with": ("park", "library", "fireside", "garden", "rooftop"),
    "playing basketball with": ("street court", "gym", "playground", "park"),
}
