"""Plates: backdrops painted, lit and kept."""

from __future__ import annotations

import random
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from vivant.types import Image
from vivant.world.backdrops.scenery import Beams, Glow, Scenery
from vivant.world.raster import fill, oversampling
from vivant.world.sketch import Colour

MARGIN = 1.12
"""A plate's side beside the picture's, so that a scene can pan by cropping."""
VARIANTS = 24
"""Plates of one backdrop that differ in layout, palette, season or time of day."""

_LARGEST_KEPT = 256
_KEPT_BYTES = 64 * 2**20

Painter: TypeAlias = Callable[[Scenery, random.Random], None]
"""Paints the whole plate; its coordinates are fractions of the plate."""


@dataclass(frozen=True, slots=True)
class Backdrop:
    """A place where scenes are set.

    Attributes:
        name: short, the key.
        phrase: as a caption says it, "in the park".
        indoors: whether it has walls.
        light: red, green, blue multiplier for the figures in it.
        ground: least and greatest y of the soles, fractions of the picture.
        paint: draws it.
    """

    name: str
    phrase: str
    indoors: bool
    light: Colour
    ground: tuple[float, float]
    paint: Painter


class PlateShelf:
    """Keeps the plates that were used last, up to a number of bytes. Threads may share it."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._plates: OrderedDict[tuple[str, int, int], Image] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Bytes of all plates kept."""
        return self._bytes

    def get(self, key: tuple[str, int, int]) -> Image | None:
        """The plate (read-only), or None."""
        with self._lock:
            plate = self._plates.get(key)
            if plate is not None:
                self._plates.move_to_end(key)
            return plate

    def put(self, key: tuple[str, int, int], plate: Image) -> None:
        """Keep a plate, and let go of those not used for longest."""
        with self._lock:
            if key in self._plates:
                return
            self._plates[key] = plate
            self._bytes += plate.nbytes
            while self._bytes > self._capacity:
                self._bytes -= self._plates.popitem(last=False)[1].nbytes


_SHELF = PlateShelf(_KEPT_BYTES)


def painted(backdrop: Backdrop, variant: int, size: int) -> Image:
    """One variant of a backdrop for pictures of that size: HWC uint8 RGB, read-only, side ``round(size * MARGIN)``."""
    key = (backdrop.name, variant, size)
    plate = _SHELF.get(key)
    if plate is None:
        plate = _render(backdrop, variant, size)
        plate.setflags(write=False)
        if size <= _LARGEST_KEPT:
            _SHELF.put(key, plate)
    return plate


def _render(backdrop: Backdrop, variant: int, size: int) -> Image:
    rng = random.Random(f"{backdrop.name}/{variant}")
    mirrored = rng.random() < 0.5
    scene = Scenery()
    backdrop.paint(scene, rng)
    side = round(size * MARGIN)
    times = oversampling(size)
    canvas = np.zeros((side * times, side * times, 3), dtype=np.uint8)
    fill(scene, canvas)
    picture: Image = cv2.resize(canvas, (side, side), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    if scene.lights:
        picture = _lit(picture, scene.lights)
    return picture[:, ::-1].copy() if mirrored else picture


def _lit(picture: Image, lights: list[Glow | Beams]) -> Image:
    bright = picture.astype(np.float32)
    for light in lights:
        if isinstance(light, Glow):
            _add_glow(bright, light)
        else:
            _add_beams(bright, light)
    return (bright + 0.5).astype(np.uint8)


def _add_glow(picture: npt.NDArray[np.float32], glow: Glow) -> None:
    side = picture.shape[0]
    x0, x1 = (min(side, max(0, round((glow.x + way * glow.rx) * side))) for way in (-1, 1))
    y0, y1 = (min(side, max(0, round((glow.y + way * glow.ry) * side))) for way in (-1, 1))
    across = ((np.arange(x0, x1, dtype=np.float32) + 0.5) / side - glow.x) / glow.rx
    down = ((np.arange(y0, y1, dtype=np.float32) + 0.5) / side - glow.y) / glow.ry
    near = np.maximum(0.0, 1.0 - across[None, :] ** 2 - down[:, None] ** 2)
    _blend(picture[y0:y1, x0:x1], near * near * glow.strength, glow.colour)


def _add_beams(picture: npt.NDArray[np.float32], beams: Beams) -> None:
    side = picture.shape[0]
    mask = np.zeros((side, side), dtype=np.float32)
    for outline in beams.outlines:
        points = np.rint(np.array(outline) * side * 16 - 8).astype(np.int32)
        cv2.fillPoly(mask, [points], beams.strength, cv2.LINE_8, 4)
    soft = max(3, side // 32 | 1)
    _blend(picture, cv2.blur(mask, (soft, soft)).astype(np.float32, copy=False), beams.colour)


def _blend(picture: npt.NDArray[np.float32], share: npt.NDArray[np.float32], colour: Colour) -> None:
    picture += share[..., None] * (np.array(colour, dtype=np.float32) - picture)
