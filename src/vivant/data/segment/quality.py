"""Measures of a cutout and the verdict: what may be used, and in plain words why the rest may not."""

from __future__ import annotations

import cv2
import numpy as np

from vivant.data.segment.appearance import Map, to_lab
from vivant.data.segment.masks import filled
from vivant.images import fit_within
from vivant.settings.segment import VerdictSettings
from vivant.types import CutoutQuality, Image, Mask

MEASURE_SIDE = 320
"""Long side at which everything is measured, so that the numbers do not depend on the photo's size."""
PART_AREA = 0.02
"""Of the largest piece: smaller ones are crumbs, not parts."""
CLEAR, SOLID = 0.1, 0.9
"""Alpha between these is grey."""
EDGE_REACH = 3
"""Pixels to either side of the outline that are compared."""
STRONG_EDGE = 40.0
"""Lab distance across an outline that counts as full contrast: black on mid grey."""
CUT_SHARE = 0.02
"""Of a side of the photo: less contact than this is a touch, not a cut."""
SIDES = ("left", "top", "right", "bottom")


def measure(image: Image, alpha: Mask, confidence: float) -> CutoutQuality:
    """Measure a cutout; nothing is judged yet.

    Args:
        image: the whole photo, HWC uint8 RGB.
        alpha: HW uint8 of the same size.
        confidence: of the segmenter in its own mask.

    Returns:
        measures with `accepted` true and no reasons; see `judge`.
    """
    small = fit_within(image, MEASURE_SIDE)
    height, width = small.shape[:2]
    soft = cv2.resize(alpha, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
    inside = (soft >= 0.5).astype(np.uint8)
    present = soft > CLEAR
    grey = present & (soft < SOLID)
    whole = int(filled(inside).sum())
    area = int(inside.sum())
    return CutoutQuality(
        area=round(area / inside.size, 4),
        parts=count_parts(inside),
        holes=round(1.0 - area / whole, 4) if whole else 0.0,
        border_cut=round(border_share(inside), 4),
        grey_share=round(float(grey.sum() / max(1, present.sum())), 4),
        edge_sharpness=round(edge_sharpness(to_lab(small), inside), 4),
        confidence=round(float(confidence), 4),
        accepted=True,
    )


def judge(
    quality: CutoutQuality, cut_sides: frozenset[str], limits: VerdictSettings, *, given: bool = False
) -> CutoutQuality:
    """Accept or reject by the measures.

    Args:
        quality: from `measure`.
        cut_sides: sides of the photo that cut the subject.
        limits: of the settings.
        given: the alpha was in the file: the user made it, so that only an unusable one is refused.
    """
    reasons = list(_reasons_shape(quality, limits))
    if reasons != [NOTHING] and not given:
        reasons += _reasons_trust(quality, cut_sides, limits)
    return quality.model_copy(update={"accepted": not reasons, "reasons": tuple(reasons)})


NOTHING = "no subject was found"


def _reasons_shape(quality: CutoutQuality, limits: VerdictSettings) -> list[str]:
    if quality.area == 0.0:
        return [NOTHING]
    reasons = []
    if quality.area < limits.min_area:
        reasons.append(f"the subject is too small: {quality.area:.1%} of the photo")
    if quality.area > limits.max_area:
        reasons.append(f"nearly the whole photo ({quality.area:.0%}) was taken for the subject")
    return reasons


def _reasons_trust(quality: CutoutQuality, cut_sides: frozenset[str], limits: VerdictSettings) -> list[str]:
    reasons = []
    sides = cut_sides - {"bottom"}
    if quality.border_cut > limits.max_border_cut or len(sides) > limits.max_cut_sides:
        names = ", ".join(side for side in SIDES if side in cut_sides)
        reasons.append(f"the photo's border cuts the subject ({names}; {quality.border_cut:.0%} of its outline)")
    if quality.parts > limits.max_parts:
        reasons.append(f"it is in {quality.parts} pieces: more than one thing, or a part is missing")
    if quality.holes > limits.max_holes:
        reasons.append(f"{quality.holes:.0%} of it is holes")
    if quality.grey_share > limits.max_grey:
        reasons.append(f"{quality.grey_share:.0%} of it is half transparent: the segmenter was not sure what belongs")
    if quality.edge_sharpness < limits.min_edge:
        reasons.append("its outline follows no edge in the photo")
    if quality.confidence < limits.min_confidence:
        reasons.append(f"the segmenter is not sure what the subject is (confidence {quality.confidence:.2f})")
    return reasons


def count_parts(inside: Mask) -> int:
    """Pieces of a 0/1 mask that are not crumbs beside the largest."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(inside, connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    return int((areas >= PART_AREA * areas.max()).sum()) if len(areas) else 0


def border_share(inside: Mask) -> float:
    """Share of the outline of a 0/1 mask that lies on the picture's border."""
    if not inside.any():
        return 0.0
    on_border = sum(int(line.sum()) for line in (inside[0], inside[-1], inside[:, 0], inside[:, -1]))
    free = int((inside[1:] != inside[:-1]).sum()) + int((inside[:, 1:] != inside[:, :-1]).sum())
    return on_border / max(1, on_border + free)


def find_cut_sides(alpha: Mask) -> frozenset[str]:
    """Sides of the photo that the subject runs into: "left", "top", "right", "bottom"."""
    lines = dict(zip(SIDES, (alpha[:, 0], alpha[0], alpha[:, -1], alpha[-1]), strict=True))
    return frozenset(side for side, line in lines.items() if float((line > 127).mean()) > CUT_SHARE)


def edge_sharpness(lab: Map, inside: Mask) -> float:
    """Median contrast across the outline, 0 none, 1 strong.

    Args:
        lab: HW3 float32.
        inside: HW uint8, 0 or 1, of the same size.
    """
    frame = np.zeros_like(inside)
    frame[1:-1, 1:-1] = 1
    shrunk = np.asarray(cv2.erode(inside, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_REPLICATE), dtype=np.uint8)
    outline = (inside - shrunk) & frame
    if not outline.any():
        return 0.0
    size = (2 * EDGE_REACH + 1, 2 * EDGE_REACH + 1)
    sides = []
    for part in (inside, 1 - inside):
        weight = part.astype(np.float32)
        near = np.maximum(cv2.blur(weight, size), 1e-3)[..., None]
        sides.append(cv2.blur(lab * weight[..., None], size) / near)
    contrast = np.sqrt(((sides[0] - sides[1]) ** 2).sum(axis=-1))[outline > 0]
    return float(np.clip(np.median(contrast) / STRONG_EDGE, 0.0, 1.0))
