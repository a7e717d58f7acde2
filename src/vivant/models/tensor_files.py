"""Tensors by name, on disk: safetensors, or pickles that may hold nothing but data; loaded strictly or not at all."""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from vivant.errors import ModelError
from vivant.files import write_bytes

SAFE = ".safetensors"
_LENGTH = 8
"""Bytes that say how long a safetensors header is."""


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors of a file on the CPU, and the metadata that safetensors carry.

    A pickle may nest tables; their names are joined by dots.

    Args:
        path: ending in .safetensors, else a pickle of `torch.save`, of which only data is read.

    Raises:
        ModelError: no such file, a broken one, one that holds code, or a value that is no tensor.
    """
    return _read_safe(path) if path.suffix == SAFE else (flattened(read_pickle(path), str(path)), {})


def read_pickle(path: Path) -> Any:
    """What `torch.save` wrote, if it is data and nothing else.

    Raises:
        ModelError: no such file, a broken one, or one that holds code.
    """
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror or error})") from error
    except (pickle.UnpicklingError, RuntimeError, ValueError, KeyError, EOFError) as error:
        reason = str(error).strip().splitlines()[0][:150] if str(error).strip() else type(error).__name__
        raise ModelError(f"{path}: not a file of tensors alone ({reason}): download it again") from error


def flattened(table: Any, source: str, prefix: str = "") -> dict[str, Tensor]:
    """Nested tables of tensors as one, names joined by dots.

    Raises:
        ModelError: a value is neither a table nor a tensor.
    """
    if not isinstance(table, Mapping):
        raise ModelError(f"{source}: not a table of tensors but a {type(table).__name__}")
    flat: dict[str, Tensor] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            flat |= flattened(value, source, f"{prefix}{name}.")
        elif isinstance(value, Tensor):
            flat[f"{prefix}{name}"] = value
        else:
            raise ModelError(f"{source}: {prefix}{name} is a {type(value).__name__}, not a tensor")
    return flat


def load_strict(
    module: nn.Module, tensors: Mapping[str, Tensor], source: str, names: Mapping[str, str] | None = None
) -> None:
    """Give a module its tensors, in their own precision; every one of them and no other.

    Args:
        module: may be on the meta device.
        tensors: by name, as in its `state_dict`.
        source: the file, for the message.
        names: what the file calls them, where it differs.

    Raises:
        ModelError: a tensor is missing, unexpected, of another shape, or not of floating-point numbers.
    """
    wanted, called = module.state_dict(), names or {}
    for fault, faulty in (("missing", wanted.keys() - tensors.keys()), ("unexpected", tensors.keys() - wanted.keys())):
        if faulty:
            first = called.get(min(faulty), min(faulty))
            more = f" and {len(faulty) - 1} more" if len(faulty) > 1 else ""
            raise ModelError(f"{source}: {fault} {first}{more}: made for another model, or not whole")
    for name, tensor in tensors.items():
        label, shape = called.get(name, name), wanted[name].shape
        if tensor.shape != shape:
            raise ModelError(
                f"{source}: {label} has shape {list(tensor.shape)}, expected {list(shape)}: made for another model"
            )
        if not tensor.is_floating_point():
            raise ModelError(f"{source}: {label} holds {tensor.dtype}, not floating-point numbers")
    module.load_state_dict(dict(tensors), assign=True)


def write_tensors(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Write safetensors, atomically; the same tensors and metadata give the same bytes.

    Raises:
        StoreError: the file cannot be written.
    """
    kept = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    write_bytes(path, _in_order(save(kept, {"format": "pt", **metadata})))


def _in_order(data: bytes) -> bytes:
    """The same file with its metadata by name: the library keeps them in a table of no order."""
    start = _LENGTH + int.from_bytes(data[:_LENGTH], "little")
    header = json.loads(data[_LENGTH:start])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    written = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    written += b" " * (-len(written) % _LENGTH)  # tensors begin at a multiple of 8
    return len(written).to_bytes(_LENGTH, "little") + written + data[start:]


def write_pickle(path: Path, value: Any) -> None:
    """Write what `torch.save` writes, atomically.

    Raises:
        StoreError: the file cannot be written.
    """
    buffer = io.BytesIO()
    torch.save(value, buffer)
    write_bytes(path, buffer.getvalue())


def _read_safe(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror or error})") from error
    except SafetensorError as error:
        raise ModelError(f"{path}: not whole, or no safetensors ({error}): download it again") from error
