"""OWL-ViT: boxes for the labels of the subjects (Gen4Gen, equation 1)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from vivant.evaluation.boxes import Boxes, without_doubles
from vivant.evaluation.encoders import Identity, load, numbers, preprocessing, running, to_pixels, tokenize
from vivant.models.torch_models import explained
from vivant.types import Image
from vivant.world.script import article

TEMPLATE = "a photo of {}"
"""With the article: "a photo of an elephant"."""
THRESHOLD = 0.1
"""Least confidence; transformers' own for OWL-ViT. The paper names none."""
DOUBLES = 0.6
"""Overlap from which the less sure of two boxes of one label is dropped."""


@dataclass(frozen=True)
class Detections:
    """What was found in one picture, surest first.

    Attributes:
        boxes: [n, 4] x0, y0, x1, y1 in [0, 1].
        scores: [n] confidence, 0..1.
        labels: [n] number of the label that was asked for.
    """

    boxes: Boxes
    scores: NDArray[np.float32]
    labels: NDArray[np.int64]


class Detector:
    """Finds labels in pictures; labels that no picture was asked for before are encoded once."""

    def __init__(
        self, source: str, device: Any = "cpu", *, template: str = TEMPLATE, threshold: float = THRESHOLD
    ) -> None:
        """Load it.

        Args:
            source: "pocket/owlvit", a folder in the transformers layout, or a hub id.
            device: of torch.
            template: what a label with its article is put into.
            threshold: least confidence, 0 to 1.

        Raises:
            ModelError: no such model, or a part of it is missing.
        """
        from transformers import CLIPTokenizer, OwlViTForObjectDetection

        found = load(source, OwlViTForObjectDetection, device)
        with explained(source, advice="give another folder", memory_advice=""):
            self._tokenizer = CLIPTokenizer.from_pretrained(found.folder)
        self._model, self._processor, self._threshold = found.model, found.processor, threshold
        self._template = template
        self._length = int(found.model.config.text_config.max_position_embeddings)
        self._embeddings: dict[str, torch.Tensor] = {}
        rule = json.dumps({"threshold": threshold, "doubles": DOUBLES})
        self.identity = Identity(
            "detector", source, found.weights, preprocessing(found.processor), f"boxes {rule}", template
        )

    def detect(self, images: Sequence[Image], labels: Sequence[Sequence[str]]) -> list[Detections]:
        """Boxes of each picture for its own labels.

        Args:
            images: HWC uint8 RGB or RGBA, of any size.
            labels: of each picture, without article; at least one.
        """
        with running(self.identity):
            pixels = to_pixels(self._processor, images).to(self._model.device)
            feature_map, _ = self._model.image_embedder(pixel_values=pixels)
            features = feature_map.flatten(1, 2)
            boxes = numbers(self._model.box_predictor(features, feature_map))
            found = []
            for row, names in enumerate(labels):
                queries = torch.stack([self._embedded(name) for name in names])[None]
                logits, _ = self._model.class_predictor(features[row : row + 1], queries)
                found.append(self._sure(boxes[row], numbers(logits[0].sigmoid())))
        return found

    def _sure(self, boxes: NDArray[np.float32], probabilities: NDArray[np.float32]) -> Detections:
        """Of [n, 4] centres and sides, and [n, labels]: the likeliest label of each box, where it is sure enough."""
        labels, scores = probabilities.argmax(axis=1), probabilities.max(axis=1)
        sure = np.flatnonzero(scores >= self._threshold)
        half = boxes[sure, 2:] / 2.0
        corners = np.concatenate([boxes[sure, :2] - half, boxes[sure, :2] + half], axis=1).clip(0.0, 1.0)
        kept = without_doubles(corners, scores[sure], labels[sure], DOUBLES)
        return Detections(corners[kept], scores[sure][kept], labels[sure][kept].astype(np.int64))

    def _embedded(self, name: str) -> torch.Tensor:
        if name not in self._embeddings:
            text = self._template.format(f"{article(name)} {name}")
            tokens = tokenize(self._tokenizer, [text], self._length, self._model.device)
            self._embeddings[name] = self._model.owlvit.get_text_features(**tokens).pooler_output[0]
        return self._embeddings[name]
