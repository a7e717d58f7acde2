"""MS-Diffusion's grounding resampler: a subject's picture, its phrase and its box become a few image tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vivant.errors import ModelError

BASE_FREQUENCY = 100.0
"""Fourier frequencies of a box grow towards it."""


@dataclass(frozen=True)
class ResamplerSizes:
    """How large a resampler is; as published for SDXL unless told otherwise.

    Attributes:
        dim: of queries.
        depth: layers.
        head: width of an attention head.
        heads: of attention.
        queries: image tokens a subject.
        features: width of the image features, CLIP ViT-bigG-14's penultimate hidden states.
        output: width of image tokens, that of the base's text.
        feed_forward: its hidden width, in times `dim`.
        phrase: width of a phrase's embedding, text encoder 1's pooled output.
        frequencies: of the Fourier features of a box.
    """

    dim: int = 1280
    depth: int = 4
    head: int = 64
    heads: int = 20
    queries: int = 16
    features: int = 1664
    output: int = 2048
    feed_forward: int = 4
    phrase: int = 768
    frequencies: int = 8

    def __post_init__(self) -> None:
        for entry in fields(self):
            value = getattr(self, entry.name)
            if type(value) is not int or value < 1:
                raise ModelError(f"a resampler with {entry.name} {value!r}: give a whole number from 1 on")


class GroundingResampler(nn.Module):  # type: ignore[misc]
    """Queries made of a phrase and a box read a picture's features. Parameters are named as in `ms_adapter.bin`."""

    def __init__(self, sizes: ResamplerSizes) -> None:
        super().__init__()
        self.sizes = sizes
        grounding = sizes.phrase + 8 * sizes.frequencies  # sine and cosine of four coordinates
        self.grounding_latents = nn.Parameter(torch.randn(1, sizes.queries, sizes.dim) / sizes.dim**0.5)
        self.latent_proj = nn.Sequential(
            nn.Linear(grounding, 2 * grounding), nn.GELU(), nn.Linear(2 * grounding, sizes.queries * sizes.dim)
        )
        self.latent_norm = nn.LayerNorm(sizes.dim)
        self.proj_in = nn.Linear(sizes.features, sizes.dim)
        self.layers = nn.ModuleList(
            nn.ModuleList([_Attention(sizes), _feed_forward(sizes)]) for _ in range(sizes.depth)
        )
        self.attention_norm = nn.LayerNorm(sizes.dim)
        self.proj_out = nn.Linear(sizes.dim, sizes.output)
        self.norm_out = nn.LayerNorm(sizes.output)

    def forward(self, features: Tensor, phrases: Tensor, boxes: Tensor, dropped: Tensor | None = None) -> Tensor:
        """Image tokens [B, N, Q, output] of every subject, each apart from the others.

        Args:
            features: [B, N, tokens, features], any number of tokens: CLIP's 257, and local tokens after them.
            phrases: [B, N, phrase], each subject's noun.
            boxes: [B, N, 4] x0, y0, x1, y1 in [0, 1].
            dropped: [B, N] bool, subjects whose phrase and box are not told: learned queries stand in for them.
        """
        queries = self._queries(phrases, boxes)
        if dropped is not None:
            queries = torch.where(dropped[..., None, None], self.grounding_latents, queries)
        batch = queries.shape[:2]
        latents, seen = queries.flatten(0, 1), self.proj_in(features).flatten(0, 1)
        for attention, feed_forward in self.layers:
            latents = latents + attention(seen, latents)
            latents = latents + feed_forward(latents)
        tokens: Tensor = self.norm_out(self.proj_out(self.attention_norm(latents)))
        return tokens.unflatten(0, batch)

    def _queries(self, phrases: Tensor, boxes: Tensor) -> Tensor:
        """[B, N, Q, dim] from what is known of each subject."""
        grounding = torch.cat([phrases, fourier(boxes, self.sizes.frequencies).to(phrases)], dim=-1)
        flat: Tensor = self.latent_proj(grounding)
        normed: Tensor = self.latent_norm(flat.unflatten(-1, (self.sizes.queries, self.sizes.dim)))
        return normed


def fourier(boxes: Tensor, frequencies: int) -> Tensor:
    """Sine and cosine of coordinates times 100^(k / K), frequency by frequency, first the sines of all four.

    Args:
        boxes: [..., 4].
        frequencies: K.

    Returns:
        [..., 8 * K] float32.
    """
    powers = torch.arange(frequencies, dtype=torch.float32, device=boxes.device) / frequencies
    angles = boxes.float()[..., None, :] * (BASE_FREQUENCY**powers)[:, None]
    return torch.stack([angles.sin(), angles.cos()], dim=-2).flatten(-3)


class _Attention(nn.Module):  # type: ignore[misc]
    """Queries attend to the features and to themselves."""

    def __init__(self, sizes: ResamplerSizes) -> None:
        super().__init__()
        inner = sizes.head * sizes.heads
        self.head = sizes.head
        self.norm1 = nn.LayerNorm(sizes.dim)
        self.norm2 = nn.LayerNorm(sizes.dim)
        self.to_q = nn.Linear(sizes.dim, inner, bias=False)
        self.to_kv = nn.Linear(sizes.dim, 2 * inner, bias=False)
        self.to_out = nn.Linear(inner, sizes.dim, bias=False)

    def forward(self, seen: Tensor, latents: Tensor) -> Tensor:
        """[S, tokens, dim], [S, Q, dim] -> [S, Q, dim]."""
        seen, latents = self.norm1(seen), self.norm2(latents)
        key, value = self.to_kv(torch.cat([seen, latents], dim=1)).chunk(2, dim=-1)
        query, key, value = (
            part.unflatten(-1, (-1, self.head)).transpose(1, 2) for part in (self.to_q(latents), key, value)
        )
        out: Tensor = self.to_out(F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2))
        return out


def _feed_forward(sizes: ResamplerSizes) -> nn.Sequential:
    hidden = sizes.feed_forward * sizes.dim
    return nn.Sequential(
        nn.LayerNorm(sizes.dim),
        nn.Linear(sizes.dim, hidden, bias=False),
        nn.GELU(),
        nn.Linear(hidden, sizes.dim, bias=False),
    )


def sizes_of(tensors: Mapping[str, Tensor], source: str, *, head: int, frequencies: int) -> ResamplerSizes:
    """The sizes that a resampler's tensors tell; the width of a head and the number of frequencies they do not.

    Args:
        tensors: by name, as in `GroundingResampler.state_dict`.
        source: where they come from, for the message.
        head, frequencies: as they are to be.

    Raises:
        ModelError: a tensor is missing or has another number of dimensions, or the head does not divide the width.
    """
    _, queries, dim = _shape(tensors, "grounding_latents", 3, source)
    inner = _shape(tensors, "layers.0.0.to_q.weight", 2, source)[0]
    if inner % head:
        raise ModelError(f"{source}: attention of width {inner} has no heads of width {head}: give its sizes")
    depth = 0
    while f"layers.{depth}.0.to_q.weight" in tensors:
        depth += 1
    return ResamplerSizes(
        dim=dim,
        depth=depth,
        head=head,
        heads=inner // head,
        queries=queries,
        features=_shape(tensors, "proj_in.weight", 2, source)[1],
        output=_shape(tensors, "proj_out.weight", 2, source)[0],
        feed_forward=_shape(tensors, "layers.0.1.1.weight", 2, source)[0] // dim,
        phrase=_shape(tensors, "latent_proj.0.weight", 2, source)[1] - 8 * frequencies,
        frequencies=frequencies,
    )


def _shape(tensors: Mapping[str, Tensor], name: str, dims: int, source: str) -> tuple[int, ...]:
    tensor = tensors.get(name)
    if tensor is None:
        raise ModelError(f"{source}: missing image_proj.{name}: not an MS-Diffusion adapter")
    if tensor.ndim != dims:
        raise ModelError(f"{source}: image_proj.{name} has shape {list(tensor.shape)}, expected {dims} dimensions")
    return tuple(tensor.shape)
