"""OWL-ViT at a size for 128-pixel pictures: open-vocabulary detection, 64 patches that see one subject each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vivant.evaluation.boxes import without_doubles
from vivant.pocket.crops import OPENAI_CLIP, fit_size, normalise, to_unit

SIZE, PATCH, LENGTH = 128, 16, 24
THRESHOLD, LARGEST_OVERLAP = 0.1, 0.6
"""Least confidence, and the overlap from which the less confident of two boxes of one query is dropped."""
FIRST_SCALE, FIRST_SHIFT = 9.0, -0.5
"""Of the class logits before training: every patch answers "no" with a probability of 99 %."""


def build(tokenizer: Any) -> Any:
    """An OWL-ViT of 3.3 million parameters: 8x8 patches, 5 layers of width 192; text 3 layers of width 128."""
    from transformers import OwlViTConfig, OwlViTForObjectDetection, OwlViTTextConfig, OwlViTVisionConfig

    text = OwlViTTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=512,
        num_hidden_layers=3,
        num_attention_heads=2,
        max_position_embeddings=LENGTH,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    vision = OwlViTVisionConfig(
        image_size=SIZE,
        patch_size=PATCH,
        hidden_size=192,
        intermediate_size=768,
        num_hidden_layers=5,
        num_attention_heads=3,
    )
    config = OwlViTConfig(text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=128)
    model = OwlViTForObjectDetection(config)
    _settle_heads(model)
    return model


def _settle_heads(model: Any) -> None:
    """Start the heads where they can learn from: transformers draws their weights fifty times too large."""
    with torch.no_grad():
        for layer in (model.box_head.dense0, model.box_head.dense1, model.class_head.dense0):
            torch.nn.init.xavier_uniform_(layer.weight)
        model.box_head.dense2.weight.zero_()  # every patch starts with its own place and size
        for layer, bias in ((model.class_head.logit_scale, FIRST_SCALE), (model.class_head.logit_shift, FIRST_SHIFT)):
            layer.weight.zero_()
            layer.bias.fill_(bias)


def processor(tokenizer: Any) -> Any:
    """The processor that is saved beside the weights."""
    from transformers import OwlViTProcessor
    from transformers.models.owlvit.image_processing_pil_owlvit import OwlViTImageProcessorPil

    side = {"height": SIZE, "width": SIZE}
    images = OwlViTImageProcessorPil(size=side, crop_size=side)
    return OwlViTProcessor(images, tokenizer)


@dataclass(frozen=True)
class Outputs:
    """What the network says of N pictures and Q queries; as the processor's post-processing takes it.

    Attributes:
        logits: [N, 64, Q], a sigmoid each.
        pred_boxes: [N, 64, 4] centre x, centre y, width, height in [0, 1].
        features: [N, 64, 192] that both are read from.
    """

    logits: Tensor
    pred_boxes: Tensor
    features: Tensor


def text_embeddings(model: Any, tokenizer: Any, queries: Sequence[str]) -> Tensor:
    """Embeddings of text queries, [Q, 128]."""
    tokens = tokenizer(list(queries), padding=True, truncation=True, max_length=LENGTH, return_tensors="pt")
    tokens = {name: tokens[name].to(model.device) for name in ("input_ids", "attention_mask")}
    return model.owlvit.get_text_features(**tokens).pooler_output


def outputs_of(model: Any, unit: Tensor, embeddings: Tensor) -> Outputs:
    """Run pictures [N, 3, H, W] in [0, 1] against queries that all of them share, embedded once."""
    feature_map, _ = model.image_embedder(pixel_values=normalise(fit_size(unit, SIZE), OPENAI_CLIP))
    features = feature_map.flatten(1, 2)
    with torch.autocast(unit.device.type, enabled=False):  # bf16 would round boxes to half a pixel
        features, feature_map = features.float(), feature_map.float()
        shared = embeddings.float().expand(len(unit), *embeddings.shape)
        logits, _ = model.class_predictor(features, shared)
        return Outputs(logits, model.box_predictor(features, feature_map), features)


@dataclass(frozen=True)
class Detections:
    """What was found in one picture, most confident first.

    Attributes:
        boxes: [n, 4] x0, y0, x1, y1 in [0, 1].
        scores: [n] confidence, 0..1.
        labels: [n] number of the query.
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    labels: NDArray[np.int64]


def detect(
    model: Any,
    processor: Any,
    pictures: NDArray[np.uint8],
    queries: Sequence[str],
    *,
    threshold: float = THRESHOLD,
    batch: int = 64,
) -> list[Detections]:
    """Find the queries in pictures; of boxes of one query that overlap by 0.6 and more the most confident stays.

    Args:
        model: an `OwlViTForObjectDetection` of this family.
        processor: its `OwlViTProcessor`.
        pictures: uint8 [N, H, W, 3], square.
        queries: text, as "a fox"; every picture is searched for all of them.
        threshold: least confidence.

    Returns:
        One `Detections` a picture.
    """
    found = []
    with torch.inference_mode():
        embeddings = text_embeddings(model, processor.tokenizer, queries)
        for start in range(0, len(pictures), batch):
            part = torch.from_numpy(np.ascontiguousarray(pictures[start : start + batch])).to(model.device)
            outputs = outputs_of(model, to_unit(part), embeddings)
            results = processor.post_process_grounded_object_detection(outputs, threshold=threshold)
            found += [_without_doubles(result) for result in results]
    return found


def _without_doubles(result: dict[str, Tensor]) -> Detections:
    boxes, scores, labels = (result[name].cpu().numpy() for name in ("boxes", "scores", "labels"))
    kept = without_doubles(boxes, scores, labels, LARGEST_OVERLAP)
    return Detections(boxes[kept].clip(0.0, 1.0), scores[kept], labels[kept])
