import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from vivant.errors import InputError, StoreError
from vivant.pocket.check import Report, Row, run_check, table, text_to_image
from vivant.pocket.check.material import DOING, Scenes, lookalikes, portraits, prompts
from vivant.pocket.check.recognisers import _first, _same_kind, psnr, retrieval
from vivant.pocket.check.report import Relation, relations_table
from vivant.pocket.check.text_to_image import Made, by_relation, make, rows, verdict
from vivant.pocket.judge import JudgeConfig, Reading
from vivant.world import BACKDROPS, KINDS, RELATIONS, UNSEEN, Script

CONFIG = JudgeConfig(tuple(KINDS), tuple(RELATIONS), tuple(BACKDROPS))
JUDGE: Any = SimpleNamespace(config=CONFIG)


def reading_of(scripts: list[Script], *, sure: float = 0.9) -> Reading:
    """What a judge says that sees exactly what the scripts tell."""
    kinds = np.full((len(scripts), len(KINDS)), 0.05, np.float32)
    parts = [np.zeros((len(scripts), len(names)), np.float32) for names in (RELATIONS, BACKDROPS, range(5))]
    for index, script in enumerate(scripts):
        for one in script.cast:
            kinds[index, CONFIG.kinds.index(one.kind)] = sure
        parts[0][index, CONFIG.relations.index(script.relation)] = 1.0
        parts[1][index, CONFIG.backgrounds.index(script.backdrop)] = 1.0
        parts[2][index, len(script.cast) - 1] = 1.0
    return Reading(kinds, *parts)


def report(**changes: Any) -> Report:
    values: dict[str, Any] = {
        "rows": (Row("judge", "relation right", 0.98, 0.97, 0.99, 500, chance=1 / 26, target=0.97),),
        "relations": (Relation("hugging", False, 21, 0.9, 1.0, 0.05),),
        "device": "CPU, 2 threads",
        "preview": True,
        "date": "2026-01-02",
        "count": 500,
        "seed": 0,
        "steps": 25,
        "guidance": 4.0,
        "seconds": 12.0,
        "seconds_a_picture": math.nan,
    }
    return Report(**{**values, **changes})


def test_prompts_are_balanced_seeded_and_fresh():
    scripts = prompts(100, seed=3)
    assert scripts == prompts(100, seed=3) and scripts != prompts(100, seed=4)
    unseen = [script.relation for script in scripts if script.relation in UNSEEN]
    assert len(unseen) == 50 and set(unseen) == set(UNSEEN)
    assert {script.relation for script in scripts} - set(UNSEEN) == set(DOING) and len(DOING) == 19


def test_scenes_show_every_relation_and_flatten_their_subjects():
    scenes = Scenes.fresh(27, seed=1)
    assert [script.relation for script in scenes.scripts[:26]] == list(RELATIONS)
    assert scenes.pictures.shape == (27, 128, 128, 3)
    assert len(scenes.subjects) == len(scenes.boxes) == len(scenes.keypoints) == len(scenes.owners)
    last = scenes.subjects[-1]
    np.testing.assert_array_equal(scenes.boxes[-1], scenes.tableaux[last.scene].boxes[last.place])
    assert scenes.individual(last) == scenes.scripts[last.scene].cast[last.place]


def test_a_picture_that_shows_its_script_is_right():
    scripts = prompts(12, seed=0)
    right = verdict(JUDGE, reading_of(scripts), scripts)
    assert right.kinds.all() and right.background.all() and right.relation.all()
    assert right.count.all() and right.present.all()


def test_what_is_missing_is_wrong():
    scripts = [script for script in prompts(60, seed=0) if len(script.cast) == 2][:2]
    reading = reading_of(scripts)
    first, second = (CONFIG.kinds.index(one.kind) for one in scripts[0].cast)
    other = next(index for index in range(len(KINDS)) if index not in (first, second))
    reading.kinds[0, second], reading.kinds[0, other] = 0.3, 0.4
    reading.count[1] = np.eye(5)[0]
    right = verdict(JUDGE, reading, scripts)
    assert right.kinds.tolist() == [False, True] and right.present.tolist() == [False, False]
    assert right.count.tolist() == [True, False] and right.relation.all()


def test_rows_have_chance_and_ceiling():
    scripts = prompts(100, seed=0)
    pictures = np.zeros((100, 1, 1, 3), np.uint8)
    readings = iter([reading_of(scripts), reading_of(scripts)])
    judge: Any = SimpleNamespace(config=CONFIG, read=lambda _: next(readings))
    found = {one.name: one for one in rows(judge, pictures, pictures, scripts)}
    assert all(one.value == one.best == 1.0 for one in found.values())
    assert found["relation right, the 19 seen"].count == found["relation right, the 6 unseen"].count == 50
    chance = {name: one.chance or 0.0 for name, one in found.items()}
    assert chance["relation right, the 19 seen"] == pytest.approx(1 / 19, abs=0.06)
    assert 0.0 < chance["background right"] < 0.25 and chance["kind right"] < 0.15
    assert found["both subjects present"].count == sum(len(script.cast) == 2 for script in scripts)
    judge = SimpleNamespace(config=CONFIG, read=lambda _: reading_of(scripts))
    relations = by_relation(judge, pictures, scripts)
    assert len(relations) == 25 and sum(one.count for one in relations) == 100


def test_stopped_generation_goes_on_and_is_not_repeated(tmp_path, monkeypatch):
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "model_index.json").write_text("{}")
    drawn = []

    def draw(pipeline, texts, *, seed):
        drawn.extend(texts)
        return [np.full((8, 8, 3), seed + i, np.uint8) for i in range(len(texts))]

    monkeypatch.setattr(text_to_image, "_pipeline", lambda base, device: None)
    monkeypatch.setattr(text_to_image, "draw_prompts", draw)
    monkeypatch.setattr(text_to_image, "AT_ONCE", 4)
    texts = [f"prompt {index}" for index in range(10)]

    def again(**changes: Any) -> Made:
        drawn.clear()
        settings: dict[str, Any] = {
            "device": torch.device("cpu"),
            "seed": 7,
            "cache": tmp_path / "cache",
            "tick": lambda done: None,
        }
        return make(tmp_path / "base", texts, **{**settings, **changes})

    first = again()
    assert drawn == texts and first.pictures[:, 0, 0, 0].tolist() == list(range(7, 17))
    (next((tmp_path / "cache").iterdir()) / "00005.png").unlink()
    second = again()
    assert drawn == texts[4:8] and (second.pictures == first.pictures).all()
    assert math.isnan(again().seconds_a_picture) and drawn == []
    assert again(seed=8) and drawn == texts
    (tmp_path / "base" / "model_index.json").write_text("other weights")
    assert again() and drawn == texts
    assert again(cache=None) and drawn == texts


def test_retrieval_is_among_fifty():
    scenes: Any = SimpleNamespace(
        pictures=np.zeros((120, 1)), scripts=[SimpleNamespace(text=str(i)) for i in range(120)]
    )
    features = np.eye(120, dtype=np.float32)
    assert retrieval(lambda _: features, lambda _: features, scenes).tolist() == [True] * 100
    swapped = features.copy()
    swapped[[0, 1]] = features[[1, 0]]
    assert retrieval(lambda _: features, lambda _: swapped, scenes).tolist() == [False, False] + [True] * 98


def test_identity_is_first_only_before_all_rivals():
    asked = np.array([[1.0, 0.0], [1.0, 0.0]], np.float32)
    theirs = np.array([[0.6, 0.8], [0.9, 0.1]], np.float32)
    likeness = np.array([0.8, 0.95], np.float32)
    assert _first(likeness, asked, theirs, np.array([[0, 1], [0, 1]])).tolist() == [False, True]
    assert _first(likeness, asked, theirs, np.array([[0, 0], [0, 0]])).tolist() == [True, True]


def test_lookalikes_are_of_the_same_kind():
    others = lookalikes(0)
    everyone = [others["robot"][0], others["cat"][0]]
    crowd = [one for kind in others.values() for one in kind]
    rivals = _same_kind(everyone, list(others), 0)
    assert rivals.shape == (2, 19)
    assert {crowd[index].kind for index in rivals[0]} == {"robot"} and len(set(rivals[0].tolist())) == 19
    shown = portraits(everyone, "a")
    assert shown.pictures.shape == (2, 128, 128, 3) and not (shown.pictures == portraits(everyone, "b").pictures).all()


def test_psnr_by_hand():
    truth = np.zeros((2, 4, 4, 3), np.uint8)
    wrong = truth.copy()
    wrong[1] = 10
    assert psnr(wrong, truth)[1] == pytest.approx(20 * math.log10(25.5)) and psnr(wrong, truth)[0] > 100


def test_reports_survive_json():
    one = report()
    again = Report.from_json(one.as_json())
    assert again.rows == one.rows and again.relations == one.relations and math.isnan(again.seconds_a_picture)
    assert one.as_json()["seconds_a_picture"] is None
    with pytest.raises(StoreError, match="run the check again"):
        Report.from_json({"rows": [{"part": "judge"}], "relations": []})


def test_tables_say_whether_targets_are_reached():
    rows = (
        *report().rows,
        Row("vae", "PSNR", 21.04, 20.0, 22.0, 9, unit="dB", chance=12.0, target=28.0, best=None),
        Row("base", "kind right", math.nan, math.nan, math.nan, 0),
    )
    lines = table(report(rows=rows)).splitlines()
    assert lines[2] == "| judge | relation right | **98.0** % | 97.0 to 99.0 | 3.8 | 97.0 ✓ | - | 500 |"
    assert lines[3] == "| vae | PSNR | **21.0** dB | 20.0 to 22.0 | 12.0 | 28.0 ✗ | - | 9 |"
    assert lines[4] == "| base | kind right | **-** | - to - | - | - | - | 0 |"
    assert relations_table(report()).splitlines()[-1] == "| hugging | no | 5 % | 90 % | 100 % | 21 |"


def test_an_empty_folder_is_named(tmp_path):
    with pytest.raises(InputError, match=str(tmp_path)):
        run_check(tmp_path, count=4, seed=0, device=torch.device("cpu"), cache=None, trained={}, say=print)
