"""Keypoints, masks, boxes and words of pictures that nobody knows anything about (section 3.3: X-Pose, SAM, LLaVA).

The models are passed in; what each finds carries how sure it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from vivant.images import on_white
from vivant.relations.sample import Part, Pictures, Points, Request, Sample, marked_predicate
from vivant.types import Image, Mask
from vivant.types.triplet import KEYPOINTS, word_spans

SEEN = 0.3
"""Height of a heatmap's peak from which a point counts as seen; ViTPose's own."""
_COCO_TO_AP10K = (
    (1,),
    (2,),
    (0,),
    (5, 6),
    (11, 12),
    (5,),
    (7,),
    (9,),
    (6,),
    (8,),
    (10,),
    (11,),
    (13,),
    (15,),
    (12,),
    (14,),
    (16,),
)
"""Points of people by the animals' order: the neck lies between the shoulders, the tail's root between the hips."""

Boxes = npt.NDArray[np.float32]
Outline = Callable[[Image, Boxes], tuple[Mask, float]]
"""A picture and a box [4] in [0, 1] -> the mask of what is in it, HW uint8, and how sure it is."""


class Detects(Protocol):
    """Boxes for labels, as `vivant.evaluation.detector.Detector`."""

    def detect(self, images: Sequence[Image], labels: Sequence[Sequence[str]]) -> Sequence[Any]:
        """Of each picture: boxes [n, 4] in [0, 1], scores [n], labels [n], surest first."""
        ...


class Locates(Protocol):
    """Points in boxes, as `vivant.evaluation.keypoints.KeypointFinder`."""

    @property
    def pairs(self) -> list[tuple[int, int]]: ...

    def locate(self, images: Sequence[Image], boxes: Boxes) -> npt.NDArray[np.float32]:
        """[N, 17, 3] x, y in pixels and how surely a point is seen."""
        ...


@dataclass(frozen=True)
class ModelAnnotator:
    """Annotates with models.

    Attributes:
        detector: of boxes by noun.
        keypoints: of points in a box.
        outline: of masks in a box.
        describe: of captions; None takes what was asked for as the caption.
    """

    detector: Detects
    keypoints: Locates
    outline: Outline
    describe: Callable[[Image], str] | None = None

    def annotate(self, request: Request, pictures: Pictures) -> Sample:
        """Look for every subject in the picture of the relation, and for each one in its own."""
        target = on_white(pictures.target)
        boxes = self._boxes(target, pictures.nouns)
        parts = []
        for noun, picture, (box, sure) in zip(pictures.nouns, pictures.concepts, boxes, strict=True):
            concept = on_white(picture)
            own, own_sure = self._boxes(concept, (noun,))[0]
            mask, mask_sure = self._mask(target, box)
            points, points_sure = self._points(target, box)
            whole = own if own is not None else np.array((0.0, 0.0, 1.0, 1.0), np.float32)
            own_mask, _ = self._mask(concept, whole)
            own_points, own_points_sure = self._points(concept, whole)
            parts.append(
                Part(
                    noun=noun,
                    concept=picture,
                    mask=mask,
                    target_keypoints=points,
                    concept_keypoints=own_points,
                    concept_mask=own_mask,
                    confidence={
                        "box": sure,
                        "mask": mask_sure,
                        "target_keypoints": points_sure,
                        "concept_box": own_sure,
                        "concept_keypoints": own_points_sure,
                    },
                )
            )
        prompt, prompt_sure = self._caption(target, pictures, request.relation)
        predicate, predicate_sure = marked_predicate(prompt, request.relation)
        words = {"prompt": prompt_sure, "predicate": predicate_sure}
        return Sample(pictures.name, pictures.target, prompt, predicate, tuple(parts), pictures.made, words)

    def _boxes(self, picture: Image, nouns: Sequence[str]) -> list[tuple[Boxes | None, float]]:
        """The surest box of each noun; a noun that comes twice takes its boxes from left to right."""
        names = list(dict.fromkeys(nouns))
        found = self.detector.detect([picture], [names])[0]
        places: dict[str, list[int]] = {}
        for number, name in enumerate(names):
            rows = [int(row) for row in np.flatnonzero(found.labels == number)][: list(nouns).count(name)]
            places[name] = sorted(rows, key=lambda row: float(found.boxes[row][0]))
        taken = []
        for noun in nouns:
            row = places[noun].pop(0) if places[noun] else None
            taken.append((None, 0.0) if row is None else (found.boxes[row], round(float(found.scores[row]), 4)))
        return taken

    def _mask(self, picture: Image, box: Boxes | None) -> tuple[Mask, float]:
        if box is None:
            return np.zeros(picture.shape[:2], np.uint8), 0.0
        mask, sure = self.outline(picture, box)
        return mask, round(sure, 4)

    def _points(self, picture: Image, box: Boxes | None) -> tuple[Points, float]:
        if box is None:
            return np.zeros((KEYPOINTS, 3), np.float32), 0.0
        found = self.keypoints.locate([picture], box[None])[0]
        if (1, 2) in self.keypoints.pairs:  # the points of people begin with the nose
            found = np.stack([found[list(of)].mean(axis=0) for of in _COCO_TO_AP10K])
        height, width = picture.shape[:2]
        places = np.clip(found[:, :2] / np.array([width, height], np.float32), 0.0, 1.0)
        seen = found[:, 2] >= SEEN
        sure = float(np.clip(found[:, 2].mean(), 0.0, 1.0))
        return np.concatenate([places, seen[:, None]], axis=1).astype(np.float32), round(sure, 4)

    def _caption(self, target: Image, pictures: Pictures, relation: str) -> tuple[str, float]:
        """What a model says where it names everybody and the relation, else what was asked for."""
        if self.describe is not None:
            said = " ".join(self.describe(target).split())
            names_all = all(word_spans(said, noun) for noun in pictures.nouns)
            if names_all and marked_predicate(said, relation)[1] == 1.0:
                return said, 1.0
        return pictures.prompt, 0.5
