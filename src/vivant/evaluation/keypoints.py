"""ViTPose: keypoints of a subject in its box."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from vivant.errors import ModelError
from vivant.evaluation.boxes import Boxes
from vivant.evaluation.encoders import Identity, load, numbers, over_white, preprocessing, running
from vivant.types import Image

PADDING = 1.25
"""Side of the region that is read, in sides of the box: as ViTPose's own image processor."""
_SIDES = (("left", "right"), ("l_", "r_"))


class KeypointFinder:
    """Finds the points of one subject a picture.

    Preprocessing is ViTPose's: the box is grown to the shape that the network reads, and its first and last columns of
    cells lie on the region's edges. Peaks are refined below a cell by the parabola through the logarithms of the peak
    and its neighbours.
    """

    def __init__(self, source: str, device: Any = "cpu") -> None:
        """Load it.

        Args:
            source: "pocket/vitpose", a folder in the transformers layout, or a hub id.
            device: of torch.

        Raises:
            ModelError: no such model, a part of it is missing, or it is one of several experts.
        """
        from transformers import VitPoseForPoseEstimation

        found = load(source, VitPoseForPoseEstimation, device)
        if getattr(found.model.config.backbone_config, "num_experts", 1) > 1:
            raise ModelError(f"{source}: a mixture of experts, which would have to be told its data set: give another")
        self._model, self._processor = found.model, found.processor
        size = found.processor.size
        self._size = (int(size["width"]), int(size["height"]))
        names = [str(name) for _, name in sorted(found.model.config.id2label.items())]
        self.pairs = mirrored(names)
        self.identity = Identity(
            "keypoints", source, found.weights, preprocessing(found.processor), "peaks of heatmaps, refined"
        )

    def locate(self, images: Sequence[Image], boxes: Boxes) -> NDArray[np.float32]:
        """Points of one subject a picture.

        Args:
            images: HWC uint8 RGB or RGBA, of any size.
            boxes: [N, 4] x0, y0, x1, y1 in [0, 1].

        Returns:
            [N, K, 3] x, y in pixels of the picture, and the peak's height, which says how surely a point is seen.
        """
        regions = [_region(image, box, self._size) for image, box in zip(images, boxes, strict=True)]
        cuts = [_cut(over_white(image), region, self._size) for image, region in zip(images, regions, strict=True)]
        pixels = np.stack(cuts)
        mean, deviation = (np.array(values, np.float32) for values in self._statistics())
        values = torch.from_numpy(((pixels / np.float32(255.0) - mean) / deviation).transpose(0, 3, 1, 2))
        with running(self.identity):
            heatmaps = numbers(self._model(pixel_values=values.contiguous().to(self._model.device)).heatmaps)
        return np.stack([_peaks(maps, region) for maps, region in zip(heatmaps, regions, strict=True)])

    def _statistics(self) -> tuple[Any, Any]:
        return self._processor.image_mean, self._processor.image_std


def mirrored(names: Sequence[str]) -> list[tuple[int, int]]:
    """Numbers of the points that a mirror swaps, by their names: "left_eye" and "right_eye", "L_Eye" and "R_Eye"."""
    lower = [name.lower() for name in names]
    pairs = []
    for number, name in enumerate(lower):
        for left, right in _SIDES:
            other = name.replace(left, right, 1) if name.startswith(left) else ""
            if other in lower:
                pairs.append((number, lower.index(other)))
    return pairs


def _region(image: Image, box: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float64]:
    """Centre x, y and sides of what is read, in pixels."""
    height, width = image.shape[:2]
    scale = np.array([width, height], dtype=np.float64)
    corner, sides = box[:2] * scale, (box[2:] - box[:2]) * scale
    aspect = size[0] / size[1]
    grown = np.array([max(sides[0], sides[1] * aspect), max(sides[1], sides[0] / aspect)])
    return np.concatenate([corner + sides / 2.0, np.maximum(grown, 1.0) * PADDING])


def _cut(image: Image, region: NDArray[np.float64], size: tuple[int, int]) -> Image:
    """The region at the size that the network reads, black beyond the picture's edge."""
    step = region[2:] / (np.array(size) - 1.0)
    corner = region[:2] - region[2:] / 2.0
    back = np.array([[step[0], 0.0, corner[0]], [0.0, step[1], corner[1]]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    cut = cv2.warpAffine(np.ascontiguousarray(image), back, size, flags=flags, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(cut, dtype=np.uint8)


def _peaks(maps: NDArray[np.float32], region: NDArray[np.float64]) -> NDArray[np.float32]:
    """[K, h, w] -> [K, 3] x, y in pixels of the picture, and height."""
    height, width = maps.shape[1:]
    logs = np.log(np.clip(maps, 1e-3, 50.0))
    points = []
    for heat, log in zip(maps, logs, strict=True):
        row, column = divmod(int(heat.argmax()), width)
        x = column + _shift(log[row], column)
        y = row + _shift(log[:, column], row)
        place = np.array([x / (width - 1), y / (height - 1)])
        points.append([*(region[:2] + (place - 0.5) * region[2:]), heat[row, column]])
    return np.array(points, dtype=np.float32)


def _shift(line: NDArray[np.float32], peak: int) -> float:
    """Where the parabola through a peak and its neighbours is highest, from the peak, at most half a cell."""
    if not 0 < peak < len(line) - 1:
        return 0.0
    before, here, after = (float(line[peak + step]) for step in (-1, 0, 1))
    bend = before - 2.0 * here + after
    return float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5)) if bend < -1e-6 else 0.0
