"""A sheet of scenes with their captions, to look at."""

from __future__ import annotations

import textwrap

import numpy as np
from PIL import Image as PILImage
from PIL import ImageDraw, ImageFont, ImageOps

from vivant.data.reader import DataSet
from vivant.types import Image

TILE = 384
"""Pixels a side of a scene on the sheet."""
GAP = 16
TEXT = 14
LINES = 4


def scene_sheet(found: DataSet, *, columns: int = 4, most: int = 24) -> Image:
    """The first scenes of a set in rows, each over its detailed caption.

    Returns:
        HWC uint8 RGB.

    Raises:
        StoreError: a picture is gone or broken.
    """
    scenes = found.scenes[:most]
    columns = max(1, min(columns, len(scenes)))
    rows = -(-len(scenes) // columns)
    below = LINES * (TEXT + 4) + GAP
    width, height = columns * (TILE + GAP) + GAP, rows * (TILE + below) + GAP
    sheet = PILImage.new("RGB", (width, height), (250, 249, 246))
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(TEXT)
    for number, scene in enumerate(scenes):
        x, y = GAP + number % columns * (TILE + GAP), GAP + number // columns * (TILE + below)
        tile = ImageOps.contain(PILImage.fromarray(found.read(scene.file_name)), (TILE, TILE))
        sheet.paste(tile, (x + (TILE - tile.width) // 2, y + (TILE - tile.height) // 2))
        lines = textwrap.wrap(scene.text_detailed, width=54)[:LINES]
        draw.multiline_text((x, y + TILE + 6), "\n".join(lines), fill=(40, 40, 40), font=font, spacing=4)
    return np.asarray(sheet, dtype=np.uint8)
