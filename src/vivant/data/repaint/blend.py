"""Stage 5, repaint, the embedded way: subjects fitted to a background photo without any model.

Each subject, far to near: its colours are brought under the scene's light, its shadow is laid on what is there already,
its outline is cleaned and softened, and it takes on the sharpness and grain of the place where it stands.
"""

from __future__ import annotations

from typing import get_args

import cv2
import numpy as np

from vivant.data.compose import HALF, Window, window_of
from vivant.data.repaint.edges import (
    CLEAN_REACH,
    WRAP_REACH,
    clean_colours,
    overlap_ground,
    refine_alpha,
    wrap_light,
)
from vivant.data.repaint.grain import SHARP, add_grain, edge_blur, noise_level, noise_tile
from vivant.data.repaint.harmonise import grade
from vivant.data.repaint.light import Floats, SceneLight, scene_light
from vivant.data.repaint.shadow import Patch, darken, ground_shadows, wall_shadow
from vivant.data.repaint.water import UNDERWATER, reflect, submerge
from vivant.errors import InputError
from vivant.settings.repaint import BlendSettings
from vivant.types import Background, Composite, Image, Layer, Layout, Mask, Support

SUPPORTS = frozenset(get_args(Support))
REFERENCE_SIDE = 1024
"""Settings in pixels are meant for a picture with this short side and scale with it."""
CUT_SHARE = 0.25
"""A lowest row this full, at the frame's edge, is a subject that goes on below the picture: nothing to stand on."""
GRAIN_FLOOR = 0.15
"""Levels of missing noise that nobody sees."""
LEAST_EDGE = 0.35
"""Pixels of softness that even the sharpest lens gives an outline."""
WATER_SHARE = 0.5
"""Of the contact shadow that is left on water."""


def blend(
    composite: Composite,
    picture: Image,
    background: Background,
    layout: Layout,
    settings: BlendSettings,
    rng: np.random.Generator,
) -> Image:
    """Paint the layers of a composite onto a background.

    Args:
        composite: what `compose` gave.
        picture: the rendered background, HWC uint8 RGB, as large as the composite.
        background: what is known of it, in fractions of `picture`.
        layout: says what each subject rests on.
        settings: how far to go; `BlendSettings.paste()` only pastes.
        rng: for the grain.

    Returns:
        HWC uint8 RGB. Where no subject and no shadow is, the background's own pixels.

    Raises:
        InputError: picture and composite differ in size.
    """
    if picture.shape[:2] != composite.hard_mask.shape:
        raise InputError(f"a background of {picture.shape[:2]} for a composite of {composite.hard_mask.shape}")
    canvas = _defocused(picture, background, settings) if settings.depth_blur else picture.copy()
    if not composite.layers:
        return canvas
    painter = _Painter(canvas, picture, background, settings, rng)
    for layer in composite.layers:
        painter.paint(layer, layout[layer.subject].rests_on)
    return canvas


class _Painter:
    """What the layers of one picture share while they are painted."""

    def __init__(
        self, canvas: Image, picture: Image, background: Background, settings: BlendSettings, rng: np.random.Generator
    ) -> None:
        self.canvas, self.picture, self.background = canvas, picture, background
        self.settings, self.rng = settings, rng
        self.scale = min(picture.shape[:2]) / REFERENCE_SIDE
        self.light: SceneLight = scene_light(picture, background)
        self.under_water = UNDERWATER in background.places
        self.painted: Mask = np.zeros(picture.shape[:2], np.uint8)
        self.noise = noise_level(picture) if settings.grain else 0.0
        self.tile = noise_tile(rng) if settings.grain else None

    def paint(self, layer: Layer, rests_on: str) -> None:
        where, part = window_of(layer.rgba.shape, layer.x, layer.y, self.canvas.shape)
        if where[0].start >= where[0].stop or where[1].start >= where[1].stop:
            return
        stacked = rests_on not in SUPPORTS  # stands on another subject, which takes its whole shadow
        for patch in self._shadows(layer, rests_on):
            darken(
                self.canvas,
                patch,
                self.painted,
                on_subjects=1.0 if stacked else self.settings.shadow_on_subjects,
                on_ground=0.0 if stacked else 1.0,
                indoors=self.background.indoors,
            )
        if rests_on == "water" and not self.under_water and self.settings.reflection:
            reflect(self.canvas, layer, self.settings.reflection)
        rgba = np.ascontiguousarray(layer.rgba[part])
        if self.settings.hard_mask:
            alpha: Floats = (rgba[..., 3] >= HALF).astype(np.float32)
            colours = self._lit(layer, rgba)
        else:
            colours, alpha = self._fitted(layer, rgba, where, rests_on)
        below = self.canvas[where].astype(np.float32)
        below += (colours - below) * alpha[..., None]
        self.canvas[where] = np.clip(below + 0.5, 0.0, 255.0)
        self.painted[where] = np.maximum(self.painted[where], rgba[..., 3])

    def _shadows(self, layer: Layer, rests_on: str) -> list[Patch]:
        if rests_on == "air":
            return []
        if rests_on == "wall":
            return wall_shadow(layer, self.light, self.settings)
        bottom = layer.y + layer.rgba.shape[0] >= self.canvas.shape[0] - 1
        if bottom and float((layer.rgba[-1, :, 3] >= HALF).mean()) > CUT_SHARE:
            return []
        settings = self.settings
        if rests_on == "water":
            settings = settings.model_copy(
                update={"cast_shadow": 0.0, "contact_shadow": settings.contact_shadow * WATER_SHARE}
            )
        ground = self.background.ground_top * self.canvas.shape[0]
        return ground_shadows(layer, self.light, min(ground, layer.y + layer.rgba.shape[0]), settings)

    def _lit(self, layer: Layer, rgba: Image) -> Floats:
        colours = grade(rgba, layer.box, self.light, self.settings)
        if self.under_water and self.settings.water:
            submerge(colours, self.light, self.settings.water)
        return colours

    def _fitted(self, layer: Layer, rgba: Image, where: Window, rests_on: str) -> tuple[Floats, Floats]:
        """Colours 0..255 and alpha 0..1 of a layer in its window of the canvas."""
        settings, scale = self.settings, self.scale
        colours = self._lit(layer, rgba)
        blur = self._place_blur(where) if settings.sharpness or settings.edge_match else SHARP
        extra = self._soften(colours, rgba, blur) if settings.sharpness else 0.0
        softness = settings.edge_match * max(LEAST_EDGE, blur) if settings.edge_match else 0.0
        alpha = refine_alpha(rgba[..., 3], settings.edge_erosion * scale, max(softness, extra))
        if settings.edge_erosion:
            clean_colours(colours, rgba[..., 3], CLEAN_REACH * scale)
        if settings.ground_overlap and rests_on == "ground":
            foot = layer.y + layer.rgba.shape[0] - 1 - where[0].start
            overlap_ground(alpha, self.canvas[where], foot, scale, settings.ground_overlap)
        if settings.light_wrap:
            wrap_light(colours, alpha, self.canvas[where], settings.light_wrap, WRAP_REACH * scale)
        if self.tile is not None and self.noise > 0:
            own = noise_level(_inner(rgba))
            missing = settings.grain * float(np.sqrt(max(0.0, self.noise**2 - own**2)))
            if missing > GRAIN_FLOOR:
                add_grain(colours, self.tile, missing, self.rng)
        return colours, alpha

    def _place_blur(self, where: Window) -> float:
        """How blurred the background is around the foot of a layer: the depth at which the subject stands."""
        rows, columns = where
        high = rows.stop - rows.start
        top, bottom = rows.stop - max(24, high // 4), rows.stop + max(12, high // 10)
        return edge_blur(self.picture[max(0, top) : bottom, columns])

    def _soften(self, colours: Floats, rgba: Image, blur: float) -> float:
        """Blur a subject that is sharper than its place, in place; gives the blur that was added, in pixels."""
        own = edge_blur(_inner(rgba))
        missing = self.settings.sharpness * float(np.sqrt(max(0.0, blur**2 - own**2)))
        if missing < 0.3:  # less than the pixel itself blurs
            return 0.0
        clean_colours(colours, rgba[..., 3], max(CLEAN_REACH * self.scale, 2.0 * missing))
        cv2.GaussianBlur(colours, (0, 0), missing, dst=colours, borderType=cv2.BORDER_REPLICATE)
        return missing


def _inner(rgba: Image) -> Image:
    """A block from the middle of a subject, solid as far as possible, to measure noise and sharpness in."""
    height, width = rgba.shape[:2]
    solid = rgba[..., 3] > 250
    rows = np.flatnonzero(solid.mean(axis=1) > 0.4)
    if not len(rows):
        return rgba[..., :3]
    columns = np.flatnonzero(solid[rows[0] : rows[-1] + 1].mean(axis=0) > 0.7)
    if len(columns) < min(24, width):
        return np.ascontiguousarray(rgba[height // 4 : -height // 4 or None, width // 4 : -width // 4 or None, :3])
    return np.ascontiguousarray(rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1, :3])


def _defocused(picture: Image, background: Background, settings: BlendSettings) -> Image:
    """The background with its far part, above the ground, out of focus."""
    height = picture.shape[0]
    sigma = settings.depth_blur * min(picture.shape[:2]) / REFERENCE_SIDE
    blurred = cv2.GaussianBlur(picture, (0, 0), sigma)
    edge = background.ground_top * height
    weight = np.clip((edge - np.arange(height, dtype=np.float32)) / max(1.0, 0.15 * height), 0.0, 1.0)[:, None, None]
    return np.asarray(picture + weight * (blurred.astype(np.float32) - picture) + 0.5, dtype=np.uint8)
