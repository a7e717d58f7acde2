"""Attention maps of chosen words, and the places of subjects estimated from them (no layout has to be given then)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from vivant.adapters.boxes import Sizes
from vivant.errors import ModelError

LARGEST = 32
"""Sides of the grids that are recorded: maps of at most 32x32 hold the layout, finer ones texture."""
THRESHOLD = 0.5
"""Of a soft mask: above it lies the subject."""


def select_tokens(spans: Sequence[Sequence[Sequence[int]]], tokens: int) -> Tensor:
    """Weights that average the attention of words over their tokens.

    Args:
        spans: picture by picture, word by word: the places of its tokens in the prompt, none for a word not in it.
        tokens: of a prompt, 77 for CLIP.

    Returns:
        [B, tokens, M], M the largest number of words; columns of words with no token are zero.

    Raises:
        ModelError: a place beyond the prompt's tokens.
    """
    chosen = torch.zeros(len(spans), tokens, max((len(words) for words in spans), default=0))
    for picture, words in enumerate(spans):
        for number, places in enumerate(words):
            for place in places:
                if not 0 <= place < tokens:
                    raise ModelError(f"token {place} of a prompt of {tokens} tokens: choose from 0 to {tokens - 1}")
                chosen[picture, place, number] += 1.0 / len(places)
    return chosen


class MapRecorder:
    """Collects how strongly each position attends to chosen words, layer by layer, over any number of calls.

    Passed to the UNet in `cross_attention_kwargs` as "recorder". Maps keep their graph where gradients are on.

    Attributes:
        selection: [b, tokens, M] from `select_tokens`, for the last b pictures of the UNet's batch.
        sizes: from `layer_sizes`.
        largest: sides of the largest grid that is recorded.
    """

    def __init__(self, selection: Tensor, sizes: Sizes, largest: int = LARGEST) -> None:
        self.selection = selection
        self.sizes = {positions: size for positions, size in sizes.items() if positions <= largest**2}
        self._sums: dict[int, Tensor] = {}
        self._calls: dict[int, int] = {}

    def wants(self, positions: int) -> bool:
        """Whether a layer of so many positions is recorded."""
        return positions in self.sizes

    def add(self, layer: int, maps: Tensor) -> None:
        """Take in a layer's maps, [b, M, positions], probabilities averaged over heads."""
        grid = maps.unflatten(-1, self.sizes[maps.shape[-1]])
        self._sums[layer] = self._sums[layer] + grid if layer in self._sums else grid
        self._calls[layer] = self._calls.get(layer, 0) + 1

    def maps(self) -> dict[int, Tensor]:
        """Layer -> [b, M, h, w], the mean over all calls so far."""
        return {layer: total / self._calls[layer] for layer, total in self._sums.items()}

    def clear(self) -> None:
        """Forget all maps."""
        self._sums.clear()
        self._calls.clear()


def chosen_attention(query: Tensor, key: Tensor, selection: Tensor) -> Tensor:
    """Attention probabilities of chosen words, without the matrix of all words: the chosen ones are the values.

    Args:
        query: [B, heads, positions, d].
        key: [B, heads, tokens, d].
        selection: [B, tokens, M].

    Returns:
        [B, M, positions], averaged over heads.
    """
    values = selection.to(query)[:, None].expand(-1, query.shape[1], -1, -1)
    maps: Tensor = F.scaled_dot_product_attention(query, key, values)
    return maps.mean(dim=1).transpose(1, 2)


def combined(maps: dict[int, Tensor], height: int, width: int) -> Tensor:
    """One map a word: every layer's resampled to one size, and their mean.

    Args:
        maps: from `MapRecorder.maps`.
        height, width: of what comes out.

    Returns:
        [b, M, height, width].

    Raises:
        ModelError: nothing was recorded.
    """
    if not maps:
        raise ModelError("no attention map was recorded: raise the largest size that is, or run the model first")
    resampled = [
        F.interpolate(layer, size=(height, width), mode="bilinear", align_corners=False) for layer in maps.values()
    ]
    return torch.stack(resampled).mean(dim=0)


def soft_masks(maps: Tensor) -> Tensor:
    """Maps stretched to [0, 1], each between its own least and greatest value; a map without contrast becomes 0.

    Args:
        maps: [b, M, h, w].
    """
    low, high = maps.amin(dim=(-2, -1), keepdim=True), maps.amax(dim=(-2, -1), keepdim=True)
    spread = high - low
    return torch.where(spread > 0, (maps - low) / torch.where(spread > 0, spread, 1.0), 0.0)


def hard_masks(maps: Tensor, threshold: float = THRESHOLD) -> Tensor:
    """Where each word's subject lies, [b, M, h, w] bool, for `FixedKeys.with_masks`.

    Args:
        maps: [b, M, h, w], as recorded.
        threshold: in [0, 1], of the soft mask.
    """
    return soft_masks(maps) > threshold
