"""Tokens in captions."""

import pytest

from tests.data.small_set import scene_row
from vivant.data.export.words import with_tokens
from vivant.types import Scene


def scene_of(*subjects: tuple[str, str], background: str = "in the garden") -> Scene:
    row = scene_row(2)
    one = row["subjects"][0]
    row["subjects"] = [{**one, "name": name, "noun": noun} for name, noun in subjects]
    return Scene.model_validate({**row, "background": background})


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("a cat and a teddy bear in the garden", "a <c> cat and a <t> teddy bear in the garden"),
        ("A cat sits. The cat looks at a bear.", "A <c> cat sits. The <c> cat looks at a <b> bear."),
        ("Cat", "<c> Cat"),
        ("a catalogue and a bobcat, with a cat", "a catalogue and a bobcat, with a <c> cat"),
    ],
)
def test_every_mention_gets_the_token(caption: str, expected: str) -> None:
    named = [("c1", "cat"), ("t1", "teddy bear"), ("b1", "bear")]
    tokens = {"c1": "<c>", "t1": "<t>", "b1": "<b>"}
    shown = [one for one in named if tokens[one[0]] in expected]
    assert with_tokens(caption, scene_of(*shown), tokens) == expected


@pytest.mark.parametrize(
    ("token", "caption", "expected"),
    [
        ("<o>", "An owl in the garden", "A <o> owl in the garden"),
        ("sks", "an owl in the garden", "a sks owl in the garden"),
        ("olis", "a small owl in the garden", "a small olis owl in the garden"),
    ],
)
def test_the_article_follows_the_token(token: str, caption: str, expected: str) -> None:
    assert with_tokens(caption, scene_of(("owl", "owl")), {"owl": token}) == expected


def test_the_background_keeps_its_words() -> None:
    scene = scene_of(("dog1", "dog"), background="at the dog park")
    assert with_tokens("a dog at the dog park", scene, {"dog1": "<d>"}) == "a <d> dog at the dog park"


def test_two_of_a_noun_are_named_plainly_not_guessed() -> None:
    scene = scene_of(("one", "cat"), ("two", "cat"))
    caption = "Another cat is behind a cat in the garden."
    tokens = {"one": "<a>", "two": "<b>"}
    assert with_tokens(caption, scene, tokens) == "a <a> cat and a <b> cat in the garden"
    assert with_tokens(caption, scene, {"two": "<b>"}) == "a cat and a <b> cat in the garden"


def test_a_caption_in_other_words_is_replaced() -> None:
    assert with_tokens("a kitten", scene_of(("one", "cat")), {"one": "<a>"}) == "a <a> cat in the garden"


def test_without_tokens_a_caption_stays() -> None:
    assert with_tokens("a kitten", scene_of(("one", "cat")), {}) == "a kitten"
