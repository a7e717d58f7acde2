"""Pictures of classes, so that a base does not forget what other cats look like (DreamBooth, section 3.2).

Drawn by the base itself, once, before it learns anything; or anybody's, from a folder.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from vivant.data.naming import safe_name
from vivant.errors import ImageError, InputError
from vivant.generation.pictures import draw
from vivant.generation.plan import Sampling
from vivant.images import SUFFIXES, on_white, read_image, read_recipe, write_png
from vivant.models.bundle import Bundle
from vivant.models.text import encode_empty, encode_text
from vivant.progress import progress
from vivant.training.concepts import Class
from vivant.types import Image

_PURPOSE = "regularisation"


def class_pictures(
    bundle: Bundle,
    classes: Sequence[Class],
    folder: Path,
    how: Sampling,
    *,
    count: int,
    batch: int,
    seed: int,
) -> list[tuple[str, Image]]:
    """`count` pictures of every class with its prompt; what is missing is drawn and stays.

    Args:
        bundle: the base, before it is tuned.
        classes: what is not to be forgotten.
        folder: holds a folder a class; pictures in one that a class names itself are taken first.
        how: steps, guidance and size.
        count: of each class.
        batch: pictures drawn together.
        seed: of the first picture of each class.

    Raises:
        InputError: pictures that another base has drawn.
        ImageError: one that cannot be read.
        StoreError: one that cannot be written.
    """
    known = {part: bundle.hashes[part] for part in ("unet", "vae") if part in bundle.hashes}
    found: list[tuple[str, Path]] = []
    missing: list[tuple[str, Path, int]] = []
    for one in classes:
        place = folder / safe_name(one.name.replace(" ", "_"))
        there = [*_pictures(one.pictures), *_foreign(place)][:count]
        found += [(one.prompt, path) for path in there]
        for number in range(len(there), count):
            path = place / f"{number:04d}.png"
            found.append((one.prompt, path))
            if not _drawn(path, _recipe(one.prompt, seed + number, how, known)):
                missing.append((one.prompt, path, seed + number))
    if missing:
        _draw(bundle, missing, how, known, batch)
    return [(prompt, on_white(read_image(path))) for prompt, path in found]


def _draw(
    bundle: Bundle,
    missing: Sequence[tuple[str, Path, int]],
    how: Sampling,
    known: dict[str, str],
    batch: int,
) -> None:
    with torch.inference_mode():
        texts = {prompt: encode_text(bundle, [prompt]) for prompt in dict.fromkeys(one[0] for one in missing)}
        empty = None if how.guidance == 1.0 else encode_empty(bundle)
    with progress("pictures of classes", len(missing)) as tick:
        for start in range(0, len(missing), batch):
            part = missing[start : start + batch]
            made = draw(bundle, [texts[prompt] for prompt, _, _ in part], empty, [seed for *_, seed in part], how)
            for (prompt, path, seed), picture in zip(part, made, strict=True):
                write_png(path, picture, _recipe(prompt, seed, how, known))
                tick()


def _recipe(prompt: str, seed: int, how: Sampling, known: dict[str, str]) -> dict[str, Any]:
    told = {"verb": _PURPOSE, "prompt": prompt, "seed": seed, "how": vars(how), "weights": known}
    return dict(json.loads(json.dumps(told)))


def _pictures(folder: Path | None) -> list[Path]:
    if folder is None or not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())


def _foreign(folder: Path) -> list[Path]:
    """Pictures that somebody put there."""
    return [path for path in _pictures(folder) if _told(path).get("verb") != _PURPOSE]


def _drawn(path: Path, recipe: dict[str, Any]) -> bool:
    """Whether a picture is there that was drawn like this.

    Raises:
        InputError: it was drawn otherwise.
    """
    if not path.is_file():
        return False
    if _told(path) != recipe:
        raise InputError(f"{path}: drawn by another base, or otherwise; name another --regularisation folder")
    return True


def _told(path: Path) -> dict[str, Any]:
    try:
        return dict(read_recipe(path))
    except ImageError:
        return {}
