"""Where the demo's subjects are photographed: paper sweeps, a room's corner, a blurred painted scene."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vivant.data.painted import paint
from vivant.data.painted.canvas import Canvas, Colour, blurred
from vivant.data.painted.noise import smoothstep
from vivant.data.painted.shapes import box
from vivant.data.painted.sky import mix
from vivant.types import Image

SIDE = 640
"""Pixels a side of a photo."""


@dataclass(frozen=True)
class Setting:
    """A backdrop: a colour of paper, a wall and a floor of other colours, or a painted scene far out of focus."""

    wall: Colour = (0.6, 0.6, 0.6)
    floor: Colour | None = None
    scene: str | None = None


def photograph(subject: Image, setting: Setting, light_x: float, rng: np.random.Generator, *, ground: float) -> Image:
    """Put a drawn subject into its setting with a shadow under it, and give both the look of one photo.

    Args:
        subject: HWC uint8 RGBA, SIDE x SIDE, where it is to be.
        light_x: where light comes from, -1 left to 1 right.
        ground: y of its foot, fraction.

    Returns:
        HWC uint8 RGB.
    """
    scenery = _backdrop(setting, light_x, rng, ground).astype(np.float32) / 255
    alpha = subject[..., 3].astype(np.float32) / 255
    scenery *= (1 - _shadow(alpha, light_x, ground))[..., None]
    weight = alpha[..., None]
    photo = scenery * (1 - weight) + subject[..., :3].astype(np.float32) / 255 * weight
    photo = blurred(photo, 0.55)
    photo += rng.normal(0, 0.009, (SIDE, SIDE, 1)).astype(np.float32)
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j].astype(np.float32)
    photo *= (1 - 0.14 * np.clip((x * x + y * y - 0.5) / 1.5, 0, 1))[..., None]
    return np.asarray(np.clip(photo, 0, 1) * 255 + 0.5, np.uint8)


def _backdrop(setting: Setting, light_x: float, rng: np.random.Generator, ground: float) -> Image:
    if setting.scene:
        scenery = paint(setting.scene, SIDE, SIDE, rng)
        far = blurred(scenery, 9.0)
        near = blurred(scenery, 3.5)
        share = smoothstep(0.5, 0.95, np.linspace(0, 1, SIDE, dtype=np.float32))[:, None, None]
        return np.asarray(far + (near.astype(np.float32) - far) * share, np.uint8)
    canvas = Canvas(SIDE, SIDE, rng)
    wall, floor = setting.wall, setting.floor
    white, dark = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)
    if floor is None:
        canvas.gradient(
            [(0, mix(wall, dark, 0.18)), (0.5, wall), (0.85, mix(wall, white, 0.22)), (1, mix(wall, white, 0.12))]
        )
    else:
        edge = ground - 0.17
        canvas.gradient([(0, mix(wall, dark, 0.12)), (edge, mix(wall, white, 0.08))], 0.0, edge)
        canvas.gradient([(edge, mix(floor, dark, 0.18)), (edge + 0.1, floor), (1, mix(floor, white, 0.12))], edge)
        canvas.fill(box(-0.2, edge - 0.006, 1.2, edge + 0.004), dark, soft=0.006, opacity=0.35)
        canvas.blur(0.005)
    y, x = np.mgrid[0 : canvas.h, 0 : canvas.w].astype(np.float32) / canvas.h
    glow = np.exp(-((x - 0.5 - 0.35 * light_x) ** 2 / 0.28 + (y - 0.42) ** 2 / 0.34))
    canvas.multiply(np.asarray(0.84 + 0.28 * glow, np.float32))
    canvas.multiply(1 + 0.012 * canvas.noise("cloud", 0.4))
    return canvas.finish(vignette=0.12, bloom=0.1)


def _shadow(alpha: np.ndarray, light_x: float, ground: float) -> np.ndarray:
    """Darkness 0..1 on the ground: close and deep under the foot, long and faint away from the light."""
    foot = round(ground * SIDE)
    flat = cv2.warpAffine(
        alpha,
        np.array([[1, light_x * 0.45, -light_x * 0.45 * foot], [0, 0.16, foot * 0.84 - 4]]),
        (SIDE, SIDE),
        flags=cv2.INTER_LINEAR,
    )
    long = blurred(flat, 14) * 0.42
    low = alpha.copy()
    low[: max(0, foot - 60)] = 0
    under = cv2.warpAffine(low, np.array([[1.0, 0, 0], [0, 0.5, foot * 0.5]]), (SIDE, SIDE))
    deep = blurred(under, 5) * 0.62
    return 1 - (1 - long) * (1 - deep)
