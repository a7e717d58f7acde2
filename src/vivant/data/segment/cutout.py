"""The stage: a photo becomes a cutout with measures and a verdict."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vivant.data.segment.grabcut import second_opinion
from vivant.data.segment.masks import bounds, decisiveness, is_hard
from vivant.data.segment.matting import BAND, soften, subject_colour
from vivant.data.segment.quality import find_cut_sides, judge, measure
from vivant.data.segment.segmenter import Confident, Segmenter
from vivant.images import fit_within
from vivant.settings.segment import SegmentSettings
from vivant.types import NOWHERE, Box, Cutout, Image, Mask

VISIBLE = 8
"""Alpha of 255 from which a pixel belongs to the crop."""
MARGIN = 0.03
"""Room around the mask that the soft edge may use, as a fraction of the long side."""


def segment(subject: str, photo: Path, image: Image, segmenter: Segmenter, settings: SegmentSettings) -> Cutout:
    """Cut the subject out of a photo (section 3.2's D(x)).

    A poor cutout comes back too, with `quality.accepted` false and the reasons: the caller decides what to do with it,
    but never has to guess.

    Args:
        subject: name of the subject.
        photo: where the image came from; only noted.
        image: HWC uint8, RGB, or RGBA whose alpha is then taken as it is.
        segmenter: the filling, from `build_segmenter`.
        settings: of the stage.
    """
    image = fit_within(image, settings.max_side)
    given = image.shape[2] == 4
    if given:
        rgba, confidence, method = image, 1.0, "alpha"
    else:
        mask, confidence = _ask(segmenter, image, settings.seed)
        rgba, method = _with_soft_edges(image, mask), segmenter.name
    alpha = np.ascontiguousarray(rgba[..., 3])
    cut_sides = find_cut_sides(alpha)
    measures = measure(np.ascontiguousarray(image[..., :3]), alpha, confidence)
    quality = judge(measures, cut_sides, settings.verdict, given=given)
    box = bounds((alpha >= VISIBLE).astype(np.uint8))
    if box is None:
        return Cutout(subject, photo, np.zeros((1, 1, 4), dtype=np.uint8), quality, method, box=NOWHERE)
    left, top, right, bottom = box
    height, width = alpha.shape
    place = Box(x0=left / width, y0=top / height, x1=right / width, y1=bottom / height)
    return Cutout(subject, photo, np.ascontiguousarray(rgba[top:bottom, left:right]), quality, method, cut_sides, place)


def _ask(segmenter: Segmenter, image: Image, seed: int) -> tuple[Mask, float]:
    """The mask and the belief in it; a hard mask that comes without one is held against the embedded filling's."""
    if isinstance(segmenter, Confident):
        return segmenter.with_confidence(image)
    mask = segmenter(image)
    return mask, second_opinion(image, mask, seed) if is_hard(mask) else decisiveness(mask)


def _with_soft_edges(image: Image, mask: Mask) -> Image:
    """HWC uint8 RGBA of the whole photo; the work is done around the subject only."""
    height, width = mask.shape
    rgba = np.dstack([image, np.zeros((height, width), dtype=np.uint8)])
    box = bounds((mask >= VISIBLE).astype(np.uint8))
    if box is None:
        return rgba
    margin = 2 + round(MARGIN * max(height, width))
    left, top, right, bottom = box
    part = np.s_[max(0, top - margin) : bottom + margin, max(0, left - margin) : right + margin]
    reach = max(1, round(BAND * max(height, width)))
    picture, matte = np.ascontiguousarray(image[part]), np.ascontiguousarray(mask[part])
    if is_hard(matte):
        rgba[part] = soften(picture, matte, reach)
    else:
        colour = subject_colour(picture.astype(np.float32) / 255.0, matte.astype(np.float32) / 255.0, reach)
        rgba[part] = np.dstack([np.round(colour * 255).astype(np.uint8), matte])
    return rgba
