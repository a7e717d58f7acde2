"""What the subject and the background look like, and the cut between them.

Every pixel is given one of a few dozen words (clusters of colour and texture). How often a word occurs inside against
outside gives its log odds; a graph cut turns log odds and the photo's edges into a mask.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vivant.images import fit_within
from vivant.types import Image, Mask

Map = npt.NDArray[np.float32]
"""HW float32."""

WORDS = 64
"""Clusters: enough to tell fur from leaves, few enough that each is seen often on a 160 px picture."""
LIGHTNESS_WEIGHT = 0.6
"""Lightness counts less than colour: shading changes it within one thing."""
TEXTURE_FLOOR = 0.3
"""Lab units of detail below which a surface is simply smooth."""
TEXTURE_SIDE = 640
"""Texture and focus live in detail that the working size no longer has."""
TEXTURE_POOL = 0.012
"""Spread of the neighbourhood whose detail counts, as a fraction of the long side."""
WORD_BLUR = 6.0
"""Lab distance over which words share their counts."""
RARE = 1e-3
"""Count added to each word, so that one never seen decides nothing."""
GRABCUT_GAMMA = 50.0
"""Weight that OpenCV's GrabCut gives an edge between equal pixels."""
NO_RECTANGLE = (0, 0, 1, 1)
"""GrabCut wants one even where a mask is given; it is not looked at then."""
LOG_ODDS_STEP = 0.5
LOG_ODDS_LIMIT = 6.0


@dataclass(frozen=True)
class Words:
    """A photo in words.

    Attributes:
        labels: HW int, the word of each pixel.
        similarity: K x K float, how much a count of one word is a count of another; columns sum to 1.
        contrast: HWx2 uint8, the two strongest directions of colour, for the edges of the graph.
    """

    labels: npt.NDArray[np.intp]
    similarity: npt.NDArray[np.float64]
    contrast: npt.NDArray[np.uint8]


def to_lab(image: Image) -> Map:
    """HWC uint8 RGB to HW3 float32 Lab, L in [0, 100]."""
    return np.asarray(cv2.cvtColor(image.astype(np.float32) / 255.0, cv2.COLOR_RGB2Lab), dtype=np.float32)


def smooth_texture(image: Image) -> Image:
    """Even out grain and weave but keep edges: a mask should not follow either."""
    return np.asarray(cv2.bilateralFilter(image, d=5, sigmaColor=30, sigmaSpace=3), dtype=np.uint8)


def texture(image: Image, size: tuple[int, int]) -> Map:
    """Log of the local detail: tells grass from a coat, and what is in focus from what is not.

    Args:
        image: HWC uint8 RGB, any size.
        size: width, height of the result.
    """
    light = to_lab(fit_within(image, TEXTURE_SIDE))[..., 0]
    detail = np.abs(light - cv2.GaussianBlur(light, (0, 0), 1.5))
    pooled = cv2.GaussianBlur(detail, (0, 0), TEXTURE_POOL * max(detail.shape))
    small = cv2.resize(pooled, size, interpolation=cv2.INTER_AREA)
    return np.asarray(np.log(small + TEXTURE_FLOOR), dtype=np.float32)


def find_words(lab: Map, detail: Map, texture_weight: float, seed: int) -> Words:
    """Cluster the pixels.

    Args:
        lab: HW3 float32 Lab of the working picture.
        detail: HW float32 from `texture`.
        texture_weight: units of Lab that one e-fold of texture counts as.
        seed: of the clustering.
    """
    features = np.dstack([lab * np.array([LIGHTNESS_WEIGHT, 1.0, 1.0], dtype=np.float32), texture_weight * detail])
    points = np.ascontiguousarray(features.reshape(-1, 4), dtype=np.float32)
    count = min(WORDS, len(points))
    cv2.setRNGSeed(seed)
    stop = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 10, 1.0)
    best = np.zeros((len(points), 1), dtype=np.int32)
    _, labels, centres = cv2.kmeans(points, count, best, stop, 1, cv2.KMEANS_PP_CENTERS)
    apart = ((centres[:, None] - centres[None]) ** 2).sum(axis=-1, dtype=np.float64)
    similarity = np.exp(-apart / (2 * WORD_BLUR**2))
    similarity /= similarity.sum(axis=0, keepdims=True)
    return Words(labels.reshape(lab.shape[:2]).astype(np.intp), similarity, _contrast(lab))


def _contrast(lab: Map) -> npt.NDArray[np.uint8]:
    points = lab.reshape(-1, 3) - lab.reshape(-1, 3).mean(axis=0)
    _, directions = np.linalg.eigh(points.T @ points / len(points))
    strongest = points @ directions[:, ::-1][:, :2]
    scaled = strongest / max(float(np.abs(strongest).max()), 1e-6) * 127 + 128
    return np.asarray(scaled.reshape(*lab.shape[:2], 2), dtype=np.uint8)


def log_odds(words: Words, inside: Map) -> Map:
    """HW float32: how much each pixel's word speaks for the subject, in nats, given a mask in [0, 1]."""
    flat, weights = words.labels.ravel(), inside.ravel().astype(np.float64)
    count = len(words.similarity)

    def share(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        seen = words.similarity @ np.bincount(flat, weights=values, minlength=count)
        return np.asarray((seen / max(float(seen.sum()), 1e-9) + RARE) / (1 + count * RARE))

    ratio = np.log(share(weights) / share(1.0 - weights))
    return ratio[words.labels].astype(np.float32)


def cut(words: Words, odds: Map, smoothness: float) -> Mask:
    """The mask of least cost: log odds a pixel against contrast along its outline.

    OpenCV's GrabCut is the solver. Its models are given, not learned: the third channel of the picture carries the log
    odds, and two Gaussians of equal width along that channel turn it back into exactly those odds. The channel spans
    few grey levels, so that it hardly counts as contrast.

    Args:
        words: of the picture; its contrast channels steer the outline.
        odds: HW float32 in nats, positive for the subject; beyond +-6 counts as 6.
        smoothness: cost in nats of separating two equal neighbours, at least 0.5.

    Returns:
        HW uint8, 0 or 1.
    """
    steps = np.clip(np.round(odds / LOG_ODDS_STEP), -LOG_ODDS_LIMIT / LOG_ODDS_STEP, LOG_ODDS_LIMIT / LOG_ODDS_STEP)
    labels = np.where(odds > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    if labels.min() == labels.max():
        return (labels & 1).astype(np.uint8)
    picture = np.dstack([words.contrast, (128 + steps).astype(np.uint8)])
    distance = 2 * LOG_ODDS_LIMIT / LOG_ODDS_STEP  # between the means: the choice that keeps the exponentials largest
    variance = distance / (LOG_ODDS_STEP * GRABCUT_GAMMA / smoothness)
    background, foreground = (_gaussian(128 + side * distance / 2, variance) for side in (-1, 1))
    cv2.grabCut(picture, labels, NO_RECTANGLE, background, foreground, 1, cv2.GC_EVAL_FREEZE_MODEL)
    return (labels & 1).astype(np.uint8)


def _gaussian(mean: float, variance: float) -> npt.NDArray[np.float64]:
    """OpenCV's 5-part mixture, all of it one Gaussian that looks at the third channel alone."""
    wide = 1e6
    weights = [1.0, 0.0, 0.0, 0.0, 0.0]
    means = [128.0, 128.0, mean] * 5
    covariances = np.diag([wide, wide, variance]).ravel().tolist() * 5
    return np.array([weights + means + covariances], dtype=np.float64)
