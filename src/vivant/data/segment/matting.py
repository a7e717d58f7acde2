"""Soft edges: an alpha for every pixel near the outline, and the subject's own colour there.

Colours of both sides are spread across the edge from where they are known (blurred by the share of known pixels). A
pixel's alpha is where its colour lies between the two; where the two sides look alike, the photo says nothing and a
guided filter of the mask decides instead.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from vivant.data.segment.appearance import Map
from vivant.types import Image, Mask

BAND = 0.010
"""Half width of the band of unknown alpha, as a fraction of the long side: fur of a subject that fills a photo."""
SPREAD = 1.5
"""How far known colours reach, in half widths of the band."""
GUIDE_SIDE = 800
"""The guided filter runs at this long side; its linear coefficients are then used at full size."""
GUIDE_EPSILON = 4e-4
"""Variance of colour in [0, 1] below which the guided filter sees an even surface."""
CLEAR, SOLID = 0.08, 0.92
"""Alphas beyond these are noise of the estimate and become 0 and 1."""
SEPARABLE = 4.0
"""Squared distance between the sides, in variances of both, at which colour alone decides."""
_WEIGHT_FLOOR = 1e-4


def soften(image: Image, mask: Mask, reach: int) -> Image:
    """Turn a hard mask into soft alpha with clean colours.

    Args:
        image: HWC uint8 RGB.
        mask: HW uint8, above 127 inside.
        reach: half width of the band of unknown alpha in pixels; see `BAND`.

    Returns:
        HWC uint8 RGBA, straight alpha; near the edge the colours are the subject's, without the background's.
    """
    picture = image.astype(np.float32) / 255.0
    inside = (mask > 127).astype(np.uint8)
    core, shell = _erode(inside, reach), _dilate(inside, reach)
    band = (shell > 0) & (core == 0)
    fore, fore_variance = _spread(picture, core, reach)
    back, back_variance = _spread(picture, 1 - shell, reach)
    between = fore - back
    apart = (between**2).sum(axis=-1)
    by_colour = ((picture - back) * between).sum(axis=-1) / np.maximum(apart, _WEIGHT_FLOOR)
    fisher = apart / (fore_variance + back_variance + GUIDE_EPSILON)
    trust = np.clip(fisher / SEPARABLE, 0.0, 1.0) ** 2
    guided = guided_alpha(picture, inside, reach)
    alpha = trust * np.clip(by_colour, 0.0, 1.0) + (1.0 - trust) * guided
    alpha = _near_mask(alpha, inside, reach)
    alpha = np.where(band, np.clip((alpha - CLEAR) / (SOLID - CLEAR), 0.0, 1.0), inside)
    colour = subject_colour(picture, alpha.astype(np.float32), reach)
    return np.dstack([np.round(colour * 255), np.round(alpha * 255)]).astype(np.uint8)


def subject_colour(picture: Map, alpha: Map, reach: int) -> Map:
    """Colours of the subject alone, by two rounds of blur-fusion: a wide one, then a narrow one.

    Args:
        picture: HW3 float32 in [0, 1].
        alpha: HW float32 in [0, 1].
        reach: half width of the soft band in pixels.
    """
    fore, back = picture, picture
    for radius in (4 * reach, max(1, reach // 2)):
        weight, rest = _blur(alpha, radius), _blur(1.0 - alpha, radius)
        fore_mean = _blur(fore * alpha[..., None], radius) / np.maximum(weight, _WEIGHT_FLOOR)[..., None]
        back_mean = _blur(back * (1 - alpha)[..., None], radius) / np.maximum(rest, _WEIGHT_FLOOR)[..., None]
        left = picture - alpha[..., None] * fore_mean - (1 - alpha)[..., None] * back_mean
        fore = np.clip(fore_mean + alpha[..., None] * left, 0.0, 1.0)
        back = np.clip(back_mean + (1 - alpha)[..., None] * left, 0.0, 1.0)
    return np.where(alpha[..., None] >= 1.0, picture, fore).astype(np.float32)


def guided_alpha(picture: Map, inside: Mask, reach: int) -> Map:
    """The mask as a locally linear function of colour (guided filter), HW float32 in [0, 1]."""
    height, width = inside.shape
    scale = min(1.0, GUIDE_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    guide = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    target = cv2.resize(inside.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    radius = max(2, round(2 * reach * scale))

    def mean(values: npt.NDArray[Any]) -> Map:
        return np.asarray(cv2.blur(values, (2 * radius + 1, 2 * radius + 1)), dtype=np.float32)

    guide_mean, target_mean = mean(guide), mean(target)
    pairs = mean((guide[..., :, None] * guide[..., None, :]).reshape(*target.shape, 9))
    covariance = pairs.reshape(*target.shape, 3, 3) - guide_mean[..., :, None] * guide_mean[..., None, :]
    covariance += GUIDE_EPSILON * np.eye(3, dtype=np.float32)
    joint = mean(guide * target[..., None]) - guide_mean * target_mean[..., None]
    slope = np.linalg.solve(covariance, joint[..., None])[..., 0].astype(np.float32)
    offset = target_mean - (slope * guide_mean).sum(axis=-1)
    lines = mean(np.dstack([slope, offset]))
    full = np.asarray(cv2.resize(lines, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    alpha = (full[..., :3] * picture).sum(axis=-1) + full[..., 3]
    return np.asarray(np.clip(alpha, 0.0, 1.0), dtype=np.float32)


def _near_mask(alpha: Map, inside: Mask, reach: int) -> Map:
    """Alpha may leave the mask only by degrees: none at the band's outer rim, all at its inner one."""
    distance = cv2.distanceTransform(inside, cv2.DIST_L2, 3) - cv2.distanceTransform(1 - inside, cv2.DIST_L2, 3)
    slope = np.clip(distance / reach, -2.0, 2.0)  # endless where the mask is all or nothing
    return np.clip(alpha, np.clip(2 * slope - 1, 0, 1), np.clip(2 * slope + 2, 0, 1)).astype(np.float32)


def _spread(picture: Map, known: Mask, reach: int) -> tuple[Map, Map]:
    """Mean colour (HW3) and its variance summed over channels (HW) of the known pixels around each pixel."""
    weight = known.astype(np.float32)
    radius = max(1, round(SPREAD * reach))
    near = np.maximum(_blur(weight, radius), _WEIGHT_FLOOR)[..., None]
    mean = _blur(picture * weight[..., None], radius) / near
    square = _blur(picture**2 * weight[..., None], radius) / near
    variance = np.maximum(square - mean**2, 0.0).sum(axis=-1)
    return np.asarray(mean, dtype=np.float32), np.asarray(variance, dtype=np.float32)


def _blur(values: Map, radius: int) -> Map:
    """Two box blurs, close to a Gaussian and as fast at any radius."""
    size = (2 * radius + 1, 2 * radius + 1)
    once = cv2.blur(values, size, borderType=cv2.BORDER_REFLECT)
    return np.asarray(cv2.blur(once, size, borderType=cv2.BORDER_REFLECT), dtype=np.float32)


def _erode(mask: Mask, reach: int) -> Mask:
    return np.asarray(cv2.erode(mask, _disc(reach), borderType=cv2.BORDER_REPLICATE), dtype=np.uint8)


def _dilate(mask: Mask, reach: int) -> Mask:
    return np.asarray(cv2.dilate(mask, _disc(reach)), dtype=np.uint8)


def _disc(reach: int) -> Mask:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)), dtype=np.uint8)
