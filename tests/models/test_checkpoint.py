"""A base on disk is understood before it is loaded, and what is wrong with it is named."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.tiny_bases import save_tiny_sd15, save_tiny_sdxl
from vivant.errors import ModelError
from vivant.models.checkpoint import HALF, open_checkpoint


@pytest.fixture(scope="module")
def sdxl(tmp_path_factory):
    return save_tiny_sdxl(tmp_path_factory.mktemp("bases") / "sdxl")


@pytest.fixture
def broken(sdxl, tmp_path):
    return shutil.copytree(sdxl, tmp_path / "broken")


def edit(path: Path, **values: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_what_is_known_without_loading(sdxl, tmp_path):
    found = open_checkpoint(str(sdxl))
    assert (found.layout, found.zero_empty, found.zero_terminal_snr) == ("sdxl", True, True)
    assert (found.defaults.width, found.defaults.height) == (64, 64)
    assert len(set(found.hashes.values())) == 6 and all(len(value) == 16 for value in found.hashes.values())
    sd15 = open_checkpoint(str(save_tiny_sd15(tmp_path / "sd15")))
    assert (sd15.layout, sd15.zero_empty, sd15.zero_terminal_snr) == ("sd15", False, False)
    assert sd15.scheduler["_class_name"] == "PNDMScheduler" and len(sd15.hashes) == 4


def test_hashes_follow_the_content(sdxl, broken):
    before, same = open_checkpoint(str(sdxl)).hashes, open_checkpoint(str(broken)).hashes
    assert before == same
    path = broken / "unet" / "diffusion_pytorch_model.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    after = open_checkpoint(str(broken)).hashes
    assert [part for part in before if before[part] != after[part]] == ["unet"]


def test_a_folder_without_an_index(tmp_path):
    with pytest.raises(ModelError, match=r"no model_index\.json"):
        open_checkpoint(str(tmp_path))


@pytest.mark.parametrize("part", ["unet", "vae", "text_encoder_2", "tokenizer", "scheduler"])
def test_a_missing_part_is_named(broken, part):
    shutil.rmtree(broken / part)
    with pytest.raises(ModelError, match=f"{part}"):
        open_checkpoint(str(broken))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {"unet": None, "transformer": ["diffusers", "FluxTransformer2DModel"]},
            "FluxPipeline is of an unknown layout",
        ),
        ({"text_encoder": ["transformers", "T5EncoderModel"]}, "text_encoder is a T5EncoderModel"),
        ({"text_encoder": [None, None]}, "FluxPipeline names no text_encoder"),
        ({"vae": "AutoencoderKL"}, "names no vae"),
    ],
)
def test_an_unknown_layout_is_named(broken, values, words):
    edit(broken / "model_index.json", _class_name="FluxPipeline", **values)
    with pytest.raises(ModelError, match=words):
        open_checkpoint(str(broken))


@pytest.mark.parametrize("text", ["[]", "{", "\x00"])
def test_an_index_that_is_no_table(broken, text):
    (broken / "model_index.json").write_text(text)
    with pytest.raises(ModelError, match=r"model_index\.json"):
        open_checkpoint(str(broken))


def test_models_for_other_tasks_are_refused(broken):
    edit(broken / "unet" / "config.json", in_channels=9)
    with pytest.raises(ModelError, match=r"9 channels.*inpainting"):
        open_checkpoint(str(broken))
    edit(broken / "unet" / "config.json", in_channels=4, time_cond_proj_dim=8)
    with pytest.raises(ModelError, match="distilled"):
        open_checkpoint(str(broken))


def test_pickles_are_refused_by_name(broken):
    (broken / "vae" / "diffusion_pytorch_model.safetensors").rename(broken / "vae" / "diffusion_pytorch_model.bin")
    with pytest.raises(ModelError, match=r"'vae'.*diffusion_pytorch_model\.bin.*pickles"):
        open_checkpoint(str(broken))


def test_half_precision_files_are_preferred_or_made_do_with(broken):
    plain = broken / "unet" / "diffusion_pytorch_model.safetensors"
    half = plain.with_name("diffusion_pytorch_model.fp16.safetensors")
    half.write_bytes(plain.read_bytes() + b" ")
    assert open_checkpoint(str(broken)).variants["unet"] is None
    chosen = open_checkpoint(str(broken), half=True)
    assert chosen.variants["unet"] == HALF and chosen.variants["vae"] is None
    assert chosen.hashes["unet"] != open_checkpoint(str(broken)).hashes["unet"]
    plain.unlink()
    assert open_checkpoint(str(broken)).variants["unet"] == HALF


def test_a_hub_that_cannot_be_reached(tmp_path, monkeypatch):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match=r"base 'sdxl' \(stabilityai/.*on a hub that can be reached"):
        open_checkpoint("sdxl")


def test_what_the_hub_fetched_before_is_read_without_it(sdxl, tmp_path, monkeypatch):
    """The cache's own layout: a snapshot of links to files that are named by their SHA-256."""
    import hashlib

    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    root = tmp_path / "models--some--model"
    (root / "refs").mkdir(parents=True)
    (root / "blobs").mkdir()
    (root / "refs" / "main").write_text("0" * 40)
    for path in (path for path in sdxl.rglob("*") if path.is_file()):
        blob = root / "blobs" / hashlib.sha256(path.read_bytes()).hexdigest()
        blob.write_bytes(path.read_bytes())
        link = root / "snapshots" / ("0" * 40) / path.relative_to(sdxl)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(blob)
    found = open_checkpoint("some/model")
    assert found.folder == root / "snapshots" / ("0" * 40)
    assert found.hashes == open_checkpoint(str(sdxl)).hashes
