"""The VAE: its loss falls to the truth, standardising changes no picture, only the latents' scale."""

from typing import Any

import pytest
import torch

from vivant.pocket.vae import Components, again, build, encode, pixel_error, psnr, standardise, to_bytes, to_range


@pytest.fixture
def pictures():
    torch.set_num_threads(1)
    coarse = torch.rand(6, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    images = torch.nn.functional.interpolate(coarse, size=128, mode="bicubic").clamp(0, 1)
    return (images * 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def small_vae() -> Any:
    torch.manual_seed(0)
    return build((8, 16, 16, 16), 4)


def test_bytes_and_range_are_inverse(pictures):
    assert torch.equal(to_bytes(to_range(pictures)), pictures)
    assert float(to_range(pictures).min()) >= -1.0
    assert float(to_range(pictures).max()) <= 1.0


def test_standardised_latents_have_deviation_one_and_the_pictures_stay(pictures):
    vae = small_vae()
    with torch.no_grad():
        vae.quant_conv.bias += 3.0
        before = again(vae, pictures).int()
        standardise(vae, pictures)
    latents = encode(vae, pictures)
    assert latents.shape == (6, 4, 16, 16)
    assert torch.allclose(latents.mean(dim=(0, 2, 3)), torch.zeros(4), atol=0.05)
    assert torch.allclose(latents.std(dim=(0, 2, 3)), torch.ones(4), atol=0.05)
    assert vae.config.scaling_factor == 1.0
    assert int((again(vae, pictures).int() - before).abs().max()) <= 1


def test_the_error_is_zero_for_the_truth_only(pictures):
    images = to_range(pictures)
    assert float(pixel_error(images, images)) == 0.0
    assert float(pixel_error(images + 0.1, images)) == pytest.approx(0.1, abs=1e-5)
    assert float(pixel_error(images.roll(1, dims=3), images)) > 0.01


def test_psnr_is_that_of_the_returned_pictures(pictures, monkeypatch):
    monkeypatch.setattr("vivant.pocket.vae.again", lambda vae, shown: (shown.int() - 16).clamp(0).to(torch.uint8))
    assert psnr(None, torch.full((2, 8, 8, 3), 100, dtype=torch.uint8)) == pytest.approx(24.05, abs=0.01)


def test_components_are_uncorrelated_and_of_deviation_one(pictures):
    latents = Components(to_range(pictures), 4)(to_range(pictures))
    flat = latents.permute(1, 0, 2, 3).flatten(1)
    assert latents.shape == (6, 4, 16, 16)
    assert torch.allclose(torch.cov(flat), torch.eye(4), atol=0.02)
