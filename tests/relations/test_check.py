"""The check: each planted fault is told for what it is, and a true triplet passes."""

from __future__ import annotations

import importlib.util
import random
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from vivant.relations.check import check, pose_distance, share_inside
from vivant.relations.from_world import WorldSource
from vivant.relations.likeness import likeness
from vivant.relations.propose import request
from vivant.relations.sample import Sample
from vivant.settings.relate import RelateSettings

SCRIPT = Path(__file__).parents[2] / "scripts" / "prove_relate.py"
LIMITS = RelateSettings(relation="hugging").limits
TOLD = {
    "swapped individual": "not the same individual",
    "copied pose": "in the pose of the relation already",
    "missing subject": "not the same individual",
    "merged subjects": "are one",
    "shifted keypoints": "outside its mask",
}


@cache
def proof():
    spec = importlib.util.spec_from_file_location("prove_relate", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["prove_relate"] = module
    spec.loader.exec_module(module)
    return module


@cache
def sample(number: int = 0) -> Sample:
    drawn = WorldSource(192).draw(request("hugging", ("lion", "bear"), number, 0))
    assert isinstance(drawn, Sample)
    return drawn


def test_a_true_triplet_passes():
    verdict = check(sample(), LIMITS)
    assert verdict.reasons == () and verdict.notes == ()
    assert set(verdict.scores) == {"area", "overlap", "inside", "likeness", "pose"}
    assert verdict.scores["inside"] == 1.0 and verdict.scores["overlap"] < 0.2


@pytest.mark.parametrize("fault", TOLD)
def test_planted_faults_are_told_for_what_they_are(fault):
    planted = proof().FAULTS[fault](sample(), 0, random.Random(4))
    assert any(TOLD[fault] in reason for reason in check(planted, LIMITS).reasons)


def test_a_subject_that_was_not_found():
    first, second = sample().parts
    gone = replace(first, mask=np.zeros_like(first.mask))
    verdict = check(replace(sample(), parts=(gone, second)), LIMITS)
    assert verdict.reasons == ("the lion is missing (it covers 0.000 of the picture)",)
    unsure = replace(first, confidence={"box": 0.02})
    assert any(
        "confidence of 0.02" in reason for reason in check(replace(sample(), parts=(unsure, second)), LIMITS).reasons
    )


def test_keypoints_in_another_order_are_a_note():
    first, second = sample().parts
    mixed = (
        replace(first, target_keypoints=second.target_keypoints),
        replace(second, target_keypoints=first.target_keypoints),
    )
    verdict = check(replace(sample(), parts=mixed), LIMITS)
    assert verdict.reasons == () and "another order" in verdict.notes[0]


def test_subjects_with_each_others_pictures_are_not_themselves():
    first, second = sample().parts
    swapped = tuple(
        replace(one, concept=other.concept, concept_mask=other.concept_mask, concept_keypoints=other.concept_keypoints)
        for one, other in ((first, second), (second, first))
    )
    assert len(check(replace(sample(), parts=swapped), LIMITS).reasons) == 2


def test_a_pose_is_the_same_elsewhere_larger_and_mirrored():
    points = sample().parts[0].concept_keypoints.copy()
    points[:, 2] = 1
    moved = points * np.array([0.5, 0.5, 1], np.float32) + np.array([0.3, 0.1, 0], np.float32)
    mirrored = moved[[1, 0, 2, 3, 4, 8, 9, 10, 5, 6, 7, 14, 15, 16, 11, 12, 13]] * np.array([-1, 1, 1], np.float32)
    noise = np.random.default_rng(0).normal(0, 0.2, points.shape).astype(np.float32)
    other = points + noise * np.array([1, 1, 0], np.float32)
    assert pose_distance(points, moved) == pytest.approx(0.0, abs=1e-5)
    assert pose_distance(points, mirrored) == pytest.approx(0.0, abs=1e-5)
    assert (pose_distance(points, other) or 0) > 0.3
    points[5:, 2] = 0
    assert pose_distance(points, moved) is None  # a head has no pose


def test_points_count_as_inside_within_the_margin():
    mask = np.zeros((100, 100), np.uint8)
    mask[40:60, 40:60] = 255
    points = np.zeros((17, 3), np.float32)
    points[:4] = [(0.5, 0.5, 1), (0.63, 0.5, 1), (0.9, 0.5, 1), (0.1, 0.1, 0)]
    points[3, 2] = 0
    assert share_inside(points, mask, 0.0) == pytest.approx(1 / 3)
    assert share_inside(points, mask, 0.2) == pytest.approx(2 / 3)
    assert share_inside(points * np.array([1, 1, 0], np.float32), mask, 0.1) is None


def test_likeness_of_a_picture_with_itself_and_in_other_light():
    part = sample().parts[0]
    look = (part.concept, part.concept_mask, part.concept_keypoints)
    assert likeness(look, look) == 1.0  # type: ignore[arg-type]
    night = np.asarray(part.concept * np.array([0.8, 0.86, 1.0]), np.uint8)
    assert (likeness(look, (night, *look[1:])) or 0) > 0.88  # type: ignore[arg-type]
    red = np.asarray(part.concept * np.array([1.0, 0.3, 0.3]), np.uint8)
    assert (likeness(look, (red, *look[1:])) or 1) < 0.8  # type: ignore[arg-type]
    hidden = part.concept_keypoints * [1, 1, 0]
    assert likeness(look, (part.concept, np.zeros_like(part.mask), hidden)) is None  # type: ignore[arg-type]
