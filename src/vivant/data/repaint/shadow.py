"""Shadows that hold a subject to the ground: a dark line of contact, a soft pool around it, and a cast shadow.

All are drawn from the silhouette's own lower outline, never from its box, on reduced copies: shadows are soft.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vivant.data.compose import window_of
from vivant.data.repaint.light import Floats, SceneLight
from vivant.settings.repaint import BlendSettings
from vivant.types import Image, Layer, Mask

TOUCH_RISE = 0.15
"""How far above the lowest point a foot still stands on the ground, as a share of the subject's height: the hind paws
of a sitting cat are farther away, so higher up in the picture."""
FOOT_WIDTH = 0.2
"""Width, as a share of the subject's, within which only the lowest part of the outline counts as a foot."""
FOOT_ROUND = 0.012
"""How far a foot's sole may curve up and still touch, as a share of the subject's height."""
POOL_RISE = 0.12
"""How far above the lowest point a belly still keeps light away from the ground."""
TOUCH_SPREAD = 0.024
"""Blur of the contact line, as a share of the subject's size."""
POOL_SPREAD = 0.075
POOL_DEPTH = 0.05
POOL_FRONT = 0.025
"""Reach of the pool behind and before the outline before it is blurred, as a share of the subject's height."""
POOL_BRIDGE = 0.6
"""Widest gap between feet, as a share of the subject's width, that the pool closes."""
FLATNESS = 0.42
"""Height over width of a blur that lies on the ground, seen from a standing person's eye."""
CAST_SQUASH = 0.2
"""Length of the cast shadow up the picture, as a share of the subject's height."""
CAST_LEAN = 1.1
"""Its reach sideways, in subject heights, in light from fully one side."""
CAST_SOFTNESS = (0.012, 0.05)
"""Blur of the cast shadow near the foot and at the head, as a share of the subject's size."""
CAST_FADE = 0.45
"""Share that is gone at the head's shadow."""
OVERCAST_CAST = 0.3
"""Share of a cast shadow that overcast light still throws."""
SKY_TINT = np.array([1.0, 0.96, 0.9], dtype=np.float32)
"""Shadows outdoors are lit by the sky: they darken red more than blue."""
WALL_OFFSET = 0.035
"""Offset of the shadow of a thing on a wall, as a share of its size."""
WORK_SHARE = 0.5
"""Scale of the copy that contact is drawn on."""
SOFT_SIGMA = 2.5
"""Blurs wider than this, in pixels, are made on a reduced copy."""


@dataclass(frozen=True)
class Patch:
    """Darkness 0..1 (HW float32) with its top left corner on the canvas."""

    darkness: Floats
    x: int
    y: int


def ground_shadows(layer: Layer, light: SceneLight, ground_top: float, settings: BlendSettings) -> list[Patch]:
    """Shadows of a subject that stands on something.

    Args:
        layer: the subject.
        light: of the background.
        ground_top: y from which downwards there is ground, in pixels of the canvas.

    Returns:
        Patches to darken the canvas with before the subject is painted.
    """
    if layer.rgba.shape[0] < 8 or layer.rgba.shape[1] < 8:
        return []
    patches = []
    if settings.cast_shadow > 0:
        patches.append(_cast(layer, light, ground_top, settings.cast_shadow))
    if settings.contact_shadow > 0 or settings.ambient_shadow > 0:
        patches.append(_contact(layer, settings))
    return patches


def wall_shadow(layer: Layer, light: SceneLight, settings: BlendSettings) -> list[Patch]:
    """The shadow of a thing that hangs on a wall: itself, moved down and away from the light, and blurred."""
    if settings.cast_shadow <= 0:
        return []
    size = float(min(layer.rgba.shape[:2]))
    pad = max(4, round(4 * WALL_OFFSET * size))
    alpha = cv2.copyMakeBorder(layer.rgba[..., 3], pad, pad, pad, pad, cv2.BORDER_CONSTANT)
    blurred = soft_blur(alpha.astype(np.float32) / 255.0, WALL_OFFSET * size * 0.8, WALL_OFFSET * size * 0.8)
    darkness = blurred * np.float32(settings.cast_shadow * 0.7)
    aside = round(-(light.side or 0.3) * WALL_OFFSET * size)
    return [Patch(darkness, layer.x - pad + aside, layer.y - pad + round(WALL_OFFSET * size))]


def darken(canvas: Image, patch: Patch, painted: Mask, *, on_subjects: float, on_ground: float, indoors: bool) -> None:
    """Multiply a patch into the canvas, in place.

    Args:
        canvas: HWC uint8 RGB.
        patch: the shadow.
        painted: HW uint8, alpha of the subjects that are on the canvas already.
        on_subjects, on_ground: share of the shadow that falls on these and on the rest.
        indoors: without a sky to tint it.
    """
    where, part = window_of(patch.darkness.shape, patch.x, patch.y, canvas.shape)
    if where[0].start >= where[0].stop or where[1].start >= where[1].stop:
        return
    darkness = patch.darkness[part]
    if on_subjects != on_ground:
        share = painted[where].astype(np.float32) * ((on_subjects - on_ground) / 255.0) + on_ground
        darkness = darkness * share
    tint = np.ones(3, np.float32) if indoors else SKY_TINT
    kept = 1.0 - cv2.merge([darkness * value for value in tint])
    canvas[where] = (canvas[where] * kept).astype(np.uint8)  # truncates: a shadow never brightens


def soft_blur(values: Floats, sigma_x: float, sigma_y: float) -> Floats:
    """Gaussian blur; wide ones on a reduced copy, where the result cannot be told from the full one."""
    step_x, step_y = max(1, int(sigma_x / SOFT_SIGMA)), max(1, int(sigma_y / SOFT_SIGMA))
    height, width = values.shape[:2]
    size = (max(2, -(-width // step_x)), max(2, -(-height // step_y)))
    small = values if size == (width, height) else cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(
        small,
        (0, 0),
        max(sigma_x * size[0] / width, 0.1),
        sigmaY=max(sigma_y * size[1] / height, 0.1),
        borderType=cv2.BORDER_REPLICATE,
    )
    if size != (width, height):
        blurred = cv2.resize(blurred, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(blurred, dtype=np.float32)


def _contact(layer: Layer, settings: BlendSettings) -> Patch:
    """The line of contact and the pool, at the lower edge of the layer."""
    height, width = layer.rgba.shape[:2]
    size = float(np.sqrt(height * width))
    pad = round(3 * POOL_SPREAD * size)
    band = min(height, round(2.0 * TOUCH_RISE * height) + 4)
    alpha = layer.rgba[height - band :, :, 3]
    framed = cv2.copyMakeBorder(alpha, 0, round(pad * FLATNESS * 1.5), pad, pad, cv2.BORDER_CONSTANT)
    small_size = (max(4, round(framed.shape[1] * WORK_SHARE)), max(4, round(framed.shape[0] * WORK_SHARE)))
    small = np.asarray(cv2.resize(framed, small_size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    scale = small_size[0] / framed.shape[1]
    span = height * scale
    lowest = _lower_outline(small)
    spread = TOUCH_SPREAD * size * scale
    feet = _feet(lowest, span, width * scale)
    touch = _strip(small.shape, lowest, feet, spread * FLATNESS + 1.0, 0.5 * spread * FLATNESS + 0.5)
    pooled = _bridged(lowest, round(POOL_BRIDGE * width * scale))
    near = np.exp(-(((lowest.max() - pooled) / max(POOL_RISE * span, 1.0)) ** 2))
    pool = _strip(small.shape, pooled, near, POOL_DEPTH * span + 1.0, POOL_FRONT * span + 1.0)
    line = _normalised(soft_blur(touch, spread, spread * FLATNESS + 0.5))
    wide = POOL_SPREAD * size * scale
    soft = _normalised(soft_blur(pool, wide, wide * FLATNESS))
    darkness = 1.0 - (1.0 - settings.contact_shadow * line) * (1.0 - settings.ambient_shadow * soft)
    full = cv2.resize(darkness, (framed.shape[1], framed.shape[0]), interpolation=cv2.INTER_LINEAR)
    fade = np.minimum(1.0, np.arange(full.shape[0], dtype=np.float32) / max(1.0, 0.3 * band))
    return Patch(np.asarray(full * fade[:, None], np.float32), layer.x - pad, layer.y + height - band)


def _lower_outline(alpha: Mask) -> Floats:
    """The row of the lowest solid pixel of each column, -1 where there is none."""
    solid = alpha > 127
    lowest = np.where(solid.any(axis=0), alpha.shape[0] - 1 - solid[::-1].argmax(axis=0), -1)
    return np.asarray(lowest, dtype=np.float32)


def _feet(lowest: Floats, height: float, width: float) -> Floats:
    """How surely each column of the outline touches the ground: every foot by itself, lower ones more."""
    window = np.ones((1, max(3, round(FOOT_WIDTH * width)) | 1), np.uint8)
    sole = np.asarray(cv2.dilate(lowest[None], window)[0], dtype=np.float32)
    touching = np.exp(-(((sole - lowest) / max(FOOT_ROUND * height, 1.0)) ** 2))
    return np.asarray(touching * np.exp(-(((lowest.max() - sole) / max(TOUCH_RISE * height, 1.0)) ** 2)), np.float32)


def _bridged(lowest: Floats, gap: int) -> Floats:
    """The outline with gaps of up to `gap` columns between feet closed: the ground there is in shadow too."""
    if gap < 2:
        return lowest
    framed = np.pad(lowest, gap, constant_values=-1.0)[None]  # no foot beyond the frame
    closed = cv2.morphologyEx(framed, cv2.MORPH_CLOSE, np.ones((1, gap | 1), np.uint8))
    return np.asarray(closed[0, gap:-gap], dtype=np.float32)


def _strip(shape: tuple[int, ...], lowest: Floats, weight: Floats, above: float, below: float) -> Floats:
    """A strip along the outline, weighted by column."""
    rows = np.arange(shape[0], dtype=np.float32)[:, None]
    strip = (rows <= lowest + below) & (rows >= lowest - above) & (lowest >= 0)
    return np.asarray(strip * weight, dtype=np.float32)


def _normalised(values: Floats) -> Floats:
    """Brought to a peak of 1: a thin footprint loses its peak to the blur."""
    return values / max(float(values.max()), 1e-3)


def _cast(layer: Layer, light: SceneLight, ground_top: float, strength: float) -> Patch:
    """The silhouette laid down on the ground behind the subject, leaning away from the light."""
    height, width = layer.rgba.shape[:2]
    size = float(np.sqrt(height * width))
    lean = -light.side * CAST_LEAN
    pad = round(3 * CAST_SOFTNESS[1] * size)
    long = round(CAST_SQUASH * height)
    left = round(max(0.0, -lean * height)) + pad
    right = round(max(0.0, lean * height)) + pad
    step = max(2, round(size / 160))  # the shadow is soft: about 160 pixels a side are plenty
    out_wide, out_high = (left + width + right) // step + 1, (long + 2 * pad) // step + 1
    small = cv2.resize(
        layer.rgba[..., 3], (max(2, width // step), max(2, height // step)), interpolation=cv2.INTER_AREA
    )
    # A point z above the foot falls lean * z to the side and CAST_SQUASH * z up the picture.
    foot = float(small.shape[0])
    forward = np.array(
        [[1.0, -lean, lean * foot + left / step], [0.0, CAST_SQUASH, (pad + long) / step - CAST_SQUASH * foot]],
        dtype=np.float64,
    )
    laid = cv2.warpAffine(small, forward, (out_wide, out_high), flags=cv2.INTER_LINEAR).astype(np.float32) / 255.0
    near, far = (soft_blur(laid, spread * size / step, spread * size / step * 0.6) for spread in CAST_SOFTNESS)
    away = np.clip(((pad + long) / step - np.arange(out_high, dtype=np.float32)) / max(1.0, long / step), 0.0, 1.0)
    away = away[:, None]
    shadow = (near + (far - near) * np.sqrt(away)) * (1.0 - CAST_FADE * away)
    top = layer.y + height - long - pad
    rows = top + np.arange(out_high, dtype=np.float32) * step
    edge = max(4.0, 0.05 * height)
    shadow *= np.clip((rows - ground_top + edge) / edge, 0.0, 1.0)[:, None]
    shadow *= strength * (OVERCAST_CAST + (1.0 - OVERCAST_CAST) * light.hardness)
    full = cv2.resize(shadow, (out_wide * step, out_high * step), interpolation=cv2.INTER_LINEAR)
    return Patch(np.asarray(full, np.float32), layer.x - left, top)
