"""CLIP's image half: hidden states for the adapter, and local tokens, by a last layer that looks nowhere else.

One model whatever the weights' layout: a transformers folder, or an open_clip state dict such as `epoch_6.pt`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image as PILImage
from torch import Tensor, nn
from torch.nn import functional as F

from vivant.errors import ImageError, ModelError, StoreError
from vivant.files import read_json
from vivant.models.open_clip import DEFAULT_ACTIVATION, VisionWeights, read_open_clip
from vivant.models.regions import partition, pool_boxes
from vivant.models.tensor_files import load_strict, read_tensors
from vivant.models.torch_models import explained
from vivant.types import Image

PARTITIONS = 4
"""Cells a side of the local tokens' grid: 16 tokens (DreamRelation, section 4)."""
FACTOR = 4
"""Local tokens read a picture so many times as large a side as the encoder was trained on: 896 for 224."""
MEAN, DEVIATION = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
"""Of pixels in [0, 1], a channel each, as CLIP was trained."""
_TEXT_HALF = ("text_model.", "text_projection.", "logit_scale")
_OLD = "vision_model.embeddings.position_ids"
"""Early files carry the numbers 0, 1, 2 and so on."""
_ADVICE = "give a CLIP folder in the transformers layout, an open_clip state dict, or a hub id"
_HUB_FILES = ["config.json", "model*.safetensors"]


class ImageEncoder(nn.Module):  # type: ignore[misc]
    """A CLIP vision transformer; every method takes uint8 HWC RGB pictures of any size, or prepared pixel values.

    Attributes:
        model: transformers' CLIPVisionModelWithProjection.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    @property
    def side(self) -> int:
        """Pixels a side that it was trained on."""
        return int(self.model.config.image_size)

    @property
    def width(self) -> int:
        """Of its hidden states."""
        return int(self.model.config.hidden_size)

    def prepare(self, pictures: Sequence[Image], factor: int = 1) -> Tensor:
        """Pixel values [B, 3, S, S], S = factor * side: shrunk or grown to the short side, the middle cut out.

        Args:
            pictures: HWC uint8 RGB.
            factor: how many times as large a side as the encoder was trained on.

        Raises:
            ImageError: a picture that is not RGB.
        """
        side = self.side * factor
        pixels = torch.from_numpy(np.stack([_squared(picture, side) for picture in pictures])).permute(0, 3, 1, 2)
        mean, deviation = (torch.tensor(values)[:, None, None] for values in (MEAN, DEVIATION))
        values: Tensor = ((pixels / 255.0 - mean) / deviation).to(self.model.device, self.model.dtype)
        return values

    def image_features(self, pictures: Sequence[Image] | Tensor) -> Tensor:
        """Penultimate hidden states [B, 1 + patches, D], the class token first: what the adapter reads.

        Raises:
            ImageError: a picture that is not RGB.
        """
        return self._penultimate(self._pixels(pictures, 1))

    def image_embeds(self, pictures: Sequence[Image] | Tensor) -> Tensor:
        """The projected class token [B, P], of any length: CLIP's image-level feature."""
        embeds: Tensor = self.model(self._pixels(pictures, 1), interpolate_pos_encoding=True).image_embeds
        return embeds

    def dense_states(self, pictures: Sequence[Image] | Tensor, factor: int = FACTOR) -> Tensor:
        """One state a patch [B, D, h, w] (equations 8 to 10): the last layer without attention, then the final norm."""
        pixels = self._pixels(pictures, factor)
        hidden = self._penultimate(pixels)[:, 1:]
        vision = self.model.vision_model
        last = vision.encoder.layers[-1]
        hidden = hidden + last.self_attn.out_proj(last.self_attn.v_proj(last.layer_norm1(hidden)))
        hidden = hidden + last.mlp(last.layer_norm2(hidden))
        states: Tensor = vision.post_layernorm(hidden)
        patch = self.model.config.patch_size
        return states.transpose(1, 2).unflatten(2, (pixels.shape[-2] // patch, pixels.shape[-1] // patch))

    def dense(self, pictures: Sequence[Image] | Tensor, factor: int = FACTOR) -> Tensor:
        """`dense_states`, each of length 1."""
        return F.normalize(self.dense_states(pictures, factor), dim=1)

    def local_tokens(
        self, pictures: Sequence[Image] | Tensor, partitions: int = PARTITIONS, factor: int = FACTOR
    ) -> Tensor:
        """The mean dense feature of each cell of a grid, [B, partitions^2, D], column by column.

        Args:
            pictures: HWC uint8 RGB, or pixel values, which are read at the size that they have.
            partitions: cells a side.
            factor: how many times as large a side as the encoder was trained on; positions are interpolated.

        Raises:
            ImageError: a picture that is not RGB.
        """
        dense = self.dense(pictures, factor)
        boxes = partition(partitions).to(dense)
        return pool_boxes(dense, boxes.expand(len(dense), -1, -1))

    def _pixels(self, pictures: Sequence[Image] | Tensor, factor: int) -> Tensor:
        if isinstance(pictures, Tensor):
            return pictures.to(self.model.device, self.model.dtype)
        return self.prepare(pictures, factor)

    def _penultimate(self, pixels: Tensor) -> Tensor:
        vision = self.model.vision_model
        hidden: Tensor = vision.pre_layrnorm(vision.embeddings(pixels, interpolate_pos_encoding=True))
        for layer in vision.encoder.layers[:-1]:
            hidden = layer(hidden, None)
        return hidden


def load_image_encoder(
    source: Path | str,
    *,
    device: Any = "cpu",
    dtype: Any = torch.float32,
    heads: int | None = None,
    activation: str = DEFAULT_ACTIVATION,
) -> ImageEncoder:
    """An encoder from disk or the hub, frozen.

    Args:
        source: a folder of CLIPModel or CLIPVisionModelWithProjection, a hub id, or an open_clip state dict's file.
        device, dtype: torch's.
        heads, activation: of an open_clip state dict, which tells neither; None is what OpenCLIP has for its width.

    Raises:
        ModelError: nothing there, another kind of model, or a tensor is missing, unexpected or of another shape.
    """
    path = Path(source).expanduser()
    with explained(f"image encoder {source}", advice=_ADVICE, memory_advice="set --dtype float16, or another --device"):
        if path.is_file():
            weights = read_open_clip(path, heads, activation)
        else:
            path = path if path.is_dir() else _from_hub(str(source))
            weights = _read_folder(path)
        encoder = _build(weights.config)
        load_strict(encoder.model, weights.tensors, str(path), weights.names)
        return encoder.to(device, dtype).requires_grad_(False).eval()  # type: ignore[no-any-return]


def encoder_files(source: Path | str) -> list[Path]:
    """The files that hold an encoder's weights; a hub's repository is fetched once.

    Args:
        source: as `load_image_encoder` takes it.

    Raises:
        ModelError: there are none.
    """
    path = Path(source).expanduser()
    if path.is_file():
        return [path]
    with explained(f"image encoder {source}", advice=_ADVICE, memory_advice=""):
        return list(_weight_files(path if path.is_dir() else _from_hub(str(source))))


def _build(config: Mapping[str, Any]) -> ImageEncoder:
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    with torch.device("meta"):
        model = CLIPVisionModelWithProjection(CLIPVisionConfig(**config))
    embeddings = model.vision_model.embeddings
    embeddings.position_ids = torch.arange(embeddings.num_positions)[None]  # in no file
    return ImageEncoder(model)


def _read_folder(folder: Path) -> VisionWeights:
    """The vision half of what a transformers folder holds."""
    if not (folder / "config.json").is_file():
        raise ModelError(f"{folder}: no config.json: {_ADVICE}")
    try:
        config = read_json(folder / "config.json")
    except StoreError as error:
        raise ModelError(str(error)) from error
    kind = config.get("model_type") if isinstance(config, dict) else None
    if kind not in ("clip", "clip_vision_model"):
        raise ModelError(f"{folder}: a model of type {kind!r}: {_ADVICE}")
    tensors: dict[str, Tensor] = {}
    for path in _weight_files(folder):
        tensors |= read_tensors(path)[0]
    tensors.pop(_OLD, None)
    if kind == "clip":
        config = {**config["vision_config"], "projection_dim": config["projection_dim"]}
        tensors = {name: value for name, value in tensors.items() if not name.startswith(_TEXT_HALF)}
    return VisionWeights(config, tensors, {})


def _weight_files(folder: Path) -> Iterator[Path]:
    """The plain weights, whole or in parts, else those in half precision."""
    for pattern in ("model.safetensors", "model-*-of-*.safetensors", "model.fp16.safetensors"):
        found = sorted(folder.glob(pattern))
        if found:
            return iter(found)
    raise ModelError(f"{folder}: no model.safetensors, and pickles are not loaded: {_ADVICE}")


def _from_hub(hub_id: str) -> Path:
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(hub_id, allow_patterns=_HUB_FILES))


def _squared(picture: Image, side: int) -> Image:
    """HWC uint8 RGB of that side: the short side fitted bicubically, the middle of the long one."""
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8:
        raise ImageError(f"a picture of shape {picture.shape} and type {picture.dtype}: give 8-bit RGB")
    height, width = picture.shape[:2]
    short = min(height, width)
    size = (int(side * width / short), int(side * height / short))
    resized = np.asarray(PILImage.fromarray(picture).resize(size, PILImage.Resampling.BICUBIC))
    top, left = (size[1] - side) // 2, (size[0] - side) // 2
    return resized[top : top + side, left : left + side]
