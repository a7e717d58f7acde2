"""The embedded filling: finds the subject, knows when it does not, stands anything that can be decoded."""

from __future__ import annotations

import numpy as np
import pytest

from tests.data.segment.scenes import iou, toy_on_table
from vivant.data.segment.appearance import cut, find_words, texture, to_lab
from vivant.data.segment.grabcut import GrabCutSegmenter
from vivant.data.segment.saliency import saliency
from vivant.types import Image


def test_finds_a_plain_subject_and_is_sure() -> None:
    image, truth = toy_on_table()
    mask, confidence = GrabCutSegmenter().with_confidence(image)
    assert iou(mask, truth) > 0.95
    assert confidence > 0.9


def test_same_bytes_every_time() -> None:
    image, _ = toy_on_table()
    segmenter = GrabCutSegmenter(seed=3)
    first = segmenter(image)
    assert np.array_equal(first, segmenter(image))
    assert np.array_equal(first, GrabCutSegmenter(seed=3)(image))


@pytest.mark.parametrize("size", [(300, 120), (90, 280)])
def test_not_square(size: tuple[int, int]) -> None:
    image, truth = toy_on_table(*size)
    assert iou(GrabCutSegmenter()(image), truth) > 0.85


def test_no_second_object_beside_the_subject() -> None:
    image, truth = toy_on_table()
    image[20:60, 195:235] = (40, 150, 60)
    mask = GrabCutSegmenter()(image)
    assert iou(mask, truth) > 0.9
    assert mask[20:60, 195:235].mean() < 10


def odd_pictures() -> dict[str, Image]:
    rng = np.random.default_rng(1)
    return {
        "uniform": np.full((64, 96, 3), 120, dtype=np.uint8),
        "black": np.zeros((16, 16, 3), dtype=np.uint8),
        "noise": rng.integers(0, 256, (60, 80, 3), dtype=np.uint8),
        "tiny": rng.integers(0, 256, (16, 16, 3), dtype=np.uint8),
        "strip": rng.integers(0, 256, (16, 900, 3), dtype=np.uint8),
        "grey ramp": np.repeat(np.tile(np.arange(128, dtype=np.uint8), (96, 1))[..., None], 3, axis=2),
        "two colours": np.repeat(np.where(np.mgrid[0:64, 0:64][1] > 32, 255, 0).astype(np.uint8)[..., None], 3, axis=2),
    }


@pytest.mark.parametrize("name", list(odd_pictures()))
def test_odd_pictures_do_not_crash(name: str) -> None:
    image = odd_pictures()[name]
    mask, confidence = GrabCutSegmenter().with_confidence(image)
    assert mask.shape == image.shape[:2]
    assert mask.dtype == np.uint8
    assert 0.0 <= confidence <= 1.0
    assert set(np.unique(mask)) <= {0, 255}


def test_nothing_in_it_gives_an_empty_mask() -> None:
    mask, confidence = GrabCutSegmenter().with_confidence(odd_pictures()["uniform"])
    assert not mask.any()
    assert confidence == 0.0


def test_saliency_sees_the_subject_and_not_the_border() -> None:
    image, truth = toy_on_table(160, 120)
    salient = saliency(to_lab(image))
    assert salient[truth > 0].mean() > 0.7
    assert salient[truth == 0].mean() < 0.2
    assert salient.min() >= 0.0
    assert salient.max() <= 1.0


def test_cut_follows_the_given_odds() -> None:
    """Where odds are strong and the cost of an outline small, the cut is the sign of the odds."""
    image, _ = toy_on_table(80, 60)
    lab = to_lab(image)
    words = find_words(lab, texture(image, (80, 60)), texture_weight=5.0, seed=0)
    odds = np.full((60, 80), -3.0, dtype=np.float32)
    odds[20:40, 30:60] = 3.0
    assert np.array_equal(cut(words, odds, smoothness=0.5), (odds > 0).astype(np.uint8))
    odds[30, 45] = -3.0  # one stray pixel gives way to its neighbours
    assert cut(words, odds, smoothness=12.0)[30, 45] == 1
