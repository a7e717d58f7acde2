"""The papers' scores, one equation a function, of features that an encoder gave. NumPy only.

Every score is a mean of cosines and lies between -1 and 1, in practice 0 and 1; Gen4Gen prints it as it is,
DreamRelation times 100.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vivant.relations.grammar import find_predicate
from vivant.relations.predicate import predicate, subject_spans

__all__ = [
    "assigned",
    "background_words",
    "clip_i",
    "clip_r",
    "clip_t",
    "cosine",
    "cp_clip",
    "dino",
    "predicate",
    "similarities",
    "ti_clip",
]

Floats = NDArray[np.float64]
Features = NDArray[Any]
"""[N, D], one row a picture, crop or text; any length but zero."""
NOBODY = -1


def cosine(features: Features, others: Features) -> Floats:
    """C of Gen4Gen, section 3.5: the dot product of two normalised features, of every pair.

    Args:
        features: [N, D].
        others: [M, D], of the same encoder.

    Returns:
        [N, M], -1 to 1.

    Raises:
        ValueError: features of unlike widths, or one without a direction: of length zero, or not finite.
    """
    one, other = _directions(features), _directions(others)
    if one.shape[1] != other.shape[1]:
        raise ValueError(f"features of widths {one.shape[1]} and {other.shape[1]}: they are not of one encoder")
    return np.asarray(np.clip(one @ other.T, -1.0, 1.0))


def similarities(boxes: Features, photos: Sequence[Features]) -> Floats:
    """S_ij of Gen4Gen, equation 2: the mean cosine of box i with the photos of subject j.

    Args:
        boxes: [B, D] features of what each detected box cuts out; B may be 0.
        photos: one [n_j, D] a subject of O', n_j at least 1.

    Returns:
        [B, subjects].

    Raises:
        ValueError: no subject, or one without a photo.
    """
    if not photos or any(len(one) == 0 for one in photos):
        raise ValueError("every subject needs a photo at least to be compared with")
    if len(boxes) == 0:
        return np.zeros((0, len(photos)))
    return np.stack([cosine(boxes, one).mean(axis=1) for one in photos], axis=1)


def assigned(scores: Features) -> list[int]:
    """Which box stands for each subject (Gen4Gen, equation 3 and the sentence after it).

    A box belongs to the subject that it is most like; of several boxes of one subject the best one stays. Where a box
    is equally like several subjects, as when two of them have the same photos, it goes to whichever makes the score
    highest, so that the order of the subjects never matters.

    Args:
        scores: S_ij, [boxes, subjects].

    Returns:
        A box's row a subject, -1 where no box is left for it.
    """
    boxes: list[int] = [NOBODY] * scores.shape[1]
    for row in np.argsort(-scores.max(axis=1), kind="stable").tolist() if len(scores) else []:
        _seat(row, scores, boxes, set())
    return boxes


def _seat(row: int, scores: Features, boxes: list[int], tried: set[int]) -> bool:
    """Give a box a subject that it is most like; one that is taken may be freed if its box has another such subject."""
    for subject in np.flatnonzero(scores[row] == scores[row].max()).tolist():
        if subject not in tried:
            tried.add(subject)
            if boxes[subject] == NOBODY or _seat(boxes[subject], scores, boxes, tried):
                boxes[subject] = row
                return True
    return False


def cp_clip(similarities: ArrayLike) -> float:
    """CP-CLIP of one picture (Gen4Gen, equations 3 and 4): how many of the subjects are there, and how like themselves.

    The sum of the best boxes' similarities over the number of subjects that were asked for: one without a box counts
    zero, and boxes beyond one a subject are not punished.

    Args:
        similarities: S_ij, [boxes, subjects], a row a detected box and a column a subject of O'; there may be no row.

    Raises:
        ValueError: no table, no subject in it, or a value that is not finite.
    """
    table = np.asarray(similarities, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] == 0:
        raise ValueError(f"similarities are a table of boxes x subjects, not of shape {table.shape}")
    if not np.isfinite(table).all():
        raise ValueError("a similarity that is not finite")
    kept = [row for row in assigned(table) if row != NOBODY]
    return float(table[kept].max(axis=1).sum() / table.shape[1]) if kept else 0.0


def ti_clip(pictures: Features, backgrounds: Features) -> Floats:
    """TI-CLIP (Gen4Gen, section 3.5): each whole picture with its background prompt, the objects left out.

    It is to be kept, not raised: it falls when a method has learnt its training backgrounds by heart, and when the
    subjects fill more of the picture.

    Args:
        pictures, backgrounds: [N, D], row by row a pair.

    Returns:
        [N].
    """
    return _paired(pictures, backgrounds)


def clip_t(pictures: Features, prompts: Features) -> Floats:
    """CLIP-T (DreamRelation, section 4): each whole picture with its prompt; arguments and result as `ti_clip`'s."""
    return _paired(pictures, prompts)


def clip_r(pictures: Features, predicates: Features) -> Floats:
    """CLIP-R (DreamRelation, section 4): each whole picture with its prompt's predicate alone; else as `ti_clip`.

    Nouns in a prompt raise CLIP-T whether the subjects do what it says or not; `predicate` gives the words without.
    """
    return _paired(pictures, predicates)


def clip_i(picture: Features, photos: Sequence[Features]) -> float:
    """CLIP-I of one picture (DreamRelation, section 4): its cosine with the subjects' photos.

    The mean over a subject's photos, then over subjects, so that no subject counts more for having more photos.

    Args:
        picture: [D], or [subjects, D] for one crop a subject.
        photos: one [n_j, D] a subject.

    Raises:
        ValueError: no subject, one without a photo, or crops that are not one a subject.
    """
    rows = np.atleast_2d(picture)
    if len(rows) not in (1, len(photos)):
        raise ValueError(f"{len(rows)} crops of {len(photos)} subjects: give one of the picture, or one a subject")
    table = similarities(rows, photos)
    return float(table.mean() if len(rows) == 1 else np.diag(table).mean())


def dino(picture: Features, photos: Sequence[Features]) -> float:
    """DINO of one picture: as `clip_i`, of a DINO model's class tokens."""
    return clip_i(picture, photos)


def background_words(prompt: str, nouns: Sequence[str]) -> str:
    """The background prompt that TI-CLIP is computed on: what follows subjects and predicate ("in a garden").

    Args:
        prompt: a sentence.
        nouns: one a subject.

    Returns:
        The words, without punctuation around them; empty where the prompt names no place.

    Raises:
        InputError: a subject that the prompt does not name.
    """
    ends = [end for _, end in subject_spans(prompt, nouns)]
    relation = find_predicate(prompt)
    if relation is not None:
        ends.append(relation[1])
    return " ".join(prompt[max(ends) :].strip(" ,.;:!").split())


def _directions(features: Features) -> Floats:
    rows = np.asarray(features, dtype=np.float64)
    if rows.ndim != 2:
        raise ValueError(f"features are a table [N, D], not of shape {rows.shape}")
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not (np.isfinite(lengths).all() and (lengths > 0).all()):
        raise ValueError("a feature without a direction: of length zero, or not finite")
    return np.asarray(rows / lengths)


def _paired(pictures: Features, texts: Features) -> Floats:
    one, other = _directions(pictures), _directions(texts)
    if one.shape != other.shape:
        raise ValueError(f"features of shapes {one.shape} and {other.shape} are no pairs")
    return np.asarray(np.clip((one * other).sum(axis=1), -1.0, 1.0))
