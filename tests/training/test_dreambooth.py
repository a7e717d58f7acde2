"""The recipe on tiny models: a LoRA on all attention, or the whole UNet; its word never moves."""

from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.tiny_bases import save_tiny_sd15, save_tiny_sdxl
from tests.training.small_concepts import write_small_photos
from vivant.adapters.concept_tokens import rare_numbers
from vivant.adapters.lora_file import read_lora
from vivant.adapters.relation_lora import without_loras
from vivant.adapters.tuned import load_tuned
from vivant.errors import ModelError, StoreError
from vivant.generation.pictures import draw
from vivant.generation.plan import Sampling
from vivant.models.bundle import Bundle, load_bundle
from vivant.models.text import encode_text
from vivant.settings.base import load_settings
from vivant.settings.train_dreambooth import TrainDreamboothSettings
from vivant.training.dreambooth import show_prompts, train_dreambooth
from vivant.training.log import SCALARS, read_scalars

HOW = Sampling(2, 1.0, 0.0, 64, 64, None)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    return write_small_photos(tmp_path_factory.mktemp("photos"))


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return str(save_tiny_sdxl(tmp_path_factory.mktemp("sdxl")))


def settings(base: str, **changes) -> TrainDreamboothSettings:
    usual = {"base": base, "steps": 4, "batch": 2, "variations": 1, "width": 64, "height": 64, "device": "cpu"}
    small = {"prior_pictures": 1, "validate_every": 0, "save_every": 2, "lr": 1e-3}
    return load_settings(TrainDreamboothSettings, flags={**usual, **small, **changes})


def pictures(bundle: Bundle, prompt: str = "photo of a <dog> dog") -> Any:
    with torch.no_grad():
        return draw(bundle, [encode_text(bundle, [prompt])], None, [0], HOW)[0].astype(int)


def test_a_lora_on_all_attention(base, photos, tmp_path):
    train_dreambooth(photos, tmp_path, settings(base, lr=0.05), say=lambda line: None)
    layers = read_lora(tmp_path)
    assert {name.rsplit(".", 3)[1 if name.endswith("to_out.0") else 2] for name in layers} == {"attn1", "attn2"}
    bundle = load_bundle(base, "cpu", "float32")
    for encoder, tokenizer, suffix in zip(bundle.text_encoders, bundle.tokenizers, ("", "_2"), strict=True):
        rare = encoder.get_input_embeddings().weight[rare_numbers(tokenizer, 2)[1]]
        assert torch.equal(load_file(tmp_path / f"<dog>{suffix}.safetensors")["<dog>"][0], rare)
    tuned = load_tuned(bundle, tmp_path)
    acting = pictures(tuned)
    with without_loras(tuned.unet):
        assert abs(acting - pictures(tuned)).max() > 0


def test_the_whole_unet_in_sd15_s_layout(photos, tmp_path):
    base = str(save_tiny_sd15(tmp_path / "base"))
    train_dreambooth(photos, tmp_path / "run", settings(base, method="full"), say=lambda line: None)
    own = load_bundle(base, "cpu", "float32")
    before = {name: value.clone() for name, value in own.unet.state_dict().items()}
    tuned = load_tuned(own, tmp_path / "run")
    after = tuned.unet.state_dict()
    assert all(not torch.equal(value, before[name]) for name, value in after.items())
    from diffusers import UNet2DConditionModel

    theirs = UNet2DConditionModel.from_pretrained(tmp_path / "run" / "unet")
    assert all(torch.equal(value, after[name]) for name, value in theirs.state_dict().items())


@pytest.mark.parametrize("method", ["lora", "full"])
def test_more_steps_go_on_as_one_run(base, photos, tmp_path, method):
    train_dreambooth(photos, tmp_path / "a", settings(base, method=method), say=lambda line: None)
    for steps in (2, 4):
        train_dreambooth(photos, tmp_path / "b", settings(base, method=method, steps=steps), say=lambda line: None)
    one, other = (read_scalars(tmp_path / name / SCALARS) for name in "ab")
    assert one == other
    with pytest.raises(StoreError, match="other settings or data"):
        train_dreambooth(photos, tmp_path / "b", settings(base, method=method, steps=5, lr=0.1), say=lambda line: None)


def test_prompts_are_those_of_custom_diffusion(base, photos):
    assert "photo of a <dog> dog" in set(show_prompts(photos, settings(base, resize=False), 30))


def test_a_folder_of_nothing_is_no_tuned_base(base, tmp_path):
    bundle = load_bundle(base, "cpu", "float32")
    with pytest.raises(ModelError, match="nothing that was learned"):
        load_tuned(bundle, tmp_path)
    with pytest.raises(ModelError, match="no such folder"):
        load_tuned(bundle, tmp_path / "nowhere")
