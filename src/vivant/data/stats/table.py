"""The statistics for a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from vivant.data.stats.charts import number, percent
from vivant.data.stats.numbers import LONG_CAPTION, MYCANVAS, DatasetStats

LONGEST = 10
"""Rows of a list; the page has all."""


def print_stats(stats: DatasetStats, console: Console) -> None:
    """Ours beside the paper's numbers, then the most frequent of everything."""
    console.print(_overview(stats))
    spread = ", ".join(f"{scenes} with {count}" for count, scenes in stats.subjects_a_scene)
    if spread:
        console.print(Text(f"scenes by number of subjects: {spread}\n"))
    _print_counts(console, "Subject", [(one.name, one.scenes) for one in stats.subjects], "scenes")
    _print_counts(console, "Combination", [(", ".join(names), count) for names, count in stats.combinations], "scenes")
    _print_counts(console, "Background", stats.backgrounds, "scenes")
    _print_counts(console, "Relation", stats.relations, "scenes")
    _print_counts(console, "Rejected", [(f"{one.kind}: {one.reason}", one.count) for one in stats.rejects], "times")
    for score in stats.scores:
        text = f"score {score.name}: {score.low:.3g} to {score.high:.3g}, median {score.median:.3g}"
        console.print(Text(text))


def _overview(stats: DatasetStats) -> Table:
    table = Table("", "this set", "MyCanvas, as the paper prints it", box=None, pad_edge=False)
    words = f"{number(stats.short.mean)} short, {number(stats.detailed.mean)} detailed"
    beyond = f"{percent(stats.short.beyond_20)} short, {percent(stats.detailed.beyond_20)} detailed"
    kept = f"{number(MYCANVAS.images_kept)} of over {number(MYCANVAS.images_composed)}"
    table.add_row("scenes kept", f"{number(stats.scenes)} of {number(stats.composed)}", kept)
    table.add_row("subjects", number(len(stats.subjects)), number(MYCANVAS.objects))
    table.add_row("combinations", number(len(stats.combinations)), number(MYCANVAS.compositions))
    table.add_row("words a caption", words, number(MYCANVAS.mean_words))
    table.add_row(f"captions beyond {LONG_CAPTION} words", beyond, f"about {percent(MYCANVAS.beyond_20)}")
    return table


def _print_counts(
    console: Console, title: str, rows: list[tuple[str, int]] | tuple[tuple[str, int], ...], unit: str
) -> None:
    if not rows:
        return
    table = Table(title, unit, box=None, pad_edge=False)
    for text, count in rows[:LONGEST]:
        table.add_row(Text(text), number(count))  # Text: names are no markup
    if len(rows) > LONGEST:
        table.add_row(f"{len(rows) - LONGEST} more", "")
    console.print(table)
    console.print()
