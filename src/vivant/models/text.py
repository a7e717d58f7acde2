"""Prompts to what the UNet is told: the same two functions for one text encoder and for two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from vivant.models.bundle import Bundle


@dataclass(frozen=True)
class Text:
    """A batch of encoded texts.

    Attributes:
        states: [B, tokens, width], what cross-attention reads.
        pooled: [B, width] of the last encoder's projection in SDXL's layout, None in SD 1.5's.
    """

    states: torch.Tensor
    pooled: torch.Tensor | None


def encode_text(bundle: Bundle, texts: Sequence[str]) -> Text:
    """Encode texts; what goes beyond an encoder's tokens is cut off, see `left_out`.

    SDXL's layout takes the penultimate layers of both encoders, side by side; SD 1.5's the last layer, normalised.

    Args:
        bundle: the base.
        texts: one or more.
    """
    with torch.no_grad():
        return encode_tokens(bundle, token_numbers(bundle, texts))


def token_numbers(bundle: Bundle, texts: Sequence[str]) -> list[torch.Tensor]:
    """[B, tokens] for each encoder, padded and cut, on the CPU."""
    return [
        _tokens(tokenizer, encoder, texts)
        for encoder, tokenizer in zip(bundle.text_encoders, bundle.tokenizers, strict=True)
    ]


def encode_tokens(bundle: Bundle, tokens: Sequence[torch.Tensor]) -> Text:
    """What `encode_text` makes of token numbers, one [B, tokens] for each encoder; with the graph of what trains."""
    outputs = [
        encoder(numbers.to(bundle.device), output_hidden_states=True)
        for encoder, numbers in zip(bundle.text_encoders, tokens, strict=True)
    ]
    if bundle.layout == "sd15":
        return Text(outputs[0].last_hidden_state, None)
    return Text(torch.cat([output.hidden_states[-2] for output in outputs], dim=-1), outputs[-1].text_embeds)


def added_conditions(text: Text, height: int, width: int) -> dict[str, torch.Tensor] | None:
    """SDXL's added conditions: pooled text, and six numbers for original size, crop's corner and size, each y, x.

    The picture is said to be whole and at its own size. None for a base of SD 1.5's layout.
    """
    if text.pooled is None:
        return None
    ids = torch.tensor([height, width, 0, 0, height, width], dtype=torch.float32, device=text.pooled.device)
    return {"text_embeds": text.pooled, "time_ids": ids.expand(len(text.pooled), -1)}


def encode_empty(bundle: Bundle) -> Text:
    """One text for the branch without a prompt: zeros where the base was trained so, else an empty text's encoding."""
    text = encode_text(bundle, [""])
    if not bundle.zero_empty:
        return text
    return Text(torch.zeros_like(text.states), None if text.pooled is None else torch.zeros_like(text.pooled))


def join(texts: Sequence[Text]) -> Text:
    """Several batches as one, in order."""
    pooled = [text.pooled for text in texts if text.pooled is not None]
    return Text(torch.cat([text.states for text in texts]), torch.cat(pooled) if pooled else None)


def tokens_read(bundle: Bundle) -> int:
    """Tokens of a text that every encoder reads, start and end included: 77 for CLIP."""
    return min(_room(*pair) for pair in zip(bundle.tokenizers, bundle.text_encoders, strict=True))


def left_out(bundle: Bundle, text: str) -> str:
    """The end of a text that an encoder never sees, empty when all of it fits."""
    starts = [
        _cut(tokenizer, _room(tokenizer, encoder), text)
        for tokenizer, encoder in zip(bundle.tokenizers, bundle.text_encoders, strict=True)
    ]
    return text[min(starts) :].strip()


def _room(tokenizer: Any, encoder: Any) -> int:
    return int(min(tokenizer.model_max_length, encoder.config.max_position_embeddings))


def _tokens(tokenizer: Any, encoder: Any, texts: Sequence[str]) -> torch.Tensor:
    """[B, tokens] token numbers, padded and cut."""
    return tokenizer(
        list(texts), padding="max_length", max_length=_room(tokenizer, encoder), truncation=True, return_tensors="pt"
    ).input_ids


def _cut(tokenizer: Any, limit: int, text: str) -> int:
    """Characters of a text that fit into a number of tokens."""
    spans = tokenizer(text, return_offsets_mapping=True, verbose=False)["offset_mapping"]
    return len(text) if len(spans) <= limit else int(spans[limit - 1][0])
