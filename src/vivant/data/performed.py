"""``vivant world``: scenes of the storybook world as a data set, and its characters as photos to compose.

The world is a source like any other: the same layout on disk, the same stops and continuations.
"""

from __future__ import annotations

import difflib
import json
import random
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from vivant import __version__
from vivant.data.naming import safe_name
from vivant.data.records import SceneRecord
from vivant.data.store import Store
from vivant.errors import SettingsError
from vivant.images import content_hash, write_png
from vivant.progress import progress
from vivant.settings.world import WorldSettings
from vivant.types import Box, Image, Mask, Scene, SceneSubject
from vivant.workers import default_workers, share_out
from vivant.world import (
    BACKDROPS,
    KINDS,
    RELATIONS,
    Individual,
    Script,
    Tableau,
    perform,
    portrait,
    sample_individual,
    sample_script,
)

Say = Callable[[str], None]


@dataclass(frozen=True)
class _Plan:
    root: Path
    settings: WorldSettings
    made: Mapping[str, Any]


def perform_set(out: Path, settings: WorldSettings, *, workers: int | None = None) -> list[SceneRecord]:
    """Write scenes of the world as a data set; a set begun before is continued.

    Args:
        out: the data set.
        settings: what to show.
        workers: processes; by default one a processor. They change nothing in the result.

    Returns:
        A record a scene, in order.

    Raises:
        SettingsError: an unknown relation, kind or backdrop, or fewer kinds than a relation needs.
        StoreError: the folder holds something else or cannot be written.
    """
    check_names(settings)
    recipe = settings.model_dump(mode="json")
    fingerprint = content_hash(__version__, json.dumps({**recipe, "count": None}, sort_keys=True))
    store = Store(out)
    with store.lock():
        store.begin({"version": __version__, "source": "world", **recipe}, fingerprint)
        finished = {record.attempt for record in store.finished_scenes()}
        todo = [number for number in range(settings.count) if number not in finished]
        made = {"version": __version__, "settings": fingerprint, "seed": settings.seed, "source": "world"}
        plan = _Plan(out, settings, made)
        jobs = [todo[start : start + 16] for start in range(0, len(todo), 16)]
        try:
            with progress("scenes", settings.count, settings.count - len(todo)) as tick:
                for written in share_out(
                    _write_scenes, jobs, workers=workers or default_workers(), setup=_load, plan=plan
                ):
                    for _ in range(written):
                        tick()
        finally:
            store.finish([])
        return store.finished_scenes()


def draw_photos(out: Path, settings: WorldSettings, *, alpha: bool = False) -> list[Path]:
    """Portraits of individuals, a folder each, as ``vivant compose`` takes them.

    Args:
        out: gets ``<kind>/0.png`` …, or ``<kind>1/``, ``<kind>2/`` … where there are several of a kind.
        settings: `kinds`, `individuals` (at least one a kind), `references` a subject, `size`, `seed`.
        alpha: free them from their backdrop by their true mask; there is nothing left to segment then.

    Raises:
        SettingsError: an unknown kind.
    """
    check_names(settings)
    each = max(1, settings.individuals)
    written = []
    for kind in settings.kinds or KINDS:
        for number in range(each):
            one = the_individual(settings.seed, kind, number)
            folder = out / (kind.replace(" ", "_") + (str(number + 1) if each > 1 else ""))
            for view in range(settings.references):
                path = folder / f"{view}.png"
                if not path.exists():
                    write_png(path, _photo(_reference(one, view, settings), alpha))
                written.append(path)
    return written


def _photo(tableau: Tableau, alpha: bool) -> Image:
    return np.dstack([tableau.picture, tableau.full_masks()[0]]) if alpha else tableau.picture


def _reference(one: Individual, view: int, settings: WorldSettings) -> Tableau:
    """The portrait of that number: each individual has its own poses and places."""
    return portrait(one, zlib.crc32(f"{settings.seed}/{_name(one)}/{view}".encode()), settings.size)


def the_individual(seed: int, kind: str, number: int) -> Individual:
    """One of the individuals that a seed gives a kind: always the same."""
    return sample_individual(random.Random(f"{seed}/{kind}/{number}"), kind)


def check_names(settings: WorldSettings) -> None:
    """Refuse names that the world does not have.

    Raises:
        SettingsError: names the value and the nearest known one.
    """
    known: dict[str, Mapping[str, Any]] = {"relations": RELATIONS, "kinds": KINDS, "backdrops": BACKDROPS}
    for field, names in known.items():
        for value in getattr(settings, field):
            if value not in names:
                near = difflib.get_close_matches(value, names, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names)}"
                raise SettingsError(f"{field}: the world has no {value!r}; {hint}")
    most = max(RELATIONS[name].subjects[0] for name in settings.relations or RELATIONS)
    if settings.kinds and len(set(settings.kinds)) < most:
        raise SettingsError(f"kinds: a scene of two needs two kinds, not only {', '.join(settings.kinds)}")


def script_of(settings: WorldSettings, number: int) -> Script:
    """The scene of that number."""
    rng = random.Random(f"{settings.seed}/scene/{number}")
    script = sample_script(rng, settings.relations, settings.kinds, settings.backdrops)
    if not settings.individuals:
        return script
    cast = tuple(the_individual(settings.seed, one.kind, rng.randrange(settings.individuals)) for one in script.cast)
    return replace(script, cast=cast)


def _load(plan: _Plan) -> tuple[_Plan, Store]:
    return plan, Store(plan.root)


def _write_scenes(tools: tuple[_Plan, Store], numbers: Sequence[int]) -> int:
    plan, store = tools
    for number in numbers:
        _write_scene(plan, store, number)
    return len(numbers)


def _write_scene(plan: _Plan, store: Store, number: int) -> None:
    settings = plan.settings
    tableau = perform(script_of(settings, number), settings.size)
    whole = tableau.full_masks()
    names = [_name(one) for one in tableau.script.cast]
    view = number % settings.references
    subjects, masks = [], {}
    for index, (one, name) in enumerate(zip(tableau.script.cast, names, strict=True)):
        reference = f"references/{name}/{view}.png"
        store.save_reference(reference, _reference(one, view, settings).picture, {"identity": name})
        file = f"masks/{number:06d}_{index}_{name}"
        masks[f"{file}.png"], masks[f"{file}.full.png"] = tableau.masks[index], whole[index]
        subjects.append(_subject(tableau, index, name, reference, file, whole[index]))
    scene = Scene(
        file_name=f"images/{number:06d}.png",
        text=tableau.text,
        text_detailed=tableau.text_detailed,
        subjects=tuple(subjects),
        relation=tableau.script.relation,
        background=BACKDROPS[tableau.script.backdrop].phrase,
        keypoints=tuple(tuple((round(x, 5), round(y, 5), v) for x, y, v in one) for one in tableau.keypoints.tolist()),
        made={**plan.made, "attempt": number, "scene": tableau.script.backdrop},
    )
    store.save_scene(number, scene, tableau.picture, masks)


def _subject(tableau: Tableau, index: int, name: str, reference: str, file: str, whole: Mask) -> SceneSubject:
    one = tableau.script.cast[index]
    seen = float(tableau.masks[index].sum()) / max(1.0, float(whole.sum()))
    x0, y0, x1, y1 = tableau.boxes[index].tolist()
    return SceneSubject(
        name=name,
        noun=one.noun,
        box=Box(x0=x0, y0=y0, x1=x1, y1=y1),
        mask=f"{file}.png",
        full_mask=f"{file}.full.png",
        reference=reference,
        covered=round(min(1.0, max(0.0, 1.0 - seen)), 4),
        identity=tuple(one.vector().tolist()),
    )


def _name(one: Individual) -> str:
    """Unique to the individual: its kind and what it looks like."""
    return f"{safe_name(one.noun.replace(' ', '_'))}-{content_hash(one.vector().tobytes())[:8]}"
