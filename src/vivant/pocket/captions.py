"""The pool's captions as token ids, each different text once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vivant.pocket.pool import Pool


@dataclass(frozen=True)
class Captions:
    """Captions of some scenes.

    Attributes:
        texts: U different ones; the empty text is the first.
        tokens: int64 [U, L], padded.
        short, detailed: int64 [N], place of each scene's captions in `texts`.
    """

    texts: list[str]
    tokens: Tensor
    short: Tensor
    detailed: Tensor

    def draw(self, scenes: Tensor, draw: torch.Generator) -> Tensor:
        """For each scene, by its place in this table, one of its two captions at random: places in `texts`."""
        long = torch.rand(scenes.shape, generator=draw, device=scenes.device) < 0.5
        return torch.where(long, self.detailed[scenes], self.short[scenes])

    def to(self, device: torch.device) -> Captions:
        """The same, on a device."""
        return Captions(self.texts, self.tokens.to(device), self.short.to(device), self.detailed.to(device))


def captions_of(pool: Pool, scenes: np.ndarray[Any, np.dtype[np.int64]], tokenizer: Any, *, full: bool) -> Captions:
    """Captions of those scenes of a pool.

    Args:
        pool: the pool.
        scenes: numbers of its scenes; their order is the table's.
        tokenizer: cuts and pads.
        full: pad to the tokenizer's length (77), as the pipeline does, instead of to the longest text.
    """
    short, detailed = [pool.texts[n] for n in scenes], [pool.texts_detailed[n] for n in scenes]
    texts = list(dict.fromkeys(["", *short, *detailed]))
    place = {text: number for number, text in enumerate(texts)}
    ids = tokenizer(texts, truncation=True, return_attention_mask=False)["input_ids"]
    # Padded here: a GPU run has 700,000 texts, and the tokenizer's own padding takes as long again as cutting them.
    width = tokenizer.model_max_length if full else max(map(len, ids))
    tokens = np.full((len(ids), width), tokenizer.pad_token_id, np.int64)
    for row, one in enumerate(ids):
        tokens[row, : len(one)] = one
    return Captions(
        texts=texts,
        tokens=torch.from_numpy(tokens),
        short=torch.tensor([place[text] for text in short]),
        detailed=torch.tensor([place[text] for text in detailed]),
    )
