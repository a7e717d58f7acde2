"""Segment Anything through transformers, prompted with what the embedded ideas agree on: a box and three points."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from vivant.data.segment.appearance import Map
from vivant.data.segment.grabcut import consensus
from vivant.data.segment.masks import bounds, main_part
from vivant.errors import MissingExtraError, ModelError
from vivant.types import Image, Mask

POINTS = 3
"""Points deep inside the subject; one alone makes SAM choose a part of it."""
BOX_MARGIN = 0.04
"""The box may be this much too small, as a fraction of the photo."""


class SamSegmenter:
    """SAM with a box and points of its own finding.

    Args:
        source: hub id, or a folder as `save_pretrained` writes it.
        device: torch device.
        seed: of the embedded method that finds the prompt.

    Raises:
        MissingExtraError: transformers or torch is not installed.
        ModelError: no such model here, and none can be fetched.
    """

    name = "sam"

    def __init__(self, source: str, device: str = "cpu", seed: int = 0) -> None:
        try:
            import torch
            from transformers import SamImageProcessorPil, SamModel, SamProcessor
        except ImportError as error:
            raise MissingExtraError("transformers and torch", "models", "segmenting with sam") from error
        try:
            self._model: Any = SamModel.from_pretrained(source).to(device).eval()
            self._processor: Any = SamProcessor(SamImageProcessorPil.from_pretrained(source))
        except (OSError, ValueError, RuntimeError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ModelError(
                f"{source}: SAM cannot be loaded ({reason}): name a folder with the setting 'weights'"
            ) from error
        self._torch: Any = torch
        self._device = device
        self._seed = seed

    def __call__(self, image: Image) -> Mask:
        """HW uint8 mask, 0 or 255, of HWC uint8 RGB."""
        return self.with_confidence(image)[0]

    def with_confidence(self, image: Image) -> tuple[Mask, float]:
        """SAM's best mask for the prompt, and SAM's own estimate of its overlap with the truth."""
        vote, confidence = consensus(image, self._seed)
        height, width = image.shape[:2]
        found = find_prompt(vote, width, height)
        if found is None or confidence == 0.0:
            return np.zeros((height, width), dtype=np.uint8), 0.0
        box, points = found
        inputs = self._processor(
            images=image,
            input_boxes=[[box]],
            input_points=[[points]],
            input_labels=[[[1] * len(points)]],
            return_tensors="pt",
        ).to(self._device)
        with self._torch.no_grad():
            outputs = self._model(**inputs)
        masks = self._processor.image_processor.post_process_masks(
            outputs.pred_masks.cpu(), inputs["original_sizes"].cpu(), inputs["reshaped_input_sizes"].cpu()
        )[0]
        scores = outputs.iou_scores[0, 0].cpu().numpy()
        best = int(scores.argmax())
        mask = main_part(np.asarray(masks[0, best]).astype(np.uint8))
        return (mask * 255).astype(np.uint8), float(np.clip(scores[best], 0.0, 1.0))


def find_prompt(vote: Map, width: int, height: int) -> tuple[list[float], list[list[float]]] | None:
    """A box [x0, y0, x1, y1] and points [x, y] in pixels of a width x height photo; None for an empty vote.

    The points are the deepest places of the mask, each away from those before.
    """
    mask = main_part((vote > 0.5).astype(np.uint8))
    box = bounds(mask)
    if box is None:
        return None
    scale_x, scale_y = width / mask.shape[1], height / mask.shape[0]
    left, top, right, bottom = box
    grown = [
        max(0.0, left * scale_x - BOX_MARGIN * width),
        max(0.0, top * scale_y - BOX_MARGIN * height),
        min(float(width), right * scale_x + BOX_MARGIN * width),
        min(float(height), bottom * scale_y + BOX_MARGIN * height),
    ]
    depth = cv2.distanceTransform(cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT), cv2.DIST_L2, 3)[1:-1, 1:-1]
    points = []
    for _ in range(POINTS):
        y, x = np.unravel_index(int(depth.argmax()), depth.shape)
        if depth[y, x] <= 0:
            break
        points.append([(float(x) + 0.5) * scale_x, (float(y) + 0.5) * scale_y])
        cv2.circle(depth, (int(x), int(y)), max(2, round(float(depth[y, x]))), 0.0, -1)
    return grown, points
