"""Learned tokens on disk, one file a token and text encoder, as diffusers and others write them.

`<cat>.safetensors` holds {"<cat>": [n, width]}; the second text encoder of SDXL has `<cat>_2.safetensors`. What Textual
Inversion leaves is called `learned_embeds`, with the same inside. Files of one vector may hold it as [width].
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from vivant.adapters.concept_tokens import ConceptTokens
from vivant.errors import ModelError
from vivant.models.bundle import Bundle
from vivant.models.tensor_files import SAFE, read_tensors, write_tensors

LEARNED = "learned_embeds"
"""Name of the file where it is not the token's own."""
_SECOND = "_2"
_BOTH = ("clip_l", "clip_g")
"""Keys of a file that holds the vectors of both of SDXL's encoders, under no token's name."""
_MADE = "vivant"


def save_concept_tokens(tokens: ConceptTokens, folder: Path, made: Mapping[str, Any], *, name: str = "") -> list[Path]:
    """Write every token, atomically; how it was made goes into the headers.

    Args:
        tokens: to be written.
        folder: gets the files.
        made: how.
        name: of the file, for a single token; empty is the token's own.

    Raises:
        StoreError: a file cannot be written.
    """
    written = []
    for token in tokens.lengths:
        for number, vectors in enumerate(tokens.of(token)):
            path = folder / f"{name or token}{_SECOND if number else ''}{SAFE}"
            write_tensors(path, {token: vectors}, {_MADE: json.dumps(dict(made), sort_keys=True)})
            written.append(path)
    return written


def token_files(folder: Path) -> list[Path]:
    """The first encoder's files of a folder: `<name>.*` and `learned_embeds.*`, by name."""
    found = [path for path in folder.iterdir() if path.is_file() and path.suffix in (SAFE, ".bin")]
    return sorted(path for path in found if _is_tokens(path.stem))


def load_concept_tokens(bundle: Bundle, files: Sequence[Path]) -> ConceptTokens:
    """Tokens of some files, on the base's device, frozen.

    Args:
        bundle: the base.
        files: of the first text encoder; those of the second lie beside them.

    Raises:
        ModelError: a file is missing, broken, of another layout, or made for a base of other text encoders.
    """
    widths = [encoder.config.hidden_size for encoder in bundle.text_encoders]
    lengths: dict[str, int] = {}
    rows: list[list[Tensor]] = [[] for _ in widths]
    for file in files:
        parts = _read_both(file, len(widths))
        for token in parts[0]:
            if token in lengths:
                raise ModelError(f"{file}: token {token!r} is in another file too: give one of them")
            vectors = [_of(file, part, token, width) for part, width in zip(parts, widths, strict=True)]
            if len({len(one) for one in vectors}) > 1:
                raise ModelError(f"{file}: {token!r} has {[len(one) for one in vectors]} vectors in its two encoders")
            lengths[token] = len(vectors[0])
            for table, one in zip(rows, vectors, strict=True):
                table.append(one)
    tables = [torch.cat(one) if one else torch.zeros(0, width) for one, width in zip(rows, widths, strict=True)]
    tokens = ConceptTokens(lengths, tables).to(bundle.device)
    tokens.requires_grad_(False)
    return tokens  # type: ignore[no-any-return]


def _read_both(file: Path, encoders: int) -> list[dict[str, Tensor]]:
    """Token -> vectors, of each text encoder."""
    first = read_tensors(file)[0]
    if set(first) == set(_BOTH):
        name = file.stem if file.stem.startswith("<") else f"<{file.stem.lower()}>"
        return [{name: first[key]} for key in _BOTH][:encoders]
    if encoders == 1:
        return [first]
    beside = file.with_name(f"{file.stem}{_SECOND}{file.suffix}")
    if not beside.is_file():
        raise ModelError(f"{file}: {beside.name} of the second text encoder is not beside it; was it made for SD 1.5?")
    second = read_tensors(beside)[0]
    if set(second) != set(first):
        raise ModelError(f"{beside}: holds {sorted(second)}, and {file.name} {sorted(first)}: they do not go together")
    return [first, second]


def _of(file: Path, part: Mapping[str, Tensor], token: str, width: int) -> Tensor:
    vectors = torch.atleast_2d(part[token])
    if vectors.ndim != 2 or vectors.shape[1] != width or not vectors.is_floating_point():
        raise ModelError(
            f"{file}: {token!r} has shape {list(part[token].shape)}, and this base's text encoder a width of {width}: "
            "it was made for another base"
        )
    return vectors.float()


def _is_tokens(stem: str) -> bool:
    return stem == LEARNED or (stem.startswith("<") and stem.endswith(">"))
