"""Self-attention that the pictures of a group share."""

from __future__ import annotations

import pytest
import torch

from tests.adapters.tiny import TEXT, noise, predict, tiny_unet
from vivant.adapters.attention import attached
from vivant.adapters.sharing import Sharing
from vivant.errors import ModelError

CLOSE = {"atol": 1e-5, "rtol": 0.0}
SEEN, TOLD = noise(6, 4, 8, 12, seed=5), noise(6, 7, TEXT, seed=6)


@pytest.fixture(scope="module")
def unet():
    return tiny_unet()


def drawn(unet, sharing: Sharing | None, rows: slice | list[int] = slice(None)) -> torch.Tensor:
    with torch.no_grad(), attached(unet):
        return predict(unet, SEEN[rows], TOLD[rows], sharing=sharing)


def test_a_group_looks_at_itself_as_plain_attention_over_all_positions_would():
    values = noise(4, 2, 5, 3)
    joined = Sharing(2).joined(values)
    assert joined.shape == (4, 2, 10, 3)
    assert torch.equal(joined[0], torch.cat([values[0], values[1]], dim=1)) and torch.equal(joined[0], joined[1])
    assert torch.equal(joined[3], torch.cat([values[2], values[3]], dim=1))


def test_a_share_weighs_the_others_positions_before_the_sum_is_one():
    bias = Sharing(2, 0.25).bias(noise(2, 1, 3, 4))
    assert bias is not None and bias.shape == (2, 1, 1, 6)
    weights = bias.exp().squeeze()
    torch.testing.assert_close(weights, torch.tensor([[1.0] * 3 + [0.25] * 3, [0.25] * 3 + [1.0] * 3]))
    assert Sharing(2).bias(noise(2, 1, 3, 4)) is None


def test_sharing_changes_every_picture_the_more_the_larger_the_share(unet):
    plain = drawn(unet, None)
    far = [(drawn(unet, Sharing(3, share)) - plain).abs().amax(dim=(1, 2, 3)) for share in (0.05, 1.0)]
    assert (far[1] > 1e-3).all() and (far[0] > 1e-5).all() and (far[0] < far[1]).all()


@pytest.mark.parametrize("off", [Sharing(3, 0.0), Sharing(1, 1.0)])
def test_off_it_is_the_base_bit_for_bit(unet, off):
    assert torch.equal(drawn(unet, off), predict(unet, SEEN, TOLD))


def test_a_group_is_the_same_whatever_is_beside_it(unet):
    together = drawn(unet, Sharing(3, 0.5))
    torch.testing.assert_close(drawn(unet, Sharing(3, 0.5), slice(0, 3)), together[:3], **CLOSE)
    other = drawn(unet, Sharing(3, 0.5), [3, 4, 5, 0, 1, 2])
    torch.testing.assert_close(other, together[[3, 4, 5, 0, 1, 2]], **CLOSE)
    assert (drawn(unet, Sharing(3, 0.5), [0, 1, 3]) - together[[0, 1, 3]]).abs().max() > 1e-4


def test_pictures_that_are_one_and_the_same_stay_what_they_are(unet):
    alike = [2, 2, 2]
    torch.testing.assert_close(drawn(unet, Sharing(3), alike), drawn(unet, None, alike), **CLOSE)


def test_a_batch_of_broken_groups_is_refused(unet):
    with pytest.raises(ModelError, match="6 rows cannot share attention in groups of 4"):
        drawn(unet, Sharing(4))
