"""Parquet with the pictures inside, as the Hugging Face hub and `datasets` read it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from vivant.data.export.names import shards
from vivant.data.export.target import Target
from vivant.data.reader import DataSet
from vivant.errors import MissingExtraError, StoreError
from vivant.progress import Ticker
from vivant.settings.export import ExportSettings
from vivant.types import Scene

ROWS = 32
"""Of a row group, the least that a reader decodes at once: about 50 MB at 1024 x 1024."""
CARD = """---
configs:
- config_name: default
  data_files:
  - split: train
    path: data/*.parquet
- config_name: references
  data_files:
  - split: train
    path: references/*.parquet
task_categories:
- text-to-image
---

# {name}

{scenes} scenes made by vivant. `load_dataset(path)` gives the scenes, `load_dataset(path, "references")` the photos and
cutouts of their subjects. Boxes are x0, y0, x1, y1 in [0, 1]; masks are 8-bit, what can be seen of the subject.
"""


def write_parquet(data_set: DataSet, target: Target, settings: ExportSettings, tick: Ticker) -> None:
    """``data/*.parquet`` (a row a scene), ``references/*.parquet`` (a row a photo or cutout) and ``README.md``.

    ``text`` is the caption that the settings ask for (both: on two lines); ``text_short`` and ``text_detailed`` are
    always there.

    Raises:
        MissingExtraError: `datasets` is not installed.
    """
    scores = sorted({name for scene in data_set.scenes for name in scene.scores})
    schema, reference_schema = _schemas(scores)
    sizes = [sum(data_set.path(file).stat().st_size for file in _files(scene)) for scene in data_set.scenes]
    runs = shards(sizes, settings.shard_mb * 1_000_000)
    for number, indices in enumerate(runs):
        name = f"data/train-{number:05d}-of-{len(runs):05d}.parquet"
        chosen = [data_set.scenes[index] for index in indices]
        _write(target, name, schema, (_row(data_set, scene, scores, settings) for scene in chosen), tick)
    _write(target, "references/train-00000-of-00001.parquet", reference_schema, _references(data_set), None)
    target.write("README.md", CARD.format(name=data_set.folder.resolve().name, scenes=len(data_set.scenes)))


def _schemas(scores: list[str]) -> tuple[Any, Any]:
    """Arrow schemas that carry the features, so that pictures come back as pictures."""
    try:
        from datasets import Features, Image, List, Value
    except ImportError as error:
        raise MissingExtraError("datasets", "datasets", "the Parquet export") from error
    subject = {
        "name": Value("string"),
        "noun": Value("string"),
        "box": List(Value("float64"), length=4),
        "covered": Value("float64"),
        "depth": Value("float64"),
        "reference": Value("string"),
        "keypoints": List(List(Value("float64"), length=3)),
        "mask": Image(),
    }
    scene: dict[str, Any] = {"image": Image()}
    scene |= {name: Value("string") for name in ("text", "text_short", "text_detailed", "background", "relation")}
    scene |= {"rating": Value("int64"), "subjects": List(subject), "made": Value("string")}
    if scores:  # Parquet has no empty struct
        scene["scores"] = {name: Value("float64") for name in scores}
    reference = {"image": Image(), "name": Value("string"), "noun": Value("string"), "kind": Value("string")}
    reference["file"] = Value("string")
    return Features(scene).arrow_schema, Features(reference).arrow_schema


def _write(target: Target, name: str, schema: Any, rows: Iterator[dict[str, Any]], tick: Ticker | None) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if target.has(name):
        return
    with target.file(name) as path, pq.ParquetWriter(path, schema, compression="zstd") as writer:
        group: list[dict[str, Any]] = []
        for row in rows:
            group.append(row)
            if len(group) == ROWS:
                writer.write_table(pa.Table.from_pylist(group, schema=schema))
                group = []
            if tick is not None:
                tick()
        if group:
            writer.write_table(pa.Table.from_pylist(group, schema=schema))


def _files(scene: Scene) -> list[str]:
    return [scene.file_name, *(one.mask for one in scene.subjects)]


def _picture(data_set: DataSet, name: str) -> dict[str, Any]:
    path = data_set.path(name)
    try:
        return {"bytes": path.read_bytes(), "path": path.name}
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror or error})") from error


def _row(data_set: DataSet, scene: Scene, scores: list[str], settings: ExportSettings) -> dict[str, Any]:
    texts = {"short": [scene.text], "detailed": [scene.text_detailed], "both": [scene.text, scene.text_detailed]}
    keypoints = scene.keypoints or (None,) * len(scene.subjects)
    return {
        "image": _picture(data_set, scene.file_name),
        "text": "\n".join(texts[settings.captions]),
        "text_short": scene.text,
        "text_detailed": scene.text_detailed,
        "background": scene.background,
        "relation": scene.relation,
        "rating": scene.rating,
        "scores": {name: scene.scores.get(name) for name in scores},
        "subjects": [
            {
                "name": one.name,
                "noun": one.noun,
                "box": list(one.box.as_tuple()),
                "covered": one.covered,
                "depth": one.depth,
                "reference": one.reference,
                "keypoints": None if points is None else [list(point) for point in points],
                "mask": _picture(data_set, one.mask),
            }
            for one, points in zip(scene.subjects, keypoints, strict=True)
        ],
        "made": json.dumps(scene.made, ensure_ascii=False, sort_keys=True),
    }


def _references(data_set: DataSet) -> Iterator[dict[str, Any]]:
    named: dict[str, tuple[str, str, str]] = {}
    for scene in data_set.scenes:
        for one in scene.subjects:
            for kind, file in (("photo", one.reference), ("cutout", one.cutout)):
                if file:
                    named.setdefault(file, (one.name, one.noun, kind))
    for file, (name, noun, kind) in sorted(named.items()):
        yield {"image": _picture(data_set, file), "name": name, "noun": noun, "kind": kind, "file": file}
