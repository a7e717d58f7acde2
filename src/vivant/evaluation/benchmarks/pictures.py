"""Whose picture a file is: ours and anyone's, by the case's name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from vivant.errors import InputError
from vivant.evaluation.benchmarks.cases import NUMBERED, Case


def pictures_of(
    folder: Path, cases: Iterable[Case], suffixes: Iterable[str]
) -> tuple[dict[str, list[Path]], list[Path]]:
    """Whose picture each file of a folder is: `<case>.png`, `<case>-0.png`, `<case>_1.jpg` or `<case>/anything.png`.

    Args:
        folder: anyone's pictures.
        cases: of the benchmark.
        suffixes: of pictures, lower case.

    Returns:
        Pictures of each case that has some, sorted by name; and pictures of no case.

    Raises:
        InputError: no such folder.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder of pictures")
    names, endings = {case.name for case in cases}, set(suffixes)
    found: dict[str, list[Path]] = {}
    strangers = []
    for path in sorted((*folder.glob("*"), *folder.glob("*/*")), key=_natural):
        if path.suffix.lower() not in endings or not path.is_file() or path.name.startswith("."):
            continue
        inside = path.parent != folder
        stem = path.parent.name if inside else path.stem
        numbered = NUMBERED.fullmatch(stem)
        case = stem if stem in names else numbered["case"] if numbered and not inside else None
        if case in names and case is not None:
            found.setdefault(case, []).append(path)
        elif not inside:
            strangers.append(path)
    return found, strangers


def _natural(path: Path) -> list[tuple[int, str]]:
    """Picture 2 before picture 10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", str(path))]
