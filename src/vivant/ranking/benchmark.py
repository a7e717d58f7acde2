"""A benchmark of ``vivant evaluate`` as something to rate: its methods' pictures, by case."""

from __future__ import annotations

from pathlib import Path

from vivant.evaluation.benchmarks.cases import BENCHMARK, CASES, METHODS, Case, CaseSubject, read_manifest
from vivant.evaluation.benchmarks.pictures import pictures_of
from vivant.images import SUFFIXES
from vivant.ranking.items import RELATION_CRITERIA, SCENE_CRITERIA, Item, ItemSubject, Listed


def is_benchmark(folder: Path) -> bool:
    """Whether a folder is one that ``vivant evaluate cases`` wrote."""
    return (folder / BENCHMARK).is_file() and (folder / CASES).is_file()


def benchmark(folder: Path) -> Listed:
    """The pictures that methods drew of a benchmark's cases.

    The caption is the case's prompt, whatever a method drew it from: a learned word in it would tell the method. The
    n-th picture of a case is compared with the n-th one of another method. Photos outside the folder are not shown.

    Raises:
        InputError: broken cases.
        StoreError: files that cannot be read.
    """
    manifest = read_manifest(folder)
    cases = {case.name: case for case in manifest.cases}
    items = []
    for place in sorted((folder / METHODS).glob("*/")):
        found, _ = pictures_of(place, manifest.cases, SUFFIXES)
        for name, paths in found.items():
            own = [path for path in paths if _within(folder, path)]
            items += [_item(folder, place.name, cases[name], number, path) for number, path in enumerate(own)]
    relation = any(case.predicate for case in manifest.cases)
    title = folder.resolve().name or "benchmark"
    return Listed(folder, title, RELATION_CRITERIA if relation else SCENE_CRITERIA, tuple(items))


def _item(folder: Path, method: str, case: Case, number: int, path: Path) -> Item:
    name = path.relative_to(folder).as_posix()
    return Item(
        key=name,
        picture=name,
        caption=case.prompt,
        subjects=tuple(_subject(folder, one) for one in case.subjects),
        relation=case.predicate or "",
        background=case.background or "",
        method=method,
        case=f"{case.name}-{number}",
    )


def _subject(folder: Path, subject: CaseSubject) -> ItemSubject:
    shown = [photo.relative_to(folder).as_posix() for photo in subject.photos if _within(folder, photo)]
    return ItemSubject(subject.noun, tuple(shown), likeness=next(iter(shown), ""))


def _within(folder: Path, path: Path) -> bool:
    """Whether a file lies in a folder, links followed, and is named from it."""
    return path.is_relative_to(folder) and path.resolve().is_relative_to(folder.resolve()) and path.is_file()
