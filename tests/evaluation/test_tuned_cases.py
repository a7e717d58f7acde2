"""Prompts with a run's own words."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from vivant.errors import InputError, ModelError
from vivant.evaluation.benchmarks.cases import CaseSubject, Manifest, make_case
from vivant.evaluation.tuned_cases import Words, read_words, tuned_cases, with_words
from vivant.files import write_json


def subjects(*names: str) -> list[CaseSubject]:
    return [
        CaseSubject(name=name, noun=name.rstrip("0123456789"), photos=(Path("photos", name, "0.png"),))
        for name in names
    ]


CASES = (
    make_case("one", "single", "An {} is dancing in a garden.", subjects("owl")),
    make_case("two", "multi", "A fluffy {} is hugging a {} at the dog park.", subjects("cat", "dog")),
    make_case("pair", "multi", "a {}, a {} and a {} in the snow", subjects("cat2", "owl", "cat1")),
)
WORDS = Words(Path("run"), {name: f"<{name}>" for name in ("owl", "cat", "dog", "cat1", "cat2")})


def test_every_noun_gets_its_subjects_word() -> None:
    assert [with_words(case, WORDS) for case in CASES] == [
        "A <owl> owl is dancing in a garden.",
        "A fluffy <cat> cat is hugging a <dog> dog at the dog park.",
        "a <cat2> cat, a <owl> owl and a <cat1> cat in the snow",
    ]


def test_a_word_for_the_composition_is_said_of_several_subjects() -> None:
    words = Words(WORDS.folder, WORDS.tokens, composition=True)
    assert with_words(CASES[0], words) == "A <owl> owl is dancing in a garden."
    assert with_words(CASES[2], words).startswith("a <scene> composition: a <cat2> cat, ")


def test_two_subjects_in_one_plural_have_no_word_of_their_own() -> None:
    case = make_case("two", "multi", "two cats in the snow", subjects("cat1", "cat2"))
    with pytest.raises(InputError, match=r"'cats' is said of several subjects.*a cat and another cat"):
        with_words(case, WORDS)


def test_cases_of_others_are_left_out_and_none_is_an_error() -> None:
    manifest = Manifest(benchmark="relationbench", samples=1, cases=CASES)
    told, others = tuned_cases(manifest, Words(Path("run"), {"cat": "<cat>", "dog": "<dog>", "owl": "<owl>"}))
    assert [case.name for case in told.cases] == ["one", "two"] and others == 1
    assert manifest.cases[0].prompt == "An owl is dancing in a garden."
    with pytest.raises(InputError, match=r"words for cat, and every case shows somebody else, as owl.*--subjects"):
        tuned_cases(manifest, Words(Path("run"), {"cat": "<cat>"}))


def test_whose_word_it_is_comes_from_the_run(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such folder"):
        read_words(tmp_path / "nowhere")
    save_file({"<cat>": np.zeros((1, 8), np.float32)}, tmp_path / "<cat>.safetensors")
    with pytest.raises(InputError, match=r"tokens\.json: not there, so nothing says which word is whose"):
        read_words(tmp_path)
    write_json(tmp_path / "tokens.json", {"<cat>": {"name": "cat1", "noun": "cat"}, "<scene>": {}})
    assert read_words(tmp_path) == Words(tmp_path, {"cat1": "<cat>"}, composition=True)
    write_json(tmp_path / "tokens.json", ["<cat>"])
    with pytest.raises(InputError, match="does not say which word is whose"):
        read_words(tmp_path)
