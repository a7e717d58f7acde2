"""What a check found: rows with interval, chance level and target, as values, JSON and Markdown."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

from vivant.errors import StoreError
from vivant.evaluation.statistics import Estimate


@dataclass(frozen=True)
class Row:
    """One figure.

    Attributes:
        part: which model it is about.
        name: what was measured.
        value, low, high: the figure and its 95 % interval; shares are 0..1.
        count: items that it was measured on.
        unit: "%" for a share, else as it is printed after the number.
        chance: what a model that knows nothing would reach, measured or by counting; None where there is no such level.
        target: what the GPU-trained family should reach; None where the figure is only reported.
        best: the same measure on the truth itself; None where it makes no sense.
    """

    part: str
    name: str
    value: float
    low: float
    high: float
    count: int
    unit: str = "%"
    chance: float | None = None
    target: float | None = None
    best: float | None = None

    @property
    def reached(self) -> bool | None:
        """Whether the target is reached; None without one."""
        return None if self.target is None else self.value >= self.target

    def said(self, value: float | None) -> str:
        """A value of this row as text."""
        if value is None or math.isnan(value):
            return "-"
        return f"{value * 100:.1f}" if self.unit == "%" else f"{value:.2f}" if not self.unit else f"{value:.1f}"


def row(part: str, name: str, estimate: Estimate, **more: Any) -> Row:
    """A row from an estimate."""
    return Row(part, name, estimate.value, estimate.low, estimate.high, estimate.count, **more)


@dataclass(frozen=True)
class Relation:
    """Text to image, one relation.

    Attributes:
        name: of the relation.
        seen: whether the base has been trained on it.
        count: pictures.
        kinds, background, relation: shares judged right.
    """

    name: str
    seen: bool
    count: int
    kinds: float
    background: float
    relation: float


@dataclass(frozen=True)
class Report:
    """All figures of one check.

    Attributes:
        rows: by model.
        relations: text to image by relation; empty without a base.
        device: in words.
        preview: whether the family was trained, or as far as is known checked, without a GPU.
        date: ISO, of the check.
        count, seed: of prompts and scenes.
        steps, guidance: of generation.
        seconds: that the check took, with pictures from an earlier one not made again.
        seconds_a_picture: of text to image, in batches; nan when all were there.
        missing: models that are not installed, and were left out.
    """

    rows: tuple[Row, ...]
    relations: tuple[Relation, ...]
    device: str
    preview: bool
    date: str
    count: int
    seed: int
    steps: int
    guidance: float
    seconds: float
    seconds_a_picture: float
    missing: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """Plain values; not-a-number is null."""
        cleaned: dict[str, Any] = _plain(asdict(self))
        return cleaned

    @classmethod
    def from_json(cls, values: Any) -> Report:
        """The inverse of `as_json`.

        Raises:
            StoreError: the values are of another shape.
        """
        try:
            rows = tuple(Row(**_numbers(one, ("value", "low", "high"))) for one in values["rows"])
            relations = tuple(Relation(**one) for one in values["relations"])
            rest = {key: value for key, value in values.items() if key not in ("rows", "relations", "missing")}
            rest = _numbers(rest, ("seconds_a_picture",))
            return cls(rows=rows, relations=relations, missing=tuple(values["missing"]), **rest)
        except (TypeError, KeyError) as error:
            raise StoreError(f"not a report of `vivant pocket check` ({error}): run the check again") from error


def table(report: Report) -> str:
    """The rows as a Markdown table."""
    head = "| model | measured | value | 95 % interval | chance | target | true scenes | items |\n"
    lines = [head + "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for one in report.rows:
        unit = f" {one.unit}" if one.unit else ""
        aim = "-" if one.target is None else f"{one.said(one.target)} {'✓' if one.reached else '✗'}"
        value = one.said(one.value)
        cells = (
            one.part,
            one.name,
            f"**{value}**{unit if value != '-' else ''}",
            f"{one.said(one.low)} to {one.said(one.high)}",
            one.said(one.chance),
            aim,
            one.said(one.best),
            str(one.count),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def relations_table(report: Report) -> str:
    """Text to image by relation as a Markdown table, the best first."""
    lines = ["| relation | trained on | relation right | kind right | background right | pictures |"]
    lines.append("| --- | --- | ---: | ---: | ---: | ---: |")
    for one in sorted(report.relations, key=lambda one: (not one.seen, -one.relation)):
        shares = " | ".join(f"{value * 100:.0f} %" for value in (one.relation, one.kinds, one.background))
        lines.append(f"| {one.name} | {'yes' if one.seen else 'no'} | {shares} | {one.count} |")
    return "\n".join(lines)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def _numbers(values: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return values | {name: math.nan for name in names if values[name] is None}
