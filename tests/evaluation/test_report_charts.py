"""Charts of the report: where bars, marks and curves lie."""

import re

import pytest

from vivant.evaluation.report.charts import POINTS, Bar, Curve, decimal, line_chart, score_bars, smoothed, thinned
from vivant.evaluation.statistics import UNMEASURED, Estimate


def numbers(found: str, pattern: str) -> list[float]:
    return [float(value) for value in re.findall(pattern, found)]


def test_bars_share_an_axis_that_starts_at_nothing() -> None:
    found = score_bars([Bar("a", Estimate(0.5, 0.4, 0.6, 9), chance=0.2), Bar("b", Estimate(1.0, 0.9, 1.0, 9))])
    assert numbers(found, r'class="bar" x="([\d.]+)%"') == [0.0, 0.0]
    assert numbers(found, r'class="bar"[^>]*width="([\d.]+)%"') == [50.0, 100.0]
    assert numbers(found, r'class="chance" x1="([\d.]+)%"') == [20.0]
    assert "95 % interval 0.400 to 0.600, chance 0.200" in found and 'class="zero"' not in found


def test_a_bar_below_nothing_goes_left() -> None:
    found = score_bars([Bar("a", Estimate(-0.5, float("nan"), float("nan"), 1)), Bar("b", Estimate(0.5, 0.5, 0.5, 1))])
    assert numbers(found, r'class="bar" x="([\d.]+)%"') == [0.0, 50.0]
    assert numbers(found, r'class="zero" x1="([\d.]+)%"') == [50.0, 50.0]
    assert "−0.500" in found


def test_what_was_not_measured_has_no_bar() -> None:
    found = score_bars([Bar("a", UNMEASURED)])
    assert 'class="bar"' not in found and "–" in found


def test_a_curve_is_thinned_to_means_and_keeps_its_ends_inside() -> None:
    steps, values = thinned(range(10 * POINTS), [float(step % 10) for step in range(10 * POINTS)])
    assert len(steps) == POINTS and set(values) == {4.5} and steps[0] == 4.5
    assert thinned([1, 2], [3.0, 4.0]) == ([1, 2], [3.0, 4.0])


def test_smoothing_keeps_a_line_and_leaves_few_points_alone() -> None:
    line = [float(value) for value in range(100)]
    assert smoothed(line)[50] == pytest.approx(50.0)  # type: ignore[index]
    assert smoothed(line[:10]) is None


def test_a_curve_falls_from_left_to_right() -> None:
    found = line_chart([Curve("run", [1, 2, 3], [3.0, 2.0, 1.0])], label="loss")
    points = [tuple(map(float, pair.split(","))) for pair in re.findall(r'points="([^"]+)"', found)[0].split()]
    assert [x for x, _ in points] == [0.0, 500.0, 1000.0]
    assert points[0][1] < points[1][1] < points[2][1]


def test_one_wild_value_does_not_flatten_the_rest() -> None:
    values = [float(step % 7) for step in range(200)] + [1e9]
    found = line_chart([Curve("run", range(201), values)], label="loss")
    assert ">6.3<" in found  # 6 and a twentieth of the span above


def test_a_single_point_and_a_flat_curve_can_be_drawn() -> None:
    assert "<circle" in line_chart([Curve("<run>", [5], [2.0])], label="a & b")
    assert "<polyline" in line_chart([Curve("run", [1, 2], [0.0, 0.0])], label="loss")


def test_numbers_are_written_alike() -> None:
    assert [decimal(value) for value in (0.1384, -0.02, float("nan"), -0.0001)] == ["0.138", "−0.020", "–", "0.000"]
