"""The subjects of a benchmark as their photos show them: features, boxes and poses, and how alike their photos are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from vivant.evaluation.benchmarks.cases import CaseSubject
from vivant.evaluation.bleeding import references
from vivant.evaluation.features import Array, Features, Photo, View
from vivant.evaluation.scorers import Scorers

_WHOLE = (0.0, 0.0, 1.0, 1.0)


@dataclass
class References:
    """What is known of the subjects before any picture is seen; computed when first asked for.

    Attributes:
        subjects: by name.
        scorers: models.
        features: cached.
    """

    subjects: Mapping[str, CaseSubject]
    scorers: Scorers
    features: Features
    _photos: dict[str, list[Photo]] = field(default_factory=dict)

    def photos(self, name: str) -> list[Photo]:
        """Of a subject."""
        if name not in self._photos:
            self._photos[name] = [Photo.of(path) for path in self.subjects[name].photos]
        return self._photos[name]

    @cached_property
    def clip(self) -> dict[str, Array]:
        """CLIP's features of a subject's photos."""
        return self._by_subject(self.scorers.clip)

    @cached_property
    def dino(self) -> dict[str, Array]:
        """DINO's features of a subject's photos."""
        return self._by_subject(self.scorers.dino)

    @cached_property
    def views(self) -> dict[str, list[View]]:
        """Each photo with the box in which its subject was found, all of it where it was not."""
        pairs = [(name, photo) for name in self.subjects for photo in self.photos(name)]
        nouns = [[self.subjects[name].noun] for name, _ in pairs]
        found = self.features.detections(self.scorers.detector, [photo for _, photo in pairs], nouns)
        views: dict[str, list[View]] = {}
        for (name, photo), boxes in zip(pairs, found, strict=True):
            box = as_box(boxes.boxes[0]) if len(boxes.boxes) else _WHOLE
            views.setdefault(name, []).append(View(photo, box))
        return views

    @cached_property
    def keypoints(self) -> dict[str, Array]:
        """Of the subject in each of its photos, [n, K, 3] in pixels."""
        flat = [view for name in self.subjects for view in self.views[name]]
        return self._split(self.features.keypoints(self.scorers.keypoints, flat))

    def _by_subject(self, encoder: Any) -> dict[str, Array]:
        flat = [View(photo) for name in self.subjects for photo in self.photos(name)]
        return self._split(self.features.pictures(encoder, flat))

    def _split(self, rows: Array) -> dict[str, Array]:
        ends = np.cumsum([len(self.photos(name)) for name in self.subjects])
        return dict(zip(self.subjects, np.split(rows, ends[:-1]), strict=True))

    def ceilings(self, name: str) -> dict[str, float]:
        """What another photo of the same subject would score: the mean over pairs of its photos.

        Empty for a subject with a single photo.
        """
        if len(self.photos(name)) < 2:
            return {}
        clip, dino = (float(references([table[name]])[0, 0]) for table in (self.clip, self.dino))
        return {"cp_clip": clip, "clip_i": clip, "dino": dino}


def as_box(box: Any) -> tuple[float, float, float, float]:
    """Four plain numbers."""
    x0, y0, x1, y1 = (round(float(edge), 6) for edge in box)
    return x0, y0, x1, y1
