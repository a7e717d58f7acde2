"""A case: a prompt, the subjects in it and what is true of it. A manifest: all cases of a benchmark, on disk."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationError, model_validator

from vivant import __version__
from vivant.data.naming import safe_name
from vivant.errors import InputError
from vivant.evaluation.metrics import background_words, predicate
from vivant.files import read_json, read_jsonl, write_json, write_jsonl
from vivant.types import Record
from vivant.world.script import article

CASES, BENCHMARK = "cases.jsonl", "benchmark.json"
METHODS = "methods"
"""Where `vivant evaluate generate` draws, a folder a method."""
_PLACE = re.compile(r"(?:\b(?P<article>[Aa])n? )?(?P<before>(?:[\w-]+ )?)\{\s*(?P<number>\d*)\s*\}")
NUMBERED = re.compile(r"(?P<case>.+)[-_.](?P<number>\d+)")
"""How a picture is called after its case."""


class CaseSubject(Record):
    """One subject of a case.

    Attributes:
        name: unique in the benchmark, as the folder of its photos.
        noun: what the prompt calls it.
        photos: at least one.
    """

    name: str = Field(min_length=1)
    noun: str = Field(min_length=1)
    photos: tuple[Path, ...] = Field(min_length=1)


class Truth(Record):
    """What a picture of the world has to show, in the world's own names.

    Attributes:
        relation, backdrop: names.
        kinds: of the subjects, in their order.
    """

    relation: str
    backdrop: str
    kinds: tuple[str, ...]


class Case(Record):
    """One line of a manifest.

    Attributes:
        name: of its pictures' files.
        group: what a table sums up separately: "single", "multi", "<= 3", "4".
        prompt: names every subject.
        subjects: in the order of the prompt's grammar.
        predicate: for CLIP-R; None where the prompt says no relation.
        background: for TI-CLIP; None where the prompt names no place.
        truth: where it is known.

    Raises:
        ValueError: a name that is not one for a file.
    """

    name: str = Field(min_length=1)
    group: str = Field(min_length=1)
    prompt: str = Field(min_length=1)
    subjects: tuple[CaseSubject, ...] = Field(min_length=1)
    predicate: str | None = None
    background: str | None = None
    truth: Truth | None = None

    @model_validator(mode="after")
    def _named_for_files(self) -> Self:
        if safe_name(self.name) != self.name:
            raise ValueError(f"{self.name!r} is no name for a file: write {safe_name(self.name)!r}")
        return self


class Manifest(Record):
    """A benchmark, ready to be drawn and scored.

    Attributes:
        benchmark: its name.
        samples: pictures a case.
        options: what its cases were made with.
        cases: in order.
    """

    benchmark: str
    samples: int = Field(ge=1)
    options: dict[str, Any] = Field(default_factory=dict)
    cases: tuple[Case, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        names = [case.name for case in self.cases]
        if len(set(names)) < len(names):
            raise ValueError(f"two cases are called {next(name for name in names if names.count(name) > 1)!r}")
        for name in names:
            found = NUMBERED.fullmatch(name)
            if found and found["case"] in names:
                raise ValueError(f"a picture {name!r} would be of the case {name!r} or one of {found['case']!r}")
        return self


def make_case(
    name: str, group: str, template: str, subjects: Sequence[CaseSubject], truth: Truth | None = None
) -> Case:
    """A case from a template; predicate and background are read from the sentence.

    Args:
        name: of the case; made fit for a file.
        group: see `Case`.
        template: a sentence with a `{}` a subject, or with their nouns in it.
        subjects: in the order of the places.
        truth: where it is known.

    Raises:
        InputError: another number of places than subjects, or a subject that the sentence does not name.
    """
    prompt = fill(template, [subject.noun for subject in subjects])
    background = background_words(prompt, [subject.noun for subject in subjects])
    return Case(
        name=safe_name(name),
        group=group,
        prompt=prompt,
        subjects=tuple(subjects),
        predicate=_predicate(prompt),
        background=background or None,
        truth=truth,
    )


def fill(template: str, nouns: Sequence[str]) -> str:
    """A sentence with nouns in its places `{}` or `{0}`, `{1}`; "a" becomes "an" where the noun wants it.

    A template without a place is a sentence already.

    Raises:
        InputError: another number of places than nouns.
    """
    places = _PLACE.findall(template)
    if not places:
        return template
    numbers = [int(number) if number else index for index, (*_, number) in enumerate(places)]
    if set(numbers) != set(range(len(nouns))):
        raise InputError(f"{template!r} has places for {len(set(numbers))} subjects, but {len(nouns)} are given")
    following = iter(numbers)

    def filled(found: re.Match[str]) -> str:
        words = f"{found['before']}{nouns[next(following)]}"
        if not found["article"]:
            return words
        wanted = article(words)
        return f"{wanted.capitalize() if found['article'] == 'A' else wanted} {words}"

    return _PLACE.sub(filled, template)


def _predicate(prompt: str) -> str | None:
    try:
        return predicate(prompt)
    except InputError:
        return None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write `cases.jsonl` and `benchmark.json`; photos inside the folder are named relative to it.

    Raises:
        InputError: another benchmark lies there already.
        StoreError: it cannot be written.
    """
    about = {
        "benchmark": manifest.benchmark,
        "samples": manifest.samples,
        "options": manifest.options,
        "version": __version__,
    }
    rows = [_relative(case.model_dump(mode="json"), folder.resolve()) for case in manifest.cases]
    if (folder / CASES).exists() and list(read_jsonl(folder / CASES)) != rows:
        raise InputError(f"{folder}: holds other cases: choose another folder, or remove {CASES} and its pictures")
    write_jsonl(folder / CASES, rows)
    write_json(folder / BENCHMARK, about)


def read_manifest(folder: Path) -> Manifest:
    """A benchmark's cases, as `write_manifest` wrote them.

    Raises:
        InputError: a line that is no case, with its number; or two cases that cannot be told apart.
        StoreError: the files are not there.
    """
    about = read_json(folder / BENCHMARK)
    cases = read_cases(folder / CASES)
    try:
        return Manifest(
            benchmark=about["benchmark"], samples=about["samples"], options=about.get("options", {}), cases=cases
        )
    except (ValidationError, KeyError, TypeError) as error:
        raise InputError(f"{folder}: no benchmark ({_first(error)})") from error


def read_cases(path: Path) -> tuple[Case, ...]:
    """Cases of a JSON-lines file: whole ones, or a user's own with prompt and subjects, the rest filled in.

    Paths of photos are relative to the file's folder.

    Raises:
        InputError: a line that is no case, with its number.
        StoreError: the file cannot be read.
    """
    cases = []
    for number, row in enumerate(read_jsonl(path), start=1):
        try:
            cases.append(_completed(row, number, path.parent))
        except (ValidationError, ValueError, InputError, KeyError, TypeError) as error:
            raise InputError(f"{path}, case {number}: {_first(error)}") from error
    if not cases:
        raise InputError(f"{path}: holds no case; write one a line: prompt, and subjects with noun and photos")
    return tuple(cases)


def _completed(row: Mapping[str, Any], number: int, folder: Path) -> Case:
    given = [dict(subject) for subject in row["subjects"]]
    for subject in given:
        subject["photos"] = [folder / Path(photo).expanduser() for photo in subject["photos"]]
        subject.setdefault("name", next((photo.parent.name for photo in subject["photos"]), ""))
    subjects = [CaseSubject.model_validate(subject) for subject in given]
    if {"name", "group", "predicate", "background"} <= row.keys():
        return Case.model_validate({**row, "subjects": subjects})
    group = row.get("group") or ("multi" if len(subjects) > 1 else "single")
    name = row.get("name") or f"{number:04d}"
    made = make_case(name, group, row["prompt"], subjects)
    return Case.model_validate({**made.model_dump(), **row, "subjects": subjects, "name": made.name, "group": group})


def _relative(row: dict[str, Any], folder: Path) -> dict[str, Any]:
    for subject in row["subjects"]:
        paths = (Path(photo).resolve() for photo in subject["photos"])
        subject["photos"] = [
            (path.relative_to(folder) if path.is_relative_to(folder) else path).as_posix() for path in paths
        ]
    return row


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        found = error.errors()[0]
        return f"{'.'.join(map(str, found['loc']))} {found['msg']}".strip()
    return f"no {error.args[0]}" if isinstance(error, KeyError) else str(error)
