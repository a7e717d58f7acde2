"""Stage 4, compose: cutouts into the boxes of a layout (Gen4Gen section 3.2).

Colours are resized premultiplied by their alpha, so what lies outside a cutout never bleeds into its edge as a dark or
bright fringe. Work happens in the rectangle of each subject; only the masks are as large as the canvas.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
import numpy.typing as npt

from vivant.errors import InputError
from vivant.types import Box, Composite, Cutout, Image, Layer, Layout, Mask, Placement

SOFT_WINDOW = 5
"""Side of the averaging window of the soft mask, in pixels (section 7)."""
HALF = 128
"""Alpha from which a pixel counts as covered: half of 255, rounded up."""
ASPECT_TOLERANCE = 0.02
"""A box may differ by this much from the cutout's own aspect (rounding to pixels) before it is treated as a frame to
fit into rather than a shape to fill: a language model's boxes must not stretch a cat."""
_HANGING = frozenset({"wall", "air"})

Window = tuple[slice, slice]


def compose(layout: Layout, cutouts: Mapping[str, Cutout], width: int, height: int) -> Composite:
    """Place every cutout of a layout, far to near.

    Args:
        layout: boxes in fractions of the canvas; painted by falling depth, equal depths in the order given.
        cutouts: subject name -> cutout; more than the layout names is fine.
        width, height: of the canvas, in pixels.

    Returns:
        The foreground, its hard and soft mask, and a layer a subject with what nearer subjects leave of it.

    Raises:
        InputError: the layout names a subject that has no cutout, or the canvas has no pixels.
    """
    if min(width, height) < 1:
        raise InputError(f"a canvas needs at least one pixel a side, not {width} x {height}")
    missing = [item.subject for item in layout.placements if item.subject not in cutouts]
    if missing:
        raise InputError(f"no cutout for {', '.join(missing)}: the layout names subjects that were not segmented")
    ordered = sorted(layout.placements, key=lambda item: -item.depth)
    placed = [_place(item, cutouts[item.subject].rgba, width, height) for item in ordered]
    foreground = np.zeros((height, width, 3), np.uint8)
    alpha = np.zeros((height, width), np.uint8)
    for rgba, x, y in placed:
        _paint(foreground, alpha, rgba, x, y)
    hard = np.where(alpha >= HALF, np.uint8(255), np.uint8(0))
    layers = _visible_layers([item.subject for item in ordered], placed, width, height)
    return Composite(foreground=foreground, hard_mask=hard, soft_mask=soften(hard), layers=layers)


def soften(hard_mask: Mask) -> Mask:
    """Average a mask over a 5x5 window: the soft mask of section 7. HW uint8 in and out."""
    return np.asarray(cv2.blur(hard_mask, (SOFT_WINDOW, SOFT_WINDOW), borderType=cv2.BORDER_REPLICATE), dtype=np.uint8)


def resize_cutout(rgba: Image, width: int, height: int) -> Image:
    """Resize HWC RGBA with straight alpha, without fringes.

    Area averaging down, bicubic up, both on premultiplied 16-bit values. Where the result is wholly clear its colour
    is 0.
    """
    alpha = rgba[..., 3]
    factors = cv2.merge([alpha, alpha, alpha, np.full_like(alpha, 255)])
    product = cv2.multiply(rgba, factors, dtype=cv2.CV_16U)
    shrinking = width < rgba.shape[1] or height < rgba.shape[0]
    method = cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC
    resized = cv2.resize(product, (width, height), interpolation=method).astype(np.float32)
    weight = resized[..., 3:]
    colour = resized[..., :3] * (255.0 / np.maximum(weight, 1.0))
    colour[weight[..., 0] < 128.0] = 0.0  # rounds to an alpha of 0
    out = np.empty((height, width, 4), np.uint8)
    np.clip(colour + 0.5, 0.0, 255.0, out=colour)
    out[..., :3] = colour
    out[..., 3] = (weight[..., 0] * (1.0 / 255.0) + 0.5).clip(0.0, 255.0)
    return out


def window_of(shape: tuple[int, ...], x: int, y: int, canvas: tuple[int, ...]) -> tuple[Window, Window]:
    """Where a layer of that shape at x, y meets the canvas: slices of the canvas and slices of the layer."""
    top, bottom = max(0, y), min(canvas[0], y + shape[0])
    left, right = max(0, x), min(canvas[1], x + shape[1])
    bottom, right = max(top, bottom), max(left, right)
    return (slice(top, bottom), slice(left, right)), (slice(top - y, bottom - y), slice(left - x, right - x))


def over(below: npt.NDArray[np.uint8], above: npt.NDArray[np.uint8], alpha: Mask) -> npt.NDArray[np.uint8]:
    """`above` over `below` by an alpha of 0..255; HWC uint8, rounded to the nearest."""
    weight = alpha.astype(np.uint16)
    if below.ndim == 3:
        weight = weight[..., None]
    mixed = above * weight + below * (255 - weight) + 127
    return np.asarray(mixed // 255, dtype=np.uint8)


def _place(item: Placement, rgba: Image, width: int, height: int) -> tuple[Image, int, int]:
    """The cutout at its final size and its top left corner: the box, or the largest place in it of the right shape."""
    left, top, right, bottom = item.box.pixels(width, height)
    wide, high = max(1, right - left), max(1, bottom - top)
    aspect = rgba.shape[1] / rgba.shape[0]
    if abs(wide / high / aspect - 1.0) > ASPECT_TOLERANCE and min(wide, high) > 1:
        fit_wide = max(1, min(wide, round(high * aspect)))
        fit_high = max(1, min(high, round(wide / aspect)))
        left += (wide - fit_wide) // 2
        slack = high - fit_high
        top += slack // 2 if item.rests_on in _HANGING else slack  # what stands keeps its feet on the box's floor
        wide, high = fit_wide, fit_high
    resized = resize_cutout(rgba, wide, high)
    return (np.ascontiguousarray(resized[:, ::-1]) if item.flip else resized), left, top


def _paint(foreground: Image, alpha: Mask, rgba: Image, x: int, y: int) -> None:
    canvas, layer = window_of(rgba.shape, x, y, alpha.shape)
    colour, cover = rgba[layer][..., :3], rgba[layer][..., 3]
    foreground[canvas] = over(foreground[canvas], colour, cover)
    alpha[canvas] = over(alpha[canvas], np.full_like(cover, 255), cover)


def _visible_layers(
    names: list[str], placed: list[tuple[Image, int, int]], width: int, height: int
) -> tuple[Layer, ...]:
    """Near to far, keeping what is still uncovered; the visible alphas and the background's share add up to 255."""
    free = np.full((height, width), 255, np.uint8)
    layers: list[Layer] = []
    for name, (rgba, x, y) in zip(reversed(names), reversed(placed), strict=True):
        canvas, part = window_of(rgba.shape, x, y, free.shape)
        visible = np.zeros((height, width), np.uint8)
        visible[canvas] = over(np.zeros_like(free[canvas]), free[canvas], rgba[part][..., 3])
        free -= visible
        seen = int(visible[canvas].sum(dtype=np.int64))
        frame = int(rgba[part][..., 3].sum(dtype=np.int64))
        layers.append(
            Layer(
                subject=name,
                rgba=rgba,
                x=x,
                y=y,
                visible=visible,
                box=_box(x, y, x + rgba.shape[1], y + rgba.shape[0], width, height),
                visible_box=_tight_box(visible[canvas] >= HALF, canvas, width, height),
                covered=max(0.0, 1.0 - seen / frame) if frame else 0.0,
            )
        )
    return tuple(reversed(layers))


def _tight_box(seen: npt.NDArray[np.bool_], canvas: Window, width: int, height: int) -> Box | None:
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not len(rows):
        return None
    top, left = canvas[0].start, canvas[1].start
    return _box(left + columns[0], top + rows[0], left + columns[-1] + 1, top + rows[-1] + 1, width, height)


def _box(left: int, top: int, right: int, bottom: int, width: int, height: int) -> Box:
    x0, x1 = (min(1.0, max(0.0, float(value) / width)) for value in (left, right))
    y0, y1 = (min(1.0, max(0.0, float(value) / height)) for value in (top, bottom))
    return Box(x0=x0, y0=y0, x1=x1, y1=y1)
