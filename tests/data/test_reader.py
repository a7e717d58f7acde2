import json
from pathlib import Path

import pytest

from tests.data.small_set import scene_row, write_set
from vivant.data.reader import read_data_set
from vivant.errors import StoreError
from vivant.files import write_jsonl


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_set(tmp_path / "data", count=2)


def test_it_reads_scenes_in_order_and_rejects(folder: Path) -> None:
    data_set = read_data_set(folder)
    assert [scene.file_name for scene in data_set.scenes] == ["images/000000.png", "images/000001.png"]
    assert data_set.rejects[-1].kind == "photo"


def test_rejects_are_optional(folder: Path) -> None:
    (folder / "rejects.jsonl").unlink()
    assert read_data_set(folder).rejects == ()


def test_a_folder_without_metadata_is_no_data_set(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no metadata\.jsonl"):
        read_data_set(tmp_path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"metadata\.jsonl, line 3: not valid JSON"),
        ("[]", r"metadata\.jsonl, line 3: not an object"),
        ("{}", r"metadata\.jsonl, row 3: file_name"),
        (json.dumps({**scene_row(0), "rating": 9}), r"metadata\.jsonl, row 3: rating"),
        (json.dumps({**scene_row(0), "surprise": 1}), r"metadata\.jsonl, row 3: surprise"),
    ],
)
def test_a_broken_row_is_named(folder: Path, line: str, message: str) -> None:
    with (folder / "metadata.jsonl").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(StoreError, match=message):
        read_data_set(folder)


def test_a_broken_reject_is_named(folder: Path) -> None:
    write_jsonl(folder / "rejects.jsonl", [{"kind": "scene"}])
    with pytest.raises(StoreError, match=r"rejects\.jsonl, row 1: item"):
        read_data_set(folder)


@pytest.mark.parametrize("name", ["../secret.png", "images/../../secret.png", "/etc/passwd", "", "a\0b", "gone.png"])
def test_paths_out_of_the_set_are_refused(folder: Path, name: str) -> None:
    (folder.parent / "secret.png").write_bytes(b"secret")
    with pytest.raises(StoreError, match=r"metadata\.jsonl"):
        read_data_set(folder).path(name)


def test_links_out_of_the_set_are_refused(folder: Path) -> None:
    (folder.parent / "secret.png").write_bytes(b"secret")
    (folder / "images" / "link.png").symlink_to(folder.parent / "secret.png")
    with pytest.raises(StoreError, match="leads out of the data set"):
        read_data_set(folder).path("images/link.png")


def test_a_broken_picture_is_a_broken_set(folder: Path) -> None:
    (folder / "images" / "000000.png").write_bytes(b"no picture")
    with pytest.raises(StoreError, match=r"000000\.png"):
        read_data_set(folder).read("images/000000.png")
