import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.pocket.test_card import FIGURES
from tests.pocket.test_check import report
from vivant.commands.pocket import pocket
from vivant.errors import InputError
from vivant.pocket import check as package
from vivant.pocket.card import write_card


def call(*arguments: Any) -> Result:
    return CliRunner().invoke(pocket, [str(one) for one in arguments], catch_exceptions=False)


def test_info_tells_what_is_there_and_how_good_it_is(tmp_path):
    (tmp_path / "dino").mkdir()
    (tmp_path / "dino" / "model.safetensors").write_bytes(b"0" * 3_900_000)
    said = call("info", "--weights", tmp_path).output
    assert "dino       3.9 MB" in said and "base         none" in said and "no figures yet" in said
    write_card(tmp_path, report(), FIGURES)
    said = call("info", "--weights", tmp_path).output
    assert "a CPU preview" in said and "| judge | relation right | **98.0** %" in said


def test_check_writes_card_and_json(tmp_path, monkeypatch):
    asked: dict[str, Any] = {}

    def run(weights, **settings):
        asked.update(settings, weights=weights)
        return report()

    monkeypatch.setattr(package, "run_check", run)
    (tmp_path / "weights").mkdir()
    said = call(
        "check", "--weights", tmp_path / "weights", "--count", 8, "--device", "cpu", "--json", tmp_path / "a.json"
    ).output
    assert asked["count"] == 8 and asked["weights"] == tmp_path / "weights" and asked["cache"] is None
    assert "| judge | relation right |" in said and "README.md" in said
    assert json.loads((tmp_path / "a.json").read_text())["rows"][0]["value"] == 0.98
    assert (tmp_path / "weights" / "README.md").is_file()


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(InputError, match="none of base"):
        call("check", "--weights", tmp_path, "--device", "cpu")
