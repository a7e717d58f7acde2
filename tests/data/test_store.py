"""The data set on disk: names, locks, continuing, refusing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivant.data.naming import safe_name
from vivant.data.photos import Reject
from vivant.data.store import Store
from vivant.errors import StoreError
from vivant.files import read_jsonl
from vivant.types import Box, Scene, SceneSubject


def scene(attempt: int) -> Scene:
    subject = SceneSubject(name="cat", noun="cat", box=Box(x0=0, y0=0, x1=1, y1=1), mask="m.png", reference="r.png")
    return Scene(
        file_name=f"images/{attempt:06d}.png", text="a", text_detailed="b", subjects=(subject,), background="c"
    )


@given(st.text(min_size=1))
def test_names_stay_in_their_folder(name):
    safe = safe_name(name)
    assert safe and "/" not in safe and "\\" not in safe and "\0" not in safe
    assert not safe.startswith(".") and len(safe.encode()) <= 80


@pytest.mark.parametrize("name", ["train", "toy train", "test-2", "a_val", "dev"])
def test_a_split_word_never_stands_alone(name):
    assert "~" in safe_name(name)


@pytest.mark.parametrize("name", ["trainer", "contest", "cat", "värld"])
def test_other_words_stay(name):
    assert safe_name(name) == name


def test_a_second_run_is_refused_while_one_works(tmp_path):
    with Store(tmp_path).lock(), pytest.raises(StoreError, match="another run"):
        Store(tmp_path).lock()
    Store(tmp_path).lock().release()


def test_settings_may_change_until_a_scene_is_finished(tmp_path):
    store = Store(tmp_path)
    store.begin({"seed": 0}, "aaaa")
    store.save_state("combinations", {})
    store.save_state("layouts/000000", {})
    store.begin({"seed": 1}, "bbbb")
    assert store.load_state("combinations") is None and store.load_state("layouts/000000") is None


def test_other_settings_are_refused_by_name(tmp_path):
    Store(tmp_path).begin({"seed": 0, "count": 3}, "aaaa")
    Store(tmp_path).save_rejected_scene(0, "seams show", {}, None)
    Store(tmp_path).begin({"seed": 0, "count": 9}, "aaaa")
    with pytest.raises(StoreError, match=r"seed differ"):
        Store(tmp_path).begin({"seed": 1, "count": 3}, "bbbb")
    with pytest.raises(StoreError, match=r"photos differ"):
        Store(tmp_path).begin({"seed": 0, "count": 3}, "cccc")


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(StoreError, match="holds other files"):
        Store(tmp_path).begin({}, "aaaa")
    assert (tmp_path / "thesis.tex").read_text() == "x"


def test_leftovers_of_a_killed_run_go(tmp_path):
    (tmp_path / "images").mkdir()
    store = Store(tmp_path)
    (tmp_path / "settings.json").write_text('{"fingerprint": "aaaa"}')
    (tmp_path / "images" / ".000001.png.77.tmp").write_text("half")
    store.begin({}, "aaaa")
    assert list((tmp_path / "images").iterdir()) == []


def test_records_come_back_and_are_listed_in_order(tmp_path):
    store = Store(tmp_path)
    pixels = np.zeros((8, 8), np.uint8)
    for attempt in (3, 0):
        record = scene(attempt)
        masks = {one.mask: pixels for one in record.subjects}
        store.save_scene(attempt, record, np.zeros((8, 8, 3), np.uint8), masks)
    reject = store.save_rejected_scene(2, "seams show", {"seam": 0.1}, None)
    assert store.load_scene(2) == reject and store.load_scene(1) is None
    store.finish([Reject("photo", "cat/a.jpg", "empty")])
    assert [row["file_name"] for row in read_jsonl(tmp_path / "metadata.jsonl")] == [
        "images/000000.png",
        "images/000003.png",
    ]
    assert [(row["kind"], row["reason"]) for row in read_jsonl(tmp_path / "rejects.jsonl")] == [
        ("photo", "empty"),
        ("scene", "seams show"),
    ]


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "data").write_text("x")
    with pytest.raises(StoreError, match="data"):
        Store(tmp_path / "data")
