"""From scores of pictures to what a method is worth: by group, with intervals, ceilings and chance."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vivant import __version__
from vivant.errors import InputError
from vivant.evaluation.benchmarks.cases import Case
from vivant.evaluation.bleeding import confusion
from vivant.evaluation.scoring import PictureScores, Scores
from vivant.evaluation.statistics import Estimate, mean
from vivant.files import read_json, read_jsonl, write_json, write_jsonl

PICTURES, SUMMARY = "pictures.jsonl", "summary.json"
ALL = "all"
"""The group of all cases."""
_DIGITS = 6
_PLAIN = ("method", "benchmark", "cases", "scored", "pictures", "encoders", "confusion", "by_case")
"""Fields of a summary that JSON holds as they are."""


@dataclass(frozen=True)
class Summary:
    """A scored method.

    Attributes:
        method: its name.
        benchmark: which cases.
        cases: how many there are, and `scored` how many of them have pictures.
        pictures: how many were scored.
        encoders: role -> identity, all that the scores depend on besides the pictures; and the crop rule.
        groups: group -> score -> value with its interval; the group "all" holds every case.
        chance: the same against other cases' prompts and subjects.
        ceilings: the same of real photos of the subjects.
        confusion: "names", "columns" and "counts": whom the boxes of each subject are most like.
        by_case: score -> case -> mean over its pictures, for paired tests.
    """

    method: str
    benchmark: str
    cases: int
    scored: int
    pictures: int
    encoders: Mapping[str, Any]
    groups: Mapping[str, Mapping[str, Estimate]]
    chance: Mapping[str, Mapping[str, Estimate]]
    ceilings: Mapping[str, Mapping[str, Estimate]]
    confusion: Mapping[str, Any]
    by_case: Mapping[str, Mapping[str, float]]


def summarise(
    method: str,
    benchmark: str,
    cases: Sequence[Case],
    rows: Sequence[PictureScores],
    ceilings: Mapping[str, Mapping[str, float]],
    encoders: Mapping[str, Any],
    seed: int = 0,
) -> Summary:
    """Means by group, with intervals over resampled cases.

    Args:
        method: its name.
        benchmark: which cases.
        cases: all of the benchmark.
        rows: one a picture.
        ceilings: subject -> score -> value, as `References.ceilings` gives them.
        encoders: identities, and the crop rule.
        seed: of the resampling.
    """
    group = {case.name: case.group for case in cases}
    names = list(dict.fromkeys(case.group for case in cases))
    real = [(case.name, _mean_rows([ceilings.get(one.name, {}) for one in case.subjects])) for case in cases]

    def by_group(values: Sequence[tuple[str, Scores]]) -> dict[str, dict[str, Estimate]]:
        wanted = [*names, ALL] if len(names) > 1 else [ALL, *names]
        parts = {name: [item for item in values if name in (ALL, group[item[0]])] for name in wanted}
        return {name: _estimates(part, seed) for name, part in parts.items()}

    subjects = {case.name: [subject.name for subject in case.subjects] for case in cases}
    found = confusion([(subjects[row.case], row.likest) for row in rows])
    return Summary(
        method=method,
        benchmark=benchmark,
        cases=len(cases),
        scored=len({row.case for row in rows}),
        pictures=len(rows),
        encoders=dict(encoders),
        groups=by_group([(row.case, row.scores) for row in rows]),
        chance=by_group([(row.case, row.chance) for row in rows]),
        ceilings=by_group(real),
        confusion={
            "names": list(found.names),
            "columns": list(found.columns),
            "counts": found.counts.tolist(),
            "mistaken": _plain(found.mistaken),
        },
        by_case=_by_case(rows),
    )


def _estimates(values: Sequence[tuple[str, Scores]], seed: int) -> dict[str, Estimate]:
    found = {}
    for score in dict.fromkeys(name for _, scores in values for name in scores):
        pairs = [(case, scores[score]) for case, scores in values if score in scores]
        found[score] = mean([value for _, value in pairs], [case for case, _ in pairs], seed)
    return found


def _mean_rows(rows: Sequence[Mapping[str, float]]) -> Scores:
    """Of subjects that all have one; a case with a subject of a single photo has no ceiling."""
    common = set.intersection(*(set(row) for row in rows)) if rows else set()
    return {score: math.fsum(row[score] for row in rows) / len(rows) for score in sorted(common)}


def _by_case(rows: Sequence[PictureScores]) -> dict[str, dict[str, float]]:
    values: dict[str, dict[str, list[float]]] = {}
    for row in rows:
        for score, value in row.scores.items():
            values.setdefault(score, {}).setdefault(row.case, []).append(value)
    return {
        score: {case: round(math.fsum(numbers) / len(numbers), _DIGITS) for case, numbers in cases.items()}
        for score, cases in values.items()
    }


def write_scores(folder: Path, summary: Summary, rows: Sequence[PictureScores]) -> None:
    """Write `pictures.jsonl`, a line a picture, and `summary.json`.

    Args:
        folder: `scores/<method>` in the benchmark's; pictures in the benchmark's folder are named relative to it.
        summary: of the method.
        rows: one a picture.

    Raises:
        StoreError: the folder cannot be written.
    """
    bench = folder.resolve().parent.parent
    write_jsonl(
        folder / PICTURES,
        (
            {
                "case": row.case,
                "file": row.file.name,
                "path": _relative(row.file.resolve(), bench),
                "digest": row.digest,
                "scores": _rounded(row.scores),
                "chance": _rounded(row.chance),
                "boxes": [None if box is None else [round(edge, 4) for edge in box] for box in row.boxes],
                "likest": list(row.likest),
            }
            for row in rows
        ),
    )
    write_json(folder / SUMMARY, {"version": __version__, **_jsonable(asdict(summary))})


def read_summary(folder: Path) -> Summary:
    """A scored method.

    Raises:
        InputError: the file is none of ours.
        StoreError: it is not there.
    """
    value = read_json(folder / SUMMARY)
    try:
        tables: dict[str, Any] = {
            part: {
                group: {score: Estimate(**_with_nan(entry)) for score, entry in scores.items()}
                for group, scores in value[part].items()
            }
            for part in ("groups", "chance", "ceilings")
        }
        plain: dict[str, Any] = {name: value[name] for name in _PLAIN}
        return Summary(**plain, **tables)
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{folder / SUMMARY}: no summary of vivant evaluate: score the pictures again") from error


def read_rows(folder: Path) -> list[dict[str, Any]]:
    """Lines of `pictures.jsonl`.

    Raises:
        StoreError: it is not there, or no JSON lines.
    """
    return list(read_jsonl(folder / PICTURES))


def add_scores(rows: Sequence[PictureScores], read: Callable[[Sequence[PictureScores]], Sequence[Scores]]) -> None:
    """Let somebody who knows more add scores of their own, as the judge of the world does."""
    for row, more in zip(rows, read(rows), strict=True):
        row.scores.update(more)


def _relative(path: Path, folder: Path) -> str:
    return (path.relative_to(folder) if path.is_relative_to(folder) else path).as_posix()


def _rounded(scores: Scores) -> Scores:
    return {name: round(value, _DIGITS) for name, value in scores.items() if not math.isnan(value)}


def _jsonable(value: Any) -> Any:
    """JSON has no nan."""
    if isinstance(value, dict):
        return {key: _jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(item) for item in value]
    return _plain(value) if isinstance(value, float) else value


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else round(value, _DIGITS)


def _with_nan(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: float("nan") if value is None else value for name, value in entry.items()}
