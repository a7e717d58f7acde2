"""The outline of a pasted subject: old background taken off, softness matched, light from behind spilling over."""

from __future__ import annotations

import cv2
import numpy as np

from vivant.data.repaint.light import Floats
from vivant.data.repaint.shadow import soft_blur
from vivant.types import Image, Mask

CLEAN_SOLID = 0.97
"""Alpha from which a pixel's colour is the subject's alone."""
CLEAR = 12
"""Alpha below which a pixel is outside the subject."""
CLEAN_REACH = 3.0
"""Pixels of a 1024-pixel picture from which colour is fetched for the outline."""
WRAP_REACH = 5.0
"""Pixels of a 1024-pixel picture that light wraps around the outline."""
OVERLAP_SHARE = 0.028
"""Height of the strip above the foot that the ground's texture may cover, as a share of the subject's height."""
TEXTURE_SPREAD = 5.0
"""Pixels (of 1024) over which the ground is averaged to find its bright blades and grains."""
TEXTURE_FULL = 18.0
"""Levels above the average at which a blade stands wholly in front."""


def refine_alpha(alpha: Mask, erosion: float, softness: float) -> Floats:
    """Alpha 0..1 (HW float32) with the outline moved in by `erosion` pixels and blurred by `softness` pixels.

    The outline moves in by as much as the blur pushes it out, so there is no halo. With both 0 the alpha stays.
    """
    values = alpha.astype(np.float32) * np.float32(1.0 / 255.0)
    if erosion <= 0.0 and softness <= 0.0:
        return values
    whole, part = divmod(erosion, 1.0)
    kernel = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    framed = cv2.copyMakeBorder(values, 1, 1, 1, 1, cv2.BORDER_REPLICATE)  # a side cut by the photo is no outline
    for _ in range(int(whole)):
        framed = cv2.erode(framed, kernel, borderType=cv2.BORDER_REPLICATE)
    if part > 0.0:
        framed = cv2.addWeighted(
            framed, 1.0 - part, cv2.erode(framed, kernel, borderType=cv2.BORDER_REPLICATE), part, 0
        )
    if softness > 0.0:
        framed = cv2.GaussianBlur(framed, (0, 0), softness, borderType=cv2.BORDER_REPLICATE)
    # Blur reaches outside the cutout, where there is no colour of the subject: never beyond the original.
    return np.asarray(np.minimum(framed[1:-1, 1:-1], np.sqrt(values)), dtype=np.float32)


def clean_colours(colours: Floats, alpha: Mask, reach: float) -> None:
    """Move the colour of the outline's half-clear pixels to that of the solid ones nearby, in place.

    Glass and fur, half clear far from the outline, keep their own. Colours are HWC float32, 0..255.
    """
    solid = (alpha >= int(CLEAN_SOLID * 255)).astype(np.float32)
    weight = soft_blur(solid, reach, reach)
    fetched = soft_blur(np.ascontiguousarray(colours * solid[..., None]), reach, reach)
    fetched /= np.maximum(weight, 1e-3)[..., None]
    clear = np.asarray(cv2.dilate((alpha < CLEAR).astype(np.float32), np.ones((3, 3), np.uint8)), dtype=np.float32)
    outline = np.clip(3.0 * soft_blur(clear, reach * 0.7, reach * 0.7), 0.0, 1.0)
    share = outline * np.clip(5.0 * weight, 0.0, 1.0) * (1.0 - alpha.astype(np.float32) * np.float32(1.0 / 255.0))
    fetched -= colours
    fetched *= share[..., None]
    colours += fetched


def wrap_light(colours: Floats, alpha: Floats, behind: Image, strength: float, reach: float) -> None:
    """Let a brighter background spill over the outline, in place; `behind` is the canvas in the same window."""
    inside = soft_blur(alpha, reach, reach)
    band = np.clip(1.0 - inside, 0.0, 0.6) * alpha * np.float32(strength)
    light = soft_blur(behind.astype(np.float32), 2.0 * reach, 2.0 * reach)
    light -= colours
    np.maximum(light, 0.0, out=light)
    light *= band[..., None]
    colours += light


def overlap_ground(alpha: Floats, ground: Image, foot: int, scale: float, strength: float) -> None:
    """Take from the alpha, in place, what the ground's bright texture covers of the strip above the foot.

    Args:
        alpha: HW float32 of the layer's window.
        ground: the background in the same window, HWC uint8.
        foot: row of the subject's lowest point in the window.
        scale: pixels of this picture for one of a 1024-pixel picture.
        strength: 0 to 1.
    """
    height = max(2, round(OVERLAP_SHARE * alpha.shape[0]))
    top, bottom = max(0, foot - 3 * height), min(alpha.shape[0], foot + 1)
    if bottom - top < 2:
        return
    strip = cv2.cvtColor(np.ascontiguousarray(ground[top:bottom]), cv2.COLOR_RGB2GRAY).astype(np.float32)
    spread = TEXTURE_SPREAD * scale
    grey = np.asarray(cv2.GaussianBlur(strip, (0, 0), 0.7 * scale), dtype=np.float32)  # blades, not the picture's noise
    blades = np.clip((grey - soft_blur(grey, spread, spread)) / TEXTURE_FULL, 0.0, 1.0)
    solid = alpha[top:bottom] > 0.5
    rows = np.arange(bottom - top, dtype=np.float32)[:, None]
    lowest = np.where(solid.any(axis=0), bottom - top - 1 - solid[::-1].argmax(axis=0), -1e3)
    near = np.clip(1.0 - (lowest - rows) / height, 0.0, 1.0)  # 1 at the column's own lowest point
    alpha[top:bottom] *= 1.0 - strength * blades * near
