"""As peft tests its own: attached changes the output, disabled = base, merged = unmerged, saved = loaded."""

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from tests.tiny_bases import _unet as tiny_unet
from vivant.adapters.lora_file import METADATA, read_lora
from vivant.adapters.relation_lora import (
    add_relation_lora,
    load_lora,
    lora_weights,
    merged_loras,
    save_lora,
    weigh_loras,
    without_loras,
)
from vivant.errors import ModelError

SDXL = {
    "sample_size": 128,
    "block_out_channels": (320, 640, 1280),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "layers_per_block": 2,
    "transformer_layers_per_block": (1, 2, 10),
    "attention_head_dim": (5, 10, 20),
    "cross_attention_dim": 2048,
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}


def make_unet(width: int = 12, seed: int = 0):
    torch.manual_seed(seed)
    return tiny_unet(width).requires_grad_(False).eval()


@pytest.fixture
def unet():
    return make_unet()


def run(unet) -> torch.Tensor:
    draw = torch.Generator().manual_seed(3)
    latents, text = torch.randn(2, 4, 8, 8, generator=draw), torch.randn(2, 5, 12, generator=draw)
    with torch.no_grad():
        return unet(latents, torch.tensor([10, 700]), text, return_dict=False)[0]


def train(unet, name: str = "relation", seed: int = 1) -> None:
    """Stand in for training: the second matrix starts at zero."""
    draw = torch.Generator().manual_seed(seed)
    for key, value in unet.named_parameters():
        if f"lora_B.{name}." in key:
            value.data.copy_(torch.randn(value.shape, generator=draw))


def trained(seed: int = 0):
    unet = make_unet()
    add_relation_lora(unet, torch.Generator().manual_seed(seed))
    train(unet, seed=seed + 1)
    return unet


def saved(tmp_path, seed: int = 0):
    unet = trained(seed)
    save_lora(unet, tmp_path, {"relation": "hugging"})
    return unet


def assert_near(one: torch.Tensor, other: torch.Tensor) -> None:
    assert torch.allclose(one, other, atol=1e-5), (one - other).abs().max()


def test_new_changes_nothing_and_trained_changes_the_output(unet):
    base = run(unet)
    add_relation_lora(unet, torch.Generator().manual_seed(0))
    assert torch.equal(run(unet), base)
    train(unet)
    assert (run(unet) - base).abs().max() > 1e-2


def test_disabled_is_the_base():
    unet = trained()
    flags = [value.requires_grad for value in unet.parameters()]
    with without_loras(unet):
        assert torch.equal(run(unet), run(make_unet()))
    assert not torch.equal(run(unet), run(make_unet()))
    assert [value.requires_grad for value in unet.parameters()] == flags


def test_merged_is_unmerged():
    unet = trained()
    before = run(unet)
    with merged_loras(unet):
        assert_near(run(unet), before)
        assert not any(module.lora_A and not module.merged for module in unet.modules() if hasattr(module, "lora_A"))
    assert_near(run(unet), before)


@pytest.mark.parametrize("alpha", [None, 1.0])
def test_saved_is_loaded(tmp_path, unet, alpha):
    source = make_unet()
    add_relation_lora(source, torch.Generator().manual_seed(0), alpha=alpha)
    train(source)
    save_lora(source, tmp_path, {"relation": "hugging"})
    load_lora(unet, tmp_path, "hug")
    assert torch.equal(run(unet), run(source))
    assert not any(value.requires_grad for value in unet.parameters())


def test_diffusers_reads_what_is_written(tmp_path):
    source = make_unet()
    add_relation_lora(source, torch.Generator().manual_seed(0), alpha=2.0)
    train(source)
    save_lora(source, tmp_path, {})
    from diffusers import StableDiffusionXLPipeline as Pipeline

    state, metadata = Pipeline.lora_state_dict(tmp_path, return_lora_metadata=True)[0::2]
    other = make_unet()
    Pipeline.load_lora_into_unet(state, None, other, metadata=metadata)
    assert torch.equal(run(other), run(source))


def test_what_diffusers_writes_is_read(tmp_path, unet):
    from diffusers import StableDiffusionXLPipeline as Pipeline
    from peft.utils import get_peft_model_state_dict

    source = make_unet()
    add_relation_lora(source, torch.Generator().manual_seed(0), alpha=2.0)
    train(source)
    Pipeline.save_lora_weights(
        tmp_path,
        unet_lora_layers=get_peft_model_state_dict(source, adapter_name="relation"),
        unet_lora_adapter_metadata=source.peft_config["relation"].to_dict(),
    )
    load_lora(unet, tmp_path, "hug")
    assert torch.equal(run(unet), run(source))


def test_older_names_and_alpha_beside_the_weights_are_read(tmp_path, unet):
    source = make_unet()
    add_relation_lora(source, torch.Generator().manual_seed(0), alpha=1.0)
    train(source)
    save_lora(source, tmp_path / "new", {})
    tensors: dict[str, torch.Tensor] = {}
    for module, layer in read_lora(tmp_path / "new").items():
        tensors |= {f"unet.{module}.lora.down.weight": layer.down, f"unet.{module}.lora.up.weight": layer.up}
        tensors[f"unet.{module}.alpha"] = torch.tensor(1.0)
    save_file(tensors, tmp_path / "old.safetensors")
    load_lora(unet, tmp_path / "old.safetensors", "hug")
    assert torch.equal(run(unet), run(source))


def test_several_act_at_their_weights(tmp_path, unet):
    saved(tmp_path / "a", 0)
    saved(tmp_path / "b", 5)
    base = run(unet)
    load_lora(unet, tmp_path / "a", "a", 0.5)
    half = run(unet)
    load_lora(unet, tmp_path / "b", "b", 2.0)
    assert lora_weights(unet) == {"a": 0.5, "b": 2.0}
    assert not torch.equal(run(unet), half)
    weigh_loras(unet, {"a": 0.5})
    assert torch.equal(run(unet), half)
    weigh_loras(unet, {"a": 0.0, "b": 0.0})
    assert_near(run(unet), base)
    # One attention layer is linear in its weights: the update of two is the sum of both.
    weigh_loras(unet, {"a": 0.5, "b": 2.0})
    name = next(key for key in read_lora(tmp_path / "a") if key.endswith("to_q"))
    one, two = read_lora(tmp_path / "a")[name], read_lora(tmp_path / "b")[name]
    layer, seen = unet.get_submodule(name), torch.randn(3, one.down.shape[1])
    added = layer(seen) - layer.base_layer(seen)
    assert_near(added, 0.5 * seen @ (one.up @ one.down).T + 2.0 * seen @ (two.up @ two.down).T)


def test_a_new_one_trains_beside_a_loaded_one(tmp_path, unet):
    saved(tmp_path)
    load_lora(unet, tmp_path, "style", 0.7)
    parameters = add_relation_lora(unet, torch.Generator().manual_seed(0))
    assert {id(one) for one in parameters} == {id(one) for one in unet.parameters() if one.requires_grad}
    assert lora_weights(unet) == {"style": 0.7, "relation": 1.0}
    with pytest.raises(ModelError, match="'relation' is in this UNet already"):
        add_relation_lora(unet, torch.Generator())


def test_the_same_seed_gives_the_same_weights_whatever_else_is_random(unet):
    before = torch.get_rng_state()
    first = add_relation_lora(unet, torch.Generator().manual_seed(4))
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(1)
    second = add_relation_lora(make_unet(), torch.Generator().manual_seed(4))
    assert all(torch.equal(one, two) for one, two in zip(first, second, strict=True))


def test_half_precision_is_trained_in_full(unet):
    assert {one.dtype for one in add_relation_lora(unet.half(), torch.Generator())} == {torch.float32}


def test_on_sdxl_it_has_the_paper_s_3_1_million_parameters():
    from diffusers import UNet2DConditionModel

    with torch.device("meta"):
        unet = UNet2DConditionModel(**SDXL)
    parameters = add_relation_lora(unet, torch.Generator())
    assert sum(one.numel() for one in parameters) == 3_143_680
    assert sum(one.numel() for one in parameters) * 4 / 1e6 == pytest.approx(12.6, abs=0.05)


def test_another_base_s_is_refused_by_its_first_key(tmp_path):
    saved(tmp_path)
    path = str(tmp_path / "pytorch_lora_weights.safetensors")
    first = next(layer.key for name, layer in read_lora(tmp_path).items() if "to_k" in name)
    with pytest.raises(ModelError, match=rf"{path}: {first} changes a weight of shape \[16, 12\].* is \[16, 24\]"):
        load_lora(make_unet(24), tmp_path, "hug")


def spoil(tmp_path: Path, change: Any) -> Path:
    """Save a LoRA, change its tensors, and give the changed file's path."""
    saved(tmp_path)
    with safe_open(tmp_path / "pytorch_lora_weights.safetensors", "pt") as opened:
        tensors, metadata = {key: opened.get_tensor(key) for key in opened.keys()}, opened.metadata()  # noqa: SIM118
    change(tensors, metadata)
    save_file(tensors, tmp_path / "spoilt.safetensors", metadata=metadata)
    return tmp_path / "spoilt.safetensors"


def rename(tensors, old: str, new: str) -> None:
    for key in [key for key in tensors if old in key]:
        tensors[key.replace(old, new)] = tensors.pop(key)


SPOILT = {
    "no prefix": (lambda t, m: rename(t, "unet.", ""), r"is not of the diffusers LoRA layout"),
    "another network": (lambda t, m: rename(t, "unet.", "text_encoder."), r"text_encoder\..*not of the diffusers"),
    "no such layer": (lambda t, m: rename(t, "attn2.to_q", "attn9.to_q"), r"attn9\.to_q.*no such layer"),
    "half of a pair": (
        lambda t, m: t.pop(next(key for key in t if "lora_B" in key)),
        r"has no lora_B beside it",
    ),
    "alpha that is none": (
        lambda t, m: m.update({METADATA: json.dumps({"unet.lora_alpha": "much"})}),
        r"does not say alpha",
    ),
}


@pytest.mark.parametrize(("change", "message"), SPOILT.values(), ids=SPOILT.keys())
def test_loading_is_strict(tmp_path, unet, change, message):
    path = spoil(tmp_path, change)
    with pytest.raises(ModelError, match=message):
        load_lora(unet, path, "hug")
    assert torch.equal(run(unet), run(make_unet()))


def test_no_file_and_no_safetensors(tmp_path, unet):
    with pytest.raises(ModelError, match="no LoRA there"):
        load_lora(unet, tmp_path, "hug")
    (tmp_path / "x.safetensors").write_bytes(b"pickle" * 10)
    with pytest.raises(ModelError, match=r"x\.safetensors"):
        load_lora(unet, tmp_path / "x.safetensors", "hug")


def test_randomness_of_others_is_left_alone(tmp_path, unet):
    saved(tmp_path)

    def states() -> list[str]:
        return [str(random.getstate()), str(np.random.get_state()), str(torch.get_rng_state().tolist())]  # noqa: NPY002

    before = states()
    load_lora(unet, tmp_path, "hug")
    assert states() == before
