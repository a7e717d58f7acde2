"""Several ratings of one picture, and the paper's table."""

from __future__ import annotations

import pytest

from vivant.ranking.items import Item, ItemSubject
from vivant.ranking.verdict import PAPER, Row, rank_table, verdict, verdicts


@pytest.mark.parametrize(
    ("given", "rank"), [((4,), 4), ((3, 4), 3), ((5, 1, 4), 4), ((4, 4, 5, 5), 4), ((1, 5), 1), ((2, 2, 5), 2)]
)
def test_the_median_and_of_two_middle_ones_the_lower(given: tuple[int, ...], rank: int) -> None:
    assert verdict({str(number): score for number, score in enumerate(given)}) == rank


def test_a_rating_on_record_stands_where_nobody_rated() -> None:
    items = [Item("a", "a", "", recorded=2), Item("b", "b", "", recorded=5), Item("c", "c", "")]
    assert verdicts(items, {"a": {"ann": 4}}) == {"a": 4, "b": 5}


def test_the_papers_own_numbers_add_up() -> None:
    rows = {label: Row(label, counts) for label, counts in PAPER.items()}
    assert [row.total for row in rows.values()] == [264, 267, 269]
    assert rows["<= 3 Concepts"].kept == pytest.approx((84 + 56) / 264)


def test_rows_by_number_of_subjects() -> None:
    counts = (1, 2, 3, 4, 4, 6)
    items = [Item(str(n), "", "", subjects=(ItemSubject("x"),) * count) for n, count in enumerate(counts)]
    ranks = {"0": 5, "1": 4, "2": 1, "3": 2, "5": 3}
    rows = rank_table(items, ranks)
    assert [(row.label, row.counts) for row in rows] == [
        ("<= 3", (1, 0, 0, 1, 1)),
        ("4", (0, 1, 0, 0, 0)),
        ("6", (0, 0, 1, 0, 0)),
    ]
