"""Where the pocket family's weights lie, what is installed, and how a finished run is installed."""

from __future__ import annotations

import shutil
from pathlib import Path

from vivant.errors import ModelError, StoreError

MEMBERS = ("base", "clip", "judge", "owlvit", "vitpose", "dino", "adapter", "local")
LIMIT = 90 * 10**6
"""Bytes of all weights together."""


def weights_dir() -> Path:
    """The folder of the package that ships the weights."""
    return Path(__file__).parent / "weights"


def installed() -> list[str]:
    """Members that are there, in the family's order."""
    return [name for name in MEMBERS if (weights_dir() / name).is_dir()]


def path(name: str) -> Path:
    """Folder of one member, in its `save_pretrained` layout.

    Raises:
        ModelError: there is no such member, or it is not installed.
    """
    if name not in MEMBERS:
        raise ModelError(f"no pocket model {name!r}; the family is {', '.join(MEMBERS)}")
    folder = weights_dir() / name
    if not folder.is_dir():
        raise ModelError(
            f"{folder} is missing: train it with python -m vivant.pocket.train --stage all --install, "
            "or reinstall vivant from a wheel that carries the weights"
        )
    return folder


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def install(weights: Path, target: Path | None = None) -> list[str]:
    """Copy finished members of a run over the package's, each whole or not at all. Returns their names.

    Args:
        weights: the run's `weights` folder.
        target: instead of the package's own.

    Raises:
        StoreError: nothing is there to install, or it is larger than the family may be.
    """
    target = weights_dir() if target is None else target
    found = [name for name in MEMBERS if (weights / name).is_dir()]
    if not found:
        raise StoreError(f"{weights}: no finished models to install")
    size = sum(size_of(weights / name) for name in found)
    if size > LIMIT:
        raise StoreError(f"{weights}: {size / 1e6:.1f} MB of weights, more than the {LIMIT / 1e6:.0f} MB of the family")
    target.mkdir(parents=True, exist_ok=True)
    for name in found:
        neighbour = target / f".{name}.new"
        shutil.rmtree(neighbour, ignore_errors=True)
        shutil.copytree(weights / name, neighbour)
        shutil.rmtree(target / name, ignore_errors=True)
        neighbour.rename(target / name)
    return found
