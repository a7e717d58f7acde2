"""Where adapter and encoders come from: defaults by base, what a user names, and what does not go together."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from tests.generation.tiny import load_unet, save_tiny_adapter, save_tiny_encoder
from tests.tiny_bases import save_tiny_sdxl
from vivant.adapters.sources import (
    AdapterChoice,
    adapter_defaults,
    adapter_file,
    find_sources,
    load_image_prompting,
    load_subject_encoder,
)
from vivant.errors import ModelError
from vivant.models.bases import BASES, pocket_folder
from vivant.models.bundle import load_bundle


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("family")
    unet = load_unet(save_tiny_sdxl(path / "base"))
    save_tiny_encoder(path / "clip")
    save_tiny_encoder(path / "local", seed=3)
    save_tiny_adapter(path / "adapter" / "ms_adapter.safetensors", unet, 16)
    return path


@pytest.fixture(scope="module")
def bundle(folder):
    return load_bundle(str(folder / "base"), "cpu")


@pytest.fixture
def choice(folder):
    return AdapterChoice(str(folder / "adapter"), str(folder / "clip"), str(folder / "local"))


def test_pocket_takes_what_ships_and_sdxl_what_is_published():
    pocket = adapter_defaults("pocket")
    assert pocket is not None and pocket.adapter == str(pocket_folder().parent / "adapter")
    published = adapter_defaults("sdxl")
    assert published is not None and published.adapter.count("/") == 1 and published.local_encoder == "none"
    assert adapter_defaults("sd15") is None and "sd15" in BASES


def test_everything_is_loaded_with_the_hash_of_each_file(bundle, choice, folder):
    found = load_image_prompting(bundle, choice)
    assert found.hashes.keys() == {"adapter", "image_encoder", "local_encoder"}
    assert len({*found.hashes.values()}) == 3 and all(len(known) == 16 for known in found.hashes.values())
    assert found.hashes == find_sources(bundle.name, choice).hashes()
    assert not any(value.requires_grad for value in found.adapter.parameters())
    assert found.encoder.local is not None and found.encoder.local is not found.encoder.image
    changed = AdapterChoice(choice.adapter, choice.local_encoder, choice.local_encoder)
    assert load_subject_encoder(bundle, changed)[1]["image_encoder"] == found.hashes["local_encoder"]


def test_local_tokens_by_the_same_encoder_or_none(bundle, choice):
    same, hashes = load_subject_encoder(bundle, AdapterChoice(choice.adapter, choice.image_encoder, "same"))
    assert same.local is same.image and hashes.keys() == {"image_encoder"}
    none, _ = load_subject_encoder(bundle, AdapterChoice(choice.adapter, choice.image_encoder, "none"))
    assert none.local is None
    default, _ = load_subject_encoder(bundle, AdapterChoice(choice.adapter, choice.image_encoder))
    assert default.local is None  # a base that has no defaults


def test_an_adapter_by_its_file_or_folder(folder, tmp_path):
    file = folder / "adapter" / "ms_adapter.safetensors"
    assert adapter_file(str(file)) == adapter_file(str(folder / "adapter")) == file
    torch.save({}, tmp_path / "ms_adapter.bin")
    assert adapter_file(str(tmp_path)).name == "ms_adapter.bin"
    (tmp_path / "ms_adapter.safetensors").write_bytes(file.read_bytes())
    assert adapter_file(str(tmp_path)).name == "ms_adapter.safetensors"


@pytest.mark.parametrize("source", ["none", "/no/such/folder", "a/b/c"])
def test_what_is_nowhere_is_named(source, tmp_path):
    with pytest.raises(ModelError, match=f"{source}: no such file or folder"):
        adapter_file(source)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=r"empty: no ms_adapter\.safetensors"):
        adapter_file(str(tmp_path / "empty"))


@pytest.mark.parametrize("missing", ["adapter", "image_encoder"])
def test_a_base_without_defaults_needs_them_named(choice, missing):
    given = {**vars(choice), missing: None}
    flag = missing.replace("_", "-")
    with pytest.raises(ModelError, match=f"base 'sd15' has no .* of its own: name one with --{flag}"):
        find_sources("sd15", AdapterChoice(**given))


def test_parts_that_do_not_go_together(bundle, choice, tmp_path):
    sources = find_sources(bundle.name, choice)
    with pytest.raises(ModelError, match="features of width 16, and the image encoder gives 32"):
        sources.load_adapter(bundle, 32)
    wide: Any = SimpleNamespace(
        unet=bundle.unet, name="wide", text_encoders=[SimpleNamespace(config=SimpleNamespace(hidden_size=20))]
    )
    with pytest.raises(ModelError, match="phrases of width 16, and base 'wide' gives 20"):
        sources.load_adapter(wide, 16)
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    narrow = CLIPVisionConfig(
        hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1, image_size=16, patch_size=8
    )
    CLIPVisionModelWithProjection(narrow).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="local tokens of width 8, and image features of 16"):
        load_subject_encoder(bundle, AdapterChoice(choice.adapter, choice.image_encoder, str(tmp_path)))
