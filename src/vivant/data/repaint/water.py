"""Water: the mirror image below what lies on it, and the colour it lays over what is in it."""

from __future__ import annotations

import cv2
import numpy as np

from vivant.data.compose import window_of
from vivant.data.repaint.light import Floats, SceneLight, encoded
from vivant.data.repaint.shadow import soft_blur
from vivant.types import Image, Layer

UNDERWATER = "underwater"
"""The place whose subjects are in the water, not on it."""
SQUASH = 0.8
"""Height of a mirror image over that of its owner: the water is seen from above."""
RIPPLE_SHARE = 0.012
"""Sideways swing of the ripples, as a share of the subject's width, growing downwards."""
RIPPLE_LENGTH = 0.05
"""Height of one ripple, as a share of the subject's height."""
REACH = 0.7
"""Share of the mirror image's height at which it has faded out."""


def reflect(canvas: Image, layer: Layer, strength: float) -> None:
    """Paint the mirror image of a layer below its foot onto the canvas (HWC uint8), in place."""
    solid = np.flatnonzero((layer.rgba[..., 3] > 127).any(axis=1))
    if not len(solid):
        return
    upright = layer.rgba[: solid[-1] + 1]
    height, width = upright.shape[:2]
    high = max(2, round(SQUASH * height))
    mirrored = cv2.resize(np.ascontiguousarray(upright[::-1]), (width, high), interpolation=cv2.INTER_AREA)
    rows = np.arange(high, dtype=np.float32)[:, None]
    swing = np.sin(rows * (2.0 * np.pi / max(4.0, RIPPLE_LENGTH * height))) * (RIPPLE_SHARE * width) * (rows / high)
    across = np.arange(width, dtype=np.float32)[None] + swing.astype(np.float32)
    down = np.repeat(rows, width, axis=1)
    rippled = cv2.remap(mirrored, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    values = soft_blur(rippled.astype(np.float32), 0.01 * width, 0.015 * height)
    alpha = values[..., 3] * (strength / 255.0) * np.clip(1.0 - rows / (REACH * high), 0.0, 1.0)
    where, part = window_of(values.shape, layer.x, layer.y + height, canvas.shape)
    below = canvas[where].astype(np.float32)
    below += (values[part][..., :3] - below) * alpha[part][..., None]
    canvas[where] = np.clip(below + 0.5, 0.0, 255.0)


def submerge(colours: Floats, light: SceneLight, strength: float) -> None:
    """Lay the colour of the water over a subject (HWC float32 0..255), in place."""
    water = encoded(light.whole.mean) * 255.0
    colours += (water - colours) * np.float32(strength)
