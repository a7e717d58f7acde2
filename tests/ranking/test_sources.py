"""What can be rated."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.data.small_set import write_set
from tests.relations.triplets import write_small_relation
from vivant.errors import InputError, StoreError
from vivant.evaluation.benchmarks.cases import CaseSubject, Manifest, make_case, write_manifest
from vivant.files import write_jsonl
from vivant.images import write_png
from vivant.ranking.items import RELATION_CRITERIA, SCENE_CRITERIA, inside, item_id
from vivant.ranking.sources import CASES, open_source


def picture(path: Path, **recipe: object) -> None:
    write_png(path, np.full((16, 16, 3), 99, np.uint8), recipe or None)


def test_scenes(tmp_path: Path) -> None:
    source = open_source(write_set(tmp_path / "data"))
    assert len(source.items) == 8 and source.title == "data" and source.criteria == SCENE_CRITERIA
    first = source.items[0]
    assert (first.key, first.caption) == ("images/000000.png", "a cat and a teddy bear in the garden")
    assert [one.noun for one in first.subjects] == ["cat", "teddy bear"]
    assert first.subjects[1].references == ("references/teddybear.png",) and first.subjects[1].box is not None
    assert first.detailed and first.scores == {"identity": 0.5} and first.id == item_id(first.key)


def test_triplets_of_one_relation_and_of_several(tmp_path: Path) -> None:
    write_small_relation(tmp_path / "all" / "hug")
    write_small_relation(tmp_path / "all" / "dance", subjects=1, count=1, predicate=False)
    several = open_source(tmp_path / "all")
    assert [item.key for item in several.items] == [
        "dance/videos/0/motion.png",
        "hug/videos/0/motion.png",
        "hug/videos/1/motion.png",
    ]
    assert [item.relation for item in several.items] == ["dance", "hugging", "hugging"]
    assert several.criteria == RELATION_CRITERIA
    one = open_source(tmp_path / "all" / "hug").items[1]
    assert one.key == "videos/1/motion.png" and one.caption == "A red cat is hugging a dog"
    assert [subject.references for subject in one.subjects] == [
        ("videos/1/concept0.png",),
        ("videos/1/concept1.png",),
    ]


def test_a_folder_a_method(tmp_path: Path) -> None:
    picture(tmp_path / "ours" / "case_1.png", prompt="a cat on a mat")
    picture(tmp_path / "ours" / "case_2.png")
    picture(tmp_path / "ours" / "case_3.png")
    picture(tmp_path / "photos" / "cat.png")
    write_set(tmp_path / "theirs", 1)
    row = {"case": "case_3", "prompt": "a cat", "subjects": [{"noun": "cat", "references": ["photos/cat.png"]}]}
    write_jsonl(tmp_path / CASES, [row])
    found = {(item.method, item.case): item for item in open_source(tmp_path).items}
    assert found["ours", "case_1"].caption == "a cat on a mat"
    assert found["ours", "case_2"].caption == "case 2"
    assert found["ours", "case_3"].subjects[0].references == ("photos/cat.png",)
    scene = found["theirs", "000000"]
    assert scene.key == "theirs/images/000000.png" and scene.subjects[0].references == ("theirs/references/cat.png",)
    assert inside(tmp_path, scene.picture).is_file()


def test_a_benchmark_shows_its_own_prompts_and_photos(tmp_path: Path) -> None:
    bench = tmp_path / "bench"
    for photo in (bench / "photos" / "cat" / "0.png", tmp_path / "dog" / "0.png"):
        picture(photo)
    subjects = [
        CaseSubject(name="cat", noun="cat", photos=(bench / "photos" / "cat" / "0.png",)),
        CaseSubject(name="dog", noun="dog", photos=(tmp_path / "dog" / "0.png",)),
    ]
    case = make_case("c", "multi", "A {} is hugging a {} in a garden.", subjects)
    write_manifest(bench, Manifest(benchmark="mycanvas", samples=2, cases=(case,)))
    with pytest.raises(InputError, match="nothing to rate"):
        open_source(bench)
    for name in ("plain/c-0.png", "plain/c-1.png", "tuned/c-0.png", "tuned/stranger.png"):
        picture(bench / "methods" / name, prompt="A <rex> dog")
    source = open_source(bench)
    assert [(item.method, item.case) for item in source.items] == [("plain", "c-0"), ("plain", "c-1"), ("tuned", "c-0")]
    assert {item.caption for item in source.items} == {"A cat is hugging a dog in a garden."}
    item = source.items[2]
    assert [one.references for one in item.subjects] == [("photos/cat/0.png",), ()] and item.relation == "hugging"
    assert inside(bench, item.picture).is_file() and source.criteria == RELATION_CRITERIA


def test_a_case_that_names_a_file_outside_is_refused(tmp_path: Path) -> None:
    picture(tmp_path / "data" / "ours" / "a.png")
    picture(tmp_path / "secret.png")
    row = {"case": "a", "prompt": "a", "subjects": [{"noun": "cat", "references": ["../secret.png"]}]}
    write_jsonl(tmp_path / "data" / CASES, [row])
    with pytest.raises(StoreError, match=r"\.\./secret\.png"):
        open_source(tmp_path / "data")
    write_jsonl(tmp_path / "data" / CASES, [{"case": "a"}])
    with pytest.raises(InputError, match=r"cases\.jsonl, line 1: prompt"):
        open_source(tmp_path / "data")


def test_nothing_to_rate_says_what_would_be(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        open_source(tmp_path / "none")
    with pytest.raises(InputError, match="nothing to rate"):
        open_source(tmp_path)


@pytest.mark.parametrize("name", ["", "../a", "/etc/hostname", "a\0b", "a/../../b", "..\\a", "link", "dir", "none"])
def test_inside_means_inside(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "data"
    (folder / "dir").mkdir(parents=True)
    (tmp_path / "b").write_text("b")
    (folder / "link").symlink_to(tmp_path / "b")
    with pytest.raises(StoreError):
        inside(folder, name)
