"""Which masks are believed, and which enclosed patches are openings."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest

from tests.data.segment.scenes import toy_on_table
from vivant.data.segment.appearance import find_words, texture, to_lab
from vivant.data.segment.grabcut import LOOKS, Idea, salient_ideas
from vivant.data.segment.openings import cut_openings
from vivant.data.segment.saliency import saliency
from vivant.data.segment.voting import Evidence, credit, overlaps, weigh
from vivant.types import Image, Mask

SIZE = (160, 120)


@cache
def scene() -> tuple[Image, Mask, Evidence]:
    image, truth = toy_on_table(*SIZE)
    lab, detail = to_lab(image), texture(image, SIZE)
    words = tuple(find_words(lab, detail, look.texture_weight, 0) for look in LOOKS)
    return image, (truth > 0).astype(np.uint8), Evidence(words, lab, detail)


def wrong_masks() -> dict[str, Mask]:
    _, truth, _ = scene()
    half = truth.copy()
    half[:, SIZE[0] // 2 :] = 0
    band = np.zeros_like(truth)
    band[40:90] = 1
    return {
        "half": half,
        "band from side to side": band,
        "too wide": np.asarray(cv2.dilate(truth, np.ones((25, 25), np.uint8)), dtype=np.uint8),
        "shifted": np.roll(truth, 30, axis=1),
        "turned inside out": (1 - truth).astype(np.uint8),
    }


@pytest.mark.parametrize("name", list(wrong_masks()))
def test_the_truth_is_the_most_credible(name: str) -> None:
    _, truth, evidence = scene()
    assert credit(truth, evidence) > credit(wrong_masks()[name], evidence) + 0.5


def test_empty_and_full_masks_have_no_vote() -> None:
    _, truth, evidence = scene()
    assert credit(np.zeros_like(truth), evidence) == -np.inf
    assert credit(np.ones_like(truth), evidence) == -np.inf
    assert weigh([np.zeros_like(truth), np.ones_like(truth)], evidence) is None


def test_a_crowd_of_wrong_masks_does_not_outvote_the_truth() -> None:
    _, truth, evidence = scene()
    opinions = weigh([wrong_masks()["band from side to side"]] * 6 + [truth] * 2, evidence)
    assert opinions is not None
    assert opinions.votes.sum() == pytest.approx(1.0)
    assert opinions.votes[6:].sum() > 0.9
    assert opinions.confidence(truth) > 0.8 > 0.3 > opinions.confidence(wrong_masks()["shifted"])


def test_overlaps_of_equal_apart_and_empty_masks() -> None:
    one, other = np.zeros((4, 4), np.uint8), np.zeros((4, 4), np.uint8)
    one[0], other[:2] = 1, 1
    assert overlaps([one, other, np.zeros((4, 4), np.uint8)]) == pytest.approx(
        np.array([[1.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 0.0]])
    )


def test_saliency_gives_an_idea_of_the_place() -> None:
    image, truth, _ = scene()
    plain, salient = salient_ideas(saliency(to_lab(np.roll(image, 20, axis=1))))
    columns = np.flatnonzero(truth.any(axis=0)) + 20
    assert plain.x == pytest.approx(columns.mean() / SIZE[0], abs=0.05)
    assert (plain.width, plain.height) == (salient.width, salient.height)
    assert plain.width < Idea.width
    assert salient.saliency > plain.saliency == 0.0


def ring_on_table(patch: tuple[int, int, int] | None) -> tuple[Image, Mask, Mask]:
    """A red ring; through it one sees the table, or a patch of another colour. Image, filled ring, its middle."""
    image = np.full((200, 200, 3), (96, 110, 130), dtype=np.uint8)
    full, middle = np.zeros((200, 200), np.uint8), np.zeros((200, 200), np.uint8)
    cv2.circle(full, (100, 100), 60, 1, -1)
    cv2.circle(middle, (100, 100), 24, 1, -1)
    image[full > 0] = (190, 50, 40)
    image[middle > 0] = (96, 110, 130) if patch is None else patch
    grain = np.random.default_rng(0).normal(0, 4, image.shape)
    return np.clip(image + grain, 0, 255).astype(np.uint8), full, middle


def test_background_seen_through_the_subject_is_opened() -> None:
    image, full, middle = ring_on_table(None)
    opened = cut_openings(to_lab(image), full, seed=0)
    assert opened[middle > 0].mean() < 0.1
    assert opened[(full > 0) & (middle == 0)].mean() > 0.95
    assert opened[full == 0].max() == 0


@pytest.mark.parametrize("patch", [(240, 220, 60), (150, 60, 50)])
def test_the_subjects_own_colours_stay(patch: tuple[int, int, int]) -> None:
    image, full, _ = ring_on_table(patch)
    assert np.array_equal(cut_openings(to_lab(image), full, seed=0), full)
