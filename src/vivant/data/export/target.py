"""The folder that an export writes: built beside its place, moved there when it is whole."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from vivant.errors import StoreError
from vivant.files import read_json, write_bytes, write_json
from vivant.types import Record

MANIFEST = ".vivant-export.json"
"""Hidden, because readers of data sets take every other file for data."""


class Manifest(Record):
    """What an export says of itself.

    Attributes:
        format: which.
        data_set: hash of the path of the data set that it came from.
        fingerprint: hash of everything that decides its content.
        scenes: how many it holds.
        notes: what the user should know of it.
        files: every file in it, relative; empty while it is being written.
    """

    format: str
    data_set: str
    fingerprint: str
    scenes: int
    notes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of an export; None where there is none.

    Raises:
        StoreError: there is one, but it is broken.
    """
    path = folder / MANIFEST
    if not path.is_file():
        return None
    try:
        return Manifest.model_validate(read_json(path))
    except ValidationError as error:
        raise StoreError(f"{path}: is broken; delete {folder} to export anew") from error


class Target:
    """Files of one export. A file that an earlier, killed run has finished is not written again.

    Attributes:
        folder: where the files go for now.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def has(self, name: str) -> bool:
        """Whether the file is finished."""
        return (self.folder / name).is_file()

    def write(self, name: str, data: bytes | str) -> None:
        """Write a small file."""
        if not self.has(name):
            write_bytes(self.folder / name, data.encode() if isinstance(data, str) else data)

    def write_json(self, name: str, value: Any) -> None:
        """Write JSON with sorted keys, compact."""
        self.write(name, json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n")

    def copy(self, source: Path, name: str) -> None:
        """Copy the bytes of a file."""
        if not self.has(name):
            with self.file(name) as path:
                shutil.copyfile(source, path)

    @contextmanager
    def file(self, name: str) -> Iterator[Path]:
        """A path to write a large file to; it gets its name when the block ends without an error."""
        path = self.folder / name
        neighbour = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            yield neighbour
            neighbour.replace(path)
        except OSError as error:
            raise StoreError(f"{path}: cannot be written ({error.strerror or error})") from error
        finally:
            if neighbour.exists():
                neighbour.unlink()


def begin(out: Path, manifest: Manifest) -> Target | None:
    """Make sure that `out` may be written, and continue or start the work beside it.

    Returns:
        Where to write; None when `out` already holds exactly this export.

    Raises:
        StoreError: `out` holds something that is not ours to replace.
    """
    if out.exists() and not out.is_dir():
        raise StoreError(f"{out}: is a file; give a folder")
    if out.is_dir() and any(out.iterdir()):
        before = _earlier(out, manifest)
        _drop_replaced(out)
        there = {*_files(out)}
        if before.fingerprint == manifest.fingerprint and there >= {*before.files}:
            return None
        for name in sorted(there - {*before.files}):
            raise StoreError(f"{out}: holds {name!r}, which the export did not write; move it or choose another folder")
    work = _beside(out, "part")
    _make_ready(work, manifest)
    write_json(work / MANIFEST, manifest.model_dump(mode="json"))
    return Target(work)


def _make_ready(work: Path, manifest: Manifest) -> None:
    """Keep what a killed run of the same export has finished, drop what it has not, and any other export's work."""
    if not work.is_dir():
        return
    unfinished = read_manifest(work)
    if unfinished is None and any(not _is_leftover(path) for path in work.iterdir()):
        raise StoreError(f"{work}: is in the way and was not made by an export; move it")
    if unfinished is None or unfinished.fingerprint != manifest.fingerprint:
        shutil.rmtree(work)
        return
    for path in work.rglob(".*"):
        if _is_leftover(path):
            path.unlink()


def _is_leftover(path: Path) -> bool:
    return path.name.startswith(".") and path.suffix == ".tmp" and path.is_file()


def finish(out: Path, manifest: Manifest) -> Manifest:
    """Complete the manifest and move the work into place; an earlier export there gives way.

    Raises:
        StoreError: the folder cannot be moved.
    """
    work, old = _beside(out, "part"), _beside(out, "old")
    complete = manifest.model_copy(update={"files": tuple(_files(work))})
    write_json(work / MANIFEST, complete.model_dump(mode="json"))
    try:
        _drop_replaced(out)
        if out.is_dir():
            out.replace(old)
        work.replace(out)
        if old.is_dir():
            shutil.rmtree(old)
    except OSError as error:
        raise StoreError(f"{out}: cannot be put in place ({error.strerror or error}); it is in {work}") from error
    return complete


def _drop_replaced(out: Path) -> None:
    """Delete what a run killed amid the moves has left of the export before."""
    old = _beside(out, "old")
    if old.is_dir() and read_manifest(old) is not None:
        shutil.rmtree(old)


def _earlier(out: Path, manifest: Manifest) -> Manifest:
    """The manifest of an export of the same data set in the same format, which may be replaced."""
    before = read_manifest(out)
    if before is None:
        raise StoreError(f"{out}: is not empty and was not made by an export; choose another folder")
    if (before.data_set, before.format) != (manifest.data_set, manifest.format):
        raise StoreError(f"{out}: holds a {before.format} export of another data set or format; choose another folder")
    return before


def _files(folder: Path) -> list[str]:
    found = (path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    return sorted(name for path in found if (name := path.relative_to(folder).as_posix()) != MANIFEST)


def _beside(out: Path, suffix: str) -> Path:
    place = out.absolute()
    return place.with_name(f".{place.name}.{suffix}")
