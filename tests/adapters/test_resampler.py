"""Image tokens depend on what they should, and on nothing else."""

import math

import pytest
import torch

from tests.adapters.tiny import BOXES, SIZES, noise
from vivant.adapters.resampler import GroundingResampler, ResamplerSizes, fourier, sizes_of
from vivant.errors import ModelError


@pytest.fixture(scope="module")
def resampler():
    torch.manual_seed(0)
    return GroundingResampler(SIZES).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def subjects():
    return noise(2, 3, 5, 10), noise(2, 3, 6, seed=4), BOXES.expand(2, 3, 4)


def test_fourier_is_frequency_then_sine_and_cosine_then_coordinate():
    found = fourier(torch.tensor([0.1, 0.2, 0.3, 0.4]), 8)
    assert found.shape == (64,)
    third = 100 ** (3 / 8)
    assert found[24:32].tolist() == pytest.approx(
        [math.sin(third * x) for x in (0.1, 0.2, 0.3, 0.4)] + [math.cos(third * x) for x in (0.1, 0.2, 0.3, 0.4)],
        abs=1e-5,
    )


def test_subjects_do_not_see_each_other(resampler, subjects):
    tokens = resampler(*subjects)
    assert tokens.shape == (2, 3, 3, 12)
    order = [2, 0, 1]
    torch.testing.assert_close(resampler(*(part[:, order] for part in subjects)), tokens[:, order])
    alone = [resampler(*(part[b : b + 1, n : n + 1] for part in subjects)) for b in range(2) for n in range(3)]
    torch.testing.assert_close(torch.cat(alone).view_as(tokens), tokens, atol=1e-5, rtol=0)


def test_phrase_box_and_picture_matter_and_a_dropped_subject_tells_only_its_picture(resampler, subjects):
    features, phrases, boxes = subjects
    dropped = torch.tensor([[True, False, False], [False, False, True]])
    plain, without = resampler(*subjects), resampler(*subjects, dropped)
    torch.testing.assert_close(without[~dropped], plain[~dropped])
    for other in ((features, phrases + 1, boxes), (features, phrases, boxes / 2)):
        assert ((resampler(*other) - plain).abs().amax(dim=(2, 3)) > 1e-3).all()
        torch.testing.assert_close(resampler(*other, dropped)[dropped], without[dropped])
    assert ((resampler(features + noise(2, 3, 5, 10, seed=9), phrases, boxes, dropped) - without).abs() > 1e-3).any()


def test_local_tokens_are_more_features(resampler, subjects):
    features, phrases, boxes = subjects
    more = torch.cat([features, noise(2, 3, 4, 10, seed=5)], dim=2)
    assert resampler(more, phrases, boxes).shape == (2, 3, 3, 12)


def test_sizes_are_read_off_the_tensors(resampler):
    assert sizes_of(resampler.state_dict(), "a", head=8, frequencies=8) == SIZES


def test_published_size():
    with torch.device("meta"):
        model = GroundingResampler(ResamplerSizes())
    assert model(*(torch.empty(1, 2, *shape, device="meta") for shape in ((273, 1664), (768,), (4,)))).shape == (
        1,
        2,
        16,
        2048,
    )


def test_errors_name_the_tensor(resampler):
    tensors = resampler.state_dict()
    with pytest.raises(ModelError, match=r"x\.bin: missing image_proj\.proj_in\.weight"):
        sizes_of(
            {name: value for name, value in tensors.items() if name != "proj_in.weight"}, "x.bin", head=8, frequencies=8
        )
    with pytest.raises(ModelError, match="heads of width 5"):
        sizes_of(tensors, "x.bin", head=5, frequencies=8)
    with pytest.raises(ModelError, match="phrase -"):
        sizes_of(tensors, "x.bin", head=8, frequencies=10)
