"""What methods score: bars, the paper's table, all scores, tests, who was taken for whom, and the encoders."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from typing import Any

from vivant.evaluation.benchmarks.published import FORMS, Form
from vivant.evaluation.comparing import encoder_marks, in_order, tested
from vivant.evaluation.report.charts import Bar, decimal, score_bars
from vivant.evaluation.report.markup import MEANINGS, estimate, folded, part, table, title
from vivant.evaluation.scoring import SCORES
from vivant.evaluation.statistics import Estimate
from vivant.evaluation.summary import ALL, Summary
from vivant.evaluation.tables import TITLES, form_rows

SMALL_P = 0.05


def all_scores(summaries: Sequence[Summary]) -> list[str]:
    """Every score that one of the methods has, in the order of the tables."""
    known = dict.fromkeys(score for summary in summaries for score in in_order(summary))
    return [score for score in SCORES if score in known] + [score for score in known if score not in SCORES]


def bars(summaries: Sequence[Summary]) -> str:
    """A panel a score: every method's value with its interval, chance and real photos."""
    marks = encoder_marks(summaries)
    panels = []
    for score in all_scores(summaries):
        rows = [
            Bar(
                marked(summary.method, marks),
                summary.groups[ALL][score],
                _value(summary.chance.get(ALL, {}).get(score)),
                _value(summary.ceilings.get(ALL, {}).get(score)),
            )
            for summary in summaries
            if score in summary.groups[ALL]
        ]
        about = f'<p class="note">{MEANINGS[score]}</p>' if score in MEANINGS else ""
        panels.append(f'<div class="panel"><h4>{title(score)}</h4>{about}{score_bars(rows)}</div>')
    legend = (
        '<span class="key"><svg><rect class="bar" width="100%" y="25%" height="50%"/></svg> mean over cases</span> '
        '<span class="key"><svg><line class="whisker" x2="100%" y1="50%" y2="50%"/></svg> its 95 % interval</span> '
        '<span class="key"><svg><line class="chance" x1="50%" x2="50%" y2="100%"/></svg> chance: other cases\' '
        "subjects and prompts</span> "
        '<span class="key"><svg><line class="ceiling" x1="50%" x2="50%" y2="100%"/></svg> another real photo</span>'
    )
    return part("Scores", legend, f'<div class="panels">{"".join(panels)}</div>')


def marked(name: str, marks: dict[str, str]) -> str:
    """A method's name, with the letter of its encoders where they differ. Plain text."""
    return f"{name} ({marks[name]})" if marks.get(name) else name


def paper_table(summaries: Sequence[Summary]) -> str:
    """The table of the paper that has this benchmark, its printed rows above ours."""
    form = _without_empty_groups(FORMS.get(summaries[0].benchmark, FORMS["world"]), summaries)
    if not form.groups:
        return ""
    marks, width = encoder_marks(summaries), len(form.scores)
    spans = "".join(f'<th class="span" colspan="{width}">{escape(text)}</th>' for text in form.groups.values())
    heads = "".join(f'<th class="n">{escape(TITLES[score])}</th>' for _ in form.groups for score in form.scores)
    ours = {summary.method for summary in summaries}
    lines = []
    for name, values, printed in form_rows(summaries, form):
        if all(map(math.isnan, values)) and name not in ours:
            continue
        kind = "printed" if printed else "ours" if name in ours else "beside"
        cells = "".join(f'<td class="n">{decimal(value, form.digits)}</td>' for value in values)
        lines.append(f'<tr class="{kind}"><td>{escape(marked(name, marks))}</td>{cells}</tr>')
    note = f"{escape(form.source[0].upper() + form.source[1:])}."
    if form.rows:
        note = (
            f'{escape(form.source)}, as printed, then ours. <span class="paper-text">Printed numbers are of the '
            "authors' pictures and encoders: read them beside ours, not as rivals.</span>"
        )
    if form.scale != 1:
        note += f" Times {form.scale:.0f}."
    grid = (
        f'<div class="across" tabindex="0"><table class="form plain"><thead><tr><th rowspan="2">Method</th>{spans}</tr>'
        f"<tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )
    return part("Beside the paper" if form.rows else "In the papers' form", note, grid)


def _without_empty_groups(form: Form, summaries: Sequence[Summary]) -> Form:
    """Groups of which a method has a score; a benchmark of single subjects needs no columns for several."""
    found = {group for one in summaries for group, scores in one.groups.items() if set(form.scores) & set(scores)}
    return replace(form, groups={group: text for group, text in form.groups.items() if group in found})


def score_tables(summaries: Sequence[Summary]) -> str:
    """Every score with its interval: all cases, and behind a click the groups."""
    marks = encoder_marks(summaries)
    groups = [name for name in summaries[0].groups if name != ALL]
    body = _group_table(summaries, ALL, marks)
    if len(groups) > 1:
        tables = [f"<h4>{escape(name)}</h4>{_group_table(summaries, name, marks)}" for name in groups]
        body += folded("By group", "".join(tables))
    return part("All scores", "Mean over cases with its 95 % interval, by resampling cases.", body)


def _group_table(summaries: Sequence[Summary], group: str, marks: dict[str, str]) -> str:
    chance = f"chance ({escape(summaries[0].method)})" if len(summaries) > 1 else "chance"
    heads = ["score", *(escape(marked(one.method, marks)) for one in summaries), chance, "real photos"]
    rows = []
    for score in all_scores(summaries):
        found = [summary.groups.get(group, {}).get(score) for summary in summaries]
        if not any(found):
            continue
        beside = [decimal(_value(table.get(group, {}).get(score))) for table in _beside(summaries[0])]
        rows.append([title(score), *(estimate(value) for value in found), *beside])
    return table(heads, rows, kind="plain")


def _beside(summary: Summary) -> tuple[Any, Any]:
    return summary.chance, summary.ceilings


def differences(summaries: Sequence[Summary], seed: int) -> str:
    """The first method against each other one, case by case."""
    if len(summaries) < 2:
        return ""
    rows, unlike = tested(summaries, seed)
    first = escape(summaries[0].method)
    lines = []
    for row in rows:
        gap = row.found.difference
        p_value = "&lt; 0.001" if row.p_value < 0.001 else f"{row.p_value:.3f}"
        shown = f"<b>{p_value}</b>" if row.p_value < SMALL_P else p_value
        signed = f"+{estimate(gap)}" if gap.value > 0 else estimate(gap)
        wins = f"{row.found.wins * 100:.0f} %"
        lines.append([escape(row.other), title(row.score), signed, wins, shown, str(gap.count)])
    note = (
        f"{first} minus each other method, on the cases that both have. p by swapping the two at random in each case, "
        f"adjusted for the number of rows (Holm); bold below {SMALL_P}."
    )
    for name in unlike:
        note += f" {escape(name)} was scored with other encoders and is not compared."
    heads = ["against", "score", "difference", f"{first} higher in", "p", "cases"]
    body = table(heads, lines, words=2, kind="plain") if lines else '<p class="note">No case has pictures of both.</p>'
    return part("Differences", note, body)


def encoders(summaries: Sequence[Summary]) -> str:
    """What the scores see with; a letter tells methods apart that were scored with different encoders."""
    marks = encoder_marks(summaries)
    lines = []
    for mark in dict.fromkeys(marks.values()):
        summary = next(one for one in summaries if marks[one.method] == mark)
        for role, identity in summary.encoders.items():
            known = identity if isinstance(identity, dict) else {"model": identity}
            cells = [str(known.get(name, "")) for name in ("model", "weights", "template", "output")]
            lines.append([escape(f"{mark}: {role}" if mark else role), *(f"<code>{escape(c)}</code>" for c in cells)])
    warning = "Methods with different letters were scored with different encoders: do not compare them."
    body = table(["role", "model or rule", "weights", "text template", "output"], lines, words=5, kind="fine")
    note = warning if any(marks.values()) else ""
    return part("What the scores see with", note, folded("Encoders, weights and rules", body))


def _value(found: Estimate | None) -> float:
    return math.nan if found is None else found.value
