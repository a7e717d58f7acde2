"""What the demo's subjects are covered with: fur, plush, cloth, glaze, leaf."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Skin:
    """What a part is covered with.

    Attributes:
        hair: length of hairs, fraction of the picture; 0 for none.
        density: hairs per unit of area, thousands.
        contrast: how much hairs, or the weave, differ in lightness.
        gloss: strength of highlights; `tight` their sharpness.
        weave: fineness of a cloth or clay texture in tiles a picture; 0 for none.
    """

    hair: float = 0.0
    density: float = 0.0
    contrast: float = 0.0
    gloss: float = 0.0
    tight: float = 20.0
    weave: float = 0.0


FUR = Skin(hair=0.022, density=26.0, contrast=0.15)
SHORT_FUR = Skin(hair=0.013, density=45.0, contrast=0.13)
PLUSH = Skin(hair=0.008, density=70.0, contrast=0.15)
CLOTH = Skin(contrast=0.035, weave=14.0, gloss=0.05, tight=6.0)
RUBBER = Skin(gloss=0.75, tight=38.0)
GLAZE = Skin(gloss=1.0, tight=90.0, contrast=0.015, weave=1.5)
CLAY = Skin(contrast=0.05, weave=2.0, gloss=0.08, tight=8.0)
LEAF = Skin(gloss=0.30, tight=14.0, contrast=0.05, weave=3.0)
WET = Skin(gloss=1.2, tight=60.0)
