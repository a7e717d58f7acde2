"""From settings to a manifest, for every benchmark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from vivant.errors import InputError, SettingsError
from vivant.evaluation.benchmarks.cases import Case, Manifest, read_cases
from vivant.evaluation.benchmarks.customconcept101 import custom_cases
from vivant.evaluation.benchmarks.dreambench import SAMPLES as DREAM_SAMPLES
from vivant.evaluation.benchmarks.dreambench import dream_cases
from vivant.evaluation.benchmarks.mycanvas import COMPOSITIONS, canvas_cases
from vivant.evaluation.benchmarks.mycanvas import SAMPLES as CANVAS_SAMPLES
from vivant.evaluation.benchmarks.relationbench import COUNT, relation_cases
from vivant.evaluation.benchmarks.subjects import subjects_in
from vivant.evaluation.benchmarks.world import WorldOptions, world_cases
from vivant.settings.evaluate import CasesSettings
from vivant.world import RELATIONS

SAMPLES = {"mycanvas": CANVAS_SAMPLES, "dreambench": DREAM_SAMPLES}
_OWN: dict[str, frozenset[str]] = {
    "relationbench": frozenset({"subjects", "manifest", "prompts", "which", "count", "seed"}),
    "mycanvas": frozenset({"subjects", "manifest", "count", "seed"}),
    "dreambench": frozenset({"subjects", "manifest"}),
    "customconcept101": frozenset({"subjects", "manifest", "which"}),
    "world": frozenset({"count", "seed", "size", "relations"}),
}
"""Settings that change something, besides `samples`."""


def make_manifest(folder: Path, settings: CasesSettings, tick: Callable[[], None] = lambda: None) -> Manifest:
    """The cases that settings ask for.

    Args:
        folder: of the benchmark; the world writes its portraits and true scenes there.
        settings: which cases.
        tick: told of every case of the world.

    Raises:
        SettingsError: a setting that says nothing about this benchmark, or a relation that the world does not have.
        InputError: no subjects, too few, or a manifest that is none.
    """
    _refuse_idle(settings)
    options = {
        name: value for name, value in settings.model_dump(mode="json").items() if name in _OWN[settings.benchmark]
    }
    return Manifest(
        benchmark=settings.benchmark,
        samples=settings.samples or SAMPLES.get(settings.benchmark, 1),
        options=options,
        cases=tuple(_cases(folder, settings, tick)),
    )


def _cases(folder: Path, settings: CasesSettings, tick: Callable[[], None]) -> Any:
    if settings.benchmark == "world":
        return _world(folder, settings, tick)
    if settings.manifest is not None:
        return read_cases(settings.manifest)
    if settings.subjects is None:
        raise InputError(f"{settings.benchmark} needs --subjects, a folder of photos a subject, or --manifest")
    rng = np.random.default_rng(settings.seed)
    if settings.benchmark == "customconcept101":
        wanted = {"single": (False,), "multi": (True,), "both": (False, True)}[settings.which]
        return [case for multi in wanted for case in custom_cases(settings.subjects, multi=multi)]
    subjects = subjects_in(settings.subjects)
    if settings.benchmark == "relationbench":
        count = settings.count or COUNT
        return relation_cases(subjects, rng, prompt_set=settings.prompts, which=settings.which, count=count)
    if settings.benchmark == "mycanvas":
        return canvas_cases(subjects, rng, count=settings.count or COMPOSITIONS)
    return dream_cases(subjects)


def _world(folder: Path, settings: CasesSettings, tick: Callable[[], None]) -> list[Case]:
    for name in settings.relations:
        if name not in RELATIONS:
            raise SettingsError(f"the world has no relation {name!r}; there are: {', '.join(RELATIONS)}")
    options = WorldOptions(
        count=settings.count or COUNT, size=settings.size, relations=settings.relations, seed=settings.seed
    )
    return world_cases(folder, options, tick)


def _refuse_idle(settings: CasesSettings) -> None:
    """A setting that would change nothing was meant for something else."""
    given = settings.model_fields_set - {"benchmark", "samples"}
    idle = sorted(given - _OWN[settings.benchmark])
    if idle:
        raise SettingsError(f"--{idle[0]} changes nothing for {settings.benchmark}: leave it out")
    if settings.manifest is not None and given - {"manifest"}:
        other = sorted(given - {"manifest"})[0]
        raise SettingsError(f"--{other} changes nothing beside --manifest, which has the cases: leave it out")
