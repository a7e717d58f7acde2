"""Who bled into whom: the subjects as found in a picture against the subjects as their photos show them.

Not in the papers, which tell "object confusion" by eye (DreamRelation, figures 1 and 6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vivant.evaluation.metrics import NOBODY, Features, Floats, cosine

MISSING = "missing"
"""The column of subjects that no box stands for."""
LEAST_SPAN = 1e-6
"""Two subjects whose photos are as like each other as their own cannot be told apart."""


def by_label(scores: Features, labels: Sequence[int], nouns: Sequence[str]) -> list[int]:
    """Which box stands for each subject by what the detector called it, whatever it looks like.

    Subjects of one noun share their boxes: the pairing with the highest sum of similarities is taken, so that two cats
    are not said to have changed places when the detector cannot tell them apart. Of more boxes than subjects the best
    ones are used.

    Args:
        scores: S_ij, [boxes, subjects].
        labels: of each box, the number of the subject whose noun was asked for; of subjects with one noun, the first.
        nouns: of each subject.

    Returns:
        A box's row a subject, -1 where nothing was found.
    """
    boxes = [NOBODY] * len(nouns)
    for noun in dict.fromkeys(nouns):
        members = [subject for subject, other in enumerate(nouns) if other == noun]
        rows = [row for row, label in enumerate(labels) if nouns[label] == noun]
        for row, member in _best_pairs(scores[np.ix_(rows, members)]) if rows else []:
            boxes[members[member]] = rows[row]
    return boxes


def references(photos: Sequence[Features]) -> Floats:
    """R_ij: how like the photos of subject i are to those of subject j, on average, [subjects, subjects].

    A photo is not compared with itself; a subject with a single photo has R_ii = 1.
    """
    table = np.eye(len(photos))
    for i, own in enumerate(photos):
        for j, other in enumerate(photos):
            if i != j:
                table[i, j] = cosine(own, other).mean()
            elif len(own) > 1:
                table[i, i] = (cosine(own, own).sum() - len(own)) / (len(own) * (len(own) - 1))
    return table


def bleeding(scores: Features, boxes: Sequence[int], known: Features) -> Floats:
    """How much of subject j shows in the box of subject i: 0 no more than in i's own photos, 1 as much as in j's.

    b_ij = (S_ij - R_ij) / (R_jj - R_ij), cut off at 0 and 1.

    Args:
        scores: S_ij, [boxes, subjects].
        boxes: the box of each subject, -1 for none, as `by_label` gives it.
        known: R_ij, as `references` gives it.

    Returns:
        [subjects, subjects]; nan on the diagonal, in the rows of missing subjects, and where two subjects' photos
        cannot be told apart.
    """
    found = np.full(known.shape, np.nan)
    for i, row in enumerate(boxes):
        for j in range(len(boxes)):
            span = known[j, j] - known[i, j]
            if i != j and row != NOBODY and span > LEAST_SPAN:
                found[i, j] = np.clip((scores[row, j] - known[i, j]) / span, 0.0, 1.0)
    return found


def bleeding_score(table: Features) -> float:
    """One number of a picture: the mean over found subjects of how much of the most intrusive other one they show.

    Args:
        table: as `bleeding` gives it.

    Returns:
        0 to 1; nan where fewer than two subjects, or none, can be judged.
    """
    judged = table[~np.isnan(table).all(axis=1)] if table.size else table
    return float(np.nanmax(judged, axis=1).mean()) if len(judged) else float("nan")


@dataclass(frozen=True)
class Confusion:
    """Whom the boxes of each subject are most like, counted over pictures.

    Attributes:
        names: of the subjects, the rows.
        counts: [subjects, subjects + 1]; row i, column j: boxes that stand for i and are most like j. The last column
            counts the pictures in which nothing stands for i.
    """

    names: tuple[str, ...]
    counts: NDArray[np.int64]

    @property
    def columns(self) -> tuple[str, ...]:
        """The subjects, and "missing"."""
        return (*self.names, MISSING)

    @property
    def mistaken(self) -> float:
        """Share of the boxes that are most like another subject; nan without a box."""
        found = self.counts[:, :-1]
        return float(1.0 - np.trace(found) / found.sum()) if found.sum() else float("nan")


def likest(scores: Features, boxes: Sequence[int]) -> list[int]:
    """Whom the box of each subject is most like, by number; -1 where it has none. Itself, if others are as like."""
    found = []
    for subject, row in enumerate(boxes):
        best = NOBODY if row == NOBODY else int(np.argmax(scores[row]))
        found.append(subject if row != NOBODY and scores[row, subject] == scores[row].max() else best)
    return found


def confusion(pictures: Sequence[tuple[Sequence[str], Sequence[int]]]) -> Confusion:
    """Add pictures up.

    Args:
        pictures: of each, its subjects' names and whom each is most like, as `likest` gives it.
    """
    names = sorted({name for subjects, _ in pictures for name in subjects})
    number = {name: index for index, name in enumerate(names)}
    counts = np.zeros((len(names), len(names) + 1), dtype=np.int64)
    for subjects, like in pictures:
        for name, other in zip(subjects, like, strict=True):
            counts[number[name], len(names) if other == NOBODY else number[subjects[other]]] += 1
    return Confusion(tuple(names), counts)


def _best_pairs(scores: Features) -> list[tuple[int, int]]:
    """Pairs (row, column) of the highest sum, each row and column once, as many as there can be.

    Subjects of one noun are few, so columns are filled one by one over all sets of filled columns.
    """
    rows, columns = scores.shape
    best: dict[int, tuple[float, list[tuple[int, int]]]] = {0: (0.0, [])}
    for row in range(rows):
        after = dict(best)
        for filled, (total, pairs) in best.items():
            for column in range(columns):
                grown = filled | 1 << column
                if grown == filled:
                    continue
                value = total + float(scores[row, column])
                if grown not in after or value > after[grown][0]:
                    after[grown] = (value, [*pairs, (row, column)])
        best = after
    most = max(filled.bit_count() for filled in best)
    return max(entry for filled, entry in best.items() if filled.bit_count() == most)[1]
