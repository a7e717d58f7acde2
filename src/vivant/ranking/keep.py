"""The set that is kept, as the paper keeps what is rated 4 or 5 (Gen4Gen, section 4.4): a set as any other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vivant.data.export.target import Manifest, Target, begin, finish
from vivant.data.photos import Reject
from vivant.data.reader import DataSet, read_data_set
from vivant.data.records import METADATA, REJECTS, SceneRecord
from vivant.errors import InputError, StoreError
from vivant.files import read_json
from vivant.images import content_hash
from vivant.progress import progress
from vivant.ranking.items import Listed
from vivant.ranking.marks import Marks, ratings_of
from vivant.ranking.ratings import Ratings
from vivant.ranking.verdict import verdicts
from vivant.relations.published import is_published, read_relation, write_relation
from vivant.types import Scene

SETTINGS = "settings.json"


@dataclass(frozen=True)
class KeepReport:
    """What was kept.

    Attributes:
        out: where it is.
        kept: how many were rated well enough.
        below: how many were not.
        unrated: how many have no rating, and are left out too.
        unchanged: it was there already.
    """

    out: Path
    kept: int
    below: int
    unrated: int
    unchanged: bool = False


def keep(source: Listed, ratings: Ratings, least: int, out: Path) -> KeepReport:
    """Write what several raters' median puts at `least` or better.

    Scenes become a data set with `rating` in every record; what was left out is in its rejects, with the reason. The
    same call with other ratings brings it up to date. Triplets become triplets.

    Raises:
        InputError: nothing is rated so well, or the source holds neither scenes nor triplets.
        StoreError: `out` is not ours to write, or a file of the set is missing.
    """
    ranks = verdicts(source.items, ratings_of(Marks(source).fresh(ratings.votes())))
    good = {key: rank for key, rank in ranks.items() if rank >= least}
    if not good:
        raise InputError(f"{source.folder}: none of {len(ranks)} rated pictures is rated {least} or better")
    if out.resolve() == source.folder.resolve() or source.folder.resolve().is_relative_to(out.resolve()):
        raise StoreError(f"{out}: is or holds the set itself; choose another folder")
    counts = (len(good), len(ranks) - len(good), len(source.items) - len(ranks))
    if (source.folder / METADATA).is_file() and not is_published(source.folder):
        return KeepReport(out, *counts, unchanged=_keep_scenes(read_data_set(source.folder), ranks, least, out))
    if any(item.method for item in source.items):
        raise InputError(f"{source.folder}: --keep is for scenes and triplets; --results compares methods")
    _keep_triplets(source.folder, good, out)
    return KeepReport(out, *counts)


def _keep_scenes(data_set: DataSet, ranks: Mapping[str, int], least: int, out: Path) -> bool:
    scenes = [
        scene.model_copy(update={"rating": ranks[scene.file_name]})
        for scene in data_set.scenes
        if ranks.get(scene.file_name, 0) >= least
    ]
    rejects = [*data_set.rejects, *_left_out(data_set, ranks, least)]
    settings = _settings(data_set, least)
    rows = [scene.model_dump_json() for scene in scenes]
    manifest = Manifest(
        format="kept",
        data_set=content_hash(str(data_set.folder.resolve())),
        fingerprint=content_hash(str(settings), str(rejects), *rows),
        scenes=len(scenes),
    )
    target = begin(out, manifest)
    if target is None:
        return True
    with progress("scenes", len(scenes)) as tick:
        for number, scene in enumerate(scenes):
            for name in _files(scene):
                target.copy(data_set.path(name), name)
            # As the store has it: `vivant compose` then sees a finished set that is not its own, and leaves it alone.
            record = SceneRecord(attempt=number, scene=scene, scores=scene.scores)
            target.write_json(f".state/scenes/{number:06d}.json", record.model_dump(mode="json"))
            tick()
    target.write_json(SETTINGS, {**settings, "fingerprint": manifest.fingerprint})
    _lines(target, REJECTS, [asdict(reject) for reject in rejects])
    _lines(target, METADATA, [scene.model_dump(mode="json") for scene in scenes])
    finish(out, manifest)
    return False


def _left_out(data_set: DataSet, ranks: Mapping[str, int], least: int) -> list[Reject]:
    found = []
    for scene in data_set.scenes:
        rank = ranks.get(scene.file_name)
        if rank is None or rank < least:
            reason = "not rated" if rank is None else f"rated {rank} of 5"
            found.append(Reject(kind="scene", item=scene.file_name, reason=reason))
    return found


def _settings(data_set: DataSet, least: int) -> dict[str, Any]:
    """How the kept set was made: from which, and how that was made."""
    path = data_set.folder / SETTINGS
    before = read_json(path) if path.is_file() else None
    return {"source": "rank", "keep": least, "kept_from": before}


def _files(scene: Scene) -> set[str]:
    named = {scene.file_name}
    for one in scene.subjects:
        named |= {one.mask, one.full_mask, one.reference, one.cutout}
    return named - {""}


def _lines(target: Target, name: str, rows: list[dict[str, Any]]) -> None:
    target.write(name, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def _keep_triplets(folder: Path, good: Mapping[str, int], out: Path) -> None:
    for relation in [folder] if is_published(folder) else filter(is_published, sorted(folder.iterdir())):
        kept = [one for one in read_relation(relation) if one.target.relative_to(folder).as_posix() in good]
        if kept:
            write_relation(out / relation.relative_to(folder), kept)
