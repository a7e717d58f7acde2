"""A finished data set read back from disk, with nothing in it trusted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image as PILImage
from pydantic import TypeAdapter, ValidationError

from vivant.data.photos import Reject
from vivant.data.records import METADATA, REJECTS
from vivant.errors import ImageError, StoreError
from vivant.files import read_jsonl
from vivant.images import read_image
from vivant.types import Image, Mask, Scene


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

    def read(self, name: str) -> Image:
        """Decode a picture that a scene names: HWC uint8, RGB or RGBA.

        Raises:
            StoreError: as for `path`, or the picture is broken.
        """
        try:
            return read_image(self.path(name), min_side=1)
        except ImageError as error:
            raise StoreError(f"{error}; it is one of the data set's own pictures: compose it again") from error

    def size(self, name: str) -> tuple[int, int]:
        """Height and width of a picture, from its header alone; errors as for `read`."""
        path = self.path(name)
        try:
            with PILImage.open(path) as opened:
                return opened.height, opened.width
        except (OSError, SyntaxError, ValueError, PILImage.DecompressionBombError) as error:
            raise StoreError(f"{path}: is broken ({error}); compose it again") from error

    def read_mask(self, name: str) -> Mask:
        """Decode a mask that a scene names: HW uint8; errors as for `read`."""
        return np.ascontiguousarray(self.read(name)[..., 0])


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
