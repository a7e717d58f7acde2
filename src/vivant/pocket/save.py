"""Finished models on disk: `save_pretrained` in fp16, whole or not at all."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from typing import Any

import torch

from vivant.files import read_json, write_json


def save_half(model: Any, folder: Path, *companions: Any) -> None:
    """Write a model in fp16, with its processor or tokenizer; the one in training stays as it is.

    Args:
        model: of transformers or diffusers.
        folder: replaced when it exists.
        companions: more things with `save_pretrained`, into the same folder.
    """
    neighbour = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(neighbour, ignore_errors=True)
    copy.deepcopy(model).to(torch.float16).save_pretrained(neighbour)
    for companion in companions:
        companion.save_pretrained(neighbour)
    _forget_origin(neighbour / "config.json")
    shutil.rmtree(folder, ignore_errors=True)
    neighbour.rename(folder)


def _forget_origin(config: Path) -> None:
    """Where a model was loaded from is a path of the machine that trained it."""
    kept = {name: value for name, value in read_json(config).items() if name != "_name_or_path"}
    write_json(config, kept)
