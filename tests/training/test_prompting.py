"""Sources of every layout, and what training says of their pictures: section 3.4 of Gen4Gen, each part for itself."""

import json
import re
from typing import Any

import pytest

from tests.training.small_concepts import LIST, write_small_list, write_small_photos
from tests.training.small_scenes import write_small_scenes
from vivant.errors import InputError
from vivant.training.concepts import Material, read_material
from vivant.training.prompting import TEMPLATES, Prompting, grid_prompts, in_plain_words, prompts_of


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    return read_material(write_small_scenes(tmp_path_factory.mktemp("scenes")))


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    return read_material(write_small_photos(tmp_path_factory.mktemp("photos")))


def said(material: Material, shot: int = 1, limit: int = 1000, **parts: Any) -> tuple[str, ...]:
    return prompts_of(material.shots[shot], material, Prompting(**parts), lambda text: len(text) <= limit)


def test_photos_have_a_word_each(photos):
    assert [(one.name, one.noun, one.token) for one in photos.concepts] == [
        ("cat1", "cat", "<cat1>"),
        ("dog", "dog", "<dog>"),
    ]
    assert [one.prompt for one in photos.classes] == ["photo of a cat", "photo of a dog"]
    assert said(photos, 0) == ("photo of a <cat1> cat",)
    # Nothing of section 3.4 is about a photo of one subject.
    everything: dict[str, Any] = {"composition": True, "repeat": True, "background": True, "captions": "mixed"}
    assert said(photos, 0, **everything) == ("photo of a <cat1> cat",)
    assert said(photos, 0, nouns=False, varied=True)[0] == "a photo of a <cat1>"
    assert len(said(photos, 0, nouns=False, varied=True)) == len(TEMPLATES)


def test_each_part_is_a_switch(scenes):
    # Scene 1 shows the second cat and the dog.
    assert said(scenes) == ("a <cat2> cat and a <dog> dog",)
    assert said(scenes, background=True) == ("a <cat2> cat and a <dog> dog in a field",)
    assert said(scenes, repeat=True) == ("a <cat2> cat and a <dog> dog, <cat2> cat, <dog> dog",)
    assert said(scenes, composition=True) == ("a <scene> composition: a <cat2> cat and a <dog> dog",)
    assert said(scenes, captions="detailed", background=True) == (
        "a <cat2> cat and a <dog> dog of one colour in a field, seen from afar",
    )
    assert said(scenes, captions="detailed") == ("a <cat2> cat and a <dog> dog of one colour. seen from afar",)
    assert len(said(scenes, captions="mixed", background=True)) == 2
    assert said(scenes, nouns=False, repeat=True) == ("a <cat2> and a <dog>, <cat2>, <dog>",)


def test_the_preset_s_parts_go_together(scenes):
    short, detailed = said(scenes, composition=True, repeat=True, background=True, captions="mixed")
    assert short == "a <scene> composition: a <cat2> cat and a <dog> dog in a field, <cat2> cat, <dog> dog"
    assert detailed.startswith("a <scene> composition: a <cat2> cat and a <dog> dog of one colour in a field")
    assert detailed.endswith(", <cat2> cat, <dog> dog")


def test_what_does_not_fit_is_left_out_from_its_end(scenes):
    short = "a <cat2> cat and a <dog> dog in a field"
    how: dict[str, Any] = {"repeat": True, "background": True}
    assert said(scenes, limit=len(short) + 15, **how) == (f"{short}, <cat2>, <dog>",)
    assert said(scenes, limit=len(short) + 5, **how) == (short,)
    assert said(scenes, limit=len(short), captions="mixed", background=True) == (short,)
    with pytest.raises(InputError, match=r"images/1\.png: its prompt is longer than the base reads \(77 tokens\)"):
        said(scenes, limit=10)


def test_grids_show_all_together_and_each_alone(scenes):
    prompts = grid_prompts(scenes.concepts, Prompting())
    assert prompts[0] == "photo of a <cat1> cat, a <cat2> cat and a <dog> dog"
    assert prompts[1:] == ["photo of a <cat1> cat", "photo of a <cat2> cat", "photo of a <dog> dog"]
    assert in_plain_words(prompts[0], scenes.concepts) == "photo of a cat, a cat and a dog"
    assert in_plain_words("a <dog> in the snow", scenes.concepts) == "a dog in the snow"


def test_some_subjects_of_a_set(tmp_path):
    source = write_small_scenes(tmp_path / "scenes")
    some = read_material(source, only=["cat2", "dog"], photos=True, tokens={"dog": "<rex>"})
    assert [one.token for one in some.concepts] == ["<cat2>", "<rex>"]
    shown = [shot.scene is not None for shot in some.shots]
    assert shown.count(True) == 2 and shown.count(False) == len(some.concepts[0].photos + some.concepts[1].photos)
    with pytest.raises(InputError, match=r"made for other subjects: it shows cat1, cat2, dog, and not 'fox'"):
        read_material(source, only=["fox"])
    with pytest.raises(InputError, match="and not 'fox'"):
        read_material(source, tokens={"fox": "<fox>"})
    with pytest.raises(InputError, match="no scene that shows cat2 and nobody else"):
        read_material(source, only=["cat2"])


def test_a_subject_without_a_photo(tmp_path):
    write_small_photos(tmp_path)
    (tmp_path / "fox").mkdir()
    with pytest.raises(InputError, match="fox: a folder without photos"):
        read_material(tmp_path)
    assert len(read_material(tmp_path, only=["dog"]).shots) == 2


def test_published_lists(tmp_path):
    found = read_material(write_small_list(tmp_path))
    assert [(one.name, one.noun, one.token) for one in found.concepts] == [
        ("cat1", "cat", "<new1>"),
        ("dog", "dog", "<new2>"),
    ]
    assert [one.prompt for one in found.classes] == ["cat", "dog"]
    assert said(found, 0) == ("photo of a <new1> cat",)
    renamed = read_material(tmp_path / "concepts_list.json", tokens={"cat1": "<tom>"})
    assert said(renamed, 0) == ("photo of a <tom> cat",)


def test_what_vivant_export_writes_is_read(tmp_path):
    from vivant.data.export.run import export

    export(write_small_scenes(tmp_path / "scenes"), tmp_path / "out", "concepts")
    found = read_material(tmp_path / "out")
    assert [one.token for one in found.concepts] == ["<new1>", "<new2>", "<new3>"]
    assert {len(shot.concepts) for shot in found.shots} == {1, 2}
    assert all(re.search("<new", shot.prompt) for shot in found.shots)


def test_customconcept101(tmp_path):
    single = [{**entry, "instance_prompt": entry["instance_prompt"].replace("<new2>", "<new1>")} for entry in LIST]
    elsewhere = [{**entry, "instance_data_dir": f"./data/benchmark/{entry['instance_data_dir']}"} for entry in single]
    write_small_list(tmp_path, elsewhere, "dataset.json")
    with pytest.raises(InputError, match=r"<new1> stands for 2 concepts \(cat1, dog.*choose with --only"):
        read_material(tmp_path)
    assert read_material(tmp_path, only=["dog"]).concepts[0].token == "<new1>"
    both = read_material(tmp_path, only=["cat1", "dog"])
    assert [one.token for one in both.concepts] == ["<new1>", "<new2>"]
    several = [[*single, {"prompt_filename_compose": "x.txt"}]]
    (tmp_path / "multi.json").write_text(json.dumps(several), encoding="utf-8")
    assert len(read_material(tmp_path / "multi.json", only=["cat1", "dog"]).concepts) == 2


def test_lists_that_cannot_be_used(tmp_path):
    cases = {
        "not a list of concepts": {},
        "names its concept as <new1>": [{**LIST[0], "instance_prompt": "photo of a cat"}],
        "is not in": [{**LIST[0], "instance_data_dir": "nowhere"}],
        "holds no photo": [{**LIST[0], "instance_data_dir": "empty"}],
    }
    (tmp_path / "empty").mkdir()
    for message, entries in cases.items():
        write_small_list(tmp_path, entries)
        with pytest.raises(InputError, match=message):
            read_material(tmp_path)
