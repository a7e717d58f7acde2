"""The storybook's paint box: every colour a character can have, by the name that captions use."""

from __future__ import annotations

import math

from vivant.world.sketch import Colour

COLOURS: dict[str, Colour] = {
    "white": (250, 247, 240),
    "cream": (247, 229, 196),
    "beige": (226, 200, 160),
    "golden": (238, 188, 100),
    "yellow": (250, 210, 90),
    "ginger": (234, 150, 80),
    "orange": (244, 142, 60),
    "rust": (192, 88, 46),
    "red": (218, 72, 66),
    "pink": (246, 168, 186),
    "magenta": (204, 84, 146),
    "purple": (140, 102, 178),
    "lilac": (198, 172, 224),
    "navy": (64, 78, 128),
    "blue": (76, 132, 208),
    "sky-blue": (136, 198, 236),
    "blue-grey": (124, 146, 174),
    "teal": (48, 154, 152),
    "mint": (152, 220, 188),
    "green": (96, 170, 96),
    "lime": (182, 212, 92),
    "olive": (136, 138, 72),
    "tan": (208, 160, 108),
    "brown": (150, 98, 62),
    "chocolate": (98, 66, 52),
    "grey": (154, 154, 160),
    "silver": (206, 210, 218),
    "charcoal": (88, 90, 102),
    "black": (58, 56, 66),
    "fair": (255, 224, 200),
    "peach": (246, 200, 162),
    "bronze": (206, 150, 106),
    "umber": (156, 102, 70),
    "ebony": (112, 74, 56),
}
"""Name to RGB. The last five are skins."""


def difference(one: str, other: str) -> float:
    """How far two named colours are apart to the eye, roughly: 0 for the same, about 600 for black and white."""
    (r0, g0, b0), (r1, g1, b1) = COLOURS[one], COLOURS[other]
    middle = (r0 + r1) / 2  # weights by mean red: a cheap stand-in for a perceptual space
    return math.sqrt(
        (2 + middle / 256) * (r0 - r1) ** 2 + 4 * (g0 - g1) ** 2 + (2 + (255 - middle) / 256) * (b0 - b1) ** 2
    )


def lightness(colour: Colour) -> float:
    """Luma, 0 to 255."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]
