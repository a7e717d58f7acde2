"""Outlines in heights of the picture, for `Canvas.fill`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vivant.data.painted.canvas import Points


def box(x0: float, y0: float, x1: float, y1: float, radius: float = 0.0) -> Points:
    """A rectangle, its corners rounded."""
    if radius <= 0:
        return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    radius = min(radius, abs(x1 - x0) / 2, abs(y1 - y0) / 2)
    turn = np.linspace(0, np.pi / 2, 7)
    corners = (
        (x1 - radius, y1 - radius),
        (x0 + radius, y1 - radius),
        (x0 + radius, y0 + radius),
        (x1 - radius, y0 + radius),
    )
    return np.concatenate(
        [
            np.stack([cx + radius * np.cos(turn + k * np.pi / 2), cy + radius * np.sin(turn + k * np.pi / 2)], axis=1)
            for k, (cx, cy) in enumerate(corners)
        ]
    )


def oval(cx: float, cy: float, rx: float, ry: float) -> Points:
    """An ellipse."""
    turn = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    return np.stack([cx + rx * np.cos(turn), cy + ry * np.sin(turn)], axis=1)


def curve(points: Sequence[tuple[float, float]], steps: int = 12) -> Points:
    """A smooth closed outline through the points (Catmull-Rom)."""
    p1 = np.array(points, float)
    p0, p2, p3 = np.roll(p1, 1, axis=0), np.roll(p1, -1, axis=0), np.roll(p1, -2, axis=0)
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    a, b, c, d = (p[:, None, :] for p in (p0, p1, p2, p3))
    path = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return np.asarray(path.reshape(-1, 2), float)


def strip(path: Sequence[tuple[float, float]] | Points, widths: Sequence[float]) -> Points:
    """A band along a path of points, as wide at each as given: trunks, stems, rails."""
    spine, half = np.array(path, float), np.array(widths, float)[:, None] / 2
    along = np.gradient(spine, axis=0)
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1) / length
    return np.concatenate([spine + normal * half, (spine - normal * half)[::-1]])


def points(text: str) -> list[tuple[float, float]]:
    """Points written as "x y, x y": an outline in one line."""
    return [(float(x), float(y)) for x, y in (pair.split() for pair in text.split(","))]


def sided(side: int, text: str) -> list[tuple[float, float]]:
    """Points as in `points`, written for the right half of a square; side -1 mirrors them to its left half."""
    return [(0.5 + side * (x - 0.5), y) for x, y in points(text)]
