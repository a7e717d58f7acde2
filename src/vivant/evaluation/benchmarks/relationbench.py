"""RelationBench (DreamRelation, section 10 and table 10; RelationBooth, table 9): 25 prompts, 100 cases.

The papers do not print which subjects meet in which case, so cases are dealt by a seed; or they come from a manifest.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Literal

import numpy as np

from vivant.evaluation.benchmarks.cases import Case, CaseSubject, make_case
from vivant.evaluation.benchmarks.subjects import Deck

PromptSet = Literal["short", "long"]
"""DreamRelation's prompts, or RelationBooth's, which describe more."""
Which = Literal["single", "multi", "both"]
COUNT = 100


@cache
def table() -> tuple[dict[str, str], ...]:
    """25 rows with "predicate", "short" and "long", in the papers' order; the first 14 have one subject."""
    text = resources.files("vivant.evaluation.benchmarks").joinpath("relationbench.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def prompts(which: PromptSet) -> list[str]:
    """The 25 prompts, with `{}` for each subject."""
    return [row[which] for row in table()]


def relation_cases(
    subjects: Sequence[CaseSubject],
    rng: np.random.Generator,
    *,
    prompt_set: PromptSet = "short",
    which: Which = "both",
    count: int = COUNT,
) -> list[Case]:
    """Cases over any subjects: every prompt as often as any other, and every subject too, give or take one.

    Args:
        subjects: at least two where `which` is not "single".
        rng: of who meets whom.
        prompt_set: of which version of the paper.
        which: prompts of one subject, of two, or all.
        count: of cases.

    Raises:
        InputError: too few subjects.
    """
    wanted = [(row["predicate"], row[prompt_set]) for row in table()]
    if which != "both":
        wanted = [(words, text) for words, text in wanted if text.count("{}") == (1 if which == "single" else 2)]
    deck, cases = Deck(subjects, rng), []
    for number in range(count):
        words, text = wanted[number % len(wanted)]
        cast = deck.deal(text.count("{}"))
        name = f"{number:03d}_{words.replace(' ', '-')}_{'_'.join(subject.name for subject in cast)}"
        cases.append(make_case(name, "multi" if len(cast) > 1 else "single", text, cast))
    return cases
