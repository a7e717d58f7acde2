"""The numbers of a data set, as section 3.3 of Gen4Gen gives them for MyCanvas (figure 4), and a few more."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from vivant.data.photos import Reject
from vivant.types import Box, Scene

Key = TypeVar("Key", str, tuple[str, ...])

LONG_CAPTION = 20
"""Section 3.3 counts the captions with more words than this."""
GRID = 24
"""Cells a side of the map of boxes: coarse enough to read, fine enough to show a ground line."""
SCORE_BINS = 20


@dataclass(frozen=True)
class MyCanvas:
    """What section 3.3 prints about the paper's own set. None of it is measured here."""

    objects: int = 150
    compositions: int = 41
    images_kept: int = 2684
    images_composed: int = 10_000  # "over 10K"
    mean_words: float = 17.7
    beyond_20: float = 0.30  # "approximately 30%"


MYCANVAS = MyCanvas()


@dataclass(frozen=True)
class CaptionStats:
    """Words a caption.

    Attributes:
        counts: (words, captions) for every number of words that occurs, ascending.
        mean: words a caption; 0 without captions.
        median: the same, by rank.
        longest: words of the longest.
        beyond_20: share of captions with more than 20 words, 0 to 1.
        distinct: captions that differ from each other.
    """

    counts: tuple[tuple[int, int], ...]
    mean: float
    median: float
    longest: int
    beyond_20: float
    distinct: int


@dataclass(frozen=True)
class SubjectStats:
    """One subject over all scenes.

    Attributes:
        name: the subject.
        noun: what captions call it.
        scenes: how many show it.
        heights: least, median and greatest height of its box, fractions of the picture.
        covered: mean share of it that nearer subjects cover.
    """

    name: str
    noun: str
    scenes: int
    heights: tuple[float, float, float]
    covered: float


@dataclass(frozen=True)
class ScoreStats:
    """One score over the scenes that have it.

    Attributes:
        name: as in the manifest.
        scenes: how many have it.
        low, median, high: least, middle and greatest finite value.
        edges: of the bins, one more than the bins; 0 to 1 where every value lies there.
        counts: scenes a bin.
    """

    name: str
    scenes: int
    low: float
    median: float
    high: float
    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class RejectStats:
    """Rejects of one kind that share a reason.

    Attributes:
        kind: "photo", "cutout", "background" or "scene".
        reason: in words; numbers and names of subjects that differ are written as "…".
        count: how many.
        items: the first few, as examples.
    """

    kind: str
    reason: str
    count: int
    items: tuple[str, ...]


@dataclass(frozen=True)
class DatasetStats:
    """All of it.

    Attributes:
        scenes: kept scenes.
        composed: kept scenes and rejected ones.
        short, detailed: words of the two captions.
        subjects_a_scene: (number of subjects, scenes), ascending.
        subjects: most frequent first.
        combinations: (names of the subjects, scenes), most frequent first.
        backgrounds: (prompt, scenes), most frequent first.
        relations: (predicate, scenes), most frequent first.
        coverage: GRID x GRID rows from the top: share of the scenes in which some box covers the cell's centre.
        areas: area of every box, fractions of the picture, ascending.
        hidden: of every subject, the share that nearer ones cover, ascending.
        scores: by name.
        rejects: most frequent first.
        ratings: (rating, scenes), ascending.
    """

    scenes: int
    composed: int
    short: CaptionStats
    detailed: CaptionStats
    subjects_a_scene: tuple[tuple[int, int], ...]
    subjects: tuple[SubjectStats, ...]
    combinations: tuple[tuple[tuple[str, ...], int], ...]
    backgrounds: tuple[tuple[str, int], ...]
    relations: tuple[tuple[str, int], ...]
    coverage: tuple[tuple[float, ...], ...]
    areas: tuple[float, ...]
    hidden: tuple[float, ...]
    scores: tuple[ScoreStats, ...]
    rejects: tuple[RejectStats, ...]
    ratings: tuple[tuple[int, int], ...]


def count_words(caption: str) -> int:
    """Words between white space; a lone dash or other sign is none.

    >>> count_words("a cat, a dog - and a teapot")
    7
    """
    return sum(any(letter.isalnum() for letter in word) for word in caption.split())


def dataset_stats(scenes: Sequence[Scene], rejects: Iterable[Reject] = ()) -> DatasetStats:
    """Count everything that section 3.3 counts.

    Args:
        scenes: the kept ones; none is fine.
        rejects: what was left out.
    """
    left_out = list(rejects)
    return DatasetStats(
        scenes=len(scenes),
        composed=len(scenes) + sum(reject.kind == "scene" for reject in left_out),
        short=caption_stats([scene.text for scene in scenes]),
        detailed=caption_stats([scene.text_detailed for scene in scenes]),
        subjects_a_scene=_ascending(Counter(len(scene.subjects) for scene in scenes)),
        subjects=_subjects(scenes),
        combinations=_by_count(Counter(tuple(sorted(one.name for one in scene.subjects)) for scene in scenes)),
        backgrounds=_by_count(Counter(scene.background for scene in scenes)),
        relations=_by_count(Counter(scene.relation for scene in scenes if scene.relation)),
        coverage=_coverage(scenes),
        areas=tuple(sorted(one.box.area for scene in scenes for one in scene.subjects)),
        hidden=tuple(sorted(one.covered for scene in scenes for one in scene.subjects)),
        scores=_scores(scenes),
        rejects=_rejects(left_out, {one.name for scene in scenes for one in scene.subjects}),
        ratings=_ascending(Counter(scene.rating for scene in scenes if scene.rating is not None)),
    )


def caption_stats(captions: Sequence[str]) -> CaptionStats:
    """Words of these captions; empty ones are left out."""
    captions = [caption for caption in captions if caption.strip()]
    words = sorted(count_words(caption) for caption in captions)
    if not words:
        return CaptionStats((), 0.0, 0.0, 0, 0.0, 0)
    return CaptionStats(
        counts=_ascending(Counter(words)),
        mean=sum(words) / len(words),
        median=float(np.median(words)),
        longest=words[-1],
        beyond_20=sum(count > LONG_CAPTION for count in words) / len(words),
        distinct=len(set(captions)),
    )


def _subjects(scenes: Sequence[Scene]) -> tuple[SubjectStats, ...]:
    nouns: dict[str, str] = {}
    shown: Counter[str] = Counter()
    heights: dict[str, list[float]] = {}
    covered: dict[str, list[float]] = {}
    for scene in scenes:
        shown.update({one.name for one in scene.subjects})
        for one in scene.subjects:
            nouns.setdefault(one.name, one.noun)
            heights.setdefault(one.name, []).append(one.box.height)
            covered.setdefault(one.name, []).append(one.covered)
    return tuple(
        SubjectStats(name, nouns[name], count, _spread(heights[name]), float(np.mean(covered[name])))
        for name, count in _by_count(shown)
    )


def _spread(values: Sequence[float]) -> tuple[float, float, float]:
    return min(values), float(np.median(values)), max(values)


def _coverage(scenes: Sequence[Scene]) -> tuple[tuple[float, ...], ...]:
    total = np.zeros((GRID, GRID))
    for scene in scenes:
        covered = np.zeros((GRID, GRID), dtype=bool)
        for one in scene.subjects:
            covered |= _cells(one.box)
        total += covered
    share = total / max(1, len(scenes))
    return tuple(tuple(float(value) for value in row) for row in share)


def _cells(box: Box) -> npt.NDArray[np.bool_]:
    centres = (np.arange(GRID) + 0.5) / GRID
    columns = (centres >= box.x0) & (centres <= box.x1)
    rows = (centres >= box.y0) & (centres <= box.y1)
    return np.asarray(rows[:, None] & columns[None, :], dtype=np.bool_)


def _scores(scenes: Sequence[Scene]) -> tuple[ScoreStats, ...]:
    values: dict[str, list[float]] = {}
    for scene in scenes:
        for name, value in scene.scores.items():
            if math.isfinite(value):
                values.setdefault(name, []).append(value)
    return tuple(_score(name, values[name]) for name in sorted(values))


def _score(name: str, values: Sequence[float]) -> ScoreStats:
    low, high = min(values), max(values)
    span = (0.0, 1.0) if low >= 0.0 and high <= 1.0 else (low, high if high > low else low + 1.0)
    counts, edges = np.histogram(np.asarray(values, dtype=np.float64), bins=SCORE_BINS, range=span)
    return ScoreStats(
        name=name,
        scenes=len(values),
        low=low,
        median=float(np.median(values)),
        high=high,
        edges=tuple(float(edge) for edge in edges),
        counts=tuple(int(count) for count in counts),
    )


def _rejects(rejects: Sequence[Reject], names: Iterable[str]) -> tuple[RejectStats, ...]:
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    differs = re.compile("|".join([*(rf"\b{re.escape(name)}\b" for name in longest_first), r"\d+(?:[.,]\d+)*"]))
    items: dict[tuple[str, str], list[Reject]] = {}
    for reject in rejects:
        items.setdefault((reject.kind, differs.sub("…", reject.reason)), []).append(reject)
    grouped = [
        RejectStats(
            kind=kind,
            # What all share stays as it is.
            reason=same[0].reason if len({reject.reason for reject in same}) == 1 else reason,
            count=len(same),
            items=tuple(reject.item for reject in same[:3]),
        )
        for (kind, reason), same in items.items()
    ]
    return tuple(sorted(grouped, key=lambda group: (-group.count, group.kind, group.reason)))


def _by_count(counter: Counter[Key]) -> tuple[tuple[Key, int], ...]:
    return tuple(sorted(counter.items(), key=lambda item: (-item[1], item[0])))


def _ascending(counter: Counter[int]) -> tuple[tuple[int, int], ...]:
    return tuple(sorted(counter.items()))
