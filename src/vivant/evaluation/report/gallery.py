"""Pictures by case and method, the subjects' photos beside, the worst cases first."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from vivant.data.html_page import HUES, box_mark
from vivant.evaluation.benchmarks.cases import Case
from vivant.evaluation.metrics import NOBODY
from vivant.evaluation.report.charts import decimal
from vivant.evaluation.report.markup import folded, table, title
from vivant.evaluation.report.ordering import EVERY, Quality, orders, qualities, worst_first
from vivant.evaluation.report.scores import all_scores
from vivant.evaluation.report.sources import Evaluation, Line, Method
from vivant.evaluation.report.thumbnails import Photos, picture_file, thumbnail
from vivant.evaluation.tables import TITLES
from vivant.settings.report import ReportSettings
from vivant.types import Box

MISTAKEN = "#ff5a4d"
"""Of the box of a subject that is most like another one."""
AT_ONCE = 12
"""Cases before the rest is asked for; the style sheet says the same."""
NAMED_SCORES = 3
"""Under a picture; the rest is behind a click."""
UNDER_PICTURE = ("relation", "identity", "cp_clip", "clip_r", "clip_t", "clip_i", "dino")
"""Scores that are named under a picture, as far as they are known, the most telling first."""


@dataclass(frozen=True)
class Gallery:
    """HTML of the cases, and what was missing."""

    html: str
    missing: int


def gallery(
    evaluation: Evaluation, settings: ReportSettings, photos: Photos, tick: Callable[[], None] = lambda: None
) -> Gallery:
    """The cases of an evaluation.

    Args:
        evaluation: with its methods.
        settings: how many, and how large.
        photos: of subjects, shared by all that show them.
        tick: told of every case.

    Raises:
        InputError: no such score to order by.
    """
    order = worst_first(evaluation, settings.worst_by)
    names, tables = order[: settings.cases], qualities(evaluation)
    cases = {case.name: case for case in evaluation.manifest.cases}
    items, missing = [], 0
    for name in names:
        item, gone = _case(cases[name], evaluation, settings, photos, tables)
        items.append(item)
        missing += gone
        tick()
    if not items:
        return Gallery("", 0)
    first = escape(evaluation.methods[0].name)
    by = settings.worst_by or EVERY
    how = "the mean of a case's ranks in every score" if by == EVERY else title(by)
    shown = f"The {len(items)} worst of {len(order)} cases" if len(items) < len(order) else f"All {len(items)} cases"
    note = f"{shown}, worst of <b>{first}</b> first, by {how}. A red box is most like another subject of its picture."
    more = ""
    note += f" The first {AT_ONCE} are shown, the others on demand." if len(items) > AT_ONCE else ""
    if len(items) > AT_ONCE:
        more = f'<label class="toggle"><input type="checkbox" class="show-all"> Show all {len(items)} cases</label>'
    return Gallery(
        f'<div class="part cases-part"><h3>Pictures</h3><p class="note">{note}</p>{_tools(evaluation, tables, by)}'
        f'<div class="cases">{"".join(items)}</div><p class="note none-left" hidden>No case has these words.</p>'
        f"{more}</div>",
        missing,
    )


def _tools(evaluation: Evaluation, tables: dict[str, Quality], by: str) -> str:
    """How to order and find cases; the script shows what needs it."""
    names = [method.name for method in evaluation.methods]
    who = [(name, f"worst of {name}") for name in names]
    who += [(f"{names[0]}\n{other}", f"{names[0]} furthest behind {other}") for other in names[1:]]
    scores = [
        (score, "mean rank" if score == EVERY else TITLES.get(score, score)) for score in orders([*tables.values()])
    ]

    def options(rows: Sequence[tuple[str, str]], chosen: str) -> str:
        return "".join(
            f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(text)}</option>'
            for value, text in rows
        )

    return (
        '<div class="tools"><label class="toggle"><input type="checkbox" class="show-boxes"> '
        "Boxes on all pictures</label>"
        f'<span class="scripted" hidden><label>Order <select class="who">{options(who, names[0])}</select></label> '
        f'<label>by <select class="by">{options(scores, by)}</select></label> '
        '<label>Find <input type="search" class="find" placeholder="words of the prompt"></label></span></div>'
    )


def _case(
    case: Case, evaluation: Evaluation, settings: ReportSettings, photos: Photos, tables: dict[str, Quality]
) -> tuple[str, int]:
    """A case's HTML, and how many of its pictures are not there."""
    lines = {method.name: method.pictures.get(case.name, [])[: settings.samples] for method in evaluation.methods}
    figures, missing = [], 0
    for method in evaluation.methods:
        shown: list[Line | None] = [*lines[method.name]]
        for line in shown or [None]:
            figure, gone = _figure(case, evaluation, method, line, settings.thumbnail)
            figures.append(figure)
            missing += gone
    references = "".join(
        f'<figure class="reference">{photos.show(one.photos[0], f"photo of {one.name}")}'
        f'<figcaption style="--hue:{HUES[place % len(HUES)]}">{escape(one.name)}</figcaption></figure>'
        for place, one in enumerate(case.subjects)
    )
    good = {
        name: {score: round(values[case.name], 4) for score, values in table.items() if case.name in values}
        for name, table in tables.items()
    }
    data = escape(json.dumps(good, ensure_ascii=False, separators=(",", ":")))
    words = escape(" ".join([case.prompt, case.name, case.group, *(one.name for one in case.subjects)]).lower())
    return (
        f'<article class="case" data-good="{data}" data-words="{words}"><h4>{escape(case.prompt)}</h4>'
        f'<p class="note">{escape(case.name)} · {escape(case.group)}</p>'
        f'<div class="shots"><div class="references">{references}</div>{"".join(figures)}</div>'
        f"{_scores(case, evaluation)}</article>",
        missing,
    )


def _figure(case: Case, evaluation: Evaluation, method: Method, line: Line | None, side: int) -> tuple[str, bool]:
    name = escape(method.name)
    if line is None:
        return f'<figure><span class="gone">no picture</span><figcaption><b>{name}</b></figcaption></figure>', False
    shot = thumbnail(picture_file(evaluation.folder, method, line), side, line.digest)
    named = [score for score in UNDER_PICTURE if score in line.scores][:NAMED_SCORES]
    said = " ".join(f"<span>{title(score)} {decimal(line.scores[score], 2)}</span>" for score in named)
    caption = f"<figcaption><b>{name}</b>{said}</figcaption>"
    if shot.missing:
        return f'<figure><span class="gone">{shot.missing}</span>{caption}</figure>', True
    alt = escape(f"{method.name}: {case.prompt}")
    return (
        f'<figure><div class="shot" tabindex="0"><img src="{shot.url}" width="{shot.width}" height="{shot.height}" '
        f'alt="{alt}" decoding="async"><div class="boxes">{_boxes(case, line)}</div></div>'
        f"{caption}</figure>",
        False,
    )


def _boxes(case: Case, line: Line) -> str:
    """A frame a found subject; red with the other's name where it is most like another one."""
    found = []
    for place, (subject, edges) in enumerate(zip(case.subjects, line.boxes, strict=False)):
        if edges is None:
            continue
        x0, y0, x1, y1 = (min(max(edge, 0.0), 1.0) for edge in edges)
        if x1 < x0 or y1 < y0:
            continue
        like = line.likest[place] if place < len(line.likest) else NOBODY
        other = case.subjects[like].name if 0 <= like < len(case.subjects) and like != place else ""
        name = f"{subject.name}, like {other}" if other else subject.name
        found.append(box_mark(Box(x0=x0, y0=y0, x1=x1, y1=y1), name, MISTAKEN if other else HUES[place % len(HUES)]))
    return "".join(found)


def _scores(case: Case, evaluation: Evaluation) -> str:
    """Every score of the case, a column a method: the mean over its pictures."""
    summaries = [method.summary for method in evaluation.methods]
    rows = []
    for score in all_scores(summaries):
        values = [summary.by_case.get(score, {}).get(case.name) for summary in summaries]
        if any(value is not None for value in values):
            rows.append([title(score), *("–" if value is None else decimal(value) for value in values)])
    return folded("Scores", table(["score", *(escape(one.method) for one in summaries)], rows)) if rows else ""
