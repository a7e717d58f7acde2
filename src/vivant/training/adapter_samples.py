"""What an adapter is trained on: pictures, where each subject is in them, and other photos of the same subjects.

A photo of a subject is never cut out of the picture that is learned: an adapter that may copy learns to copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vivant.data.reader import DataSet, read_data_set
from vivant.errors import InputError
from vivant.images import read_image
from vivant.relations.published import is_published, read_mask, read_relation
from vivant.training.augment import Floats, View
from vivant.types import Triplet
from vivant.types.triplet import KEYPOINTS


@dataclass(frozen=True)
class Sample:
    """One picture.

    Attributes:
        target: the picture.
        masks: of each subject, where it can be seen.
        boxes: of each subject, x0, y0, x1, y1 in [0, 1].
        nouns: of each subject.
        captions: one, or a short and a detailed one.
        photos: of each subject, one at least.
    """

    target: Path
    masks: tuple[Path, ...]
    boxes: tuple[tuple[float, float, float, float], ...]
    nouns: tuple[str, ...]
    captions: tuple[str, ...]
    photos: tuple[tuple[Path, ...], ...]

    def view(self) -> View:
        """Everything decoded; keypoints are not known and lie at 0, invisible.

        Raises:
            ImageError, InputError: a file that cannot be read.
        """
        picture = read_image(self.target)[..., :3]
        size = (picture.shape[0], picture.shape[1])
        boxes: Floats = np.array(self.boxes, dtype=np.float32)
        unknown = np.zeros((len(boxes), KEYPOINTS, 3), dtype=np.float32)
        return View(picture, np.stack([read_mask(path, size) for path in self.masks]), boxes, unknown)


def read_samples(source: Path) -> list[Sample]:
    """Of a data set of scenes as `vivant compose` and `vivant world scenes` write it, or of relation triplets as they
    are published.

    Raises:
        InputError: triplets that cannot be used, or scenes of which none shows a subject.
        StoreError: neither of the two, or a file that a scene names is not there.
    """
    if is_published(source):
        return [_of_triplet(triplet) for triplet in read_relation(source)]
    samples = _of_scenes(read_data_set(source))
    if not samples:
        raise InputError(f"{source}: no scene with a subject in it; compose some, or give relation triplets")
    return samples


def _of_triplet(triplet: Triplet) -> Sample:
    return Sample(
        target=triplet.target,
        masks=tuple(subject.mask for subject in triplet.subjects),
        boxes=tuple(subject.box.as_tuple() for subject in triplet.subjects),
        nouns=tuple(subject.noun for subject in triplet.subjects),
        captions=(triplet.prompt,),
        photos=tuple((subject.concept,) for subject in triplet.subjects),
    )


def _of_scenes(data: DataSet) -> list[Sample]:
    photos: dict[str, dict[str, None]] = {}
    for scene in data.scenes:
        for subject in scene.subjects:
            photos.setdefault(subject.name, {})[subject.reference] = None
    return [
        Sample(
            target=data.path(scene.file_name),
            masks=tuple(data.path(subject.mask) for subject in scene.subjects),
            boxes=tuple(subject.box.as_tuple() for subject in scene.subjects),
            nouns=tuple(subject.noun for subject in scene.subjects),
            captions=tuple(dict.fromkeys((scene.text, scene.text_detailed))),
            photos=tuple(_others(data, list(photos[subject.name]), subject.reference) for subject in scene.subjects),
        )
        for scene in data.scenes
        if scene.subjects
    ]


def _others(data: DataSet, photos: Sequence[str], own: str) -> tuple[Path, ...]:
    """Photos of a subject but the one that the scene was composed of, as far as there are others."""
    return tuple(data.path(name) for name in photos if name != own) or (data.path(own),)
