"""Subjects drawn as soft bodies: every part is an outline that is inflated, lit and given fur, plush, cloth or glaze.

Coordinates are fractions of a square picture, y downwards. Colours are display RGB in 0..1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from vivant.data.painted.canvas import Colour, Points, blurred
from vivant.data.painted.noise import TILE, Floats, Plane, smoothstep, tile
from vivant.demo.skins import Skin
from vivant.types import Image

SUPERSAMPLING = 1.5
"""Drawn this much larger, then averaged: smooth edges without the price of twice the side."""


@dataclass(frozen=True)
class Mark:
    """A patch of another colour on a part: a stripe, a bib, a pattern."""

    points: Points
    colour: Colour
    soft: float = 0.004
    opacity: float = 1.0


@dataclass
class Sculpture:
    """Straight RGBA built up part over part, back to front.

    Attributes:
        side: pixels of the finished square.
        rng: of this drawing.
        light: direction that the key light comes from (x right, y down, z to the viewer).
        warmth: -1 cool to 1 warm.
    """

    side: int
    rng: np.random.Generator
    light: tuple[float, float, float] = (-0.5, -0.65, 0.75)
    warmth: float = 0.0
    _matrix: npt.NDArray[np.float64] = field(default_factory=lambda: np.eye(3))

    def __post_init__(self) -> None:
        self._n = round(self.side * SUPERSAMPLING)
        self._colour = np.zeros((self._n, self._n, 3), np.float32)
        self._alpha = np.zeros((self._n, self._n), np.float32)

    @contextmanager
    def turned(
        self, degrees: float, pivot: tuple[float, float], shift: tuple[float, float] = (0.0, 0.0)
    ) -> Iterator[None]:
        """Parts drawn inside are turned clockwise round a pivot and shifted: a head that tilts."""
        before = self._matrix
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        px, py = pivot
        turn = np.array([[c, -s, px - c * px + s * py + shift[0]], [s, c, py - s * px - c * py + shift[1]], [0, 0, 1]])
        self._matrix = before @ turn
        yield
        self._matrix = before

    def part(
        self, points: Points, colour: Colour, skin: Skin, *, bulge: float = 1.0, marks: Sequence[Mark] = (),
        flow: tuple[float, float] = (0.0, 1.0), shade: float = 0.35, belly: Colour | None = None,
        melt: float = 0.0,
    ) -> None:  # fmt: skip
        """Add one part in front of the others.

        Args:
            points: (N, 2) outline.
            bulge: how round it is; 0 flat.
            marks: patches of other colours, clipped to the part.
            flow: direction in which hair lies.
            shade: strength of the shadow that it throws on what is behind.
            belly: colour at the lower end, where it differs.
            melt: share of its height over which it fades in from the top, to grow out of what is behind.
        """
        outline = self._placed(points)
        pad = int((skin.hair * 1.6 + 0.012) * self._n) + 4
        low = np.maximum(np.floor(outline.min(axis=0)).astype(int) - pad, 0)
        high = np.minimum(np.ceil(outline.max(axis=0)).astype(int) + pad, self._n)
        if (high - low < 2).any():
            return
        size = (int(high[1] - low[1]), int(high[0] - low[0]))
        local = outline - low
        body = _drawn(size, local)
        normal, depth = _inflated(body, bulge)
        albedo = self._albedo(size, low, colour, belly, marks)
        mask = np.asarray(body.astype(np.float32) / 255, np.float32)
        if skin.hair > 0:
            mask = self._hairy(body, local, skin, flow)
            albedo *= self._hairs(size, normal, skin, flow)[..., None]
        elif skin.weave > 0:
            albedo *= (1 + skin.contrast * self._texture(size, skin.weave))[..., None]
        if melt > 0:
            rows = np.linspace(0, 1, size[0], dtype=np.float32)[:, None]
            mask = np.asarray(mask * smoothstep(0.04, melt, rows), np.float32)
        lit = self._lit(albedo, normal, depth, skin)
        self._over(lit, mask, low, shade)

    def dot(
        self, x: float, y: float, rx: float, ry: float, colour: Colour, *, soft: float = 0.0, opacity: float = 1.0
    ) -> None:
        """A flat oval without shading: a highlight, a pupil."""
        turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        self.flat(np.stack([x + rx * np.cos(turn), y + ry * np.sin(turn)], axis=1), colour, soft=soft, opacity=opacity)

    def flat(
        self, points: Points, colour: Colour, *, soft: float = 0.0, opacity: float = 1.0, inside: bool = True
    ) -> None:
        """A flat patch; `inside` keeps it to what is already drawn."""
        outline = self._placed(points)
        pad = int(3 * soft * self._n) + 3
        low = np.maximum(np.floor(outline.min(axis=0)).astype(int) - pad, 0)
        high = np.minimum(np.ceil(outline.max(axis=0)).astype(int) + pad, self._n)
        if (high - low < 1).any():
            return
        mask = blurred(_drawn((int(high[1] - low[1]), int(high[0] - low[0])), outline - low), soft * self._n)
        weight = mask.astype(np.float32) * np.float32(opacity / 255)
        where = np.s_[low[1] : high[1], low[0] : high[0]]
        if inside:
            self._colour[where] += (np.array(colour, np.float32) - self._colour[where]) * weight[..., None]
        else:
            self._over(np.broadcast_to(np.array(colour, np.float32), (*weight.shape, 3)), weight, low, 0.0)

    def finished(self) -> Image:
        """HWC uint8 RGBA with straight alpha."""
        premultiplied = np.dstack([self._colour * self._alpha[..., None], self._alpha])
        small = cv2.resize(premultiplied, (self.side, self.side), interpolation=cv2.INTER_AREA)
        alpha = small[..., 3:]
        rgb = small[..., :3] / np.maximum(alpha, 1e-4)
        rgb *= np.array([1 + 0.05 * self.warmth, 1.0, 1 - 0.07 * self.warmth], np.float32)
        return np.asarray(np.clip(np.dstack([rgb, alpha]), 0, 1) * 255 + 0.5, np.uint8)

    # --- how a part is made ------------------------------------------------------------------------------------------

    def _placed(self, points: Points) -> Points:
        placed = points @ self._matrix[:2, :2].T + self._matrix[:2, 2]
        return np.asarray(placed * self._n, float)

    def _texture(self, size: tuple[int, int], repeats: float) -> Plane:
        step = repeats * TILE / self._n
        shift = self.rng.uniform(0, TILE, 2)
        move = np.array([[step, 0, shift[0]], [0, step, shift[1]]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(tile("clump"), move, size[::-1], flags=flags, borderMode=cv2.BORDER_WRAP))

    def _albedo(
        self,
        size: tuple[int, int],
        low: npt.NDArray[np.int_],
        colour: Colour,
        belly: Colour | None,
        marks: Sequence[Mark],
    ) -> npt.NDArray[np.float32]:
        ramp = smoothstep(0.45, 0.95, np.linspace(0, 1, size[0], dtype=np.float32))[:, None, None]
        first = np.array(colour, np.float32)
        albedo = np.broadcast_to(first + (np.array(belly or colour, np.float32) - first) * ramp, (*size, 3)).copy()
        albedo *= (1 + 0.035 * self._texture(size, 0.6))[..., None]
        for mark in marks:
            patch = blurred(_drawn(size, self._placed(mark.points) - low), mark.soft * self._n)
            weight = patch.astype(np.float32)[..., None] * np.float32(mark.opacity / 255)
            albedo += (np.array(mark.colour, np.float32) - albedo) * weight
        return albedo

    def _hairy(self, body: npt.NDArray[np.uint8], outline: Points, skin: Skin, flow: tuple[float, float]) -> Plane:
        """The mask with hairs that stand out along the outline."""
        closed = np.vstack([outline, outline[:1]])
        lengths = np.hypot(*np.diff(closed, axis=0).T)
        total = float(lengths.sum())
        reach = skin.hair * self._n
        count = int(total / max(1.2, reach * 0.16))
        where = self.rng.uniform(0, total, count)
        marks = np.concatenate([[0], np.cumsum(lengths)])
        root = np.stack([np.interp(where, marks, closed[:, k]) for k in range(2)], axis=1)
        index = np.clip(np.searchsorted(marks, where) - 1, 0, len(lengths) - 1)
        along = np.diff(closed, axis=0)[index] / np.maximum(lengths[index], 1e-6)[:, None]
        signed = np.sum(closed[:-1, 0] * closed[1:, 1] - closed[1:, 0] * closed[:-1, 1])
        outward = np.stack([along[:, 1], -along[:, 0]], axis=1) * np.sign(signed)
        way = outward * 0.5 + np.array(flow) * 0.75 + self.rng.normal(0, 0.22, (count, 2))
        way /= np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-6)[:, None]
        root = root - outward * reach * 0.35
        tip = root + way * reach * self.rng.uniform(0.45, 1.0, (count, 1))
        bend = (root + tip) / 2 + outward * reach * 0.10
        hairs = np.round(np.stack([root, bend, tip], axis=1) * 16).astype(np.int32)
        fuzzy = body.copy()
        cv2.polylines(fuzzy, list(hairs), False, 255, max(1, round(reach * 0.07)), cv2.LINE_AA, 4)
        return np.asarray(fuzzy.astype(np.float32) / 255)

    def _hairs(
        self, size: tuple[int, int], normal: npt.NDArray[np.float32], skin: Skin, flow: tuple[float, float]
    ) -> Plane:
        """Lightness of hairs that lie along the flow and fan out where the body turns away."""
        area = size[0] * size[1] / self._n**2
        count = int(skin.density * 1000 * area) + 40
        reach = skin.hair * self._n
        root = self.rng.uniform(0, 1, (count, 2)) * (size[1], size[0])
        root = root[np.argsort(root @ -np.array(flow))]
        at = np.clip(root.astype(int), 0, (size[1] - 1, size[0] - 1))
        way = normal[at[:, 1], at[:, 0], :2] * 0.9 + np.array(flow) + self.rng.normal(0, 0.28, (count, 2))
        way /= np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-6)[:, None]
        tip = root + way * reach * self.rng.uniform(0.5, 1.0, (count, 1))
        strokes = np.round(np.stack([root, tip], axis=1) * 16).astype(np.int32)
        tone, thick = np.full(size, 128, np.uint8), max(1, round(reach * 0.07))
        # Upper hairs last, as tiles on a roof are read from below; each row of them in several mixed tones.
        for row in np.array_split(np.arange(count), max(4, count // 240)):
            for offset, level in enumerate((-1.3, -0.6, 0.0, 0.6, 1.2)):
                value = 128 * (1 + skin.contrast * level)
                cv2.polylines(tone, list(strokes[row[offset::5]]), False, value, thick, cv2.LINE_AA, 4)
        return np.asarray(tone.astype(np.float32) / 128)

    def _lit(
        self, albedo: npt.NDArray[np.float32], normal: npt.NDArray[np.float32], depth: Plane, skin: Skin
    ) -> npt.NDArray[np.float32]:
        """Key light that wraps round, light from the sky, a little from the ground, darker rims and highlights."""
        key = np.array(self.light, np.float32)
        key /= np.linalg.norm(key)
        facing = normal @ key
        wrapped = np.clip((facing + 0.35) / 1.35, 0, 1)
        up = 0.5 - 0.5 * normal[..., 1]
        light = 0.36 + 0.20 * up + 0.12 * (1 - up) + 0.56 * wrapped**1.1
        rim = (
            (0.80 + 0.20 * smoothstep(0.0, 0.35, depth))
            if skin.hair == 0
            else (0.88 + 0.12 * smoothstep(0.0, 0.25, depth))
        )
        lit = albedo * (light * rim)[..., None]
        # Shade is a little cooler and richer than light, as under a sky.
        lit *= 1 + (1 - wrapped)[..., None] * np.array([-0.03, -0.01, 0.05], np.float32)
        if skin.gloss > 0:
            half = key + np.array([0, 0, 1], np.float32)
            half /= np.linalg.norm(half)
            shine = np.clip(normal @ half, 0, 1) ** skin.tight * skin.gloss
            bounce = 0.10 * skin.gloss * np.clip(normal[..., 0] * -np.sign(key[0]), 0, 1) ** 3
            lit += (shine + bounce)[..., None]
        return np.asarray(lit, np.float32)

    def _over(self, colour: Floats, mask: Floats, low: npt.NDArray[np.int_], shade: float) -> None:
        if shade > 0:
            self._throw(mask, low, shade)
        h, w = mask.shape
        where = np.s_[low[1] : low[1] + h, low[0] : low[0] + w]
        old = self._alpha[where]
        new = mask + old * (1 - mask)
        share = (mask / np.maximum(new, 1e-5))[..., None]
        self._colour[where] += (colour - self._colour[where]) * share
        self._alpha[where] = new

    def _throw(self, mask: Floats, low: npt.NDArray[np.int_], shade: float) -> None:
        """Darken what is behind, away from the light."""
        reach = 0.022 * self._n
        grow = int(reach * 2.2)
        big = blurred(np.pad(mask, grow), reach * 0.6)
        dx, dy = round(-self.light[0] * reach * 0.8), round(-self.light[1] * reach)
        top, left = int(low[1]) - grow + dy, int(low[0]) - grow + dx
        y0, x0 = max(top, 0), max(left, 0)
        y1, x1 = min(top + big.shape[0], self._n), min(left + big.shape[1], self._n)
        if y1 <= y0 or x1 <= x0:
            return
        cut = big[y0 - top : y1 - top, x0 - left : x1 - left]
        self._colour[y0:y1, x0:x1] *= (1 - shade * cut)[..., None]


def _drawn(size: tuple[int, int], outline: Points) -> npt.NDArray[np.uint8]:
    mask = np.zeros(size, np.uint8)
    cv2.fillPoly(mask, [np.round((outline - 0.5) * 16).astype(np.int32).reshape(-1, 1, 2)], 255, cv2.LINE_AA, 4)
    return mask


def _inflated(mask: npt.NDArray[np.uint8], bulge: float) -> tuple[npt.NDArray[np.float32], Plane]:
    """Unit normals (h, w, 3) and height 0..1 of a body blown up from its outline.

    Averages of the mask at several widths rise from the edge inwards; their root is round like a cushion.
    """
    inside = mask.astype(np.float32) / 255
    distance = cv2.distanceTransform((mask > 127).astype(np.uint8), cv2.DIST_L2, 3)
    radius = max(2.0, float(distance.max()))
    height = np.zeros_like(inside)
    for share in (0.22, 0.5, 0.95):
        height += np.clip(
            blurred(np.pad(inside, int(radius)), radius * share)[int(radius) : -int(radius), int(radius) : -int(radius)]
            - 0.48,
            0,
            1,
        )
    height = np.sqrt(np.clip(height / max(float(height.max()), 1e-5), 0, 1))
    height = blurred(height, max(1.0, radius * 0.05))
    scale = radius * bulge * 0.95
    dx = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3) / 8 * scale
    dy = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3) / 8 * scale
    length = np.sqrt(dx * dx + dy * dy + 1)
    return np.dstack([-dx / length, -dy / length, 1 / length]).astype(np.float32), np.asarray(height, np.float32)
