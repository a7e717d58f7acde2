"""Self-attention that pictures of one batch share, so that all show the same individuals.

The idea is that of consistent generation without training: "Training-Free Consistent Text-to-Image Generation"
(ConsiStory, arXiv 2402.03286, section 3.2) and "Style Aligned Image Generation via Shared Attention" (arXiv 2312.02133,
section 3.2). Here every position may look at all positions of all pictures of its group, with no mask of subjects.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from vivant.errors import ModelError


@dataclass(frozen=True)
class Sharing:
    """Which rows of the UNet's batch look at each other in self-attention, and how much.

    Attributes:
        pictures: of a group. A batch is groups one after another; with guidance first all groups of the branch without
            the prompt, then all of the prompt's, and no branch looks at the other.
        share: 0 to 1, what the other pictures' positions weigh beside the picture's own before the weights are made to
            sum to 1. At 0 the layer computes what it did, bit for bit; at 1 all positions weigh alike.
    """

    pictures: int
    share: float = 1.0

    @property
    def acts(self) -> bool:
        """Whether anything is shared."""
        return self.pictures > 1 and self.share > 0.0

    def joined(self, values: Tensor) -> Tensor:
        """Keys or values of all pictures of a group, to each of them.

        Args:
            values: [B, heads, positions, d].

        Returns:
            [B, heads, pictures * positions, d], positions of the group's first picture first.

        Raises:
            ModelError: a batch that is not made of whole groups.
        """
        if len(values) % self.pictures:
            raise ModelError(f"a batch of {len(values)} rows cannot share attention in groups of {self.pictures}")
        together = values.unflatten(0, (-1, self.pictures)).transpose(1, 2).flatten(2, 3)
        return together.repeat_interleave(self.pictures, dim=0)

    def bias(self, query: Tensor) -> Tensor | None:
        """What the scores of the other pictures' positions get added: log(share); None where that is 0 everywhere.

        Args:
            query: [B, heads, positions, d].

        Returns:
            [B, 1, 1, pictures * positions], of the query's type.
        """
        if self.share == 1.0:
            return None
        own = torch.eye(self.pictures, dtype=torch.bool, device=query.device)
        added = (~own).to(query.dtype) * math.log(self.share)
        each = added.repeat_interleave(query.shape[2], dim=1).repeat(len(query) // self.pictures, 1)
        return each[:, None, None]
