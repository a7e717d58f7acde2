"""Is the subject in the picture still the one that was cut out? Three measures, 1 unchanged, 0 another thing.

They compare the crop of the finished picture with the cutout where the subject can be seen, and do not mind what a good
repainter does: another exposure, a gentle tint, soft shading, a little blur, an edge that takes up the surroundings.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vivant.types import Image, Layer, Mask

WORK_SIDE = 192
"""Long side of the crops that are compared: enough for a face, and fast."""
INSIDE = 4
"""Pixels of the crop (at most a twentieth of it) that are left out along the outline, where repainters blend."""
WINDOW = 0.045
"""Spread of the windows in which structure is compared, as a share of the crop's long side."""
FLAT = 9.0
"""Squared gradient, in levels a pixel, below which a surface counts as flat: its noise is nobody's identity."""
WORST_SHARE = 0.15
"""Structure is the average of the whole subject and of its worst parts of this share: one ruined face is enough."""
GAIN_LIMIT = 1.35
"""Furthest that white balance may lie from the exposure change, as a factor a channel."""
FULL_COLOUR_CHANGE = 40.0
"""Mean Lab distance at which nothing is left of a colour score."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Identity:
    """How much of one subject is left; each 0 to 1.

    Attributes:
        structure: edges and texture where they were.
        detail: as sharp, and not noisier.
        colour: same colours after white balance.
    """

    structure: float
    detail: float
    colour: float

    @property
    def score(self) -> float:
        """The worst of the three."""
        return min(self.structure, self.detail, self.colour)


def compare(image: Image, layer: Layer) -> Identity | None:
    """Compare a subject with its cutout.

    Args:
        image: the finished picture, HWC uint8 RGB.
        layer: the cutout as it lies on the canvas of the same size.

    Returns:
        The measures, or None when too little can be seen to tell.
    """
    pair = _crops(image, layer)
    if pair is None:
        return None
    found, wanted, weight = pair
    grey = [cv2.cvtColor(part, cv2.COLOR_RGB2GRAY).astype(np.float32) for part in (found, wanted)]
    return Identity(
        structure=_structure(grey[0], grey[1], weight),
        detail=_detail(grey[0], grey[1], weight),
        colour=_colour(found, wanted, weight),
    )


def _crops(image: Image, layer: Layer) -> tuple[Image, Image, Floats] | None:
    """The same rectangle of the picture and of the cutout, shrunk, and a weight that is 1 well inside the subject."""
    height, width = image.shape[:2]
    top, bottom = max(0, layer.y), min(height, layer.y + layer.rgba.shape[0])
    left, right = max(0, layer.x), min(width, layer.x + layer.rgba.shape[1])
    if bottom - top < 8 or right - left < 8:
        return None
    found = image[top:bottom, left:right]
    wanted = layer.rgba[top - layer.y : bottom - layer.y, left - layer.x : right - layer.x, :3]
    visible: Mask = layer.visible[top:bottom, left:right]
    scale = min(1.0, WORK_SIDE / max(found.shape[:2]))
    size = (max(8, round(found.shape[1] * scale)), max(8, round(found.shape[0] * scale)))
    solid = (cv2.resize(visible, size, interpolation=cv2.INTER_AREA) > 250).astype(np.uint8)
    margin = max(1, min(INSIDE, min(size) // 20))
    padded = cv2.copyMakeBorder(solid, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    inside = cv2.erode(padded, np.ones((3, 3), np.uint8), iterations=margin)[1:-1, 1:-1]
    if np.count_nonzero(inside) < 64:
        return None
    return _shrunk(found, size), _shrunk(wanted, size), inside.astype(np.float32)


def _shrunk(part: Image, size: tuple[int, int]) -> Image:
    return np.asarray(cv2.resize(np.ascontiguousarray(part), size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _gradients(grey: Floats) -> tuple[Floats, Floats]:
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.0)
    across, down = (cv2.Sobel(smooth, cv2.CV_32F, *order, scale=0.25) for order in ((1, 0), (0, 1)))
    return np.asarray(across, dtype=np.float32), np.asarray(down, dtype=np.float32)


def _structure(found: Floats, wanted: Floats, weight: Floats) -> float:
    """Correlation of luminance gradients in windows, as SSIM's structure term: no gain or offset changes it."""
    (fx, fy), (wx, wy) = _gradients(found), _gradients(wanted)
    spread = max(1.5, WINDOW * max(found.shape))

    def window(values: Floats) -> Floats:
        return np.asarray(cv2.GaussianBlur(values * weight, (0, 0), spread), dtype=np.float32)

    share = np.maximum(window(np.ones_like(weight)), 1e-3)
    energy_found, energy_wanted = window(fx * fx + fy * fy) / share, window(wx * wx + wy * wy) / share
    together = window(fx * wx + fy * wy) / share
    alike = (together + FLAT) / (np.sqrt(energy_found * energy_wanted) + FLAT)
    inside = weight > 0
    scores = np.sort(alike[inside])
    worst = scores[: max(1, int(WORST_SHARE * len(scores)))].mean()
    return float(np.clip(0.5 * scores.mean() + 0.5 * worst, 0.0, 1.0))


def _detail(found: Floats, wanted: Floats, weight: Floats) -> float:
    """Fine against coarse contrast, of the crop and of the cutout: a blurred copy has less, a noisy one more."""
    ratio = _fineness(found, weight) / _fineness(wanted, weight)
    return float(np.clip(min(ratio, 1.0 / ratio), 0.0, 1.0))


def _fineness(grey: Floats, weight: Floats) -> float:
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.2)
    smoother = cv2.GaussianBlur(grey, (0, 0), 4.8)
    total = float(weight.sum())
    fine = float((weight * (grey - smooth) ** 2).sum()) / total
    coarse = float((weight * (smooth - smoother) ** 2).sum()) / total
    return float(np.sqrt((fine + 1.0) / (coarse + 4.0)))


def _colour(found: Image, wanted: Image, weight: Floats) -> float:
    """Distance of colours after exposure and a limited white balance are taken out."""
    inside = weight > 0
    got, want = found[inside].astype(np.float32), wanted[inside].astype(np.float32)
    gains = (got.mean(axis=0) + 4.0) / (want.mean(axis=0) + 4.0)
    exposure = float(gains.mean())
    gains = np.clip(gains, exposure / GAIN_LIMIT, exposure * GAIN_LIMIT)
    balanced = np.clip(got / gains, 0.0, 255.0)
    lab = [cv2.cvtColor((part / 255.0)[None].astype(np.float32), cv2.COLOR_RGB2LAB)[0] for part in (balanced, want)]
    distance = np.linalg.norm((lab[0] - lab[1])[:, 1:], axis=1).mean()
    return float(np.clip(1.0 - distance / FULL_COLOUR_CHANGE, 0.0, 1.0))
