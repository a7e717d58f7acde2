"""A LoRA on disk, in the diffusers layout: `unet.<module>.lora_A.weight`, and alpha in the file's metadata.

What other versions of diffusers wrote is read too: `lora.down` and `lora.up`, `.alpha` beside the weights.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from vivant.errors import ModelError
from vivant.models.tensor_files import SAFE, read_tensors, write_tensors

WEIGHTS = "pytorch_lora_weights.safetensors"
METADATA = "lora_adapter_metadata"
"""Where diffusers keeps peft's configuration in the file's header."""
MADE = "vivant"
"""Where we keep how it was made."""
_KEY = re.compile(
    r"unet\.(?P<module>.+?)\.(?P<part>lora_A\.weight|lora_B\.weight|lora\.down\.weight|lora\.up\.weight|alpha)"
)
_PARTS = {"lora_A.weight": "down", "lora.down.weight": "down", "lora_B.weight": "up", "lora.up.weight": "up"}
_ADVICE = "give a LoRA in the diffusers layout, as safetensors"


@dataclass(frozen=True)
class LoraLayer:
    """What a LoRA adds to one module: alpha / rank * up @ down.

    Attributes:
        key: of its first tensor in the file, for messages.
        down: [rank, in], or [rank, in, k, k] for a convolution.
        up: [out, rank], or [out, rank, 1, 1].
        alpha: the rank where the file says nothing.
    """

    key: str
    down: Tensor
    up: Tensor
    alpha: float

    @property
    def rank(self) -> int:
        """Width of the bottleneck."""
        return int(self.down.shape[0])


def lora_path(path: Path) -> Path:
    """The file itself, whether a run's folder or the file is named.

    Raises:
        ModelError: there is none.
    """
    file = path / WEIGHTS if path.is_dir() else path
    if not file.is_file():
        raise ModelError(f"{path}: no LoRA there; give a {WEIGHTS}, or the folder that holds one")
    return file


def read_lora(path: Path) -> dict[str, LoraLayer]:
    """Module of the UNet -> what is added to it, in the order of the file, on the CPU.

    Args:
        path: the file, or the folder that holds it.

    Raises:
        ModelError: missing, broken, of another layout, or incomplete; names the first key that does not fit.
    """
    file = lora_path(path)
    if file.suffix != SAFE:
        raise ModelError(f"{file}: {_ADVICE}")
    tensors, metadata = read_tensors(file)
    found: dict[str, dict[str, tuple[str, Tensor]]] = {}
    for key, value in tensors.items():
        match = _KEY.fullmatch(key)
        if match is None:
            raise ModelError(f"{file}: {key} is not of the diffusers LoRA layout for a UNet: {_ADVICE}")
        part = match["part"]
        found.setdefault(match["module"], {})[_PARTS.get(part, part)] = (key, value)
    if not found:
        raise ModelError(f"{file}: holds no weights")
    given = _given_alpha(file, metadata)
    return {module: _layer(file, module, parts, given) for module, parts in found.items()}


def write_lora(path: Path, tensors: Mapping[str, Tensor], config: Mapping[str, Any], made: Mapping[str, Any]) -> None:
    """Write a LoRA as diffusers does, atomically.

    Args:
        path: a file ending in .safetensors, or a folder that gets `pytorch_lora_weights.safetensors`.
        tensors: "<module>.lora_A.weight" and so on, without a prefix.
        config: peft's, as `LoraConfig(**config)` takes it: rank and alpha among it.
        made: how it was made.

    Raises:
        StoreError: it cannot be written.
    """
    header = {
        METADATA: json.dumps({f"unet.{name}": value for name, value in config.items()}, sort_keys=True),
        MADE: json.dumps(dict(made), sort_keys=True),
    }
    values = {f"unet.{key}": value.detach().float() for key, value in tensors.items()}
    write_tensors(path if path.suffix == SAFE else path / WEIGHTS, values, header)


def _layer(file: Path, module: str, parts: Mapping[str, tuple[str, Tensor]], given: Mapping[str, Any]) -> LoraLayer:
    first = next(iter(parts.values()))[0]
    for part, name in (("down", "lora_A"), ("up", "lora_B")):
        if part not in parts:
            raise ModelError(f"{file}: {first} has no {name} beside it: the file is incomplete")
    (key, down), (_, up) = parts["down"], parts["up"]
    if down.ndim not in (2, 4) or up.ndim != down.ndim or up.shape[1] != down.shape[0]:
        raise ModelError(f"{file}: {key} of shape {list(down.shape)} does not go with {list(up.shape)}")
    alpha = float(parts["alpha"][1]) if "alpha" in parts else _alpha_of(module, int(down.shape[0]), given)
    return LoraLayer(key, down, up, alpha)


def _given_alpha(file: Path, metadata: Mapping[str, str]) -> dict[str, Any]:
    """What peft's configuration in the header says of alpha; {} where it says nothing."""
    if METADATA not in metadata:
        return {}
    try:
        values = json.loads(metadata[METADATA])
        told = {name.removeprefix("unet."): value for name, value in values.items() if name.startswith("unet.")}
        if told.get("use_dora"):
            raise ModelError(f"{file}: a DoRA, which is not supported")
        patterns = {str(name): float(alpha) for name, alpha in (told.get("alpha_pattern") or {}).items()}
        for name in patterns:
            re.compile(name)
        alpha = told.get("lora_alpha")
        root = bool(told.get("use_rslora"))
        return {"alpha": None if alpha is None else float(alpha), "patterns": patterns, "root": root}
    except (ValueError, TypeError, AttributeError, re.error) as error:
        raise ModelError(f"{file}: its header does not say alpha as diffusers writes it ({error})") from error


def _alpha_of(module: str, rank: int, given: Mapping[str, Any]) -> float:
    """peft's rule: the first pattern that the module's name ends with, else the common alpha, else the rank."""
    alpha = given.get("alpha")
    for pattern, value in given.get("patterns", {}).items():
        if re.fullmatch(rf"(.*\.)?({pattern})", module):
            alpha = value
            break
    if alpha is None:
        return float(rank)
    # rsLoRA divides by the rank's root; written as an alpha, everything after it divides by the rank.
    return float(alpha) * (rank**0.5 if given.get("root") else 1.0)
