import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.data.small_set import NOUNS, pixels, scene_row, write_set
from vivant.data.export import ExportReport, export
from vivant.data.export.coco import mask_polygons, mask_run_lengths
from vivant.data.export.names import shards, unique_names
from vivant.data.export.target import MANIFEST, Target
from vivant.data.export.words import with_tokens
from vivant.errors import SettingsError, StoreError
from vivant.images import decode_image, read_image
from vivant.settings.base import load_settings
from vivant.settings.export import ExportSettings
from vivant.types import Mask, Scene

FORMATS = ("coco", "webdataset", "parquet", "concepts", "kohya", "ai-toolkit")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_set(tmp_path / "data")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows_of(data: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (data / "metadata.jsonl").read_text().splitlines()]


def rewrite(data: Path, rows: list[dict[str, Any]]) -> None:
    (data / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


# What every format keeps to.


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_set_gives_the_same_bytes_and_a_second_time_nothing(data: Path, tmp_path: Path, format: str) -> None:
    first = export(data, tmp_path / "one", format)
    export(data, tmp_path / "two", format)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    again = export(data, tmp_path / "one", format)
    assert again == ExportReport(tmp_path / "one", 8, first.files, unchanged=True, notes=first.notes)
    assert not first.unchanged and first.files == len(contents(tmp_path / "one")) - 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "one", "two"]


@pytest.mark.parametrize("format", FORMATS)
def test_no_path_of_this_machine_is_written(data: Path, tmp_path: Path, format: str) -> None:
    export(data, tmp_path / "out", format)
    assert not any(str(tmp_path).encode() in content for content in contents(tmp_path / "out").values())


@pytest.mark.parametrize("field", ["file_name", "mask", "reference", "cutout"])
@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "images/../../outside.png"])
@pytest.mark.parametrize("format", ["kohya", "concepts"])
def test_metadata_cannot_reach_out_of_the_set(data: Path, tmp_path: Path, format: str, field: str, name: str) -> None:
    (tmp_path / "outside.png").write_bytes((data / "images" / "000000.png").read_bytes())
    rows = rows_of(data)
    (rows[1] if field == "file_name" else rows[1]["subjects"][0])[field] = name
    rewrite(data, rows)
    with pytest.raises(StoreError, match=r"metadata\.jsonl"):
        export(data, tmp_path / "out", format)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("format", FORMATS)
def test_names_in_metadata_stay_in_the_export(data: Path, tmp_path: Path, format: str) -> None:
    rows = rows_of(data)
    for row in rows:
        for one in row["subjects"]:
            one["name"] = f"../../{one['name']}"
    rewrite(data, rows)
    export(data, tmp_path / "deep" / "out", format)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "deep"]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["out"]


def test_a_folder_of_others_is_left_alone(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("precious")
    with pytest.raises(StoreError, match="was not made by an export"):
        export(data, out, "kohya")
    assert contents(out) == {"thesis.txt": b"precious"}


def test_an_empty_folder_is_fine(data: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert export(data, tmp_path / "out", "kohya").files == 16


@pytest.mark.parametrize("place", ["data", "."])
def test_the_set_itself_is_not_written_over(data: Path, tmp_path: Path, place: str) -> None:
    before = contents(tmp_path)
    with pytest.raises(StoreError):
        export(data, tmp_path / place, "kohya")
    assert contents(tmp_path) == before


def test_an_export_of_another_format_or_set_is_left_alone(data: Path, tmp_path: Path) -> None:
    export(data, tmp_path / "out", "kohya")
    other = write_set(tmp_path / "other", count=2)
    for source, format in ((data, "coco"), (other, "kohya")):
        with pytest.raises(StoreError, match="another data set or format"):
            export(source, tmp_path / "out", format)


def test_files_that_the_user_added_are_not_deleted(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(data, out, "kohya")
    (out / "notes.md").write_text("mine")
    assert export(data, out, "kohya").unchanged
    rewrite(data, rows_of(data)[:4])
    with pytest.raises(StoreError, match=r"notes\.md"):
        export(data, out, "kohya")
    assert (out / "notes.md").read_text() == "mine"


def test_a_set_that_has_grown_replaces_its_export(data: Path, tmp_path: Path) -> None:
    out, rows = tmp_path / "out", rows_of(data)
    rewrite(data, rows[:4])
    assert export(data, out, "ai-toolkit").scenes == 4
    rewrite(data, rows)
    assert export(data, out, "ai-toolkit").scenes == 8
    export(data, tmp_path / "fresh", "ai-toolkit")
    assert contents(out) == contents(tmp_path / "fresh")


def test_a_deleted_file_is_written_again(data: Path, tmp_path: Path) -> None:
    export(data, tmp_path / "out", "ai-toolkit")
    before = contents(tmp_path / "out")
    (tmp_path / "out" / "000003.png").unlink()
    assert not export(data, tmp_path / "out", "ai-toolkit").unchanged
    assert contents(tmp_path / "out") == before


def test_a_stopped_export_is_continued(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    copied: list[str] = []
    copy = shutil.copyfile

    def fail_at_fifth(source: Path, to: Path) -> Path:
        copied.append(Path(source).name)
        if len(copied) == 5:
            raise OSError(28, "No space left on device")
        return copy(source, to)

    monkeypatch.setattr(shutil, "copyfile", fail_at_fifth)
    with pytest.raises(StoreError, match="No space left"):
        export(data, out, "kohya")
    assert not out.exists()
    export(data, out, "kohya")
    assert copied.count("000000.png") == 1 and copied.count("000004.png") == 2
    monkeypatch.undo()
    export(data, tmp_path / "fresh", "kohya")
    assert contents(out) == contents(tmp_path / "fresh")


@pytest.mark.parametrize("format", ["webdataset", "coco"])
def test_a_killed_export_is_continued(data: Path, tmp_path: Path, format: str) -> None:
    out = tmp_path / "out"
    code = (
        "import sys; from pathlib import Path; from vivant.data.export import export; "
        "export(*map(Path, sys.argv[1:3]), sys.argv[3])"
    )
    run = subprocess.Popen([sys.executable, "-c", code, str(data), str(out), format])
    while run.poll() is None and not (tmp_path / ".out.part").exists():
        time.sleep(0.001)
    if run.poll() is None:
        os.kill(run.pid, signal.SIGKILL)
    run.wait()
    export(data, out, format)
    export(data, tmp_path / "fresh", format)
    assert contents(out) == contents(tmp_path / "fresh")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "fresh", "out"]


def test_what_is_in_the_way_is_not_deleted(data: Path, tmp_path: Path) -> None:
    (tmp_path / ".out.part").mkdir()
    (tmp_path / ".out.part" / "mine.txt").write_text("mine")
    with pytest.raises(StoreError, match="in the way"):
        export(data, tmp_path / "out", "kohya")


def test_a_broken_manifest_is_an_error(data: Path, tmp_path: Path) -> None:
    export(data, tmp_path / "out", "kohya")
    (tmp_path / "out" / MANIFEST).write_text("{}")
    with pytest.raises(StoreError, match="is broken"):
        export(data, tmp_path / "out", "kohya")


def test_a_set_without_scenes_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no scenes"):
        export(write_set(tmp_path / "data", count=0), tmp_path / "out", "coco")


def test_an_unknown_format_names_the_nearest(data: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="did you mean webdataset"):
        export(data, tmp_path / "out", "webdatasets")


@pytest.mark.parametrize("tokens", [{"cat": "two words"}, {"cat": ""}, {"cat": "<x>", "owl": "<x>"}])
def test_tokens_are_one_word_each(tokens: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="token"):
        load_settings(ExportSettings, flags={"tokens": tokens})


def test_a_token_for_nobody_names_the_nearest(data: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="did you mean 'teddybear'"):
        export(data, tmp_path / "out", "kohya", ExportSettings(tokens={"tedybear": "<t>"}))
    with pytest.raises(SettingsError, match="not of coco"):
        export(data, tmp_path / "out", "coco", ExportSettings(tokens={"cat": "<t>"}))


# Each format, read back.


def test_kohya_has_a_folder_a_combination(data: Path, tmp_path: Path) -> None:
    export(data, tmp_path / "out", "kohya", ExportSettings(repeats=10))
    folders = sorted(path.name for path in (tmp_path / "out").iterdir() if path.is_dir())
    assert folders == ["10_cat-cat2", "10_cat-owl-teddybear", "10_cat-teddybear", "10_owl"]
    pair = tmp_path / "out" / "10_owl"
    assert sorted(path.name for path in pair.iterdir()) == ["000002.png", "000002.txt", "000006.png", "000006.txt"]
    assert (pair / "000002.txt").read_text() == "an owl in the garden"
    assert (pair / "000002.png").read_bytes() == (data / "images" / "000002.png").read_bytes()


def test_both_captions_make_two_pairs(data: Path, tmp_path: Path) -> None:
    export(data, tmp_path / "out", "ai-toolkit", ExportSettings(captions="both", tokens={"owl": "<o>"}))
    out = tmp_path / "out"
    assert len(list(out.glob("*.png"))) == len(list(out.glob("*.txt"))) == 16
    assert (out / "000002_short.txt").read_text() == "a <o> owl in the garden"
    assert (out / "000002_detailed.txt").read_text().startswith("A photo of a <o> owl in the garden.")


def test_pictures_of_one_name_are_told_apart(data: Path, tmp_path: Path) -> None:
    rows = rows_of(data)[:3]
    for folder, row in zip(("a", "A", "b"), rows, strict=True):
        (data / folder).mkdir()
        (data / row["file_name"]).replace(data / folder / "x.png")
        row["file_name"] = f"{folder}/x.png"
    rewrite(data, rows)
    export(data, tmp_path / "out", "ai-toolkit")
    assert sorted(path.name for path in (tmp_path / "out").glob("*.png")) == ["x-2.png", "x-3.png", "x.png"]


def test_concepts_list_is_what_the_script_reads(data: Path, tmp_path: Path) -> None:
    report = export(data, tmp_path / "out", "concepts", ExportSettings(tokens={"owl": "<new1>"}))
    out = tmp_path / "out"
    entries = json.loads((out / "concepts_list.json").read_text())
    tokens = json.loads((out / "tokens.json").read_text())
    assert tokens == {"cat": "<new2>", "cat2": "<new3>", "owl": "<new1>", "teddybear": "<new4>"}
    assert len(entries) == 4 + 8
    assert entries[3] == {
        "instance_prompt": "photo of a <new4> teddy bear",
        "class_prompt": "teddy bear",
        "instance_data_dir": "subjects/teddybear",
        "class_data_dir": "class/teddy_bear",
    }
    assert entries[5]["instance_prompt"] == "a <new2> cat and a <new3> cat in the garden"
    assert entries[5]["class_prompt"] == "a cat and another cat"
    for entry in entries:  # the script opens every file of the folder as a picture
        files = list((out / entry["instance_data_dir"]).iterdir())
        assert files and all(read_image(file).shape[2] == 3 for file in files)
    assert '--modifier_token "<new2>+<new3>+<new1>+<new4>"' in report.notes[1]
    assert np.array_equal(read_image(out / "subjects/cat/01.png"), pixels(100))


def test_a_cutout_stands_in_for_a_missing_photo_on_white(data: Path, tmp_path: Path) -> None:
    rows = rows_of(data)
    for row in rows:
        for one in row["subjects"]:
            one["reference"] = ""
    rewrite(data, rows)
    export(data, tmp_path / "out", "concepts")
    rgba = pixels(200, channels=4).astype(float)
    expected = rgba[..., :3] * rgba[..., 3:] / 255 + 255 - rgba[..., 3:]
    assert np.abs(read_image(tmp_path / "out/subjects/cat/01.png") - expected).max() <= 0.51


def decode_run_lengths(segmentation: dict[str, Any]) -> Mask:
    values = np.repeat(np.arange(len(segmentation["counts"])) % 2, segmentation["counts"])
    height, width = segmentation["size"]
    return np.asarray(values.reshape(width, height).T, dtype=np.uint8)


def draw_polygons(polygons: list[list[float]], shape: tuple[int, int]) -> Mask:
    """Pixels whose centre lies inside an outline."""
    drawn = np.zeros(shape, np.uint8)
    for polygon in polygons:
        points = np.array(polygon, np.float32).reshape(-1, 1, 2)
        for y, x in np.ndindex(shape):
            drawn[y, x] |= cv2.pointPolygonTest(points, (x + 0.5, y + 0.5), False) >= 0
    return drawn


@pytest.mark.parametrize("segmentation", ["polygon", "rle"])
def test_coco_boxes_areas_and_masks_agree(data: Path, tmp_path: Path, segmentation: str) -> None:
    chosen = load_settings(ExportSettings, flags={"segmentation": segmentation, "captions": "both"})
    export(data, tmp_path / "out", "coco", chosen)
    found = json.loads((tmp_path / "out/annotations/instances.json").read_text())
    assert [one["name"] for one in found["categories"]] == ["cat", "owl", "teddy bear"]
    assert found["images"][1] == {"id": 2, "file_name": "000001.png", "width": 96, "height": 64}
    assert (tmp_path / "out/images/000001.png").is_file()
    assert len(found["annotations"]) == 2 * (2 + 2 + 1 + 3)
    assert [one["id"] for one in found["annotations"]] == list(range(1, 17))
    for one in found["annotations"]:
        x, y, width, height = one["bbox"]
        mask = np.zeros((64, 96), np.uint8)
        mask[int(y) : int(y + height), int(x) : int(x + width)] = 1
        assert one["area"] == mask.sum() and one["iscrowd"] == 0
        drawn = (
            draw_polygons(one["segmentation"], (64, 96))
            if segmentation == "polygon"
            else decode_run_lengths(one["segmentation"])
        )
        assert np.array_equal(drawn, mask)
    second = [one for one in found["annotations"] if one["image_id"] == 2]
    assert [one["attributes"]["subject"] for one in second] == ["cat", "cat2"]
    assert {one["category_id"] for one in second} == {1}
    captions = json.loads((tmp_path / "out/annotations/captions.json").read_text())["annotations"]
    assert next(one["caption"] for one in captions if one["image_id"] == 3) == "an owl in the garden"
    assert len(captions) == 16


def test_a_subject_that_cannot_be_seen_has_no_annotation(data: Path, tmp_path: Path) -> None:
    cv2.imwrite(str(data / "masks/000002_0.png"), np.zeros((64, 96), np.uint8))
    export(data, tmp_path / "out", "coco")
    found = json.loads((tmp_path / "out/annotations/instances.json").read_text())
    assert not [one for one in found["annotations"] if one["image_id"] == 3]


def test_a_mask_of_another_size_is_an_error(data: Path, tmp_path: Path) -> None:
    cv2.imwrite(str(data / "masks/000002_0.png"), np.zeros((32, 96), np.uint8))
    with pytest.raises(StoreError, match=r"000002_0\.png: is 96 x 32"):
        export(data, tmp_path / "out", "coco")


small_masks = hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 1))


@given(small_masks)
def test_run_lengths_are_exact(mask: Mask) -> None:
    assert np.array_equal(decode_run_lengths(mask_run_lengths(mask)), mask)


@settings(max_examples=50, deadline=None)
@given(small_masks)
def test_outlines_cover_the_mask_and_only_fill_holes(mask: Mask) -> None:
    drawn = draw_polygons(mask_polygons(mask), (mask.shape[0], mask.shape[1]))
    outside = np.pad(1 - mask, 1, constant_values=1)
    cv2.floodFill(outside, None, (0, 0), 2)
    assert np.array_equal(drawn, (outside[1:-1, 1:-1] != 2).astype(np.uint8))


def test_webdataset_samples_have_the_same_parts(data: Path, tmp_path: Path) -> None:
    export(data, tmp_path / "out", "webdataset", ExportSettings(captions="both"))
    with tarfile.open(tmp_path / "out" / "000000.tar") as tar:
        names = [member.name for member in tar]
        assert all((member.mtime, member.uid, member.uname) == (0, 0, "") for member in tar)
        first = {name.partition(".")[2] for name in names if name.startswith("000000.")}
        assert first == {"png", "txt", "json", "mask0.png", "mask1.png", "mask2.png"}
        assert len(names) == 8 * len(first)

        def read(name: str) -> bytes:
            member = tar.extractfile(name)
            assert member is not None
            return member.read()

        assert read("000003.png") == (data / "images/000003.png").read_bytes()
        assert decode_image(read("000002.mask2.png"), name="empty").max() == 0
        record = json.loads(read("000002.json"))
        assert record["subjects"][0]["box"] == [0.0, 0.25, 0.75, 0.75]
        assert read("000002.txt").decode().splitlines()[0] == record["text"] == "an owl in the garden"


def test_small_shards(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{**scene_row(number), "made": {"seed": number}} for number in range(3)]
    rewrite(data, rows)
    for row in rows:  # noise of about 0.8 MB
        big = np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8)
        cv2.imwrite(str(data / row["file_name"]), big)
    export(data, tmp_path / "out", "webdataset", ExportSettings(shard_mb=1))
    assert sorted(path.name for path in (tmp_path / "out").glob("*.tar")) == ["000000.tar", "000001.tar", "000002.tar"]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=30), st.integers(1, 40))
def test_shards_are_all_items_in_order_within_the_limit(sizes: list[int], limit: int) -> None:
    runs = shards(sizes, limit)
    assert [index for run in runs for index in run] == list(range(len(sizes)))
    assert all(len(run) == 1 or sum(sizes[index] for index in run) <= limit for run in runs)


@given(st.lists(st.text(max_size=6), max_size=12))
def test_names_are_unique_in_any_case(names: list[str]) -> None:
    found = unique_names(names)
    assert len({name.casefold() for name in found}) == len(names)
    assert all("/" not in name and name not in ("", ".", "..") for name in found)


@pytest.fixture
def datasets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    library = pytest.importorskip("datasets")
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    return library


def test_datasets_reads_the_parquet_export(data: Path, tmp_path: Path, datasets: Any) -> None:
    export(data, tmp_path / "out", "parquet", ExportSettings(captions="detailed"))
    shutil.rmtree(data)  # the pictures are inside
    cache = str(tmp_path / "cache")
    scenes = datasets.load_dataset(str(tmp_path / "out"), split="train", cache_dir=cache)
    assert scenes.num_rows == 8
    row = scenes[1]
    assert np.array_equal(np.asarray(row["image"]), pixels(1))
    assert row["text"] == row["text_detailed"] and row["text_short"] == "a cat and a cat in the garden"
    assert [one["name"] for one in row["subjects"]] == ["cat", "cat2"]
    assert np.asarray(row["subjects"][0]["mask"]).sum() == 255 * 32 * 36
    assert row["scores"] == {"identity": 0.51, "seams": 0.25} and scenes[2]["scores"]["seams"] is None
    assert json.loads(row["made"]) == {"seed": 1}
    photos = datasets.load_dataset(str(tmp_path / "out"), "references", split="train", cache_dir=cache)
    assert sorted(zip(photos["kind"], photos["name"], strict=True)) == sorted(
        (kind, name) for kind in ("photo", "cutout") for name in NOUNS
    )


def test_datasets_reads_the_webdataset_export(data: Path, tmp_path: Path, datasets: Any) -> None:
    export(data, tmp_path / "out", "webdataset")
    cache = str(tmp_path / "cache")
    scenes = datasets.load_dataset("webdataset", data_dir=str(tmp_path / "out"), split="train", cache_dir=cache)
    assert scenes.num_rows == 8
    assert np.array_equal(np.asarray(scenes[5]["png"]), pixels(5))
    assert scenes[5]["txt"] == scenes[5]["json"]["text"]


# Tokens in captions.


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


def test_an_unfinished_file_has_no_name(tmp_path: Path) -> None:
    target = Target(tmp_path)
    with pytest.raises(RuntimeError), target.file("x.bin") as path:
        path.write_bytes(b"half")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
