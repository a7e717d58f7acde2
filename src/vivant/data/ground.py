"""Where the ground of a background photo begins: a light estimate for photos whose sidecar does not say.

The bottom of a photo is nearly always ground. From there the ground is followed upwards, column by column, for as long
as colour and texture stay like it. It is an estimate for placing feet, not a segmentation.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from vivant.types import Image

WORK_SIDE = 96
"""Longest side, in pixels, of the copy that is looked at: blades of grass and cobbles average out."""
SEED_SHARE = 0.14
"""Share of the height, from the bottom, that is taken to be ground."""
SEED_SIDE = 0.25
"""Share of the width, at each side, that is left out of the seed: beds and hedges line the sides of a path."""
CLUSTERS = 4
"""Kinds of ground in the seed strip: stone and joint, grass and path, light and shade."""
LIGHT_WEIGHT = 0.55
"""Lightness counts less than colour: a shadow across a path does not end it."""
TEXTURE_WEIGHT = 0.8
REACH = 7.0
"""Distance (weighted Lab units) within which a pixel is like the ground; widened where the strip itself is varied."""
GAP = 4
"""Rows (of 96) that may look different without ending the ground: a joint, a kerb, a shadow's edge."""
HORIZON_RANGE = (0.3, 0.7)
GROUND_RANGE = (0.45, 0.85)
DEFAULT_GROUND = 0.66
"""What the estimate leans to: feet in the lower third are right in most photos."""
PRIOR_WEIGHT = 0.3
LEAK = 0.42
"""Ground that seems to reach above this fraction of the height has leaked into a trunk, a hedge or a wall."""
CAUTION = 0.6
"""Quantile of the columns' ground edges that is taken: rather a little too near than in the flower bed."""
DEFAULT_HORIZON = 0.45
"""Eye level in a photo taken standing."""
HORIZON_PRIOR_WEIGHT = 0.6
"""The far end of the ground says little about the horizon: hedges and walls end the one before the other."""
HORIZON_RISE = 0.12
"""The horizon lies at least this far above the ground's edge, else near and far would differ absurdly in size."""


def estimate_ground(image: Image) -> tuple[float, float]:
    """Guess where things may stand.

    Args:
        image: HWC uint8 RGB.

    Returns:
        horizon, ground_top: fractions of the height from the top, horizon < ground_top.
    """
    scale = WORK_SIDE / max(image.shape[:2])
    size = (max(8, round(image.shape[1] * scale)), max(8, round(image.shape[0] * scale)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
    skyline = _skyline(_likeness(_features(small)))
    height = size[1]
    skyline = np.where(skyline < LEAK * height, DEFAULT_GROUND * height, skyline)
    # The middle of the picture is where subjects go: the columns there count fully, those at the sides half.
    columns = np.arange(size[0])
    weight = np.where(np.abs(columns / size[0] - 0.5) < 0.3, 2, 1)
    edge = float(np.quantile(np.repeat(skyline, weight), CAUTION)) / height
    ground = float(np.clip(edge + PRIOR_WEIGHT * (DEFAULT_GROUND - edge), *GROUND_RANGE))
    far = float(np.quantile(skyline, 0.15)) / height
    horizon = far + HORIZON_PRIOR_WEIGHT * (DEFAULT_HORIZON - far)
    horizon = float(np.clip(horizon, HORIZON_RANGE[0], min(HORIZON_RANGE[1], ground - HORIZON_RISE)))
    return round(horizon, 3), round(ground, 3)


def _features(small: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)
    lab = cv2.bilateralFilter(lab, 5, 12.0, 2.0)
    light = lab[..., 0]
    texture = np.sqrt(np.maximum(cv2.blur(light * light, (5, 5)) - cv2.blur(light, (5, 5)) ** 2, 0.0))
    return np.dstack([light * LIGHT_WEIGHT, lab[..., 1], lab[..., 2], texture * TEXTURE_WEIGHT]).astype(np.float32)


def _likeness(features: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Where a pixel is like one of the kinds of ground in the bottom strip."""
    height = features.shape[0]
    width = features.shape[1]
    middle = slice(round(SEED_SIDE * width), max(round(SEED_SIDE * width) + 3, round((1.0 - SEED_SIDE) * width)))
    strip = features[-max(3, round(SEED_SHARE * height)) :, middle].reshape(-1, features.shape[2])
    centres, spread = _clusters(strip)
    distance = np.linalg.norm(features[:, :, None, :] - centres, axis=-1)
    return np.asarray((distance < REACH + spread).any(axis=-1))


def _clusters(points: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """A few rounds of k-means, started evenly along the lightness so that it has no randomness."""
    order = np.argsort(points[:, 0], kind="stable")
    centres = points[order[np.linspace(0, len(points) - 1, CLUSTERS + 2).astype(int)[1:-1]]].copy()
    nearest = np.zeros(len(points), dtype=np.intp)
    for _ in range(6):
        nearest = np.linalg.norm(points[:, None] - centres, axis=-1).argmin(axis=1)
        for index in range(CLUSTERS):
            if (nearest == index).any():
                centres[index] = points[nearest == index].mean(axis=0)
    residual = np.linalg.norm(points - centres[nearest], axis=-1)
    spread = [float(np.median(residual[nearest == k])) if (nearest == k).any() else 0.0 for k in range(CLUSTERS)]
    return centres, np.asarray(spread, dtype=np.float32)


def _skyline(like: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """For each column the row where the ground ends, smoothed over neighbours."""
    height, width = like.shape
    top = np.full(width, height - 1, dtype=np.float32)
    missed = np.zeros(width, dtype=int)
    open_columns = np.ones(width, dtype=bool)
    for row in range(height - 1, -1, -1):
        missed = np.where(like[row], 0, missed + 1)
        open_columns &= missed <= GAP
        top[open_columns & like[row]] = row
    window = max(3, width // 8) | 1
    padded = np.pad(top, window // 2, mode="edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, window), axis=1), dtype=np.float32)
