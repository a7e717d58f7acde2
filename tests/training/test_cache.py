"""Frozen things are computed once, and nothing broken or foreign is taken for them."""

import numpy as np
import pytest
import torch

from tests.tiny_bases import save_tiny_sd15, save_tiny_sdxl
from vivant.models.bundle import load_bundle
from vivant.models.text import encode_text
from vivant.training.cache import Cache, cached_moments, cached_text, draw_latents, encode_moments


class Counting:
    """Stands in for a model: a row is the item's number, and it counts what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def __call__(self, numbers):
        self.asked.append(numbers)
        return [{"value": torch.tensor([float(number)]), "half": torch.ones(2, 3).bfloat16()} for number in numbers]


def test_an_item_is_computed_once(tmp_path):
    model, cache = Counting(), Cache(tmp_path)
    first = cache.rows("kind", "m", ["a", "b", "a"], model)
    assert [row["value"].item() for row in first] == [0.0, 1.0, 0.0]
    again = Cache(tmp_path).rows("kind", "m", ["b", "c"], model)
    assert [row["value"].item() for row in again] == [1.0, 1.0]
    assert again[0]["half"].dtype == torch.bfloat16
    assert model.asked == [[0, 1], [1]]


def test_another_model_or_kind_or_content_is_another_item(tmp_path):
    model, cache = Counting(), Cache(tmp_path)
    for kind, name, content in (("k", "m", "a"), ("k", "n", "a"), ("l", "m", "a"), ("k", "m", "b")):
        cache.rows(kind, name, [content], model)
    assert len(model.asked) == 4


def spoil_byte(path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(bytes(data))


SPOILT = {
    "cut short": lambda one, other: one.write_bytes(one.read_bytes()[:-3]),
    "empty": lambda one, other: one.write_bytes(b""),
    "one bit": lambda one, other: spoil_byte(one, -1),
    "foreign": lambda one, other: one.write_bytes(other.read_bytes()),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT.keys())
def test_a_broken_or_foreign_file_is_computed_again_and_replaced(tmp_path, spoil):
    model, cache = Counting(), Cache(tmp_path)
    cache.rows("kind", "m", ["a"], model)
    one = next(tmp_path.rglob("*.safetensors"))
    cache.rows("kind", "m", ["b"], model)
    other = next(path for path in tmp_path.rglob("*.safetensors") if path != one)
    spoil(one, other)
    assert cache.rows("kind", "m", ["x", "a"], model)[1]["value"].item() == 1.0
    assert cache.rows("kind", "m", ["a"], model)[0]["value"].item() == 1.0
    assert model.asked == [[0], [0], [0, 1]]


def test_nothing_half_written_is_left(tmp_path):
    def fail(numbers):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Cache(tmp_path).rows("kind", "m", ["a"], fail)
    assert not list(tmp_path.rglob("*"))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return load_bundle(str(save_tiny_sdxl(tmp_path_factory.mktemp("base"))), "cpu", "float32")


def test_cached_text_is_encoded_text(tmp_path, bundle, monkeypatch):
    texts = ["a cat", "a dog", "a cat"]
    straight = encode_text(bundle, texts)
    for _ in range(2):
        found = cached_text(Cache(tmp_path), bundle, texts)
        assert torch.allclose(found.states, straight.states, atol=1e-6)
        assert torch.allclose(found.pooled, straight.pooled, atol=1e-6)
        monkeypatch.setattr("vivant.training.cache.encode_text", None)  # the second time nothing is computed
    assert len(list(tmp_path.rglob("*.safetensors"))) == 2


def test_text_of_one_encoder_has_nothing_pooled(tmp_path):
    bundle = load_bundle(str(save_tiny_sd15(tmp_path / "base")), "cpu", "float32")
    assert cached_text(Cache(tmp_path), bundle, ["a cat"]).pooled is None


def test_moments_are_what_decoding_takes_back(tmp_path, bundle, monkeypatch):
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (32, 48, 3), dtype=np.uint8) for _ in range(2)]
    moments = cached_moments(Cache(tmp_path), bundle, pictures)
    assert moments.shape == (2, 2, 4, 4, 6)
    pixels = torch.from_numpy(pictures[1]).permute(2, 0, 1)[None] / 127.5 - 1
    with torch.no_grad():
        posterior = bundle.vae.encode(pixels).latent_dist
    assert torch.allclose(moments[1, 0], posterior.mean[0] * bundle.vae.config.scaling_factor, atol=1e-5)
    assert torch.allclose(moments[1, 1], posterior.std[0] * bundle.vae.config.scaling_factor, atol=1e-5)
    monkeypatch.setattr("vivant.training.cache.encode_moments", None)
    assert torch.equal(cached_moments(Cache(tmp_path), bundle, pictures), moments)


def test_channels_with_their_own_mean_and_spread(bundle, monkeypatch):
    picture = np.zeros((16, 16, 3), dtype=np.uint8)
    plain = encode_moments(bundle, picture)
    monkeypatch.setitem(bundle.vae.config, "latents_mean", [1.0] * 4)
    monkeypatch.setitem(bundle.vae.config, "latents_std", [2.0] * 4)
    found, factor = encode_moments(bundle, picture), bundle.vae.config.scaling_factor
    assert torch.allclose(found[0], (plain[0] / factor - 1.0) / 2.0 * factor, atol=1e-6)
    assert torch.allclose(found[1], plain[1] / 2.0, atol=1e-6)


def test_latents_are_drawn_by_mean_and_deviation():
    moments = torch.stack([torch.full((1, 2, 2), 3.0), torch.full((1, 2, 2), 0.5)])[None]
    assert draw_latents(moments, torch.full((1, 1, 2, 2), -2.0)).unique().tolist() == [2.0]
