"""Stage 1 over all photos: every photo to a cutout once, in worker processes, with a sheet to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from vivant.data.records import CutoutRecord
from vivant.data.segment import Segmenter, build_segmenter, contact_sheet, segment
from vivant.data.segment.sheet import MOST
from vivant.data.store import Store
from vivant.errors import ImageError, InputError
from vivant.images import content_hash, fit_within, read_image
from vivant.progress import progress
from vivant.settings.segment import SegmentSettings
from vivant.types import Cutout, Image, Subject
from vivant.workers import share_out

METHOD_VERSION = 3
"""Raised when a change of the code changes cutouts, so that older ones are made again."""

SHEET_SIDE = 512
"""Pixels on the long side of what the sheet is drawn from."""

Plan = tuple[Path, SegmentSettings]
Tools = tuple[Store, Segmenter, SegmentSettings]
Job = tuple[str, Path, str]


def photo_key(photo: Path, settings: SegmentSettings) -> str:
    """Names everything that decides a cutout: the photo's bytes, the settings, the code."""
    try:
        data = photo.read_bytes()
    except OSError as error:
        data = f"unreadable: {error.strerror}".encode()
    return content_hash(data, settings.model_dump_json(), str(METHOD_VERSION))


def make_cutouts(
    store: Store, subjects: Sequence[Subject], keys: Mapping[Path, str], settings: SegmentSettings, workers: int
) -> list[CutoutRecord]:
    """Cutouts of all photos, those of an earlier run taken as they are.

    Returns:
        A record a photo, in the order of subjects and photos, accepted or not.
    """
    photos = [(subject.name, photo) for subject in subjects for photo in subject.photos]
    names = {_name(subject, photo, keys): (subject, photo) for subject, photo in photos}
    store.keep_cutouts(names.keys())
    records = {name: record for name in names if (record := store.load_cutout(name)) is not None}
    jobs: list[Job] = [(subject, photo, name) for name, (subject, photo) in names.items() if name not in records]
    # Models with weights fill the memory, and a GPU, once.
    workers = workers if settings.method == "grabcut" else 1
    if jobs:
        with progress("cutouts", len(names), len(records)) as tick:
            for name, record in share_out(
                _make_cutout, jobs, workers=workers, setup=_load, plan=(store.root, settings)
            ):
                records[name] = record
                tick(rejected=not record.accepted)
    ordered = [records[_name(subject, photo, keys)] for subject, photo in photos]
    if not store.has_sheet(ordered):
        paths = [photo for _, photo in photos]
        store.write_cutout_sheet(ordered, _sheet(store, list(zip(paths, ordered, strict=True))))
    return ordered


def _name(subject: str, photo: Path, keys: Mapping[Path, str]) -> str:
    return content_hash(subject, photo.name, keys[photo])


def _load(plan: Plan) -> Tools:
    root, settings = plan
    return Store(root), build_segmenter(settings), settings


def _make_cutout(tools: Tools, job: Job) -> tuple[str, CutoutRecord]:
    store, segmenter, settings = tools
    subject, photo, name = job
    try:
        image = read_image(photo, max_side=settings.max_side)
        cutout = segment(subject, photo, image, segmenter, settings)
    except (ImageError, InputError) as error:
        return name, store.save_failed_cutout(name, subject, photo, str(error).removeprefix(f"{photo}: "))
    recipe = {"subject": subject, "photo": photo.name, "method": cutout.method}
    return name, store.save_cutout(name, cutout, image, recipe)


def _sheet(store: Store, photos: Sequence[tuple[Path, CutoutRecord]]) -> Image:
    """Every photo with its cutout and verdict, small."""
    shown = photos[:MOST]
    cutouts = [_small(store, photo, record) for photo, record in shown if record.quality is not None]
    rejects = [(photo, record.reason) for photo, record in shown if record.quality is None]
    return contact_sheet(cutouts, rejects, load=lambda path: read_image(path, max_side=SHEET_SIDE))


def _small(store: Store, photo: Path, record: CutoutRecord) -> Cutout:
    cutout = store.read_cutout(record)
    return replace(cutout, photo=photo, rgba=fit_within(cutout.rgba, SHEET_SIDE))
