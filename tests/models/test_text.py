"""Prompts are encoded as the published pipelines do, and what does not fit is said."""

import pytest
import torch

from tests.tiny_bases import save_tiny_sd15, save_tiny_sdxl
from vivant.models.bundle import load_bundle
from vivant.models.text import encode_empty, encode_text, join, left_out, tokens_read

PROMPTS = ["a fox is dancing", "un été à la plage 🦊"]


@pytest.fixture(scope="module")
def sdxl(tmp_path_factory):
    return load_bundle(str(save_tiny_sdxl(tmp_path_factory.mktemp("bases") / "sdxl")), "cpu")


@pytest.fixture(scope="module")
def sd15(tmp_path_factory):
    return load_bundle(str(save_tiny_sd15(tmp_path_factory.mktemp("bases") / "sd15")), "cpu")


def test_sdxl_takes_both_penultimate_layers_and_the_pooled_text(sdxl):
    text = encode_text(sdxl, PROMPTS)
    assert text.states.shape == (2, 77, 40) and text.pooled is not None and text.pooled.shape == (2, 16)
    ids = sdxl.tokenizers[0](PROMPTS[1], padding="max_length", return_tensors="pt").input_ids
    states = sdxl.text_encoders[0](ids, output_hidden_states=True).hidden_states
    assert torch.allclose(text.states[1:, :, :16], states[-2], atol=1e-5)
    assert not torch.allclose(text.states[1:, :, :16], states[-1], atol=1e-2)


def test_sd15_takes_the_last_layer(sd15):
    text = encode_text(sd15, PROMPTS)
    assert text.states.shape == (2, 77, 24) and text.pooled is None
    ids = sd15.tokenizers[0](PROMPTS[0], padding="max_length", return_tensors="pt").input_ids
    assert torch.allclose(text.states[:1], sd15.text_encoders[0](ids).last_hidden_state, atol=1e-5)


def test_the_empty_branch(sdxl, sd15):
    zeros = encode_empty(sdxl)
    assert zeros.pooled is not None and not zeros.states.any() and not zeros.pooled.any()
    assert torch.equal(encode_empty(sd15).states, encode_text(sd15, [""]).states)


def test_texts_encoded_apart_and_joined(sdxl):
    apart, together = join([encode_text(sdxl, [text]) for text in PROMPTS]), encode_text(sdxl, PROMPTS)
    assert torch.allclose(apart.states, together.states, atol=1e-5)
    assert torch.allclose(apart.pooled, together.pooled, atol=1e-5)


def test_the_end_of_a_long_prompt_is_told(sdxl):
    fits = "a" * 75
    assert tokens_read(sdxl) == 77
    assert left_out(sdxl, "") == left_out(sdxl, fits) == ""
    assert left_out(sdxl, fits + " Fox, été") == "Fox, été"
    text = encode_text(sdxl, [fits, fits + " Fox, été"])
    assert torch.allclose(text.states[0], text.states[1], atol=1e-5)
