"""Whose turn is which picture."""

from __future__ import annotations

from collections import Counter

import pytest

from vivant.ranking.items import Item, ItemSubject
from vivant.ranking.orders import Filter, pair_order, rater_order, standing
from vivant.ranking.ratings import Vote
from vivant.settings.rank import Order

ITEMS = [
    Item(f"{n}.png", f"{n}.png", f"a cat and number {n}", subjects=(ItemSubject("cat"),) * (n % 3)) for n in range(30)
]


def keys(rater: str, seed: int = 0) -> list[str]:
    return [task.item.key for task in rater_order(ITEMS, rater, seed)]


def test_every_rater_has_an_order_of_their_own_and_keeps_it() -> None:
    assert keys("ann") == keys("ann")
    assert sorted(keys("ann")) == sorted(keys("ben")) == sorted(item.key for item in ITEMS)
    assert len({tuple(keys(rater, seed)) for rater in ("ann", "ben", "cleo") for seed in (0, 1)}) == 6


@pytest.mark.parametrize(("order", "first"), [("best", "9.png"), ("worst", "0.png"), ("unsure", "7.png")])
def test_predicted_ratings_sort_and_what_has_none_comes_last(order: Order, first: str) -> None:
    predicted = {f"{n}.png": n / 2 for n in range(10)}
    found = [task.item.key for task in rater_order(ITEMS, "ann", 0, order, predicted)]
    assert found[0] == first
    assert {*found[:10]} == {*predicted} and found[10:] != [f"{n}.png" for n in range(10, 30)]


def test_pairs_are_of_one_case_and_every_method_is_left_about_half_the_time() -> None:
    items = [Item(f"{m}/{c}", f"{m}/{c}", "", method=m, case=str(c)) for m in "xyz" for c in range(60)]
    pairs = pair_order(items, "ann", 0)
    assert len(pairs) == 180 == len({task.subject for task in pairs})
    assert all(task.other and task.item.case == task.other.case for task in pairs)
    left = Counter(task.item.method for task in pairs)
    assert all(40 <= left[method] <= 80 for method in "xyz")
    assert pair_order(items, "ben", 0) != pairs


def test_standing_counts_ones_own_and_passes_over_what_others_have_done() -> None:
    tasks = rater_order(ITEMS[:4], "ann", 0)
    a, b, c, d = (task.item.key for task in tasks)
    votes = [Vote("1", "ann", a, score=3), Vote("2", "ann", b, score=None), Vote("3", "ben", c, score=1)]
    votes += [Vote("4", "cleo", c, score=2), Vote("5", "ben", d, score=None)]
    found = standing(tasks, votes, "ann", Filter(), most=None)
    assert (found.done, len(found.waiting), len(found.skipped)) == (1, 2, 1)
    assert [task.item.key for task in standing(tasks, votes, "ann", Filter(), most=2).waiting] == [d]


def test_filters_together_narrow() -> None:
    wanted = Filter(subjects=2, noun="cat", words="NUMBER 5")
    assert [item.key for item in ITEMS if wanted.takes(item)] == ["5.png"]
    assert not any(Filter(relation="hugging").takes(item) for item in ITEMS)
