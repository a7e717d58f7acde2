"""A finished data set read back from disk, with nothing in it trusted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pydantic import TypeAdapter, ValidationError

from vivant.data.photos import Reject
from vivant.errors import StoreError
from vivant.files import read_jsonl
from vivant.types import Scene

METADATA = "metadata.jsonl"
REJECTS = "rejects.jsonl"


@dataclass(frozen=True)
class DataSet:
    """What `read_data_set` found.

    Attributes:
        folder: where it lies; paths in the scenes are relative to it.
        scenes: in the order of ``metadata.jsonl``.
        rejects: what was left out on the way, with the reason.
    """

    folder: Path
    scenes: tuple[Scene, ...]
    rejects: tuple[Reject, ...] = ()

    def path(self, name: str) -> Path:
        """The file that a scene names.

        Raises:
            StoreError: the name is absolute, climbs out of the folder (also through a link), or no such file is there.
        """
        path = self.folder / name
        plain = PurePosixPath(name)
        if not name or plain.is_absolute() or ".." in plain.parts or "\0" in name:
            raise StoreError(f"{self.folder / METADATA}: {name!r} does not name a file inside the data set")
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise StoreError(f"{self.folder / METADATA}: {name!r} is a link that leads out of the data set")
        if not path.is_file():
            raise StoreError(f"{self.folder / METADATA}: {name!r} is named there, but no such file is in the data set")
        return path


def read_data_set(folder: Path) -> DataSet:
    """Read the scenes and the rejects of a data set.

    Raises:
        StoreError: no data set, or a broken row; names the file, the row and what is wrong with it.
    """
    if not (folder / METADATA).is_file():
        raise StoreError(f"{folder}: no {METADATA} in it; give a folder that `vivant compose` has made")
    scenes = []
    for number, row in enumerate(read_jsonl(folder / METADATA), start=1):
        try:
            scenes.append(Scene.model_validate(row))
        except ValidationError as error:
            raise StoreError(f"{folder / METADATA}, row {number}: {_describe(error)}") from error
    return DataSet(folder, tuple(scenes), _read_rejects(folder / REJECTS))


def _read_rejects(path: Path) -> tuple[Reject, ...]:
    if not path.is_file():
        return ()
    kind: TypeAdapter[Reject] = TypeAdapter(Reject)
    rejects = []
    for number, row in enumerate(read_jsonl(path), start=1):
        try:
            rejects.append(kind.validate_python(row))
        except ValidationError as error:
            raise StoreError(f"{path}, row {number}: {_describe(error)}") from error
    return tuple(rejects)


def _describe(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc']) or 'it'}: {first['msg']}"
