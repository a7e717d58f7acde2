"""`vivant compose` end to end on the subjects that ship: killed, continued, extended, fed with rubbish."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

from vivant.data.engine import compose_set
from vivant.data.reader import read_data_set
from vivant.data.repaint.blend import blend
from vivant.demo.subjects import draw_photos
from vivant.errors import InputError, StoreError
from vivant.files import read_jsonl
from vivant.images import fit_within, read_image, read_recipe, write_png
from vivant.settings.compose import ComposeSettings
from vivant.types import Box

SMALL = ComposeSettings(count=4, width=192, height=160, seed=5)


@pytest.fixture(scope="session")
def photos(tmp_path_factory):
    """Three subjects, two small photos each: enough for everything but beauty."""
    drawn, folder = tmp_path_factory.mktemp("drawn"), tmp_path_factory.mktemp("small") / "photos"
    draw_photos(drawn, seed=1)
    for name in ("cat", "dog", "rubber_duck"):
        for photo in sorted((drawn / name).iterdir())[:2]:
            write_png(folder / name / photo.name, fit_within(read_image(photo), 256))
    return folder


@pytest.fixture(scope="session")
def finished(photos, tmp_path_factory):
    out = tmp_path_factory.mktemp("finished") / "data"
    compose_set(photos, out, SMALL, workers=1, say=quiet)
    return out


@pytest.fixture
def begun(finished, tmp_path):
    """A run that got as far as its cutouts."""
    out = tmp_path / "data"
    for name in ("cutouts", "references", ".state/cutouts"):
        shutil.copytree(finished / name, out / name)
    for name in ("settings.json", "cutouts.jpg", "cutouts.jsonl"):
        shutil.copy(finished / name, out / name)
    return out


def quiet(line: str) -> None:
    """Notes are not under test here."""


def tree(root: Path) -> dict[str, str]:
    """Every file's hash, but for the lock."""
    files = (path for path in root.rglob("*") if path.is_file() and path.name != "lock")
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_every_scene_is_whole(finished):
    found = read_data_set(finished)
    assert len(found.scenes) == SMALL.count
    for scene in found.scenes:
        image = read_image(found.path(scene.file_name))
        assert image.shape == (160, 192, 3)
        assert read_recipe(found.path(scene.file_name))["seed"] == 5
        for subject in scene.subjects:
            assert subject.noun in scene.text
            mask = read_image(found.path(subject.mask))[..., 0]
            ys, xs = np.nonzero(mask >= 128)
            x0, y0, x1, y1 = subject.box.pixels(192, 160)
            inside = (xs >= x0 - 2) & (xs <= x1 + 2) & (ys >= y0 - 2) & (ys <= y1 + 2)
            assert len(xs) > 20 and inside.mean() > 0.99
            found.path(subject.reference), found.path(subject.cutout)


def test_cutouts_lie_in_their_photos(finished):
    rows = list(read_jsonl(finished / "cutouts.jsonl"))
    assert len(rows) == 6
    for row in rows:
        reference, mask = read_image(finished / row["reference"]), read_image(finished / row["mask"])[..., 0]
        assert mask.shape == reference.shape[:2] and row["quality"]["area"] == pytest.approx(
            (mask > 127).mean(), abs=0.03
        )
        left, top, right, bottom = Box.model_validate(row["box"]).pixels(mask.shape[1], mask.shape[0])
        assert np.array_equal(mask[top:bottom, left:right], read_image(finished / row["file"])[..., 3])
        assert not mask[:top].any() and not mask[:, right:].any()


def test_workers_change_nothing(photos, finished, tmp_path):
    compose_set(photos, tmp_path / "data", SMALL, workers=2, say=quiet)
    assert tree(tmp_path / "data") == tree(finished)


def test_more_scenes_extend_the_set(photos, finished, begun):
    fewer = SMALL.model_copy(update={"count": 2})
    compose_set(photos, begun, fewer, workers=1, say=quiet)
    before = {path.name: path.stat().st_mtime_ns for path in (begun / "images").iterdir()}
    compose_set(photos, begun, SMALL, workers=1, say=quiet)
    after = {path.name: path.stat().st_mtime_ns for path in (begun / "images").iterdir()}
    assert before.items() <= after.items()
    assert tree(begun) == tree(finished)


def test_fewer_scenes_remove_nothing(photos, finished, tmp_path):
    shutil.copytree(finished, tmp_path / "data")
    said: list[str] = []
    compose_set(photos, tmp_path / "data", SMALL.model_copy(update={"count": 2}), workers=1, say=said.append)
    assert any("none is removed" in line for line in said)
    assert tree(tmp_path / "data") == tree(finished)


def test_other_settings_do_not_mix(photos, finished):
    with pytest.raises(StoreError, match="seed differ"):
        compose_set(photos, finished, SMALL.model_copy(update={"seed": 6}), say=quiet)


@pytest.mark.parametrize("stage", ["segment", "associate", "layout", "compose", "repaint", "caption", "check"])
def test_every_stage_can_be_the_last(photos, begun, stage):
    compose_set(photos, begun, SMALL, workers=1, stop_after=stage, say=quiet)
    made = {path.name for path in begun.glob("stages/000000/*")}
    steps = {
        "layout": {"layout.json"},
        "compose": {"foreground.png", "hard_mask.png", "soft_mask.png"},
        "repaint": {"image.png"},
        "caption": {"captions.json"},
        "check": {"check.json"},
    }
    names = list(steps)
    wanted = set().union(*(steps[name] for name in names[: names.index(stage) + 1])) if stage in steps else set()
    assert made == wanted
    assert not (begun / "images").exists()


def finished_items(root: Path) -> int:
    """Cutouts and scenes whose records are written."""
    return len(list(root.glob(".state/*/*.json")))


@pytest.mark.parametrize("items", [1, 5, 8])
def test_killed_and_run_again_is_as_undisturbed(photos, finished, tmp_path, items):
    command = [sys.executable, "-m", "vivant", "compose", str(photos), "-o", str(tmp_path / "data")]
    command += ["--count", "4", "--size", "192x160", "--seed", "5", "--workers", "2"]
    run = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while finished_items(tmp_path / "data") < items and run.poll() is None:
        time.sleep(0.005)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    subprocess.run(command, check=True, capture_output=True)
    assert tree(tmp_path / "data") == tree(finished)


def test_rubbish_among_the_photos_is_recorded(photos, tmp_path):
    folder = tmp_path / "ph otos ü"
    cat = next((photos / "cat").iterdir())
    for name in ("cat", "dog"):
        (folder / name).mkdir(parents=True)
        for photo in (photos / name).iterdir():
            (folder / name / photo.name).write_bytes(photo.read_bytes())
    data = cat.read_bytes()
    rubbish = {"empty.jpg": b"", "half.png": data[: len(data) // 2], "words.jpg": b"hello"}
    for name, content in rubbish.items():
        (folder / "cat" / name).write_bytes(content)
    PILImage.new("RGB", (1, 1)).save(folder / "cat" / "one.png")
    PILImage.new("RGB", (64, 64), "red").save(folder / "cat" / "flat.png")
    report = compose_set(folder, tmp_path / "data", SMALL.model_copy(update={"count": 2}), workers=1, say=quiet)
    assert report.accepted == 2
    recorded = {reject.item: reject.reason for reject in read_data_set(tmp_path / "data").rejects}
    for name in (*rubbish, "one.png", "flat.png"):
        assert recorded[f"cat/{name}"]
    images = list((tmp_path / "data").glob("references/cat/*"))
    assert len(images) == len(list((photos / "cat").iterdir())) + 1  # flat.png can be shown, the others cannot be read


def test_only_rubbish_is_explained(tmp_path):
    (tmp_path / "photos" / "cat").mkdir(parents=True)
    (tmp_path / "photos" / "cat" / "a.jpg").write_bytes(b"")
    with pytest.raises(InputError, match=r"cutouts\.jpg shows why"):
        compose_set(tmp_path / "photos", tmp_path / "data", SMALL, workers=1, say=quiet)


def test_a_full_disk_ends_the_run_with_its_name(photos, tmp_path, monkeypatch):
    def full(self: Path, data: bytes) -> int:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StoreError, match="No space left"):
        compose_set(photos, tmp_path / "data", SMALL, workers=1, say=quiet)


def test_datasets_reads_the_set_as_it_is(finished, tmp_path, monkeypatch):
    datasets = pytest.importorskip("datasets")
    found = datasets.load_dataset("imagefolder", data_dir=str(finished), split="train", cache_dir=str(tmp_path))
    assert len(found) == SMALL.count
    assert found[0]["image"].size == (192, 160) and "subjects" in found.column_names


def test_a_scene_that_breaks_costs_only_itself(photos, begun, monkeypatch):
    def sometimes(composite, *rest):
        if len(composite.layers) == 3:
            raise FloatingPointError("underflow")
        return blend(composite, *rest)

    monkeypatch.setattr("vivant.data.fillings.blend", sometimes)
    report = compose_set(photos, begun, SMALL, workers=1, say=quiet)
    assert report.accepted == SMALL.count
    assert report.reasons["unexpected FloatingPointError: underflow"] >= 1


def test_cutouts_of_other_photos_go(photos, begun):
    kept = set(begun.glob("cutouts/*/*"))
    write_png(begun.parent / "photos" / "cat" / "01.png", read_image(next((photos / "cat").iterdir())))
    compose_set(begun.parent / "photos", begun, SMALL, workers=1, stop_after="segment", say=quiet)
    left = set(begun.glob("cutouts/*/*"))
    assert len(left) == 2 and left < kept and len(list(begun.glob(".state/cutouts/*"))) == 1
    assert len((begun / "cutouts.jsonl").read_text().splitlines()) == 1


def test_ctrl_c_says_how_to_go_on(photos, tmp_path):
    command = [sys.executable, "-m", "vivant", "compose", str(photos), "-o", str(tmp_path / "data"), "--workers", "2"]
    run = subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE, text=True)
    while finished_items(tmp_path / "data") < 1 and run.poll() is None:
        time.sleep(0.01)
    os.killpg(run.pid, signal.SIGINT)
    _, said = run.communicate(timeout=60)
    assert run.returncode == 130 and "the same command continues" in said and "Traceback" not in said


def test_a_scene_that_breaks_before_the_last_stage_finishes_nothing(photos, begun, monkeypatch):
    def broken(*parts):
        raise FloatingPointError("underflow")

    monkeypatch.setattr("vivant.data.fillings.blend", broken)
    compose_set(photos, begun, SMALL, workers=1, stop_after="repaint", say=quiet)
    assert "underflow" in (begun / "stages" / "000000" / "error.json").read_text()
    assert not list(begun.glob(".state/scenes/*"))
