"""The canvas that all scenes are painted on.

Coordinates are in heights of the picture: y runs from 0 (top) to 1 (bottom), x from 0 to `aspect`. Colours are display
RGB in 0..1. Painting happens at a working size; `finish` brings it to the full one and adds what must be sharp there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from vivant.data.painted.noise import TILE, Floats, Kind, Plane, shrunk, tile
from vivant.types import Image

Colour = tuple[float, float, float]
Points = npt.NDArray[np.float64]
Option = TypeVar("Option")

WORK_SIDE = 640.0
"""Root of the working area in pixels: soft parts need no more, and time goes with the area."""
FOCAL = 1.15
"""Focal length in picture heights: an ordinary camera's field of view."""
EYE_M = 0.75
"""Height of the camera in metres: where one kneels to take a pet's picture."""


class Canvas:
    """Working pixels (3, h, w) float32, and a full-size multiplier for fine ground detail."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        self.width, self.height, self.rng = width, height, rng
        scale = min(1.0, WORK_SIDE / float(np.sqrt(width * height)))
        self.w, self.h = max(8, round(width * scale)), max(8, round(height * scale))
        self.aspect = self.w / self.h
        self.pixels = np.zeros((3, self.h, self.w), np.float32)
        self.detail: Plane | None = None

    def uniform(self, low: float, high: float) -> float:
        """A random number of this painting."""
        return float(self.rng.uniform(low, high))

    def pick(self, options: Sequence[Option]) -> Option:
        """One of the options."""
        return options[int(self.rng.integers(len(options)))]

    # --- noise -------------------------------------------------------------------------------------------------------

    def noise(self, kind: Kind, repeats: float, size: tuple[int, int] | None = None, stretch: float = 1.0) -> Plane:
        """A crop of a noise tile: `repeats` tiles a height, drawn out sideways by `stretch`; (h, w) unless `size`."""
        h, w = size or (self.h, self.w)
        step = repeats * TILE / self.h
        # A crop that fits into the tile is taken from its inside: wrapping round is slow.
        shift = self.rng.uniform(0, 1, 2) * [max(1.0, TILE - 1 - w * step / stretch), max(1.0, TILE - 1 - h * step)]
        move = np.array([[step / stretch, 0, shift[0]], [0, step, shift[1]]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(tile(kind), move, (w, h), flags=flags, borderMode=cv2.BORDER_WRAP))

    def plane(
        self, texture: Plane, metres: float, horizon: float, top: float, bottom: float = 1.0, *,
        full: bool = False, eye: float = EYE_M, stretch: float = 1.0, ceiling: bool = False,
    ) -> Plane:  # fmt: skip
        """A periodic texture laid on the ground (or, with `ceiling`, on a plane overhead) and seen in perspective.

        Args:
            texture: periodic; `metres` is its side on the ground; `stretch` widens it sideways.
            horizon: y of the horizon.
            top, bottom: rows wanted.
            full: at the full size instead of the working one.
            eye: metres from the plane to the camera.
        """
        h, w = (self.height, self.width) if full else (self.h, self.w)
        first, last = round(top * h), round(bottom * h)
        shift = self.rng.uniform(0, 1, 2)
        sign = -1.0 if ceiling else 1.0
        rows = np.arange(first, last) + 0.5
        below = np.maximum(sign * (rows / h - horizon), 0.5 / h)
        squeeze = FOCAL * eye / below**2 / h * texture.shape[0] / metres
        levels = np.clip(np.log2(np.maximum(squeeze, 1.0)) + 0.35, 0, 6).astype(int)
        out = np.empty((last - first, w), np.float32)
        for level in np.unique(levels):
            rows_of = np.flatnonzero(levels == level)
            start, count = int(rows_of[0]), len(rows_of)
            small = shrunk(texture, int(level))
            out[start : start + count] = self._project(
                small, (first + start, count, h, w), horizon, metres, shift, (eye * sign, stretch)
            )
        return out

    def _project(
        self, texture: Plane, frame: tuple[int, int, int, int], horizon: float, metres: float,
        shift: npt.NDArray[np.float64], eye_stretch: tuple[float, float],
    ) -> Plane:  # fmt: skip
        first, count, h, w = frame
        eye, stretch = eye_stretch
        tall, wide = texture.shape
        across, along = wide / metres / stretch, tall / metres
        # Pixel (x, y) sees the ground at u = eye (x - w/2) / (y - horizon), v = eye focal / (y - horizon).
        matrix = np.array(
            [
                [across * eye, shift[0] * wide, -across * eye * w / 2 + shift[0] * wide * (first - horizon * h)],
                [0.0, shift[1] * tall, along * eye * FOCAL * h + shift[1] * tall * (first - horizon * h)],
                [0.0, 1.0, first + 0.5 - horizon * h],
            ]
        )
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpPerspective(texture, matrix, (w, count), flags=flags, borderMode=cv2.BORDER_WRAP))

    # --- laying colour -----------------------------------------------------------------------------------------------

    def lay(self, mask: Floats | float, colour: Colour | Floats, top: int = 0, left: int = 0) -> None:
        """Mix a colour, or (3, h, w) colours, over the pixels by a mask in 0..1 whose corner is at (top, left)."""
        tall, wide = mask.shape if isinstance(mask, np.ndarray) else (self.h - top, self.w - left)
        view = self.pixels[:, top : top + tall, left : left + wide]
        for part, value in zip(view, colour, strict=True):
            part += (value - part) * mask

    def multiply(self, factor: Floats, top: int = 0, left: int = 0) -> None:
        """Darken or lighten by a plane of factors."""
        tall, wide = factor.shape
        self.pixels[:, top : top + tall, left : left + wide] *= factor

    def add(self, glow: Floats, colour: Colour, top: int = 0, left: int = 0) -> None:
        """Add light of a colour."""
        tall, wide = glow.shape
        for part, value in zip(self.pixels[:, top : top + tall, left : left + wide], colour, strict=True):
            part += value * glow

    def gradient(self, stops: Sequence[tuple[float, Colour]], top: float = 0.0, bottom: float = 1.0) -> None:
        """Fill rows from `top` to `bottom` with colours that run through the stops (y, colour)."""
        first, last = round(top * self.h), round(bottom * self.h)
        rows = (np.arange(first, last) + 0.5) / self.h
        ys = [y for y, _ in stops]
        for channel in range(3):
            line = np.interp(rows, ys, [colour[channel] for _, colour in stops])
            self.pixels[channel, first:last] = line[:, None]

    def fill(
        self, points: Points, colour: Colour | tuple[Colour, Colour], *, soft: float = 0.0, opacity: float = 1.0,
        sideways: bool = False, rough: float = 0.0,
    ) -> None:  # fmt: skip
        """Paint a polygon.

        Args:
            points: (N, 2) x, y in heights.
            colour: one, or a pair that runs from top to bottom (from left to right when `sideways`).
            soft: blur of the edge, in heights.
            opacity: 0..1.
            rough: strength of an uneven, cloth- or plaster-like lightness.
        """
        pad = int(np.ceil(3 * soft * self.h)) + 2
        px = points * self.h
        x0, y0 = np.floor(px.min(axis=0)).astype(int) - pad
        x1, y1 = np.ceil(px.max(axis=0)).astype(int) + pad
        left, top, right, bottom = max(x0, 0), max(y0, 0), min(x1, self.w), min(y1, self.h)
        if right <= left or bottom <= top:
            return
        # The mask reaches past the frame by the blur, so that a soft edge does not brighten at the border.
        window = (max(x0, -pad), max(y0, -pad), min(x1, self.w + pad), min(y1, self.h + pad))
        mask = np.zeros((window[3] - window[1], window[2] - window[0]), np.uint8)
        fixed = np.round((px - np.array(window[:2]) - 0.5) * 16).astype(np.int32)
        cv2.fillPoly(mask, [fixed.reshape(-1, 1, 2)], 255, cv2.LINE_AA, 4)
        if soft > 0:
            mask = blurred(mask, soft * self.h)
        cut = mask[top - window[1] : bottom - window[1], left - window[0] : right - window[0]]
        weight = cut.astype(np.float32) * np.float32(opacity / 255.0)
        self.lay(weight, self._shades(colour, (x0, y0, x1, y1), (left, top, right, bottom), sideways, rough), top, left)

    def _shades(
        self, colour: Colour | tuple[Colour, Colour], whole: tuple[int, int, int, int],
        seen: tuple[int, int, int, int], sideways: bool, rough: float,
    ) -> Colour | Plane:  # fmt: skip
        left, top, right, bottom = seen
        size = (bottom - top, right - left)
        if isinstance(colour[0], float) and rough == 0:
            return colour
        first, second = (colour, colour) if isinstance(colour[0], float) else colour
        if sideways:
            t = ((np.arange(left, right) - whole[0]) / max(1, whole[2] - whole[0]))[None, :]
        else:
            t = ((np.arange(top, bottom) - whole[1]) / max(1, whole[3] - whole[1]))[:, None]
        a, b = np.array(first)[:, None, None], np.array(second)[:, None, None]
        shades = np.broadcast_to(a + (b - a) * t, (3, *size)).astype(np.float32)
        if rough > 0:
            shades = shades * (1 + rough * self.noise("clump", 0.7, size))
        return np.asarray(shades, np.float32)

    def blur(self, sigma: float, top: float = 0.0, bottom: float = 1.0) -> None:
        """Put everything painted so far out of focus, `sigma` in heights, between two rows; it sets in gradually."""
        first, last = round(top * self.h), round(bottom * self.h)
        ramp = max(1, round(0.12 * self.h))
        rows = np.arange(first, last, dtype=np.float32)[:, None]
        share = np.ones_like(rows)
        if bottom < 1:
            share = np.minimum(share, (last - rows) / ramp)
        if top > 0:
            share = np.minimum(share, (rows - first + 1) / ramp)
        for part in self.pixels[:, first:last]:
            part += (blurred(part, sigma * self.h) - part) * share

    # --- ending ------------------------------------------------------------------------------------------------------

    def sharpen_ground(self, factor: Floats, top: float) -> None:
        """Set full-size detail: factors for the rows from `top` down, multiplied in by `finish`."""
        if self.detail is None:
            self.detail = np.ones((self.height, self.width), np.float32)
        first = round(top * self.height)
        self.detail[first : first + len(factor)] *= factor

    def hide_detail(self, mask: Floats, top: int) -> None:
        """Keep the detail of the ground only where `mask`, from working row `top` down, is 1."""
        if self.detail is not None:
            whole = np.zeros((self.h, self.w), np.float32)
            whole[top:] = mask
            self.detail = 1 + (self.detail - 1) * cv2.resize(whole, (self.width, self.height))

    def cover_detail(self, points: Points, texture: Floats | None = None) -> None:
        """Inside a polygon put another full-size detail, or none, in place of the ground's: a rug, a path."""
        if self.detail is None:
            return
        inside = np.zeros((self.height, self.width), np.uint8)
        cv2.fillPoly(inside, [np.round(points * self.height * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        weight = inside.astype(np.float32) / 255
        self.detail += ((1.0 if texture is None else texture) - self.detail) * weight

    def finish(self, *, gain: Colour = (1.0, 1.0, 1.0), vignette: float = 0.22, bloom: float = 0.35) -> Image:
        """Bloom, vignette, colour of the light and a soft shoulder; then full size, detail and film grain."""
        self._bloom(bloom)
        y, x = np.mgrid[-1 : 1 : self.h * 1j, -1 : 1 : self.w * 1j].astype(np.float32)
        dark = 1.0 - vignette * np.clip((x * x + y * y - 0.35) / 1.65, 0, 1)
        for part, factor in zip(self.pixels, gain, strict=True):
            part *= dark * np.float32(factor)
        # Lights roll off instead of clipping: 0.82 and below stay, 1.3 becomes white.
        over = np.maximum(self.pixels - 0.82, 0)
        self.pixels -= over * (1 - 1 / (1 + 2.4 * over))
        rgb = cv2.merge([np.ascontiguousarray(part) for part in self.pixels])
        if (self.w, self.h) != (self.width, self.height):
            rgb = cv2.resize(rgb, (self.width, self.height), interpolation=cv2.INTER_CUBIC)
        return self._grained(rgb)

    def _bloom(self, strength: float) -> None:
        size = (max(1, self.w // 8), max(1, self.h // 8))
        for part in self.pixels:
            small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
            glow = blurred(np.maximum(small - 0.72, 0), 0.05 * size[1])
            part += strength * cv2.resize(glow, (self.w, self.h), interpolation=cv2.INTER_LINEAR)

    def _grained(self, rgb: npt.NDArray[Any]) -> Image:
        oy, ox = self.rng.integers(0, TILE, 2)
        repeats = (-(-(self.height + oy) // TILE), -(-(self.width + ox) // TILE))
        grain = np.tile(tile("grain"), repeats)[oy : oy + self.height, ox : ox + self.width] * np.float32(0.008)
        if self.detail is not None:
            rgb = cv2.multiply(rgb, cv2.merge([self.detail] * 3))
        rgb = cv2.add(rgb, cv2.merge([grain] * 3))
        return np.asarray(cv2.convertScaleAbs(np.clip(rgb, 0, 1), alpha=255.0), np.uint8)


def blurred(image: npt.NDArray[Any], sigma: float) -> npt.NDArray[Any]:
    """Gaussian blur, `sigma` in pixels; a wide one is done on a smaller picture, where nobody sees the difference."""
    if sigma < 0.3:
        return image
    h, w = image.shape[:2]
    factor = min(int(sigma / 2.5), min(h, w) // 8)
    if factor < 2:
        return cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    small = cv2.resize(image, (max(1, w // factor), max(1, h // factor)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / factor, borderType=cv2.BORDER_REPLICATE)
    return cv2.resize(small, (w, h), interpolation=cv2.INTER_LINEAR)
