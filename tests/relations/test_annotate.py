"""Annotating pictures of which nothing is known, with models that are passed in."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from vivant.data.segment.grabcut import GrabCutSegmenter
from vivant.relations.annotate import ModelAnnotator
from vivant.relations.from_world import WorldSource
from vivant.relations.outline import CutoutOutline
from vivant.relations.propose import request
from vivant.relations.published import mask_box
from vivant.relations.sample import Pictures, Sample

ASKED = request("hugging", ("lion", "bear"), 0, 0)


class TrueDetector:
    """Knows the boxes of a sample."""

    def __init__(self, sample: Sample, blind: str = "") -> None:
        self.sample, self.blind = sample, blind

    def detect(self, images, labels):
        found = []
        for image, names in zip(images, labels, strict=True):
            alone = image.shape == self.sample.target.shape and np.array_equal(image, self.sample.target)
            masks: dict[str, Any] = {part.noun: part.mask if alone else part.concept_mask for part in self.sample.parts}
            rows = [
                (mask_box(masks[name]).as_tuple(), 0.9, number)
                for number, name in enumerate(names)
                if name != self.blind
            ]
            boxes, scores, numbers = (np.array([row[i] for row in rows], np.float32) for i in range(3))
            found.append(SimpleNamespace(boxes=boxes.reshape(-1, 4), scores=scores, labels=numbers))
        return found


class Points:
    """Every point in the middle of the box, the last one unseen."""

    def __init__(self, pairs: list[tuple[int, int]]) -> None:
        self.pairs = pairs

    def locate(self, images, boxes):
        middle = (boxes[:, :2] + boxes[:, 2:]) / 2
        found = np.ones((len(images), 17, 3), np.float32)
        for number, image in enumerate(images):
            found[number, :, :2] = middle[number] * (image.shape[1], image.shape[0])
            found[number, :, 0] += np.arange(17)
        found[:, 16, 2] = 0.1
        return found


def drawn() -> tuple[Sample, Pictures]:
    sample = WorldSource(160).draw(ASKED)
    pictures = WorldSource(160, own=False).draw(ASKED)
    assert isinstance(sample, Sample) and isinstance(pictures, Pictures)
    return sample, pictures


def filled(image, box):
    """All of the box."""
    height, width = image.shape[:2]
    left, top, right, bottom = (box * (width, height, width, height)).round().astype(int)
    mask = np.zeros((height, width), np.uint8)
    mask[top:bottom, left:right] = 255
    return mask, 0.7


def annotator(
    sample: Sample, blind: str = "", pairs: Sequence[tuple[int, int]] = ((0, 1),), describe: Any = None
) -> ModelAnnotator:
    return ModelAnnotator(TrueDetector(sample, blind), Points(list(pairs)), filled, describe)


def test_everything_is_found_with_how_sure_it_is():
    sample, pictures = drawn()
    found = annotator(sample).annotate(ASKED, pictures)
    assert found.prompt == sample.prompt and found.predicate == ("hugging",)
    assert found.confidence == {"prompt": 0.5, "predicate": 1.0}
    for part, true in zip(found.parts, sample.parts, strict=True):
        assert np.array_equal(part.concept, true.concept)
        assert part.confidence["box"] == pytest.approx(0.9)
        assert part.target_keypoints[:, 2].tolist() == [1] * 16 + [0]
        assert (part.target_keypoints[:, :2] >= 0).all() and (part.target_keypoints[:, :2] <= 1).all()
        assert mask_box(part.mask) == mask_box(true.mask) and part.confidence["mask"] == 0.7


def test_who_is_not_found_has_an_empty_mask():
    sample, pictures = drawn()
    lion, bear = annotator(sample, blind="bear").annotate(ASKED, pictures).parts
    assert bear.mask.max() == 0 and bear.confidence["box"] == 0.0 and bear.target_keypoints[:, 2].max() == 0
    assert lion.confidence["box"] > 0.5


def test_points_of_people_come_in_the_animals_order():
    sample, pictures = drawn()
    plain = annotator(sample).annotate(ASKED, pictures).parts[0].target_keypoints
    people = annotator(sample, pairs=((1, 2),)).annotate(ASKED, pictures).parts[0].target_keypoints
    step = 1 / 160
    assert people[2, 0] == pytest.approx(plain[0, 0])  # the nose
    assert people[3, 0] == pytest.approx(plain[0, 0] + 5.5 * step, abs=1e-5)  # between the shoulders
    assert people[13, 0] == pytest.approx(plain[0, 0] + 15 * step, abs=1e-5)  # a foot


@pytest.mark.parametrize(
    ("said", "taken"), [("A big lion is hugging a bear.", True), ("Two animals.", False), ("A lion and a bear", False)]
)
def test_a_caption_must_name_everybody_and_the_relation(said, taken):
    sample, pictures = drawn()
    found = annotator(sample, describe=lambda image: said).annotate(ASKED, pictures)
    assert (found.prompt == said) == taken


def test_a_cutout_stays_in_its_box_and_finds_who_is_in_it():
    part = drawn()[0].parts[0]
    assert part.concept_mask is not None
    box = mask_box(part.concept_mask)
    mask, sure = CutoutOutline(GrabCutSegmenter())(part.concept, np.array(box.as_tuple(), np.float32))
    found, true = mask >= 128, part.concept_mask >= 128
    assert mask.shape == part.concept.shape[:2] and 0.0 < sure <= 1.0
    left, top, right, bottom = box.pixels(160, 160)
    assert found.sum() == found[top:bottom, left:right].sum()
    assert (found & true).sum() / (found | true).sum() > 0.6
    assert CutoutOutline(GrabCutSegmenter())(part.concept, np.zeros(4, np.float32))[1] == 0.0
