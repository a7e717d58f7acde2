"""Captions: grammar, truth against a checker of its own that looks at masks only, and length."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.scene_fixtures import place, scene
from vivant.data.caption import caption, detailed_caption, short_caption
from vivant.data.caption_words import article, kind_of, name_subjects
from vivant.errors import InputError
from vivant.models.clip_tokens import LIMIT, count_tokens
from vivant.settings.caption import CaptionSettings
from vivant.types import Background, Composite, Layer, Layout, Placement

GARDEN = Background(scene="garden", prompt="in the garden")
NOUNS = ("cat", "dog", "house plant", "owl", "lamp", "teapot")


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


# The checker reads a caption back and holds every statement against masks and depths, with code of its own.

_NOUN = "|".join(sorted(NOUNS, key=len, reverse=True))
_THING = rf"(?:(?:an?|the|another) )?(?P<{{}}>(?:small |large )?(?:(?:first|second|third) )?(?:{_NOUN}))"
_PLACES = {
    r"on the left(?: side)?|to the left(?! of)": "left",
    r"on the right(?: side)?|to the right(?! of)": "right",
    r"left of the centre|just left of the middle": "centre-left",
    r"right of the centre|just right of the middle": "centre-right",
    r"in the (?:middle|centre)": "middle",
    r"near the top": "top",
    r"in the foreground|close to the camera": "foreground",
    r"further back|farther away": "background",
    r"close up|in close-up": "close-up",
    r"in the air": "air",
    r"on the wall": "wall",
}
_RELATIONS = {
    r"to the left of": "left of",
    r"to the right of": "right of",
    r"partly (?:hidden|covered) by": "hidden by",
    r"partly (?:hiding|covering)": "hides",
    r"behind": "behind",
    r"in front of": "in front of",
    r"on top of|on": "on top of",
    r"above": "above",
    r"much smaller than": "smaller",
    r"much larger than": "larger",
}


def _centre(layer: Layer) -> tuple[float, float]:
    rows, columns = np.nonzero(layer.visible > 127)
    height, width = layer.visible.shape
    return float(columns.mean() / width), float(rows.mean() / height)


def _whole(layer: Layer) -> npt.NDArray[np.bool_]:
    height, width = layer.visible.shape
    canvas = np.zeros((height, width), np.bool_)
    rows, columns = (
        place + shift for place, shift in zip(np.nonzero(layer.rgba[..., 3] > 127), (layer.y, layer.x), strict=True)
    )
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    canvas[rows[inside], columns[inside]] = True
    return canvas


class Truth:
    def __init__(self, layout: Layout, composite: Composite) -> None:
        self.layers = {layer.subject: layer for layer in composite.layers}
        self.depth = {item.subject: item.depth for item in layout.placements}
        self.rests = {item.subject: item.rests_on for item in layout.placements}

    def place(self, kind: str, name: str) -> bool:
        x, _ = _centre(self.layers[name])
        rows = np.nonzero((self.layers[name].visible > 127).any(axis=1))[0] / self.layers[name].visible.shape[0]
        others = [depth for other, depth in self.depth.items() if other != name]
        truths = {
            "left": x < 0.48,
            "centre-left": 0.3 < x < 0.5,
            "middle": 0.4 < x < 0.6,
            "centre-right": 0.5 < x < 0.7,
            "right": x > 0.52,
            "top": rows.max() < 0.4,
            "foreground": rows.max() > 0.7 and self.depth[name] < min(others, default=1),
            "background": self.depth[name] > max(others, default=0),
            "close-up": not others,
            "air": self.rests[name] == "air",
            "wall": self.rests[name] == "wall",
        }
        return bool(truths[kind])

    def relation(self, kind: str, name: str, other: str) -> bool:
        one, two = self.layers[name], self.layers[other]
        x, y = _centre(one)
        x_other, y_other = _centre(two)
        size, size_other = (int(np.count_nonzero(layer.rgba[..., 3] > 127)) for layer in (one, two))
        covered = np.count_nonzero(_whole(one) & _whole(two))
        hidden = self.depth[name] > self.depth[other] and covered > 0.03 * size
        hides = self.depth[other] > self.depth[name] and covered > 0.03 * size_other
        truths = {
            "left of": x < x_other - 0.08,
            "right of": x > x_other + 0.08,
            "behind": self.depth[name] > self.depth[other],
            "in front of": self.depth[name] < self.depth[other],
            "hidden by": hidden,
            "hides": hides,
            "on top of": self.rests[name] == other,
            "above": y < y_other,
            "smaller": size * 2 < size_other and self.depth[name] <= self.depth[other] + 0.05,
            "larger": size > size_other * 2 and self.depth[other] <= self.depth[name] + 0.05,
        }
        return bool(truths[kind])


def check_truth(text: str, subjects: dict[str, str], truth: Truth) -> int:
    """Fails on a false or unreadable statement; returns how many there were. `subjects`: words -> name."""
    for opening in ("A photo of ", "A picture of ", "In the garden, there is "):
        text = text.removeprefix(opening)
    text = re.sub(r",? in the garden\.", ".", text)
    found = 0
    first, *rest = [sentence for sentence in text.split(".") if sentence.strip()]
    items = re.split(r", | and ", first)
    for item in [*items, *[part for sentence in rest for part in sentence.split(", and ")]]:
        match = re.match(_THING.format("noun"), item.strip(), re.IGNORECASE)
        assert match, item
        words = match["noun"].lower()
        size = re.match(r"(small|large) ", words)
        name = subjects[re.sub(r"^(small|large) ", "", words)]
        if size:
            kind = {"small": "smaller", "large": "larger"}[size[1]]
            assert all(truth.relation(kind, name, other) for other in subjects.values() if other != name), text
        said = item.strip()[match.end() :].strip()
        for predicate in filter(None, re.split(r", | and ", said.removeprefix("is "))):
            _check_predicate(predicate, name, subjects, truth, text)
            found += 1
    return found


def _check_predicate(predicate: str, name: str, subjects: dict[str, str], truth: Truth, text: str) -> None:
    for pattern, kind in _PLACES.items():
        if re.fullmatch(pattern, predicate):
            assert truth.place(kind, name), (predicate, text)
            return
    for pattern, kind in _RELATIONS.items():
        match = re.fullmatch(rf"(?:{pattern}) the (.+)", predicate)
        if match:
            assert truth.relation(kind, name, subjects[match[1]]), (predicate, text)
            return
    pytest.fail(f"cannot read {predicate!r} in {text!r}")


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


@settings(max_examples=150, deadline=None)
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
