"""Seamless noise tiles, made once a process from fixed seeds; a painting takes its own crop, scale and turn of them."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.float32]
"""HW float32."""
Floats = npt.NDArray[np.floating[Any]]
"""Any array of floats."""

TILE = 1024
"""Pixels a side of every tile."""
Kind = Literal["cloud", "clump", "leaf", "grain", "ridge", "cell"]


@cache
def tile(kind: Kind) -> Plane:
    """A periodic TILE x TILE texture of zero mean and unit deviation; read-only, since it is shared.

    cloud: fractal from a quarter of the tile down; clump: from a sixteenth down; leaf: fine, few octaves;
    grain: nearly white; ridge: sharp crests between hollows; cell: distance from scattered points, as in pebbles.
    """
    rng = np.random.default_rng(["cloud", "clump", "leaf", "grain", "ridge", "cell"].index(kind))
    if kind == "cloud":
        made = _fractal(rng, cells=4, octaves=8, fading=0.52)
    elif kind == "clump":
        made = _fractal(rng, cells=16, octaves=6, fading=0.62)
    elif kind == "leaf":
        made = _fractal(rng, cells=64, octaves=3, fading=0.75)
    elif kind == "grain":
        made = _fractal(rng, cells=512, octaves=2, fading=0.9)
    elif kind == "ridge":
        made = -np.abs(_fractal(rng, cells=4, octaves=7, fading=0.5))
    else:
        made = _cells(rng, points=900)
    level = np.asarray((made - made.mean()) / made.std(), np.float32)
    level.setflags(write=False)
    return level


def _fractal(rng: np.random.Generator, *, cells: int, octaves: int, fading: float) -> Plane:
    total = np.zeros((TILE, TILE), np.float32)
    strength = 1.0
    for octave in range(octaves):
        count = cells << octave
        if count > TILE:
            break
        grid = np.pad(rng.standard_normal((count, count), dtype=np.float32), 2, mode="wrap")
        step = TILE // count
        side = step * (count + 4)
        grown = cv2.resize(grid, (side, side), interpolation=cv2.INTER_CUBIC)
        total += strength * grown[2 * step : 2 * step + TILE, 2 * step : 2 * step + TILE]
        strength *= fading
    return total


def _cells(rng: np.random.Generator, points: int) -> Plane:
    dots = np.full((TILE, TILE), 255, np.uint8)
    dots[rng.integers(0, TILE, points), rng.integers(0, TILE, points)] = 0
    margin = TILE // 8
    around = np.pad(dots, margin, mode="wrap")
    distance = cv2.distanceTransform(around, cv2.DIST_L2, 5)
    return np.asarray(distance[margin:-margin, margin:-margin], np.float32)


def shrunk(texture: Plane, level: int) -> Plane:
    """The texture averaged for seeing it from far and flat: 2^level times lower, and half as much narrower."""
    if level == 0:
        return texture
    height, width = texture.shape
    size = (max(8, width >> (level - 1)), max(8, height >> level))
    return np.asarray(cv2.resize(texture, size, interpolation=cv2.INTER_AREA), np.float32)


def smoothstep(low: float, high: float, values: Floats) -> Plane:
    """0 below `low`, 1 above `high`, an S in between."""
    t = np.clip((values - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), np.float32)
