"""RelationLoRA: low-rank additions to the text cross-attention of a UNet, and nothing else (section 3.4.1).

Made and run by peft inside diffusers' UNet, so attention processors meet them in `to_q`, `to_k`, `to_v` and `to_out`
as if they were the base's own. Several may be there at once, each at a weight.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn

from vivant.adapters.lora_file import LoraLayer, lora_path, read_lora, write_lora
from vivant.errors import MissingExtraError, ModelError

RANK = 4
"""r of section 4."""
TARGETS = r".*\.attn2\.(to_q|to_k|to_v|to_out\.0)"
"""W_q, W_k, W_v and W_out of every text cross-attention (section 3.4.1)."""
NAME = "relation"
"""Of the adapter that is being trained."""


def add_relation_lora(
    unet: Any,
    generator: torch.Generator,
    *,
    rank: int = RANK,
    alpha: float | None = None,
    name: str = NAME,
    targets: str = TARGETS,
) -> list[nn.Parameter]:
    """Put a new LoRA into a UNet; until it is trained it changes nothing. What trained before goes on training.

    Args:
        unet: diffusers' UNet2DConditionModel.
        generator: of the CPU; the first weights are drawn from it.
        rank: of the additions.
        alpha: the additions count alpha / rank; None is the rank.
        name: of the adapter.
        targets: pattern of the modules that it acts on.

    Returns:
        Its parameters, in float32 whatever the UNet computes in.

    Raises:
        MissingExtraError: peft is not installed.
        ModelError: the name is taken.
    """
    config = _config(r=rank, lora_alpha=rank if alpha is None else alpha, target_modules=targets)
    _add(unet, config, name)
    for key, parameter in _parameters(unet, name).items():
        parameter.data = parameter.data.float()
        if ".lora_A." in key and not parameter.is_meta:
            parameter.data.copy_(torch.randn(parameter.shape, generator=generator) / rank)
    return list(_parameters(unet, name).values())


def save_lora(unet: Any, path: Path, made: Mapping[str, Any], name: str = NAME) -> None:
    """Write one LoRA of a UNet as `pytorch_lora_weights.safetensors` in the diffusers layout, alpha with it.

    Args:
        unet: that has it.
        path: a folder, or a file ending in .safetensors.
        made: how it was made, kept in the file's header.
        name: of the adapter.

    Raises:
        StoreError: it cannot be written.
    """
    from peft.utils import get_peft_model_state_dict

    config = unet.peft_config[name]
    targets = config.target_modules
    kept = {
        "r": config.r,
        "lora_alpha": config.lora_alpha,
        "target_modules": targets if isinstance(targets, str) else sorted(targets),
        "rank_pattern": dict(config.rank_pattern),
        "alpha_pattern": dict(config.alpha_pattern),
    }
    write_lora(path, get_peft_model_state_dict(unet, adapter_name=name), kept, made)


def load_lora(unet: Any, path: Path, name: str, weight: float = 1.0) -> None:
    """Put a LoRA from disk into a UNet, frozen, beside those that it has.

    Any linear layer or convolution of the UNet may have been trained, at any rank.

    Args:
        unet: diffusers' UNet2DConditionModel.
        path: of the file, or of the folder that holds it.
        name: to call it by; one that is not taken.
        weight: how strongly it acts.

    Raises:
        MissingExtraError: peft is not installed.
        ModelError: missing, broken, or made for another base; names the first key that does not fit.
    """
    layers = read_lora(path)
    _refuse_other_bases(unet, lora_path(path), layers)
    first = next(iter(layers.values()))
    config = _config(
        r=first.rank,
        lora_alpha=first.alpha,
        target_modules=rf"({'|'.join(map(re.escape, layers))})",
        rank_pattern={rf"^{re.escape(key)}": one.rank for key, one in layers.items() if one.rank != first.rank},
        alpha_pattern={rf"^{re.escape(key)}": one.alpha for key, one in layers.items() if one.alpha != first.alpha},
    )
    weights = {**lora_weights(unet), name: weight}
    _add(unet, config, name)
    for module, layer in layers.items():
        tuned = unet.get_submodule(module)
        tuned.lora_A[name].weight.data.copy_(layer.down)
        tuned.lora_B[name].weight.data.copy_(layer.up)
    for parameter in _parameters(unet, name).values():
        parameter.requires_grad_(False)
    weigh_loras(unet, weights)


def weigh_loras(unet: Any, weights: Mapping[str, float]) -> None:
    """Let exactly these LoRAs act, each at its weight; one that is not named does not act.

    Raises:
        ModelError: no LoRA of that name is there.
    """
    for name in weights:
        if name not in getattr(unet, "peft_config", {}):
            there = ", ".join(getattr(unet, "peft_config", {})) or "none"
            raise ModelError(f"no LoRA {name!r} in this UNet; there are: {there}")
    with _same_gradients(unet):
        unet.set_adapters(list(weights), weights=list(weights.values()))


def lora_weights(unet: Any) -> dict[str, float]:
    """Which LoRAs act, and how strongly."""
    weights: dict[str, float] = {}
    for module in _tuned(unet).values():
        for name in module.active_adapters:
            if name in module.scaling:
                weights[name] = module.scaling[name] * module.r[name] / module.lora_alpha[name]
    return weights


@contextmanager
def without_loras(unet: Any) -> Iterator[None]:
    """The base alone for the time of a block; a UNet that has no LoRA is left as it is."""
    if not _tuned(unet):
        yield
        return
    with _same_gradients(unet):
        unet.disable_lora()
    try:
        yield
    finally:
        with _same_gradients(unet):
            unet.enable_lora()


@contextmanager
def merged_loras(unet: Any) -> Iterator[None]:
    """The acting LoRAs added into the base's weights for the time of a block: the same pictures, no extra work a step.

    In half precision taking them out again leaves rounding errors: meant for pictures, not for training.
    """
    if _tuned(unet):
        unet.fuse_lora()
    try:
        yield
    finally:
        if _tuned(unet):
            unet.unfuse_lora()


def _add(unet: Any, config: Any, name: str) -> None:
    if name in getattr(unet, "peft_config", {}):
        raise ModelError(f"a LoRA {name!r} is in this UNet already: choose another name")
    before = lora_weights(unet)
    flags = {parameter: parameter.requires_grad for parameter in unet.parameters()}
    # peft draws first weights that are thrown away here: not from the caller's randomness.
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Already found a `peft_config`")  # several are meant
        unet.add_adapter(config, adapter_name=name)
    for parameter, flag in flags.items():
        parameter.requires_grad_(flag)
    if before:
        weigh_loras(unet, {**before, name: 1.0})


def _config(**values: Any) -> Any:
    try:
        from peft import LoraConfig
    except ImportError as error:
        raise MissingExtraError("peft", "models", "a LoRA") from error
    return LoraConfig(init_lora_weights=True, **values)


def _tuned(unet: Any) -> dict[str, Any]:
    """Name -> module, of all that have a LoRA."""
    if not getattr(unet, "peft_config", None):
        return {}
    from peft.tuners.lora import LoraLayer as Tuned

    return {name: module for name, module in unet.named_modules() if isinstance(module, Tuned)}


def _parameters(unet: Any, name: str) -> dict[str, nn.Parameter]:
    """Of one LoRA, in the UNet's own order."""
    return {
        key: value for key, value in unet.named_parameters() if f".lora_A.{name}." in key or f".lora_B.{name}." in key
    }


@contextmanager
def _same_gradients(unet: Any) -> Iterator[None]:
    """peft turns gradients on and off as adapters come and go; what trains is the caller's to say."""
    flags = {parameter: parameter.requires_grad for parameter in unet.parameters()}
    yield
    for parameter, flag in flags.items():
        parameter.requires_grad_(flag)


def _refuse_other_bases(unet: Any, file: Path, layers: Mapping[str, LoraLayer]) -> None:
    modules = dict(unet.named_modules())
    for name, layer in layers.items():
        module = modules.get(name)
        module = getattr(module, "base_layer", module)
        if not isinstance(module, nn.Linear | nn.Conv2d):
            raise ModelError(f"{file}: {layer.key}: this base has no such layer; the LoRA was made for another base")
        wanted = list(module.weight.shape)
        found = [layer.up.shape[0], *layer.down.shape[1:]]
        if found != wanted:
            raise ModelError(
                f"{file}: {layer.key} changes a weight of shape {found}, and this base's is {wanted}; the LoRA was "
                "made for another base"
            )
