"""Who shares a picture with whom, and where."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from vivant.data.plan.associate import Combination, associate
from vivant.data.plan.knowledge import Knowledge, scene_indoors, scene_places, scene_prompt, scene_surface
from vivant.settings.plan import AssociateSettings
from vivant.types import Background, Subject

TEN = ["backpack", "cat", "clock", "dog", "duck_toy", "lantern", "puppy", "sloth_plushie", "teapot", "teddybear"]


def make_subjects(*names: str) -> list[Subject]:
    return [Subject(name, name.rstrip("0123456789").replace("_", " "), ()) for name in names]


def make_backgrounds(*scenes: str) -> list[Background]:
    return [
        Background(
            scene=scene,
            prompt=scene_prompt(scene),
            places=scene_places(scene),
            surface=scene_surface(scene),
            indoors=scene_indoors(scene),
        )
        for scene in scenes
    ]


def run(names, scenes, seed=0, **settings) -> tuple[list[Combination], list[str]]:
    return associate(
        make_subjects(*names),
        make_backgrounds(*scenes),
        Knowledge.load(),
        AssociateSettings(**settings),
        np.random.default_rng(seed),
    )


def test_ten_subjects_in_a_garden():
    found, notes = run(TEN, ["garden"])
    assert len(found) == 64
    uses = Counter(name for combination in found for name in combination.subjects)
    assert set(uses) == set(TEN) - {"clock"}
    assert max(uses.values()) - min(uses.values()) <= 4
    assert len(notes) == 1 and notes[0].startswith("clock:") and "subject.toml" in notes[0]


def test_every_leading_part_is_even():
    found, _ = run(TEN, ["garden", "living room"])
    for length in (8, 16, 32):
        uses = Counter(name for combination in found[:length] for name in combination.subjects)
        assert max(uses.values()) - min(uses[name] for name in TEN) <= 4


def test_combinations_are_different_and_of_the_size_wanted():
    found, _ = run(TEN, ["garden"], min_subjects=3, max_subjects=5, combinations=50)
    assert len({combination.subjects for combination in found}) == len(found) == 50
    assert {len(combination.subjects) for combination in found} == {3, 4, 5}
    for combination in found:
        assert list(combination.subjects) == sorted(combination.subjects, key=TEN.index)


def test_nothing_impossible():
    names = ["whale", "cat", "teapot", "car", "cushion", "airplane", "shark", "oven", "elephant", "painting"]
    scenes = ["kitchen", "sea", "underwater", "street", "sky", "savanna", "garden", "kitchen table"]
    found, _ = run(names, scenes, combinations=200)
    knowledge = Knowledge.load()
    for combination in found:
        things = [knowledge.thing(Subject(name, name, ())) for name in combination.subjects]
        for scene in combination.scenes:
            for thing in things:
                assert not set(scene_places(scene)).isdisjoint(thing.found), (thing.noun, scene)
        if "whale" in combination.subjects:
            assert "cat" not in combination.subjects
            assert not {"kitchen", "garden", "sky"} & set(combination.scenes)
        if "car" in combination.subjects:
            assert "kitchen table" not in combination.scenes
        if "sky" in combination.scenes:
            assert set(combination.subjects) <= {"airplane"}
        if "painting" in combination.subjects:
            assert not {"garden", "street"} & set(combination.scenes)


def test_sizes_stay_within_the_ratio():
    found, _ = run(["mouse", "cat", "elephant", "bear", "ant"], ["forest"], combinations=50)
    assert not any({"mouse", "elephant"} <= set(c.subjects) or {"ant", "bear"} <= set(c.subjects) for c in found)
    assert any({"mouse", "cat"} <= set(c.subjects) for c in found)


def test_three_different_prompts_available_first():
    found, _ = run(TEN, ["garden", "beach"], combinations=30)
    for combination in found:
        assert len(set(combination.prompts)) == 3
        assert combination.prompts[0] in ("in the garden", "on the beach")


def test_prompts_where_only_one_own_scene_suits():
    subjects = [Subject(name, name, (), found=("my cave",)) for name in ("blob", "blub")]
    background = Background(scene="my cave", prompt="in my cave", places=())
    found, notes = associate(subjects, [background], Knowledge.load(), AssociateSettings(), np.random.default_rng(0))
    assert found[0].scenes == ("my cave",)
    assert found[0].prompts[0] == "in my cave" and len(set(found[0].prompts)) == 3
    assert len(notes) == 1 and "nouns_file" in notes[0]


@pytest.mark.parametrize("names", [["cat"], ["cat", "cat2"]])
def test_fewer_subjects_than_wanted(names):
    found, notes = run(names, ["garden"], min_subjects=2)
    assert [combination.subjects for combination in found] == [tuple(names)]
    assert notes == []


def test_no_subjects_and_no_backgrounds():
    assert run([], ["garden"]) == ([], [])
    found, _ = run(["cat", "dog"], [])
    assert found[0].scenes == () and len(set(found[0].prompts)) == 3


def test_who_is_left_out_is_told():
    found, notes = run(["whale", "cat", "dog", "flibber"], ["kitchen"])
    assert all("whale" not in combination.subjects for combination in found)
    assert any(note.startswith("whale:") and "backgrounds/sea" in note for note in notes)
    assert sum("'flibber'" in note for note in notes) == 1
    _, notes = run(["whale", "cat", "dog"], ["kitchen", "sea"])
    assert any(note.startswith("whale: in no combination") for note in notes)


def test_an_unknown_place_is_told_with_the_nearest():
    subject = Subject("cat", "cat", (), found=("gardn",))
    _, notes = associate(
        [subject], make_backgrounds("garden"), Knowledge.load(), AssociateSettings(), np.random.default_rng(0)
    )
    assert any("did you mean 'garden'?" in note for note in notes)


def test_same_seed_same_combinations():
    assert run(TEN, ["garden", "beach"], seed=3) == run(TEN, ["garden", "beach"], seed=3)
    assert run(TEN, ["garden", "beach"], seed=3) != run(TEN, ["garden", "beach"], seed=4)


def test_many_subjects_are_sampled():
    knowledge = Knowledge.load()
    subjects = [Subject(f"s{i}", thing.noun, ()) for i, thing in enumerate(knowledge)][:150]
    found, _ = associate(
        subjects,
        make_backgrounds("garden", "street", "kitchen", "forest"),
        knowledge,
        AssociateSettings(combinations=100, max_subjects=6),
        np.random.default_rng(0),
    )
    assert len(found) == 100
