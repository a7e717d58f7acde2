"""WebDataset: tar files of samples that stream from anywhere."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from vivant.data.export.names import shards
from vivant.data.export.target import Target
from vivant.data.reader import DataSet
from vivant.errors import StoreError
from vivant.images import encode_png
from vivant.progress import Ticker
from vivant.settings.export import ExportSettings
from vivant.types import Scene

BLOCK = 512
"""A tar file's header and the grain of its content, in bytes."""


def write_webdataset(data_set: DataSet, target: Target, settings: ExportSettings, tick: Ticker) -> None:
    """``000000.tar``, ``000001.tar`` …, each with ``NNNNNN.png``, ``.txt``, ``.json``, ``.mask0.png`` … a scene.

    Every sample has the same parts, as readers expect: a scene with fewer subjects than another has empty masks at the
    end. The same data set gives the same bytes: times and owners are zero.
    """
    most = max(len(scene.subjects) for scene in data_set.scenes)
    sizes = [_size(data_set, scene) for scene in data_set.scenes]
    scores = sorted({name for scene in data_set.scenes for name in scene.scores})
    for number, indices in enumerate(shards(sizes, settings.shard_mb * 1_000_000)):
        name = f"{number:06d}.tar"
        if not target.has(name):
            with target.file(name) as path, tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
                for index in indices:
                    for part, data in _sample(data_set, data_set.scenes[index], most, scores, settings):
                        _add(tar, f"{index:06d}.{part}", data)
        for _ in indices:
            tick()


def _size(data_set: DataSet, scene: Scene) -> int:
    files = [scene.file_name, *(one.mask for one in scene.subjects)]
    return sum(data_set.path(file).stat().st_size + 2 * BLOCK for file in files)


def _sample(
    data_set: DataSet, scene: Scene, most: int, scores: list[str], settings: ExportSettings
) -> Iterator[tuple[str, bytes]]:
    suffix = PurePosixPath(scene.file_name).suffix.lower().lstrip(".")
    yield suffix, _bytes(data_set.path(scene.file_name))
    yield "json", json.dumps(_record(scene, scores), ensure_ascii=False, sort_keys=True).encode()
    yield "txt", _text(scene, settings).encode()
    for index, one in enumerate(scene.subjects):
        yield f"mask{index}.png", _bytes(data_set.path(one.mask))
    if len(scene.subjects) < most:
        empty = _empty_mask(*data_set.size(scene.file_name))
        for index in range(len(scene.subjects), most):
            yield f"mask{index}.png", empty


@lru_cache(maxsize=64)  # the same bytes for every scene of a size
def _empty_mask(height: int, width: int) -> bytes:
    return encode_png(np.zeros((height, width), dtype=np.uint8))


def _text(scene: Scene, settings: ExportSettings) -> str:
    lines = {"short": [scene.text], "detailed": [scene.text_detailed], "both": [scene.text, scene.text_detailed]}
    return "\n".join(lines[settings.captions])


def _record(scene: Scene, scores: list[str]) -> dict[str, Any]:
    """The scene in types that are the same in every sample: readers take them from the first few.

    No relation is "", no rating 0, no score null; keypoints and recipe are JSON texts.
    """
    return {
        "text": scene.text,
        "text_detailed": scene.text_detailed,
        "background": scene.background,
        "relation": scene.relation or "",
        "rating": scene.rating or 0,
        "scores": {name: scene.scores.get(name) for name in scores},
        "subjects": [
            {"name": one.name, "noun": one.noun, "box": list(one.box.as_tuple()), "mask": f"mask{index}.png"}
            | {"covered": one.covered, "depth": one.depth}
            for index, one in enumerate(scene.subjects)
        ],
        "keypoints": json.dumps(scene.keypoints) if scene.keypoints else "",
        "made": json.dumps(scene.made, ensure_ascii=False, sort_keys=True),
    }


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror or error})") from error


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)  # owner and time are zero
    entry.size = len(data)
    tar.addfile(entry, io.BytesIO(data))
