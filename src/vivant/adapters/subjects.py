"""What the adapter is told of subjects: features of their photos, local tokens after them, and their nouns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from vivant.models.bundle import Bundle
from vivant.models.image_encoder import FACTOR, PARTITIONS, ImageEncoder
from vivant.types import Image

Injection = Literal["concatenate", "add", "linear"]
"""How local tokens join the image's features (DreamRelation, table 9)."""


@dataclass(frozen=True)
class LocalTokens:
    """How local tokens are made (DreamRelation, section 3.4.3).

    Attributes:
        partitions: cells a side of the grid; 4 gives the 16 tokens of section 4.
        factor: the picture is read at so many times the side that the encoder was trained on.
        injection: "concatenate" puts them after the image's features, as the paper does; "add" adds to each feature
            the token of the cell that its patch lies in; "linear" sets both side by side, for a layer of the caller's.
    """

    partitions: int = PARTITIONS
    factor: int = FACTOR
    injection: Injection = "concatenate"


@dataclass(frozen=True)
class SubjectEncoder:
    """From photos to what the resampler reads.

    Attributes:
        image: CLIP's image half, whose penultimate hidden states the adapter was trained on.
        local: the encoder of local tokens, distilled or `image` itself; None for an adapter without them.
        how: of the local tokens.
    """

    image: ImageEncoder
    local: ImageEncoder | None = None
    how: LocalTokens = field(default_factory=LocalTokens)

    @property
    def width(self) -> int:
        """Of the features."""
        doubled = self.local is not None and self.how.injection == "linear"
        return self.image.width * (2 if doubled else 1)

    def features(self, photos: Sequence[Image]) -> Tensor:
        """Features of each photo, [B, tokens, width], on the encoder's device.

        1 + patches tokens, the class token first; 16 more where local tokens are concatenated.

        Args:
            photos: HWC uint8 RGB, one subject each.

        Raises:
            ImageError: a photo that is not RGB.
        """
        with torch.no_grad():
            shown = self.image.image_features(photos)
            if self.local is None:
                return shown
            local = self.local.local_tokens(photos, self.how.partitions, self.how.factor).to(shown)
        if self.how.injection == "concatenate":
            return torch.cat([shown, local], dim=1)
        placed = _at_patches(local, shown.shape[1] - 1)
        return shown + placed if self.how.injection == "add" else torch.cat([shown, placed], dim=2)


def phrase_embeds(bundle: Bundle, nouns: Sequence[str]) -> Tensor:
    """What the resampler is told of each noun: text encoder 1's pooled output, [N, width], on the bundle's device."""
    tokenizer, encoder = bundle.tokenizers[0], bundle.text_encoders[0]
    length = min(tokenizer.model_max_length, encoder.config.max_position_embeddings)
    tokens = tokenizer(
        list(nouns), padding="max_length", max_length=length, truncation=True, return_tensors="pt"
    ).input_ids
    with torch.no_grad():
        pooled: Tensor = encoder(tokens.to(bundle.device)).pooler_output
    return pooled


def _at_patches(local: Tensor, patches: int) -> Tensor:
    """Local tokens [B, cells, D], column by column, given to each patch of a square grid, and their mean to the class
    token before them: [B, 1 + patches, D]."""
    side, cells = round(patches**0.5), round(local.shape[1] ** 0.5)
    steps = (torch.arange(side, device=local.device) + 0.5) / side
    column = (steps * cells).long().repeat(side)
    row = (steps * cells).long().repeat_interleave(side)
    return torch.cat([local.mean(dim=1, keepdim=True), local[:, column * cells + row]], dim=1)
