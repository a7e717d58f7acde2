"""Training runs: their curves, run beside run, what they were started with, and the pictures they drew on the way."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path

from vivant.evaluation.report.charts import Curve, decimal, line_chart
from vivant.evaluation.report.markup import folded, part, table
from vivant.evaluation.report.sources import Run
from vivant.evaluation.report.thumbnails import thumbnail

GRID_SIDE = 1400
"""Pixels of a sheet of validation pictures; larger ones are shrunk, and its words still read."""
GRIDS = 5
"""Sheets of a run: the last one, and others at even steps behind a click."""
HELD_OUT = "held_out_loss"
FIRST = ("total", HELD_OUT)
"""Curves that come before the others."""


def runs_section(runs: Sequence[Run]) -> str:
    """All runs: one chart a number with a curve a run, then each run."""
    body = [_overview(runs), _curves(runs), _settings(runs)]
    body += [part(f"Pictures of {escape(run.name)}", "", _grids(run.grids)) for run in runs]
    return f'<section id="training"><h2>Training</h2>{"".join(body)}</section>'


def _overview(runs: Sequence[Run]) -> str:
    rows = []
    for number, run in enumerate(runs):
        name = f'<span class="dot hue-{number % 6}"></span>{escape(run.name)}'
        last = f"{run.rows[-1]['step'] + 1:,.0f}" if run.rows else "0"
        wanted = run.settings.get("steps")
        steps = f"{last} of {wanted:,}" if isinstance(wanted, int) else last
        held = [(row["step"], row[HELD_OUT]) for row in run.rows if HELD_OUT in row]
        best = min(held, key=lambda pair: pair[1]) if held else None
        total = [row["total"] for row in run.rows if "total" in row]
        tail = total[-max(1, len(total) // 10) :]
        rows.append(
            [
                name,
                steps,
                decimal(sum(tail) / len(tail), 4) if tail else "–",
                f"{decimal(best[1], 4)} after {best[0] + 1:,.0f} steps" if best else "–",
                decimal(held[-1][1], 4) if held else "–",
            ]
        )
    heads = ["run", "steps", "loss, last tenth", "least held-out loss", "last held-out loss"]
    return f'<div class="part">{table(heads, rows)}</div>'


def _curves(runs: Sequence[Run]) -> str:
    names = dict.fromkeys(name for run in runs for row in run.rows for name in row if name != "step")
    order = [name for name in FIRST if name in names] + [name for name in names if name not in FIRST]
    panels = []
    for name in order:
        curves = []
        for number, run in enumerate(runs):
            points = [(row["step"] + 1, row[name]) for row in run.rows if name in row]
            if points:
                steps, values = zip(*points, strict=True)
                curves.append(Curve(run.name, steps, values, number))
        said = escape(name.replace("_", " "))
        panels.append(f"<div><h4>{said}</h4>{line_chart(curves, label=f'{name} over steps')}</div>")
    keys = "".join(
        f'<span class="key"><i class="dot hue-{n % 6}"></i>{escape(r.name)}</span> ' for n, r in enumerate(runs)
    )
    note = f"{keys}Pale as logged; strong is the mean over a twelfth of the run around each point."
    return part("Curves", note, f'<div class="pair curves">{"".join(panels)}</div>' if panels else "")


def _settings(runs: Sequence[Run]) -> str:
    """A table of what the runs were started with, what differs between them on top, and what else they tell."""
    names = dict.fromkeys(name for run in runs for name in run.settings)
    if not names and not any(run.figures for run in runs):
        return ""
    shown = {name: [_plain(run.settings.get(name)) for run in runs] for name in names}
    order = sorted(names, key=lambda name: len(set(shown[name])) == 1)
    rows = []
    for name in order:
        differ = len(set(shown[name])) > 1
        cells = [f"<b>{cell}</b>" if differ else cell for cell in map(escape, shown[name])]
        rows.append([escape(name), *cells])
    figures = dict.fromkeys(name for run in runs for name in run.figures)
    rows += [[escape(name), *(decimal(run.figures.get(name, float("nan")), 4) for run in runs)] for name in figures]
    heads = ["", *(escape(run.name) for run in runs)]
    return part(
        "Settings", "", folded("What they were started with", table(heads, rows, words=len(heads), kind="fine"))
    )


def _plain(value: object) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _grids(paths: Sequence[Path]) -> str:
    if not paths:
        return ""
    *before, last = spread(paths, GRIDS)
    shown = _sheet(last)
    if before:
        shown += folded(f"{len(before)} earlier", "".join(_sheet(path) for path in before))
    return shown


def spread(paths: Sequence[Path], count: int) -> list[Path]:
    """At most `count` of them at even steps, the first and the last among them."""
    if len(paths) <= count:
        return list(paths)
    return [paths[round(place * (len(paths) - 1) / (count - 1))] for place in range(count)]


def _sheet(path: Path) -> str:
    shot = thumbnail(path, GRID_SIDE)
    step = path.stem.removeprefix("step-").lstrip("0") or "0"
    name = f"after {escape(step)} steps"
    if shot.missing:
        return f'<figure class="sheet"><span class="gone">{shot.missing}</span><figcaption>{name}</figcaption></figure>'
    return (
        f'<figure class="sheet"><img src="{shot.url}" width="{shot.width}" height="{shot.height}" alt="{name}" '
        f'decoding="async"><figcaption>{name}</figcaption></figure>'
    )
