"""Keypoints find the subject whose mask holds them."""

import pytest

from tests.relations.test_published import HUG
from tests.relations.triplets import write_small_relation
from vivant.relations.order import in_order
from vivant.relations.published import read_relation
from vivant.types import Box, Triplet


def exchanged(triplet: Triplet) -> Triplet:
    one, two = triplet.subjects
    subjects = (
        one.model_copy(update={"target_keypoints": two.target_keypoints}),
        two.model_copy(update={"target_keypoints": one.target_keypoints}),
    )
    return triplet.model_copy(update={"subjects": subjects})


def test_exchanged_rows_are_put_right_and_right_ones_left_alone(tmp_path):
    triplet = read_relation(write_small_relation(tmp_path, count=1))[0]
    assert in_order(triplet) is triplet
    assert in_order(exchanged(triplet)) == triplet


def test_boxes_that_share_everything_decide_nothing(tmp_path):
    triplet = read_relation(write_small_relation(tmp_path, count=1))[0]
    whole = Box(x0=0, y0=0, x1=1, y1=1)
    subjects = tuple(subject.model_copy(update={"box": whole}) for subject in triplet.subjects)
    embraced = exchanged(triplet.model_copy(update={"subjects": subjects}))
    assert in_order(embraced) is embraced


@pytest.mark.skipif(not HUG.is_dir(), reason="needs the published triplets")
def test_of_the_published_five_only_the_tiger_s_is_exchanged():
    assert [in_order(triplet) is triplet for triplet in read_relation(HUG)] == [True, True, False, True, True]
