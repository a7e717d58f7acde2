#!/usr/bin/env python
"""Two floors for the world's order of methods (docs/evaluate.md): other true scenes, and other subjects' photos.

    python scripts/shuffled.py bench/ pictures/ others/

`pictures/` gets, for every case, the true scene of the next case with as many subjects that shares no kind, relation or
place with it. `others/` gets the same cases with the photos of that case's subjects, for `vivant evaluate generate`.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from vivant.evaluation.benchmarks.cases import Case, Truth, read_manifest, write_manifest
from vivant.evaluation.benchmarks.world import TRUTH


def main() -> None:
    """Write both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("bench", "pictures", "others"):
        parser.add_argument(name, type=Path)
    options = parser.parse_args()
    manifest = read_manifest(options.bench)
    options.pictures.mkdir(parents=True, exist_ok=True)
    cases = []
    for number, case in enumerate(manifest.cases):
        other = next_unlike(case, (*manifest.cases[number + 1 :], *manifest.cases[:number]))
        shutil.copy(options.bench / TRUTH / f"{other.name}.png", options.pictures / f"{case.name}.png")
        pairs = zip(case.subjects, other.subjects, strict=True)
        subjects = tuple(mine.model_copy(update={"photos": theirs.photos}) for mine, theirs in pairs)
        cases.append(case.model_copy(update={"subjects": subjects}))
    write_manifest(options.others, manifest.model_copy(update={"cases": tuple(cases)}))
    print(
        f"{len(cases)} true scenes of other cases in {options.pictures}; cases with others' photos in {options.others}"
    )


def next_unlike(case: Case, others: Sequence[Case]) -> Case:
    """The first of some cases that has as many subjects and nothing else in common."""
    for other in others:
        if len(other.subjects) == len(case.subjects) and not shared(truth_of(case), truth_of(other)):
            return other
    raise SystemExit(f"{case.name}: every other case shares a kind, the relation or the place: make more cases")


def shared(one: Truth, other: Truth) -> bool:
    """Whether two truths have a kind, the relation or the place in common."""
    kinds = set(one.kinds) & set(other.kinds)
    return bool(kinds) or one.relation == other.relation or one.backdrop == other.backdrop


def truth_of(case: Case) -> Truth:
    """What the world knows of a case."""
    if case.truth is None:
        raise SystemExit(f"{case.name}: nothing is known to be true of it: make cases with vivant evaluate cases world")
    return case.truth


if __name__ == "__main__":
    main()
