"""Noise and sharpness: what a camera does to everything in a picture alike, and a cut-out lacks."""

from __future__ import annotations

import cv2
import numpy as np

from vivant.data.repaint.light import Floats
from vivant.types import Image

HIGH_PASS_NORM = 6.0
"""Norm of the high-pass kernel [1 -2 1; -2 4 -2; 1 -2 1]: flat and sloped surfaces cancel, noise grows by this."""
BLOCK = 16
"""Side of the blocks that noise is measured in."""
QUIET_SHARE = 0.1
"""The quietest share of the blocks holds noise and no texture."""
MOST_GRAIN = 9.0
"""Levels of noise beyond which a measurement must have been texture."""
TILE = 256
"""Side of the tile of noise that is repeated, each time from another place."""
REBLUR = 1.0
"""Blur, in pixels, whose effect on an edge tells the edge's own blur (Zhuo and Sim, 2011)."""
EDGE_SHARE = 0.06
"""Share of the pixels, those of the strongest gradients, that count as edges."""
PEAK_SHARE = 0.003
"""Share of the pixels that holds the very strongest, single sparkles left out."""
SHARP = 0.8
"""What is measured on a perfectly sharp step: the pixel's and the gradient filter's own blur."""
SOFTEST = 3.0

_HIGH_PASS = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)


def noise_level(image: Image) -> float:
    """Standard deviation of the noise in levels of 0..255, from the quietest blocks; image HWC RGB or HW, uint8."""
    grey = _grey(image)
    height, width = grey.shape[0] // BLOCK * BLOCK, grey.shape[1] // BLOCK * BLOCK
    if min(height, width) < BLOCK:
        return 0.0
    response = np.abs(cv2.filter2D(grey[:height, :width], cv2.CV_32F, _HIGH_PASS))
    # The mean of |normal| is 0.798 sigma; blocks that are burnt out or black have no noise to show.
    blocks = cv2.resize(response, (width // BLOCK, height // BLOCK), interpolation=cv2.INTER_AREA)
    level = cv2.resize(grey[:height, :width], (width // BLOCK, height // BLOCK), interpolation=cv2.INTER_AREA)
    usable = blocks[(level > 12) & (level < 243)]
    if usable.size < 4:
        return 0.0
    return float(min(MOST_GRAIN, np.quantile(usable, QUIET_SHARE) / 0.798 / HIGH_PASS_NORM))


def edge_blur(image: Image) -> float:
    """Standard deviation, in pixels, of the blur of the strongest edges; image HWC RGB or HW, uint8."""
    grey = _grey(image)
    if min(grey.shape) < 12:
        return SHARP
    gradient = _gradient(grey)
    many, few = (float(value) for value in np.quantile(gradient, (1.0 - EDGE_SHARE, 1.0 - PEAK_SHARE)))
    threshold = max(many, 0.5 * few)  # where there are few edges, not their foothills
    if threshold < 4.0:  # nothing to judge by
        return SHARP
    again = _gradient(np.asarray(cv2.GaussianBlur(grey, (0, 0), REBLUR), dtype=np.float32))
    strong = gradient >= threshold
    ratio = float(np.median(gradient[strong] / np.maximum(again[strong], 1e-3)))
    return float(np.clip(REBLUR / np.sqrt(max(ratio**2 - 1.0, 1e-3)), SHARP, SOFTEST))


def noise_tile(rng: np.random.Generator) -> Floats:
    """TILE x TILE x 3 of noise with standard deviation 1: mostly of the lightness, a little of the colour, and
    slightly blurred, as demosaicing and JPEG leave it."""
    grey = rng.standard_normal((TILE, TILE, 1), dtype=np.float32)
    colour = rng.standard_normal((TILE, TILE, 3), dtype=np.float32)
    mixed = cv2.GaussianBlur(grey + 0.35 * colour, (3, 3), 0.6, borderType=cv2.BORDER_REFLECT)
    return np.asarray(mixed / mixed.std(), dtype=np.float32)


def add_grain(colours: Floats, tile: Floats, sigma: float, rng: np.random.Generator) -> None:
    """Add noise of that strength to HWC float32 0..255, in place; less in black and white, as in photos."""
    row, column = (int(value) for value in rng.integers(0, TILE, size=2))
    height, width = colours.shape[:2]
    rows, columns = (np.arange(height) + row) % TILE, (np.arange(width) + column) % TILE
    level = colours[..., 1] * (1.0 / 255.0)
    strength = sigma * (0.35 + 2.6 * level * (1.0 - level))
    colours += tile.take(rows, axis=0).take(columns, axis=1) * strength[..., None]


def _grey(image: Image) -> Floats:
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
    return np.asarray(grey, dtype=np.float32)


def _gradient(grey: Floats) -> Floats:
    return np.asarray(
        cv2.magnitude(cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=3)),
        dtype=np.float32,
    )
