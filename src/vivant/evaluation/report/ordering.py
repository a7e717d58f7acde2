"""Which cases a method is worst at."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from vivant.errors import InputError
from vivant.evaluation.comparing import NOT_JUDGED, in_order
from vivant.evaluation.report.sources import Evaluation
from vivant.evaluation.scoring import LOWER_IS_BETTER
from vivant.evaluation.summary import Summary

EVERY = "all"
"""Stands for the mean rank over all scores."""
Quality = dict[str, dict[str, float]]
"""Score -> case -> how good it is; more is always better."""


def quality(summary: Summary) -> Quality:
    """How good a method is at each case: by each score that says so, and by a case's mean rank over all of them.

    Scores of which more is not better are left out. A rank is 0 for the worst case and 1 for the best; equals share
    theirs.
    """
    signed = {
        score: {case: -value if score in LOWER_IS_BETTER else value for case, value in summary.by_case[score].items()}
        for score in in_order(summary)
        if score not in NOT_JUDGED
    }
    found: dict[str, list[float]] = {}
    for values in signed.values():
        for case, rank in ranks(values).items():
            found.setdefault(case, []).append(rank)
    return {EVERY: {case: sum(row) / len(row) for case, row in found.items()}, **signed}


def ranks(values: Mapping[str, float]) -> dict[str, float]:
    """Each case's place among the others, 0 the lowest and 1 the highest.

    >>> ranks({"a": 5.0, "b": 1.0, "c": 5.0})
    {'a': 0.75, 'b': 0.0, 'c': 0.75}
    """
    if len(values) < 2:
        return dict.fromkeys(values, 0.5)
    order = sorted(values.values())
    first = {value: place for place, value in reversed(list(enumerate(order)))}
    last = {value: place for place, value in enumerate(order)}
    return {case: (first[value] + last[value]) / 2 / (len(order) - 1) for case, value in values.items()}


def worst_first(evaluation: Evaluation, by: str | None) -> list[str]:
    """Names of the cases that the first method was scored on, worst first; then those that only others were.

    Args:
        evaluation: with its methods.
        by: score; None takes all of them.

    Raises:
        InputError: the first method has no such score, or none of which more is better.
    """
    table = quality(evaluation.methods[0].summary)
    score = by or EVERY
    if score not in table:
        near = difflib.get_close_matches(score, table, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(name for name in table if name != EVERY)}"
        raise InputError(
            f"{evaluation.folder}: {evaluation.methods[0].name} has no score {score!r} to order by; {hint}"
        )
    known = table[score]
    names = [case.name for case in evaluation.manifest.cases]
    seen = {case for method in evaluation.methods for case in method.pictures}
    first = sorted((name for name in names if name in known), key=lambda name: known[name])
    return first + [name for name in names if name not in known and name in seen]


def qualities(evaluation: Evaluation) -> dict[str, Quality]:
    """Of every method, by its name."""
    return {method.name: quality(method.summary) for method in evaluation.methods}


def orders(tables: Sequence[Quality]) -> list[str]:
    """Scores that every method has, the mean rank first."""
    return [score for score in tables[0] if all(score in table for table in tables)]
