"""A data set on disk: the only module that knows its layout.

    metadata.jsonl  a line an accepted scene            rejects.jsonl   what was left out, and why
    images/         the scenes                          settings.json   how it was made
    masks/          a mask a subject a scene            cutouts/, cutouts.jpg, cutouts.jsonl
    references/     a photo a subject                   rejects/        a small picture a rejected scene
    .state/         what is finished, so that a killed run continues

A finished item is its last file: the record in ``.state``. Everything is written to a neighbour and renamed, so that
a run killed at any moment leaves finished items and unfinished ones, and nothing between.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from vivant.data.naming import safe_name
from vivant.data.photos import Reject
from vivant.data.records import METADATA, REJECTS, CutoutRecord, SceneRecord
from vivant.errors import ImageError, StoreError
from vivant.files import read_json, read_jsonl, write_json, write_jsonl
from vivant.images import fit_within, read_image, write_jpeg, write_png
from vivant.types import NOWHERE, Cutout, Image, Mask, Scene

PREVIEW_SIDE = 512
"""Pixels on the long side of a rejected scene's picture."""


class Store:
    """Writes one data set, and knows what an earlier run has finished.

    Args:
        root: its folder; made when missing.

    Raises:
        StoreError: the folder cannot be written.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.state = root / ".state"
        try:
            self.state.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{root}: cannot be written ({error.strerror or error})") from error

    def lock(self) -> FileLock:
        """Held while a run works here; it falls with the process that holds it.

        Raises:
            StoreError: another run holds it.
        """
        lock = FileLock(self.state / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            message = f"{self.root}: another run is working here; wait for it or choose another folder"
            raise StoreError(message) from None
        return lock

    def begin(self, settings: Mapping[str, Any], fingerprint: str) -> None:
        """Start or continue a run with these settings.

        Until a scene is finished settings may change: cutouts are kept by their own inputs, plans are made anew.

        Raises:
            StoreError: the folder holds something else, or a set made with other settings or photos.
        """
        path = self.root / "settings.json"
        if path.exists():
            before = read_json(path)
            if not isinstance(before, dict) or before.get("fingerprint") != fingerprint:
                if any((self.state / "scenes").glob("*.json")):
                    raise StoreError(self._other_settings(before, settings))
                self._forget_plans()
        elif any(not child.name.startswith(".") for child in self.root.iterdir()):
            raise StoreError(f"{self.root}: holds other files and no settings.json; choose an empty folder")
        for leftover in self.root.rglob(".*.tmp"):
            leftover.unlink(missing_ok=True)
        write_json(path, {**settings, "fingerprint": fingerprint})

    def _forget_plans(self) -> None:
        for folder in (self.state / "layouts", self.root / "stages"):
            shutil.rmtree(folder, ignore_errors=True)
        for path in self.state.glob("*.json"):
            path.unlink()

    def _other_settings(self, before: Any, now: Mapping[str, Any]) -> str:
        old = before if isinstance(before, dict) else {}
        changed = sorted(key for key in {*old, *now} - {"fingerprint", "count"} if old.get(key) != now.get(key))
        return (
            f"{self.root}: was made with other settings ({', '.join(changed) or 'photos'} differ); "
            "choose another folder, or delete this one to start again"
        )

    # Small records of the run: combinations, language-model layouts.

    def load_state(self, name: str) -> Any | None:
        """A JSON value saved under that name, or None."""
        path = self.state / f"{name}.json"
        return read_json(path) if path.exists() else None

    def save_state(self, name: str, value: Any) -> None:
        """Keep a JSON value for a later run."""
        write_json(self.state / f"{name}.json", value)

    # Cutouts.

    def load_cutout(self, key: str) -> CutoutRecord | None:
        """The record of a finished cutout, or None."""
        value = self.load_state(f"cutouts/{key}")
        return None if value is None else CutoutRecord.model_validate(value)

    def save_cutout(self, key: str, cutout: Cutout, source: Image, recipe: Mapping[str, Any]) -> CutoutRecord:
        """Write the cutout, its source photo as reference, and its record last.

        Args:
            key: names the cutout's inputs.
            cutout: to be written as ``cutouts/<subject>/<photo>.png``, its mask beside it as ``….mask.png``.
            source: the decoded photo, HWC uint8.
            recipe: how it was made.
        """
        name = f"{safe_name(cutout.subject)}/{safe_name(cutout.photo.stem)}-{key[:6]}"
        height, width = source.shape[:2]
        record = CutoutRecord(
            subject=cutout.subject,
            photo=cutout.photo.name,
            file=f"cutouts/{name}.png",
            mask=f"cutouts/{name}.mask.png",
            reference=f"references/{name}.png",
            method=cutout.method,
            cut_sides=tuple(sorted(cutout.cut_sides)),
            box=cutout.box,
            quality=cutout.quality,
            reason="; ".join(cutout.quality.reasons),
        )
        write_png(self.root / record.file, cutout.rgba, recipe)
        write_png(self.root / record.mask, cutout.mask(width, height))
        write_png(self.root / record.reference, source, recipe)
        self.save_state(f"cutouts/{key}", record.model_dump(mode="json"))
        return record

    def save_failed_cutout(self, key: str, subject: str, photo: Path, reason: str) -> CutoutRecord:
        """Record a photo that gave no cutout at all."""
        record = CutoutRecord(subject=subject, photo=photo.name, reason=reason)
        self.save_state(f"cutouts/{key}", record.model_dump(mode="json"))
        return record

    def read_cutout(self, record: CutoutRecord) -> Cutout:
        """A cutout with its pixels.

        Raises:
            StoreError: its file is gone or broken.
        """
        assert record.quality is not None
        try:
            rgba = read_image(self.root / record.file, min_side=1)
        except ImageError as error:
            raise StoreError(f"{error}; delete {self.state} to make the cutouts again") from error
        if rgba.shape[2] == 3:
            rgba = np.dstack([rgba, np.full(rgba.shape[:2], 255, np.uint8)])
        return Cutout(
            subject=record.subject,
            photo=Path(record.photo),
            rgba=rgba,
            quality=record.quality,
            method=record.method,
            cut_sides=frozenset(record.cut_sides),
            box=record.box or NOWHERE,
        )

    def keep_cutouts(self, keys: Collection[str]) -> None:
        """Remove cutouts of photos or settings that are no longer the run's."""
        for path in (self.state / "cutouts").glob("*.json"):
            if path.stem not in keys:
                old = CutoutRecord.model_validate(read_json(path))
                for name in filter(None, (old.file, old.mask, old.reference)):
                    (self.root / name).unlink(missing_ok=True)
                path.unlink()

    def has_sheet(self, records: Sequence[CutoutRecord]) -> bool:
        """Whether ``cutouts.jpg`` shows these cutouts."""
        path = self.root / "cutouts.jsonl"
        if not path.exists() or not (self.root / "cutouts.jpg").exists():
            return False
        return list(read_jsonl(path)) == [record.model_dump(mode="json") for record in records]

    def write_cutout_sheet(self, records: Sequence[CutoutRecord], sheet: Image) -> None:
        """``cutouts.jpg``, and ``cutouts.jsonl`` to say that it is done."""
        write_jpeg(self.root / "cutouts.jpg", sheet)
        write_jsonl(self.root / "cutouts.jsonl", (record.model_dump(mode="json") for record in records))

    # Scenes.

    def load_scene(self, attempt: int) -> SceneRecord | None:
        """The record of a finished attempt, or None."""
        value = self.load_state(f"scenes/{attempt:06d}")
        return None if value is None else SceneRecord.model_validate(value)

    def finished_scenes(self) -> list[SceneRecord]:
        """Every finished attempt, in order."""
        attempts = sorted(int(path.stem) for path in (self.state / "scenes").glob("*.json"))
        return [record for attempt in attempts if (record := self.load_scene(attempt)) is not None]

    def save_scene(self, attempt: int, scene: Scene, image: Image, masks: Mapping[str, Mask]) -> SceneRecord:
        """Write picture and masks, then the record that makes the scene finished.

        Args:
            attempt: its number.
            scene: the record.
            image: HWC uint8 RGB.
            masks: file name -> HW uint8, for every mask that the record names.
        """
        for name, mask in masks.items():
            write_png(self.root / name, mask)
        write_png(self.root / scene.file_name, image, {**scene.made, "text": scene.text})
        return self._finish(SceneRecord(attempt=attempt, scene=scene, scores=scene.scores))

    def save_reference(self, name: str, image: Image, recipe: Mapping[str, Any]) -> None:
        """A reference picture that scenes name, unless it is there already."""
        if not (self.root / name).exists():
            write_png(self.root / name, image, recipe)

    def save_rejected_scene(
        self, attempt: int, reason: str, scores: Mapping[str, float], image: Image | None
    ) -> SceneRecord:
        """Record why, with a small picture to look at where there is one."""
        if image is not None:
            write_jpeg(self.root / "rejects" / f"{attempt:06d}.jpg", fit_within(image, PREVIEW_SIDE))
        return self._finish(SceneRecord(attempt=attempt, reason=reason, scores=dict(scores)))

    def _finish(self, record: SceneRecord) -> SceneRecord:
        self.save_state(f"scenes/{record.attempt:06d}", record.model_dump(mode="json"))
        return record

    def finish(self, rejects: Iterable[Reject]) -> None:
        """List every finished scene in ``metadata.jsonl`` and the others in ``rejects.jsonl``, in order."""
        records = self.finished_scenes()
        self.list_rejects(rejects, records)
        if records:
            rows = [record.scene.model_dump(mode="json") for record in records if record.scene is not None]
            write_jsonl(self.root / METADATA, rows)

    def list_rejects(self, rejects: Iterable[Reject], records: Iterable[SceneRecord]) -> None:
        """Write ``rejects.jsonl``: photos, cutouts and backgrounds first, then scenes."""
        rows = [asdict(reject) for reject in rejects]
        for record in records:
            if record.scene is None:
                rows.append({"kind": "scene", "item": f"{record.attempt:06d}", "reason": record.reason})
        write_jsonl(self.root / REJECTS, rows)

    # Stages that a run was told to stop after.

    def save_stage(self, attempt: int, name: str, value: Image | Mapping[str, Any]) -> None:
        """A stage's result for a person to look at: ``stages/<attempt>/<name>.png`` or ``.json``."""
        folder = self.root / "stages" / f"{attempt:06d}"
        if isinstance(value, np.ndarray):
            write_png(folder / f"{name}.png", value)
        else:
            write_json(folder / f"{name}.json", value)
