"""What several ratings of one picture come to, and the paper's table of them (Gen4Gen, table 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vivant.ranking.items import RANKS, Item

PAPER: dict[str, tuple[int, ...]] = {
    "<= 3 Concepts": (9, 43, 72, 84, 56),
    "4 Concepts": (16, 53, 112, 54, 32),
    "5 Concepts": (19, 63, 127, 42, 18),
}
"""Table 2 as printed: how many pictures got each rank."""
KEPT = 4
"""Section 4.4: only images rated 4 or 5 were added."""


@dataclass(frozen=True)
class Row:
    """Pictures of one number of subjects.

    Attributes:
        label: "<= 3", "4", "5" and so on.
        counts: pictures of each rank, 1 first.
    """

    label: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """Pictures rated."""
        return sum(self.counts)

    @property
    def kept(self) -> float:
        """Share of ranks 4 and 5; 0 where there is none."""
        return sum(self.counts[KEPT - 1 :]) / self.total if self.total else 0.0


def verdict(given: Mapping[str, int]) -> int:
    """One rating of several raters': the median; of two middle ones the lower, because doubt keeps a picture out.

    Args:
        given: rater -> rating, at least one.
    """
    return sorted(given.values())[(len(given) - 1) // 2]


def verdicts(items: Sequence[Item], ratings: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """key -> rating; a picture that nobody rated here keeps the rating of its record, if it has one."""
    found = {}
    for item in items:
        if given := ratings.get(item.key):
            found[item.key] = verdict(given)
        elif item.recorded is not None:
            found[item.key] = item.recorded
    return found


def rank_table(items: Sequence[Item], ranks: Mapping[str, int]) -> list[Row]:
    """Table 2's rows, with more where pictures have more than five subjects; rows without pictures are left out."""
    rows: dict[int, list[int]] = {}
    for item in items:
        rank = ranks.get(item.key)
        if rank is not None:
            rows.setdefault(max(3, len(item.subjects)), [0] * len(RANKS))[rank - 1] += 1
    return [Row("<= 3" if count == 3 else str(count), tuple(rows[count])) for count in sorted(rows)]
