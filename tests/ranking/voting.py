"""Votes for tests, as the page would give them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from vivant.ranking.items import Listed
from vivant.ranking.marks import Marks
from vivant.ranking.ratings import DATABASE, Ratings, Vote


def rate(source: Listed, scores: Mapping[str, int | None], rater: str = "ann", where: Path | None = None) -> Ratings:
    """Give ratings: key -> score."""
    ratings, marks = Ratings(where or source.folder / DATABASE), Marks(source)
    for key, score in scores.items():
        ratings.record(Vote(f"{rater}:{key}", rater, key, "", score, 2.0, marks.of(key), 1_700_000_000.0))
    return ratings
