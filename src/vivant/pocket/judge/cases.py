"""What the judge says of pictures of the world's cases, as scores beside the papers'."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vivant.evaluation.benchmarks.cases import Case
from vivant.evaluation.encoders import over_white
from vivant.evaluation.features import View
from vivant.evaluation.scoring import PictureScores, Scores
from vivant.images import read_image
from vivant.pocket.judge.judge import Judge
from vivant.pocket.judge.model import PICTURE

Edges = tuple[float, float, float, float]
"""x0, y0, x1, y1 in [0, 1]."""


def judged(
    judge: Judge, cases: Sequence[Case], views: Mapping[str, Sequence[View]]
) -> Callable[[Sequence[PictureScores]], list[Scores]]:
    """A reader of scored pictures, for `vivant.evaluation.summary.add_scores`.

    Args:
        judge: of the world.
        cases: with their truth.
        views: subject -> its photos with the boxes in which it is found.

    Returns:
        A function: pictures -> "relation", "kinds", "place" and "number", 1 right and 0 wrong, and "identity", the
        mean likeness of the found subjects to the nearest of their photos.
    """
    known = {case.name: case for case in cases}
    photos = {name: _identities(judge, [(v.photo.path, v.box) for v in seen]) for name, seen in views.items()}

    def read(rows: Sequence[PictureScores]) -> list[Scores]:
        if not rows:
            return []
        reading, config = judge.read(np.stack([_square(row.file) for row in rows])), judge.config
        found: list[Scores] = []
        for index, row in enumerate(rows):
            case = known[row.case]
            if case.truth is None:
                found.append({})
                continue
            wanted = {config.kinds.index(kind) for kind in case.truth.kinds}
            likeliest = set(np.argsort(-reading.kinds[index])[: len(wanted)].tolist())
            right = {
                "relation": reading.relation[index].argmax() == config.relations.index(case.truth.relation),
                "kinds": likeliest == wanted,
                "place": reading.background[index].argmax() == config.backgrounds.index(case.truth.backdrop),
                "number": reading.subjects()[index] == len(case.subjects),
            }
            found.append({name: float(value) for name, value in right.items()} | _identity(judge, case, row, photos))
        return found

    return read


def _identity(judge: Judge, case: Case, row: PictureScores, photos: Mapping[str, NDArray[np.float32]]) -> Scores:
    there = [(subject, box) for subject, box in zip(case.subjects, row.boxes, strict=True) if box is not None]
    if not there:
        return {}
    features = _identities(judge, [(row.file, box) for _, box in there])
    alike = [(photos[subject.name] @ one).max() for (subject, _), one in zip(there, features, strict=True)]
    return {"identity": float(np.mean(alike))}


def _identities(judge: Judge, places: Sequence[tuple[Path, Edges | None]]) -> NDArray[np.float32]:
    boxes = np.array([box or (0.0, 0.0, 1.0, 1.0) for _, box in places], dtype=np.float32)
    return judge.identities(np.stack([_square(path) for path, _ in places]), boxes)


def _square(path: Path) -> NDArray[np.uint8]:
    """A picture at the size that the judge reads."""
    image = over_white(read_image(path))
    return np.asarray(cv2.resize(image, (PICTURE, PICTURE), interpolation=cv2.INTER_AREA), dtype=np.uint8)
