"""COCO: instances with boxes and masks, and captions, beside a folder of pictures."""

from __future__ import annotations

import itertools
from pathlib import PurePosixPath
from typing import Any

import cv2
import numpy as np

from vivant.data.export.names import flat_stems
from vivant.data.export.target import Target
from vivant.data.reader import DataSet
from vivant.errors import StoreError
from vivant.progress import Ticker
from vivant.settings.export import ExportSettings
from vivant.types import Mask, Scene, SceneSubject

SOLID = 128
"""A pixel of a mask from this on belongs to the subject."""
FINE = 2
"""Masks are doubled before their outline is drawn: the outline then runs along the pixels' edges, not their centres."""


def write_coco(data_set: DataSet, target: Target, settings: ExportSettings, tick: Ticker) -> None:
    """``images/``, ``annotations/instances.json`` and ``annotations/captions.json``.

    Boxes are [x, y, width, height] in pixels, tight around the visible mask. A category is a noun; the subject's name
    is an attribute. A subject that cannot be seen has no annotation.
    """
    nouns = sorted({one.noun for scene in data_set.scenes for one in scene.subjects})
    categories = {noun: number for number, noun in enumerate(nouns, start=1)}
    images: list[dict[str, Any]] = []
    instances: list[dict[str, Any]] = []
    captions: list[dict[str, Any]] = []
    for number, (scene, stem) in enumerate(zip(data_set.scenes, flat_stems(data_set.scenes), strict=True), start=1):
        name = f"{stem}{PurePosixPath(scene.file_name).suffix.lower()}"
        height, width = data_set.size(scene.file_name)
        target.copy(data_set.path(scene.file_name), f"images/{name}")
        images.append({"id": number, "file_name": name, "width": width, "height": height})
        for one in scene.subjects:
            found = _instance(data_set, one, (height, width), settings)
            if found is not None:
                place = {"id": len(instances) + 1, "image_id": number, "category_id": categories[one.noun]}
                instances.append(place | found)
        for text in _captions(scene, settings):
            captions.append({"id": len(captions) + 1, "image_id": number, "caption": text})
        tick()
    info = {"description": f"{data_set.folder.resolve().name}, made by vivant", "version": "1.0"}
    shared = {"info": info, "licenses": [], "images": images}
    listed = [{"id": number, "name": noun, "supercategory": "subject"} for noun, number in categories.items()]
    target.write_json("annotations/instances.json", {**shared, "annotations": instances, "categories": listed})
    target.write_json("annotations/captions.json", {**shared, "annotations": captions})


def _captions(scene: Scene, settings: ExportSettings) -> list[str]:
    short, detailed = [scene.text], [scene.text_detailed]
    return {"short": short, "detailed": detailed, "both": list(dict.fromkeys(short + detailed))}[settings.captions]


def _instance(
    data_set: DataSet, one: SceneSubject, size: tuple[int, int], settings: ExportSettings
) -> dict[str, Any] | None:
    mask = data_set.read_mask(one.mask)
    if mask.shape != size:
        raise StoreError(
            f"{data_set.folder / one.mask}: is {mask.shape[1]} x {mask.shape[0]} pixels, its picture "
            f"{size[1]} x {size[0]}: compose the set again"
        )
    solid = np.asarray(mask >= SOLID, dtype=np.uint8)
    if not solid.any():
        return None
    outline = mask_polygons(solid) if settings.segmentation == "polygon" else mask_run_lengths(solid)
    x, y, width, height = (float(value) for value in cv2.boundingRect(solid))
    return {
        "segmentation": outline,
        "area": cv2.countNonZero(solid),
        "bbox": [x, y, width, height],
        "iscrowd": 0,
        "attributes": {"subject": one.name, "covered": one.covered, "depth": one.depth},
    }


def mask_polygons(solid: Mask) -> list[list[float]]:
    """Outlines of the pieces of a 0/1 mask as [x, y, x, y …] in pixels; holes are lost, as COCO polygons have none."""
    left, top, width, height = cv2.boundingRect(solid)
    part = solid[top : top + height, left : left + width]
    fine = np.repeat(np.repeat(part, FINE, axis=0), FINE, axis=1)
    outlines, _ = cv2.findContours(fine, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    # A centre of a fine pixel is at (index + 1/2) / 2.
    corner = np.array([left, top])
    return [((points.reshape(-1, 2) + 0.5) / FINE + corner).reshape(-1).tolist() for points in outlines]


def mask_run_lengths(solid: Mask) -> dict[str, Any]:
    """COCO's uncompressed run lengths of a 0/1 mask: column by column, the first run is of zeros."""
    flat = solid.T.reshape(-1)
    changes = np.flatnonzero(np.diff(flat)) + 1
    edges = [0, *changes.tolist(), flat.size]
    runs = [end - start for start, end in itertools.pairwise(edges)]
    return {"counts": [0, *runs] if flat[0] else runs, "size": list(solid.shape)}
