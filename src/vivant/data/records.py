"""What a data set records of its cutouts and scenes, and the names of its lists."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from vivant.data.naming import safe_name
from vivant.types import Box, Composite, CutoutQuality, Layout, Record, Scene, SceneSubject

METADATA = "metadata.jsonl"
REJECTS = "rejects.jsonl"


class CutoutRecord(Record):
    """A cutout as the data set keeps it; paths are relative to the data set, and empty where there is no file.

    Attributes:
        subject, photo, method, cut_sides, box, quality: as in `Cutout`.
        file: the RGBA cutout, cropped to the subject.
        mask: its alpha in the whole photo, as large as the reference.
        reference: the photo as it was decoded.
        reason: why it is not used.
    """

    subject: str
    photo: str
    file: str = ""
    mask: str = ""
    reference: str = ""
    method: str = ""
    cut_sides: tuple[str, ...] = ()
    box: Box | None = None
    quality: CutoutQuality | None = None
    reason: str = ""

    @property
    def accepted(self) -> bool:
        """Whether it may be used in scenes."""
        return self.quality is not None and self.quality.accepted


class SceneRecord(Record):
    """A finished attempt: the accepted scene, or the reason why there is none."""

    attempt: int
    scene: Scene | None = None
    reason: str = ""
    scores: dict[str, float] = Field(default_factory=dict)


def scene_subjects(
    attempt: int,
    composite: Composite,
    layout: Layout,
    nouns: Mapping[str, str],
    cutouts: Mapping[str, CutoutRecord],
) -> tuple[SceneSubject, ...]:
    """The subjects' part of a scene's record, in the order of `nouns`: that in which the short caption names them."""
    layers = {layer.subject: layer for layer in composite.layers}
    return tuple(
        SceneSubject(
            name=name,
            noun=noun,
            box=layers[name].visible_box or layers[name].box,
            mask=f"masks/{attempt:06d}_{number}_{safe_name(name)}.png",
            reference=cutouts[name].reference,
            cutout=cutouts[name].file,
            covered=round(layers[name].covered, 4),
            depth=round(layout[name].depth, 4),
        )
        for number, (name, noun) in enumerate(nouns.items())
    )
