"""Stage 7, check: what figure 7 of Gen4Gen shows going wrong, caught without a person.

A subject changed by repainting, missing or covered, in an impossible place, with a visible seam, or lit unlike its
surroundings. Every measure is a score from 0 to 1, where 1 is faultless, and has a limit in the settings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from vivant.data.checks.identity import compare
from vivant.data.checks.seams import measure_seam
from vivant.errors import InputError
from vivant.settings.check import CheckSettings
from vivant.types import Background, Composite, Image, Layer, Layout, Mask

FREE_CHANGE, FITTING_CHANGE = 0.9, 1.4
"""Stops by which a repainter may brighten or darken a subject, away from the background's level and towards it."""
CHANGE_RANGE = 0.6
"""Stops beyond that after which nothing is left of the exposure score."""
BURNT, BURNT_SHARE = 251, 0.25
"""Luminance that counts as burnt out, and the share more of it than in the background that takes the whole score."""
FULL = 240
"""Visible alpha from which a pixel is the subject's alone."""
_STRIDE = 4  # pixels; exposure needs no detail

_LINEAR = ((np.arange(256) / 255.0) ** 2.2).astype(np.float32)


@dataclass(frozen=True)
class CheckResult:
    """Scores and what is wrong.

    Attributes:
        scores: name -> 0 to 1: "structure", "detail", "colour", "visible", "place", "seam", "exposure", each the worst
            subject's. One that could not be measured is left out.
        reasons: one a fault, naming the subject; empty for a good scene.
    """

    scores: dict[str, float]
    reasons: tuple[str, ...]


def check(
    image: Image,
    composite: Composite,
    layout: Layout,
    background: Background,
    faults: Sequence[str],
    settings: CheckSettings,
) -> CheckResult:
    """Score a finished scene.

    Args:
        image: HWC uint8 RGB, as large as the composite.
        composite: what should be in it.
        layout: where; a subject that it names and the composite lacks is missing.
        background: for its name in the reasons.
        faults: of the layout, in words, as the planner's own rules find them.
        settings: limits.

    Raises:
        InputError: picture and composite differ in size.
    """
    if image.shape[:2] != composite.hard_mask.shape:
        raise InputError(f"a picture of {image.shape[:2]} for a composite of {composite.hard_mask.shape}")
    findings = _Findings(settings)
    findings.add("place", "", 0.0 if faults else 1.0, "; ".join(faults))
    layers = {layer.subject: layer for layer in composite.layers}
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    for placement in layout.placements:
        layer = layers.get(placement.subject)
        if layer is None or not _is_there(layer, settings):
            findings.add("visible", placement.subject, 0.0, "is missing or too small to be seen")
            continue
        _check_layer(image, grey, layer, composite, background, findings)
    return CheckResult(scores=findings.scores, reasons=tuple(findings.reasons))


class _Findings:
    """The worst score of each kind so far, and a reason for each that is below its limit."""

    def __init__(self, settings: CheckSettings) -> None:
        self.settings = settings
        self.scores: dict[str, float] = {}
        self.reasons: list[str] = []

    def add(self, kind: str, subject: str, score: float, words: str) -> None:
        """Note a score; `words` say what is wrong when it is below the limit."""
        self.scores[kind] = round(min(score, self.scores.get(kind, 1.0)), 4)
        limit = getattr(self.settings, kind)
        if score < limit:
            self.reasons.append(f"{subject} {words} ({kind} {score:.2f} < {limit:g})".strip())


def _check_layer(
    image: Image, grey: Mask, layer: Layer, composite: Composite, background: Background, findings: _Findings
) -> None:
    name = layer.subject
    findings.add("visible", name, 1.0 - layer.covered, "is covered by nearer subjects")
    identity = compare(image, layer)
    if identity is not None:
        findings.add("structure", name, identity.structure, "was changed by repainting: its edges and texture differ")
        findings.add("detail", name, identity.detail, "was changed by repainting: blurred or noisy")
        findings.add("colour", name, identity.colour, "was changed by repainting: its colours differ")
    seam = measure_seam(grey, layer, composite.soft_mask)
    if seam is not None:
        findings.add("seam", name, seam.score, f"has {seam.words}")
    exposure = _exposure(grey, layer, composite.soft_mask)
    if exposure is not None:
        findings.add("exposure", name, exposure, f"is lit unlike its surroundings {background.prompt}".rstrip())


def _is_there(layer: Layer, settings: CheckSettings) -> bool:
    if layer.visible_box is None:
        return False
    seen = np.count_nonzero(layer.visible[::_STRIDE, ::_STRIDE] > 127)
    return bool(seen >= settings.area * layer.visible[::_STRIDE, ::_STRIDE].size)


def _exposure(grey: Mask, layer: Layer, covered: Mask) -> float | None:
    """How far a subject was brightened or darkened beyond what fitting takes, and how much of it is burnt out."""
    height, width = grey.shape
    top, bottom = max(0, layer.y), min(height, layer.y + layer.rgba.shape[0])
    left, right = max(0, layer.x), min(width, layer.x + layer.rgba.shape[1])
    window = (slice(top, bottom, _STRIDE), slice(left, right, _STRIDE))
    part = (slice(top - layer.y, bottom - layer.y, _STRIDE), slice(left - layer.x, right - layer.x, _STRIDE))
    inside = layer.visible[window] > FULL
    if np.count_nonzero(inside) < 16:
        return None
    cutout = np.ascontiguousarray(layer.rgba[part][..., :3])
    own = np.asarray(cv2.cvtColor(cutout, cv2.COLOR_RGB2GRAY)[inside], dtype=np.uint8)
    found = grey[window][inside]
    around = grey[::_STRIDE, ::_STRIDE][covered[::_STRIDE, ::_STRIDE] == 0]
    before, after = _stops(own), _stops(found)
    scene = _stops(around) if around.size else before
    free = FITTING_CHANGE if abs(after - scene) < abs(before - scene) else FREE_CHANGE
    changed = max(0.0, abs(after - before) - free) / CHANGE_RANGE
    usual = max(float((around >= BURNT).mean()) if around.size else 0.0, float((own >= BURNT).mean()))
    burnt = max(0.0, float((found >= BURNT).mean()) - usual) / BURNT_SHARE
    return float(np.clip(1.0 - max(changed, burnt), 0.0, 1.0))


def _stops(levels: Mask) -> float:
    """Mean light in powers of two."""
    return float(np.log2(_LINEAR[levels].mean() + 0.005))
