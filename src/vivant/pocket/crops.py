"""Regions of pictures as batches, and the small disturbances that recognisers must not mind. Torch, on any device."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
OPENAI_CLIP = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))


def to_unit(pictures: Tensor) -> Tensor:
    """uint8 [N, H, W, 3] -> float32 [N, 3, H, W] in [0, 1], channels last in memory."""
    return pictures.permute(0, 3, 1, 2).float() / 255.0


def normalise(unit: Tensor, statistics: tuple[tuple[float, ...], tuple[float, ...]]) -> Tensor:
    """[N, 3, H, W] in [0, 1] -> (value - mean) / deviation, a channel each."""
    mean, deviation = (torch.tensor(values, device=unit.device).view(1, 3, 1, 1) for values in statistics)
    return (unit - mean) / deviation


def fit_size(unit: Tensor, size: int) -> Tensor:
    """[N, 3, H, W] -> [N, 3, size, size], antialiased; as it is when it has the size already."""
    if unit.shape[-2:] == (size, size):
        return unit
    resized = F.interpolate(unit, size=(size, size), mode="bilinear", antialias=True, align_corners=False)
    return resized.clamp(0.0, 1.0)


def square(boxes: Tensor, margin: float) -> Tensor:
    """Square regions around boxes.

    Args:
        boxes: [M, 4] x0, y0, x1, y1.
        margin: added on each side, as a part of the longer side.

    Returns:
        [M, 4], with the boxes' centres; may pass the picture's edge.
    """
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2.0
    half = (boxes[:, 2:] - boxes[:, :2]).amax(dim=1, keepdim=True) * (0.5 + margin)
    return torch.cat([centre - half, centre + half], dim=1)


def cut(unit: Tensor, regions: Tensor, size: int, padding: Literal["border", "zeros"] = "border") -> Tensor:
    """Resample a region of each picture to a square (bilinear).

    Args:
        unit: [M, C, H, W], a picture a region.
        regions: [M, 4] x0, y0, x1, y1 in [0, 1] of the picture; may pass its edge.
        size: pixels a side of what comes out.
        padding: what lies beyond the picture's edge.

    Returns:
        [M, C, size, size].
    """
    steps = (torch.arange(size, device=unit.device) + 0.5) / size
    x = regions[:, 0:1] + steps * (regions[:, 2:3] - regions[:, 0:1])
    y = regions[:, 1:2] + steps * (regions[:, 3:4] - regions[:, 1:2])
    grid = torch.stack(torch.broadcast_tensors(x[:, None, :], y[:, :, None]), dim=-1) * 2.0 - 1.0
    with torch.autocast(unit.device.type, enabled=False):
        return F.grid_sample(unit, grid.to(unit), mode="bilinear", padding_mode=padding, align_corners=False)


def inside(boxes: Tensor, regions: Tensor, size: int) -> Tensor:
    """Which pixels of a cut-out region lie in its box: [M, 1, size, size], 0 or 1."""
    steps = (torch.arange(size, device=boxes.device) + 0.5) / size
    x = regions[:, 0:1] + steps * (regions[:, 2:3] - regions[:, 0:1])
    y = regions[:, 1:2] + steps * (regions[:, 3:4] - regions[:, 1:2])
    across = (x >= boxes[:, 0:1]) & (x <= boxes[:, 2:3])
    down = (y >= boxes[:, 1:2]) & (y <= boxes[:, 3:4])
    return (across[:, None, None, :] & down[:, None, :, None]).float()


def shaken(boxes: Tensor, part: float, generator: torch.Generator) -> Tensor:
    """Boxes with every edge moved by up to a part of the box's side."""
    sides = (boxes[:, 2:] - boxes[:, :2]).repeat(1, 2)
    moves = torch.rand(boxes.shape, generator=generator, device=boxes.device) * 2.0 - 1.0
    return boxes + moves * part * sides


def roughened(unit: Tensor, generator: torch.Generator) -> Tensor:
    """Pictures as a generator might have made them: a little blurred, tinted and noisy; colours stay tellable.

    A third of the pictures loses detail (down to between 5 and 8 ninths of the size, one size a call; with less, ears
    and muzzles are gone), brightness and contrast change by up to 15 %, each channel by up to 5 %, noise deviates by
    up to 0.04.

    Args:
        unit: [N, 3, H, W] in [0, 1].
        generator: on the pictures' device.

    Returns:
        [N, 3, H, W] in [0, 1].
    """

    def rand(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator, device=unit.device)

    count, size = len(unit), unit.shape[-1]
    small = size * (5 + generator.initial_seed() % 4) // 9  # from the seed: reading a draw would wait for the device
    coarse = F.interpolate(unit, size=(small, small), mode="area")
    coarse = F.interpolate(coarse, size=(size, size), mode="bilinear", align_corners=False)
    unit = torch.where(rand(count, 1, 1, 1) < 1 / 3, coarse, unit)
    contrast = 0.85 + 0.3 * rand(count, 1, 1, 1)
    gain = 0.95 + 0.1 * rand(count, 3, 1, 1)
    shift = 0.3 * rand(count, 1, 1, 1) - 0.15
    noise = torch.randn(unit.shape, generator=generator, device=unit.device) * 0.04 * rand(count, 1, 1, 1)
    return ((unit - 0.5) * contrast * gain + 0.5 + shift + noise).clamp(0.0, 1.0)
