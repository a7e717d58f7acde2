"""A scene as a data set records it."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, model_validator

from vivant.types.base import Box, Record, Unit


class SceneSubject(Record):
    """A subject as a scene's record names it; paths are relative to the data set.

    Attributes:
        name: the subject's, unique in the set.
        noun: what it is in the caption.
        box: tight around what can be seen of it.
        mask: what can be seen of it, HW uint8 of the whole scene.
        full_mask: all of it, also what something nearer hides, where that is known.
        reference: the photo that it came from.
        cutout: the RGBA cutout that was placed.
        covered: fraction of it that nearer subjects cover.
        depth: 0 nearest, 1 farthest.
        identity: what it looks like as numbers, where that is known (the world's individuals).
    """

    name: str
    noun: str
    box: Box
    mask: str
    reference: str
    cutout: str = ""
    covered: Unit = 0.0
    depth: Unit = 0.0
    full_mask: str = ""
    identity: tuple[float, ...] = ()


class Scene(Record):
    """One line of ``metadata.jsonl``.

    Attributes:
        file_name: the picture, relative to the data set, as ``datasets`` expects it.
        text: short caption: every subject and the background.
        text_detailed: with places, sizes and relations; at most 77 CLIP tokens.
        relation: predicate between the subjects, if the scene shows one.
        background: the background prompt.
        keypoints: a subject each, in the order of `subjects`: 17 x (x, y, visible) in AP-10K order, where known.
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
    keypoints: tuple[tuple[tuple[float, float, float], ...], ...] | None = None
    scores: dict[str, float] = Field(default_factory=dict)
    rating: int | None = Field(default=None, ge=1, le=5)
    made: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _keypoints_of_all(self) -> Self:
        if self.keypoints is not None and len(self.keypoints) != len(self.subjects):
            raise ValueError(f"keypoints of {len(self.keypoints)} subjects, but {len(self.subjects)} subjects")
        return self
