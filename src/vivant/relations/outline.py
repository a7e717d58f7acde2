"""Masks in boxes: the cutout stage on what a box cuts out, or Segment Anything prompted by the box."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from vivant.data.segment.grabcut import second_opinion
from vivant.data.segment.segmenter import Confident, Segmenter
from vivant.models.torch_models import explained
from vivant.types import Box, Image, Mask

ROOM = 0.12
"""Around the box in sides of it: a cutout needs to see the background."""
_ADVICE = "give a folder as `save_pretrained` writes it, or allow downloads"


class CutoutOutline:
    """The cutout stage's segmenter on the part of the picture around a box; nothing outside the box is the subject's.

    Args:
        segmenter: from `build_segmenter`.
        seed: of the embedded one, which says how sure any other is.
    """

    def __init__(self, segmenter: Segmenter, seed: int = 0) -> None:
        self._segmenter, self._seed = segmenter, seed

    def __call__(self, image: Image, box: npt.NDArray[np.float32]) -> tuple[Mask, float]:
        """HW uint8 mask and belief in it."""
        height, width = image.shape[:2]
        room = ROOM * max(float(box[2] - box[0]), float(box[3] - box[1]))
        left, top, right, bottom = _pixels(box + np.array([-room, -room, room, room]), width, height)
        mask = np.zeros((height, width), np.uint8)
        if right - left < 16 or bottom - top < 16:
            return mask, 0.0
        part = np.ascontiguousarray(image[top:bottom, left:right])
        if isinstance(self._segmenter, Confident):
            found, sure = self._segmenter.with_confidence(part)
        else:
            found = self._segmenter(part)
            sure = second_opinion(part, found, self._seed)
        mask[top:bottom, left:right] = found
        inner = np.zeros_like(mask)
        left, top, right, bottom = _pixels(box, width, height)
        inner[top:bottom, left:right] = 255
        return np.minimum(mask, inner), sure


class SamOutline:
    """Segment Anything through transformers, prompted by the box, as section 3.3 has it.

    Args:
        source: hub id, or a folder.
        device: of torch.

    Raises:
        MissingExtraError: transformers or torch is not installed.
        ModelError: no such model here, and none can be fetched.
    """

    def __init__(self, source: str, device: Any = "cpu") -> None:
        with explained(source, advice=_ADVICE, memory_advice=""):
            from transformers import SamImageProcessorPil, SamModel, SamProcessor

            self._model: Any = SamModel.from_pretrained(source).to(device).eval()
            self._processor: Any = SamProcessor(SamImageProcessorPil.from_pretrained(source))
        self._source, self._device = source, device

    def __call__(self, image: Image, box: npt.NDArray[np.float32]) -> tuple[Mask, float]:
        """HW uint8 mask, 0 or 255, and SAM's own estimate of its overlap with the truth."""
        import torch

        height, width = image.shape[:2]
        corners = (box * np.array([width, height, width, height])).tolist()
        with explained(self._source, advice=_ADVICE, memory_advice=""), torch.inference_mode():
            inputs = self._processor(images=image, input_boxes=[[corners]], return_tensors="pt").to(self._device)
            outputs = self._model(**inputs)
            masks = self._processor.image_processor.post_process_masks(
                outputs.pred_masks.cpu(), inputs["original_sizes"].cpu(), inputs["reshaped_input_sizes"].cpu()
            )[0]
        scores = outputs.iou_scores[0, 0].float().cpu().numpy()
        best = int(scores.argmax())
        mask = np.asarray(masks[0, best]).astype(np.uint8) * 255
        return np.asarray(mask, dtype=np.uint8), float(np.clip(scores[best], 0.0, 1.0))


def _pixels(box: npt.NDArray[Any], width: int, height: int) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = (float(edge) for edge in np.clip(box, 0.0, 1.0))
    return Box(x0=x0, y0=y0, x1=max(x0, x1), y1=max(y0, y1)).pixels(width, height)
