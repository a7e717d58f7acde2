"""Sample grids: pictures in rows, as a PNG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from vivant.files import write_bytes

GAP = 2
"""White pixels between pictures."""


def write_grid(path: Path, pictures: Sequence[npt.NDArray[Any]], columns: int) -> None:
    """Write pictures row by row.

    Args:
        path: PNG file.
        pictures: uint8 [H, W, 3] each, of one size.
        columns: pictures a row.
    """
    height, width = pictures[0].shape[:2]
    rows = -(-len(pictures) // columns)
    sheet = np.full((rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, 3), 255, np.uint8)
    for number, picture in enumerate(pictures):
        top, left = number // columns * (height + GAP), number % columns * (width + GAP)
        sheet[top : top + height, left : left + width] = picture
    stream = io.BytesIO()
    Image.fromarray(sheet).save(stream, "PNG")
    write_bytes(path, stream.getvalue())


def numbered(folder: Path, name: str) -> Path:
    """The next free `name-001.png` of a folder."""
    return folder / f"{name}-{len(list(folder.glob(f'{name}-*.png'))) + 1:03d}.png"
