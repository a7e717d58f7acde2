"""Which methods may be compared, in what order their scores stand, and the tests between them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from vivant.evaluation.scoring import SCORES
from vivant.evaluation.statistics import Comparison, compare, holm
from vivant.evaluation.summary import ALL, Summary

NOT_JUDGED = frozenset({"ti_clip", "nearness"})
"""More is not better: TI-CLIP is to be kept, nearness is best near 1."""


@dataclass(frozen=True)
class Difference:
    """The first method minus another one in one score.

    Attributes:
        other: that method.
        score: which score.
        found: the comparison, case by case.
        p_value: adjusted for all tests that were made together (Holm).
    """

    other: str
    score: str
    found: Comparison
    p_value: float


def tested(summaries: Sequence[Summary], seed: int) -> tuple[list[Difference], list[str]]:
    """Paired tests of the first method against each other one, on the cases that both have.

    Args:
        summaries: at least one.
        seed: of resampling and swapping.

    Returns:
        The tests, and the methods that were scored with other encoders and are not compared.
    """
    first, marks = summaries[0], encoder_marks(summaries)
    alike = [other for other in summaries[1:] if marks[other.method] == marks[first.method]]
    pairs = [
        (other.method, score, compare(first.by_case[score], other.by_case.get(score, {}), seed))
        for other in alike
        for score in in_order(first)
    ]
    kept = [pair for pair in pairs if pair[2].difference.count]
    adjusted = holm([found.p_value for *_, found in kept])
    rows = [Difference(*pair, p_value) for pair, p_value in zip(kept, adjusted, strict=True)]
    return rows, [other.method for other in summaries[1:] if other not in alike]


def encoder_marks(summaries: Sequence[Summary]) -> dict[str, str]:
    """Method -> a letter for the encoders that it was scored with; the empty text when all were scored alike."""
    kinds = {summary.method: _kind(summary) for summary in summaries}
    order = list(dict.fromkeys(kinds.values()))
    return {method: chr(97 + order.index(kind)) if len(order) > 1 else "" for method, kind in kinds.items()}


def in_order(summary: Summary) -> list[str]:
    """Its scores in the order of the tables, then those that only this benchmark has."""
    known = list(summary.groups[ALL])
    return [score for score in SCORES if score in known] + [score for score in known if score not in SCORES]


def _kind(summary: Summary) -> str:
    """What its scores depend on; a model may lie under another name elsewhere."""
    parts = {
        role: {**identity, "model": ""} if isinstance(identity, dict) else identity
        for role, identity in summary.encoders.items()
    }
    return json.dumps(parts, sort_keys=True)
