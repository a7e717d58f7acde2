"""A relation's triplets on disk, in two layouts over the same files.

prompts.json, videos/, masks/   the published layout (`vivant.relations.published`), which `vivant train relation` reads
metadata.jsonl                  the project's own: a line a triplet as a scene, which everything else reads
triplets.jsonl                  all that is known of each: visibility of keypoints, confidences, scores, how it was made
rejects.jsonl, rejects/         what was left out and why, whole and with a sheet to look at
sheets/, sheet.jpg              what was taken, to look at
settings.json, .state/          how it was made, and what is finished

A finished triplet is its last file: the scene's record in ``.state``, as with `vivant compose`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field, ValidationError

from vivant.data.naming import safe_name
from vivant.data.records import SceneRecord
from vivant.data.store import Store
from vivant.errors import InputError, StoreError
from vivant.files import read_jsonl, write_jsonl
from vivant.images import read_image, write_jpeg, write_png
from vivant.relations.check import Verdict
from vivant.relations.published import Files, as_keypoints, files_of, mask_box, write_points, write_prompts
from vivant.relations.sample import Sample
from vivant.types import NOWHERE, Image, Record, Scene, SceneSubject, Triplet, TripletSubject

TRIPLETS = "triplets.jsonl"
REJECTS = "rejects"
SHOWN = 24
"""Triplets on the sheet of all."""


class TripletRecord(Record):
    """A finished attempt; paths are relative to the set.

    Attributes:
        attempt: its number.
        triplet: None where not even pictures were made.
        confidences: of each subject's annotations.
        confidence: of prompt and predicate.
        scores, reasons, notes: of the check.
        kept: let in by the user against the check.
        made: how.
    """

    attempt: int
    triplet: Triplet | None = None
    confidences: tuple[dict[str, float], ...] = ()
    confidence: dict[str, float] = Field(default_factory=dict)
    scores: dict[str, float] = Field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    kept: bool = False
    made: dict[str, Any] = Field(default_factory=dict)

    @property
    def accepted(self) -> bool:
        """Whether it is in the set."""
        return self.triplet is not None and (self.kept or not self.reasons)


class TripletStore:
    """Writes the triplets of one relation, and knows what an earlier run has finished.

    Args:
        root: its folder.

    Raises:
        StoreError: the folder cannot be written.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = Store(root)

    def finished(self) -> list[TripletRecord]:
        """Every finished attempt, in order."""
        return [self._load(record.attempt) for record in self.store.finished_scenes()]

    def save(
        self, attempt: int, sample: Sample, verdict: Verdict, sheet: Image, made: Mapping[str, Any]
    ) -> TripletRecord:
        """Write a triplet, to the set or to what is rejected, and then the record that makes it finished."""
        folder = self.root / REJECTS if verdict.reasons else self.root
        recipe = {**made, **sample.made, "text": sample.prompt}
        triplet = write_sample(folder, sample, recipe)
        write_jpeg(self._sheet(sample.name, rejected=bool(verdict.reasons)), sheet)
        record = TripletRecord(
            attempt=attempt,
            triplet=_moved(triplet, self.root, Path()),
            confidences=tuple(dict(part.confidence) for part in sample.parts),
            confidence=dict(sample.confidence),
            scores=verdict.scores,
            reasons=verdict.reasons,
            notes=verdict.notes,
            made={**made, **sample.made},
        )
        return self._finish(record)

    def save_failed(self, attempt: int, reason: str) -> TripletRecord:
        """Record an attempt that gave no pictures."""
        return self._finish(TripletRecord(attempt=attempt, reasons=(reason,)))

    def keep(self, record: TripletRecord) -> TripletRecord:
        """Let a rejected triplet into the set.

        Raises:
            InputError: it is in the set already, or there are no pictures of it.
        """
        triplet = record.triplet
        if triplet is None or record.accepted:
            raise InputError(f"{self.root}: attempt {record.attempt} has nothing to keep; rejects.jsonl lists what has")
        for kind in ("videos", "masks"):
            source, target = self.root / REJECTS / kind / triplet.name, self.root / kind / triplet.name
            if source.is_dir():  # not where a killed run has moved it already
                target.parent.mkdir(parents=True, exist_ok=True)
                source.rename(target)
        sheet = self._sheet(triplet.name, rejected=True)
        if sheet.is_file():
            self._sheet(triplet.name, rejected=False).parent.mkdir(exist_ok=True)
            sheet.rename(self._sheet(triplet.name, rejected=False))
        moved = _moved(triplet, Path(REJECTS), Path())
        return self._finish(record.model_copy(update={"triplet": moved, "kept": True}))

    def finish(self, records: Sequence[TripletRecord]) -> None:
        """Write every list: what is in the set, and what is not and why."""
        self.store.finish([])
        accepted = [record for record in records if record.accepted]
        rejected = [record.triplet for record in records if record.triplet is not None and not record.accepted]
        write_jsonl(self.root / TRIPLETS, (record.model_dump(mode="json") for record in accepted))
        if rejected:
            write_prompts(self.root / REJECTS, rejected)
        if accepted:
            write_prompts(self.root, [record.triplet for record in accepted if record.triplet is not None])
            self._write_sheet([record.triplet.name for record in accepted[:SHOWN] if record.triplet is not None])

    def _finish(self, record: TripletRecord) -> TripletRecord:
        self.store.save_state(f"triplets/{record.attempt:06d}", record.model_dump(mode="json"))
        scene = _scene(record) if record.accepted else None
        done = SceneRecord(attempt=record.attempt, scene=scene, reason="; ".join(record.reasons), scores=record.scores)
        self.store.save_state(f"scenes/{record.attempt:06d}", done.model_dump(mode="json"))
        return record

    def _load(self, attempt: int) -> TripletRecord:
        value = self.store.load_state(f"triplets/{attempt:06d}")
        try:
            return TripletRecord.model_validate(value)
        except ValidationError as error:
            raise StoreError(
                f"{self.store.state}: the record of triplet {attempt} is broken; delete the folder"
            ) from error

    def _sheet(self, name: str, *, rejected: bool) -> Path:
        return self.root / (REJECTS if rejected else "sheets") / f"{name}.jpg"

    def _write_sheet(self, names: Iterable[str]) -> None:
        rows = [read_image(path) for name in names if (path := self._sheet(name, rejected=False)).is_file()]
        if rows:
            wide = max(row.shape[1] for row in rows)
            padded = [np.pad(row, ((0, 0), (0, wide - row.shape[1]), (0, 0)), mode="edge") for row in rows]
            write_jpeg(self.root / "sheet.jpg", np.concatenate(padded))


def write_sample(folder: Path, sample: Sample, recipe: Mapping[str, Any] | None = None) -> Triplet:
    """Write a triplet's files into a relation's folder in the published layout; `write_prompts` says that it is there.

    Beside them `masks/<id>/concept0.png` … say where each subject is in its own picture, where that is known.

    Raises:
        InputError: a name that is no folder's, or more than six subjects.
        StoreError: a file cannot be written.
        MissingExtraError: torch is not installed.
    """
    files = files_of(folder, sample.name, len(sample.parts), folder)
    subjects = []
    for number, part in enumerate(sample.parts):
        write_png(files.concept(number), part.concept, recipe)
        write_png(files.mask(number), part.mask)
        if part.concept_mask is not None:
            write_png(concept_mask_path(files, number), part.concept_mask)
        subject = TripletSubject(
            noun=part.noun,
            concept=files.concept(number),
            mask=files.mask(number),
            box=mask_box(part.mask) if part.mask.max() >= 128 else NOWHERE,
            target_keypoints=as_keypoints(part.target_keypoints),
            concept_keypoints=as_keypoints(part.concept_keypoints),
        )
        write_points(files.concept_points(number), [subject.concept_keypoints])
        subjects.append(subject)
    write_points(files.target_points, [subject.target_keypoints for subject in subjects])
    write_png(files.target, sample.target, recipe)
    return Triplet(
        name=sample.name,
        target=files.target,
        prompt=sample.prompt,
        subjects=tuple(subjects),
        predicate=sample.predicate,
    )


def concept_mask_path(files: Files, number: int) -> Path:
    """Where the mask of a subject's own picture lies; the published folders have none."""
    return files.masks / f"concept{number}.png"


def read_triplet_set(folder: Path) -> tuple[TripletRecord, ...]:
    """The records of `triplets.jsonl`, paths within the folder made whole.

    Raises:
        StoreError: no such list, a broken line, or a path that leads out of the folder.
    """
    found = []
    for number, row in enumerate(read_jsonl(folder / TRIPLETS), start=1):
        try:
            record = TripletRecord.model_validate(row)
        except ValidationError as error:
            reason = error.errors()[0]["msg"]
            raise StoreError(f"{folder / TRIPLETS}, line {number}: {reason}") from error
        if record.triplet is None:
            raise StoreError(f"{folder / TRIPLETS}, line {number}: no triplet")
        for path in _paths(record.triplet):
            if path.is_absolute() or ".." in path.parts:
                raise StoreError(f"{folder / TRIPLETS}, line {number}: {path} does not lie inside the set")
        found.append(record.model_copy(update={"triplet": _moved(record.triplet, Path(), folder)}))
    return tuple(found)


def _paths(triplet: Triplet) -> list[Path]:
    return [triplet.target, *(path for one in triplet.subjects for path in (one.concept, one.mask))]


def _moved(triplet: Triplet, source: Path, target: Path) -> Triplet:
    """The triplet with its paths under `target` instead of `source`."""
    subjects = tuple(
        one.model_copy(update={name: target / getattr(one, name).relative_to(source) for name in ("concept", "mask")})
        for one in triplet.subjects
    )
    return triplet.model_copy(update={"target": target / triplet.target.relative_to(source), "subjects": subjects})


def _scene(record: TripletRecord) -> Scene:
    triplet = record.triplet
    assert triplet is not None
    subjects = tuple(
        SceneSubject(
            name=f"{safe_name(one.noun.replace(' ', '_'))}-{triplet.name}-{number}",
            noun=one.noun,
            box=one.box,
            mask=one.mask.as_posix(),
            reference=one.concept.as_posix(),
        )
        for number, one in enumerate(triplet.subjects)
    )
    return Scene(
        file_name=triplet.target.as_posix(),
        text=triplet.prompt,
        text_detailed=triplet.prompt,
        subjects=subjects,
        relation=" ".join(triplet.predicate) or None,
        background="",
        keypoints=tuple(one.target_keypoints for one in triplet.subjects),
        scores=record.scores,
        made=record.made,
    )
