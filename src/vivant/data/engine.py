"""`vivant compose`: photos in, a training set out (Gen4Gen sections 3.1 to 3.3).

The run is a chain of finished items: cutouts, then combinations, then attempts at scenes. An item that an earlier run
finished is never made again, and nothing depends on the number of workers or on where a run was killed.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from vivant import __version__
from vivant.data.backgrounds import LEAST_SIDE, load_backgrounds
from vivant.data.cutouts import make_cutouts, photo_key
from vivant.data.fillings import Models
from vivant.data.painted import painted_backgrounds
from vivant.data.photos import BACKGROUNDS, Reject, find_subjects
from vivant.data.plan.associate import Combination
from vivant.data.plan.combinations import make_combinations
from vivant.data.plan.knowledge import Knowledge
from vivant.data.records import CutoutRecord, SceneRecord
from vivant.data.scenes import make_scenes
from vivant.data.store import Store
from vivant.data.studio import Cast, Studio
from vivant.errors import InputError, MissingExtraError
from vivant.images import content_hash
from vivant.progress import progress
from vivant.settings.compose import ComposeSettings, Stage
from vivant.settings.profiles import EXTRAS, fillings
from vivant.types import Background, Subject
from vivant.workers import default_workers, share_out

Say = Callable[[str], None]


@dataclass(frozen=True)
class Report:
    """What a run did.

    Attributes:
        root: the data set.
        cutouts: every photo's.
        combinations: what goes together.
        scenes: finished attempts, accepted and rejected.
    """

    root: Path
    cutouts: tuple[CutoutRecord, ...]
    combinations: tuple[Combination, ...] = ()
    scenes: tuple[SceneRecord, ...] = ()

    @property
    def accepted(self) -> int:
        """Scenes in the set."""
        return sum(record.scene is not None for record in self.scenes)

    @property
    def reasons(self) -> Counter[str]:
        """Why attempts were rejected."""
        return Counter(record.reason for record in self.scenes if record.scene is None)


def compose_set(
    photos: Path,
    out: Path,
    settings: ComposeSettings,
    *,
    backgrounds: Path | None = None,
    workers: int | None = None,
    stop_after: Stage = "store",
    say: Say = print,
) -> Report:
    """Make a composed, captioned set from a folder of subjects.

    Args:
        photos: one folder a subject.
        out: the data set; a set begun before is continued.
        settings: everything that decides what it looks like.
        backgrounds: a folder a scene; without one, ``photos/backgrounds``, else the painted scenes that ship.
        workers: processes; by default one a processor. They change nothing in the result.
        stop_after: the last stage.
        say: told what the user should know, a line a time.

    Raises:
        VivantError: nothing can be made of the input, a model cannot run, or the disk cannot be written.
    """
    settings = _without_missing_endpoint(settings, say)
    _require_libraries(settings)
    knowledge = Knowledge.load(settings.associate.nouns_file)
    subjects, rejects = find_subjects(photos)
    keys = {photo: photo_key(photo, settings.segment) for subject in subjects for photo in subject.photos}
    folder = backgrounds or (photos / BACKGROUNDS if (photos / BACKGROUNDS).is_dir() else None)
    scenery, left_out = _scenery(folder, min(settings.width, settings.height) // 2)
    rejects += left_out
    store = Store(out)
    with store.lock():
        held = store.finished_scenes()
        settings = _with_held_scenes(settings, held, say)
        fingerprint = _fingerprint(settings, subjects, keys, scenery)
        store.begin({"version": __version__, **settings.record()}, fingerprint)
        workers = workers or default_workers()
        cutouts = make_cutouts(store, subjects, keys, settings.segment, workers)
        rejects += [
            Reject("cutout", f"{item.subject}/{item.photo}", item.reason) for item in cutouts if not item.accepted
        ]
        store.list_rejects(rejects, held)
        if stop_after == "segment":
            return Report(out, tuple(cutouts))
        usable = _usable(subjects, cutouts, say)
        combinations, notes = make_combinations(store, usable, scenery, knowledge, settings)
        for note in notes:
            say(note)
        cast = _cast(store, settings, fingerprint, usable, combinations, cutouts, scenery)
        if stop_after == "associate":
            return Report(out, tuple(cutouts), combinations)
        try:
            scenes = _make_scenes(cast, held, workers, stop_after)
        finally:
            # Stopped in the middle, what is finished is listed too.
            store.finish(rejects)
    return Report(out, tuple(cutouts), combinations, tuple(scenes))


def _without_missing_endpoint(settings: ComposeSettings, say: Say) -> ComposeSettings:
    """A profile may name a language model where none is set; the rules do the same, and the record says so."""
    if settings.endpoint is not None:
        return settings
    rules = {}
    if settings.planner == "language-model":
        say("no language model is set (VIVANT_LLM_MODEL, VIVANT_LLM_BASE_URL): the rules plan the scenes")
        rules["planner"] = "rules"
    if settings.captioner == "endpoint":
        say("no vision model is set (VIVANT_LLM_MODEL, VIVANT_LLM_BASE_URL): the rules write the captions")
        rules["captioner"] = "rules"
    return settings.model_copy(update=rules)


def _require_libraries(settings: ComposeSettings) -> None:
    """Said before an hour of work, not after it."""
    roles = {
        "segmenter": settings.segment.method,
        "repainter": settings.repainter,
        "captioner": settings.captioner,
    }
    for role, name in roles.items():
        extra = fillings(role)[name].extra
        for library in EXTRAS.get(extra, ()):
            if find_spec(library) is None:
                raise MissingExtraError(library, extra, f"the {role} {name}")


def _with_held_scenes(settings: ComposeSettings, held: Sequence[SceneRecord], say: Say) -> ComposeSettings:
    """A smaller count than before removes nothing."""
    accepted = sum(record.scene is not None for record in held)
    if accepted <= settings.count:
        return settings
    say(f"the set holds {accepted} scenes already; none is removed for a --count of {settings.count}")
    return settings.model_copy(update={"count": accepted})


def _scenery(folder: Path | None, least_side: int) -> tuple[list[Background], list[Reject]]:
    """Backgrounds with at least so many pixels a side: enlarged more than twice, a photo is a blur."""
    if folder is None:
        return painted_backgrounds(), []
    found, broken = load_backgrounds(folder, least_side=max(LEAST_SIDE, least_side))
    if not found:
        raise InputError(
            f"{folder}: no background that can be used; put photos in a folder a scene, as {folder}/garden/"
        )
    return found, [Reject("background", str(path), reason) for path, reason in broken]


def _fingerprint(
    settings: ComposeSettings, subjects: Sequence[Subject], keys: Mapping[Path, str], scenery: Sequence[Background]
) -> str:
    """Of everything that decides what a scene looks like; not of how many are wanted."""
    parts: list[str | bytes] = [__version__, json.dumps({**settings.record(), "count": None}, sort_keys=True)]
    for subject in subjects:
        parts += [repr((subject.name, subject.noun, subject.height_m, subject.rests_on, subject.found))]
        parts += [photo.name + keys[photo] for photo in subject.photos]
    for background in scenery:
        parts.append(background.model_dump_json(exclude={"path"}))
        parts.append(content_hash(background.path.read_bytes()) if background.path else "painted")
    if settings.associate.nouns_file:
        parts.append(settings.associate.nouns_file.read_bytes())
    return content_hash(*parts)


def _usable(subjects: Sequence[Subject], cutouts: Sequence[CutoutRecord], say: Say) -> list[Subject]:
    have = {record.subject for record in cutouts if record.accepted}
    for subject in subjects:
        if subject.name not in have:
            reason = next(record.reason for record in cutouts if record.subject == subject.name)
            say(f"{subject.name}: left out, no usable cutout ({reason})")
    usable = [subject for subject in subjects if subject.name in have]
    if not usable:
        raise InputError(
            "no photo gave a usable cutout; cutouts.jpg shows why. Try other photos or another --segmenter"
        )
    return usable


def _cast(
    store: Store,
    settings: ComposeSettings,
    fingerprint: str,
    subjects: Sequence[Subject],
    combinations: tuple[Combination, ...],
    cutouts: Sequence[CutoutRecord],
    scenery: Sequence[Background],
) -> Cast:
    by_subject: dict[str, tuple[CutoutRecord, ...]] = defaultdict(tuple)
    for record in cutouts:
        if record.accepted:
            by_subject[record.subject] += (record,)
    by_scene: dict[str, tuple[Background, ...]] = defaultdict(tuple)
    for background in scenery:
        by_scene[background.scene] += (background,)
    return Cast(
        root=store.root,
        settings=settings,
        made={
            "version": __version__,
            "settings": fingerprint,
            "seed": settings.seed,
            "segmenter": settings.segment.method,
            "planner": settings.planner,
            "repainter": settings.repainter,
            "captioner": settings.captioner,
        },
        subjects={subject.name: subject for subject in subjects},
        combinations=combinations,
        cutouts=dict(by_subject),
        backgrounds=dict(by_scene),
    )


def _make_scenes(cast: Cast, held: Sequence[SceneRecord], workers: int, until: Stage) -> list[SceneRecord]:
    """Waves of attempts until enough are accepted.

    A wave is as large as what is still wanted, so that no attempt is made that a run of one worker would not make.
    """
    wanted, limit = cast.settings.count, cast.settings.count * cast.settings.max_attempts
    finished = {record.attempt: record for record in held} if until == "store" else {}
    records: dict[int, SceneRecord] = {}
    accepted = first = 0
    while accepted < wanted and first < limit:
        wave = range(first, min(first + wanted - accepted, limit))
        records |= _make_wave(cast, finished, wave, workers, until)
        if until != "store":
            break
        accepted = sum(record.scene is not None for record in records.values())
        first = wave.stop
    return [records[attempt] for attempt in sorted(records)]


def _make_wave(
    cast: Cast, finished: Mapping[int, SceneRecord], wave: range, workers: int, until: Stage
) -> dict[int, SceneRecord]:
    found = {attempt: finished[attempt] for attempt in wave if attempt in finished}
    size = cast.settings.batch
    batches = [list(wave[start : start + size]) for start in range(0, len(wave), size)]
    todo = [batch for batch in batches if not all(attempt in found for attempt in batch)]
    if not todo:
        return found
    # A model with weights on a GPU takes one process; its parallelism is the batch.
    workers = workers if cast.settings.runs_anywhere else 1
    with progress("scenes", len(wave), len(found)) as tick:
        jobs = [(batch, until) for batch in todo]
        for records in share_out(_make_batch, jobs, workers=workers, setup=_load, plan=cast):
            for record in records:
                if record.attempt not in found:
                    found[record.attempt] = record
                    tick(rejected=record.scene is None)
    return found


def _load(cast: Cast) -> tuple[Studio, Models]:
    studio = Studio(cast)
    return studio, Models(studio)


def _make_batch(tools: tuple[Studio, Models], job: tuple[list[int], Stage]) -> list[SceneRecord]:
    studio, models = tools
    attempts, until = job
    return make_scenes(studio, models, attempts, until)
