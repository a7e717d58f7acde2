"""Boxes and masks of subjects on the grids that attention layers see. Pure functions of tensors.

A layer's positions are the cells of a grid, row by row, and the grid need not be square.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

Sizes = Mapping[int, tuple[int, int]]
"""Number of positions of a layer -> height and width of its grid."""


def cells(boxes: Tensor, height: int, width: int) -> Tensor:
    """Which positions each box covers: columns floor(x0 width) up to ceil(x1 width), rows likewise.

    Args:
        boxes: [..., 4] x0, y0, x1, y1 in [0, 1]. One of zero area covers nothing.
        height, width: of the layer's grid.

    Returns:
        [..., height * width] bool.
    """
    boxes = boxes.float()
    sides = boxes.new_tensor([width, height])
    first, end = (boxes[..., :2] * sides).floor(), (boxes[..., 2:] * sides).ceil()
    has_area = (boxes[..., 2:] > boxes[..., :2]).all(dim=-1)
    columns, rows = (
        (torch.arange(size, device=boxes.device) >= first[..., axis, None])
        & (torch.arange(size, device=boxes.device) < end[..., axis, None])
        for axis, size in enumerate((width, height))
    )
    covered: Tensor = rows[..., :, None] & columns[..., None, :] & has_area[..., None, None]
    return covered.flatten(-2)


def mask_cells(masks: Tensor, height: int, width: int) -> Tensor:
    """Which positions each mask covers, by at least half; always resampled from the mask as given.

    Args:
        masks: [B, N, h, w] bool, of any size.
        height, width: of the layer's grid.

    Returns:
        [B, N, height * width] bool.
    """
    part: Tensor = F.interpolate(masks.float(), size=(height, width), mode="area")
    return (part >= 0.5).flatten(-2)


def looks(covered: Tensor, queries: int) -> Tensor:
    """Which image tokens each position attends to: those of exactly the subjects that cover it.

    A token of zeros stands before the subjects' own. A position that no subject covers attends to it alone, so its
    image term is exactly zero and the softmax is never empty.

    Args:
        covered: [B, N, positions] bool.
        queries: tokens a subject.

    Returns:
        [B, 1, positions, 1 + N * queries] bool, as `scaled_dot_product_attention` takes it.
    """
    nobody = ~covered.any(dim=1)
    of_subjects = covered.transpose(1, 2).repeat_interleave(queries, dim=-1)
    return torch.cat([nobody[..., None], of_subjects], dim=-1)[:, None]


def layer_sizes(unet: Any, height: int, width: int) -> dict[int, tuple[int, int]]:
    """The grid of every level of a UNet, by its number of positions, which is all that an attention layer sees.

    Args:
        unet: diffusers' UNet2DConditionModel.
        height, width: of the latents.
    """
    padding = unet.config.downsample_padding
    sizes = {}
    for _ in unet.config.block_out_channels:
        sizes[height * width] = (height, width)
        # A convolution of stride 2: odd sides are rounded up with padding on both sides, down with it on one.
        height, width = (height + padding) // 2, (width + padding) // 2
    return sizes
