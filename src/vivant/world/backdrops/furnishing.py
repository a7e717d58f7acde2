"""What rooms are furnished with: walls, windows, curtains, lamps, frames, books."""

from __future__ import annotations

import random
from collections.abc import Sequence

from vivant.world.backdrops.scenery import Scenery, vary
from vivant.world.sketch import Colour, mix, shade

LAMPLIGHT: Colour = (255, 232, 176)
GOLD: Colour = (224, 184, 116)
BOOKS: tuple[Colour, ...] = (
    (190, 110, 96), (206, 160, 98), (112, 144, 132), (122, 132, 166), (226, 208, 172), (150, 104, 112), (144, 158, 110),
)  # fmt: skip
OUTSIDE: dict[str, tuple[Colour, Colour]] = {
    "day": ((160, 206, 230), (232, 242, 232)),
    "evening": ((196, 160, 186), (254, 208, 168)),
    "night": ((62, 72, 122), (110, 116, 164)),
}
"""What windows show, top and foot."""


def wall(scene: Scenery, foot: float, colour: Colour, *, skirting: Colour | None = None) -> None:
    """A wall from the ceiling down to the floor, a little darker towards the ceiling."""
    scene.gradient(0.0, foot + 0.01, shade(colour, 0.93), colour)
    if skirting is not None:
        scene.rect(-0.02, foot - 0.03, 1.02, foot, skirting)


def stripes(scene: Scenery, top: float, foot: float, count: int, colour: Colour) -> None:
    """Upright stripes of wallpaper."""
    for index in range(count):
        x = (index + 0.5) / count
        scene.rect(x - 0.22 / count, top, x + 0.22 / count, foot, colour)


def window(
    scene: Scenery, x: float, y: float, half: float, tall: float, outside: tuple[Colour, Colour], frame: Colour
) -> None:
    """A window of four panes; x, y is its middle, ``half`` and ``tall`` are half its width and height."""
    border = 0.016
    scene.rect(x - half - border, y - tall - border, x + half + border, y + tall + border, frame)
    for row in range(4):
        top = y - tall + tall * row / 2
        scene.rect(x - half, top, x + half, top + tall / 2, mix(*outside, row / 3))
    scene.rect(x - 0.007, y - tall, x + 0.007, y + tall, frame)
    scene.rect(x - half, y - tall * 0.12 - 0.007, x + half, y - tall * 0.12 + 0.007, frame)
    scene.rect(
        x - half - border * 2, y + tall + border, x + half + border * 2, y + tall + border * 2.2, shade(frame, 0.92)
    )


def arched_window(
    scene: Scenery, x: float, top: float, foot: float, half: float, outside: tuple[Colour, Colour], frame: Colour
) -> None:
    """A tall window with a round head; ``top`` is the crown of its arch."""
    spring = top + half
    scene.shape("dome", x, spring, half + 0.018, half + 0.018, frame)
    scene.rect(x - half - 0.018, spring, x + half + 0.018, foot + 0.012, frame)
    scene.shape("dome", x, spring, half, half, outside[0])
    for row in range(4):
        y = spring + (foot - spring) * row / 4
        scene.rect(x - half, y, x + half, foot, mix(*outside, (row + 1) / 4))
    scene.rect(x - 0.006, top, x + 0.006, foot, frame)
    for share in (0.0, 0.5):
        y = spring + (foot - spring) * share
        scene.rect(x - half, y - 0.006, x + half, y + 0.006, frame)


def curtain(scene: Scenery, x: float, top: float, foot: float, width: float, cloth: Colour) -> None:
    """A gathered curtain that hangs from x towards x + width (negative: to the left), drawn in at two thirds."""
    tie = top + (foot - top) * 0.66
    folds = 4
    for fold in range(folds):
        left, right = width * fold / folds, width * (fold + 1) / folds
        scene.poly(
            [(x + left, top), (x + right, top), (x + right * 0.52, tie), (x + right * 0.66, foot),
             (x + left * 0.66, foot), (x + left * 0.52, tie)],
            shade(cloth, (1.0, 0.9, 1.08, 0.88)[fold]),
        )  # fmt: skip
    scene.rect(x, tie - 0.012, x + width * 0.52, tie + 0.012, shade(cloth, 1.3))


def valance(scene: Scenery, y: float, depth: float, swags: int, cloth: Colour, trim: Colour) -> None:
    """Swags of cloth along the top of the picture."""
    scene.rect(-0.02, -0.02, 1.02, y, cloth)
    half = 0.54 / swags
    for swag in range(swags):
        x = (swag + 0.5) / swags * 1.04 - 0.02
        scene.shape("dome", x, y - 0.005, half, -depth, trim)
        scene.shape("dome", x, y - 0.006, half, -depth * 0.84, shade(cloth, 1.0 if swag % 2 else 0.92))


def pendant(scene: Scenery, x: float, y: float, size: float, colour: Colour, strength: float = 0.5) -> None:
    """A lamp that hangs from the ceiling; y is the rim of its shade."""
    scene.rect(x - 0.004, -0.02, x + 0.004, y - size * 0.5, shade(colour, 0.7))
    scene.disk(x, y, size * 0.42, size * 0.26, (255, 246, 214))
    scene.shape("dome", x, y, size, size * 0.85, colour)
    scene.shape("dome", x - size * 0.3, y - size * 0.06, size * 0.3, size * 0.55, shade(colour, 1.2))
    scene.glow(x, y + size * 0.6, size * 3.4, size * 3.2, LAMPLIGHT, strength)


def table_lamp(scene: Scenery, x: float, y: float, height: float, cloth: Colour) -> None:
    """A lamp with a cloth shade, standing on (x, y)."""
    scene.disk(x, y - height * 0.2, height * 0.16, height * 0.2, shade(cloth, 0.7))
    scene.rect(x - height * 0.04, y - height * 0.6, x + height * 0.04, y, shade(cloth, 0.7))
    scene.poly([(x - height * 0.22, y - height), (x + height * 0.22, y - height), (x + height * 0.4, y - height * 0.45),
                (x - height * 0.4, y - height * 0.45)], cloth)  # fmt: skip
    scene.glow(x, y - height * 0.65, height * 1.5, height * 1.5, LAMPLIGHT, 0.55)


def frame(scene: Scenery, x: float, y: float, half: float, tall: float, colour: Colour, view: Sequence[Colour]) -> None:
    """A picture on the wall: a little landscape of three colours, sky, hill, meadow."""
    scene.block(x - half - 0.016, y - tall - 0.016, x + half + 0.016, y + tall + 0.016, colour)
    scene.rect(x - half, y - tall, x + half, y + tall, view[0])
    scene.poly([(x - half, y + tall), (x - half, y + tall * 0.1), (x - half * 0.2, y - tall * 0.4),
                (x + half, y + tall * 0.5), (x + half, y + tall)], view[1])  # fmt: skip
    scene.rect(x - half, y + tall * 0.55, x + half, y + tall, view[2])


def books(
    scene: Scenery, rng: random.Random, x0: float, x1: float, foot: float, height: float, air: Colour = (200, 180, 160)
) -> None:
    """A row of books on a shelf between two places, their colours softened by what is around them."""
    x = x0
    while x < x1 - 0.012:
        width = min(rng.uniform(0.024, 0.044), x1 - x)
        tall = height * rng.uniform(0.68, 0.95)
        colour = mix(vary(rng, rng.choice(BOOKS), 8), air, 0.25)
        scene.rect(x, foot - tall, x + width - 0.003, foot, colour)
        if width > 0.033:
            scene.rect(x, foot - tall * 0.8, x + width - 0.003, foot - tall * 0.68, shade(colour, 1.25))
        x += width


def rug(scene: Scenery, x: float, y: float, rx: float, ry: float, cloth: Colour, trim: Colour) -> None:
    """An oval rug on the floor."""
    scene.disk(x, y, rx, ry, trim)
    scene.disk(x, y, rx * 0.92, ry * 0.88, cloth)
    scene.disk(x, y, rx * 0.78, ry * 0.72, mix(cloth, trim, 0.55))
    scene.disk(x, y, rx * 0.72, ry * 0.65, shade(cloth, 1.06))


def pot_plant(scene: Scenery, x: float, y: float, height: float, leaf: Colour, pot: Colour = (214, 140, 112)) -> None:
    """A leafy plant in a pot."""
    for angle, reach in ((-0.9, 0.8), (0.9, 0.8), (-0.45, 1.0), (0.45, 1.0), (0.0, 1.1)):
        tall = height * 0.36 * reach
        scene.shape("leaf", x + angle * height * 0.3, y - height * 0.34 - tall * 0.8, height * 0.14, tall,
                    shade(leaf, 1.15 - 0.3 * abs(angle)), angle * 0.8)  # fmt: skip
    scene.poly([(x - height * 0.22, y - height * 0.36), (x + height * 0.22, y - height * 0.36), (x + height * 0.15, y),
                (x - height * 0.15, y)], pot)  # fmt: skip
    scene.rect(x - height * 0.24, y - height * 0.4, x + height * 0.24, y - height * 0.31, shade(pot, 1.15))
