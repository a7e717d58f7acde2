"""Photos, a composed set and published lists of two subjects that are blocks of colour, at a few pixels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tests.training.small_scenes import COLOURS, SIDE
from vivant.images import write_png

LIST = [
    {"instance_prompt": "photo of a <new1> cat", "class_prompt": "cat", "instance_data_dir": "./photos/cat1"},
    {"instance_prompt": "photo of a <new2> dog", "class_prompt": "dog", "instance_data_dir": "./photos/dog"},
]


def write_small_photos(folder: Path, *, names: tuple[str, ...] = ("cat1", "dog"), count: int = 2) -> Path:
    """A folder a subject."""
    rng = np.random.default_rng(1)
    for name in names:
        for number in range(count):
            photo = rng.integers(100, 160, (SIDE, SIDE, 3), dtype=np.uint8)
            photo[16:48, 16:48] = COLOURS[name]
            write_png(folder / name / f"{number}.png", photo)
    return folder


def write_small_list(folder: Path, entries: Any = None, name: str = "concepts_list.json") -> Path:
    """A list beside its photos."""
    write_small_photos(folder / "photos")
    (folder / name).write_text(json.dumps(LIST if entries is None else entries), encoding="utf-8")
    return folder
