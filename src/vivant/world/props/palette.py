"""Colours that props share."""

from __future__ import annotations

from vivant.world.sketch import Colour

WOOD: Colour = (176, 112, 62)
PALE_WOOD: Colour = (222, 172, 112)
DARK_WOOD: Colour = (112, 66, 42)
STEEL: Colour = (170, 180, 192)
DARK: Colour = (52, 48, 58)
CREAM: Colour = (252, 246, 232)
GOLD: Colour = (246, 196, 64)
FLAME: Colour = (250, 136, 44)

RED: Colour = (222, 62, 56)
BLUE: Colour = (52, 116, 206)
GREEN: Colour = (62, 158, 92)
TEAL: Colour = (40, 160, 164)
PURPLE: Colour = (138, 86, 190)
PINK: Colour = (238, 110, 158)
ORANGE: Colour = (240, 138, 48)
YELLOW: Colour = (250, 208, 64)

BRIGHTS: tuple[Colour, ...] = (RED, BLUE, GREEN, TEAL, PURPLE, PINK, ORANGE, YELLOW)
"""Any of these may be the main colour of a prop."""
