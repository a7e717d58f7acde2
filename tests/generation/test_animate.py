"""The first frame, the frames that a model makes of it, and when a clip is there already."""

import dataclasses
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from tests.generation.tiny_video import HEIGHT, TOKENS, WIDTH, moving, save_tiny_cogvideox
from vivant.errors import ModelError
from vivant.generation.animate import Clip, cut_away, draw_clip, fit_picture, left_out, plan_clip
from vivant.generation.clips import write_clip
from vivant.generation.cogvideox import load_pipeline
from vivant.generation.video_base import VideoBase, open_video_base
from vivant.settings.animate import AnimateSettings
from vivant.types import Image

PROMPT = "they are hugging"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_tiny_cogvideox(tmp_path_factory.mktemp("bases") / "cogvideox")


@pytest.fixture(scope="module")
def newer(tmp_path_factory):
    return save_tiny_cogvideox(tmp_path_factory.mktemp("bases") / "cogvideox15", newer=True)


@pytest.fixture(scope="module")
def base(folder):
    return open_video_base(str(folder))


@pytest.fixture(scope="module")
def pipeline(base):
    return load_pipeline(base, torch.float32, 9)


def plan(
    base: VideoBase, tmp_path: Path, picture: Any = None, own: Any = None, out: str = "clip.mp4", **how: Any
) -> Clip:
    settings = AnimateSettings(**{"prompt": PROMPT, "frames": 9, "sampling_steps": 2, **how})
    picture = np.full((64, 64, 3), 128, np.uint8) if picture is None else picture
    return plan_clip(settings, base, picture, own, tmp_path / out, "float32")


def disc(height: int, width: int, side: int = 30) -> Image:
    picture = np.full((height, width, 3), 200, np.uint8)
    cv2.circle(picture, (width // 2, height // 2), side, (60, 60, 60), -1)
    return picture


# The first frame


@pytest.mark.parametrize("fit", ["crop", "pad"])
@pytest.mark.parametrize("shape", [(200, 200), (120, 400), (400, 120), (97, 143)])
def test_a_picture_is_fitted_without_being_distorted(fit, shape):
    fitted = fit_picture(disc(*shape), 360, 240, fit)
    assert fitted.shape == (240, 360, 3)
    ys, xs = np.nonzero((fitted > 8).all(2) & (fitted < 110).all(2))
    assert abs(np.ptp(xs) - np.ptp(ys)) <= 2
    assert abs(xs.mean() - 179.5) <= 1.5 and abs(ys.mean() - 119.5) <= 1.5


def test_crop_fills_and_pad_keeps_the_whole_between_black_bars():
    picture = disc(200, 200)
    picture[:20], picture[-20:] = 255, 255
    cropped, padded = fit_picture(picture, 360, 240, "crop"), fit_picture(picture, 360, 240, "pad")
    assert cropped.min() > 10 and (cropped == 255).mean() < 0.01
    assert (padded[:, :60] == 0).all() and (padded[:, -60:] == 0).all() and padded[:, 60:-60].min() > 10
    assert (padded[:20, 64:-64] == 255).all()
    assert cut_away(picture, 360, 240) == pytest.approx(1 / 3)


def test_transparency_becomes_white():
    picture = np.zeros((32, 48, 4), np.uint8)
    picture[:, :24, 3] = 255
    fitted = fit_picture(picture, 48, 32, "crop")
    assert (fitted[:, :24] == 0).all() and (fitted[:, 24:] == 255).all()


def test_frames_by_a_seed(pipeline, base, tmp_path):
    steps = []
    clip = plan(base, tmp_path)
    one, again = draw_clip(pipeline, clip, TOKENS, record=lambda: steps.append(1)), draw_clip(pipeline, clip, TOKENS)
    assert len(one) == 9 and one[0].shape == (HEIGHT, WIDTH, 3) and one[0].dtype == np.uint8 and len(steps) == 2
    assert np.array_equal(one, again)
    other = draw_clip(pipeline, dataclasses.replace(clip, seed=1), TOKENS)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("change", [{"picture": disc(64, 64, 20)}, {"prompt": "a dog"}, {"guidance": 1.0}])
def test_picture_prompt_and_guidance_count(pipeline, base, tmp_path, change):
    plain = draw_clip(pipeline, plan(base, tmp_path), TOKENS)
    changed = draw_clip(pipeline, plan(base, tmp_path, **change), TOKENS)
    assert not np.array_equal(plain, changed)


def test_1_5_makes_what_is_asked_for(newer, tmp_path):
    base = open_video_base(str(newer))
    pipeline = load_pipeline(base, torch.float32, 9)
    assert len(draw_clip(pipeline, plan(base, tmp_path, width=32, height=16), TOKENS)) == 9


def test_what_a_prompt_loses_is_told(pipeline):
    assert left_out(pipeline, TOKENS, "a dog") == ""
    assert left_out(pipeline, TOKENS, "a" * (TOKENS - 3) + " fox") == "fox"


def test_no_memory_and_no_numbers_say_the_way_out(pipeline, base, tmp_path, monkeypatch):
    def full(*arguments, **named):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline.transformer, "forward", full)
        with pytest.raises(ModelError, match="not enough memory: set --offload sequential, turn on --vae-tiling"):
            draw_clip(pipeline, plan(base, tmp_path), TOKENS)
    decode = pipeline.vae.decode

    def overflow(*arguments, **named):
        made = decode(*arguments, **named)
        made.sample[0, 0, 3] = torch.nan
        return made

    monkeypatch.setattr(pipeline.vae, "decode", overflow)
    with pytest.raises(ModelError, match="no numbers: set --dtype bfloat16"):
        draw_clip(pipeline, plan(base, tmp_path), TOKENS)


def test_a_clip_is_there_by_its_recipe_alone(base, tmp_path):
    for out in ("a.gif", "frames"):
        clip = plan(base, tmp_path, out=out, own={"version": 1})
        assert not clip.is_there()
        write_clip(clip.out, moving(), 8, clip.recipe)
        assert clip.is_there() and plan(base, tmp_path, out=out, own={"version": 2}).is_there()
        for change in ({"seed": 1}, {"prompt": "x"}, {"fps": 9}, {"fit": "pad"}, {"picture": disc(64, 64)}):
            assert not plan(base, tmp_path, out=out, **change).is_there()
    (tmp_path / "frames" / "0004.png").unlink()
    assert not plan(base, tmp_path, out="frames").is_there()
