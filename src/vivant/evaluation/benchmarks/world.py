"""The storybook world as a benchmark: every case has its true scene, so that every score has a ceiling."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vivant.evaluation.benchmarks.cases import Case, CaseSubject, Truth, make_case
from vivant.images import write_png
from vivant.world import RELATIONS, TOGETHER, Individual, Script, perform, portrait, sample_individual, sample_script

REFERENCES, TRUTH = "references", "truth"
"""Folders of portraits and of true scenes, in the benchmark's."""


@dataclass(frozen=True)
class WorldOptions:
    """What the cases show.

    Attributes:
        count: of cases.
        individuals: of each kind; every scene is cast from them.
        portraits: an individual.
        size: pixels a side.
        relations: to choose from; none for all but standing together.
        seed: of everything.
    """

    count: int = 100
    individuals: int = 2
    portraits: int = 4
    size: int = 128
    relations: tuple[str, ...] = ()
    seed: int = 0


def world_cases(folder: Path, options: WorldOptions, tick: Callable[[], None] = lambda: None) -> list[Case]:
    """Cases of one or two subjects; writes portraits and true scenes that are not there yet.

    Args:
        folder: of the benchmark.
        options: what they show.
        tick: told of every case.

    Raises:
        StoreError: the folder cannot be written.
    """
    relations = options.relations or tuple(name for name in RELATIONS if name != TOGETHER)
    cases = []
    for number in range(options.count):
        script, members = _script(options, number, relations[number % len(relations)])
        subjects = [_subject(folder, options, one, member) for one, member in zip(script.cast, members, strict=True)]
        truth = Truth(relation=script.relation, backdrop=script.backdrop, kinds=tuple(one.kind for one in script.cast))
        name = f"{number:03d}_{script.relation.replace(' ', '-')}_{'_'.join(one.name for one in subjects)}"
        case = make_case(name, "multi" if len(subjects) > 1 else "single", script.text, subjects, truth)
        path = folder / TRUTH / f"{case.name}.png"
        if not path.exists():
            write_png(path, perform(script, options.size).picture, {"verb": "evaluate", "truth": case.name})
        cases.append(case)
        tick()
    return cases


def _script(options: WorldOptions, number: int, relation: str) -> tuple[Script, list[int]]:
    """The scene of that number, and which individual of its kind each subject is."""
    rng = random.Random(f"bench/{options.seed}/{number}")
    script = sample_script(rng, [relation])
    members = [rng.randrange(options.individuals) for _ in script.cast]
    cast = tuple(_individual(options, one.kind, member) for one, member in zip(script.cast, members, strict=True))
    return Script(script.relation, cast, script.backdrop, script.seed), members


def _individual(options: WorldOptions, kind: str, member: int) -> Individual:
    return sample_individual(random.Random(f"bench/{options.seed}/{kind}/{member}"), kind)


def _subject(folder: Path, options: WorldOptions, one: Individual, member: int) -> CaseSubject:
    name = f"{one.kind.replace(' ', '-')}{member + 1}"
    photos = []
    for view in range(options.portraits):
        path = folder / REFERENCES / name / f"{view}.png"
        if not path.exists():
            seed = zlib.crc32(f"{options.seed}/{name}/{view}".encode())
            write_png(path, portrait(one, seed, options.size).picture, {"verb": "evaluate", "portrait": name})
        photos.append(path)
    return CaseSubject(name=name, noun=one.noun, photos=tuple(photos))
