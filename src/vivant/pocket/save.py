"""Finished models on disk: `save_pretrained` in fp16, whole or not at all; and learning on from them."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from typing import Any

import torch

from vivant.errors import ModelError
from vivant.files import read_json, write_json
from vivant.models.tensor_files import load_strict, read_tensors
from vivant.pocket.run import Run, say


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


def begin(run: Run, member: str, model: Any) -> None:
    """Give a model the weights that the run starts from; without such, it keeps its random ones.

    Args:
        run: whose `start` holds finished members.
        member: the model's folder there, as "base/unet".
        model: of the same shape, in float32.

    Raises:
        ModelError: the folder has no such member, or its tensors do not fit.
    """
    if run.start is not None:
        go_on(run.start / member, model)


def go_on(folder: Path, model: Any) -> None:
    """Give a model in float32 the weights of a finished one.

    Raises:
        ModelError: the folder holds none, or its tensors do not fit.
    """
    files = sorted(folder.glob("*.safetensors"))
    if len(files) != 1:
        raise ModelError(
            f"{folder}: no weights to go on from; run the stages before, or give --start a folder with them"
        )
    load_strict(model, {name: value.float() for name, value in read_tensors(files[0])[0].items()}, str(files[0]))
    say(f"goes on from {files[0]}")


def adopt(run: Run) -> None:
    """Take over members of `start` that the run has not made itself: later stages build on them.

    Raises:
        ModelError: there is no such folder.
    """
    if run.start is None:
        return
    if not run.start.is_dir():
        raise ModelError(f"{run.start}: no such folder to start from")
    for config in sorted(run.start.rglob("*.json")):
        folder = config.parent.relative_to(run.start)
        if folder != Path() and not (run.weights / folder).exists():
            shutil.copytree(run.start / folder, run.weights / folder)


def _forget_origin(config: Path) -> None:
    """Where a model was loaded from is a path of the machine that trained it."""
    kept = {name: value for name, value in read_json(config).items() if name != "_name_or_path"}
    write_json(config, kept)
