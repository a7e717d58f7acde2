"""A script performed: the picture, and the truth about it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from vivant.types import Image, Mask
from vivant.world.backdrops import BACKDROPS, VARIANTS, plate
from vivant.world.cast import Individual
from vivant.world.figure import visible_parts
from vivant.world.raster import Raster, rasterise, silhouette
from vivant.world.relations import RELATIONS, TOGETHER
from vivant.world.script import Script
from vivant.world.sketch import PARTS
from vivant.world.stage import Stage

_SHADOW = 0.34  # how dark the middle of a shadow is
_SEEN_FROM = 128  # a pixel counts as the subject's from this coverage


@dataclass(frozen=True)
class Tableau:
    """A picture of a script, with everything that is true of it.

    Attributes:
        script: who does what where.
        picture: HWC uint8 RGB, square.
    """

    script: Script
    picture: Image
    _raster: Raster
    _stage: Stage

    @property
    def size(self) -> int:
        """Pixels of a side."""
        return int(self.picture.shape[0])

    @property
    def text(self) -> str:
        """Short caption."""
        return self.script.text

    @property
    def text_detailed(self) -> str:
        """Caption with what the subjects look like."""
        return self.script.text_detailed

    @cached_property
    def masks(self) -> npt.NDArray[np.uint8]:
        """[n, H, W] uint8: what can be seen of each subject, 255 inside, soft at the edges."""
        return np.stack([self._raster.mask(index + 1) for index in range(len(self.script.cast))])

    def full_masks(self) -> npt.NDArray[np.uint8]:
        """[n, H, W] uint8: all of each subject, also what something else hides."""
        return np.stack([silhouette(self._stage.owned[index], self.size) for index in range(len(self.script.cast))])

    @cached_property
    def boxes(self) -> npt.NDArray[np.float32]:
        """[n, 4]: x0, y0, x1, y1 in [0, 1], tight around what can be seen; zeros where nothing can."""
        return np.array([_box(mask) for mask in self.masks], dtype=np.float32)

    @cached_property
    def keypoints(self) -> npt.NDArray[np.float32]:
        """[n, 17, 3]: x, y in [0, 1] and 1 where visible, 0 where hidden or outside, in AP-10K order."""
        ids, side = self._raster.ids, self._raster.ids.shape[0]
        scale, dx, dy = self._stage.camera
        everyone = []
        for index, puppet in sorted(self._stage.puppets.items()):
            points = []
            for (x, y), parts in zip(puppet.keypoints(), visible_parts(puppet), strict=True):
                x, y = x * scale + dx, y * scale + dy
                inside = 0.0 <= x < 1.0 and 0.0 <= y < 1.0
                owner, part = divmod(int(ids[int(y * side), int(x * side)]), PARTS) if inside else (0, 0)
                points.append(
                    (min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0), float(owner == index + 1 and part in parts))
                )
            everyone.append(points)
        return np.array(everyone, dtype=np.float32)


def perform(script: Script, size: int = 128) -> Tableau:
    """Act a script and draw it. The same script and size give the same bytes.

    Args:
        script: who does what where.
        size: pixels of a side of the square picture.
    """
    return _draw(script, size, RELATIONS[script.relation].act)


def portrait(individual: Individual, seed: int, size: int = 128, backdrop: str | None = None) -> Tableau:
    """A reference picture: one subject at ease, large, before any backdrop.

    Args:
        individual: who.
        seed: of pose, framing and, where none is named, backdrop.
        size: pixels of a side.
        backdrop: a key of `BACKDROPS`.
    """
    if backdrop is None:
        backdrop = random.Random(seed).choice(list(BACKDROPS))
    return _draw(Script(TOGETHER, (individual,), backdrop, seed), size, _pose)


def _pose(stage: Stage) -> None:
    """Neutral: standing, arms hanging, turned a little."""
    puppet = stage.stand(0, 0.0, stage.rng.uniform(-0.1, 0.75), tilt=stage.jitter(0.08))
    for side in (puppet.near, puppet.far):
        swing = stage.rng.uniform(0.1, 0.5)
        puppet.arm(side, swing, swing + stage.rng.uniform(0.0, 0.4))
    stage.shadow(puppet.root[0], 0.17)
    stage.paint(0)


def _draw(script: Script, size: int, act: Callable[[Stage], None]) -> Tableau:
    rng = random.Random(script.seed)
    backdrop = BACKDROPS[script.backdrop]
    behind = _framed(plate(script.backdrop, rng.randrange(VARIANTS), size), size, rng)
    stage = Stage(script.cast, rng.uniform(*backdrop.ground), rng)
    act(stage)
    stage.keep_inside()
    _cast_shadows(behind, stage)
    raster = rasterise(stage.sketch, size)
    clear = cv2.cvtColor(cv2.bitwise_not(raster.alpha), cv2.COLOR_GRAY2RGB)
    front = cv2.multiply(raster.colour, np.array([*backdrop.light, 1.0]))
    picture = cv2.add(cv2.multiply(behind, clear, scale=1 / 255), front)
    return Tableau(script, np.asarray(picture, dtype=np.uint8), raster, stage)


def _framed(whole: Image, size: int, rng: random.Random) -> Image:
    """A window of the plate: the camera pans a little."""
    room = whole.shape[0] - size
    left, top = round(room * rng.random()), round(room * rng.random())
    return whole[top : top + size, left : left + size].copy()


def _cast_shadows(picture: Image, stage: Stage) -> None:
    """Darken the ground under the figures, softly, in place."""
    if not stage.shadows:
        return
    size = picture.shape[0]
    lit = np.zeros((size, size), dtype=np.uint8)
    for x, y, half in stage.shadows:
        axes = (round(half * size * 16), round(half * size * 4))
        centre = (round((x * size - 0.5) * 16), round((y * size - 0.5) * 16))
        cv2.ellipse(lit, centre, axes, 0, 0, 360, round(255 * _SHADOW), cv2.FILLED, cv2.LINE_8, 4)
    soft = cv2.blur(lit, (max(3, size // 24), max(3, size // 40)))
    clear = cv2.cvtColor(cv2.bitwise_not(soft), cv2.COLOR_GRAY2RGB)
    cv2.multiply(picture, clear, dst=picture, scale=1 / 255)


def _box(mask: Mask) -> tuple[float, float, float, float]:
    left, top, width, height = cv2.boundingRect((mask >= _SEEN_FROM).astype(np.uint8))
    rows, columns = mask.shape
    return (left / columns, top / rows, (left + width) / columns, (top + height) / rows)
