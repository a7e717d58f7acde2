"""Boxes proposed from sentences, and boxes of the command line."""

import random
from itertools import product
from typing import Any

import numpy as np
import pytest

from vivant.errors import InputError, SettingsError
from vivant.generation.box_table import ALONE, MEASURED, TWO
from vivant.generation.boxes import parse_box, propose_boxes
from vivant.types import Box
from vivant.world import RELATIONS, perform, sample_script

SIX = ["cat", "dog", "fox", "bear", "duck", "lion"]
ROW = "a cat, a dog, a fox, a bear, a duck and a lion are standing side by side"


def two(does: str, **options: Any) -> tuple[Box, ...]:
    return propose_boxes(f"a cat {does} a dog", ["cat", "dog"], **options)


def shared(one: Box, other: Box) -> float:
    """Of the smaller one's area."""
    return one.overlap(other) / min(one.area, other.area)


def test_the_table_knows_every_relation_of_the_world():
    assert set(MEASURED) == {*RELATIONS, "standing"}
    assert {*ALONE, *TWO} <= set(MEASURED)
    assert all(len(MEASURED[name]) == relation.subjects[0] for name, relation in list(RELATIONS.items())[:-1])


@pytest.mark.parametrize("relation", ["hugging", "carrying", "playing chess with", "riding a horse", "dancing"])
def test_the_table_is_what_the_world_does(relation):
    rng = random.Random(11)
    scenes = [perform(sample_script(rng, [relation]), 64).boxes for _ in range(20)]
    for boxes in scenes:
        if boxes[0, 0] + boxes[0, 2] > boxes[-1, 0] + boxes[-1, 2]:
            boxes[:, [0, 2]] = 1 - boxes[:, [2, 0]]
    truth = np.mean(scenes, axis=0)
    if len(truth) == 1:
        truth[:, [0, 2]] += (1 - truth[:, 0] - truth[:, 2]) / 2
    assert np.abs(truth - np.array(MEASURED[relation])).max() < 0.06


@pytest.mark.parametrize("relation", list(RELATIONS)[:25])
def test_captions_of_the_world_get_their_measured_boxes(relation):
    rng = random.Random(3)
    for _ in range(3):
        script = sample_script(rng, [relation])
        expected = np.array(MEASURED[relation])
        for text in (script.text, script.text_present, script.text_detailed):
            boxes = propose_boxes(text, [one.noun for one in script.cast])
            found = np.array([box.as_tuple() for box in boxes])
            assert np.allclose(found[:, 2:] - found[:, :2], expected[:, 2:] - expected[:, :2])
            assert np.allclose(found[:, 1], expected[:, 1])


@pytest.mark.parametrize("aspect", [0.1, 0.5, 1.0, 16 / 9, 4.0, 10.0])
def test_all_lie_inside_at_any_aspect_and_keep_their_shape(aspect):
    for count, (heights, words) in product(range(1, 7), ((None, "standing"), ([1, 2, 3, 4, 5, 30], "hugging"))):
        nouns = SIX[:count]
        prompt = f"{', '.join(f'a {noun}' for noun in nouns[:-1])} and a {nouns[-1]} are {words}"
        boxes = propose_boxes(prompt, nouns, aspect, heights[:count] if heights else None)
        assert all(box.area > 0 for box in boxes)
        square = propose_boxes(prompt, nouns, 1.0)[0]
        if count < 3 and not heights:
            shape = boxes[0].width * aspect / boxes[0].height
            assert shape == pytest.approx(square.width / square.height)


def test_a_relation_decides_whether_boxes_overlap():
    assert shared(*two("is hugging")) > 0.7
    assert shared(*two("hugs")) > 0.7
    assert 0.5 < shared(*two("is carrying")) < 1
    assert 0 < shared(*two("is tickling")) < shared(*two("is embracing"))
    assert 0 < shared(*two("is smooching")) < 0.3  # no verb of the tables, but one with a direct object
    assert shared(*two("is holding hands with")) == 0
    for apart in ("is playing chess with", "fences with", "is standing next to", "is chasing", "is talking with"):
        assert shared(*two(apart)) == 0, apart


def test_who_carries_whom():
    carrier, carried = two("is carrying")
    assert carried.y1 < carrier.y1
    assert two("is carried by") == (carried, carrier)


def test_the_order_is_the_sentences_whatever_the_nouns_order():
    cat, dog = two("is kissing")
    assert cat.centre[0] < dog.centre[0]
    assert propose_boxes("a cat is kissing a dog", ["dog", "cat"]) == (dog, cat)
    row = propose_boxes(ROW, SIX)
    assert [box.x0 for box in row] == sorted(box.x0 for box in row)
    one, other = propose_boxes("a cat is kissing another cat", ["cat", "cat"])
    assert one.x0 < other.x0


@pytest.mark.parametrize(
    "prompt",
    [
        "a cat is standing to the right of a dog",
        "a cat on the right and a dog on the left",
        "on the right, a cat is standing right of a dog",
        "a cat on the right, a dog on the left",
    ],
)
def test_words_win_over_the_order(prompt):
    cat, dog = propose_boxes(prompt, ["cat", "dog"])
    assert cat.x0 >= dog.x1 - 0.01


def test_above_below_behind_in_front_and_between():
    for does in ("is sitting on top of", "is riding", "stands on the shoulders of"):
        cat, dog = two(does)
        assert cat.y1 < dog.y1 - 0.2
        assert cat.overlap(dog) > 0
    cat, dog = two("is hiding under")
    assert dog.y1 < cat.y1 - 0.2
    cat, dog = two("is standing behind")
    assert cat.y1 < dog.y1
    assert cat.height < dog.height
    assert two("is in front of")[1].height < two("is in front of")[0].height
    cat, dog, fox = propose_boxes("a cat is sitting between a dog and a fox", SIX[:3])
    assert dog.x0 < cat.x0 < fox.x0


def test_places_are_no_places_of_subjects():
    beside = two("and")
    assert two("is leaning on") == beside
    assert propose_boxes("a cat is sitting on a bench next to a dog", ["cat", "dog"]) == beside
    assert propose_boxes("a cat and a dog are standing on a hill behind a house", ["cat", "dog"]) == beside
    assert propose_boxes("a cat is standing on a rug, a dog is reading", ["cat", "dog"])[0].x1 < 0.5


def test_several_touch_or_stand_apart_as_the_relation_says():
    hug = propose_boxes("a cat, a dog and a fox are hugging", SIX[:3])
    stand = propose_boxes("a cat, a dog and a fox are standing", SIX[:3])
    assert shared(*hug[:2]) > 0.3 > shared(*stand[:2])


def test_a_narrow_picture_gets_two_rows():
    boxes = propose_boxes(ROW, SIX, 0.5)
    assert len({round(box.y1, 3) for box in boxes}) == 2
    assert min(box.width for box in boxes) > 0.3
    assert len({round(box.y1, 3) for box in propose_boxes(ROW, SIX, 1.0)}) == 1


def test_heights_make_sizes_plausible():
    man, cat = propose_boxes("a man is hugging a cat", ["man", "cat"], heights=[1.8, 0.3])
    assert cat.height / man.height == pytest.approx((0.3 / 1.8) ** 0.5, abs=0.02)
    assert cat.y1 == pytest.approx(man.y1)
    assert shared(man, cat) > 0.7
    man, ant = propose_boxes("a man and an ant", ["man", "ant"], heights=[1.8, 0.001])
    assert ant.height / man.height == pytest.approx(0.35, abs=0.01)
    man, cat = propose_boxes("a man is carrying a cat", ["man", "cat"], heights=[1.8, 0.3])
    assert shared(man, cat) == pytest.approx(1.0)
    assert cat.y1 < man.y1 - 0.1


@pytest.mark.parametrize(
    ("prompt", "nouns", "options", "message"),
    [
        ("a cat", [], {}, "0 subjects"),
        (ROW + " and a bird", [*SIX, "bird"], {}, "7 subjects: a picture takes 1 to 6"),
        ("a cat", ["dog"], {}, "does not name the subject 'dog'"),
        ("a cat", ["cat"], {"aspect": 0.0}, "aspect of 0.0"),
        ("a cat", ["cat"], {"aspect": float("nan")}, "aspect of nan"),
        ("a cat", ["cat"], {"heights": [1.0, 2.0]}, "one positive number a subject"),
        ("a cat", ["cat"], {"heights": [0.0]}, "one positive number a subject"),
    ],
)
def test_what_cannot_be_placed(prompt, nouns, options, message):
    with pytest.raises(InputError, match=message):
        propose_boxes(prompt, nouns, **options)


def test_a_box_of_the_command_line():
    assert parse_box("cat=0,.2,.45,.85") == ("cat", Box(x0=0, y0=0.2, x1=0.45, y1=0.85))
    assert parse_box(" teddy bear = 0, 0, 1, 1", ["teddy bear"])[0] == "teddy bear"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0,.2,.45,.85", "write it as cat=0"),
        ("=0,.2,.45,.85", "write it as cat=0"),
        ("cat=0,.2,.45", "give four numbers"),
        ("cat=0,.2,.45,.85,1", "give four numbers"),
        ("cat=0,.2,x,.85", "give four numbers"),
        ("cat=0,.2,1.2,.85", r"1.2 is outside \[0, 1\]"),
        ("cat=0,nan,1,.85", r"nan is outside \[0, 1\]"),
        ("cat=.5,.2,.45,.85", "right edge 0.45 must be right of the left 0.5"),
        ("cat=0,.2,.45,.2", "bottom 0.2 must be below the top 0.2"),
        ("fox=0,.2,.45,.85", "no subject 'fox', only cat, dog"),
    ],
)
def test_a_box_that_cannot_be_used(text, message):
    with pytest.raises(SettingsError, match=message):
        parse_box(text, {"dog", "cat"})
