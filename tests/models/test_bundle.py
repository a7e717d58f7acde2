"""Both layouts load by one path, strictly."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.tiny_bases import save_tiny_sd15, save_tiny_sdxl
from vivant.errors import ModelError
from vivant.models.bundle import load_bundle

WEIGHTS = {
    "unet": "diffusion_pytorch_model.safetensors",
    "vae": "diffusion_pytorch_model.safetensors",
    "text_encoder_2": "model.safetensors",
}


@pytest.fixture(scope="module")
def sdxl(tmp_path_factory):
    return save_tiny_sdxl(tmp_path_factory.mktemp("bases") / "sdxl")


@pytest.fixture
def broken(sdxl, tmp_path):
    return shutil.copytree(sdxl, tmp_path / "broken")


def test_sdxl_layout(sdxl, capfd):
    bundle = load_bundle(str(sdxl), "cpu", "float32")
    assert (bundle.layout, len(bundle.text_encoders), len(bundle.tokenizers)) == ("sdxl", 2, 2)
    assert (bundle.factor, bundle.dtype, bundle.unet.dtype) == (8, torch.float32, torch.float32)
    modules = (bundle.unet, bundle.vae, *bundle.text_encoders)
    assert not any(module.training for module in modules)
    assert not any(weight.requires_grad for module in modules for weight in module.parameters())
    saved = load_file(sdxl / "text_encoder_2" / "model.safetensors")
    assert torch.equal(bundle.text_encoders[1].text_projection.weight, saved["text_projection.weight"])
    assert capfd.readouterr().err == ""  # no bars and no advice to developers


def test_sd15_layout(tmp_path):
    bundle = load_bundle(str(save_tiny_sd15(tmp_path / "sd15")), "cpu")
    assert (bundle.layout, len(bundle.text_encoders), bundle.zero_empty) == ("sd15", 1, False)
    assert type(bundle.scheduler).__name__ == "PNDMScheduler"
    assert bundle.fresh_scheduler() is not bundle.scheduler


def test_the_autoencoder_stays_in_float32_where_float16_overflows(sdxl):
    bundle = load_bundle(str(sdxl), "cpu", "float16")
    assert (bundle.unet.dtype, bundle.text_encoders[0].dtype) == (torch.float16, torch.float16)
    assert bundle.vae.dtype == torch.float32
    assert load_bundle(str(sdxl), "cpu", "bfloat16").vae.dtype == torch.bfloat16


@pytest.mark.parametrize("part", list(WEIGHTS))
@pytest.mark.parametrize("fault", ["missing", "unexpected"])
def test_weights_that_do_not_fit_are_named(broken, part, fault):
    path = broken / part / WEIGHTS[part]
    tensors = load_file(path)
    key = sorted(tensors)[3] if fault == "missing" else "something.else.weight"
    if fault == "missing":
        del tensors[key]
    else:
        tensors[key] = torch.zeros(2)
    save_file(tensors, path, metadata={"format": "pt"})
    with pytest.raises(ModelError, match=rf"{part}: {fault} in the weights: {key}"):
        load_bundle(str(broken), "cpu")


@pytest.mark.parametrize("part", list(WEIGHTS))
def test_broken_weights_are_named(broken, part):
    path = broken / part / WEIGHTS[part]
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ModelError, match=f"{part}: "):
        load_bundle(str(broken), "cpu")


@pytest.mark.parametrize("part", list(WEIGHTS))
def test_misshapen_weights_are_an_error(broken, part):
    path = broken / part / WEIGHTS[part]
    tensors = load_file(path)
    key = sorted(tensors)[3]
    save_file({**tensors, key: torch.zeros(3)}, path, metadata={"format": "pt"})
    with pytest.raises(ModelError, match=f"{part}: "):
        load_bundle(str(broken), "cpu")


def test_parts_that_do_not_belong_together(broken, tmp_path):
    other = save_tiny_sd15(tmp_path / "sd15")
    shutil.rmtree(broken / "unet")
    shutil.copytree(other / "unet", broken / "unet")
    with pytest.raises(ModelError, match="reads text of width 24, its encoders give 40"):
        load_bundle(str(broken), "cpu")


def test_a_scheduler_that_diffusers_does_not_know(broken):
    index = json.loads((broken / "model_index.json").read_text())
    (broken / "model_index.json").write_text(json.dumps({**index, "scheduler": ["diffusers", "MagicScheduler"]}))
    with pytest.raises(ModelError, match="MagicScheduler"):
        load_bundle(str(broken), "cpu")


def test_a_device_that_is_not_there(sdxl):
    with pytest.raises(ModelError, match="'nonsense'"):
        load_bundle(str(sdxl), "nonsense")
