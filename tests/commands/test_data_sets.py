import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.data.small_set import write_set
from vivant.commands.data_sets import export, stats
from vivant.errors import MissingExtraError, SettingsError


def test_stats_prints_and_writes_the_page(tmp_path: Path) -> None:
    data = write_set(tmp_path / "data")
    result = CliRunner().invoke(stats, [str(data)], catch_exceptions=False)
    assert "MyCanvas" in result.output and f"page: {data / 'stats.html'}" in result.output
    assert (data / "stats.html").read_text().startswith("<!doctype html>")
    CliRunner().invoke(stats, [str(data), "-o", str(tmp_path / "elsewhere.html")], catch_exceptions=False)
    assert (tmp_path / "elsewhere.html").read_text() == (data / "stats.html").read_text()


def test_export_takes_its_settings_from_flags(tmp_path: Path) -> None:
    data, out = write_set(tmp_path / "data"), tmp_path / "out"
    arguments = [str(data), "--format", "kohya", "-o", str(out), "--repeats", "5", "--captions", "detailed"]
    tokens = ["--token", "owl=<o>", "--token", "cat=<c>"]
    result = CliRunner().invoke(export, [*arguments, *tokens], catch_exceptions=False)
    assert "8 scenes in 16 files, written" in result.output
    assert "2 scenes show two subjects of one noun" in result.output
    assert (out / "5_owl" / "000002.txt").read_text().startswith("A photo of a <o> owl")
    again = CliRunner().invoke(export, [*arguments, *tokens], catch_exceptions=False)
    assert "is up to date" in again.output


@pytest.mark.parametrize("token", ["owl", "=<o>", "owl="])
def test_a_token_without_both_sides_is_refused(tmp_path: Path, token: str) -> None:
    with pytest.raises(SettingsError, match="NAME=TOKEN"):
        CliRunner().invoke(
            export,
            [str(tmp_path), "--format", "kohya", "-o", str(tmp_path / "out"), "--token", token],
            catch_exceptions=False,
        )


def test_parquet_without_its_library_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    data = write_set(tmp_path / "data")
    with pytest.raises(MissingExtraError, match="pip install"):
        CliRunner().invoke(
            export, [str(data), "--format", "parquet", "-o", str(tmp_path / "out")], catch_exceptions=False
        )


def test_both_captions_reach_coco(tmp_path: Path) -> None:
    data, out = write_set(tmp_path / "data"), tmp_path / "out"
    arguments = [str(data), "--format", "coco", "-o", str(out), "--captions", "both", "--segmentation", "rle"]
    CliRunner().invoke(export, arguments, catch_exceptions=False)
    assert len(json.loads((out / "annotations" / "captions.json").read_text())["annotations"]) == 16
    first = json.loads((out / "annotations" / "instances.json").read_text())["annotations"][0]
    assert set(first["segmentation"]) == {"counts", "size"}
