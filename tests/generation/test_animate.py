"""Clips: shapes, what a model takes, what it makes, and how they lie on disk."""

import dataclasses
import json
import shutil
import struct
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from diffusers import AutoencoderKLCogVideoX
from PIL import Image as PILImage
from PIL import ImageSequence
from safetensors.torch import load_file, save_file

from tests.generation.tiny_video import FRAMES, HEIGHT, TOKENS, WIDTH, save_tiny_cogvideox
from tests.tiny_bases import save_tiny_sd15
from vivant.errors import ImageError, InputError, ModelError, SettingsError, StoreError
from vivant.generation import cogvideox
from vivant.generation.animate import Clip, cut_away, draw_clip, fit_picture, left_out, plan_clip
from vivant.generation.clips import clip_kind, read_clip_recipe, read_frames, write_clip
from vivant.generation.cogvideox import load_pipeline, settle
from vivant.generation.video_base import VideoBase, check_frames, check_size, hub_names, open_video_base
from vivant.images import read_image, read_recipe, write_png
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


@pytest.fixture
def copy(folder, tmp_path):
    """Of the base, to be spoilt."""
    return shutil.copytree(folder, tmp_path / "copy")


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


def moving(count: int = 9, height: int = 64, width: int = 96) -> list[Image]:
    """A dark square that wanders over a gradient."""
    frames: list[Image] = []
    for number in range(count):
        frame = np.zeros((height, width, 3), np.uint8)
        frame[..., 0] = np.linspace(60, 220, width, dtype=np.uint8)
        frame[..., 1] = np.linspace(40, 180, height, dtype=np.uint8)[:, None]
        frame[20:40, 4 + 6 * number : 24 + 6 * number] = 15
        frames.append(frame)
    return frames


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


# What a model takes


def test_a_base_says_what_it_takes(base, newer):
    assert (base.width, base.height, base.frames, base.fps) == (WIDTH, HEIGHT, FRAMES, 8)
    assert (base.multiple, base.stride, base.only_size, base.largest, base.tokens) == (16, 8, True, None, TOKENS)
    assert set(base.hashes) == {"transformer", "vae", "text_encoder", "tokenizer"}
    other = open_video_base(str(newer))
    assert (other.fps, other.only_size, other.largest) == (16, False, (WIDTH, HEIGHT))
    assert other.hashes["transformer"] != base.hashes["transformer"]


def test_the_size_of_1_5_is_not_the_largest_that_its_positions_reach(newer, tmp_path):
    copy = shutil.copytree(newer, tmp_path / "copy")
    config = copy / "transformer" / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "sample_width": 300, "sample_height": 300}))
    published = open_video_base(str(copy))
    assert (published.width, published.height, published.largest) == (1360, 768, (2400, 2400))


@pytest.mark.parametrize(("frames", "near"), [(2, 9), (8, 9), (10, 9), (13, 9), (14, 17), (16, 17), (25, 17), (49, 17)])
def test_frames_that_are_not_made_name_the_nearest(base, frames, near):
    with pytest.raises(SettingsError, match=f"--frames {frames}: .* multiple of 8.*the nearest is {near}$"):
        check_frames(base, frames)
    check_frames(base, near)


def test_without_learned_positions_clips_may_be_longer(newer):
    other = open_video_base(str(newer))
    check_frames(other, 49)
    with pytest.raises(SettingsError, match="the nearest is 49"):
        check_frames(other, 50)


@pytest.mark.parametrize(("latents", "frames"), [(2, 8), (3, 9), (4, 16), (5, 17)])
def test_the_autoencoder_makes_one_frame_of_the_first_latent_only_of_an_odd_number(pipeline, latents, frames):
    with torch.inference_mode():
        assert pipeline.vae.decode(torch.zeros(1, 4, latents, 4, 6)).sample.shape[2] == frames


def test_sizes_that_are_not_made(base, newer):
    check_size(base, WIDTH, HEIGHT)
    with pytest.raises(SettingsError, match="--width 50: sides are multiples of 16; the nearest is 48"):
        check_size(base, 50, HEIGHT)
    with pytest.raises(SettingsError, match="clips of 48 x 32 and no other size, not 64 x 32"):
        check_size(base, 64, HEIGHT)
    other = open_video_base(str(newer))
    check_size(other, 32, 16)
    with pytest.raises(SettingsError, match="no further than 48 x 32"):
        check_size(other, 48, 48)


def test_both_names_of_the_organisation():
    assert hub_names("THUDM/CogVideoX-5b-I2V") == ("THUDM/CogVideoX-5b-I2V", "zai-org/CogVideoX-5b-I2V")
    assert hub_names("zai-org/x") == ("zai-org/x", "THUDM/x") and hub_names("me/x") == ("me/x",)


# What a model makes


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


def test_a_shorter_clip_keeps_the_learned_positions(base):
    whole, short = (load_pipeline(base, torch.float32, frames).transformer.patch_embed for frames in (FRAMES, 9))
    text, latents = torch.zeros(1, TOKENS, 16), torch.zeros(1, 5, 8, HEIGHT // 8, WIDTH // 8)
    with torch.no_grad():
        whole.pos_embedding.add_(torch.arange(whole.pos_embedding.shape[1])[None, :, None])
        short.pos_embedding.add_(torch.arange(short.pos_embedding.shape[1])[None, :, None])
        few = short(text, latents[:, :3])
        assert torch.equal(few, whole(text, latents)[:, : few.shape[1]])


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


class Settled:
    """A pipeline that notes what is done to it."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.vae = self

    def __getattr__(self, name):
        return lambda *arguments, **named: self.done.append(name)


@pytest.mark.parametrize(
    ("device", "offload", "tiling", "done"),
    [
        ("cuda", "auto", False, ["enable_model_cpu_offload"]),
        ("cuda", "none", False, ["to"]),
        ("cuda", "sequential", True, ["enable_tiling", "enable_sequential_cpu_offload"]),
        ("cpu", "auto", False, ["to"]),
    ],
)
def test_how_weights_go_to_the_device(device, offload, tiling, done):
    pipeline = Settled()
    settle(pipeline, torch.device(device), offload, tiling=tiling)
    assert pipeline.done == done


def test_offloading_needs_a_gpu():
    with pytest.raises(ModelError, match="--offload"):
        settle(Settled(), torch.device("cpu"), "model", tiling=False)


# A base that is not one


def spoil_weights(copy):
    path = copy / "transformer" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(path)
    del tensors["proj_out.bias"]
    save_file(tensors, path, {"format": "pt"})


def spoil_shards(copy):
    listing = {"weight_map": {"a": "model-00001-of-00002.safetensors"}}
    (copy / "text_encoder" / "model.safetensors.index.json").write_text(json.dumps(listing))


def spoil_channels(copy):
    shutil.rmtree(copy / "vae")
    AutoencoderKLCogVideoX(
        down_block_types=("CogVideoXDownBlock3D",) * 4,
        up_block_types=("CogVideoXUpBlock3D",) * 4,
        block_out_channels=(8, 8, 8, 8),
        latent_channels=6,
        layers_per_block=1,
        norm_num_groups=2,
    ).save_pretrained(copy / "vae")


def spoil_kind(copy):
    index = json.loads((copy / "model_index.json").read_text())
    (copy / "model_index.json").write_text(json.dumps({**index, "_class_name": "CogVideoXPipeline"}))


def spoil_scheduler(copy):
    index = json.loads((copy / "model_index.json").read_text())
    (copy / "model_index.json").write_text(json.dumps({**index, "scheduler": ["diffusers", "PNDMScheduler"]}))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (spoil_weights, r"transformer: missing in the weights: proj_out\.bias"),
        (spoil_shards, r"model-00001-of-00002\.safetensors is missing"),
        (spoil_channels, "latents of channels 8, the other parts give 12"),
        (spoil_kind, "a CogVideoXPipeline, which does not make clips from a picture"),
        (spoil_scheduler, "its scheduler is PNDMScheduler"),
        (lambda copy: shutil.rmtree(copy / "vae"), "the part 'vae' is missing"),
        (lambda copy: (copy / "tokenizer" / "tokenizer.json").unlink(), r"neither tokenizer\.json nor spiece\.model"),
        (lambda copy: (copy / "vae" / "config.json").write_text("{}"), "block_out_channels"),
        (lambda copy: (copy / "vae" / "config.json").write_text("[]"), r"config\.json: not a table"),
        (lambda copy: (copy / "vae" / "diffusion_pytorch_model.safetensors").write_bytes(b"x" * 64), "vae.*cannot be"),
        (lambda copy: (copy / "vae" / "diffusion_pytorch_model.safetensors").unlink(), "no weights as safetensors"),
    ],
)
def test_a_spoilt_base_is_one_clear_error(copy, spoil, words):
    spoil(copy)
    with pytest.raises(ModelError, match=words):
        load_pipeline(open_video_base(str(copy)), torch.float32, FRAMES)


def test_a_vocabulary_of_sentencepiece_names_the_library(copy, monkeypatch):
    (copy / "tokenizer" / "tokenizer.json").rename(copy / "tokenizer" / "spiece.model")
    monkeypatch.setattr(cogvideox, "_installed", lambda name: name != "sentencepiece")
    with pytest.raises(ModelError, match=r"pip install sentencepiece$"):
        load_pipeline(open_video_base(str(copy)), torch.float32, FRAMES)


def test_other_bases_are_refused_by_name(tmp_path):
    with pytest.raises(ModelError, match="StableDiffusionPipeline, which does not make clips"):
        open_video_base(str(save_tiny_sd15(tmp_path / "sd15")))
    for name, words in (("pocket", "draws pictures"), ("no-such", "no such folder"), (str(tmp_path), "no model_index")):
        with pytest.raises(ModelError, match=words):
            open_video_base(name)


# Clips on disk


@pytest.mark.parametrize("name", ["a.mp4", "a.gif", "a.webp", "a.MP4"])
@pytest.mark.parametrize("fps", [7, 8])
def test_a_clip_reads_back_with_its_recipe_and_its_length(tmp_path, name, fps):
    frames, recipe = moving(), {"verb": "animate", "prompt": "he says “hé” ✂", "seed": 2**62, "list": [1, None]}
    write_clip(tmp_path / name, frames, fps, recipe)
    write_clip(tmp_path / f"again-{name}", frames, fps, recipe)
    assert (tmp_path / name).read_bytes() == (tmp_path / f"again-{name}").read_bytes()
    assert read_clip_recipe(tmp_path / name) == recipe
    if name.lower().endswith("mp4"):
        found = read_frames(tmp_path / name)
        assert cv2.VideoCapture(str(tmp_path / name)).get(cv2.CAP_PROP_FPS) == pytest.approx(fps)
    else:
        with PILImage.open(tmp_path / name) as film:
            found, milliseconds = [], 0
            for shown in ImageSequence.Iterator(film):
                found.append(np.asarray(shown.convert("RGB")))
                milliseconds += film.info["duration"]
        assert abs(milliseconds - 9000 / fps) <= 5
    assert len(found) == 9
    assert all(np.abs(one.astype(int) - other).mean() < 6 for one, other in zip(frames, found, strict=True))


def test_frames_in_a_folder(tmp_path):
    write_clip(tmp_path / "f", moving(17), 8, {"verb": "animate", "frames": 17})
    write_png(tmp_path / "f" / "0015.png", moving(1)[0])
    (tmp_path / "f" / "notes.txt").write_text("mine")
    write_clip(tmp_path / "f", moving(9), 8, {"verb": "animate", "frames": 9})
    names = sorted(path.name for path in (tmp_path / "f").iterdir())
    assert names == [*(f"{number:04d}.png" for number in range(9)), "0015.png", "notes.txt"]
    assert np.array_equal(read_image(tmp_path / "f" / "0008.png"), moving()[8])
    assert read_recipe(tmp_path / "f" / "0008.png")["frame"] == 8
    assert read_clip_recipe(tmp_path / "f") == {"verb": "animate", "frames": 9}


def test_vp9(tmp_path):
    write_clip(tmp_path / "a.mp4", moving(), 8, {"verb": "animate"}, codec="vp9")
    assert b"vp09" in (tmp_path / "a.mp4").read_bytes() and len(read_frames(tmp_path / "a.mp4")) == 9


def test_other_endings_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"a\.avi: end it in \.mp4, \.gif or \.webp"):
        clip_kind(tmp_path / "a.avi")


def test_an_encoder_that_loses_frames_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr("vivant.generation.clips.read_frames", lambda path: [])
    with pytest.raises(StoreError, match="encoded whole"):
        write_clip(tmp_path / "a.mp4", moving(), 8, {})
    assert not (tmp_path / "a.mp4").exists()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x",
        b"\0" * 40,
        struct.pack(">I4sQ", 1, b"free", 2**64 - 1),
        struct.pack(">I4sQ", 1, b"free", 3),
        struct.pack(">I4s", 1, b"free"),
        struct.pack(">I4s", 4, b"free"),
        struct.pack(">I4s", 2**32 - 1, b"mdat"),
        struct.pack(">I4s", 30, b"uuid") + cogvideox.__name__.encode(),
    ],
)
def test_a_broken_mp4_carries_no_recipe(tmp_path, data):
    (tmp_path / "a.mp4").write_bytes(data)
    with pytest.raises(ImageError, match=r"a\.mp4"):
        read_clip_recipe(tmp_path / "a.mp4")


def test_a_cut_recipe_is_an_error(tmp_path):
    write_clip(tmp_path / "a.mp4", moving(), 8, {"verb": "animate"})
    (tmp_path / "a.mp4").write_bytes((tmp_path / "a.mp4").read_bytes()[:-3])
    with pytest.raises(ImageError, match="cannot be read"):
        read_clip_recipe(tmp_path / "a.mp4")


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
