"""Scored methods as tables: Markdown to read, LaTeX in the papers' own form, the printed numbers beside."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from vivant.evaluation.benchmarks.published import FORMS, Form
from vivant.evaluation.comparing import NOT_JUDGED, encoder_marks, in_order, tested
from vivant.evaluation.scoring import LOWER_IS_BETTER
from vivant.evaluation.statistics import Estimate, compare
from vivant.evaluation.summary import ALL, Summary

TITLES = {
    "cp_clip": "CP-CLIP",
    "ti_clip": "TI-CLIP",
    "clip_t": "CLIP-T",
    "clip_r": "CLIP-R",
    "clip_i": "CLIP-I",
    "dino": "DINO",
    "found": "found",
    "bleeding": "bleeding",
    "copy_paste": "copy-paste",
    "nearness": "nearness",
}
"""Of the scores, as the papers call them. Others are called by their names."""
_DASH = "–"
_LATEX = {"&": r"\&", "%": r"\%", "_": r"\_", "#": r"\#", "$": r"\$", "{": r"\{", "}": r"\}", "\\": r"\textbackslash{}"}
_LATEX |= {
    "λ": r"$\lambda$",
    "<": "$<$",
    ">": "$>$",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    _DASH: "--",
}


def markdown(summaries: Sequence[Summary], seed: int = 0) -> str:
    """All that can be said of some methods on one benchmark.

    Args:
        summaries: at least one, all of one benchmark; the first one is what the others are tested against.
        seed: of the tests.
    """
    form = FORMS.get(summaries[0].benchmark, FORMS["world"])
    marks = encoder_marks(summaries)
    parts = [
        f"# {summaries[0].benchmark}",
        _counts(summaries),
        f"## In the form of {form.source}" if form.rows else "## In the papers' form",
        _markdown_form(summaries, form, marks),
        "## All scores",
        *(_all_scores(summary, marks) for summary in summaries),
    ]
    if len(summaries) > 1:
        parts += ["## Differences", differences(summaries, seed)]
    return "\n\n".join([*parts, "## What the scores see with", _encoders(summaries, marks)]) + "\n"


def short(summary: Summary) -> str:
    """A few lines for a terminal: every score over all cases, with what chance gives."""
    lines = [f"{summary.method}: {summary.pictures} pictures of {summary.scored} of {summary.cases} cases"]
    for score in in_order(summary):
        found = summary.groups[ALL][score]
        chance = _of(summary.chance, ALL, score)
        beside = "" if chance == _DASH else f"   chance {chance}"
        interval = "" if math.isnan(found.low) else f"   {found.low:.3f} to {found.high:.3f}"
        lines.append(f"  {TITLES.get(score, score):11}{found.value:7.3f}{interval}{beside}")
    return "\n".join(lines)


def form_rows(summaries: Sequence[Summary], form: Form) -> list[tuple[str, list[float], bool]]:
    """Rows of a paper's table: name, values group by group (nan for a dash), and whether the paper prints them."""
    rows = []
    for name, printed in form.rows.items():
        values = [value for group in form.groups for value in printed[group] or [math.nan] * len(form.scores)]
        rows.append((name, values, True))
    for summary in summaries:
        rows.append((summary.method, _form_values(summary.groups, form), False))
    last = summaries[0]
    rows.append((f"chance ({last.method})", _form_values(last.chance, form), False))
    rows.append(("real photos", _form_values(last.ceilings, form), False))
    return rows


def _form_values(groups: Mapping[str, Mapping[str, Estimate]], form: Form) -> list[float]:
    values = []
    for group in form.groups:
        for score in form.scores:
            found = groups.get(group, {}).get(score)
            values.append(math.nan if found is None else found.value * form.scale)
    return values


def _markdown_form(summaries: Sequence[Summary], form: Form, marks: Mapping[str, str]) -> str:
    heads = [f"{heading} {TITLES[score]}" for heading in form.groups.values() for score in form.scores]
    lines = [_row(["method", *heads]), _row(["---", *["---:"] * len(heads)])]
    for name, values, printed in form_rows(summaries, form):
        shown = f"{name} (printed)" if printed else f"**{name}**{_mark(marks.get(name, ''))}"
        lines.append(_row([shown, *(_number(value, form.digits) for value in values)]))
    if form.rows:
        lines += ["", "Printed numbers are of the authors' pictures and encoders, and are no rivals of the others."]
    return "\n".join(lines)


def latex(summaries: Sequence[Summary]) -> str:
    """The paper's own table, with our rows below a rule; needs the package booktabs."""
    form = FORMS.get(summaries[0].benchmark, FORMS["world"])
    marks, width = encoder_marks(summaries), len(form.scores)
    spans = [rf"\multicolumn{{{width}}}{{c}}{{{_escaped(heading)}}}" for heading in form.groups.values()]
    heads = [TITLES[score] for _ in form.groups for score in form.scores]
    lines = [
        r"\begin{tabular}{l" + "c" * len(heads) + "}",
        r"\toprule",
        " & ".join(["Method", *spans]) + r" \\",
        " & ".join(["", *heads]) + r" \\",
        r"\midrule",
    ]
    before = True
    for name, values, printed in form_rows(summaries, form):
        if before and not printed and form.rows:
            lines.append(r"\midrule")
        before = printed
        mark = f"$^{{{marks[name]}}}$" if marks.get(name) else ""
        shown = [_escaped(_number(value, form.digits)) for value in values]
        lines.append(" & ".join([_escaped(name) + mark, *shown]) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}"]
    notes = [f"% printed rows: {form.source}"] if form.rows else []
    notes += [f"% {line}" for line in _encoders(summaries, marks).splitlines() if line]
    return "\n".join([*notes, *lines]) + "\n"


def _all_scores(summary: Summary, marks: Mapping[str, str]) -> str:
    """Every score of a method by group: value, interval, chance and real photos."""
    lines = [
        f"### {summary.method}{_mark(marks[summary.method])}",
        "",
        _row(["score", "group", "value", "95 % interval", "chance", "real photos", "pictures"]),
        _row(["---", "---", "---:", "---:", "---:", "---:", "---:"]),
    ]
    for score in in_order(summary):
        for group, values in summary.groups.items():
            if score not in values or (group == ALL and len(summary.groups) == 2):
                continue
            found = values[score]
            interval = _DASH if math.isnan(found.low) else f"{found.low:.3f} to {found.high:.3f}"
            beside = [_of(table, group, score) for table in (summary.chance, summary.ceilings)]
            title = TITLES.get(score, score) + (" ↓" if score in LOWER_IS_BETTER else "")
            lines.append(_row([title, group, f"{found.value:.3f}", interval, *beside, str(found.count)]))
    return "\n".join(lines)


def differences(summaries: Sequence[Summary], seed: int) -> str:
    """Paired tests of the first method against each other one, on the cases that both have.

    Methods scored with unlike encoders are not compared.
    """
    first = summaries[0]
    rows, unlike = tested(summaries, seed)
    lines = [f"{name} was scored with other encoders than {first.method} and is not compared." for name in unlike]
    if rows:
        lines += [
            f"{first.method} minus each other method, case by case; p by swapping the two at random in each case, "
            "adjusted for the number of rows (Holm).",
            "",
            _row(["against", "score", "difference", "95 % interval", "higher in", "p", "cases"]),
            _row(["---", "---", "---:", "---:", "---:", "---:", "---:"]),
        ]
        for row in rows:
            gap = row.found.difference
            interval = _DASH if math.isnan(gap.low) else f"{gap.low:+.3f} to {gap.high:+.3f}"
            wins = f"{100 * row.found.wins:.0f} %"
            cells = [row.other, TITLES.get(row.score, row.score), f"{gap.value:+.3f}", interval, wins]
            cells.append(f"{row.p_value:.4f}")
            lines.append(_row([*cells, str(gap.count)]))
    return "\n".join(lines) or "No case has pictures of both."


def ordering(summaries: Sequence[Summary], seed: int = 0) -> str:
    """Methods from best to worst as the caller says, and whether each score orders them so.

    "yes": every method is above the next one. "tie": where not, the interval of the difference case by case holds 0.
    "no": a worse method scores higher beyond chance. The last column of values is chance: the first method's pictures
    against other cases.

    Args:
        summaries: in the order that is expected.
        seed: of the intervals.
    """
    names = [summary.method for summary in summaries]
    lines = [
        _row(["score", *names, f"{names[0]}, shuffled", "in order"]),
        _row(["---", *["---:"] * (len(names) + 1), "---"]),
    ]
    for score in in_order(summaries[0]):
        if all(score in summary.groups[ALL] for summary in summaries):
            values = [summary.groups[ALL][score].value for summary in summaries]
            shown = [f"{value:.3f}" for value in values] + [_of(summaries[0].chance, ALL, score)]
            lines.append(_row([TITLES.get(score, score), *shown, _verdict(summaries, score, seed)]))
    return "\n".join(lines)


def _verdict(summaries: Sequence[Summary], score: str, seed: int) -> str:
    if score in NOT_JUDGED:
        return _DASH
    sign = -1.0 if score in LOWER_IS_BETTER else 1.0
    steps = [compare(one.by_case[score], other.by_case[score], seed).difference for one, other in pairwise(summaries)]
    wrong = [step for step in steps if sign * step.value <= 0]
    chance = summaries[0].chance[ALL].get(score)
    above_chance = chance is None or summaries[-1].groups[ALL][score].value > chance.value
    if not wrong:
        return "yes" if above_chance else "yes, but the last is no better than chance"
    return "tie" if all(step.low <= 0 <= step.high for step in wrong) else "**no**"


def _counts(summaries: Sequence[Summary]) -> str:
    lines = [f"- {s.method}: {s.pictures} pictures of {s.scored} of {s.cases} cases" for s in summaries]
    return "\n".join(lines)


def _encoders(summaries: Sequence[Summary], marks: Mapping[str, str]) -> str:
    """Which encoders each letter stands for."""
    lines = []
    if any(marks.values()):
        lines.append("Rows with different letters were scored with different encoders: **do not compare them.**")
    for mark in dict.fromkeys(marks.values()):
        summary = next(one for one in summaries if marks[one.method] == mark)
        for role, identity in summary.encoders.items():
            said = (
                f"{identity['model']}, weights {identity['weights']}" if isinstance(identity, dict) else str(identity)
            )
            lines.append(f"- {f'{mark}: ' if mark else ''}{role}: {said}")
    return "\n".join(lines)


def _of(table: Mapping[str, Mapping[str, Estimate]], group: str, score: str) -> str:
    found = table.get(group, {}).get(score)
    return _DASH if found is None or math.isnan(found.value) else f"{found.value:.3f}"


def _number(value: float, digits: int) -> str:
    return _DASH if math.isnan(value) else f"{value:.{digits}f}"


def _mark(mark: str) -> str:
    return f" ({mark})" if mark else ""


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _escaped(text: str) -> str:
    return "".join(_LATEX.get(letter, letter) for letter in text)
