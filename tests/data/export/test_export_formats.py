"""Each format, read back."""

import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.data.small_set import NOUNS, pixels, rewrite, rows_of, scene_row, write_set
from vivant.data.export import export
from vivant.data.export.coco import mask_polygons, mask_run_lengths
from vivant.data.export.names import shards, unique_names
from vivant.errors import StoreError
from vivant.images import decode_image, read_image
from vivant.settings.base import load_settings
from vivant.settings.export import ExportSettings
from vivant.types import Mask


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_set(tmp_path / "data")


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
