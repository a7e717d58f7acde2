"""Charts as inline SVG and HTML: no script, no library, and text that keeps its size on a phone.

Positions along a chart are percentages and letters are pixels, so a chart fills its column at any width. Every string
that comes from a data set is escaped here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from vivant.data.stats.word_cloud import WordCloud

PLOT_TOP, PLOT_HEIGHT, AXIS = 52, 120, 22
"""Pixels: room for the labels of marks, the bars, the numbers below."""
STRONG, MIDDLE = 0.6, 0.3
"""Shares of the greatest weight from which on a word is drawn strong, or middling."""


@dataclass(frozen=True)
class Bar:
    """One bar of a histogram: from `low` to `high` on the axis, `count` high; `title` is shown on hover."""

    low: float
    high: float
    count: int
    title: str
    strong: bool = False


@dataclass(frozen=True)
class Mark:
    """A vertical line at `at` with a label; `ours` is solid, the paper's dashed and a row lower."""

    at: float
    label: str
    ours: bool = True


def number(value: float, digits: int = 1) -> str:
    """With thin grouping for thousands and no needless decimals.

    >>> number(2684), number(17.7), number(3.0)
    ('2,684', '17.7', '3')
    """
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float) -> str:
    """Whole per cent, but never 0 % for something or 100 % for less than all.

    >>> percent(0.304), percent(0.001), percent(0.999), percent(0.0)
    ('30 %', '< 1 %', '> 99 %', '0 %')
    """
    if 0 < share < 0.01:
        return "< 1 %"
    return "> 99 %" if 0.99 < share < 1 else f"{share * 100:.0f} %"


def histogram(bars: Sequence[Bar], ticks: Sequence[float], marks: Sequence[Mark] = (), *, label: str) -> str:
    """A histogram over the span of its bars and marks.

    Args:
        bars: ascending; at least one.
        ticks: numbers to write below.
        marks: lines with a label above.
        label: what a screen reader says.
    """
    low = min(bars[0].low, *(mark.at for mark in marks)) if marks else bars[0].low
    high = max(bars[-1].high, *(mark.at for mark in marks)) if marks else bars[-1].high
    most = max([1, *(bar.count for bar in bars)])
    floor = (PLOT_TOP if marks else 18) + PLOT_HEIGHT

    def across(value: float) -> str:
        return f"{(value - low) / (high - low) * 100:.2f}%"

    parts = [f'<svg class="plot" height="{floor + AXIS}" role="img" aria-label="{escape(label)}">']
    parts.append(
        f'<line class="axis" x1="0" x2="100%" y1="{floor - PLOT_HEIGHT}" y2="{floor - PLOT_HEIGHT}"/>'
        f'<text class="tick end" x="100%" y="{floor - PLOT_HEIGHT - 4}">{number(most)}</text>'
    )
    for bar in bars:
        if bar.count:
            tall = max(1.5, bar.count / most * PLOT_HEIGHT)
            parts.append(
                f'<rect class="{"bar strong" if bar.strong else "bar"}" x="{across(bar.low)}" y="{floor - tall:.1f}" '
                f'width="{(bar.high - bar.low) / (high - low) * 100:.2f}%" height="{tall:.1f}">'
                f"<title>{escape(bar.title)}</title></rect>"
            )
    parts.append(f'<line class="axis" x1="0" x2="100%" y1="{floor}" y2="{floor}"/>')
    for tick in ticks:
        share = (tick - low) / (high - low)
        parts.append(
            f'<text class="tick {_anchor(share)}" x="{across(tick)}" y="{floor + 16}">{number(tick, 2)}</text>'
        )
    parts += [_mark(mark, across(mark.at), (mark.at - low) / (high - low), floor) for mark in marks]
    return "".join(parts) + "</svg>"


def _anchor(share: float) -> str:
    return "start" if share < 0.02 else "end" if share > 0.98 else "middle"


def _mark(mark: Mark, x: str, share: float, floor: int) -> str:
    kind, row = ("ours", 12) if mark.ours else ("paper", 28)
    side, shift = ("end", -5) if share > 0.5 else ("start", 5)
    return (
        f'<line class="mark {kind}" x1="{x}" x2="{x}" y1="{row - 10}" y2="{floor}"/>'
        f'<text class="mark-label {kind} {side}" x="{x}" dx="{shift}" y="{row}">{escape(mark.label)}</text>'
    )


def share_bar(share: float, title: str = "") -> str:
    """A thin horizontal bar, `share` of its cell wide."""
    return (
        f'<svg class="share" role="img" aria-label="{escape(title)}"><rect class="track" width="100%" height="100%"/>'
        f'<rect class="bar" width="{share * 100:.2f}%" height="100%"/></svg>'
    )


def range_bar(low: float, middle: float, high: float, title: str) -> str:
    """A line from the least to the greatest with a dot at the median; all in [0, 1] of the cell."""
    return (
        f'<svg class="range" role="img" aria-label="{escape(title)}"><title>{escape(title)}</title>'
        f'<line class="axis" x1="0" x2="100%" y1="50%" y2="50%"/>'
        f'<line class="span" x1="{low * 100:.1f}%" x2="{high * 100:.1f}%" y1="50%" y2="50%"/>'
        f'<circle cx="{middle * 100:.1f}%" cy="50%" r="4.5"/></svg>'
    )


def heat_map(rows: Sequence[Sequence[float]], aspect: float, *, label: str) -> str:
    """A grid of cells, darker where the value is greater; `aspect` is width over height of the whole."""
    most = max(max(row) for row in rows) or 1.0
    count = len(rows)
    wide, tall = 480.0, 480.0 / aspect
    cell_w, cell_h = wide / count, tall / count
    cells = [
        f'<rect x="{column * cell_w:.2f}" y="{row * cell_h:.2f}" width="{cell_w:.2f}" height="{cell_h:.2f}" '
        f'fill-opacity="{value / most:.3f}"/>'
        for row, values in enumerate(rows)
        for column, value in enumerate(values)
        if value > 0
    ]
    return (
        f'<svg class="heat" viewBox="0 0 {wide:.0f} {tall:.0f}" role="img" aria-label="{escape(label)}">'
        f'{"".join(cells)}<rect class="frame" x="0.5" y="0.5" width="{wide - 1:.1f}" height="{tall - 1:.1f}"/></svg>'
    )


def word_cloud(cloud: WordCloud, *, label: str) -> str:
    """The cloud; each word is set to the width that was measured, whatever font shows it."""
    if not cloud.words:
        return ""
    most = cloud.words[0].weight
    texts = []
    for word in cloud.words:
        share = word.weight / most
        tone = "strong" if share >= STRONG else "middle" if share >= MIDDLE else "weak"
        texts.append(
            f'<text class="{tone}" x="{word.x:.1f}" y="{word.baseline:.1f}" font-size="{word.size:.1f}" '
            f'textLength="{word.width:.1f}" lengthAdjust="spacingAndGlyphs">{escape(word.text)}'
            f"<title>{escape(word.text)}: {word.weight}</title></text>"
        )
    return (
        f'<svg class="cloud" viewBox="0 0 {cloud.width:.0f} {cloud.height:.0f}" role="img" '
        f'aria-label="{escape(label)}" style="max-width:{cloud.width * 1.5:.0f}px">{"".join(texts)}</svg>'
    )
