"""Every score of every picture of a benchmark, and what chance would give for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vivant.evaluation import metrics
from vivant.evaluation.benchmarks.cases import Case
from vivant.evaluation.bleeding import bleeding, bleeding_score, by_label, likest, references
from vivant.evaluation.copying import copy_paste, nearness, pose_likeness
from vivant.evaluation.features import Array, CropRule, Photo, View
from vivant.evaluation.metrics import NOBODY
from vivant.evaluation.references import References, as_box

SCORES = (
    "cp_clip",
    "ti_clip",
    "clip_t",
    "clip_r",
    "clip_i",
    "dino",
    "found",
    "bleeding",
    "copy_paste",
    "nearness",
)
"""In the order of the tables. `found` is the share of subjects that the detector found a box for."""
LOWER_IS_BETTER = frozenset({"bleeding", "copy_paste"})
PARTNERS = 4
"""Other cases that a picture is scored against to learn what chance gives."""

Scores = dict[str, float]


@dataclass(frozen=True)
class PictureScores:
    """What is known of one picture.

    Attributes:
        case: its case's name.
        file: where it lies.
        digest: SHA-256 of the file.
        scores: name -> value; a score that cannot be had of this picture is left out.
        chance: the same scores against prompts and subjects of other cases.
        boxes: x0, y0, x1, y1 of each subject's box, None where none was found.
        likest: whom each subject's box is most like, by number; -1 without a box.
    """

    case: str
    file: Path
    digest: str
    scores: Scores
    chance: Scores
    boxes: tuple[tuple[float, float, float, float] | None, ...]
    likest: tuple[int, ...]


def score_pictures(
    cases: Sequence[Case],
    pictures: Mapping[str, Sequence[Path]],
    known: References,
    *,
    crop: CropRule = "box",
    seed: int = 0,
) -> list[PictureScores]:
    """Score pictures of cases; with a cache that knows them this takes no model at all but the texts'.

    Args:
        cases: of the benchmark; those without pictures serve as other cases only.
        pictures: files of each case.
        known: the subjects of all cases, with the models and the cache.
        crop: what of a picture stands for a detected subject.
        seed: of the other cases that tell what chance gives.

    Returns:
        One a picture, case by case.

    Raises:
        ImageError: a picture or photo that cannot be read.
        ModelError: a model that is missing or cannot run here.
    """
    jobs = [(case, Photo.of(path)) for case in cases for path in pictures.get(case.name, ())]
    if not jobs:
        return []
    return _Run(jobs, known, crop, partners(cases, seed)).all()


def partners(cases: Sequence[Case], seed: int) -> dict[str, list[Case]]:
    """For each case up to 4 others with as many subjects that share neither a subject nor the predicate with it."""
    rng = np.random.default_rng(seed)
    found: dict[str, list[Case]] = {}
    for case in cases:
        mine = {subject.name for subject in case.subjects}
        others = [
            other
            for other in (cases[index] for index in rng.permutation(len(cases)))
            if len(other.subjects) == len(case.subjects)
            and mine.isdisjoint(subject.name for subject in other.subjects)
            and other.prompt != case.prompt
            and (other.predicate != case.predicate or case.predicate is None)
        ]
        found[case.name] = others[:PARTNERS]
    return found


class _Run:
    """One scoring: features of everything first, in large batches, then numbers picture by picture."""

    def __init__(
        self,
        jobs: Sequence[tuple[Case, Photo]],
        known: References,
        crop: CropRule,
        others: Mapping[str, Sequence[Case]],
    ) -> None:
        self._jobs, self._known, self._others = jobs, known, others
        features, scorers = known.features, known.scorers
        whole = [View(photo) for _, photo in jobs]
        self._clip = features.pictures(scorers.clip, whole)
        self._dino = features.pictures(scorers.dino, whole)
        self._texts = self._encoded_texts()
        nouns = [list(dict.fromkeys(subject.noun for subject in case.subjects)) for case, _ in jobs]
        self._found = features.detections(scorers.detector, [photo for _, photo in jobs], nouns)
        views = [
            View(photo, as_box(box), crop)
            for (_, photo), found in zip(jobs, self._found, strict=True)
            for box in found.boxes
        ]
        ends = np.cumsum([len(found.boxes) for found in self._found])
        self._crops = np.split(features.pictures(scorers.clip, views), ends[:-1])

    def all(self) -> list[PictureScores]:
        """Every picture."""
        chosen = [self._chosen(row) for row in range(len(self._jobs))]
        copies = self._copies(chosen)
        return [self._one(row, boxes, copies[row]) for row, boxes in enumerate(chosen)]

    def _encoded_texts(self) -> dict[str, Array]:
        wanted = [case for case, _ in self._jobs]
        wanted += [other for case in wanted for other in self._others[case.name]]
        texts = [text for case in wanted for text in (case.prompt, case.predicate, case.background) if text]
        unique = list(dict.fromkeys(texts))
        return dict(zip(unique, self._known.features.texts(self._known.scorers.clip, unique), strict=True))

    def _table(self, row: int, case: Case) -> metrics.Floats:
        """S_ij of the picture's boxes with a case's subjects."""
        return metrics.similarities(self._crops[row], [self._known.clip[one.name] for one in case.subjects])

    def _chosen(self, row: int) -> list[int]:
        """The box of each subject, by what the detector called it."""
        case, found = self._jobs[row][0], self._found[row]
        nouns = [subject.noun for subject in case.subjects]
        asked = list(dict.fromkeys(nouns))
        labels = [nouns.index(asked[label]) for label in found.labels]
        return by_label(self._table(row, case), labels, nouns)

    def _one(self, row: int, chosen: list[int], copies: Scores) -> PictureScores:
        case, photo = self._jobs[row]
        table = self._table(row, case)
        known = references([self._known.clip[one.name] for one in case.subjects])
        scores = {
            **self._common(row, case),
            "found": sum(box != NOBODY for box in chosen) / len(chosen),
            "bleeding": bleeding_score(bleeding(table, chosen, known)),
            **copies,
        }
        others = [self._common(row, other) for other in self._others[case.name]]
        return PictureScores(
            case=case.name,
            file=photo.path,
            digest=photo.digest,
            scores=_measured(scores),
            chance=_means(others),
            boxes=tuple(None if box == NOBODY else as_box(self._found[row].boxes[box]) for box in chosen),
            likest=tuple(likest(table, chosen)),
        )

    def _common(self, row: int, case: Case) -> Scores:
        """The papers' scores of a picture against a case: its own, or another for what chance gives."""
        clip, subjects = self._clip[row][None], [one.name for one in case.subjects]
        found = {
            "cp_clip": metrics.cp_clip(self._table(row, case)),
            "clip_t": float(metrics.clip_t(clip, self._texts[case.prompt][None])[0]),
            "clip_i": metrics.clip_i(clip, [self._known.clip[name] for name in subjects]),
            "dino": metrics.dino(self._dino[row][None], [self._known.dino[name] for name in subjects]),
        }
        if case.background:
            found["ti_clip"] = float(metrics.ti_clip(clip, self._texts[case.background][None])[0])
        if case.predicate:
            found["clip_r"] = float(metrics.clip_r(clip, self._texts[case.predicate][None])[0])
        return found

    def _copies(self, chosen: Sequence[Sequence[int]]) -> list[Scores]:
        """Copy-paste and nearness of each picture, the mean over its found subjects."""
        places = [
            (row, subject, box)
            for row, boxes in enumerate(chosen)
            for subject, box in enumerate(boxes)
            if box != NOBODY
        ]
        views = [View(self._jobs[row][1], as_box(self._found[row].boxes[box])) for row, _, box in places]
        features, finder = self._known.features, self._known.scorers.keypoints
        points = features.keypoints(finder, views)
        against = [
            (view, other)
            for view, (row, subject, _) in zip(views, places, strict=True)
            for other in self._known.views[self._name(row, subject)]
        ]
        pixels = iter(features.likenesses([one for one, _ in against], [other for _, other in against]))
        values: list[dict[str, list[float]]] = [{"copy_paste": [], "nearness": []} for _ in chosen]
        for pose, (row, subject, box) in zip(points, places, strict=True):
            name = self._name(row, subject)
            poses = [pose_likeness(pose, other, finder.pairs) for other in self._known.keypoints[name]]
            values[row]["copy_paste"].append(copy_paste(poses, [next(pixels) for _ in poses]))
            values[row]["nearness"].append(nearness(self._crops[row][box], self._known.clip[name]))
        return [{name: _mean(numbers) for name, numbers in one.items()} for one in values]

    def _name(self, row: int, subject: int) -> str:
        return self._jobs[row][0].subjects[subject].name


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")


def _means(rows: Sequence[Scores]) -> Scores:
    return {
        name: _mean([row[name] for row in rows if name in row]) for name in dict.fromkeys(k for r in rows for k in r)
    }


def _measured(scores: Scores) -> Scores:
    return {name: scores[name] for name in SCORES if name in scores and not np.isnan(scores[name])}
