"""What is known of a picture without a person: its record, its layout, and simple statistics of its pixels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from vivant.errors import ImageError, StoreError
from vivant.files import read_json, write_json
from vivant.images import content_hash, read_image
from vivant.progress import progress
from vivant.ranking.items import Item, Source, inside
from vivant.ranking.marks import Marks
from vivant.types import Box, Image

SIDE = 256
"""Pixels on the long side: seams and light survive, noise of the file format does not."""
CACHE = "ratings.features.json"
"""Beside the ratings; holds pixels' statistics under the hash of their picture."""
PIXEL_NAMES = (
    "brightness",
    "contrast",
    "saturation",
    "colourfulness",
    "sharpness",
    "entropy",
    "subject brightness",
    "subject colour",
    "subject sharpness",
    "clipped",
)
LIKENESS_NAMES = ("likeness mean", "likeness worst")
LAYOUT_NAMES = (
    "subjects",
    "words",
    "smallest box",
    "largest box",
    "all boxes",
    "overlap",
    "most covered",
    "at the edge",
    "spread",
)
_WIDTH = len(PIXEL_NAMES) + len(LIKENESS_NAMES)
_EDGE = 0.01

Row = npt.NDArray[np.float64]


def feature_table(source: Source, marks: Marks) -> tuple[list[str], npt.NDArray[np.float64]]:
    """Names and values of all features.

    A score that some records lack is filled with the mean of the others. Statistics of pixels are kept beside the
    ratings, so that the next call is quick.

    Returns:
        Names, and [items, features] in the order of the source. A picture that cannot be read gets the means.
    """
    scores = sorted({name for item in source.items for name in item.scores})
    layout = np.array([_layout(item) for item in source.items])
    scored = np.array([[item.scores.get(name, np.nan) for name in scores] for item in source.items])
    pixels = np.array(_pixels(source, marks))
    table = np.concatenate([layout, scored.reshape(len(layout), len(scores)), pixels], axis=1)
    known = np.isfinite(table)
    means = np.where(known, table, 0.0).sum(axis=0) / np.maximum(1, known.sum(axis=0))
    names = [*LAYOUT_NAMES, *(f"score {name}" for name in scores), *PIXEL_NAMES, *LIKENESS_NAMES]
    return names, np.where(known, table, means)


def _pixels(source: Source, marks: Marks) -> list[list[float]]:
    path = source.folder / CACHE
    kept = _kept(path)
    rows, fresh = [], {}
    with progress("features", len(source.items)) as tick:
        for item in source.items:
            try:
                # The boxes say which pixels are a subject's, so they are part of what is kept.
                mark = content_hash(marks.of(item.key), *(str(one.box) for one in item.subjects))
                row = kept.get(mark) or _look(source, item)
                fresh[mark] = row
            except (ImageError, StoreError):
                row = [float("nan")] * _WIDTH
            rows.append(row)
            tick()
    if fresh != kept:
        write_json(path, fresh)
    return rows


def _look(source: Source, item: Item) -> list[float]:
    image = _small(inside(source.folder, item.picture))
    pairs = [
        (_crop(image, one.box), _small(inside(source.folder, one.likeness)))
        for one in item.subjects
        if one.box is not None and one.likeness
    ]
    found = [likeness(*pair) for pair in pairs if pair[0].size]
    # Without anything to compare with, no subject is said to be less alike than usual: the middle of the scale.
    likenesses = [sum(found) / len(found), min(found)] if found else [0.5, 0.5]
    return [*picture_features(image, item).tolist(), *likenesses]


def likeness(shown: Image, true: Image) -> float:
    """How much of two pictures' colours is the same: histogram intersection, 0 to 1.

    Args:
        shown: HWC uint8 RGB, a subject where it was put.
        true: HWC uint8, RGB or RGBA, what it looks like; what is transparent does not count.
    """
    return float(np.minimum(_colours(shown), _colours(true)).sum())


def _colours(image: Image) -> Row:
    solid = image[..., 3] > 127 if image.shape[2] == 4 else np.ones(image.shape[:2], dtype=bool)
    colours = image[..., :3][solid].astype(np.int64) // 32
    counts = np.bincount(colours @ np.array([64, 8, 1]), minlength=512)
    share: Row = counts / max(1, counts.sum())
    return share


def _crop(image: Image, box: Box) -> Image:
    x0, y0, x1, y1 = box.pixels(image.shape[1], image.shape[0])
    return image[y0:y1, x0:x1]


def _kept(path: Path) -> dict[str, list[float]]:
    if not path.is_file():
        return {}
    try:
        found = read_json(path)
    except StoreError:
        return {}  # a broken cache is made again
    if not isinstance(found, dict):
        return {}
    return {
        mark: row
        for mark, row in found.items()
        if isinstance(row, list) and len(row) == _WIDTH and all(isinstance(value, float) for value in row)
    }


def _small(path: Path) -> Image:
    return read_image(path, min_side=1, max_side=SIDE)


def _layout(item: Item) -> list[float]:
    boxes = [one.box for one in item.subjects if one.box is not None]
    areas = [box.area for box in boxes] or [0.0]
    overlap = sum(a.overlap(b) for index, a in enumerate(boxes) for b in boxes[:index])
    edges = sum(min(box.x0, box.y0, 1.0 - box.x1, 1.0 - box.y1) < _EDGE for box in boxes)
    across = [box.centre[0] for box in boxes] or [0.5]
    return [
        len(item.subjects),
        len(item.caption.split()),
        min(areas),
        max(areas),
        sum(areas),
        overlap,
        max((one.covered for one in item.subjects), default=0.0),
        edges,
        max(across) - min(across),
    ]


def picture_features(image: Image, item: Item) -> Row:
    """Statistics of a picture, in the order of `PIXEL_NAMES`.

    Args:
        image: HWC uint8, RGB or RGBA.
        item: for its boxes: subjects against the rest say how well they were put in.
    """
    image = np.ascontiguousarray(image[..., :3])
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float64) / 255.0
    colour = image.astype(np.float64) / 255.0
    edges = np.abs(cv2.Laplacian(grey, cv2.CV_64F))
    saturation = colour.max(axis=2) - colour.min(axis=2)
    red_green = colour[..., 0] - colour[..., 1]
    yellow_blue = (colour[..., 0] + colour[..., 1]) / 2.0 - colour[..., 2]
    histogram = np.histogram(grey, bins=64, range=(0.0, 1.0))[0] / grey.size
    inner = _boxes(item, grey.shape)
    outer = ~inner
    if not inner.any() or not outer.any():
        inner = outer = np.ones(grey.shape, dtype=bool)
    return np.array(
        [
            grey.mean(),
            grey.std(),
            saturation.mean(),
            # Hasler and Suesstrunk, "Measuring colourfulness in natural images" (2003).
            np.hypot(red_green.std(), yellow_blue.std()) + 0.3 * np.hypot(red_green.mean(), yellow_blue.mean()),
            edges.mean(),
            -float((histogram[histogram > 0] * np.log2(histogram[histogram > 0])).sum()),
            grey[inner].mean() - grey[outer].mean(),
            np.linalg.norm(colour[inner].mean(axis=0) - colour[outer].mean(axis=0)),
            np.log((edges[inner].mean() + 1e-3) / (edges[outer].mean() + 1e-3)),
            ((image == 0) | (image == 255)).mean(),
        ],
        dtype=np.float64,
    )


def _boxes(item: Item, shape: Sequence[int]) -> npt.NDArray[np.bool_]:
    covered = np.zeros((shape[0], shape[1]), dtype=bool)
    for one in item.subjects:
        if one.box is not None:
            x0, y0, x1, y1 = one.box.pixels(shape[1], shape[0])
            covered[y0:y1, x0:x1] = True
    return covered
