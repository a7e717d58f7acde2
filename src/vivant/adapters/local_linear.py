"""The layer that joins local tokens and image features that stand side by side (DreamRelation, table 9: linear)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from vivant.models.tensor_files import load_strict, read_tensors, write_tensors

LINEAR = "local_linear.safetensors"
"""What it is called in a run's folder."""


def new_local_linear(width: int) -> nn.Linear:
    """From [.., 2 * width] to [.., width]; it starts as (I, 0), which passes the image's features on as they are."""
    layer = nn.Linear(2 * width, width)
    with torch.no_grad():
        layer.weight.copy_(torch.eye(width, 2 * width))
        layer.bias.zero_()
    return layer


def save_local_linear(layer: nn.Linear, folder: Path, made: Mapping[str, Any]) -> None:
    """Write `local_linear.safetensors`, atomically; how it was made goes into its header.

    Raises:
        StoreError: it cannot be written.
    """
    tensors = {name: value.detach().cpu() for name, value in layer.state_dict().items()}
    write_tensors(folder / LINEAR, tensors, {"vivant": json.dumps(dict(made), sort_keys=True)})


def load_local_linear(path: Path, width: int) -> nn.Linear:
    """From a run's folder or the file, on the CPU, frozen.

    Args:
        path: of it.
        width: of the image's features.

    Raises:
        ModelError: missing, broken, or of another width.
    """
    file = path / LINEAR if path.is_dir() else path
    layer = new_local_linear(width)
    load_strict(layer, read_tensors(file)[0], str(file))
    return layer.requires_grad_(False)
