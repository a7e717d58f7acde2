"""Charts of the report as inline SVG: values against chance and real photos, and curves of training.

As in `vivant.data.stats.charts`, positions across are percentages and letters are pixels, so that a chart fills its
column at any width. Every string that comes from a folder is escaped here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from vivant.evaluation.statistics import Estimate

POINTS = 400
"""Of a curve; more would be finer than a screen."""
SMOOTHING = 25
"""A curve is smoothed over this part of its length."""
PLOT_HEIGHT = 160


@dataclass(frozen=True)
class Bar:
    """A method's value of a score, with what chance and real photos give where that is known."""

    name: str
    found: Estimate
    chance: float = math.nan
    ceiling: float = math.nan


@dataclass(frozen=True)
class Curve:
    """A number over the steps of a run; `hue` counts the runs of a chart."""

    name: str
    steps: Sequence[float]
    values: Sequence[float]
    hue: int = 0


def score_bars(bars: Sequence[Bar]) -> str:
    """A row a method: a bar from 0 with its interval, chance dashed, real photos solid; all on one axis."""
    low, high = _span(bars)

    def across(value: float) -> float:
        return (value - low) / (high - low) * 100

    return f'<div class="score-rows">{"".join(_bar_row(bar, low, across) for bar in bars)}</div>'


def _span(bars: Sequence[Bar]) -> tuple[float, float]:
    """The axis: from 0, or below where something is, to the greatest."""
    known = [0.0]
    for bar in bars:
        known += [bar.found.value, bar.found.low, bar.found.high, bar.chance, bar.ceiling]
    finite = [value for value in known if math.isfinite(value)]
    low, high = min(finite), max(finite)
    return low, high if high > low else low + 1.0


def _bar_row(bar: Bar, low: float, across: Callable[[float], float]) -> str:
    value, parts = bar.found.value, ['<rect class="track" width="100%" height="100%"/>']
    said = [f"{bar.name}: {decimal(value)}"]
    if math.isfinite(value):
        left, right = sorted((across(0.0), across(value)))
        parts.append(f'<rect class="bar" x="{left:.2f}%" y="25%" width="{right - left:.2f}%" height="50%"/>')
    if math.isfinite(bar.found.low) and math.isfinite(bar.found.high):
        said.append(f"95 % interval {decimal(bar.found.low)} to {decimal(bar.found.high)}")
        ends = across(bar.found.low), across(bar.found.high)
        parts.append(f'<line class="whisker" x1="{ends[0]:.2f}%" x2="{ends[1]:.2f}%" y1="50%" y2="50%"/>')
        parts += [f'<line class="whisker" x1="{x:.2f}%" x2="{x:.2f}%" y1="30%" y2="70%"/>' for x in ends]
    for kind, label, at in (("chance", "chance", bar.chance), ("ceiling", "real photos", bar.ceiling)):
        if math.isfinite(at):
            said.append(f"{label} {decimal(at)}")
            parts.append(f'<line class="{kind}" x1="{across(at):.2f}%" x2="{across(at):.2f}%" y1="0" y2="100%"/>')
    if low < 0:
        parts.append(f'<line class="zero" x1="{across(0.0):.2f}%" x2="{across(0.0):.2f}%" y1="0" y2="100%"/>')
    title = escape(", ".join(said))
    return (
        f'<span>{escape(bar.name)}</span><svg role="img" aria-label="{title}">'
        f"<title>{title}</title>{''.join(parts)}</svg><b>{decimal(value)}</b>"
    )


def decimal(value: float, digits: int = 3) -> str:
    """With a true minus, and a dash for what is not known.

    >>> decimal(0.1384), decimal(-0.02), decimal(float("nan")), decimal(-0.0001)
    ('0.138', '−0.020', '–', '0.000')
    """
    if not math.isfinite(value):
        return "–"
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def line_chart(curves: Sequence[Curve], *, label: str) -> str:
    """Curves over steps: pale as logged, strong smoothed where there are many points.

    Args:
        curves: at least one, each with as many values as steps, at least one, steps ascending.
        label: what a screen reader says.
    """
    first = min(curve.steps[0] for curve in curves)
    last = max(max(curve.steps[-1] for curve in curves), first + 1)
    low, high = _range(curves)

    def place(step: float, value: float) -> str:
        x = (step - first) / (last - first) * 1000
        y = (high - min(max(value, low), high)) / (high - low) * PLOT_HEIGHT
        return f"{x:.1f},{y:.1f}"

    lines, dots = [], []
    for curve in curves:
        hue = f"hue-{curve.hue % 6}"
        title = f"<title>{escape(curve.name)}</title>"
        steps, values = thinned(curve.steps, curve.values)
        smooth = smoothed(values)
        if len(steps) == 1:
            x, y = place(steps[0], values[0]).split(",")
            dots.append(f'<circle class="{hue}" cx="{float(x) / 10:.2f}%" cy="{y}" r="4">{title}</circle>')
            continue
        if smooth is not None:
            points = " ".join(place(*point) for point in zip(steps, values, strict=True))
            lines.append(f'<polyline class="{hue} raw" points="{points}"/>')
        points = " ".join(place(*point) for point in zip(steps, smooth or values, strict=True))
        lines.append(f'<polyline class="{hue}" points="{points}">{title}</polyline>')
    grid = "".join(f'<line class="axis" x1="0" x2="100%" y1="{y}" y2="{y}"/>' for y in (0, PLOT_HEIGHT))
    return (
        f'<svg class="plot curve" height="{PLOT_HEIGHT + 22}" role="img" aria-label="{escape(label)}">{grid}'
        f'<svg class="lines" height="{PLOT_HEIGHT}" viewBox="0 0 1000 {PLOT_HEIGHT}" preserveAspectRatio="none">'
        f"{''.join(lines)}</svg>{''.join(dots)}"
        f'<text class="tick start" x="0" y="{12}">{_short(high)}</text>'
        f'<text class="tick start" x="0" y="{PLOT_HEIGHT - 5}">{_short(low)}</text>'
        f'<text class="tick start" x="0" y="{PLOT_HEIGHT + 16}">{first:,.0f}</text>'
        f'<text class="tick end" x="100%" y="{PLOT_HEIGHT + 16}">step {last:,.0f}</text></svg>'
    )


def _range(curves: Sequence[Curve]) -> tuple[float, float]:
    """Of all values but the wildest hundredth at either end, which would flatten the rest."""
    values = sorted(value for curve in curves for value in curve.values)
    cut = len(values) // 100
    low, high = values[cut], values[-1 - cut]
    room = (high - low) * 0.05 or abs(high) * 0.05 or 1.0
    return (max(0.0, low - room) if low >= 0 else low - room), high + room


def thinned(steps: Sequence[float], values: Sequence[float]) -> tuple[list[float], list[float]]:
    """At most `POINTS` points: means of neighbours."""
    size = math.ceil(len(steps) / POINTS)
    parts = [slice(start, start + size) for start in range(0, len(steps), size)]

    def means(row: Sequence[float]) -> list[float]:
        return [math.fsum(row[part]) / len(row[part]) for part in parts]

    return means(steps), means(values)


def smoothed(values: Sequence[float]) -> list[float] | None:
    """Mean over a window around each point; None where there are too few points to smooth."""
    reach = len(values) // SMOOTHING
    if reach < 1:
        return None
    windows = [values[max(0, at - reach) : at + reach + 1] for at in range(len(values))]
    return [math.fsum(window) / len(window) for window in windows]


def _short(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")
