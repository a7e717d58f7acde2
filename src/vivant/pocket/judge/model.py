"""The judge's networks: one reads whole pictures, one tells individuals apart. Residual convolutions, nothing else."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

PICTURE = 128
"""Pixels a side that the scene network reads."""
CROP = 64
"""Pixels a side that the identity network reads."""
MARGIN = 0.08
"""Around a subject's box, as a part of its longer side."""
RARE = -4.0
"""Logit of a kind in a part of a picture before training."""


@dataclass(frozen=True)
class JudgeConfig:
    """What `config.json` holds: the names that outputs stand for, and the widths.

    Attributes:
        kinds: nouns, in the order of the kind logits.
        relations: names, in the order of the relation logits.
        backgrounds: names, in the order of the background logits.
        most: largest number of subjects that is told.
        scene_widths: channels of the scene network at 1/4, 1/8, 1/16 and 1/32 of the size.
        identity_widths: channels of the identity network at 1/2, 1/4, 1/8 and 1/16 of the size.
        features: length of an identity feature.
    """

    kinds: tuple[str, ...]
    relations: tuple[str, ...]
    backgrounds: tuple[str, ...]
    most: int = 5
    scene_widths: tuple[int, ...] = (48, 96, 192, 256)
    identity_widths: tuple[int, ...] = (32, 80, 160, 224)
    features: int = 128

    @classmethod
    def read(cls, values: dict[str, Any]) -> JudgeConfig:
        """From parsed JSON.

        Raises:
            TypeError: a field is missing or unknown.
        """
        fields: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
        return cls(**fields)


class Residual(nn.Module):  # type: ignore[misc]
    """Two 3x3 convolutions with batch norm around a skip; the first may shrink the map by two."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(after)
        self.skip = nn.Conv2d(before, after, 1, bias=False) if before != after else nn.Identity()
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        """[N, before, H, W] -> [N, after, H / stride, W / stride]."""
        short = F.avg_pool2d(x, self.stride) if self.stride > 1 else x
        x = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.norm2(self.conv2(x)) + self.skip(short))


class Stem(nn.Sequential):  # type: ignore[misc]
    """A 4x4 convolution that halves the size, with batch norm."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__(nn.Conv2d(before, after, 4, 2, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU())


class Trunk(nn.Module):  # type: ignore[misc]
    """A stem and one residual block a width, each but the first at half the size of the one before."""

    def __init__(self, channels: int, halvings: int, widths: Sequence[int]) -> None:
        super().__init__()
        before = [channels, *(widths[0] // 2 for _ in range(halvings - 1)), widths[0]]
        self.stem = nn.Sequential(*(Stem(a, b) for a, b in itertools.pairwise(before)))
        pairs = zip((widths[0], *widths), widths, strict=False)
        self.blocks = nn.Sequential(*(Residual(a, b, 2 if i else 1) for i, (a, b) in enumerate(pairs)))
        self.width = 2 * widths[-1]

    def forward(self, x: Tensor) -> Tensor:
        """[N, channels, S, S] -> mean and maximum over the last map, [N, width]."""
        return self.both(x)[0]

    def both(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The same, and the last map but one, [N, widths[-2], s, s]."""
        fine = self.blocks[:-1](self.stem(x))
        x = self.blocks[-1](fine)
        return torch.cat([x.mean(dim=(2, 3)), x.amax(dim=(2, 3))], dim=1), fine


@dataclass(frozen=True)
class SceneLogits:
    """What the scene network says of N pictures, before softmax or sigmoid.

    Attributes:
        kinds: [N, kinds], a sigmoid each: is there one of this kind?
        relation: [N, relations], one softmax.
        background: [N, backgrounds], one softmax.
        count: [N, most], one softmax; entry i stands for i + 1 subjects.
        cells: [N, kinds, 8, 8], what `kinds` is the maximum of: which kind looks out of this part of the picture?
        features: [N, width, 8, 8] that the cells are read from.
    """

    kinds: Tensor
    relation: Tensor
    background: Tensor
    count: Tensor
    cells: Tensor
    features: Tensor


class SceneNetwork(nn.Module):  # type: ignore[misc]
    """Kind, relation, background and number of subjects from a whole picture."""

    def __init__(self, config: JudgeConfig) -> None:
        super().__init__()
        self.trunk = Trunk(3, 2, config.scene_widths)
        self.sizes = (len(config.relations), len(config.backgrounds), config.most)
        self.head = nn.Linear(self.trunk.width, sum(self.sizes))
        self.kinds = nn.Conv2d(config.scene_widths[-2], len(config.kinds), 1)
        nn.init.constant_(self.kinds.bias, RARE)

    def forward(self, unit: Tensor) -> SceneLogits:
        """[N, 3, 128, 128] in [0, 1] -> logits, float32."""
        pooled, fine = self.trunk.both(_centred(unit))
        relation, background, count = self.head(pooled).float().split(self.sizes, dim=1)
        cells = self.kinds(fine).float()
        return SceneLogits(cells.amax(dim=(2, 3)), relation, background, count, cells, fine)


class IdentityNetwork(nn.Module):  # type: ignore[misc]
    """A feature that is alike for pictures of one individual and unlike for others, also of the same kind."""

    def __init__(self, config: JudgeConfig) -> None:
        super().__init__()
        self.trunk = Trunk(4, 1, config.identity_widths)
        self.head = nn.Linear(self.trunk.width, config.features)

    def forward(self, unit: Tensor, inside: Tensor) -> Tensor:
        """Features of length one.

        Args:
            unit: [M, 3, 64, 64] in [0, 1], square regions around the subjects' boxes.
            inside: [M, 1, 64, 64], 1 where a pixel lies in the subject's own box.

        Returns:
            [M, features], float32.
        """
        hidden = self.trunk(torch.cat([_centred(unit), inside], dim=1))
        return F.normalize(self.head(hidden).float(), dim=1)


class JudgeNetworks(nn.Module):  # type: ignore[misc]
    """Both networks under one roof: what `model.safetensors` holds."""

    def __init__(self, config: JudgeConfig) -> None:
        super().__init__()
        self.config = config
        self.scene = SceneNetwork(config)
        self.identity = IdentityNetwork(config)


def _centred(unit: Tensor) -> Tensor:
    return ((unit - 0.5) * 4.0).contiguous(memory_format=torch.channels_last)
