"""The world as a data set and as photos."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from vivant.data.performed import draw_photos, perform_set, script_of
from vivant.data.photos import find_subjects
from vivant.data.reader import read_data_set
from vivant.errors import SettingsError, StoreError
from vivant.images import read_image
from vivant.settings.world import WorldSettings
from vivant.world import perform

SETTINGS = WorldSettings(count=6, size=64, seed=3)


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "lock"
    }


def test_a_set_reads_back_as_it_was_performed(tmp_path):
    perform_set(tmp_path, SETTINGS, workers=1)
    found = read_data_set(tmp_path)
    assert len(found.scenes) == 6
    for number, scene in enumerate(found.scenes):
        tableau = perform(script_of(SETTINGS, number), 64)
        assert (found.read(scene.file_name) == tableau.picture).all()
        assert scene.relation == tableau.script.relation and scene.text == tableau.text
        assert scene.keypoints is not None and np.allclose(scene.keypoints, tableau.keypoints, atol=1e-5)
        for index, one in enumerate(scene.subjects):
            assert (found.read_mask(one.mask) == tableau.masks[index]).all()
            assert (found.read_mask(one.full_mask) == tableau.full_masks()[index]).all()
            assert np.allclose(one.identity, tableau.script.cast[index].vector())
            assert found.path(one.reference).is_file()


def test_it_loads_as_an_image_folder(tmp_path):
    datasets = pytest.importorskip("datasets")
    perform_set(tmp_path / "set", SETTINGS, workers=1)
    loaded = datasets.load_dataset("imagefolder", data_dir=str(tmp_path / "set"), cache_dir=str(tmp_path / "cache"))
    assert loaded["train"].num_rows == 6
    assert len(loaded["train"][0]["keypoints"][0]) == 17


def test_a_cast_of_few_comes_again_with_its_references_in_turn(tmp_path):
    settings = WorldSettings(
        count=12, size=48, individuals=2, references=2, kinds=("cat", "dog"), relations=("standing next to",)
    )
    perform_set(tmp_path, settings, workers=1)
    found = read_data_set(tmp_path)
    names = {one.name for scene in found.scenes for one in scene.subjects}
    assert 2 <= len(names) <= 4
    assert {Path(one.reference).name for scene in found.scenes for one in scene.subjects} == {"0.png", "1.png"}


def test_more_scenes_are_added_and_other_settings_refused(tmp_path):
    perform_set(tmp_path, SETTINGS.model_copy(update={"count": 2}), workers=1)
    first = (tmp_path / "images/000000.png").stat().st_mtime_ns
    perform_set(tmp_path, SETTINGS, workers=1)
    assert len(read_data_set(tmp_path).scenes) == 6
    assert (tmp_path / "images/000000.png").stat().st_mtime_ns == first
    with pytest.raises(StoreError, match="size differ"):
        perform_set(tmp_path, SETTINGS.model_copy(update={"size": 32}), workers=1)


def test_killed_and_continued_is_as_undisturbed(tmp_path):
    command = [sys.executable, "-m", "vivant", "world", "scenes", "-n", "40", "--size", "64", "--workers", "2", "-o"]
    running = subprocess.Popen(
        [*command, str(tmp_path / "killed")], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    while not list((tmp_path / "killed").glob("images/*.png")):
        assert running.poll() is None
        time.sleep(0.02)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    subprocess.run([*command, str(tmp_path / "killed")], check=True, capture_output=True)
    perform_set(tmp_path / "whole", WorldSettings(count=40, size=64), workers=1)
    assert tree(tmp_path / "killed") == tree(tmp_path / "whole")


def test_photos_are_what_compose_takes(tmp_path):
    written = draw_photos(tmp_path, WorldSettings(size=160, kinds=("fox", "teddy bear"), individuals=2, references=3))
    assert len(written) == 12
    subjects, rejects = find_subjects(tmp_path)
    assert [one.name for one in subjects] == ["fox1", "fox2", "teddy_bear1", "teddy_bear2"] and not rejects
    assert {one.noun for one in subjects} == {"fox", "teddy bear"}


def test_photos_may_come_free_of_their_backdrop(tmp_path):
    (path,) = draw_photos(tmp_path, WorldSettings(size=96, kinds=("robot", "cat"), references=1), alpha=True)[:1]
    picture = read_image(path)
    assert picture.shape == (96, 96, 4)
    assert 0.05 < (picture[..., 3] > 127).mean() < 0.6 and picture[0, 0, 3] == 0


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"relations": ("huging",)}, "did you mean 'hugging'"),
        ({"kinds": ("unicorn",)}, "there are: cat"),
        ({"backdrops": ("beech",)}, "did you mean 'beach'"),
        ({"kinds": ("cat",)}, "two kinds"),
    ],
)
def test_unknown_names_are_refused_by_name(tmp_path, settings, says):
    with pytest.raises(SettingsError, match=says):
        perform_set(tmp_path, WorldSettings(**settings))
