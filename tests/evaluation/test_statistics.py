import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivant.evaluation.statistics import bootstrapped, compare, holm, mean, pooled, proportion


def test_wilson_interval_of_eight_in_ten():
    found = proportion([True] * 8 + [False] * 2)
    assert (found.value, found.count) == (0.8, 10)
    assert found.low == pytest.approx(0.4902, abs=1e-4) and found.high == pytest.approx(0.9433, abs=1e-4)
    sure = proportion([True] * 10)
    assert sure.high == pytest.approx(1.0) and sure.low == pytest.approx(0.7225, abs=1e-4)
    assert np.isnan(proportion([]).value)


def test_items_of_a_picture_are_resampled_together():
    parts = [np.ones(50, np.bool_), np.zeros(50, np.bool_)] * 5
    found = pooled(parts, seed=0)
    assert found.value == 0.5 and found.count == 10
    assert found.high - found.low > 0.3  # ten pictures, not 500 points


def test_bootstrap_is_seeded_and_brackets_the_mean():
    values = np.random.default_rng(1).normal(3.0, 1.0, 200)
    first, again = (bootstrapped(200, lambda rows: float(values[rows].mean()), seed=4) for _ in range(2))
    assert first == again
    assert first.low < first.value < first.high and first.high - first.low == pytest.approx(0.28, abs=0.06)


def test_the_mean_is_of_pictures_and_its_interval_of_cases():
    values, cases = [1.0] * 50 + [0.0] * 50, [0] * 50 + [1] * 50
    found = mean(values, cases, seed=0)
    assert (found.value, found.low, found.high, found.count) == (0.5, 0.0, 1.0, 100)  # two cases say little
    alone = mean(values, range(100), seed=0)
    assert 0.35 < alone.low < 0.45 and 0.55 < alone.high < 0.65
    uneven = mean([1.0, 1.0, 1.0, 0.0], ["a", "a", "a", "b"], seed=0)
    assert uneven.value == 0.75
    assert np.isnan(mean([], [], seed=0).value)
    single = mean([1.0, 3.0], ["a", "a"], seed=0)
    assert single.value == 2.0 and np.isnan(single.low) and single.count == 2


def test_a_permutation_test_by_hand():
    # Gaps 1, 2, 3: of the eight ways to choose signs only +++ and --- are as far from nothing.
    first, second = {"a": 1.0, "b": 2.0, "c": 3.0}, {"a": 0.0, "b": 0.0, "c": 0.0, "only here": 9.0}
    found = compare(first, second, seed=0)
    assert found.p_value == 2 / 8 and found.wins == 1.0
    assert (found.difference.value, found.difference.count) == (2.0, 3)
    # Gaps 1, 1, -1: all eight ways give 1 or 3, which is at least as far.
    assert compare({"a": 1.0, "b": 1.0, "c": 0.0}, {"a": 0.0, "b": 0.0, "c": 1.0}, seed=0).p_value == 1.0
    assert compare({"a": 1.0}, {"a": 1.0}, seed=0).wins == 0.5
    assert np.isnan(compare({"a": 1.0}, {"b": 1.0}, seed=0).p_value)


@given(st.lists(st.integers(-6, 6), min_size=1, max_size=8))
def test_two_methods_compare_alike_both_ways(gaps):
    first, second = {str(n): gap / 4 for n, gap in enumerate(gaps)}, {str(n): 0.0 for n in range(len(gaps))}
    one, other = compare(first, second, seed=0), compare(second, first, seed=0)
    assert one.p_value == other.p_value and one.wins == pytest.approx(1.0 - other.wins)
    sums = [abs(np.dot(signs, gaps)) for signs in itertools.product((1, -1), repeat=len(gaps))]
    assert one.p_value == np.mean([value >= abs(sum(gaps)) for value in sums])


def test_many_cases_are_swapped_at_random():
    rng = np.random.default_rng(0)
    same, better = rng.normal(0, 1, 40), rng.normal(0, 1, 40)
    first, second = ({f"case {n}": value for n, value in enumerate(values)} for values in (same, better))
    assert compare(first, second, seed=1).p_value > 0.05
    ahead = {case: value + 2.0 for case, value in second.items()}
    found = compare(ahead, first, seed=1)
    assert found.p_value < 1e-3 and found.difference.low > 0
    assert found == compare(ahead, first, seed=1)


def test_a_false_alarm_stays_unlikely_among_several_tests():
    # Sorted 0.01, 0.02, 0.04: times 3, 2, 1, and never less than the one before.
    assert holm([0.04, 0.01, 0.02]) == pytest.approx([0.04, 0.03, 0.04])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []
