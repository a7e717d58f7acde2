"""`vivant train`: recipes by name, flags from their settings."""

import json
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from tests.relations.triplets import write_small_relation
from tests.tiny_bases import save_tiny_sdxl
from vivant.adapters.lora_file import WEIGHTS
from vivant.cli import vivant
from vivant.commands.flags import attribute_texts, settings_options
from vivant.commands.train import RECIPES
from vivant.errors import SettingsError
from vivant.settings.train_relation import TrainRelationSettings


def call(*arguments: object) -> str:
    done = CliRunner().invoke(vivant, ["train", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_list_of_recipes_loads_none_of_them():
    code = (
        "import sys; from vivant.cli import vivant; vivant(['train', '--help'], standalone_mode=False);"
        "print(sorted({'numpy', 'cv2', 'pydantic', 'torch', 'vivant.settings'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert all(name in done.stdout for name in RECIPES)


@pytest.mark.parametrize("name", RECIPES)
def test_every_setting_is_a_flag_with_a_help(name):
    assert "--steps" in call(name, "--help")


def test_helps_come_from_the_docstrings_of_the_class_and_its_bases():
    texts = attribute_texts(TrainRelationSettings)
    assert set(texts) == set(TrainRelationSettings.model_fields)
    assert texts["steps"].startswith("of the optimiser") and texts["width"] == texts["height"]
    assert texts["method"].endswith("without relation-aware data).")
    options = {option.name: option for option in settings_options(TrainRelationSettings)}
    assert isinstance(options["method"].type, click.Choice)
    assert list(options["method"].type.choices) == ["lora", "embedding"]
    assert options["image_prompts"].secondary_opts == ["--no-image-prompts"]
    assert options["keypoint_weight"].default is None


def test_it_trains_by_flags_over_a_file(tmp_path):
    base, source = save_tiny_sdxl(tmp_path / "base"), write_small_relation(tmp_path / "hugging")
    file = tmp_path / "settings.yaml"
    file.write_text("steps: 9\nbatch: 2\nrank: 2\nvalidate_every: 0\nimage_prompts: false\nvariations: 1\n")
    said = call(
        *("relation", source, "-o", tmp_path / "run", "--settings", file, "--base", base, "--steps", 2),
        *("--width", 64, "--height", 64, "--device", "cpu", "--no-adam-8bit", "--set", "keypoint_weight=0.5"),
    )
    assert said.splitlines()[-1] == f"trained: {tmp_path / 'run' / WEIGHTS}"
    told = json.loads((tmp_path / "run" / "settings.json").read_text())
    wanted = {"steps": 2, "batch": 2, "rank": 2, "keypoint_weight": 0.5, "preset": "paper"}
    assert {name: told[name] for name in wanted} == wanted


def test_what_does_not_fit_is_one_clear_error(tmp_path):
    for assignment, message in (("stepps=3", "did you mean 'steps'"), ("steps", "NAME=VALUE"), ("steps=x", "'steps'")):
        with pytest.raises(SettingsError, match=message):
            call("relation", tmp_path, "-o", tmp_path, "--set", assignment)
