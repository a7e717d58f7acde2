"""Joints: lengths kept, targets reached, sides right."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivant.world.puppet import KEYPOINTS, Build, Puppet, two_bones

unit = st.floats(0, 1)


@given(unit, unit, unit, unit, st.sampled_from([1.0, -1.0, None]))
def test_bones_keep_their_length_and_touch_what_is_in_reach(x0, y0, x1, y1, bend):
    middle, end = two_bones((x0, y0), (x1, y1), 0.2, bend, (1.0, 0.0))
    assert math.dist((x0, y0), middle) == pytest.approx(math.dist(middle, end), abs=1e-6)
    assert math.dist((x0, y0), middle) <= 0.2 * 1.15 + 1e-6
    if 0.01 < math.dist((x0, y0), (x1, y1)) <= 0.4:
        assert end == pytest.approx((x1, y1), abs=1e-6)
        assert math.dist(middle, end) == pytest.approx(0.2, abs=1e-6)


def test_bend_is_to_the_left_of_the_way():
    (x, y), _ = two_bones((0.0, 0.0), (0.2, 0.0), 0.2, 1.0, (0.0, 0.0))
    assert y < 0 < x
    (_, y), _ = two_bones((0.0, 0.0), (0.2, 0.0), 0.2, None, (0.0, 1.0))
    assert y > 0


def test_the_left_hand_is_at_the_viewers_right_when_it_faces_us():
    puppet = Puppet(Build(), 0.5, 0.6, 0.8)
    assert puppet.hand["left"][0] > 0.5 > puppet.hand["right"][0]
    assert puppet.eye["left"][0] > puppet.nose[0] > puppet.eye["right"][0]


@pytest.mark.parametrize(("facing", "near"), [(0.9, "right"), (-0.9, "left")])
def test_turned_the_near_side_is_the_one_we_see(facing, near):
    puppet = Puppet(Build(), 0.5, 0.6, 0.8, facing)
    assert puppet.near == near
    assert (puppet.nose[0] - puppet.head[0]) * facing > 0
    assert (puppet.tail_root[0] - 0.5) * facing < 0


def test_knees_point_forward_and_elbows_hang():
    puppet = Puppet(Build(), 0.5, 0.6, 0.8, 0.9)
    hip = puppet.hip["right"]
    puppet.step("right", (hip[0] + 0.01, hip[1] + 0.1))
    assert puppet.knee["right"][0] > hip[0]
    shoulder = puppet.shoulder["right"]
    puppet.reach("right", (shoulder[0] + 0.15, shoulder[1]))
    assert puppet.elbow["right"][1] > shoulder[1]


def test_keypoints_are_17_in_order_and_follow_the_lean():
    upright, leaning = Puppet(Build(), 0.5, 0.6, 0.8), Puppet(Build(), 0.5, 0.6, 0.8, lean=0.4)
    assert len(upright.keypoints()) == len(KEYPOINTS) == 17
    neck = KEYPOINTS.index("neck")
    assert leaning.keypoints()[neck][0] > upright.keypoints()[neck][0]
    assert leaning.keypoints()[neck][1] > upright.keypoints()[neck][1]
    assert upright.keypoints()[KEYPOINTS.index("left_eye")] == upright.eye["left"]
