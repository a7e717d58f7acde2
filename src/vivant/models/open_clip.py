"""An open_clip state dict's vision half, in the names and the settings of transformers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from vivant.errors import ModelError
from vivant.models.tensor_files import SAFE, flattened, read_pickle, read_tensors

DEFAULT_ACTIVATION = "gelu"
"""OpenCLIP's own; OpenAI's weights, and models named quickgelu, have quick_gelu."""
_HEADS = {384: 6, 512: 8, 640: 10, 768: 12, 896: 14, 1024: 16, 1280: 16, 1408: 16, 1664: 16}
"""Width of OpenCLIP's vision transformers -> heads; the tensors do not tell."""
_PREFIX = "visual."
_ADVICE = "expected the state dict of an open_clip vision transformer, whole"
_TEXT_HALF = (
    "transformer.",
    "token_embedding.",
    "positional_embedding",
    "ln_final.",
    "text_projection",
    "logit_scale",
    "logit_bias",
    "attn_mask",
    "text.",
)
_VISION = "vision_model."
_TOP = {
    "class_embedding": _VISION + "embeddings.class_embedding",
    "conv1.weight": _VISION + "embeddings.patch_embedding.weight",
    "positional_embedding": _VISION + "embeddings.position_embedding.weight",
    "ln_pre.weight": _VISION + "pre_layrnorm.weight",
    "ln_pre.bias": _VISION + "pre_layrnorm.bias",
    "ln_post.weight": _VISION + "post_layernorm.weight",
    "ln_post.bias": _VISION + "post_layernorm.bias",
    "proj": "visual_projection.weight",
}
_BLOCK = {
    "ln_1.": "layer_norm1.",
    "ln_2.": "layer_norm2.",
    "mlp.c_fc.": "mlp.fc1.",
    "mlp.c_proj.": "mlp.fc2.",
    "attn.out_proj.": "self_attn.out_proj.",
}
_BLOCKS = "transformer.resblocks."


@dataclass(frozen=True)
class VisionWeights:
    """A vision transformer as read.

    Attributes:
        config: for transformers' CLIPVisionConfig.
        tensors: by transformers' names.
        names: transformers' name -> the file's.
    """

    config: Mapping[str, Any]
    tensors: Mapping[str, Tensor]
    names: Mapping[str, str]


def read_open_clip(path: Path, heads: int | None, activation: str) -> VisionWeights:
    """The vision half of a file, every tensor of it and no other.

    The names may begin with ``visual.``, beside a text half that is left out, or be the vision half's alone.
    Checkpoints of open_clip's training hold them under "state_dict", with ``module.`` before each.

    Args:
        path: a pickle of `torch.save`, or safetensors.
        heads: of attention; None is what OpenCLIP has for the width.
        activation: of the feed-forward layers, as transformers names it.

    Raises:
        ModelError: a file that cannot be read, or a tensor that is missing or unexpected.
    """
    tensors = _tensors(path)
    prefix = _PREFIX if any(name.startswith(_PREFIX) for name in tensors) else ""
    given = {name: value for name, value in tensors.items() if not (prefix and name.startswith(_TEXT_HALF))}
    blocks = prefix + _BLOCKS
    layers = len({name.removeprefix(blocks).partition(".")[0] for name in given if name.startswith(blocks)})
    ours = {prefix + theirs: mine for theirs, mine in _names(layers).items()}
    for fault, names in (("missing", ours.keys() - given.keys()), ("unexpected", given.keys() - ours.keys())):
        if names:
            raise ModelError(f"{path}: {fault} {min(names)}: {_ADVICE}")
    return VisionWeights(
        config=_config({name.removeprefix(prefix): given[name] for name in ours}, layers, heads, activation, str(path)),
        tensors={mine: part for name in ours for mine, part in _parts(ours[name], given[name])},
        names={mine: name for name in ours for mine in ours[name]},
    )


def _tensors(path: Path) -> dict[str, Tensor]:
    if path.suffix == SAFE:
        return read_tensors(path)[0]
    table = read_pickle(path)
    if isinstance(table, Mapping) and isinstance(table.get("state_dict"), Mapping):
        table = table["state_dict"]
    return {name.removeprefix("module."): value for name, value in flattened(table, str(path)).items()}


def _names(layers: int) -> dict[str, tuple[str, ...]]:
    """The file's names, without prefix, and transformers': Q, K and V of a layer lie in one tensor there."""
    names: dict[str, tuple[str, ...]] = {theirs: (mine,) for theirs, mine in _TOP.items()}
    for number in range(max(layers, 1)):
        theirs, mine = f"{_BLOCKS}{number}.", f"{_VISION}encoder.layers.{number}."
        for kind in ("weight", "bias"):
            names |= {f"{theirs}{part}{kind}": (f"{mine}{own}{kind}",) for part, own in _BLOCK.items()}
            names[f"{theirs}attn.in_proj_{kind}"] = tuple(f"{mine}self_attn.{one}_proj.{kind}" for one in "qkv")
    return names


def _parts(names: tuple[str, ...], value: Tensor) -> Iterator[tuple[str, Tensor]]:
    if names == (_TOP["proj"],):
        yield names[0], value.T.contiguous()
    else:
        # Copies: parts of one tensor would later be written with the whole of it.
        yield from zip(names, (part.clone() for part in value.chunk(len(names))), strict=False)


def _config(
    given: Mapping[str, Tensor], layers: int, heads: int | None, activation: str, source: str
) -> dict[str, Any]:
    known = ("conv1.weight", "positional_embedding", f"{_BLOCKS}0.mlp.c_fc.weight", "proj")
    patches, positions, hidden, projection = (given[name] for name in known)
    for name in known:
        if given[name].ndim < 2:
            raise ModelError(f"{source}: {name} has shape {list(given[name].shape)}: {_ADVICE}")
    width, patch = patches.shape[0], patches.shape[-1]
    heads = heads or _HEADS.get(width)
    if heads is None or width % heads:
        raise ModelError(f"{source}: a width of {width} and {heads} heads: give the number of heads of its attention")
    return {
        "hidden_size": width,
        "intermediate_size": hidden.shape[0],
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "patch_size": patch,
        "image_size": round((len(positions) - 1) ** 0.5) * patch,
        "projection_dim": projection.shape[-1],
        "hidden_act": activation,
    }
