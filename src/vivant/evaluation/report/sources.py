"""What a report is made of: training runs and scored benchmarks, read so that one broken line costs that line only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from vivant.errors import InputError, StoreError, VivantError
from vivant.evaluation.benchmarks.cases import BENCHMARK, CASES, METHODS, Manifest, read_manifest
from vivant.evaluation.summary import ALL, PICTURES, SUMMARY, Summary, read_summary
from vivant.files import read_json
from vivant.training.log import SCALARS

SETTINGS, FIGURES, GRIDS = "settings.json", "figures.json", "validation/step-*.png"
"""What a run's folder holds beside its curves."""
SCORES = "scores"
LARGEST = 1e300
NOTES = 3
"""Of one file; further ones are counted."""


class Line(BaseModel):
    """A scored picture, as `pictures.jsonl` has it.

    Attributes:
        case: whose picture it is.
        file: its name, and `path` where it lies, from the benchmark's folder.
        digest: SHA-256 of the file.
        scores: name -> value.
        boxes: x0, y0, x1, y1 of each subject in [0, 1], None where none was found.
        likest: whom each subject's box is most like, by number; -1 without a box.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    case: str
    file: str
    path: str | None = None
    digest: str
    scores: dict[str, float]
    boxes: tuple[tuple[float, float, float, float] | None, ...] = ()
    likest: tuple[int, ...] = ()


@dataclass(frozen=True)
class Method:
    """A scored method.

    Attributes:
        summary: its numbers.
        pictures: case -> its pictures, in order.
        folder: of its pictures, where `vivant evaluate generate` draws.
    """

    summary: Summary
    pictures: dict[str, list[Line]]
    folder: Path

    @property
    def name(self) -> str:
        """As the tables call it."""
        return self.summary.method


@dataclass(frozen=True)
class Evaluation:
    """A benchmark with at least one scored method; `notes` say what could not be read."""

    name: str
    folder: Path
    manifest: Manifest
    methods: tuple[Method, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """A training run.

    Attributes:
        name: of its folder.
        settings: that it was started with.
        rows: numbers a step: {"step": 3.0, "total": 0.12}.
        grids: files of validation pictures, first to last.
        figures: other numbers that it left, by name.
        notes: what could not be read.
    """

    name: str
    settings: dict[str, Any]
    rows: tuple[dict[str, float], ...]
    grids: tuple[Path, ...]
    figures: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_source(folder: Path) -> Run | Evaluation:
    """A run's folder, or a benchmark's.

    Args:
        folder: either.

    Raises:
        InputError: it is neither, or nothing in it is scored yet.
        StoreError: its files cannot be read.
    """
    if not folder.exists():
        raise InputError(f"{folder}: no such folder")
    if (folder / CASES).is_file() and ((folder / BENCHMARK).is_file() or (folder / SCORES).is_dir()):
        return read_evaluation(folder)
    if (folder / SCALARS).is_file() or ((folder / SETTINGS).is_file() and not (folder / "metadata.jsonl").is_file()):
        return read_run(folder)
    inside = sorted(path.parent for name in (SCALARS, BENCHMARK) for path in folder.glob(f"*/{name}"))
    hint = f"; did you mean {folder}/*, as {inside[0]}?" if inside else ""
    raise InputError(f"{folder}: neither a training run ({SCALARS}) nor an evaluation ({CASES} and {BENCHMARK}){hint}")


def read_run(folder: Path) -> Run:
    """A training run, finished or not.

    Raises:
        StoreError: its curves cannot be read at all.
    """
    notes: list[str] = []
    settings = _table(folder / SETTINGS, notes)
    rows = [_numbers(row) for row in good_lines(folder / SCALARS, notes, still_written=True)]
    kept = sorted((row for row in rows if row.get("step", -1) >= 0), key=lambda row: row["step"])
    if len(kept) < len(rows):
        notes.append(f"{folder / SCALARS}: {len(rows) - len(kept)} lines have no step and are left out")
    if not kept:
        notes.append(f"{folder}: no step is logged yet")
    figures = _flat(_table(folder / FIGURES, notes)) if (folder / FIGURES).is_file() else {}
    return Run(
        name=folder.resolve().name,
        settings=settings,
        rows=tuple(kept),
        grids=tuple(sorted(folder.glob(GRIDS))),
        figures=figures,
        notes=tuple(notes),
    )


def read_evaluation(folder: Path) -> Evaluation:
    """A benchmark with its scored methods. Arguments and errors as in `read_source`."""
    manifest = read_manifest(folder)
    notes: list[str] = []
    found: list[Method] = []
    for place in sorted(path.parent for path in folder.glob(f"{SCORES}/*/{SUMMARY}")):
        try:
            found.append(_method(folder, place, notes))
        except VivantError as error:
            notes.append(f"{error}; the method is left out")
    if not found:
        unscored = f"{folder}: nothing is scored yet: vivant evaluate score {folder} PICTURES"
        raise InputError(notes[0] if notes else unscored)
    return Evaluation(
        name=folder.resolve().name,
        folder=folder,
        manifest=manifest,
        methods=tuple(found),
        notes=tuple(notes),
    )


def choose(evaluations: Sequence[Evaluation], methods: Sequence[str]) -> list[Evaluation]:
    """Evaluations with these methods only, in this order; one that has none of them is left out.

    Args:
        evaluations: with all their methods.
        methods: names, as tables or folders call them; none for all.

    Raises:
        InputError: no evaluation has a method of that name.
    """
    if not methods:
        return list(evaluations)
    named = [
        {one.folder.name: one for one in each.methods} | {one.name: one for one in each.methods} for each in evaluations
    ]
    known = list(dict.fromkeys(one.name for each in evaluations for one in each.methods))
    for name in methods:
        if not any(name in each for each in named):
            raise InputError(f"no scored method {name!r}; there is {', '.join(known) or 'none'}")
    found = []
    for evaluation, each in zip(evaluations, named, strict=True):
        kept = {each[name].folder: each[name] for name in methods if name in each}
        if kept:
            found.append(replace(evaluation, methods=tuple(kept.values())))
    return found


def good_lines(path: Path, notes: list[str], *, still_written: bool = False) -> list[dict[str, Any]]:
    """Objects of a JSON-lines file; lines that are none are told of and left out.

    Args:
        path: of the file; one that is not there has no lines.
        notes: gets a line a broken line, up to `NOTES`.
        still_written: the last line may be half there, as a killed process leaves it, and is no news.

    Raises:
        StoreError: the file cannot be read.
    """
    if not path.is_file():
        return []
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror or error})") from error
    rows, broken = [], []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if isinstance(row, dict):
            rows.append(row)
        elif not (still_written and number == len(lines)):
            broken.append(number)
    notes += [f"{path}, line {number}: not a JSON object, left out" for number in broken[:NOTES]]
    if broken[NOTES:]:
        notes.append(f"{path}: {len(broken) - NOTES} more lines are broken and left out")
    return rows


def _method(folder: Path, place: Path, notes: list[str]) -> Method:
    summary = read_summary(place)
    _check(summary, place / SUMMARY)
    pictures: dict[str, list[Line]] = {}
    bad = 0
    for row in good_lines(place / PICTURES, notes):
        try:
            line = Line.model_validate(row)
        except ValidationError:
            bad += 1
            continue
        pictures.setdefault(line.case, []).append(line)
    if bad:
        notes.append(f"{place / PICTURES}: {bad} lines are no scored pictures and are left out")
    return Method(summary, pictures, folder / METHODS / place.name)


def _check(summary: Summary, path: Path) -> None:
    """Raises: InputError: a summary whose values have other types than ours; somebody edited it."""
    names, columns, counts = (summary.confusion.get(part, ()) for part in ("names", "columns", "counts"))
    try:
        TypeAdapter(Summary).validate_python(asdict(summary))
        fits = len(columns) == len(names) + 1 and len(counts) == len(names)
        fits = fits and all(len(row) == len(columns) and all(type(n) is int for n in row) for row in counts)
    except (ValidationError, TypeError):
        fits = False
    if not fits or ALL not in summary.groups or not set(summary.groups[ALL]) <= set(summary.by_case):
        raise InputError(f"{path}: no summary of vivant evaluate: score the pictures again")


def _table(path: Path, notes: list[str]) -> dict[str, Any]:
    """A JSON object, or nothing and a note."""
    if not path.is_file():
        return {}
    try:
        value = read_json(path)
    except (StoreError, RecursionError) as error:
        notes.append(str(error))
        return {}
    if not isinstance(value, dict):
        notes.append(f"{path}: not a JSON object")
        return {}
    return value


def _numbers(row: dict[str, Any]) -> dict[str, float]:
    return {str(name): float(value) for name, value in row.items() if _is_number(value)}


def _is_number(value: Any) -> bool:
    """Whether it is one that a chart can show; not nan, not infinite, no integer of a thousand digits."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -LARGEST < value < LARGEST


def _flat(table: dict[str, Any], before: str = "") -> dict[str, float]:
    """Numbers of nested tables, as "after / cosine"."""
    found: dict[str, float] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{before}{name} / ")
        elif _is_number(value):
            found[f"{before}{name}"] = float(value)
    return found
