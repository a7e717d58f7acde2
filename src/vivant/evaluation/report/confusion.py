"""Who was taken for whom: the confusion matrix of each method."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from vivant.evaluation.report.markup import part
from vivant.evaluation.summary import Summary

MOST = 12
"""Subjects of a matrix; more do not fit on a phone or a page of paper."""
OTHERS = "others"


def matrices(summaries: Sequence[Summary]) -> str:
    """A matrix a method."""
    grids = [_one(summary) for summary in summaries if summary.confusion.get("names")]
    note = (
        "A row a subject: whose photos its boxes are most like, among the subjects of the picture; the last column "
        "counts pictures in which nothing was found for it."
    )
    return part("Who was taken for whom", note, f'<div class="pair">{"".join(grids)}</div>' if grids else "")


def largest(names: Sequence[str], counts: Sequence[Sequence[int]]) -> tuple[list[int], list[list[int]]]:
    """At most `MOST` subjects, those that went wrong most often; the rest is added up in a column of its own.

    Args:
        names: of the subjects.
        counts: [subjects, subjects + 1], the last column for missing ones.

    Returns:
        Numbers of the subjects that are kept, in their order, and their rows: a column a kept subject, the others,
        the missing.
    """
    wrong = {row: sum(counts[row]) - counts[row][row] for row in range(len(names))}
    kept = sorted(sorted(wrong, key=lambda row: (-wrong[row], row))[:MOST])
    rows = [
        [
            *(counts[row][other] for other in kept),
            sum(counts[row][:-1]) - sum(counts[row][o] for o in kept),
            counts[row][-1],
        ]
        for row in kept
    ]
    return kept, rows


def _one(summary: Summary) -> str:
    names, counts = summary.confusion["names"], summary.confusion["counts"]
    kept, rows = largest(names, counts)
    heads = [names[row] for row in kept] + ([OTHERS] if len(kept) < len(names) else []) + ["missing"]
    boxes = sum(sum(row[:-1]) for row in counts)
    mistaken = boxes - sum(counts[row][row] for row in range(len(names)))
    missing = sum(row[-1] for row in counts)
    said = f"{mistaken} of {boxes} boxes are most like another subject; {missing} subjects are missing."
    if len(kept) < len(names):
        said += f" Shown: the {len(kept)} of {len(names)} subjects that went wrong most often."
    lines = []
    for row, values in zip(kept, rows, strict=True):
        cells = values if len(kept) < len(names) else [*values[:-2], values[-1]]
        total = max(1, sum(cells))
        own = kept.index(row)
        shown = "".join(_cell(value, value / total, place == own) for place, value in enumerate(cells))
        lines.append(f"<tr><th>{escape(names[row])}</th>{shown}</tr>")
    head = "".join(f"<th><span>{escape(name)}</span></th>" for name in heads)
    return (
        f'<div><h4>{escape(summary.method)}</h4><p class="note">{said}</p><div class="across" tabindex="0">'
        f'<table class="confusion"><thead><tr><td></td>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table>'
        "</div></div>"
    )


def _cell(count: int, share: float, own: bool) -> str:
    if not count:
        return f'<td class="{"own" if own else ""}"></td>'
    kind = "own" if own else "wrong"
    dark = " strong" if share > 0.5 else ""
    return f'<td class="{kind}{dark}" style="--share:{share:.2f}">{count}</td>'
