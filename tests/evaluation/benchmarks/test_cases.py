"""From subjects to manifests, for every benchmark; and whose picture a file is."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vivant.errors import InputError, StoreError
from vivant.evaluation.benchmarks.cases import (
    CaseSubject,
    Manifest,
    fill,
    make_case,
    read_cases,
    read_manifest,
    write_manifest,
)
from vivant.evaluation.benchmarks.customconcept101 import custom_cases
from vivant.evaluation.benchmarks.dreambench import dream_cases, is_live
from vivant.evaluation.benchmarks.mycanvas import canvas_cases, listed
from vivant.evaluation.benchmarks.pictures import pictures_of
from vivant.evaluation.benchmarks.relationbench import prompts, relation_cases
from vivant.evaluation.benchmarks.subjects import Deck, subjects_in
from vivant.evaluation.benchmarks.world import WorldOptions, world_cases


def subject(name: str, noun: str | None = None) -> CaseSubject:
    return CaseSubject(name=name, noun=noun or name.rstrip("0123456789"), photos=(Path(f"photos/{name}/0.png"),))


SEVEN = [subject(name) for name in ("cat1", "cat2", "dog", "owl", "teapot", "clock", "elephant")]


def test_filling_a_template() -> None:
    assert fill("A {} is hugging a {}.", ["elephant", "dog"]) == "An elephant is hugging a dog."
    assert fill("a red {} on an {}", ["owl", "cat"]) == "a red owl on a cat"
    assert fill("{0} beside the {1}, an {0} of note", ["cat", "owl"]) == "cat beside the owl, a cat of note"
    assert fill("a cat sits", ["cat"]) == "a cat sits"
    with pytest.raises(InputError, match="places for 1 subjects, but 2"):
        fill("a {}", ["cat", "dog"])
    assert fill("a {} {0.__class__}", ["cat"]) == "a cat {0.__class__}"  # data, not a format string


def test_relation_bench_has_every_prompt_and_subject_equally_often() -> None:
    cases = relation_cases(SEVEN, np.random.default_rng(0))
    assert len(cases) == len({case.name for case in cases}) == 100
    assert Counter(case.group for case in cases) == {"single": 56, "multi": 44}
    assert set(Counter(case.predicate for case in cases).values()) == {4}
    dealt = Counter(one.name for case in cases for one in case.subjects)
    assert max(dealt.values()) - min(dealt.values()) <= 1
    assert all(len({one.name for one in case.subjects}) == len(case.subjects) for case in cases)
    assert cases == relation_cases(SEVEN, np.random.default_rng(0)) != relation_cases(SEVEN, np.random.default_rng(1))
    single = relation_cases(SEVEN, np.random.default_rng(0), which="single", prompt_set="long", count=14)
    assert [case.prompt.split(" ", 2)[2][:10] for case in single] == [
        text.split(" ", 2)[2][:10] for text in prompts("long")[:14]
    ]
    with pytest.raises(InputError, match="a case of 2 subjects needs as many folders of photos; 1 given"):
        relation_cases(SEVEN[:1], np.random.default_rng(0))


def test_my_canvas_lists_every_subject_before_an_unseen_background() -> None:
    cases = canvas_cases(SEVEN, np.random.default_rng(0), seen=["in the garden"])
    assert Counter(case.group for case in cases) == {"<= 3": 21, "4": 10, "5": 10}
    assert len({case.background for case in cases}) == 41 and "in the garden" not in {case.background for case in cases}
    assert all(case.background and case.prompt.endswith(case.background) for case in cases)
    assert listed(["cat", "owl", "cat"]) == "a cat, an owl and another cat"
    few = canvas_cases(SEVEN[:3], np.random.default_rng(0), count=4)
    assert [len(case.subjects) for case in few] == [2, 3, 2, 3]


def test_dream_bench_knows_what_lives() -> None:
    cases = dream_cases([subject("dog2"), subject("teapot")])
    assert len(cases) == 50 and cases[10].prompt == "a dog wearing a red hat"
    assert cases[35].prompt == "a teapot with a wheat field in the background"
    assert cases[24].prompt == "a cube shaped dog" and cases[0].background == "in the jungle"
    assert [is_live(noun) for noun in ("corgi", "grey wolf", "wolf plushie", "teapot", "toy car", "duck toy")] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]


@pytest.fixture
def custom(tmp_path: Path) -> Path:
    for name in ("barn", "cat"):
        (tmp_path / "benchmark" / name).mkdir(parents=True)
        (tmp_path / "benchmark" / name / "1.jpg").touch()
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "things.txt").write_text("a {} in the snow\n\n{} at sunset\n")
    (tmp_path / "prompts" / "pairs.txt").write_text("the {} next to the {}\n")

    def concept(name: str) -> dict[str, str]:
        return {
            "instance_prompt": f"photo of a <new1> {name}",
            "class_prompt": name,
            "instance_data_dir": f"./elsewhere/benchmark/{name}",
            "prompt_filename": "prompts/things.txt",
        }

    (tmp_path / "dataset.json").write_text(json.dumps([concept("barn"), concept("cat")]))
    pair = [concept("cat"), concept("barn"), {"prompt_filename_compose": "prompts/pairs.txt"}]
    (tmp_path / "dataset_multiconcept.json").write_text(json.dumps([pair]))
    return tmp_path


def test_custom_concept_101_as_it_is_published(custom: Path) -> None:
    assert [case.prompt for case in custom_cases(custom, multi=False)] == [
        "a barn in the snow",
        "barn at sunset",
        "a cat in the snow",
        "cat at sunset",
    ]
    (case,) = custom_cases(custom)
    assert case.prompt == "the cat next to the barn" and case.group == "multi"
    assert case.subjects[1].photos == (custom / "benchmark" / "barn" / "1.jpg",)


def test_custom_concept_101_that_is_not_whole(custom: Path) -> None:
    (custom / "prompts" / "pairs.txt").unlink()
    with pytest.raises(InputError, match=r"entry 1: prompts/pairs\.txt is not in"):
        custom_cases(custom)
    (custom / "dataset.json").write_text("{}")
    with pytest.raises(InputError, match="not a list of concepts"):
        custom_cases(custom, multi=False)


def test_the_world_draws_its_truth(tmp_path: Path) -> None:
    options = WorldOptions(count=3, portraits=2, size=64, relations=("dancing", "hugging"))
    cases = world_cases(tmp_path, options)
    assert [case.truth.relation for case in cases if case.truth] == ["dancing", "hugging", "dancing"]
    assert cases[1].predicate == "hugging" and cases[1].background and len(cases[1].subjects) == 2
    assert all((tmp_path / "truth" / f"{case.name}.png").is_file() for case in cases)
    photos = {photo for case in cases for one in case.subjects for photo in one.photos}
    assert all(photo.is_file() for photo in photos) and len(photos) == 8
    before = {path: path.stat().st_mtime_ns for path in photos}
    assert world_cases(tmp_path, options) == cases
    assert {path: path.stat().st_mtime_ns for path in photos} == before


def manifest(cases: list[Any]) -> Manifest:
    return Manifest(benchmark="relationbench", samples=1, options={"seed": 0}, cases=tuple(cases))


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    inside = CaseSubject(name="fox", noun="fox", photos=(tmp_path / "references" / "fox.png",))
    outside = CaseSubject(name="cat", noun="cat", photos=(Path("/photos/cat.png"),))
    written = manifest([make_case("one", "multi", "A {} is hugging a {} in a garden.", [inside, outside])])
    write_manifest(tmp_path, written)
    assert read_manifest(tmp_path) == written
    line = json.loads((tmp_path / "cases.jsonl").read_text())
    assert [one["photos"] for one in line["subjects"]] == [["references/fox.png"], ["/photos/cat.png"]]
    write_manifest(tmp_path, written)
    with pytest.raises(InputError, match="holds other cases"):
        write_manifest(tmp_path, manifest([make_case("two", "single", "A {} is dancing.", [inside])]))


def test_a_users_own_cases_are_filled_in(tmp_path: Path) -> None:
    row = {"prompt": "A cat is kissing a dog in a garden.", "subjects": [{"noun": "cat", "photos": ["cat/1.png"]}]}
    row["subjects"].append({"noun": "dog", "photos": ["dog/1.png"], "name": "rex"})  # type: ignore[attr-defined]
    path = tmp_path / "mine.jsonl"
    path.write_text(json.dumps(row))
    (case,) = read_cases(path)
    assert (case.name, case.group, case.predicate, case.background) == ("0001", "multi", "kissing", "in a garden")
    assert [one.name for one in case.subjects] == ["cat", "rex"]
    assert case.subjects[0].photos == (tmp_path / "cat" / "1.png",)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"prompt": "a cat"}', "case 1: no subjects"),
        ('{"prompt": "a cat", "subjects": [{"noun": "dog", "photos": ["1.png"]}]}', "does not name the subject 'dog'"),
        ('{"prompt": "a cat", "subjects": [{"noun": "cat", "photos": []}]}', "case 1: "),
        ('{"prompt": "a cat", "name": "../up", "subjects": [{"noun": "cat", "photos": ["1.png"]}]}', ""),
        ("", "holds no case"),
    ],
)
def test_what_is_no_case_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(line)
    if message:
        with pytest.raises(InputError, match=message):
            read_cases(path)
    else:
        assert read_cases(path)[0].name == "up"  # a name cannot leave the folder


def test_a_manifest_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        read_manifest(tmp_path)
    (tmp_path / "benchmark.json").write_text("{}")
    (tmp_path / "cases.jsonl").write_text(
        json.dumps({"prompt": "a cat", "subjects": [{"noun": "cat", "photos": ["1"]}]})
    )
    with pytest.raises(InputError, match="no benchmark"):
        read_manifest(tmp_path)


def test_cases_that_pictures_could_not_tell_apart() -> None:
    one, two = (make_case(name, "single", "a {}", [subject("cat")]) for name in ("cat", "cat-1"))
    with pytest.raises(ValueError, match="one of 'cat'"):
        manifest([one, two])
    with pytest.raises(ValueError, match="two cases are called 'cat'"):
        manifest([one, one])


def test_whose_picture_a_file_is(tmp_path: Path) -> None:
    cases = [make_case(name, "single", "a {}", [subject("cat")]) for name in ("000_cat", "001_dog")]
    for name in ("000_cat-10.png", "000_cat-2.png", "000_cat.jpg", "001_dog/any thing.PNG", "else.png", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found, strangers = pictures_of(tmp_path, cases, {".png", ".jpg"})
    assert [path.name for path in found["000_cat"]] == ["000_cat-2.png", "000_cat-10.png", "000_cat.jpg"]
    assert [path.name for path in found["001_dog"]] == ["any thing.PNG"]
    assert [path.name for path in strangers] == ["else.png"]
    with pytest.raises(InputError, match="no such folder"):
        pictures_of(tmp_path / "nowhere", cases, {".png"})


def test_a_deck_deals_all_before_any_again() -> None:
    deck = Deck(SEVEN, np.random.default_rng(0))
    hands = [deck.deal(3) for _ in range(7)]
    assert all(len({one.name for one in hand}) == 3 for hand in hands)
    assert set(Counter(one.name for hand in hands for one in hand).values()) == {3}


def test_subjects_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "grey_cat2").mkdir()
    (tmp_path / "grey_cat2" / "1.png").touch()
    (one,) = subjects_in(tmp_path)
    assert (one.name, one.noun, one.photos) == ("grey_cat2", "grey cat", (tmp_path / "grey_cat2" / "1.png",))
