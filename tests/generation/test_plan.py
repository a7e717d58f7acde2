"""Every picture has its place, its seed and its recipe before anything is drawn."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vivant.errors import InputError, StoreError
from vivant.generation.plan import Picture, differences, picture_paths, plan_pictures, sampling, settings_of
from vivant.images import read_recipe, write_png
from vivant.models.bases import Defaults
from vivant.models.checkpoint import Checkpoint
from vivant.settings.base import load_settings
from vivant.settings.generate import GenerateSettings

BLACK = np.zeros((8, 8, 3), np.uint8)


def checkpoint(**values: Any) -> Checkpoint:
    plain = {
        "name": "tiny",
        "folder": Path("tiny"),
        "layout": "sdxl",
        "variants": {},
        "hashes": {"unet": "aa", "vae": "bb"},
        "scheduler": {"_class_name": "DDIMScheduler", "prediction_type": "epsilon"},
        "zero_empty": True,
        "defaults": Defaults(64, 96, steps=25, guidance=4.0),
    }
    return Checkpoint(**{**plain, **values})


def plan(out: Path, base: Checkpoint | None = None, **values: Any) -> list[Picture]:
    settings = GenerateSettings(prompts=("a fox",), **values)
    base = base or checkpoint()
    return plan_pictures(settings, sampling(settings, base), base, out, "float32")


@pytest.mark.parametrize(
    ("out", "prompts", "count", "names"),
    [
        ("a.png", 1, 1, ["a.png"]),
        ("a.PNG", 1, 2, ["a-0.PNG", "a-1.PNG"]),
        ("a.png", 2, 1, ["a-0.png", "a-1.png"]),
        ("runs/v1.2", 1, 2, ["runs/v1.2/0.png", "runs/v1.2/1.png"]),
        ("out", 1, 1, ["out/0.png"]),
        ("out", 2, 2, ["out/0-0.png", "out/0-1.png", "out/1-0.png", "out/1-1.png"]),
    ],
)
def test_places(out, prompts, count, names):
    assert [str(path) for path in picture_paths(Path(out), prompts, count)] == names


def test_another_format_is_refused():
    with pytest.raises(InputError, match=r"a\.jpg.*PNG"):
        list(picture_paths(Path("a.jpg"), 1, 1))


def test_a_picture_does_not_depend_on_how_many_there_are(tmp_path):
    few, many = plan(tmp_path, count=2, seed=5), plan(tmp_path, count=4, seed=5)
    assert [picture.seed for picture in many] == [5, 6, 7, 8]
    assert many[:2] == few


def test_the_base_fills_what_is_left_open():
    assert sampling(GenerateSettings(prompts=("a",)), checkpoint()).__dict__ == {
        "steps": 25,
        "guidance": 4.0,
        "rescale": 0.0,
        "width": 64,
        "height": 96,
        "negative": None,
    }
    zero_snr = checkpoint(scheduler={"prediction_type": "v_prediction", "rescale_betas_zero_snr": True})
    assert sampling(GenerateSettings(prompts=("a",)), zero_snr).rescale == 0.7
    assert sampling(GenerateSettings(prompts=("a",), guidance_rescale=0.0), zero_snr).rescale == 0.0
    asked = GenerateSettings(prompts=("a",), sampling_steps=3, width=128, guidance=1.0)
    assert (
        sampling(asked, zero_snr).__dict__.items() >= {"steps": 3, "width": 128, "height": 96, "guidance": 1.0}.items()
    )


def test_a_recipe_gives_its_settings_back(tmp_path):
    drawn = plan(tmp_path, count=3, seed=5, negative="", guidance=3.0)[2]
    write_png(drawn.path, BLACK, drawn.recipe)
    settings = load_settings(GenerateSettings, preset=settings_of(read_recipe(drawn.path), "2.png"))
    again = plan_pictures(settings, sampling(settings, checkpoint()), checkpoint(), drawn.path, "float32")
    assert again == [drawn] and drawn.is_there() and differences(read_recipe(drawn.path), again[0]) == []


def test_finished_means_the_same_recipe(tmp_path):
    before = plan(tmp_path)[0]
    assert not before.is_there()
    write_png(before.path, BLACK, {**before.recipe, "version": "0.0.1"})
    assert before.is_there()
    assert not plan(tmp_path, guidance=9.0)[0].is_there()
    assert not plan(tmp_path, base=checkpoint(hashes={"unet": "cc", "vae": "bb"}))[0].is_there()


@pytest.mark.parametrize("recipe", [None, {"subject": "cat"}])
def test_what_is_not_ours_is_not_overwritten(tmp_path, recipe):
    write_png(tmp_path / "0.png", BLACK, recipe)
    with pytest.raises(StoreError, match=r"0\.png.*not overwritten"):
        plan(tmp_path)[0].is_there()


def test_other_models_are_told(tmp_path):
    old = dict(plan(tmp_path)[0].recipe)
    scheduler = {"_class_name": "EulerDiscreteScheduler"}
    new = plan(tmp_path, base=checkpoint(hashes={"unet": "cc", "vae": "bb"}, scheduler=scheduler))[0]
    assert differences(old, new) == ["other weights in unet", "another scheduler"]
    assert differences({**old, "dtype": "float16"}, plan(tmp_path)[0]) == ["dtype was float16, is float32"]
    assert differences({}, plan(tmp_path)[0])[0] == "other weights in unet, vae"


def test_a_recipe_of_another_verb_is_refused():
    with pytest.raises(InputError, match=r"scene\.png"):
        settings_of({"subject": "cat"}, "scene.png")
