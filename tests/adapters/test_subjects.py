"""What the adapter is told of a subject: its photo's features, local tokens, its noun."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tests.generation.tiny import save_tiny_encoder
from tests.tiny_bases import save_tiny_sd15
from vivant.adapters.subjects import LocalTokens, SubjectEncoder, phrase_embeds
from vivant.errors import ImageError
from vivant.models.bundle import load_bundle
from vivant.models.image_encoder import load_image_encoder
from vivant.types import Image


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    path = tmp_path_factory.mktemp("encoders")
    image, local = (load_image_encoder(save_tiny_encoder(path / str(seed), seed)) for seed in (0, 1))
    return SubjectEncoder(image, local, LocalTokens(partitions=2, factor=2))


def photos(count: int = 2) -> list[Image]:
    return list(np.random.default_rng(0).integers(0, 256, (count, 40, 48, 3), dtype=np.uint8))


def test_local_tokens_follow_the_images_features(encoder):
    plain = SubjectEncoder(encoder.image).features(photos())
    found = encoder.features(photos())
    assert plain.shape == (2, 17, 16) and found.shape == (2, 17 + 4, 16) and not found.requires_grad
    assert torch.equal(found[:, :17], plain)
    assert torch.equal(found[:, 17:], encoder.local.local_tokens(photos(), 2, 2))
    assert torch.allclose(encoder.features(photos()[1:]), found[1:], atol=1e-5)


def test_another_encoder_gives_other_local_tokens(encoder):
    found = replace(encoder, local=encoder.image).features(photos())
    assert not torch.allclose(found[:, 17:], encoder.features(photos())[:, 17:], atol=1e-2)


@pytest.mark.parametrize(("injection", "width"), [("add", 16), ("linear", 32)])
def test_each_patch_gets_the_token_of_its_cell(encoder, injection, width):
    other = replace(encoder, how=replace(encoder.how, injection=injection))
    plain, found = SubjectEncoder(encoder.image).features(photos()), other.features(photos())
    assert found.shape == (2, 17, width) and other.width == width
    placed = found - plain if injection == "add" else found[..., 16:]
    local = encoder.local.local_tokens(photos(), 2, 2)  # column by column
    grid = local.unflatten(1, (2, 2)).permute(0, 3, 2, 1)  # [B, D, rows, columns]
    wanted = F.interpolate(grid, scale_factor=2).flatten(2).transpose(1, 2)
    assert torch.allclose(placed[:, 1:], wanted, atol=1e-5)
    assert torch.allclose(placed[:, 0], local.mean(dim=1), atol=1e-5)


def test_a_photo_that_is_not_rgb(encoder):
    with pytest.raises(ImageError, match="8-bit RGB"):
        encoder.features([np.zeros((40, 40, 4), np.uint8)])


def test_phrases_are_text_encoder_ones_pooled_output(tmp_path):
    bundle = load_bundle(str(save_tiny_sd15(tmp_path / "sd15")), "cpu")
    found = phrase_embeds(bundle, ["cat", "teddy bear"])
    assert found.shape == (2, 24) and not found.requires_grad
    tokens = bundle.tokenizers[0](["cat"], padding="max_length", max_length=77, return_tensors="pt").input_ids
    assert torch.allclose(found[:1], bundle.text_encoders[0](tokens).pooler_output, atol=1e-5)
    assert not torch.allclose(found[0], found[1], atol=1e-2)
