"""Decoupled cross-attention: the text's term, and beside it the image's where a subject's box is.

The processors hold no state. What a picture is conditioned on travels through the UNet's `cross_attention_kwargs`: a
`FixedKeys`, a `MapRecorder`, a `Sharing`. With none of them, the UNet is the base, bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from torch import Tensor, cat, is_grad_enabled
from torch import bool as torch_bool
from torch.nn import functional as F

from vivant.adapters.boxes import Sizes, looks, mask_cells
from vivant.adapters.maps import MapRecorder, chosen_attention
from vivant.adapters.sharing import Sharing
from vivant.errors import ModelError

KeyValue = tuple[Tensor, Tensor]
"""K and V of one layer, each [B, heads, tokens, width of a head]."""
_CROSS = "attn2.processor"
_PLAIN = {
    "group_norm": None,
    "spatial_norm": None,
    "norm_cross": None,
    "norm_q": None,
    "norm_k": None,
    "added_kv_proj_dim": None,
    "residual_connection": False,
    "rescale_output_factor": 1.0,
}
"""Cross-attention in every Stable Diffusion; other kinds compute something else with the same projections."""


@dataclass(frozen=True)
class FixedKeys:
    """Keys and values that stay the same at all steps of a picture, by the number of their layer.

    Layers are numbered as `ms_adapter.bin` does: all attention processors in the UNet's own order, self and cross.

    Attributes:
        text: of all B rows of the UNet's batch; where it is empty they are computed from `encoder_hidden_states`.
        image: of b <= B pictures, which are the last b rows of the batch: of [unconditional, conditional] the first
            half has no image term and computes none. Each has one token of zeros, then N * Q, with scaled values.
        looks: number of positions -> [b, 1, positions, 1 + N * Q] bool, which token a position attends to.
        sizes: number of positions -> height and width.
    """

    text: Mapping[int, KeyValue] = field(default_factory=dict)
    image: Mapping[int, KeyValue] = field(default_factory=dict)
    looks: Mapping[int, Tensor] = field(default_factory=dict)
    sizes: Sizes = field(default_factory=dict)

    def with_masks(self, masks: Tensor) -> FixedKeys:
        """The same subjects in other places; nothing else is computed anew.

        Args:
            masks: [b, N, h, w] bool, of any size: where each subject lies.

        Raises:
            ModelError: masks of other subjects than these.
        """
        rows, _, _, tokens = next(iter(self.looks.values())).shape if self.looks else (0, 1, 0, 1)
        queries, rest = divmod(tokens - 1, masks.shape[1])
        if len(masks) != rows or rest:
            raise ModelError(
                f"masks {list(masks.shape)} for image prompts of {rows} pictures, {tokens - 1} tokens each"
            )
        placed = {at: looks(mask_cells(masks, *size), queries) for at, size in self.sizes.items()}
        return replace(self, looks=placed)


class SelfProcessor:
    """Self-attention as it was, or shared by pictures of a batch; what is told to cross-attention is passed over."""

    def __init__(self, base: Any) -> None:
        self.base = base

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
        fixed: FixedKeys | None = None,
        recorder: MapRecorder | None = None,
        sharing: Sharing | None = None,
    ) -> Tensor:
        """[B, positions, C] to the same.

        Raises:
            ModelError: a batch that is not made of whole groups.
        """
        if sharing is None or not sharing.acts or encoder_hidden_states is not None:
            out: Tensor = self.base(attn, hidden_states, encoder_hidden_states, attention_mask, temb)
            return out
        query, (key, value) = split_heads(attn, attn.to_q(hidden_states)), text_keys(attn, hidden_states)
        return _projected(attn, attend(query, sharing.joined(key), sharing.joined(value), sharing.bias(query)))


class CrossProcessor:
    """Equation 2: h = softmax(Q K_i / sqrt(d) + M) V_i + softmax(Q K_t / sqrt(d)) V_t.

    Attributes:
        layer: its number among all of the UNet's attention processors.
        base: the processor that it stands in for.
    """

    def __init__(self, layer: int, base: Any) -> None:
        self.layer, self.base = layer, base

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
        fixed: FixedKeys | None = None,
        recorder: MapRecorder | None = None,
        sharing: Sharing | None = None,
    ) -> Tensor:
        """[B, positions, C] to the same.

        Raises:
            ModelError: keys fixed for another batch, or for latents of another size.
        """
        if fixed is None and recorder is None:
            out: Tensor = self.base(attn, hidden_states, encoder_hidden_states, attention_mask, temb)
            return out
        query = split_heads(attn, attn.to_q(hidden_states))
        given = fixed.text.get(self.layer) if fixed else None
        key, value = given or text_keys(attn, encoder_hidden_states)
        if len(key) != len(query):
            raise ModelError(f"text keys were fixed for {len(key)} rows of a batch, and the UNet got {len(query)}")
        bias = _bias(attn, attention_mask, key.shape[2], len(query))
        key, value = _like(query, (key, value))
        told = attend(query, key, value, bias)
        if recorder is not None and recorder.wants(query.shape[2]):
            rows = len(recorder.selection)
            recorder.add(self.layer, chosen_attention(query[-rows:], key[-rows:], recorder.selection))
        if fixed is not None and self.layer in fixed.image:
            shown = image_term(query, fixed.image[self.layer], fixed)
            rows = len(shown)
            told = told + shown if rows == len(told) else cat([told[:-rows], told[-rows:] + shown])
        return _projected(attn, told)


def image_term(query: Tensor, image: KeyValue, fixed: FixedKeys) -> Tensor:
    """The image's term of equation 2 for the last b rows of a batch.

    Args:
        query: [B, heads, positions, d].
        image: K and V of the layer, [b, heads, 1 + N * Q, d].
        fixed: knows which positions each subject covers.

    Returns:
        [b, heads, positions, d], zero at positions of no subject.

    Raises:
        ModelError: image prompts of more pictures than the batch has, or latents of another size.
    """
    key, value = _like(query, image)
    rows, positions = len(key), query.shape[2]
    if rows > len(query):
        raise ModelError(f"image prompts for {rows} pictures, and a batch of {len(query)}")
    mask = fixed.looks.get(positions)
    if mask is None:
        known = ", ".join(f"{width} x {height}" for height, width in fixed.sizes.values())
        raise ModelError(f"an attention layer of {positions} positions, and keys fixed for {known}: fix them again")
    return attend(query[-rows:], key, value, mask)


def attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
    """softmax(Q K / sqrt(d) + M) V.

    On a GPU, and where nothing is learned, no matrix of probabilities is kept. On a CPU the fused kernel's way back is
    slow, a third of a training step of a small base, and writing the matrix out is quicker.

    Args:
        query: [B, heads, positions, d].
        key, value: [B, heads, tokens, d].
        mask: bool, where a position may look, or added to the scores.

    Returns:
        [B, heads, positions, d].
    """
    if query.device.type != "cpu" or not is_grad_enabled():
        fused: Tensor = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return fused
    scores = (query * query.shape[-1] ** -0.5) @ key.transpose(-1, -2)
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf) if mask.dtype == torch_bool else scores + mask
    return scores.softmax(dim=-1) @ value


def text_keys(attn: Any, states: Tensor | None) -> KeyValue:
    """K and V of the text in one layer, with whatever LoRA acts on it.

    Args:
        attn: the layer, diffusers' Attention.
        states: [B, tokens, width].

    Raises:
        ModelError: no text.
    """
    if states is None:
        raise ModelError("cross-attention without a text: pass encoder_hidden_states")
    return split_heads(attn, attn.to_k(states)), split_heads(attn, attn.to_v(states))


def fix_text(unet: Any, states: Tensor) -> FixedKeys:
    """Keys and values of a text, computed once for all steps. Set LoRAs and their weights before.

    Args:
        unet: diffusers' UNet2DConditionModel.
        states: [B, tokens, width], for every row of the UNet's batch.
    """
    return FixedKeys(text={number: text_keys(attn, states) for number, attn in cross_layers(unet).items()})


def cross_layers(unet: Any) -> dict[int, Any]:
    """Number -> layer of every cross-attention; the number counts all attention processors in the UNet's own order."""
    return {
        number: unet.get_submodule(name.removesuffix(".processor"))
        for number, name in enumerate(unet.attn_processors)
        if name.endswith(_CROSS)
    }


def attach(unet: Any) -> None:
    """Let a UNet take "fixed" and "recorder" in its `cross_attention_kwargs`. Without them it computes what it did.

    Raises:
        ModelError: it does so already, or its cross-attention is of another kind.
    """
    before = unet.attn_processors
    if any(isinstance(one, CrossProcessor | SelfProcessor) for one in before.values()):
        raise ModelError("this UNet takes image prompts already: detach it first")
    for number, attn in cross_layers(unet).items():
        for name, usual in _PLAIN.items():
            if getattr(attn, name) != usual:
                raise ModelError(f"attention layer {number} has {name}, which no Stable Diffusion has: not supported")
    unet.set_attn_processor(
        {
            name: CrossProcessor(number, one) if name.endswith(_CROSS) else SelfProcessor(one)
            for number, (name, one) in enumerate(before.items())
        }
    )


def detach(unet: Any) -> None:
    """Give a UNet back the very processors that it had before `attach`."""
    unet.set_attn_processor(
        {
            name: one.base if isinstance(one, CrossProcessor | SelfProcessor) else one
            for name, one in unet.attn_processors.items()
        }
    )


@contextmanager
def attached(unet: Any) -> Iterator[None]:
    """`attach` for the time of a block."""
    attach(unet)
    try:
        yield
    finally:
        detach(unet)


def split_heads(attn: Any, values: Tensor) -> Tensor:
    """[B, tokens, heads * d] -> [B, heads, tokens, d]."""
    return values.unflatten(-1, (attn.heads, -1)).transpose(1, 2)


def _projected(attn: Any, heads: Tensor) -> Tensor:
    """[B, heads, positions, d] -> [B, positions, C], a layer's last step."""
    projected: Tensor = attn.to_out[1](attn.to_out[0](heads.transpose(1, 2).flatten(2)))
    return projected


def _like(query: Tensor, pair: KeyValue) -> KeyValue:
    """Under autocast queries come in half precision, while fixed keys may not."""
    return pair[0].to(query.dtype), pair[1].to(query.dtype)


def _bias(attn: Any, mask: Tensor | None, tokens: int, batch: int) -> Tensor | None:
    """What `encoder_attention_mask` adds to the scores of text tokens, [B, heads, 1, tokens]."""
    if mask is None:
        return None
    prepared: Tensor = attn.prepare_attention_mask(mask, tokens, batch)
    return prepared.view(batch, attn.heads, -1, prepared.shape[-1])
