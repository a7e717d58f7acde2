"""What the light of a background is like: levels, colour, direction and hardness, read off a thumbnail."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from vivant.types import Background, Box, Image

THUMBNAIL = 96
"""Long side of the copies that statistics are taken from: fine texture does not matter for light."""
NEUTRAL_CHROMA = 14.0
"""Lab chroma below which a bright surface is taken to show the colour of the light."""
NEUTRAL_SHARE = 0.02
"""Share of the pixels that must be neutral and bright before they are believed."""
GREY_WORLD = 0.3
"""Power of the mean colour that stands in for the light's where no surface is neutral: green grass is mostly green by
itself, but under water and under trees the light is coloured too."""
LOCAL_WEIGHT = 0.6
"""How much the subject's surroundings count against the whole picture."""
INDOOR_HARDNESS = 0.5
"""Rooms are lit from many sides."""

BLUE_SKY = -17.0
"""Lab b below which sky is blue; overcast stays above."""
CLEAR_HARDNESS = 0.7
SIDE_POWER = 0.6
"""Lifts small values of the light's side: a shadow that leans reads as light, one behind its owner is not seen."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Tones:
    """Statistics of a set of pixels.

    Attributes:
        black: 3rd percentile of the linear luminance, 0..1.
        middle, white: 50th and 96th percentile of the largest linear channel, 0..1. A red thing in full light has
            little luminance, but its red is bright.
        light: colour of the light, linear RGB of luminance 1.
        mean: mean colour, linear RGB.
        chroma: 75th percentile of the Lab chroma.
    """

    black: float
    middle: float
    white: float
    light: Floats
    mean: Floats
    chroma: float


@dataclass(frozen=True)
class SceneLight:
    """The light of a background.

    Attributes:
        thumbnail: HWC uint8 RGB, long side `THUMBNAIL`.
        whole: tones of the whole picture.
        side: where the light comes from, -1 left to 1 right; near 0 where the picture does not tell.
        hardness: 0 overcast, 1 bright sun with deep shadows.
    """

    thumbnail: Image
    whole: Tones
    side: float
    hardness: float

    def around(self, box: Box) -> Tones:
        """Tones of the surroundings of a box, at and above the level of its foot, mixed with the whole picture's."""
        height, width = self.thumbnail.shape[:2]
        x0, x1 = box.x0 - 0.6 * box.width, box.x1 + 0.6 * box.width
        y0, y1 = box.y0 + 0.4 * box.height, box.y1 + 0.15 * box.height
        left, right = int(max(0.0, x0) * width), max(int(max(0.0, x0) * width) + 4, round(min(1.0, x1) * width))
        top, bottom = int(max(0.0, y0) * height), max(int(max(0.0, y0) * height) + 4, round(min(1.0, y1) * height))
        patch = self.thumbnail[min(top, height - 4) : bottom, min(left, width - 4) : right]
        return _mix(tones(patch.reshape(-1, 3)), self.whole, LOCAL_WEIGHT)


def linear(values: npt.NDArray[np.float32]) -> Floats:
    """sRGB 0..1 to linear light."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4).astype(np.float32)


def encoded(values: npt.NDArray[np.float32]) -> Floats:
    """Linear light to sRGB 0..1."""
    safe = np.maximum(values, 0.0)
    return np.where(safe <= 0.0031308, safe * 12.92, 1.055 * safe ** (1 / 2.4) - 0.055).astype(np.float32)


LUMINANCE = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
"""Rec. 709 weights of linear RGB."""
_TO_LINEAR = linear(np.arange(256, dtype=np.float32) / 255.0)


def thumbnail_of(image: Image) -> Image:
    """Area-averaged copy with a long side of `THUMBNAIL`, at least 4 pixels a side."""
    scale = min(1.0, THUMBNAIL / max(image.shape[:2]))
    size = (max(4, round(image.shape[1] * scale)), max(4, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def tones(pixels: npt.NDArray[np.uint8]) -> Tones:
    """Statistics of pixels, N x 3 uint8 sRGB, N >= 1."""
    straight = _TO_LINEAR[pixels]
    luminance = straight @ LUMINANCE
    lab = cv2.cvtColor((pixels.astype(np.float32) / 255.0)[None], cv2.COLOR_RGB2LAB)[0]
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    middle, white = (float(value) for value in np.quantile(straight.max(axis=1), (0.5, 0.96)))
    neutral = (chroma < NEUTRAL_CHROMA) & (lab[:, 0] > 55.0)
    mean = straight.mean(axis=0)
    if neutral.mean() > NEUTRAL_SHARE:
        light = straight[neutral].mean(axis=0)
    else:
        light = (np.maximum(mean, 1e-4) / max(float(mean @ LUMINANCE), 1e-4)) ** GREY_WORLD
    return Tones(
        black=float(np.quantile(luminance, 0.03)),
        middle=middle,
        white=white,
        light=(light / max(float(light @ LUMINANCE), 1e-4)).astype(np.float32),
        mean=mean.astype(np.float32),
        chroma=float(np.quantile(chroma, 0.75)),
    )


def scene_light(picture: Image, background: Background) -> SceneLight:
    """Read the light off a rendered background (HWC uint8 RGB)."""
    thumbnail = thumbnail_of(picture)
    luminance = _TO_LINEAR[thumbnail] @ LUMINANCE
    hardness = _hardness(luminance[int(background.ground_top * luminance.shape[0]) :])
    if not background.indoors and background.surface == "ground":
        hardness = max(hardness, _clear_sky(thumbnail[: max(4, int(background.horizon * thumbnail.shape[0]))]))
    whole = tones(thumbnail.reshape(-1, 3))
    if not background.indoors:
        # The sky is a source, not a surface: a grey-blue one would tint everything that stands in white daylight.
        below = min(int(background.horizon * thumbnail.shape[0]), thumbnail.shape[0] - 4)
        whole = replace(whole, light=tones(thumbnail[below:].reshape(-1, 3)).light)
    return SceneLight(
        thumbnail=thumbnail,
        whole=whole,
        side=_side(luminance, background.ground_top),
        hardness=hardness * (INDOOR_HARDNESS if background.indoors else 1.0),
    )


def _mix(one: Tones, other: Tones, weight: float) -> Tones:
    def mixed(a: float, b: float) -> float:
        return weight * a + (1.0 - weight) * b

    return Tones(
        black=mixed(one.black, other.black),
        middle=mixed(one.middle, other.middle),
        white=mixed(one.white, other.white),
        light=other.light,  # the colour of the light is the whole picture's: few surroundings hold a neutral surface
        mean=one.mean,
        chroma=mixed(one.chroma, other.chroma),
    )


def _side(luminance: Floats, ground_top: float) -> float:
    """Where the brightest part above the ground lies, and whether the ground brightens that way too."""
    height, width = luminance.shape
    across = np.linspace(-1.0, 1.0, width, dtype=np.float32)
    split = min(height - 2, max(2, int(ground_top * height)))
    above, ground = luminance[:split], luminance[split:]
    bright = np.maximum(above - np.quantile(above, 0.75), 0.0)
    sky = float((bright * across).sum() / max(float(bright.sum()), 1e-4))
    columns = ground.mean(axis=0)
    slope = float((columns * across).mean() / max(float(columns.mean()), 1e-4)) * 3.0
    side = float(np.clip(1.2 * sky + 0.6 * slope, -1.0, 1.0))
    return float(np.sign(side) * abs(side) ** SIDE_POWER)


def _clear_sky(sky: Image) -> float:
    """Blue sky means sun: up to `CLEAR_HARDNESS` by the share of the sky that is blue."""
    lab = cv2.cvtColor(sky.astype(np.float32) / 255.0, cv2.COLOR_RGB2LAB)
    blue = (lab[..., 2] < BLUE_SKY) & (lab[..., 0] > 35.0) & (lab[..., 1] < 25.0)
    return float(min(CLEAR_HARDNESS, 2.0 * CLEAR_HARDNESS * blue.mean()))


def _hardness(ground: Floats) -> float:
    """Sunlit ground has two levels stops apart at a coarse scale; an overcast one has one."""
    if min(ground.shape) < 2:
        return 0.3
    coarse = cv2.blur(ground, (3, 3))
    dark, bright = np.quantile(coarse, (0.1, 0.93))
    return float(np.clip((np.log2((bright + 0.01) / (dark + 0.01)) - 0.8) / 2.4, 0.0, 1.0))
