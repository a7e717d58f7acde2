"""A tuned base from a run's folder: words, keys and values, a LoRA, or a whole UNet, whichever of them are there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vivant.adapters.concept_files import load_concept_tokens, token_files
from vivant.adapters.concept_tokens import with_concept_tokens
from vivant.adapters.custom_diffusion import key_values_path, load_key_values, put_key_values
from vivant.adapters.lora_file import WEIGHTS as LORA
from vivant.adapters.relation_lora import load_lora
from vivant.errors import ModelError
from vivant.files import write_text
from vivant.models.bundle import Bundle
from vivant.models.tensor_files import load_strict, read_tensors, write_tensors

UNET = "unet"
"""Folder of a UNet in the diffusers layout."""
_WEIGHTS, _CONFIG, _MADE = "diffusion_pytorch_model.safetensors", "config.json", "vivant"
_NAME = "tuned"


def tuned_files(folder: Path) -> list[Path]:
    """What is there to be loaded, in order.

    Raises:
        ModelError: nothing.
    """
    if not folder.is_dir():
        raise ModelError(
            f"{folder}: no such folder; give the -o of vivant train custom-diffusion, or of another recipe"
        )
    places = (key_values_path(folder), folder / LORA, folder / UNET / _WEIGHTS)
    words = [path for first in token_files(folder) for path in _both(first)]
    found = [path for path in (*places, *words) if path is not None and path.is_file()]
    if not found:
        raise ModelError(f"{folder}: nothing that was learned of subjects is there; has its training saved yet?")
    return found


def load_tuned(bundle: Bundle, folder: Path) -> Bundle:
    """A base with everything that a run has learned of subjects. Its weights change in place; load LoRAs afterwards.

    Args:
        bundle: the base that it was trained on.
        folder: of the run, or of its best checkpoint.

    Raises:
        InputError: a word that the base knows already.
        ModelError: nothing there, broken files, or made for another base.
    """
    tuned_files(folder)
    values = key_values_path(folder)
    if values is not None:
        put_key_values(bundle.unet, load_key_values(bundle.unet, values))
    if (folder / UNET / _WEIGHTS).is_file():
        _load_unet(bundle, folder / UNET / _WEIGHTS)
    if (folder / LORA).is_file():
        load_lora(bundle.unet, folder, _NAME)
    words = token_files(folder)
    return with_concept_tokens(bundle, load_concept_tokens(bundle, words)) if words else bundle


def save_unet(unet: Any, folder: Path, made: Mapping[str, Any]) -> None:
    """Write a whole UNet in the diffusers layout, atomically; how it was made goes into its header.

    Raises:
        StoreError: it cannot be written.
    """
    write_text(folder / UNET / _CONFIG, unet.to_json_string())
    header = {_MADE: json.dumps(dict(made), sort_keys=True)}
    write_tensors(folder / UNET / _WEIGHTS, unet.state_dict(), header)


def _load_unet(bundle: Bundle, path: Path) -> None:
    tensors = {name: value.to(bundle.device, bundle.dtype) for name, value in read_tensors(path)[0].items()}
    load_strict(bundle.unet, tensors, str(path))
    bundle.unet.requires_grad_(False)


def _both(first: Path) -> list[Path]:
    return [first, first.with_name(f"{first.stem}_2{first.suffix}")]
