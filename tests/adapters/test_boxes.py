"""Which positions belong to which subject, on grids of any shape."""

import pytest
import torch

from tests.adapters.tiny import noise, tiny_unet
from vivant.adapters.boxes import cells, layer_sizes, looks, mask_cells


def test_cells_begun_count_and_the_grid_is_row_by_row():
    box = torch.tensor([[[0.3, 0.5, 0.55, 1.0]]])
    covered = cells(box, height=2, width=5).view(2, 5)
    assert covered.tolist() == [[False] * 5, [False, True, True, False, False]]  # columns floor(1.5) to ceil(2.75)


@pytest.mark.parametrize("box", [[0, 0, 0, 0], [0.53, 0.2, 0.53, 0.9], [0.2, 0.33, 0.8, 0.33], [0.8, 0.2, 0.3, 0.9]])
def test_no_area_covers_nothing(box):
    assert not cells(torch.tensor([[box]], dtype=torch.float32), 7, 5).any()


def test_the_whole_picture_is_all_cells_at_every_size():
    for height, width in ((1, 1), (3, 7), (16, 16)):
        assert cells(torch.tensor([[0.0, 0.0, 1.0, 1.0]]), height, width).all()


def test_half_precision_boxes_cover_what_they_say():
    assert cells(torch.tensor([0.5, 0.0, 1.0, 1.0], dtype=torch.float16), 1, 4).tolist() == [False, False, True, True]


def test_masks_are_resampled_by_area():
    mask = torch.zeros(1, 1, 4, 4, dtype=torch.bool)
    mask[..., :2, :] = True
    mask[..., 2, :1] = True
    assert mask_cells(mask, 2, 2).tolist() == [[[True, True, False, False]]]
    assert mask_cells(mask, 8, 4).view(8, 4).any(dim=1).tolist() == [True] * 6 + [False] * 2


def test_a_position_looks_at_its_subjects_or_at_nothing():
    covered = torch.tensor([[[True, True, False], [False, True, False]]])
    found = looks(covered, queries=2)[0, 0]
    assert found.int().tolist() == [[0, 1, 1, 0, 0], [0, 1, 1, 1, 1], [1, 0, 0, 0, 0]]


@pytest.mark.parametrize("size", [(8, 8), (6, 12), (9, 13), (5, 20)])
def test_layer_sizes_are_those_that_attention_sees(size):
    unet = tiny_unet()
    seen: set[int] = set()
    hooks = [
        unet.get_submodule(name.removesuffix(".processor")).register_forward_pre_hook(
            lambda module, args: seen.add(args[0].shape[1])
        )
        for name in unet.attn_processors
    ]
    with torch.no_grad():
        unet(noise(1, 4, *size), 1, noise(1, 3, 12))
    assert hooks and seen == layer_sizes(unet, *size).keys()
