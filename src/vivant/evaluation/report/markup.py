"""Small pieces of HTML that the sections share. Text is escaped here; pieces that are HTML already are not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from vivant.evaluation.report.charts import decimal
from vivant.evaluation.scoring import LOWER_IS_BETTER
from vivant.evaluation.statistics import Estimate
from vivant.evaluation.tables import TITLES

MEANINGS = {
    "cp_clip": "every subject there, and like its photos",
    "ti_clip": "the place that the prompt names; to be kept, not raised",
    "clip_t": "the whole prompt",
    "clip_r": "the relation's words alone",
    "clip_i": "the whole picture like the subjects' photos",
    "dino": "the same, by DINO",
    "found": "share of the subjects that a detector finds",
    "bleeding": "how much of another subject shows in a subject's box",
    "copy_paste": "pose and pixels taken from a photo",
    "nearness": "distance to the nearest photo over photos' own distances; well below 1 is a copy",
    "relation": "the world's judge sees the relation",
    "kinds": "the world's judge sees these kinds of characters",
    "place": "the world's judge sees the place",
    "number": "the world's judge sees so many subjects",
    "identity": "the world's judge finds the characters like their portraits",
}
"""What each score looks at, in a line."""


def title(score: str) -> str:
    """A score's name, with an arrow where less is better."""
    return escape(TITLES.get(score, score)) + (' <span title="less is better">↓</span>' if less(score) else "")


def less(score: str) -> bool:
    """Whether less of it is better."""
    return score in LOWER_IS_BETTER


def estimate(found: Estimate | None) -> str:
    """A value with its interval."""
    if found is None or not math.isfinite(found.value):
        return "–"
    if not (math.isfinite(found.low) and math.isfinite(found.high)):
        return decimal(found.value)
    return f'{decimal(found.value)} <span class="within">{decimal(found.low)} to {decimal(found.high)}</span>'


def table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], *, words: int = 1, kind: str = "", kinds: Sequence[str] = ()
) -> str:
    """A table that scrolls sideways where it is too wide; cells are HTML.

    Args:
        heads: of the columns.
        rows: as many cells as heads.
        words: columns at the left that hold text; the others hold numbers.
        kind: a class.
        kinds: classes of the rows; none for all alike.
    """

    def cell(tag: str, place: int, text: str) -> str:
        return f"<{tag}>{text}</{tag}>" if place < words else f'<{tag} class="n">{text}</{tag}>'

    head = "".join(cell("th", place, text) for place, text in enumerate(heads))
    marks = [f' class="{name}"' for name in kinds] or [""] * len(rows)
    body = "".join(
        f"<tr{mark}>{''.join(cell('td', place, text) for place, text in enumerate(row))}</tr>"
        for mark, row in zip(marks, rows, strict=True)
    )
    return (
        f'<div class="across" tabindex="0"><table class="{kind}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def part(heading: str, note: str, body: str, *, anchor: str = "") -> str:
    """A part of a section; nothing where there is no body. Heading and note are HTML."""
    if not body:
        return ""
    about = f'<p class="note">{note}</p>' if note else ""
    place = f' id="{anchor}"' if anchor else ""
    return f'<div class="part"{place}><h3>{heading}</h3>{about}{body}</div>'


def folded(summary: str, body: str) -> str:
    """What is behind a click; all of it is open on paper."""
    return f"<details><summary>{escape(summary)}</summary>{body}</details>"
