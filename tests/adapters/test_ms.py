"""The adapter on disk, strictly, and image prompts as values."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.adapters.tiny import BOXES, SIZES, noise, tiny_adapter, tiny_prompt, tiny_unet
from vivant.adapters.attention import cross_layers
from vivant.adapters.ms import (
    GAMMA,
    ImagePrompt,
    join_prompts,
    load_ms_adapter,
    new_ms_adapter,
    save_ms_adapter,
)
from vivant.adapters.resampler import ResamplerSizes
from vivant.errors import ModelError
from vivant.models.tensor_files import read_tensors, write_tensors


@pytest.fixture(scope="module")
def unet():
    return tiny_unet()


@pytest.fixture(scope="module")
def adapter(unet):
    return tiny_adapter(unet)


@pytest.fixture
def published(adapter, tmp_path):
    """The file as MS-Diffusion publishes it, as nested tables."""
    path = tmp_path / "ms_adapter.bin"
    save_ms_adapter(adapter, path)
    return path


def change(path: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    table = torch.load(path, weights_only=True)
    edit(table)
    torch.save(table, path)


def test_the_published_layout_counts_all_attention_and_nests_two_tables(published, unet):
    table = torch.load(published, weights_only=True)
    assert table.keys() == {"image_proj", "ms_adapter", "dummy_image_tokens"}
    assert len(unet.attn_processors) == 14
    assert table["ms_adapter"].keys() == {
        f"{n}.{part}.weight" for n in range(1, 14, 2) for part in ("to_k_ip", "to_v_ip")
    }
    assert table["dummy_image_tokens"].shape == (1, 4, 12)


@pytest.mark.parametrize("name", ["a.bin", "a.safetensors"])
def test_saved_is_loaded_exactly_whatever_the_layout(adapter, unet, tmp_path, name):
    save_ms_adapter(adapter, tmp_path / name)
    loaded = load_ms_adapter(tmp_path / name, unet, SIZES if name == "a.bin" else None)
    assert loaded.sizes == SIZES and not any(value.requires_grad for value in loaded.parameters())
    before, after = adapter.state_dict(), loaded.state_dict()
    assert list(before) == list(after) and all(torch.equal(before[key], after[key]) for key in before)
    other = tmp_path / ("b.safetensors" if name == "a.bin" else "b.bin")
    save_ms_adapter(loaded, other)
    assert {key: value.tolist() for key, value in read_tensors(other)[0].items()} == {
        key: value.tolist() for key, value in before.items()
    }


def test_the_base_decides_on_precision(adapter, tmp_path):
    save_ms_adapter(adapter, tmp_path / "a.safetensors")
    loaded = load_ms_adapter(tmp_path / "a.safetensors", tiny_unet().to(torch.bfloat16))
    assert {value.dtype for value in loaded.state_dict().values()} == {torch.bfloat16}


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda t: t["ms_adapter"].pop("3.to_k_ip.weight"), r"missing ms_adapter\.3\.to_k_ip\.weight"),
        (lambda t: t["image_proj"].pop("proj_out.bias"), r"missing image_proj\.proj_out\.bias"),
        (lambda t: t.pop("dummy_image_tokens"), "missing dummy_image_tokens"),
        (lambda t: t.pop("image_proj"), r"missing image_proj\."),
        (lambda t: t["ms_adapter"].update({"2.to_k_ip.weight": torch.ones(1)}), r"unexpected ms_adapter\.2\.to_k"),
        (lambda t: t.update({"epoch": torch.ones(1)}), "unexpected epoch"),
        (lambda t: t.update({"epoch": 3}), "epoch is a int, not a tensor"),
        (
            lambda t: t["ms_adapter"].update({"1.to_v_ip.weight": torch.ones(8, 13)}),
            r"ms_adapter\.1\.to_v_ip\.weight has shape \[8, 13\], expected \[8, 12\]",
        ),
        (
            lambda t: t["image_proj"].update({"norm_out.bias": torch.ones(12).int()}),
            r"norm_out\.bias holds torch\.int32",
        ),
    ],
)
def test_whatever_does_not_fit_is_named_with_its_file(published, unet, edit, words):
    change(published, edit)
    with pytest.raises(ModelError, match=rf"ms_adapter\.bin: .*{words}"):
        load_ms_adapter(published, unet, SIZES)


def test_other_sizes_and_files_are_refused(published, unet, tmp_path):
    with pytest.raises(
        ModelError, match=r"image_proj\.grounding_latents has shape \[1, 3, 16\], expected \[1, 5, 16\]"
    ):
        load_ms_adapter(published, unet, ResamplerSizes(**{**vars(SIZES), "queries": 5}))
    with pytest.raises(ModelError, match="heads of width 64"):
        load_ms_adapter(published, unet)  # the published layout does not tell, and these are 8 wide
    with pytest.raises(ModelError, match="No such file"):
        load_ms_adapter(tmp_path / "none.bin", unet)
    tensors, _ = read_tensors(published)
    write_tensors(tmp_path / "a.safetensors", tensors, {"vivant.resampler": '{"dim": "16"}'})
    with pytest.raises(ModelError, match="dim '16'"):
        load_ms_adapter(tmp_path / "a.safetensors", unet)


def test_one_for_another_base_is_refused(published):
    from diffusers import UNet2DConditionModel

    config = {**tiny_unet().config, "block_out_channels": (16, 16, 16)}
    with pytest.raises(ModelError, match="made for another model"):
        load_ms_adapter(published, UNet2DConditionModel.from_config(config), SIZES)


def test_a_new_adapter_reads_image_tokens_as_the_base_reads_text(unet):
    adapter = new_ms_adapter(unet, SIZES)
    for number, attn in cross_layers(unet).items():
        assert torch.equal(adapter.ms_adapter[str(number)].to_v_ip.weight, attn.to_v.weight)
    assert all(value.requires_grad for value in adapter.parameters())
    with pytest.raises(ModelError, match="width 13"):
        new_ms_adapter(unet, ResamplerSizes(**{**vars(SIZES), "output": 13}))


def test_scales_are_for_all_or_each(adapter):
    assert torch.equal(tiny_prompt(adapter, 2).scales, torch.full((2, 2), GAMMA))
    assert tiny_prompt(adapter, 2, scales=[0.5, 1.0]).scales.tolist() == [[0.5, 1.0]] * 2
    each = torch.tensor([[0.1, 0.2], [0.3, 0.4]])
    assert torch.equal(tiny_prompt(adapter, 2, scales=each).scales, each)


def test_joining_fills_up_with_subjects_of_no_area(adapter):
    parts = [tiny_prompt(adapter, 1, subjects) for subjects in (1, 3)]
    joined = join_prompts(parts)
    assert joined.tokens.shape == (2, 3, 3, 12) and joined.boxes.shape == (2, 3, 4)
    assert not joined.boxes[0, 1:].any() and not joined.tokens[0, 1:].any() and not joined.scales[0, 1:].any()
    assert torch.equal(joined.tokens[1], parts[1].tokens[0]) and torch.equal(joined.boxes[0, 0], parts[0].boxes[0, 0])


def test_a_prompt_whose_parts_do_not_fit_is_refused():
    with pytest.raises(ModelError, match=r"tokens \[1, 2, 3, 12\] and boxes \[1, 3, 4\]"):
        ImagePrompt(noise(1, 2, 3, 12), BOXES[None], torch.ones(1, 2))
