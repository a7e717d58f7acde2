"""Boxes: fractions in order, written as four numbers."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from vivant.types import Box, Layout, Placement

UNIT = st.floats(0, 1, allow_nan=False)


@given(UNIT, UNIT, UNIT, UNIT)
def test_a_box_survives_json(a, b, c, d):
    box = Box(x0=min(a, c), y0=min(b, d), x1=max(a, c), y1=max(b, d))
    assert Box.model_validate_json(box.model_dump_json()) == box
    assert math.isclose(box.overlap(box), box.area)


@pytest.mark.parametrize(
    "values", [[0, 0, 1.1, 1], [-0.1, 0, 1, 1], [0.5, 0, 0.4, 1], [0, 0, 1], [0, 0, 1, math.nan], "abcd", None]
)
def test_what_is_no_box_is_refused(values):
    with pytest.raises(ValidationError):
        Box.model_validate(values)


def test_a_box_without_area_covers_nothing():
    line = Box(x0=0.2, y0=0.2, x1=0.2, y1=0.9)
    assert line.area == 0 and line.overlap(Box(x0=0, y0=0, x1=1, y1=1)) == 0


def test_boxes_apart_do_not_overlap():
    left, right = Box(x0=0, y0=0, x1=0.4, y1=1), Box(x0=0.5, y0=0, x1=1, y1=1)
    assert left.overlap(right) == 0 == right.overlap(left)


def test_pixels_are_rounded():
    assert Box(x0=0.1, y0=0.26, x1=0.5, y1=1).pixels(100, 10) == (10, 3, 50, 10)


def test_a_layout_finds_its_placement():
    box = Box(x0=0, y0=0, x1=1, y1=1)
    layout = Layout(placements=(Placement(subject="cat", box=box, depth=0, rests_on="ground"),), source="rules")
    assert layout["cat"].box == box
    with pytest.raises(KeyError):
        layout["dog"]
