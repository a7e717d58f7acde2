"""What the ratings say, on a terminal; and all of them as a table for other tools."""

from __future__ import annotations

import csv
import io
import statistics
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from vivant.files import write_text
from vivant.ranking.agreement import agreement
from vivant.ranking.bradley_terry import strengths
from vivant.ranking.features import feature_table
from vivant.ranking.items import RANKS, Item, Source
from vivant.ranking.marks import Marks, ratings_of
from vivant.ranking.predict import LEAST, held_out
from vivant.ranking.ratings import Ratings, Vote, counting
from vivant.ranking.verdict import PAPER, Row, rank_table, verdicts

COLUMNS = (
    "id", "kind", "rater", "item", "other", "method", "other_method", "score", "seconds", "at", "counts", "undone",
)  # fmt: skip


def write_votes(source: Source, ratings: Ratings, path: Path) -> int:
    """Every vote ever given as CSV, oldest first; `counts` is 1 for those that results are made of.

    Returns:
        How many.

    Raises:
        StoreError: the file cannot be written.
    """
    history = ratings.history()
    live = {vote.id for vote in Marks(source).fresh(counting(history))}
    methods = {item.key: item.method for item in source.items}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for vote in history:
        kind = "pair" if vote.other else "rating"
        made_by = (methods.get(vote.item, ""), methods.get(vote.other, ""))
        score = "" if vote.score is None else vote.score
        times = (_time(vote.at), int(vote.id in live), "" if vote.undone is None else _time(vote.undone))
        row = (vote.id, kind, vote.rater, vote.item, vote.other, *made_by, score, round(vote.seconds, 3), *times)
        writer.writerow(row)
    write_text(path, text.getvalue())
    return len(history)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def print_results(source: Source, ratings: Ratings, console: Console, seed: int) -> None:
    """Raters, the paper's table, agreement, the model's worth, and methods against each other.

    Raises:
        StoreError: the ratings cannot be read.
    """
    marks = Marks(source)
    every = counting(ratings.history())
    votes = marks.fresh(every)
    items = {item.key: item for item in source.items}
    if len(every) > len(votes):
        console.print(f"{len(every) - len(votes)} votes are on pictures that are gone or were made anew; left out")
    _raters(votes, console)
    given = ratings_of(votes)
    ranks = verdicts(source.items, given)
    rng = np.random.default_rng(seed)
    if ranks:
        _ranks(rank_table(source.items, ranks), len(source.items) - len(ranks), console)
        _methods(source.items, ranks, console)
        _agreement(given, rng, console)
        _model(source, marks, ranks, rng, console)
    _pairs(votes, items, rng, console)


def _raters(votes: Sequence[Vote], console: Console) -> None:
    table = Table("rater", "ratings", "pairs", "skipped", "mean", "seconds each", title="Raters", title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    for rater in sorted({vote.rater for vote in votes}):
        mine = [vote for vote in votes if vote.rater == rater]
        scores = [vote.score for vote in mine if vote.score is not None and not vote.other]
        pairs = sum(bool(vote.other) and vote.score is not None for vote in mine)
        table.add_row(
            Text(rater),
            str(len(scores)),
            str(pairs),
            str(sum(vote.score is None for vote in mine)),
            f"{statistics.mean(scores):.2f}" if scores else "",
            f"{statistics.median(vote.seconds for vote in mine):.1f}",
        )
    console.print(table)


def _ranks(rows: Sequence[Row], unrated: int, console: Console) -> None:
    table = Table(
        "subjects",
        *(f"rank {rank}" for rank in RANKS),
        "rated",
        "4 or 5",
        title="Ranks by number of subjects, several raters' median; Gen4Gen's table 2 below",
        title_justify="left",
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows:
        table.add_row(row.label, *_cells(row))
    table.add_section()
    for label, counts in PAPER.items():
        table.add_row(f"paper: {label}", *_cells(Row(label, counts)), style="dim")
    console.print(table)
    if unrated:
        console.print(f"{unrated} pictures are not rated yet")


def _cells(row: Row) -> list[str]:
    shares = [f"{count} ({count / row.total:.1%})" for count in row.counts]
    return [*shares, str(row.total), f"{row.kept:.1%}"]


def _methods(items: Sequence[Item], ranks: Mapping[str, int], console: Console) -> None:
    by_method: dict[str, list[int]] = {}
    for item in items:
        if item.method and item.key in ranks:
            by_method.setdefault(item.method, []).append(ranks[item.key])
    if not by_method:
        return
    table = Table("method", "rated", "mean", "4 or 5", title="Ratings by method", title_justify="left")
    for method, found in sorted(by_method.items(), key=lambda one: -statistics.mean(one[1])):
        good = sum(rank >= 4 for rank in found) / len(found)
        table.add_row(Text(method), str(len(found)), f"{statistics.mean(found):.2f}", f"{good:.1%}")
    console.print(table)


def _agreement(given: Mapping[str, Mapping[str, int]], rng: np.random.Generator, console: Console) -> None:
    found = agreement(given, rng)
    if found.alpha is None:
        console.print("Agreement of raters: no two have rated the same pictures differently enough to tell")
        return
    console.print(
        f"Agreement of raters: Krippendorff's alpha (ordinal) {found.alpha:.3f} "
        f"[{found.low:.3f} to {found.high:.3f}], from {found.pictures} pictures that two or more have rated",
        markup=False,
    )


def _model(source: Source, marks: Marks, ranks: Mapping[str, int], rng: np.random.Generator, console: Console) -> None:
    if len(ranks) < LEAST:
        console.print(f"A model to sort the rest needs {LEAST} rated pictures; there are {len(ranks)}")
        return
    _, table = feature_table(source, marks)
    rated = np.array([item.key in ranks for item in source.items])
    scores = np.array([ranks[item.key] for item in source.items if item.key in ranks], dtype=np.float64)
    found = held_out(table[rated], scores, rng)
    if found is None:
        console.print("A model to sort the rest: all ratings are the same, so there is nothing to learn")
        return
    console.print(
        f"A model to sort the rest, on ratings that it has not seen: rank correlation {found.correlation:.2f} "
        f"[{found.low:.2f} to {found.high:.2f}]; mean error {found.error:.2f}, of always the mean "
        f"{found.error_of_mean:.2f}; says '4 or better' rightly for {found.kept:.0%}, the commoner answer alone for "
        f"{found.kept_of_most:.0%}",
        markup=False,
    )
    if found.low <= 0.0:
        console.print("That is not told apart from chance: do not sort by it (--order)")


def _pairs(votes: Sequence[Vote], items: Mapping[str, Item], rng: np.random.Generator, console: Console) -> None:
    found = strengths(votes, items, rng)
    if not found:
        return
    table = Table(
        "method", "score", "95 %", "chosen", "as good", "of", title="Choices between methods: Bradley-Terry",
        title_justify="left",
    )  # fmt: skip
    for one in found:
        interval = f"{one.low:+.2f} to {one.high:+.2f}"
        table.add_row(Text(one.method), f"{one.score:+.2f}", interval, str(one.wins), str(one.ties), str(one.choices))
    console.print(table)
