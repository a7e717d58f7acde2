"""A LoRA on the text's projections and image prompts work together."""

from typing import Any

import pytest
import torch

from tests.adapters.tiny import TEXT, noise, predict, tiny_adapter, tiny_prompt, tiny_unet
from vivant.adapters.attention import attach, attached, detach
from vivant.adapters.ms import MsAdapter, fix_keys, load_ms_adapter, save_ms_adapter

SIZE = (6, 8)


def with_lora(unet: Any, parts: str) -> None:
    from peft import LoraConfig

    unet.add_adapter(LoraConfig(r=2, lora_alpha=2, target_modules=rf".*attn2\.({parts})", init_lora_weights=False))


def found(unet: Any, adapter: MsAdapter, text: bool) -> torch.Tensor:
    states = noise(1, 7, TEXT, seed=6)
    fixed = fix_keys(unet, adapter, tiny_prompt(adapter), size=SIZE, states=states if text else None)
    return predict(unet, noise(1, 4, *SIZE), states, fixed=fixed)


@pytest.mark.parametrize("parts", ["to_q", "to_k", "to_v", r"to_out\.0"])
@torch.no_grad()
def test_each_projection_counts_and_is_in_the_fixed_keys(parts):
    unet = tiny_unet()
    adapter = tiny_adapter(unet)
    with attached(unet):
        before = found(unet, adapter, text=True)
        torch.manual_seed(0)
        with_lora(unet, parts)
        after = found(unet, adapter, text=True)
        torch.testing.assert_close(after, found(unet, adapter, text=False), atol=0, rtol=0)
        assert (after - before).abs().max() > 1e-3
        unet.disable_adapters()
        torch.testing.assert_close(found(unet, adapter, text=True), before, atol=1e-6, rtol=0)


@torch.no_grad()
def test_image_projections_stay_as_they_are(tmp_path):
    """K and V of the text learn, those of the image do not, and the file's layer numbers stay right."""
    unet = tiny_unet()
    adapter = tiny_adapter(unet)
    save_ms_adapter(adapter, tmp_path / "a.safetensors")
    prompt = tiny_prompt(adapter)
    before = fix_keys(unet, adapter, prompt, size=SIZE).image
    attach(unet)
    with_lora(unet, r"to_q|to_k|to_v|to_out\.0")
    adapter = load_ms_adapter(tmp_path / "a.safetensors", unet)
    after = fix_keys(unet, adapter, prompt, size=SIZE).image
    assert before.keys() == after.keys()
    assert all(torch.equal(mine, other) for n in before for mine, other in zip(before[n], after[n], strict=True))
    detach(unet)
    unet.delete_adapters("default")
    torch.testing.assert_close(
        predict(unet, noise(1, 4, *SIZE), noise(1, 7, TEXT)),
        predict(tiny_unet(), noise(1, 4, *SIZE), noise(1, 7, TEXT)),
    )
