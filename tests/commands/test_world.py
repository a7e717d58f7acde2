"""``vivant world``."""

import pytest
from click.testing import CliRunner

from vivant.cli import vivant
from vivant.errors import SettingsError
from vivant.images import read_image
from vivant.world import BACKDROPS, KINDS, RELATIONS
from vivant.world.sheets import SHEETS


def run(*arguments: object):
    return CliRunner().invoke(vivant, ["world", *map(str, arguments)], catch_exceptions=False)


def test_scenes_and_photos(tmp_path):
    done = run("scenes", "-n", 2, "--size", 48, "--workers", 1, "--relation", "hugging", "-o", tmp_path / "set")
    assert done.exit_code == 0 and "is hugging a" in done.output and "2 scenes in" in done.output
    done = run("photos", "--kind", "fox", "--kind", "cat", "--size", 48, "-o", tmp_path / "photos", "--alpha")
    assert "6 photos of 2 subjects" in done.output
    assert read_image(tmp_path / "photos/fox/0.png").shape == (48, 48, 4)


def test_a_settings_file_and_flags_over_it(tmp_path):
    (tmp_path / "world.yaml").write_text("count: 3\nsize: 40\nrelations: [dancing]\n")
    done = run("scenes", "--config", tmp_path / "world.yaml", "-n", 1, "--workers", 1, "-o", tmp_path / "set")
    assert "1 scenes" in done.output and "dancing" in done.output
    assert read_image(tmp_path / "set/images/000000.png").shape[0] == 40


def test_wrong_names_and_sizes_are_refused(tmp_path):
    with pytest.raises(SettingsError, match="did you mean 'kissing'"):
        run("scenes", "--relation", "kising", "-o", tmp_path / "set")
    with pytest.raises(SettingsError, match="size"):
        run("scenes", "--size", 4, "-o", tmp_path / "set")
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize(("name", "rows"), [("kinds", KINDS), ("relations", RELATIONS), ("backdrops", BACKDROPS)])
def test_sheets_show_everything(name, rows):
    sheet = SHEETS[name](32, 0)
    assert sheet.shape[0] > 32 * -(-len(rows) // 2) and sheet.shape[1] > 2 * 6 * 32
    assert sheet.std() > 30
