"""A sheet of labelled pictures, and by `python -m vivant.data.painted.sheet -o FILE` one of all painted scenes."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from vivant.data.painted.scenes import paint, painted_backgrounds
from vivant.images import write_jpeg
from vivant.types import Image

COLUMNS = 4
LABEL = 26
"""Pixels of the strip under a picture that carries its name."""
GAP = 6


def contact_sheet(pictures: Mapping[str, Image], columns: int = COLUMNS) -> Image:
    """Pictures of one size (HWC uint8 RGB) in rows, each over its name, on white."""
    cells = []
    for name, picture in pictures.items():
        tall, wide = picture.shape[:2]
        cell = np.full((tall + LABEL + GAP, wide + GAP, 3), 255, np.uint8)
        cell[:tall, :wide] = picture
        where = (2, tall + LABEL - 8)
        cv2.putText(cell, name, where, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (60, 60, 60), 1, cv2.LINE_AA)
        cells.append(cell)
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % columns)
    return np.vstack([np.hstack(cells[i : i + columns]) for i in range(0, len(cells), columns)])


def scene_sheet(side: int = 288, seed: int = 0) -> Image:
    """Every painted scene once, painted at twice the size and shrunk."""
    pictures = {}
    for index, background in enumerate(painted_backgrounds()):
        large = paint(background.scene, 2 * side, 2 * side, np.random.default_rng([seed, index]))
        pictures[background.scene] = np.asarray(cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
    return contact_sheet(pictures)


def main() -> None:
    """Write the sheet of scenes."""
    parser = argparse.ArgumentParser(description="A picture of every painted scene.")
    parser.add_argument("-o", "--output", type=Path, required=True, help="JPEG file to write")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other pictures")
    options = parser.parse_args()
    write_jpeg(options.output, scene_sheet(seed=options.seed), quality=80)


if __name__ == "__main__":
    main()
