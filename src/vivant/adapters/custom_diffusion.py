"""Custom Diffusion (Kumari et al. 2023, section 3.2): W_k and W_v of a UNet's text cross-attention, and nothing else.

They are 5 % of Stable Diffusion's parameters. The base's own matrices are put aside, not changed: taken off, it is what
it was, bit for bit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch import nn

from vivant.adapters.attention import cross_layers
from vivant.errors import ModelError
from vivant.models.tensor_files import SAFE, read_tensors, write_tensors

WEIGHTS = "pytorch_custom_diffusion_weights"
"""Name of diffusers' file, as .safetensors or .bin."""
_PARTS = ("to_k", "to_v")
_SUFFIX = "_custom_diffusion.weight"
_OUTPUT = ("to_q_custom_diffusion", "to_out_custom_diffusion")
_MADE = "vivant"


class KeyValues(nn.Module):  # type: ignore[misc]
    """W_k and W_v of every cross-attention, in float32.

    Attributes:
        names: module of the UNet that each stands for, in order.
        weights: [out, in] each.
    """

    def __init__(self, names: list[str], weights: list[nn.Parameter]) -> None:
        super().__init__()
        self.names, self.weights = names, nn.ParameterList(weights)


def new_key_values(unet: Any) -> KeyValues:
    """Copies of the base's own, to be trained."""
    layers = _layers(unet)
    copies = [nn.Parameter(layer.weight.detach().float().clone()) for layer in layers.values()]
    return KeyValues(list(layers), copies)


@contextmanager
def key_values(unet: Any, tuned: KeyValues) -> Iterator[None]:
    """A UNet that computes with these for the time of a block, and with its own again afterwards.

    LoRAs that are there act on top of them.
    """
    layers = _layers(unet)
    own = {name: layers[name].weight for name in tuned.names}
    try:
        for name, weight in zip(tuned.names, tuned.weights, strict=True):
            layers[name].weight = weight
        yield
    finally:
        for name, weight in own.items():
            layers[name].weight = weight


def put_key_values(unet: Any, tuned: KeyValues) -> None:
    """Give a UNet these for good, in its own precision."""
    layers = _layers(unet)
    for name, weight in zip(tuned.names, tuned.weights, strict=True):
        layers[name].weight.data.copy_(weight.detach())


def key_values_path(folder: Path) -> Path | None:
    """The file in a run's folder, if there is one."""
    found = (folder / f"{WEIGHTS}{suffix}" for suffix in (SAFE, ".bin"))
    return next((path for path in found if path.is_file()), None)


def save_key_values(tuned: KeyValues, folder: Path, made: Mapping[str, Any]) -> Path:
    """Write `pytorch_custom_diffusion_weights.safetensors` in the diffusers layout, atomically.

    Raises:
        StoreError: it cannot be written.
    """
    tensors = {_key(name): weight for name, weight in zip(tuned.names, tuned.weights, strict=True)}
    path = folder / f"{WEIGHTS}{SAFE}"
    write_tensors(path, tensors, {_MADE: json.dumps(dict(made), sort_keys=True)})
    return path


def load_key_values(unet: Any, path: Path) -> KeyValues:
    """From a file, on the UNet's device, frozen.

    Args:
        unet: diffusers' UNet2DConditionModel.
        path: .safetensors, or the .bin of earlier versions, of which only data is read.

    Raises:
        ModelError: missing, broken, incomplete, or made for another base; names the first key that does not fit.
    """
    # diffusers' .bin has an empty table for every self-attention, of which nothing is left when it is flattened.
    tensors, _ = read_tensors(path)
    wanted = {_key(name): layer.weight for name, layer in _layers(unet).items()}
    for key in sorted(tensors.keys() - wanted.keys()):
        if any(part in key for part in _OUTPUT):
            raise ModelError(f"{path}: {key}: it was trained with queries and outputs too, which is not supported")
        raise ModelError(f"{path}: unexpected {key}: made for another base, or not of Custom Diffusion")
    for key in sorted(wanted.keys() - tensors.keys()):
        raise ModelError(f"{path}: missing {key}: the file is not whole, or made for another base")
    for key, weight in wanted.items():
        if tensors[key].shape != weight.shape:
            raise ModelError(
                f"{path}: {key} has shape {list(tensors[key].shape)}, and this base's is {list(weight.shape)}: made "
                "for another base"
            )
    copies = [nn.Parameter(tensors[key].float().to(weight.device)) for key, weight in wanted.items()]
    return KeyValues(list(_layers(unet)), copies).requires_grad_(False)  # type: ignore[no-any-return]


def _layers(unet: Any) -> dict[str, nn.Linear]:
    """Name -> projection, without the LoRA that may be around it."""
    cross = {id(attn) for attn in cross_layers(unet).values()}
    found: dict[str, nn.Linear] = {}
    for name, module in unet.named_modules():
        if id(module) in cross:
            for part in _PARTS:
                layer = getattr(module, part)
                found[f"{name}.{part}"] = getattr(layer, "base_layer", layer)
    return found


def _key(name: str) -> str:
    """ "…attn2.to_k" -> "…attn2.processor.to_k_custom_diffusion.weight"."""
    module, _, part = name.rpartition(".")
    return f"{module}.processor.{part}{_SUFFIX}"
