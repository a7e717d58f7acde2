"""What every export keeps to, whatever its format."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.data.small_set import rewrite, rows_of, write_set
from vivant.data.export import ExportReport, export
from vivant.data.export.target import MANIFEST, Target
from vivant.errors import SettingsError, StoreError
from vivant.settings.base import load_settings
from vivant.settings.export import ExportSettings

FORMATS = ("coco", "webdataset", "parquet", "concepts", "kohya", "ai-toolkit")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_set(tmp_path / "data")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


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


def test_a_run_killed_before_its_manifest_is_not_in_the_way(data: Path, tmp_path: Path) -> None:
    (tmp_path / ".out.part").mkdir()
    (tmp_path / ".out.part" / f".{MANIFEST}.1.tmp").write_text("{")
    assert export(data, tmp_path / "out", "ai-toolkit").scenes == 8
    assert not (tmp_path / ".out.part").exists()


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


@pytest.mark.parametrize("moment", ["between the moves", "after the moves"])
def test_a_run_killed_amid_the_last_moves(data: Path, tmp_path: Path, moment: str) -> None:
    out, rows = tmp_path / "out", rows_of(data)
    rewrite(data, rows[:4])
    export(data, out, "ai-toolkit")
    out.rename(tmp_path / ".out.old")
    rewrite(data, rows)
    export(data, out, "ai-toolkit")
    if moment == "between the moves":
        out.rename(tmp_path / ".out.part")
    else:
        shutil.copytree(out, tmp_path / ".out.old", dirs_exist_ok=True)
    export(data, out, "ai-toolkit")
    export(data, tmp_path / "fresh", "ai-toolkit")
    assert contents(out) == contents(tmp_path / "fresh")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "fresh", "out"]


def test_an_unfinished_file_has_no_name(tmp_path: Path) -> None:
    target = Target(tmp_path)
    with pytest.raises(RuntimeError), target.file("x.bin") as path:
        path.write_bytes(b"half")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
