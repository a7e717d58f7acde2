"""Custom Diffusion's augmentation (its section 3.3): a picture smaller or larger than it is, and told so.

Where a smaller one leaves nothing to see, nothing is learned: the loss is not computed there.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vivant.training.prompting import FAR, NEAR
from vivant.types import Image, Mask

SMALL, LARGE, LARGEST = 0.4, 1.2, 1.4
"""Scales are drawn from 0.4 to 1, or, once in three times, from 1.2 to 1.4."""
TOLD = 0.6
"""Below this scale a picture is said to be far away."""
_FILL = 128


@dataclass(frozen=True)
class Resizing:
    """One version of a picture.

    Attributes:
        scale: of its sides.
        across, down: where it lies, or which part of it is seen, from 0 to 1.
        mirrored: left to right.
        words: said before its prompt; empty where nothing is to be said.
    """

    scale: float = 1.0
    across: float = 0.5
    down: float = 0.5
    mirrored: bool = False
    words: str = ""


def draw_resizing(rng: np.random.Generator, *, resize: bool, flip: float) -> Resizing:
    """A version at random.

    Args:
        rng: what is drawn from.
        resize: whether its scale is changed.
        flip: chance to be mirrored.
    """
    mirrored = bool(rng.random() < flip)
    if not resize:
        return Resizing(mirrored=mirrored)
    low, high = (LARGE, LARGEST) if rng.integers(3) == 2 else (SMALL, 1.0)
    scale, (across, down), choice = float(rng.uniform(low, high)), rng.random(2).tolist(), int(rng.integers(2))
    words = FAR[choice] if scale < TOLD else NEAR[choice] if scale > 1.0 else ""
    return Resizing(scale, across, down, mirrored, words)


def resized(picture: Image, how: Resizing, width: int, height: int) -> tuple[Image, Mask]:
    """A version of a picture, and where there is something of it.

    Args:
        picture: HWC uint8 RGB of any size; the largest part in its middle that has the output's shape is used.
        how: which version.
        width, height: pixels of what comes out.

    Returns:
        [height, width, 3] uint8 and [height, width] uint8, 255 where the picture is.
    """
    whole = _fitted(picture[:, ::-1] if how.mirrored else picture, width, height)
    if how.scale == 1.0:
        return whole, np.full((height, width), 255, dtype=np.uint8)
    if how.scale > 1.0:
        part = (max(1, round(width / how.scale)), max(1, round(height / how.scale)))
        left, top = (round((side - inner) * at) for side, inner, at in _sides(width, height, part, how))
        return _scaled(whole[top : top + part[1], left : left + part[0]], width, height), np.full(
            (height, width), 255, dtype=np.uint8
        )
    part = (max(1, round(width * how.scale)), max(1, round(height * how.scale)))
    left, top = (round((side - inner) * at) for side, inner, at in _sides(width, height, part, how))
    canvas = np.full((height, width, 3), _FILL, dtype=np.uint8)
    seen = np.zeros((height, width), dtype=np.uint8)
    canvas[top : top + part[1], left : left + part[0]] = _scaled(whole, *part)
    seen[top : top + part[1], left : left + part[0]] = 255
    return canvas, seen


def cells_seen(seen: Mask, height: int, width: int) -> npt.NDArray[np.float32]:
    """Of each latent, 1 where all of its pixels are the picture's, else 0: [height, width]."""
    parts = seen.reshape(height, seen.shape[0] // height, width, seen.shape[1] // width)
    return np.asarray(parts.min(axis=(1, 3)) == 255, dtype=np.float32)


def _sides(width: int, height: int, part: tuple[int, int], how: Resizing) -> tuple[tuple[int, int, float], ...]:
    return (width, part[0], how.across), (height, part[1], how.down)


def _fitted(picture: Image, width: int, height: int) -> Image:
    rows, columns = picture.shape[:2]
    scale = min(columns / width, rows / height)
    part = (max(1, round(width * scale)), max(1, round(height * scale)))
    left, top = (columns - part[0]) // 2, (rows - part[1]) // 2
    return _scaled(picture[top : top + part[1], left : left + part[0]], width, height)


def _scaled(picture: Image, width: int, height: int) -> Image:
    if picture.shape[:2] == (height, width):
        return np.ascontiguousarray(picture)
    smaller = width * height < picture.shape[0] * picture.shape[1]
    how = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(np.ascontiguousarray(picture), (width, height), interpolation=how), dtype=np.uint8)
