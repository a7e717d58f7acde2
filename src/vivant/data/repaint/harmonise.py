"""Colour and light of a subject matched to its background, gently: a red backpack stays red.

The match is a photographer's: exposure, white balance and tone curve as one lookup table a channel in linear light,
then a low-resolution map of light for shading, bounce and contact. Statistics come from thumbnails.
"""

from __future__ import annotations

import cv2
import numpy as np

from vivant.data.repaint.light import LUMINANCE, Floats, SceneLight, Tones, encoded, linear, thumbnail_of, tones
from vivant.settings.repaint import BlendSettings
from vivant.types import Box, Image, Mask

WHITE_SHARE = 0.65
"""Exposure is judged by highlights first: they tell dark light from a dark thing, the middle does not."""
GAIN_RANGE = (0.88, 1.14)
"""White balance a channel: beyond it a subject looks painted."""
LIFT_LIMIT = 0.008
"""Most that black is lifted, in linear light: haze, not fog."""
CONTRAST_RANGE = (0.85, 1.15)
SATURATION_RANGE = (0.88, 1.08)
SHOULDER = 0.75
"""Linear level above which highlights are compressed rather than clipped."""
LIGHT_MAP = 48
"""Long side of the map of light: light is smooth."""
SIDE_REACH = 0.22
"""How far from the outline the light from one side wraps around a form, as a share of the subject's size."""
CONTACT_REACH = 0.07
"""How far up from its foot a subject is darkened by the ground, as a share of its height."""
CONTACT_DARKENING = 0.55


def grade(rgba: Image, box: Box, light: SceneLight, settings: BlendSettings) -> Floats:
    """Colours of a layer under the light of the scene.

    Args:
        rgba: HWC uint8, straight alpha.
        box: where it lies.
        light: of the background.

    Returns:
        HWC float32 RGB, 0..255; the layer's own colours where every strength is 0.
    """
    around = light.around(box)
    small = thumbnail_of(rgba)
    if not small[..., 3].any():
        return rgba[..., :3].astype(np.float32)
    solid = small[..., 3] >= 0.8 * small[..., 3].max()
    own = tones(small[solid][:, :3])
    table = _table(own, around, light.whole.white, settings)
    colours: Floats = np.asarray(cv2.LUT(np.ascontiguousarray(rgba[..., :3]), table), dtype=np.float32)
    saturation = _saturation(own, around, settings)
    if saturation != 1.0:
        matrix = saturation * np.eye(3, dtype=np.float32) + (1.0 - saturation) * LUMINANCE[None]
        colours = np.asarray(cv2.transform(colours, matrix), dtype=np.float32)
    if settings.shading or settings.bounce:
        gains = light_map(rgba[..., 3], light, around, settings)
        colours *= cv2.resize(gains, (rgba.shape[1], rgba.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.clip(colours, 0.0, 255.0, out=colours)


def light_map(alpha: Mask, light: SceneLight, around: Tones, settings: BlendSettings) -> Floats:
    """Gains (HWC float32, long side `LIGHT_MAP`) for the side light, the bounce and the darkening at the foot."""
    scale = LIGHT_MAP / max(alpha.shape)
    size = (max(4, round(alpha.shape[1] * scale)), max(4, round(alpha.shape[0] * scale)))
    shape = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
    # A blurred silhouette falls off towards its outline like a rounded body turning away: its slope is a normal.
    padded = cv2.copyMakeBorder(shape, 6, 6, 6, 6, cv2.BORDER_CONSTANT)
    body = cv2.GaussianBlur(padded, (0, 0), SIDE_REACH * min(size) * 0.5 + 1.0)
    slope = -cv2.Sobel(body, cv2.CV_32F, 1, 0, ksize=3)[6:-6, 6:-6]
    turned = slope / max(float(np.abs(slope).max()), 1e-4)
    rise = np.linspace(1.0, 0.0, size[1], dtype=np.float32)[:, None]  # 1 at the head, 0 at the foot
    gains = 1.0 + settings.shading * (0.45 * light.side * turned + 0.12 * (rise - 0.5))
    foot = np.exp(-rise / CONTACT_REACH)
    gains = gains * (1.0 - settings.bounce * CONTACT_DARKENING * foot)
    ground = around.mean / max(float(around.mean @ LUMINANCE), 1e-4)
    tint = 1.0 + settings.bounce * 0.18 * (np.clip(ground, 0.5, 1.6) - 1.0)
    below = ((1.0 - rise) ** 2)[..., None]
    return np.asarray(gains[..., None] * (1.0 + below * (tint - 1.0)), dtype=np.float32)


def _table(own: Tones, around: Tones, brightest: float, settings: BlendSettings) -> Floats:
    """256 x 1 x 3 lookup table, uint8 level to float32 level 0..255; `brightest` is the whole scene's white."""
    levels = np.arange(256, dtype=np.float32)
    if not (settings.exposure or settings.dimming or settings.white_balance or settings.contrast):
        return np.repeat(levels[:, None, None], 3, axis=2)
    difference = WHITE_SHARE * _stops(around.white, own.white) + (1.0 - WHITE_SHARE) * _stops(around.middle, own.middle)
    stops = float(np.clip(settings.exposure * difference, -settings.exposure_limit, settings.exposure_limit))
    stops -= settings.dimming * max(0.0, stops - _stops(brightest, own.white))
    gains = np.clip((around.light / own.light) ** settings.white_balance, *GAIN_RANGE)
    gains /= float(gains @ LUMINANCE)
    lift = settings.contrast * float(np.clip(around.black - own.black * 2.0**stops, 0.0, LIFT_LIMIT))
    straight = linear(levels / 255.0)[:, None] * (gains * 2.0**stops)[None]
    straight = lift + (1.0 - lift) * _shoulder(straight)
    display = encoded(straight)
    own_range = np.sqrt(own.white) - np.sqrt(own.black)
    range_ratio = (np.sqrt(around.white) - np.sqrt(around.black) + 0.1) / (own_range + 0.1)
    contrast = float(np.clip(range_ratio ** (settings.contrast * 0.5), *CONTRAST_RANGE))
    pivot = float(encoded(np.array([own.middle * 2.0**stops], np.float32))[0])
    curved = pivot + (display - pivot) * contrast
    # Ends stay where they are, so that black is not crushed and white not clipped.
    blend = 4.0 * display * (1.0 - np.minimum(display, 1.0))
    display = display + (curved - display) * np.clip(blend, 0.0, 1.0)
    return np.asarray(np.clip(display * 255.0, 0.0, 255.0)[:, None, :], dtype=np.float32)


def _stops(target: float, value: float) -> float:
    return float(np.log2((target + 0.02) / (value + 0.02)))


def _shoulder(values: Floats) -> Floats:
    """Bend highlights that an exposure has pushed beyond white back below it; values that stay within are kept."""
    top = values.max(axis=0, keepdims=True)
    room = 1.0 - SHOULDER
    steepness = np.maximum((top - SHOULDER) / room, 1.0)
    along = np.clip((values - SHOULDER) / np.maximum(top - SHOULDER, 1e-4), 0.0, 1.0)
    bent = SHOULDER + room * (1.0 - (1.0 - along) ** steepness)
    return np.where((values > SHOULDER) & (top > 1.0), bent, values).astype(np.float32)


def _saturation(own: Tones, around: Tones, settings: BlendSettings) -> float:
    ratio = (around.chroma + 12.0) / (own.chroma + 12.0)
    return float(np.clip(ratio ** (0.5 * settings.saturation), *SATURATION_RANGE))
