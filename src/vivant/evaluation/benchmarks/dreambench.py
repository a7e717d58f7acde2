"""DreamBench (Ruiz et al., DreamBooth, 2023): 25 prompts for live subjects, 25 for objects, four pictures each.

The prompts are those of the data set of 30 subjects that was published with the paper.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from functools import cache
from importlib import resources

from vivant.evaluation.benchmarks.cases import Case, CaseSubject, make_case

SAMPLES = 4
_LIVING_SECTIONS = frozenset({"pets", "wild animals", "farm animals", "birds", "sea life", "insects", "people"})
"""Of the table of nouns."""
_TOYS = frozenset({"plushie", "toy", "plush", "stuffed", "figurine"})


@cache
def table() -> tuple[dict[str, str], ...]:
    """25 rows with "live" and "object"."""
    text = resources.files("vivant.evaluation.benchmarks").joinpath("dreambench.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def is_live(noun: str) -> bool:
    """Whether a noun is an animal or a person in the table of nouns; toys and plushies of them are objects."""
    words = noun.split()
    return (noun in _living() or words[-1] in _living()) and _TOYS.isdisjoint(words)


@cache
def _living() -> frozenset[str]:
    text = resources.files("vivant.assets").joinpath("nouns.csv").read_text(encoding="utf-8")
    found, section = set(), ""
    for line in text.splitlines():
        if line.startswith("# "):
            section = line.removeprefix("# ")
        elif section in _LIVING_SECTIONS:
            found.add(line.partition(",")[0])
    return frozenset(found)


def dream_cases(subjects: Sequence[CaseSubject], live: Callable[[str], bool] = is_live) -> list[Case]:
    """Every subject with its 25 prompts.

    Args:
        subjects: of photos.
        live: says of a noun whether it is alive.
    """
    return [
        make_case(f"{subject.name}_{number:02d}", "single", row["live" if live(subject.noun) else "object"], [subject])
        for subject in subjects
        for number, row in enumerate(table())
    ]
