"""Captions: grammar, truth against a checker of its own that looks at masks only, and length."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.captions.caption_truth import NOUNS, Truth, check_truth
from tests.data.scene_fixtures import place, scene
from vivant.data.captions.caption import caption, detailed_caption, short_caption
from vivant.data.captions.words import article, kind_of, name_subjects
from vivant.errors import InputError
from vivant.models.clip_tokens import LIMIT, count_tokens
from vivant.settings.caption import CaptionSettings
from vivant.types import Background, Placement

GARDEN = Background(scene="garden", prompt="in the garden")


@pytest.mark.parametrize(
    ("nouns", "expected"),
    [
        (["cat"], "a cat in the garden"),
        (["cat", "dog", "house plant"], "a cat, a dog and a house plant in the garden"),
        (["owl", "hour glass", "unicorn", "UFO"], "an owl, an hour glass, a unicorn and a UFO in the garden"),
        (["cat", "cat"], "a cat and another cat in the garden"),
        (["cat", "dog", "cat", "cat"], "a cat, a dog, another cat and a third cat in the garden"),
        (["scissors", "headphones"], "a pair of scissors and a pair of headphones in the garden"),
        (["scissors", "scissors"], "a pair of scissors and another pair of scissors in the garden"),
        (["flowers", "bread", "wine glasses"], "some flowers, some bread and some wine glasses in the garden"),
        (["sloth_plushie"], "a sloth plushie in the garden"),
        (["the Eiffel Tower", "octopus"], "the Eiffel Tower and an octopus in the garden"),
    ],
)
def test_short_caption(nouns: list[str], expected: str) -> None:
    assert short_caption(nouns, "in the garden") == expected


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("", "a cat"),
        ("On a sunny beach.", "a cat on a sunny beach"),
        ("a meadow", "a cat in a meadow"),
        ("old kitchen", "a cat in an old kitchen"),
        ("Under the_bridge", "a cat under the bridge"),
    ],
)
def test_background_prompt_reads_on(prompt: str, expected: str) -> None:
    assert short_caption(["cat"], prompt) == expected


def test_later_mentions_tell_equal_nouns_apart() -> None:
    names = name_subjects(["cat", "Cat", "scissors"])
    assert [name.refer() for name in names] == ["the first cat", "the second Cat", "the pair of scissors"]
    assert [name.verb for name in names] == ["is", "is", "is"]
    assert name_subjects(["flowers"])[0].verb == "are"


@pytest.mark.parametrize("noun", ["bus", "glass", "iris", "rhinoceros", "dress", "chest of drawers", "gas", "thermos"])
def test_singular_in_s(noun: str) -> None:
    assert kind_of(noun) == "one"


@pytest.mark.parametrize("noun", ["umbrella", "urn", "uncle", "upright piano", "apple", "x-ray", "SUV", "heirloom"])
def test_an(noun: str) -> None:
    assert article(noun) == "an"


@pytest.mark.parametrize("noun", ["uniform", "university", "ukulele", "ewe", "one-eyed bear", "USB stick", "house"])
def test_a(noun: str) -> None:
    assert article(noun) == "a"


def test_too_many_words_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(InputError, match="shorter nouns or combine fewer"):
        short_caption(["extraordinarily decorated porcelain elephant figurine"] * 12, "in the garden")
    with pytest.raises(InputError):
        short_caption([], "in the garden")


def test_captions_that_barely_fit_lose_clauses_not_subjects() -> None:
    nouns = [f"hand painted {word} porcelain figurine" for word in ("cat", "dog", "owl", "fox", "hen", "cow")]
    rng = np.random.default_rng(0)
    placements = [place(str(i), (0.15 * i, 0.4, 0.15 * i + 0.2, 0.9), i / 6) for i in range(6)]
    layout, composite = scene(placements, rng)
    subjects = [(str(i), noun) for i, noun in enumerate(nouns)]
    for seed in range(20):
        text = detailed_caption(
            subjects, layout, composite, GARDEN, CaptionSettings(max_words=60), np.random.default_rng(seed)
        )
        assert count_tokens(text) <= LIMIT
        assert all(noun in text for noun in nouns)


@st.composite
def placements(draw) -> list[Placement]:
    number = draw(st.integers(1, 5))
    placed = []
    for index in range(number):
        depth = round(draw(st.floats(0, 1)), 3)
        wide, high = draw(st.floats(0.08, 0.5)), draw(st.floats(0.08, 0.6))
        x, foot = draw(st.floats(0.0, 1.0 - wide)), draw(st.floats(high, 1.0))
        rests_on = draw(st.sampled_from(["ground", "ground", "ground", "air", "wall", *[str(i) for i in range(index)]]))
        placed.append(place(str(index), (x, foot - high, x + wide, foot), depth, rests_on))
    return placed


@settings(max_examples=150, deadline=None, derandomize=True)
@given(placements(), st.integers(0, 10_000))
def test_every_statement_is_true(placed: list[Placement], seed: int) -> None:
    rng = np.random.default_rng(seed)
    layout, composite = scene(placed, rng, width=160, height=120)
    if any(layer.visible_box is None for layer in composite.layers):
        return
    truth = Truth(layout, composite)
    subjects = [(item.subject, NOUNS[int(item.subject)]) for item in placed]
    captions = caption(subjects, layout, composite, GARDEN, CaptionSettings(), rng)
    check_truth(captions.text_detailed, {noun: name for name, noun in subjects}, truth)
    assert all(captions.text_detailed.lower().count(f" {noun}") >= 1 for _, noun in subjects)
    assert len(captions.text_detailed.split()) <= 30
    assert count_tokens(captions.text_detailed) <= LIMIT


def test_the_checker_itself_notices_a_lie() -> None:
    layout, composite = scene(
        [place("0", (0.05, 0.4, 0.35, 0.9), 0.2), place("1", (0.6, 0.3, 0.9, 0.8), 0.6)], np.random.default_rng(0)
    )
    truth = Truth(layout, composite)
    subjects = {"cat": "0", "dog": "1"}
    assert check_truth("A cat on the left and a dog on the right, in the garden.", subjects, truth) == 2
    for lie in ("A cat on the right and a dog, in the garden.", "A cat and a dog in front of the cat, in the garden."):
        with pytest.raises(AssertionError):
            check_truth(lie, subjects, truth)


def _captions(placed: list[Placement], nouns: dict[str, str], count: int = 40) -> set[str]:
    layout, composite = scene(placed, np.random.default_rng(0))
    return {
        detailed_caption(list(nouns.items()), layout, composite, GARDEN, CaptionSettings(), np.random.default_rng(seed))
        for seed in range(count)
    }


def test_occlusion_support_and_size_are_told() -> None:
    texts = _captions(
        [
            place("table", (0.3, 0.5, 0.9, 0.95), 0.3),
            place("pot", (0.5, 0.4, 0.62, 0.51), 0.29, rests_on="table"),
            place("cat", (0.15, 0.55, 0.45, 0.98), 0.05),
        ],
        {"table": "table", "pot": "teapot", "cat": "cat"},
        count=150,
    )
    assert len(texts) > 15  # several phrasings
    assert any("teapot on top of the table" in text or "teapot is on the table" in text for text in texts)
    assert any(re.search("table is partly (hidden|covered) by the cat", text) for text in texts)
    assert any("small teapot" in text or "teapot is much smaller than" in text for text in texts)
    assert all("the centre of" not in text for text in texts)


def test_two_of_a_kind_are_told_apart() -> None:
    texts = _captions(
        [place("cat", (0.05, 0.4, 0.35, 0.9), 0.2), place("cat2", (0.6, 0.3, 0.9, 0.8), 0.6)],
        {"cat": "cat", "cat2": "cat"},
    )
    assert all("another cat" in text for text in texts)
    assert not any("the cat" in text for text in texts)


def test_same_seed_same_words() -> None:
    placed = [place("a", (0.05, 0.4, 0.35, 0.9), 0.2), place("b", (0.6, 0.3, 0.9, 0.8), 0.6)]
    assert _captions(placed, {"a": "cat", "b": "dog"}) == _captions(placed, {"a": "cat", "b": "dog"})
