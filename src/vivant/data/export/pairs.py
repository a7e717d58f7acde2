"""A picture and a .txt file with its caption: what kohya's scripts and ai-toolkit train from."""

from __future__ import annotations

from pathlib import PurePosixPath

from vivant.data.export.names import flat_stems, unique_names
from vivant.data.export.target import Target
from vivant.data.export.words import captions_of
from vivant.data.reader import DataSet
from vivant.progress import Ticker
from vivant.settings.export import ExportSettings


def write_ai_toolkit(data_set: DataSet, target: Target, settings: ExportSettings, tick: Ticker) -> None:
    """All pairs in one folder."""
    _write_pairs(data_set, target, settings, tick, [""] * len(data_set.scenes))


def write_kohya(data_set: DataSet, target: Target, settings: ExportSettings, tick: Ticker) -> None:
    """A folder a combination of subjects, ``N_names``: N is how often an epoch repeats it, yours to change."""
    combinations = [tuple(sorted(one.name for one in scene.subjects)) for scene in data_set.scenes]
    distinct = sorted(set(combinations))
    names = unique_names(["-".join(names) or "none" for names in distinct])
    folders = {names: f"{settings.repeats}_{name}/" for names, name in zip(distinct, names, strict=True)}
    _write_pairs(data_set, target, settings, tick, [folders[combination] for combination in combinations])


def _write_pairs(data_set: DataSet, target: Target, settings: ExportSettings, tick: Ticker, folders: list[str]) -> None:
    stems = flat_stems(data_set.scenes)
    for scene, stem, folder in zip(data_set.scenes, stems, folders, strict=True):
        source = data_set.path(scene.file_name)
        suffix = PurePosixPath(scene.file_name).suffix.lower()
        for kind, text in captions_of(scene, settings.captions, settings.tokens):
            name = f"{folder}{stem}_{kind}" if settings.captions == "both" else f"{folder}{stem}"
            target.copy(source, f"{name}{suffix}")
            target.write(f"{name}.txt", text)
        tick()
