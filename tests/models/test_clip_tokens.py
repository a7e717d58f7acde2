"""The tokenizer against known ids, and against the library that trainers use where it is installed."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vivant.models.clip_tokens import END, LIMIT, START, clip_tokenizer, clip_vocabulary, count_tokens

TEXTS = [
    "",
    "   ",
    "a photo of a cat",
    "A   Photo\tof\nA CAT!!",
    "it's the dog's 2024 re-run; they're here, I'd say we've won",
    "Ünïcödé ñandú — naïve café, élan",
    "cafe\u0301 and caf\u00e9",
    "一只猫和一只狗",
    "кот и собака",
    "🐈‍⬛ and 🐕 in the 公園",
    "a\u00a0non-breaking\u2003space",
    "<new1> cat <|endoftext|> dog <|STARTOFTEXT|>",
    "x" * 300,
    "...---...  :-) #@$% 1234567890",
    "İstanbul ǅ ß",
]


def test_known_ids() -> None:
    assert clip_tokenizer().encode("a photo of a cat").ids == [49406, 320, 1125, 539, 320, 2368, 49407]


def test_vocabulary_has_the_published_size() -> None:
    vocabulary, merges = clip_vocabulary()
    assert len(vocabulary) == 49408
    assert len(merges) == 48894
    assert vocabulary[START] == 49406
    assert vocabulary[END] == 49407
    assert LIMIT == 77


@pytest.mark.parametrize(("text", "tokens"), [("", 2), ("a photo of a cat", 7), ("1234", 6), ("cat\n\n cat", 4)])
def test_count(text: str, tokens: int) -> None:
    assert count_tokens(text) == tokens


@pytest.fixture(scope="module")
def reference():
    transformers = pytest.importorskip("transformers")
    vocabulary, merges = clip_vocabulary()
    return transformers.CLIPTokenizer(vocab=vocabulary, merges=merges)


@pytest.mark.parametrize("text", TEXTS)
def test_agrees_with_transformers(reference, text: str) -> None:
    assert clip_tokenizer().encode(text).ids == reference(text).input_ids


def test_agrees_with_transformers_on_anything(reference) -> None:
    @settings(max_examples=200, deadline=None)
    @given(st.text(max_size=40))
    def check(text: str) -> None:
        assert clip_tokenizer().encode(text).ids == reference(text).input_ids

    check()


def test_importing_does_not_load_the_library() -> None:
    code = "import sys, vivant.models.clip_tokens; sys.exit('tokenizers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
