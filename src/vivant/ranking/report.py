"""What people's ratings say, as a section of ``vivant report``: ranks, agreement, methods, choices between methods."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

from vivant.errors import InputError
from vivant.evaluation.report.charts import Bar, decimal, score_bars
from vivant.evaluation.report.markup import estimate, part, table
from vivant.evaluation.report.page import Section
from vivant.evaluation.statistics import Estimate, mean
from vivant.ranking.agreement import agreement
from vivant.ranking.bradley_terry import strengths
from vivant.ranking.items import RANKS, Item, Listed
from vivant.ranking.marks import Marks, ratings_of
from vivant.ranking.ratings import DATABASE, Ratings, Vote, counting
from vivant.ranking.sources import open_source
from vivant.ranking.verdict import KEPT, PAPER, Row, rank_table, verdicts


@dataclass(frozen=True)
class Rated:
    """A rated folder.

    Attributes:
        source: its pictures.
        votes: what counts, on pictures that are still as they were rated.
        stale: votes on pictures that are gone or were made anew.
    """

    source: Listed
    votes: tuple[Vote, ...]
    stale: int = 0


def read_rated(place: Path) -> Rated:
    """A folder that was rated with ``vivant rank``, or that holds what was kept of one.

    Args:
        place: the folder, or the database of ratings in it.

    Raises:
        InputError: nothing there that can be rated, or nothing of it is rated.
        StoreError: a data set or a database that is broken.
        MissingExtraError: SQLAlchemy is not installed.
    """
    if place.is_file() and place.name != DATABASE:
        raise InputError(f"{place}: give the folder that vivant rank rated, or the {DATABASE} in it")
    source = open_source(place.parent if place.is_file() else place)
    recorded = any(item.recorded is not None for item in source.items)
    path = source.folder / DATABASE
    if recorded and not path.is_file():
        return Rated(source, ())
    with closing(Ratings(path, create=False)) as ratings:
        every = counting(ratings.history())
    votes = Marks(source).fresh(every)
    if not recorded and all(vote.score is None for vote in votes):
        raise InputError(f"{path}: holds no rating of a picture that is there: vivant rank {source.folder}")
    return Rated(source, tuple(votes), len(every) - len(votes))


def ratings_section(rated: Rated, place: int, seed: int) -> Section:
    """The section of one rated folder.

    Args:
        rated: from `read_rated`.
        place: which one it is, for its anchor.
        seed: of the intervals.
    """
    source, rng = rated.source, np.random.default_rng(seed)
    given = ratings_of(rated.votes)
    ranks = verdicts(source.items, given)
    raters = {vote.rater for vote in rated.votes if vote.score is not None}
    parts = [
        _by_subjects(source.items, ranks, seed),
        _agreement(given, rng) if given else "",
        _by_method(source.items, ranks, seed),
        _choices(rated.votes, {item.key: item for item in source.items}, rng),
    ]
    anchor, name = f"ratings-{place}", f"Ratings of {source.title}"
    pairs = sum(bool(vote.other) and vote.score is not None for vote in rated.votes)
    counts = [f"{len(ranks)} of {len(source.items)} pictures rated", f"{len(raters)} raters"]
    counts += [f"{pairs} choices between two pictures"] if pairs else []
    counted = f"{'; '.join(counts)}. Several raters of a picture count as one, their median, the lower one of two."
    stale = f"{source.folder}: {rated.stale} votes are on pictures that are gone or were made anew, and are left out"
    return Section(
        anchor,
        name,
        f'<section id="{anchor}"><h2>{escape(name)}</h2><p class="note">{counted}</p>{"".join(parts)}</section>',
        (stale,) if rated.stale else (),
        ((len(ranks), "rated pictures"),),
    )


def _by_subjects(items: Sequence[Item], ranks: Mapping[str, int], seed: int) -> str:
    """Gen4Gen's table 2, with means, of the pictures whose subjects are known."""
    rows = [_rank_cells(row, seed) for row in rank_table([item for item in items if item.subjects], ranks)]
    if not rows:
        return ""
    printed = [_rank_cells(Row(f"paper: {label}", counts), seed) for label, counts in PAPER.items()]
    heads = ["subjects", "mean rank", *(f"rank {rank}" for rank in RANKS), "rated", f"{KEPT} or {RANKS[-1]}"]
    kinds = ["ours"] * len(rows) + ["printed"] * len(printed)
    note = (
        "From 1 to 5 by three criteria: every subject there, each in a reasonable place, no artifacts. Below, table 2 "
        "of Gen4Gen (section 4.4) as printed, its means computed from it: other pictures, other raters."
    )
    return part("Rank by number of subjects", note, table(heads, [*rows, *printed], kind="plain form", kinds=kinds))


def _rank_cells(row: Row, seed: int) -> list[str]:
    values = [rank for rank, count in zip(RANKS, row.counts, strict=True) for _ in range(count)]
    shares = [f"{count} ({count / row.total:.1%})" for count in row.counts]
    label = row.label.removesuffix(" Concepts").replace("<= ", "≤\u00a0")
    return [escape(label), _rounded(mean(values, range(row.total), seed)), *shares, str(row.total), f"{row.kept:.1%}"]


def _agreement(given: Mapping[str, Mapping[str, int]], rng: np.random.Generator) -> str:
    found = agreement(given, rng)
    if found.alpha is None or found.low is None or found.high is None:
        text = "No two raters have rated the same pictures differently enough to tell."
    else:
        value = estimate(Estimate(found.alpha, found.low, found.high, found.pictures))
        text = f"{value} from {found.pictures} pictures that two or more have rated."
    scores = Counter(rating for ratings in given.values() for rating in ratings.values())
    spread = ", ".join(f"{scores[rank]} times {rank}" for rank in RANKS)
    note = "Krippendorff's alpha, ordinal: 1 is perfect, 0 is chance. 95 % interval by resampling pictures."
    return part("Agreement of raters", note, f"<p>{text} Given: {spread}.</p>")


def _by_method(items: Sequence[Item], ranks: Mapping[str, int], seed: int) -> str:
    by_method: dict[str, list[int]] = {}
    for item in items:
        if item.method and item.key in ranks:
            by_method.setdefault(item.method, []).append(ranks[item.key])
    found = sorted(
        ((mean(values, range(len(values)), seed), name) for name, values in by_method.items()),
        key=lambda one: -one[0].value,
    )
    rows = [
        [
            escape(name),
            _rounded(value),
            str(value.count),
            f"{sum(r >= KEPT for r in by_method[name]) / value.count:.1%}",
        ]
        for value, name in found
    ]
    heads = ["method", "mean rank", "rated", f"{KEPT} or {RANKS[-1]}"]
    return part("Rank by method", "", table(heads, rows, kind="plain") if rows else "")


def _choices(votes: Sequence[Vote], items: Mapping[str, Item], rng: np.random.Generator) -> str:
    found = strengths(votes, items, rng)
    if not found:
        return ""
    note = (
        "Which of two pictures of a case is better: Bradley-Terry scores. A difference of 1 is a win in 73 of 100, a "
        "tie half a win for each. 95 % interval by resampling cases."
    )
    bars = score_bars([Bar(one.method, Estimate(one.score, one.low, one.high, one.choices)) for one in found])
    rows = [
        [
            escape(one.method),
            estimate(Estimate(one.score, one.low, one.high, one.choices)),
            *(str(count) for count in (one.wins, one.ties, one.choices)),
        ]
        for one in found
    ]
    shown = table(["method", "score", "chosen", "as good", "of"], rows, kind="plain")
    return part("Choices between methods", note, f'<div class="panels"><div class="panel">{bars}</div></div>{shown}')


def _rounded(found: Estimate) -> str:
    """Ranks say no more than two decimals."""
    if not math.isfinite(found.low):
        return decimal(found.value, 2)
    return f'{decimal(found.value, 2)} <span class="within">{decimal(found.low, 2)} to {decimal(found.high, 2)}</span>'
