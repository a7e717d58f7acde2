"""Mean features of regions of a picture, as RoIAlign defines them. Pure functions of tensors."""

from __future__ import annotations

import torch
from torch import Tensor

_ROUNDING = 1e-4
"""A region of 3.0000002 cells is one of 3."""


def partition(cells: int) -> Tensor:
    """Boxes of a grid of cells x cells, column by column, [cells^2, 4] x0, y0, x1, y1 in [0, 1]."""
    edges = torch.arange(cells + 1, dtype=torch.float32) / cells
    x, y = torch.meshgrid(torch.arange(cells), torch.arange(cells), indexing="ij")
    return torch.stack([edges[x], edges[y], edges[x + 1], edges[y + 1]], dim=-1).flatten(0, 1)


def pool_boxes(features: Tensor, boxes: Tensor) -> Tensor:
    """The mean feature in each box. Where its edges lie on the grid, that is the mean of the cells in it.

    Elsewhere each side is sampled as RoIAlign does: as many points as cells begun, evenly spaced, bilinearly.

    Args:
        features: [B, D, h, w].
        boxes: [B, K, 4] x0, y0, x1, y1 in [0, 1].

    Returns:
        [B, K, D].
    """
    height, width = features.shape[-2:]
    along_x = _weights(boxes[..., 0] * width, boxes[..., 2] * width, width)
    along_y = _weights(boxes[..., 1] * height, boxes[..., 3] * height, height)
    pooled: Tensor = torch.einsum("bdhw,bkh,bkw->bkd", features, along_y.to(features), along_x.to(features))
    return pooled


def _weights(start: Tensor, end: Tensor, length: int) -> Tensor:
    """How much each of `length` cells counts in intervals [..., ] of cells: [..., length], each summing to 1."""
    count = (end - start - _ROUNDING).ceil().clamp(min=1.0)[..., None]
    number = torch.arange(length, device=start.device)
    points = start[..., None] + (number + 0.5) * (end - start)[..., None] / count - 0.5
    points = points.clamp(0.0, length - 1.0)
    nearness = (1.0 - (points[..., None] - number).abs()).clamp(min=0.0)
    return (nearness * (number < count)[..., None]).sum(dim=-2) / count
