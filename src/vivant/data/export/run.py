"""One function for every format: check the set, write beside the place, move it there."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from vivant.data.export.coco import write_coco
from vivant.data.export.concepts import concept_tokens, write_concepts
from vivant.data.export.pairs import write_ai_toolkit, write_kohya
from vivant.data.export.parquet import write_parquet
from vivant.data.export.target import Manifest, Target, begin, finish, read_manifest
from vivant.data.export.webdataset import write_webdataset
from vivant.data.export.words import is_told_apart
from vivant.data.reader import DataSet, read_data_set
from vivant.data.records import METADATA
from vivant.errors import SettingsError, StoreError
from vivant.images import content_hash
from vivant.progress import Ticker
from vivant.settings.export import ExportSettings, Format

Writer = Callable[[DataSet, Target, ExportSettings, Ticker], None]
WRITERS: dict[Format, Writer] = {
    "coco": write_coco,
    "webdataset": write_webdataset,
    "parquet": write_parquet,
    "concepts": write_concepts,
    "kohya": write_kohya,
    "ai-toolkit": write_ai_toolkit,
}
WITH_TOKENS: frozenset[Format] = frozenset({"concepts", "kohya", "ai-toolkit"})
VERSION = 1
"""Of what the writers write: a change of it makes an earlier export out of date."""


@dataclass(frozen=True)
class ExportReport:
    """What an export did.

    Attributes:
        out: where it is.
        scenes: how many it holds.
        files: how many it consists of.
        unchanged: it was there already, nothing was written.
        notes: what the user should know.
    """

    out: Path
    scenes: int
    files: int
    unchanged: bool
    notes: tuple[str, ...]


def export(data: Path, out: Path, format: str, settings: ExportSettings | None = None) -> ExportReport:
    """Write a data set on disk in the format of another tool.

    Args:
        data: folder of the data set.
        out: folder to write; missing, empty, or an earlier export of the same set in the same format.
        format: "coco", "webdataset", "parquet", "concepts", "kohya" or "ai-toolkit".
        settings: captions, tokens, sizes; the defaults without.

    Raises:
        SettingsError: an unknown format, or tokens that do not fit the set or the format.
        StoreError: the set is broken or names files outside itself, or `out` is not ours to write.
        MissingExtraError: the format needs a library that is not installed.
    """
    return export_set(read_data_set(data), out, format, settings or ExportSettings(), _no_tick)


def export_set(data_set: DataSet, out: Path, format: str, settings: ExportSettings, tick: Ticker) -> ExportReport:
    """`export` of a data set that has been read; `tick` is told of every scene."""
    chosen = _known_format(format)
    if not data_set.scenes:
        raise StoreError(f"{data_set.folder / METADATA}: has no scenes to export")
    _check_tokens(data_set, chosen, settings)
    _check_places(data_set, out)
    manifest = Manifest(
        format=chosen,
        data_set=content_hash(str(data_set.folder.resolve())),
        fingerprint=_fingerprint(data_set, chosen, settings),
        scenes=len(data_set.scenes),
        notes=_notes(data_set, chosen, settings),
    )
    target = begin(out, manifest)
    if target is None:
        found = read_manifest(out) or manifest
        return ExportReport(out, found.scenes, len(found.files), unchanged=True, notes=found.notes)
    WRITERS[chosen](data_set, target, settings, tick)
    written = finish(out, manifest)
    return ExportReport(out, written.scenes, len(written.files), unchanged=False, notes=written.notes)


def _no_tick(*, rejected: bool = False) -> None:
    """For whoever does not count."""


def _known_format(format: str) -> Format:
    for known in WRITERS:
        if known == format:
            return known
    near = difflib.get_close_matches(format, get_args(Format), n=1)
    hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(get_args(Format))}"
    raise SettingsError(f"unknown export format {format!r}; {hint}")


def _check_tokens(data_set: DataSet, format: Format, settings: ExportSettings) -> None:
    if settings.tokens and format not in WITH_TOKENS:
        raise SettingsError(f"tokens go into captions of {', '.join(sorted(WITH_TOKENS))}, not of {format}")
    names = sorted({one.name for scene in data_set.scenes for one in scene.subjects})
    for name in settings.tokens:
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names)}"
            raise SettingsError(f"a token for {name!r}, but no scene shows such a subject; {hint}")


def _check_places(data_set: DataSet, out: Path) -> None:
    """Before anything is written: all files are there, and the export does not mix with the set."""
    inside, target = data_set.folder.resolve(), out.resolve()
    if target == inside or inside.is_relative_to(target):
        raise StoreError(f"{out}: is or holds the data set itself; choose another folder")
    for scene in data_set.scenes:
        for name in (scene.file_name, *(one.mask for one in scene.subjects)):
            data_set.path(name)
        for one in scene.subjects:
            for name in filter(None, (one.reference, one.cutout)):
                data_set.path(name)


def _fingerprint(data_set: DataSet, format: Format, settings: ExportSettings) -> str:
    rows = [scene.model_dump_json() for scene in data_set.scenes]
    sizes = [str(data_set.path(scene.file_name).stat().st_size) for scene in data_set.scenes]
    return content_hash(str(VERSION), format, settings.model_dump_json(), *rows, *sizes)


def _notes(data_set: DataSet, format: Format, settings: ExportSettings) -> tuple[str, ...]:
    if format not in WITH_TOKENS:
        return ()
    notes = []
    tokens = concept_tokens(data_set, settings) if format == "concepts" else settings.tokens
    unclear = sum(
        not is_told_apart(scene, [one for one in scene.subjects if one.name in tokens]) for scene in data_set.scenes
    )
    if unclear:
        notes.append(f"{unclear} scenes show two subjects of one noun: their captions name them plainly, by token")
    if format == "concepts":
        nouns = {one.name: one.noun for scene in data_set.scenes for one in scene.subjects}
        notes.append(
            "folders are relative: start the training script inside the export, with --concepts_list "
            f'concepts_list.json --modifier_token "{"+".join(tokens.values())}" '
            f'--initializer_token "{"+".join(nouns[name] for name in tokens)}"'
        )
    return tuple(notes)
