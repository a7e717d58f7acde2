"""MS-Diffusion's adapter: image prompts of several subjects, each in its box, beside the text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vivant.adapters.attention import FixedKeys, KeyValue, cross_layers, fix_text, split_heads
from vivant.adapters.boxes import cells, layer_sizes, looks
from vivant.adapters.resampler import GroundingResampler, ResamplerSizes, sizes_of
from vivant.errors import ModelError
from vivant.models.tensor_files import SAFE, load_strict, read_tensors, write_pickle, write_tensors

GAMMA = 0.6
"""How strong the image's term is beside the text's, as published."""
DUMMY_TOKENS = 4
_METADATA = "vivant.resampler"
_PUBLISHED = ResamplerSizes()


@dataclass(frozen=True)
class ImagePrompt:
    """The subjects of a batch of pictures, ready for cross-attention.

    Attributes:
        tokens: [B, N, Q, C], from the resampler.
        boxes: [B, N, 4] float32 x0, y0, x1, y1 in [0, 1]. A subject of zero area has no effect: it is how pictures with
            fewer subjects fill up a batch.
        scales: [B, N], how strong each subject is.
    """

    tokens: Tensor
    boxes: Tensor
    scales: Tensor

    def __post_init__(self) -> None:
        batch = tuple(self.tokens.shape[:2])
        for name, wanted in (("boxes", (*batch, 4)), ("scales", batch)):
            found = tuple(getattr(self, name).shape)
            if self.tokens.ndim != 4 or found != wanted:
                raise ModelError(f"an image prompt with tokens {list(self.tokens.shape)} and {name} {list(found)}")


def join_prompts(prompts: Sequence[ImagePrompt]) -> ImagePrompt:
    """Several batches as one, in order; pictures with fewer subjects get empty ones."""
    most = max(prompt.tokens.shape[1] for prompt in prompts)

    def joined(name: str) -> Tensor:
        parts = [getattr(prompt, name) for prompt in prompts]
        return torch.cat([F.pad(part, (0, 0) * (part.ndim - 2) + (0, most - part.shape[1])) for part in parts])

    return ImagePrompt(joined("tokens"), joined("boxes"), joined("scales"))


class MsAdapter(nn.Module):  # type: ignore[misc]
    """The resampler, and K and V of image tokens for every cross-attention. Parameters are named as published.

    The dummy tokens come with every checkpoint. As published, positions of no subject attend to them and what they give
    is set to zero: nothing depends on them, so they are kept in the file, and a token of zeros does their work.
    """

    def __init__(self, sizes: ResamplerSizes, widths: Mapping[int, int], dummies: int = DUMMY_TOKENS) -> None:
        """As large as `sizes`, with random weights of torch's global generator.

        Args:
            sizes: of the resampler.
            widths: number of a cross-attention layer -> its width.
            dummies: number of dummy tokens.
        """
        super().__init__()
        self.image_proj = GroundingResampler(sizes)
        self.ms_adapter = nn.ModuleDict({str(n): _Projections(sizes.output, width) for n, width in widths.items()})
        self.register_buffer("dummy_image_tokens", torch.randn(1, dummies, sizes.output))

    @property
    def sizes(self) -> ResamplerSizes:
        """Of its resampler."""
        return self.image_proj.sizes

    def forward(self, features: Tensor, phrases: Tensor, boxes: Tensor, dropped: Tensor | None = None) -> Tensor:
        """Image tokens [B, N, Q, C], see `GroundingResampler.forward`; inputs on any device, in any precision."""
        features, phrases = (part.to(self.dummy_image_tokens) for part in (features, phrases))
        dropped = None if dropped is None else dropped.to(features.device)
        tokens: Tensor = self.image_proj(features, phrases, boxes.to(features.device), dropped)
        return tokens

    def prompt(
        self,
        features: Tensor,
        phrases: Tensor,
        boxes: Tensor,
        *,
        dropped: Tensor | None = None,
        scales: float | Sequence[float] | Tensor = GAMMA,
    ) -> ImagePrompt:
        """An image prompt of subjects.

        Args:
            features: [B, N, tokens, D] of the image encoder, local tokens after the others.
            phrases: [B, N, P] of the nouns.
            boxes: [B, N, 4] x0, y0, x1, y1 in [0, 1].
            dropped: [B, N] bool, whose phrase and box the resampler is not told.
            scales: one for all, one a subject, or [B, N].
        """
        tokens = self(features, phrases, boxes, dropped)
        strength = torch.as_tensor(scales, dtype=tokens.dtype, device=tokens.device)
        return ImagePrompt(tokens, boxes.float().to(tokens.device), strength.expand(tokens.shape[:2]))

    def keys(self, tokens: Tensor) -> dict[int, tuple[Tensor, Tensor]]:
        """Number of a layer -> K and V of image tokens, [..., width of the layer] for tokens [..., C]."""
        return {int(n): (layer.to_k_ip(tokens), layer.to_v_ip(tokens)) for n, layer in self.ms_adapter.items()}


class _Projections(nn.Module):  # type: ignore[misc]
    def __init__(self, text: int, width: int) -> None:
        super().__init__()
        self.to_k_ip = nn.Linear(text, width, bias=False)
        self.to_v_ip = nn.Linear(text, width, bias=False)


def fix_keys(
    unet: Any, adapter: MsAdapter, prompt: ImagePrompt, *, size: tuple[int, int], states: Tensor | None = None
) -> FixedKeys:
    """Everything of a picture's conditions that stays the same at all steps, for `cross_attention_kwargs` as "fixed".

    Args:
        unet: the base, see `vivant.adapters.attention.attach`.
        adapter: made for it.
        prompt: of b pictures, the last b rows of the UNet's batch.
        size: height and width of the latents.
        states: [B, tokens, width] of the text, for all rows of the batch, to compute its keys once too; None leaves
            them to every call, as training a LoRA on them needs.
    """
    sizes = layer_sizes(unet, *size)
    attention = cross_layers(unet)
    tokens, scales = prompt.tokens.flatten(1, 2), prompt.scales.repeat_interleave(prompt.tokens.shape[2], dim=1)
    image = {
        number: _with_nothing(attention[number], key, value * scales[..., None])
        for number, (key, value) in adapter.keys(tokens).items()
    }
    placed = {at: looks(cells(prompt.boxes, *grid), prompt.tokens.shape[2]) for at, grid in sizes.items()}
    text = fix_text(unet, states).text if states is not None else {}
    return FixedKeys(text=text, image=image, looks=placed, sizes=sizes)


def _with_nothing(attn: Any, key: Tensor, value: Tensor) -> KeyValue:
    """K and V [B, tokens, width] by heads, a token of zeros before the others: what positions of no subject look at."""
    key, value = (split_heads(attn, F.pad(part, (0, 0, 1, 0))) for part in (key, value))
    return key, value


def new_ms_adapter(unet: Any, sizes: ResamplerSizes) -> MsAdapter:
    """An adapter to be trained: the resampler random (torch's global generator), K and V those of the base's text.

    Args:
        unet: the base.
        sizes: of the resampler.

    Raises:
        ModelError: image tokens of another width than the base's text.
    """
    width = unet.config.cross_attention_dim
    if sizes.output != width:
        raise ModelError(f"image tokens of width {sizes.output}, and a base whose text has {width}: make them equal")
    adapter = MsAdapter(sizes, _widths(unet))
    with torch.no_grad():
        for number, attn in cross_layers(unet).items():
            adapter.ms_adapter[str(number)].to_k_ip.weight.copy_(attn.to_k.weight)
            adapter.ms_adapter[str(number)].to_v_ip.weight.copy_(attn.to_v.weight)
    return adapter.to(unet.device)  # type: ignore[no-any-return]


def load_ms_adapter(path: Path, unet: Any, sizes: ResamplerSizes | None = None) -> MsAdapter:
    """An adapter from disk, frozen, on the base's device and in its precision.

    Args:
        path: the published `ms_adapter.bin`, or safetensors of the same names joined by dots.
        unet: the base that it is for.
        sizes: of its resampler. None takes them from our file's metadata, else from its tensors, and then its heads are
            64 wide and its boxes have 8 frequencies, as published.

    Raises:
        ModelError: the file is missing or broken, or a tensor is missing, unexpected or of another shape.
    """
    tensors, metadata = read_tensors(path)
    adapter = _empty(unet, sizes or _sizes(tensors, metadata, str(path)), tensors)
    load_strict(adapter, tensors, str(path))
    return adapter.to(unet.device, unet.dtype).requires_grad_(False).eval()  # type: ignore[no-any-return]


def save_ms_adapter(adapter: MsAdapter, path: Path) -> None:
    """Write an adapter, atomically: as safetensors, or where the name ends in .bin in the published layout.

    The published layout does not say how wide a head is; ours does.

    Raises:
        StoreError: the file cannot be written.
    """
    tensors = {name: tensor.detach().cpu() for name, tensor in adapter.state_dict().items()}
    if path.suffix == SAFE:
        write_tensors(path, tensors, {_METADATA: json.dumps(asdict(adapter.sizes))})
        return
    nested = {
        part: {name.removeprefix(f"{part}."): value for name, value in tensors.items() if name.startswith(f"{part}.")}
        for part in ("image_proj", "ms_adapter")
    }
    write_pickle(path, {**nested, "dummy_image_tokens": tensors["dummy_image_tokens"]})


def _empty(unet: Any, sizes: ResamplerSizes, tensors: Mapping[str, Tensor]) -> MsAdapter:
    """Shaped for the base and the file, without memory of its own."""
    dummies = tensors.get("dummy_image_tokens")
    count = dummies.shape[1] if dummies is not None and dummies.ndim == 3 else DUMMY_TOKENS
    with torch.device("meta"):
        return MsAdapter(sizes, _widths(unet), count)


def _sizes(tensors: Mapping[str, Tensor], metadata: Mapping[str, str], source: str) -> ResamplerSizes:
    if _METADATA in metadata:
        try:
            return ResamplerSizes(**json.loads(metadata[_METADATA]))
        except (ValueError, TypeError) as error:
            raise ModelError(f"{source}: its metadata {_METADATA!r} cannot be read ({error})") from error
    own = {name.removeprefix("image_proj."): value for name, value in tensors.items() if name.startswith("image_proj.")}
    return sizes_of(own, source, head=_PUBLISHED.head, frequencies=_PUBLISHED.frequencies)


def _widths(unet: Any) -> dict[int, int]:
    return {number: attn.inner_dim for number, attn in cross_layers(unet).items()}
