"""The whole report as one HTML file that needs nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from vivant.data.html_page import document
from vivant.data.stats.charts import number
from vivant.evaluation.report.confusion import matrices
from vivant.evaluation.report.gallery import gallery
from vivant.evaluation.report.scores import bars, differences, encoders, paper_table, score_tables
from vivant.evaluation.report.sources import Evaluation, Run
from vivant.evaluation.report.thumbnails import Photos
from vivant.evaluation.report.training import runs_section
from vivant.files import write_text
from vivant.settings.report import ReportSettings

STYLES, SCRIPT = ("stats_page.css", "report.css"), "report.js"


@dataclass(frozen=True)
class Section:
    """A section that another room has made.

    Attributes:
        anchor: its id.
        name: as the page's contents call it, plain text.
        html: the section.
        notes: what the reader should know first, plain text.
        figures: for the page's head: a count and what was counted; those of one kind are added up.
    """

    anchor: str
    name: str
    html: str
    notes: tuple[str, ...] = ()
    figures: tuple[tuple[int, str], ...] = ()


def write_report(
    path: Path,
    evaluations: Sequence[Evaluation],
    runs: Sequence[Run],
    settings: ReportSettings,
    notes: Sequence[str] = (),
    tick: Callable[[], None] = lambda: None,
    more: Sequence[Section] = (),
) -> None:
    """Draw the report and write it atomically. Arguments and errors as in `report_page`.

    Raises:
        StoreError: it cannot be written.
    """
    write_text(path, report_page(evaluations, runs, settings, notes, tick, more))


def report_page(
    evaluations: Sequence[Evaluation],
    runs: Sequence[Run],
    settings: ReportSettings,
    notes: Sequence[str] = (),
    tick: Callable[[], None] = lambda: None,
    more: Sequence[Section] = (),
) -> str:
    """The report as HTML.

    Args:
        evaluations, runs: at least one of either, or of `more`.
        settings: what it shows.
        notes: what else the reader should know.
        tick: told of every case.
        more: sections between evaluations and training.

    Raises:
        InputError: no such score to order cases by.
    """
    photos = Photos(max(32, settings.thumbnail // 2))
    said = list(notes)
    sections = []
    for place, evaluation in enumerate(evaluations):
        section, missing = _evaluation(evaluation, place, settings, photos, tick)
        sections.append(section)
        said += evaluation.notes
        if missing:
            said.append(f"{evaluation.folder}: {missing} pictures are not found or have changed since they were scored")
    for one in more:
        sections.append(one.html)
        said += one.notes
    if runs:
        sections.append(runs_section(runs))
        said += [note for run in runs for note in run.notes]
    names = [*(one.name for one in evaluations), *(one.name for one in more), *(run.name for run in runs)]
    title = settings.title or ", ".join(names)
    body = [photos.definitions(), _head(title, evaluations, runs, more), _notes(said), *sections, _footer(settings)]
    return document(f"{title}: report", "\n".join(part for part in body if part), STYLES, SCRIPT)


def _head(title: str, evaluations: Sequence[Evaluation], runs: Sequence[Run], more: Sequence[Section]) -> str:
    methods = [method for evaluation in evaluations for method in evaluation.methods]
    cells: list[tuple[int, str]] = []
    if evaluations:
        cells = [
            (sum(len(evaluation.manifest.cases) for evaluation in evaluations), "cases"),
            (len({method.name for method in methods}), "methods"),
            (sum(method.summary.pictures for method in methods), "pictures"),
        ]
    counted: Counter[str] = Counter()
    for count, what in (figure for one in more for figure in one.figures):
        counted[what] += count
    cells += [(count, what) for what, count in counted.items()]
    if runs:
        cells += [(len(runs), "training runs"), (sum(len(run.rows) for run in runs), "logged steps")]
    figures = "".join(f"<div><dt>{text}</dt><dd>{number(value)}</dd></div>" for value, text in cells)
    places = [(f"bench-{place}", evaluation.name) for place, evaluation in enumerate(evaluations)]
    places += [(one.anchor, one.name) for one in more]
    places += [("training", "Training")] if runs else []
    links = " ".join(f'<a href="#{anchor}">{escape(name)}</a>' for anchor, name in places)
    return (
        f'<header><p class="eyebrow">Report</p><h1>{escape(title)}</h1><dl class="figures">{figures}</dl>'
        + (f"<nav>{links}</nav>" if len(places) > 1 else "")
        + "</header>"
    )


def _notes(notes: Sequence[str]) -> str:
    if not notes:
        return ""
    lines = "".join(f"<li>{escape(note)}</li>" for note in dict.fromkeys(notes))
    return f'<aside class="problems"><b>To know first</b><ul>{lines}</ul></aside>'


def _evaluation(
    evaluation: Evaluation, place: int, settings: ReportSettings, photos: Photos, tick: Callable[[], None]
) -> tuple[str, int]:
    summaries = [method.summary for method in evaluation.methods]
    shown = gallery(evaluation, settings, photos, tick)
    counts = "; ".join(
        f"<b>{escape(one.method)}</b>: {number(one.pictures)} pictures of {number(one.scored)} "
        f"of {number(one.cases)} cases"
        for one in summaries
    )
    name = evaluation.manifest.benchmark
    heading = evaluation.name if name in evaluation.name else f"{evaluation.name}: {name}"
    parts = [
        bars(summaries),
        paper_table(summaries),
        shown.html,
        matrices(summaries) if any(len(case.subjects) > 1 for case in evaluation.manifest.cases) else "",
        differences(summaries, settings.seed),
        score_tables(summaries),
        encoders(summaries),
    ]
    return (
        f'<section id="bench-{place}"><h2>{escape(heading)}</h2><p class="note">{counts}.</p>'
        f"{''.join(parts)}</section>",
        shown.missing,
    )


def _footer(settings: ReportSettings) -> str:
    return (
        f"<footer>Made by <code>vivant report</code>. Pictures are shrunk to {settings.thumbnail} pixels, photos of "
        f"subjects to {max(32, settings.thumbnail // 2)}. Nothing here is loaded from elsewhere.</footer>"
    )
