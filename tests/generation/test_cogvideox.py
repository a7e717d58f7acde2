"""What a CogVideoX base takes, how it is loaded, and what is refused."""

import json
import shutil

import pytest
import torch
from diffusers import AutoencoderKLCogVideoX
from safetensors.torch import load_file, save_file

from tests.generation.tiny_video import FRAMES, HEIGHT, TOKENS, WIDTH, save_tiny_cogvideox
from tests.tiny_bases import save_tiny_sd15
from vivant.errors import ModelError, SettingsError
from vivant.generation import cogvideox
from vivant.generation.cogvideox import load_pipeline, settle
from vivant.generation.video_base import check_frames, check_size, hub_names, open_video_base


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_tiny_cogvideox(tmp_path_factory.mktemp("bases") / "cogvideox")


@pytest.fixture(scope="module")
def newer(tmp_path_factory):
    return save_tiny_cogvideox(tmp_path_factory.mktemp("bases") / "cogvideox15", newer=True)


@pytest.fixture(scope="module")
def base(folder):
    return open_video_base(str(folder))


@pytest.fixture
def copy(folder, tmp_path):
    """Of the base, to be spoilt."""
    return shutil.copytree(folder, tmp_path / "copy")


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
def test_the_autoencoder_makes_one_frame_of_the_first_latent_only_of_an_odd_number(base, latents, frames):
    vae = load_pipeline(base, torch.float32, FRAMES).vae
    with torch.inference_mode():
        assert vae.decode(torch.zeros(1, 4, latents, 4, 6)).sample.shape[2] == frames


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


def test_a_shorter_clip_keeps_the_learned_positions(base):
    whole, short = (load_pipeline(base, torch.float32, frames).transformer.patch_embed for frames in (FRAMES, 9))
    text, latents = torch.zeros(1, TOKENS, 16), torch.zeros(1, 5, 8, HEIGHT // 8, WIDTH // 8)
    with torch.no_grad():
        whole.pos_embedding.add_(torch.arange(whole.pos_embedding.shape[1])[None, :, None])
        short.pos_embedding.add_(torch.arange(short.pos_embedding.shape[1])[None, :, None])
        few = short(text, latents[:, :3])
        assert torch.equal(few, whole(text, latents)[:, : few.shape[1]])


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
    with pytest.raises(ModelError, match=r"sentencepiece: pip install 'vivant\[video\]'$"):
        load_pipeline(open_video_base(str(copy)), torch.float32, FRAMES)


def test_other_bases_are_refused_by_name(tmp_path):
    with pytest.raises(ModelError, match="StableDiffusionPipeline, which does not make clips"):
        open_video_base(str(save_tiny_sd15(tmp_path / "sd15")))
    for name, words in (("pocket", "draws pictures"), ("no-such", "no such folder"), (str(tmp_path), "no model_index")):
        with pytest.raises(ModelError, match=words):
            open_video_base(name)
