"""Sheets of everything that the world has, to look at."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PIL import Image as PILImage
from PIL import ImageDraw, ImageFont

from vivant.types import Image
from vivant.world.backdrops import BACKDROPS
from vivant.world.cast import sample_individual
from vivant.world.kinds import KINDS
from vivant.world.relations import RELATIONS
from vivant.world.script import sample_script
from vivant.world.tableau import perform, portrait

_PAPER = (250, 249, 246)
_GAP = 8


def kinds_sheet(size: int, seed: int, columns: int = 6) -> Image:
    """A row a kind: that many individuals."""
    rows = {}
    for kind in KINDS:
        rng = random.Random(f"{seed}/{kind}")
        rows[kind] = [portrait(sample_individual(rng, kind), rng.getrandbits(32), size).picture for _ in range(columns)]
    return _rows(rows)


def relations_sheet(size: int, seed: int, columns: int = 6) -> Image:
    """A row a relation: that many scenes."""
    rows = {}
    for relation in RELATIONS:
        rng = random.Random(f"{seed}/{relation}")
        rows[relation] = [perform(sample_script(rng, [relation]), size).picture for _ in range(columns)]
    return _rows(rows)


def backdrops_sheet(size: int, seed: int, columns: int = 6) -> Image:
    """A row a backdrop: that many scenes before it."""
    rows = {}
    for backdrop in BACKDROPS:
        rng = random.Random(f"{seed}/{backdrop}")
        rows[backdrop] = [perform(sample_script(rng, backdrops=[backdrop]), size).picture for _ in range(columns)]
    return _rows(rows)


SHEETS: dict[str, Callable[[int, int], Image]] = {
    "kinds": kinds_sheet,
    "relations": relations_sheet,
    "backdrops": backdrops_sheet,
}
"""Name -> a function of tile size and seed."""


def _rows(rows: Mapping[str, Sequence[Image]]) -> Image:
    """Two labelled rows beside each other, so that the sheet is about as wide as high."""
    size = next(iter(rows.values()))[0].shape[0]
    columns = len(next(iter(rows.values())))
    label = 18
    width = columns * (size + _GAP) + _GAP
    half = -(-len(rows) // 2)
    sheet = PILImage.new("RGB", (2 * width, half * (size + label + _GAP) + _GAP), _PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for number, (name, pictures) in enumerate(rows.items()):
        left, top = number // half * width + _GAP, number % half * (size + label + _GAP) + _GAP
        draw.text((left, top), name, (60, 60, 70), font=font)
        for column, picture in enumerate(pictures):
            sheet.paste(PILImage.fromarray(picture), (left + column * (size + _GAP), top + label))
    return np.asarray(sheet)
