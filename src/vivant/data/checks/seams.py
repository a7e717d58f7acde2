"""Does the outline of a subject look cut out? Profiles of brightness across it tell.

A halo is a line along the outline that is brighter, or darker, than what lies on either side. A hard paste changes from
subject to background within one pixel all along, which no lens does.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vivant.types import Layer, Mask

REACH = 7
"""Pixels that a profile goes to either side of the outline."""
STEP = 0.5
"""Pixels from one sample of a profile to the next."""
BAND = 2.0
"""A halo lies within this many pixels of the outline …"""
FLANK = 3.0
"""… and from here outwards and inwards is what it is compared with."""
SAMPLES = 400
"""Profiles a subject."""
SEGMENT = 16
"""Profiles that are averaged: texture cancels, a line along the outline does not."""
FEWEST = 40
"""With fewer profiles there is nothing to say."""
CONTRAST = 30.0
"""Levels between subject and background from which the steepness of a step can be told."""
BRIGHT_HALO, DARK_HALO = 36.0, 58.0
"""Levels of overshoot at which nothing is left of the score. Dark ones count less: contact shadows are dark lines."""
SOFT_EDGE = 0.4
"""Share of a step within one pixel that any lens shows."""
HARD_EDGE = 0.68
"""The same share where an edge begins to look cut, in a picture with a short side of `REFERENCE_SIDE`."""
REFERENCE_SIDE = 1024
VISIBLE = 0.5
"""Score from which downwards a seam is seen."""
HARDER_WHEN_SMALL = 0.09
"""Added to `HARD_EDGE` for each halving of the picture: shrinking makes every edge harder."""

Floats = npt.NDArray[np.float32]
_OFFSETS: Floats = np.arange(-REACH, REACH + STEP / 2, STEP, dtype=np.float32)
_INSIDE, _OUTSIDE = _OFFSETS <= -FLANK, _OFFSETS >= FLANK
_NEAR = np.abs(_OFFSETS) <= BAND


@dataclass(frozen=True)
class Seam:
    """What was measured along one outline.

    Attributes:
        bright, dark: levels (0 to 255) by which a line along the outline leaves the range of its two sides.
        hardness: median share of the step from subject to background that happens within one pixel; 0 where the two
            are too alike to tell.
        limit: hardness that looks cut at this size of picture.
    """

    bright: float
    dark: float
    hardness: float
    limit: float

    @property
    def halo(self) -> float:
        """1 no line along the outline, 0 a glaring one."""
        return 1.0 - max(self.bright / BRIGHT_HALO, self.dark / DARK_HALO)

    @property
    def edge(self) -> float:
        """1 an edge as a lens draws it; 0.5 where it begins to look cut."""
        return 1.0 - (self.hardness - SOFT_EDGE) / (2.0 * (self.limit - SOFT_EDGE))

    @property
    def score(self) -> float:
        """The worse of both, 0 to 1; 0.5 where it begins to be seen."""
        return float(np.clip(min(self.halo, self.edge), 0.0, 1.0))

    @property
    def words(self) -> str:
        """What is seen first."""
        if self.halo >= VISIBLE:  # a halo makes the edge hard too
            return "a hard, cut-out edge"
        brighter = self.bright / BRIGHT_HALO > self.dark / DARK_HALO
        return f"a {'bright' if brighter else 'dark'} line along its outline"


def measure_seam(grey: Mask, layer: Layer, covered: Mask) -> Seam | None:
    """Measure the outline of a subject where it borders on background.

    Args:
        grey: luminance of the finished picture, HW uint8.
        layer: the subject on its canvas.
        covered: HW uint8, 255 where any subject is.

    Returns:
        The measures, or None where too little of the outline borders on background inside the frame.
    """
    profiles = _profiles(grey, layer, covered)
    if profiles is None:
        return None
    bright, dark = _overshoot(profiles)
    halvings = max(0.0, float(np.log2(REFERENCE_SIDE / min(grey.shape))))
    limit = HARD_EDGE + HARDER_WHEN_SMALL * halvings
    return Seam(bright=bright, dark=dark, hardness=_hardness(profiles), limit=limit)


def _profiles(grey: Mask, layer: Layer, covered: Mask) -> Floats | None:
    """Brightness across the outline, inside to outside: one row a place, one column an offset."""
    height, width = grey.shape
    top, left = max(0, layer.y - REACH), max(0, layer.x - REACH)
    bottom = min(height, layer.y + layer.rgba.shape[0] + REACH)
    right = min(width, layer.x + layer.rgba.shape[1] + REACH)
    if bottom - top < 2 * REACH or right - left < 2 * REACH:
        return None
    visible = layer.visible[top:bottom, left:right]
    outlines, _ = cv2.findContours((visible > 127).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    long = [outline[:, 0] for outline in outlines if len(outline) > 2 * REACH]
    if not long:
        return None
    points = np.concatenate(long)
    points = points[np.linspace(0, len(points) - 1, min(SAMPLES, len(points))).astype(np.intp)]
    smooth = cv2.GaussianBlur(visible, (0, 0), FLANK)
    slopes = [cv2.Sobel(smooth, cv2.CV_32F, *order)[points[:, 1], points[:, 0]] for order in ((1, 0), (0, 1))]
    length = np.hypot(*slopes) + 1e-6
    x = (points[:, :1] + left - (slopes[0] / length)[:, None] * _OFFSETS).astype(np.float32)
    y = (points[:, 1:] + top - (slopes[1] / length)[:, None] * _OFFSETS).astype(np.float32)
    framed = (x.min(axis=1) > 1) & (x.max(axis=1) < width - 2) & (y.min(axis=1) > 1) & (y.max(axis=1) < height - 2)
    x, y = x[framed], y[framed]
    if len(x) < FEWEST:
        return None
    outside = covered[y[:, -1].astype(np.intp), x[:, -1].astype(np.intp)] < 40
    x, y = x[outside], y[outside]
    if len(x) < FEWEST:
        return None
    return np.asarray(cv2.remap(grey, x, y, cv2.INTER_LINEAR), dtype=np.float32)


def _overshoot(profiles: Floats) -> tuple[float, float]:
    """Levels by which the band along the outline is brighter and darker than both sides; mean over segments."""
    parts = np.array_split(profiles, max(4, len(profiles) // SEGMENT))
    means = np.stack([part.mean(axis=0) for part in parts])
    inside, outside = means[:, _INSIDE].mean(axis=1), means[:, _OUTSIDE].mean(axis=1)
    band = means[:, _NEAR]
    bright = np.maximum(band.max(axis=1) - np.maximum(inside, outside), 0.0)
    dark = np.maximum(np.minimum(inside, outside) - band.min(axis=1), 0.0)
    return float(bright.mean()), float(dark.mean())


def _hardness(profiles: Floats) -> float:
    contrast = np.abs(profiles[:, _INSIDE].mean(axis=1) - profiles[:, _OUTSIDE].mean(axis=1))
    telling = contrast > CONTRAST
    if np.count_nonzero(telling) < SEGMENT:
        return 0.0
    pixel = round(1.0 / STEP)
    steps = np.abs(profiles[telling, pixel:] - profiles[telling, :-pixel])
    middles = (_OFFSETS[pixel:] + _OFFSETS[:-pixel]) / 2.0
    steepest = steps[:, np.abs(middles) <= BAND].max(axis=1)
    return float(np.median(steepest / contrast[telling]))
