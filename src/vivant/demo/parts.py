"""Poses, and the small parts that subjects share: limbs, lines, eyes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vivant.data.painted.canvas import Colour, Points
from vivant.data.painted.shapes import strip
from vivant.data.painted.sky import mix
from vivant.demo.sculpt import Sculpture

WHITE: Colour = (1.0, 1.0, 1.0)
BLACK: Colour = (0.03, 0.03, 0.04)


@dataclass(frozen=True)
class Pose:
    """How one photo differs from the next of the same individual.

    Attributes:
        tilt: degrees by which the head (or the thing) leans.
        look: where the eyes go, -1 left to 1 right.
    """

    tilt: float = 0.0
    look: float = 0.0


def limb(path: list[tuple[float, float]], widths: list[float], steps: int = 10) -> Points:
    """A limb along a bent path, its ends rounded."""
    spine = np.array(path)
    t, fine = np.arange(len(path), dtype=float), np.linspace(0, len(path) - 1, steps * (len(path) - 1) + 1)
    xy = np.stack([_spline(t, spine[:, k], fine) for k in range(2)], axis=1)
    wide = np.interp(fine, t, widths)
    end = np.clip(np.minimum(fine, fine[-1] - fine) * 3.0, 0, 1)
    return strip(
        [(float(x), float(y)) for x, y in xy], (wide * np.sqrt(np.maximum(1 - (1 - end) ** 2, 0.0004))).tolist()
    )


def _spline(t: Points, values: Points, fine: Points) -> Points:
    slopes = np.gradient(values, t)
    k = np.clip(np.searchsorted(t, fine, side="right") - 1, 0, len(t) - 2)
    u = fine - t[k]
    a, b, m, n = values[k], values[k + 1], slopes[k], slopes[k + 1]
    blend = (2 * u**3 - 3 * u**2 + 1) * a + (u**3 - 2 * u**2 + u) * m + (3 * u**2 - 2 * u**3) * b + (u**3 - u**2) * n
    return np.asarray(blend, float)


def eye(s: Sculpture, x: float, y: float, r: float, iris: Colour, look: float, *, slit: bool) -> None:
    s.dot(x, y + r * 0.06, r * 1.15, r * 1.10, (0.10, 0.06, 0.05), soft=0.0015)
    s.dot(x, y, r, r * 0.96, mix(iris, (0.0, 0.0, 0.0), 0.45))
    s.dot(x, y + r * 0.18, r * 0.88, r * 0.72, iris, soft=0.004)
    s.dot(x, y + r * 0.45, r * 0.55, r * 0.34, mix(iris, (1.0, 1.0, 0.8), 0.55), soft=0.005)
    px = x + look * r * 0.28
    s.dot(px, y, r * (0.42 if slit else 0.60), r * (0.80 if slit else 0.62), (0.03, 0.02, 0.03), soft=0.001)
    s.dot(x - r * 0.30, y - r * 0.36, r * 0.27, r * 0.27, (1.0, 1.0, 1.0), soft=0.0008)
    s.dot(x + r * 0.32, y + r * 0.36, r * 0.13, r * 0.13, (1.0, 1.0, 1.0), soft=0.001, opacity=0.75)


def line(
    s: Sculpture,
    path: list[tuple[float, float]],
    width: float,
    colour: Colour,
    opacity: float = 1.0,
    soft: float = 0.0012,
) -> None:
    s.flat(limb(path, [width] * len(path)), colour, soft=soft, opacity=opacity)
