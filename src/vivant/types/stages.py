"""What the stages of composing pass to each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from vivant.types.base import WHOLE, Box, Image, Mask, Record, Support, Unit


@dataclass(frozen=True)
class Subject:
    """One of the user's own: a folder of photos and what is known about it.

    Attributes:
        name: the folder's name, unique ("cat2").
        noun: what it is in a caption ("cat").
        photos: its pictures, sorted by name.
        height_m: real height in metres, where the user has said so.
        rests_on: what it rests on, where the user has said so.
        found: places it is found in, where the user has said so.
    """

    name: str
    noun: str
    photos: tuple[Path, ...]
    height_m: float | None = None
    rests_on: Support | None = None
    found: tuple[str, ...] | None = None


class CutoutQuality(Record):
    """Measures of one cutout (all fractions unless said) and the verdict on it.

    Attributes:
        area: of the photo that the subject covers.
        parts: number of separate pieces worth counting.
        holes: of the subject's filled area that are holes.
        border_cut: of the subject's outline that lies on the photo's border.
        grey_share: of the subject's area whose alpha is neither clear nor solid.
        edge_sharpness: contrast across the outline, 0 none, 1 strong.
        confidence: the segmenter's own belief in the mask.
        accepted: whether the cutout may be used.
        reasons: why not; empty when accepted.
    """

    area: float
    parts: int
    holes: float
    border_cut: float
    grey_share: float
    edge_sharpness: float
    confidence: float
    accepted: bool
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cutout:
    """A subject freed from its photo.

    Attributes:
        subject: name of the subject.
        photo: the source picture.
        rgba: HWC uint8, straight alpha, cropped to the subject with colours of the background removed at the edges.
        cut_sides: sides ("left", "top", "right", "bottom") where the photo's border cuts the subject.
        quality: measures and verdict.
        method: what made it ("alpha", "grabcut", "isnet" …).
        box: where it lies in its photo.
    """

    subject: str
    photo: Path
    rgba: Image
    quality: CutoutQuality
    method: str
    cut_sides: frozenset[str] = frozenset()
    box: Box = WHOLE

    def mask(self, width: int, height: int) -> Mask:
        """M(D(x)) of section 3.2: the alpha, HW uint8, in a photo of that many pixels, the size it was cut from."""
        mask = np.zeros((height, width), dtype=np.uint8)
        left, top, right, bottom = self.box.pixels(width, height)
        mask[top:bottom, left:right] = self.rgba[..., 3]
        return mask

    @property
    def aspect(self) -> float:
        """Width over height."""
        return float(self.rgba.shape[1] / self.rgba.shape[0])


class Background(Record):
    """A scene to stand in.

    Attributes:
        scene: its name ("garden"): the folder's, or the painted scene's.
        prompt: as in a caption ("in the garden").
        path: the photo; None for a painted scene.
        places: tags of the knowledge table that it counts as ("garden", "outdoors").
        horizon: y of the horizon, fraction of the height from the top.
        ground_top: y from which downwards things may stand.
        surface: what the lower part is: things that need another one do not come here.
        indoors: whether there is a ceiling above.
    """

    scene: str
    prompt: str
    path: Path | None = None
    places: tuple[str, ...] = ()
    horizon: Unit = 0.45
    ground_top: Unit = 0.6
    surface: Support = "ground"
    indoors: bool = False


class Placement(Record):
    """Where one subject goes.

    Attributes:
        subject: name.
        box: of the whole cutout, before anything covers it.
        depth: 0 nearest, 1 farthest; the farther is painted first.
        rests_on: support, or the name of the subject that it stands on.
        flip: mirrored left to right.
    """

    subject: str
    box: Box
    depth: Unit
    rests_on: str
    flip: bool = False


class Layout(Record):
    """Boxes for a combination, far to near.

    Attributes:
        placements: one a subject, in painting order.
        source: "rules" or "language model".
        note: why the rules had to step in, if they did.
    """

    placements: tuple[Placement, ...]
    source: str
    note: str = ""

    def __getitem__(self, subject: str) -> Placement:
        for placement in self.placements:
            if placement.subject == subject:
                return placement
        raise KeyError(subject)


@dataclass(frozen=True)
class Layer:
    """One subject on the canvas.

    Attributes:
        subject: name.
        rgba: the cutout at its final size, HWC uint8, straight alpha.
        x, y: where its top left corner lies on the canvas, in pixels.
        visible: HW uint8 of the whole canvas: its alpha after nearer subjects have covered it.
        box: of the whole subject.
        visible_box: tight around what can be seen; None when nothing can.
        covered: fraction of its area that nearer subjects cover.
    """

    subject: str
    rgba: Image
    x: int
    y: int
    visible: Mask
    box: Box
    visible_box: Box | None
    covered: float


@dataclass(frozen=True)
class Composite:
    """The composed foreground of section 3.2.

    Attributes:
        foreground: I_fg, HWC uint8 RGB, black where no subject is.
        hard_mask: M(I_fg), HW uint8, 0 or 255.
        soft_mask: the hard mask averaged over a 5x5 window (section 7).
        layers: far to near.
    """

    foreground: Image
    hard_mask: Mask
    soft_mask: Mask
    layers: tuple[Layer, ...] = field(default_factory=tuple)
