"""Flat, safe and unique file names for the pictures of a data set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from vivant.data.naming import safe_name
from vivant.types import Scene


def flat_stems(scenes: Sequence[Scene]) -> list[str]:
    """A file name without suffix for every scene: its own where that is unique, else numbered."""
    return unique_names([PurePosixPath(scene.file_name).stem for scene in scenes])


def unique_names(names: Sequence[str]) -> list[str]:
    """Safe file names, one for each, none equal to another, also where upper and lower case are one."""
    taken: set[str] = set()
    result = []
    for name in names:
        base = safe_name(name)
        chosen, number = base, 2
        while chosen.casefold() in taken:
            chosen, number = f"{base}-{number}", number + 1
        taken.add(chosen.casefold())
        result.append(chosen)
    return result


def shards(sizes: Sequence[int], limit: int) -> list[range]:
    """Indices in order, in runs of at most `limit` bytes; a larger item gets a run of its own."""
    runs: list[range] = []
    start, total = 0, 0
    for index, size in enumerate(sizes):
        if index > start and total + size > limit:
            runs.append(range(start, index))
            start, total = index, 0
        total += size
    return [*runs, range(start, len(sizes))]
