"""The values that stages pass to each other: frozen, validated, with their units.

Pictures are HWC uint8 RGB, cutouts HWC uint8 RGBA with straight (not premultiplied) alpha, masks HW uint8 with
0 outside and 255 inside. Boxes are fractions of the picture: x0, y0 is the top left corner, x1, y1 the bottom right.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_serializer, model_validator

Image = npt.NDArray[np.uint8]
"""HWC uint8, RGB or RGBA."""
Mask = npt.NDArray[np.uint8]
"""HW uint8, 0 outside, 255 inside, anything between where an edge is soft."""

Support = Literal["ground", "table", "wall", "air", "water"]
"""What a thing rests on or is held by in a photograph."""

Unit = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]


class Record(BaseModel):
    """Base of everything that is written to disk: frozen, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Box(Record):
    """A rectangle in fractions of the picture, written as ``[x0, y0, x1, y1]``.

    Raises:
        ValueError: a coordinate outside [0, 1], or x1 < x0, or y1 < y0. A zero-area box is valid and covers nothing.
    """

    x0: Unit
    y0: Unit
    x1: Unit
    y1: Unit

    @model_validator(mode="before")
    @classmethod
    def _from_sequence(cls, value: Any) -> Any:
        if isinstance(value, list | tuple):
            if len(value) != 4:
                raise ValueError(f"a box has four numbers x0, y0, x1, y1, not {len(value)}")
            return dict(zip(("x0", "y0", "x1", "y1"), value, strict=True))
        return value

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.x1 < self.x0 or self.y1 < self.y0:
            raise ValueError(f"a box goes from top left to bottom right, not {self.as_tuple()}")
        return self

    @model_serializer
    def as_tuple(self) -> tuple[float, float, float, float]:
        """x0, y0, x1, y1."""
        return (self.x0, self.y0, self.x1, self.y1)

    @property
    def width(self) -> float:
        """Fraction of the picture's width."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Fraction of the picture's height."""
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        """Fraction of the picture's area."""
        return self.width * self.height

    @property
    def centre(self) -> tuple[float, float]:
        """x, y of the middle."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def overlap(self, other: Box) -> float:
        """Area of the intersection, as a fraction of the picture."""
        width = min(self.x1, other.x1) - max(self.x0, other.x0)
        height = min(self.y1, other.y1) - max(self.y0, other.y0)
        return max(0.0, width) * max(0.0, height)

    def pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in whole pixels of a picture of that size, rounded to the nearest."""
        return (
            round(self.x0 * width),
            round(self.y0 * height),
            round(self.x1 * width),
            round(self.y1 * height),
        )


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
    """

    subject: str
    photo: Path
    rgba: Image
    quality: CutoutQuality
    method: str
    cut_sides: frozenset[str] = frozenset()

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


class SceneSubject(Record):
    """A subject as a scene's record names it; paths are relative to the data set.

    Attributes:
        name: the subject's, unique in the set.
        noun: what it is in the caption.
        box: tight around what can be seen of it.
        mask: what can be seen of it, HW uint8 of the whole scene.
        reference: the photo that it came from.
        cutout: the RGBA cutout that was placed.
        covered: fraction of it that nearer subjects cover.
        depth: 0 nearest, 1 farthest.
    """

    name: str
    noun: str
    box: Box
    mask: str
    reference: str
    cutout: str = ""
    covered: Unit = 0.0
    depth: Unit = 0.0


class Scene(Record):
    """One line of ``metadata.jsonl``.

    Attributes:
        file_name: the picture, relative to the data set, as ``datasets`` expects it.
        text: short caption: every subject and the background.
        text_detailed: with places, sizes and relations; at most 77 CLIP tokens.
        relation: predicate between the subjects, if the scene shows one.
        background: the background prompt.
        keypoints: subject name -> 17 x (x, y, visible) in AP-10K order, where known.
        scores: what the check measured.
        rating: 1 to 5, given by a person.
        made: how: settings hash, seeds, models, layout.
    """

    file_name: str
    text: str
    text_detailed: str
    subjects: tuple[SceneSubject, ...]
    relation: str | None = None
    background: str
    keypoints: dict[str, list[tuple[float, float, float]]] | None = None
    scores: dict[str, float] = Field(default_factory=dict)
    rating: int | None = Field(default=None, ge=1, le=5)
    made: dict[str, Any] = Field(default_factory=dict)
