"""The world stage: scenes and portraits drawn once by many processes into memory-mapped arrays, with their truth."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vivant.errors import StoreError
from vivant.files import read_json, write_json
from vivant.pocket.run import Figures, Run, say
from vivant.workers import share_out, usable_processors
from vivant.world import BACKDROPS, KINDS, RELATIONS, UNSEEN, perform, portrait, sample_individual, sample_script

SIZE = 128
"""Pixels of a side."""
CAST = 5
"""Most subjects of a scene; labels are padded to it with -1 or 0."""
KNOWN = 0.5
"""Part of the subjects that also have portraits; the others appear once."""
HELD = 2000
"""At most so many scenes, and at most a twentieth, are kept for validation: the last ones."""
_CHUNK = 200
_OWN_IDS = 1 << 31  # above: individuals without portraits

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Plan:
    """Size and seed of a pool."""

    scenes: int
    individuals: int
    views: int
    seed: int


@dataclass(frozen=True)
class Pool:
    """What every stage trains on. N scenes, M individuals with V portraits each, at most 5 subjects a scene.

    Attributes:
        pictures: uint8 [N, 128, 128, 3] RGB, memory-mapped.
        texts, texts_detailed: captions.
        relation, background: int16 [N], index into `RELATIONS` and `BACKDROPS`.
        kinds: int16 [N, 5], index into `KINDS`, -1 where there is no subject.
        count: int8 [N], subjects.
        boxes: float32 [N, 5, 4], x0, y0, x1, y1 in [0, 1], visible part.
        keypoints: float32 [N, 5, 17, 3], x, y in [0, 1] and visibility 0 or 1, AP-10K order.
        ids: int64 [N, 5]; `sample_individual(random.Random(id))` is the subject; -1 where there is none.
        seen: bool [N], the relation is none of `UNSEEN`.
        portraits: uint8 [M, V, 128, 128, 3] RGB, memory-mapped.
        portrait_ids: int64 [M], as `ids`.
        portrait_boxes: float32 [M, V, 4].
        vectors: float32 [M, D], identity vectors.
        held: so many scenes at the end are for validation only.
    """

    pictures: Array
    texts: list[str]
    texts_detailed: list[str]
    relation: Array
    background: Array
    kinds: Array
    count: Array
    boxes: Array
    keypoints: Array
    ids: Array
    seen: Array
    portraits: Array
    portrait_ids: Array
    portrait_boxes: Array
    vectors: Array
    held: int

    def training(self, *, seen_only: bool = False) -> npt.NDArray[np.int64]:
        """Indices of the scenes to train on."""
        return self._indices(0, len(self.texts) - self.held, seen_only)

    def validation(self, *, seen_only: bool = False) -> npt.NDArray[np.int64]:
        """Indices of the held-out scenes."""
        return self._indices(len(self.texts) - self.held, len(self.texts), seen_only)

    def _indices(self, start: int, stop: int, seen_only: bool) -> npt.NDArray[np.int64]:
        index = np.arange(start, stop, dtype=np.int64)
        return index[self.seen[index]] if seen_only else index


def plan_for(run: Run) -> Plan:
    """300,000 scenes for 20 minutes with a GPU, 40,000 for 90 without, fewer for less."""
    if run.device.type == "cuda":
        part = min(1.0, run.minutes / 20.0)
        return Plan(max(600, round(300_000 * part)), max(60, round(15_000 * part)), 5, run.seed)
    part = min(1.0, run.minutes / 90.0)
    return Plan(max(600, round(40_000 * part)), max(60, round(4_000 * part)), 4, run.seed)


def train(run: Run) -> Figures:
    """Draw the pool; what an interrupted run has drawn is kept."""
    folder = run.out / "pool"
    plan = Plan(**read_json(folder / "plan.json")) if (folder / "plan.json").is_file() else plan_for(run)
    began, drawn = time.monotonic(), render(folder, plan, usable_processors())
    rate = drawn / max(1e-9, time.monotonic() - began)
    return {
        "scenes": float(plan.scenes),
        "portraits": float(plan.individuals * plan.views),
        "pictures_per_second": rate,
        "minutes": (time.monotonic() - began) / 60.0,
    }


def render(folder: Path, plan: Plan, workers: int) -> int:
    """Draw what is missing of a pool and close it. Returns the number of pictures drawn now."""
    if not (folder / "plan.json").is_file():
        _lay_out(folder, plan)
        write_json(folder / "plan.json", vars(plan))
    parts = folder / "parts"
    jobs = [job for job in _jobs(plan) if not _part(folder, job).is_file()]
    sizes = [(stop - start) * (plan.views if what == "portraits" else 1) for what, start, stop in jobs]
    done, total, logged = 0, sum(sizes), time.monotonic()
    for count in share_out(_draw, jobs, workers=workers, setup=_open_writable, plan=(folder, plan)):
        done += count
        if time.monotonic() - logged >= 10.0:
            logged = time.monotonic()
            say(f"world: {done}/{total} pictures")
    if parts.is_dir():
        pairs = [pair for job in _jobs(plan) if job[0] == "scenes" for pair in read_json(_part(folder, job))]
        write_json(folder / "texts.json", pairs)
        shutil.rmtree(parts)
    return done


def open_pool(out: Path) -> Pool:
    """The finished pool of a run's folder.

    Raises:
        StoreError: it is missing or unfinished.
    """
    folder = out / "pool"
    if not (folder / "texts.json").is_file() or (folder / "parts").is_dir():
        raise StoreError(f"{folder}: no finished pool; run python -m vivant.pocket.train --stage world --out {out}")
    pairs = read_json(folder / "texts.json")
    # Copy-on-write: torch wants writable arrays, the files must stay as they are.
    arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="c") for name in _shapes(Plan(1, 1, 1, 0))}
    seen = ~np.isin(arrays["relation"], [list(RELATIONS).index(name) for name in UNSEEN])
    return Pool(
        **arrays,
        texts=[short for short, _ in pairs],
        texts_detailed=[detailed for _, detailed in pairs],
        seen=seen,
        held=min(HELD, len(pairs) // 20),
    )


Job = tuple[str, int, int]
"""("scenes" or "portraits", first, after the last)."""


def _jobs(plan: Plan) -> list[Job]:
    few = max(1, _CHUNK // plan.views)
    scenes = [("scenes", at, min(at + _CHUNK, plan.scenes)) for at in range(0, plan.scenes, _CHUNK)]
    return scenes + [("portraits", at, min(at + few, plan.individuals)) for at in range(0, plan.individuals, few)]


def _part(folder: Path, job: Job) -> Path:
    return folder / "parts" / f"{job[0]}-{job[1]:07d}.json"


def _shapes(plan: Plan) -> dict[str, tuple[tuple[int, ...], str]]:
    n, m, v = plan.scenes, plan.individuals, plan.views
    return {
        "pictures": ((n, SIZE, SIZE, 3), "u1"),
        "relation": ((n,), "i2"),
        "background": ((n,), "i2"),
        "kinds": ((n, CAST), "i2"),
        "count": ((n,), "i1"),
        "boxes": ((n, CAST, 4), "f4"),
        "keypoints": ((n, CAST, 17, 3), "f4"),
        "ids": ((n, CAST), "i8"),
        "portraits": ((m, v, SIZE, SIZE, 3), "u1"),
        "portrait_ids": ((m,), "i8"),
        "portrait_boxes": ((m, v, 4), "f4"),
        "vectors": ((m, sample_individual(random.Random(0)).vector().size), "f4"),
    }


def _lay_out(folder: Path, plan: Plan) -> None:
    (folder / "parts").mkdir(parents=True, exist_ok=True)
    for name, (shape, kind) in _shapes(plan).items():
        empty = np.lib.format.open_memmap(folder / f"{name}.npy", mode="w+", dtype=np.dtype(kind), shape=shape)
        if name in ("kinds", "ids"):
            empty[:] = -1
        del empty


def _open_writable(where: tuple[Path, Plan]) -> tuple[Path, Plan, dict[str, Array]]:
    folder, plan = where
    return folder, plan, {name: np.load(folder / f"{name}.npy", mmap_mode="r+") for name in _shapes(plan)}


def _draw(tools: tuple[Path, Plan, dict[str, Array]], job: Job) -> int:
    folder, plan, arrays = tools
    what, start, stop = job
    if what == "scenes":
        write_json(_part(folder, job), [_scene(arrays, plan, row) for row in range(start, stop)])
        return stop - start
    for row in range(start, stop):
        _portraits(arrays, plan, row)
    write_json(_part(folder, job), [])
    return (stop - start) * plan.views


def _scene(arrays: dict[str, Array], plan: Plan, row: int) -> tuple[str, str]:
    rng = random.Random(f"{plan.seed}/scene/{row}")
    script = sample_script(rng, relations=_weighted_relations())
    ids = _cast_ids(rng, plan, len(script.cast))
    script = replace(script, cast=tuple(sample_individual(random.Random(one)) for one in ids))
    tableau, many = perform(script, SIZE), len(ids)
    arrays["pictures"][row] = tableau.picture
    arrays["relation"][row] = list(RELATIONS).index(script.relation)
    arrays["background"][row] = list(BACKDROPS).index(script.backdrop)
    arrays["kinds"][row, :many] = [list(KINDS).index(one.kind) for one in script.cast]
    arrays["count"][row] = many
    arrays["boxes"][row, :many] = tableau.boxes
    arrays["keypoints"][row, :many] = tableau.keypoints
    arrays["ids"][row, :many] = ids
    return tableau.text, tableau.text_detailed


def _weighted_relations() -> Sequence[str]:
    """Half as many of the unseen: the base and its text encoders may not use them, the judge needs fewer."""
    return [name for name in RELATIONS for _ in range(1 if name in UNSEEN else 2)]


def _cast_ids(rng: random.Random, plan: Plan, many: int) -> list[int]:
    """Individuals of different kinds."""
    ids: list[int] = []
    kinds: set[str] = set()
    while len(ids) < many:
        known = rng.random() < KNOWN
        one = _identity(plan, rng.randrange(plan.individuals) if known else _OWN_IDS + rng.getrandbits(31))
        kind = sample_individual(random.Random(one)).kind
        if kind not in kinds:
            kinds.add(kind)
            ids.append(one)
    return ids


def _identity(plan: Plan, number: int) -> int:
    return (plan.seed % _OWN_IDS << 32) + number


def _portraits(arrays: dict[str, Array], plan: Plan, row: int) -> None:
    identity = _identity(plan, row)
    individual = sample_individual(random.Random(identity))
    arrays["portrait_ids"][row] = identity
    arrays["vectors"][row] = individual.vector()
    for view in range(plan.views):
        tableau = portrait(individual, random.Random(f"{plan.seed}/portrait/{row}/{view}").getrandbits(48), SIZE)
        arrays["portraits"][row, view] = tableau.picture
        arrays["portrait_boxes"][row, view] = tableau.boxes[0]
