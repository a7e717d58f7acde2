"""Bases by name: one table of where each lies and what it is drawn with unless told otherwise."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from vivant.errors import ModelError

Layout = Literal["sdxl", "sd15"]
"""Two text encoders with pooled text and time ids, or one text encoder."""

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_SMALL = 256
"""Pixels a side up to which a picture costs so little that several are worth drawing together."""


@dataclass(frozen=True)
class Defaults:
    """What a base is drawn with unless told otherwise.

    Attributes:
        width, height: pixels, as the base was trained.
        steps: of denoising.
        guidance: of the classifier-free kind.
        batch: pictures drawn together.
    """

    width: int
    height: int
    steps: int
    guidance: float
    batch: int = 1

    @property
    def small(self) -> bool:
        """Whether its pictures are small, as the pocket base's."""
        return max(self.width, self.height) <= _SMALL


@dataclass(frozen=True)
class NamedBase:
    """A base that has a name of its own.

    Attributes:
        hub_id: where it is published; None for the one that ships in the package.
        defaults: of its pictures.
        needs: for a reader, what it takes.
    """

    hub_id: str | None
    defaults: Defaults
    needs: str


BASES: dict[str, NamedBase] = {
    "pocket": NamedBase(None, Defaults(128, 128, steps=25, guidance=4.0, batch=8), "nothing but a CPU"),
    "sdxl": NamedBase(
        "stabilityai/stable-diffusion-xl-base-1.0",
        Defaults(1024, 1024, steps=30, guidance=5.0),
        "a GPU of 10 GiB; 7 GB in float16, downloaded once",
    ),
    "sd15": NamedBase(
        "stable-diffusion-v1-5/stable-diffusion-v1-5",
        Defaults(512, 512, steps=30, guidance=7.5),
        "a GPU of 4 GiB; 2 GB in float16, downloaded once",
    ),
}


def pocket_folder() -> Path:
    """Where the pocket base lies in the package, whether it is there or not."""
    return Path(str(resources.files("vivant"))) / "pocket" / "weights" / "base"


def base_source(base: str) -> Path | str:
    """The folder or the hub id that a base's name stands for.

    Args:
        base: a name of the table, a folder, or a hub id as "organisation/model".

    Raises:
        ModelError: none of the three.
    """
    named = BASES.get(base)
    if named is not None:
        return named.hub_id or _shipped()
    folder = Path(base).expanduser()
    if folder.is_dir():
        return folder
    if folder.exists():
        raise ModelError(f"base {base!r} is a file: give the folder of a model in the diffusers layout")
    if _HUB_ID.fullmatch(base):
        return base
    near = difflib.get_close_matches(base, BASES, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(BASES)}, a folder, or a hub id"
    raise ModelError(f"base {base!r}: no such name and no such folder; {hint}")


def defaults_for(base: str, layout: Layout, unet: Mapping[str, Any], factor: int) -> Defaults:
    """What a base is drawn with: the table's entry, or for one that is not in it what its own size suggests.

    Args:
        base: name, folder or hub id.
        layout: of the base.
        unet: its UNet's configuration.
        factor: pixels a side that become one latent.
    """
    named = BASES.get(base)
    if named is not None:
        return named.defaults
    size = unet.get("sample_size") or 64
    height, width = (size, size) if isinstance(size, int) else (int(size[0]), int(size[1]))
    own = replace(BASES[layout].defaults, width=width * factor, height=height * factor)
    return replace(BASES["pocket"].defaults, width=own.width, height=own.height) if own.small else own


def _shipped() -> Path:
    folder = pocket_folder()
    if not (folder / "model_index.json").is_file():
        raise ModelError(
            f"the pocket base is not in this installation ({folder}): train it with "
            "'python -m vivant.pocket.train --stage all --install', or give another base"
        )
    return folder
