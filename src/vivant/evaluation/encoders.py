"""What the scores see with: CLIP and DINO, each with an exact account of what it is and what it is given."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image as PILImage

from vivant.errors import ModelError
from vivant.images import content_hash
from vivant.models.bases import pocket_folder
from vivant.models.checkpoint import hash_files
from vivant.models.torch_models import explained, quiet
from vivant.types import Image

Features = NDArray[np.float32]
POCKET = "pocket/"
"""Before the names of the models that ship in the package: "pocket/clip"."""
_ADVICE = "give a folder in the transformers layout, or the id of one on a hub that can be reached"
_MEMORY = "lower --batch, or set another --device"
_TRANSPARENT = "transparency over white"
_FILES = ["*.json", "*.txt", "model*.safetensors"]
_PICKLE = "pytorch_model.bin"
"""transformers reads it with weights_only=True; some models of the papers are published in no other form."""


@dataclass(frozen=True)
class Identity:
    """All that a feature depends on besides the picture: scores of unlike identities are not comparable.

    Attributes:
        role: "clip", "dino", "detector" or "keypoints".
        model: id on a hub, folder, or name in the package.
        weights: 16 hex digits of the SHA-256 of the weights' file.
        preprocessing: how pixels become numbers, the image processor's settings as JSON.
        output: which of the model's outputs.
        template: what a text or a noun is put into; empty where there is none.
    """

    role: str
    model: str
    weights: str
    preprocessing: str
    output: str
    template: str = ""

    @property
    def key(self) -> str:
        """16 hex digits of all of it but the model's name, which does not change what comes out."""
        return content_hash(json.dumps({**asdict(self), "model": ""}, sort_keys=True))

    def __str__(self) -> str:
        return f"{self.model} ({self.weights})"


@dataclass(frozen=True)
class Loaded:
    """A model of transformers, its image processor and what identifies both.

    Attributes:
        model: in float32, on its device.
        processor: of images.
        folder: where it was read from.
        weights: hash of its weights' file.
    """

    model: Any
    processor: Any
    folder: Path
    weights: str


class Clip:
    """CLIP's image-level features of pictures and texts, projected."""

    def __init__(self, source: str, device: Any = "cpu", template: str = "{}") -> None:
        """Load it.

        Args:
            source: "pocket/clip", a folder in the transformers layout, or a hub id.
            device: of torch.
            template: what texts are put into.

        Raises:
            ModelError: no such model, or a part of it is missing.
        """
        from transformers import CLIPModel, CLIPTokenizer

        found = load(source, CLIPModel, device)
        with explained(source, advice=_ADVICE, memory_advice=_MEMORY):
            self._tokenizer = CLIPTokenizer.from_pretrained(found.folder)
        self._model, self._processor, self._template = found.model, found.processor, template
        self._length = int(found.model.config.text_config.max_position_embeddings)
        self.identity = Identity(
            "clip",
            source,
            found.weights,
            preprocessing(found.processor),
            f"projected class token; text of at most {self._length} tokens, projected end token",
            template,
        )

    def pictures(self, images: Sequence[Image]) -> Features:
        """Features [N, D] of any length, of HWC uint8 RGB or RGBA pictures of any size."""
        with running(self.identity):
            pixels = to_pixels(self._processor, images).to(self._model.device)
            return numbers(self._model.get_image_features(pixel_values=pixels).pooler_output)

    def texts(self, texts: Sequence[str]) -> Features:
        """Features [N, D] of any length; what is too long is cut off."""
        filled = [self._template.format(text) for text in texts]
        with running(self.identity):
            tokens = tokenize(self._tokenizer, filled, self._length, self._model.device)
            return numbers(self._model.get_text_features(**tokens).pooler_output)


class Dino:
    """The class token of a DINO or DINOv2 model after its last norm."""

    def __init__(self, source: str, device: Any = "cpu") -> None:
        """Load it; arguments and errors as `Clip`'s."""
        from transformers import Dinov2Model, ViTModel

        kinds = {"vit": ViTModel, "dinov2": Dinov2Model}
        found = load(source, kinds, device)
        self._model, self._processor = found.model, found.processor
        self.identity = Identity("dino", source, found.weights, preprocessing(found.processor), "class token, normed")

    def pictures(self, images: Sequence[Image]) -> Features:
        """Features [N, D] of any length, of HWC uint8 RGB or RGBA pictures of any size."""
        with running(self.identity):
            pixels = to_pixels(self._processor, images).to(self._model.device)
            return numbers(self._model(pixel_values=pixels).last_hidden_state[:, 0])


def load(source: str, kinds: Any, device: Any) -> Loaded:
    """A model of transformers with all its weights, in float32: half precision would make scores differ by device.

    Args:
        source: "pocket/clip", a folder, or a hub id.
        kinds: its class, or classes by the configuration's model type.
        device: of torch.

    Raises:
        ModelError: no such model, of another kind, or a tensor is missing from its file.
    """
    folder = model_folder(source)
    with explained(source, advice=_ADVICE, memory_advice=_MEMORY), _silently():
        from transformers import AutoConfig, AutoImageProcessor

        config = AutoConfig.from_pretrained(folder)
        kind = _kind(source, kinds, config.model_type)
        options = {"add_pooling_layer": False} if config.model_type == "vit" else {}
        model, info = kind.from_pretrained(folder, dtype=torch.float32, output_loading_info=True, **options)
        wrong = [*info["missing_keys"], *(entry[0] for entry in info["mismatched_keys"])]
        if wrong:
            raise ModelError(f"{source}: {len(wrong)} tensors are missing or of another shape, as {sorted(wrong)[0]}")
        processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
        return Loaded(model.to(device).eval().requires_grad_(False), processor, folder, hash_files(_weights(folder)))


@contextmanager
def _silently() -> Iterator[None]:
    """No log and no bar a model: each is loaded in seconds, and the command has its own progress."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        with quiet("transformers"):
            yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _kind(source: str, kinds: Any, model_type: str) -> Any:
    if not isinstance(kinds, dict):
        wanted = kinds.config_class.model_type
        kinds = {wanted: kinds}
    if model_type not in kinds:
        raise ModelError(f"{source}: a model of type {model_type!r}, not {' or '.join(kinds)}: {_ADVICE}")
    return kinds[model_type]


def model_folder(source: str) -> Path:
    """Where a model lies: in the package, on disk, or in the hub's cache, into which it is fetched once.

    Raises:
        ModelError: nowhere.
    """
    if source.startswith(POCKET):
        folder = pocket_folder().parent / source.removeprefix(POCKET)
        if not (folder / "config.json").is_file():
            raise ModelError(f"{source} is not in this installation ({folder}): train it, or choose another --profile")
        return folder
    path = Path(source).expanduser()
    if path.is_dir():
        return path
    if source.count("/") != 1 or path.exists():
        raise ModelError(f"{source}: no such folder: {_ADVICE}")
    with explained(source, advice=_ADVICE, memory_advice=""), quiet("huggingface_hub"):
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import LocalEntryNotFoundError

        with contextlib.suppress(LocalEntryNotFoundError, ModelError):
            folder = Path(snapshot_download(source, local_files_only=True))
            if _weights(folder):
                return folder
        folder = Path(snapshot_download(source, allow_patterns=_FILES))
        if not any(folder.glob("model*.safetensors")):
            folder = Path(snapshot_download(source, allow_patterns=[*_FILES, _PICKLE]))
        return folder


def _weights(folder: Path) -> list[Path]:
    for pattern in ("model.safetensors", "model-*-of-*.safetensors", _PICKLE):
        found = sorted(folder.glob(pattern))
        if found:
            return found
    raise ModelError(f"{folder}: no model.safetensors: {_ADVICE}")


def preprocessing(processor: Any) -> str:
    """An image processor's settings as JSON, and what is done with transparency."""
    settings = {name: value for name, value in processor.to_dict().items() if not name.startswith("_")}
    return json.dumps({**settings, "alpha": _TRANSPARENT}, sort_keys=True, default=list)


def to_pixels(processor: Any, images: Sequence[Image]) -> torch.Tensor:
    """[N, 3, H, W], each picture for itself, so that it does not matter with which others it comes."""
    shown = [PILImage.fromarray(over_white(image)) for image in images]
    pixels: torch.Tensor = processor(images=shown, return_tensors="pt")["pixel_values"]
    return pixels


def over_white(image: Image) -> Image:
    """HWC uint8 RGB of a picture that may be transparent."""
    if image.shape[2] == 3:
        return image
    alpha = image[..., 3:].astype(np.float32) / 255.0
    return np.asarray((image[..., :3] * alpha + 255.0 * (1.0 - alpha)).round(), dtype=np.uint8)


def tokenize(tokenizer: Any, texts: Sequence[str], length: int, device: Any) -> dict[str, torch.Tensor]:
    """Tokens padded to the full length, so that it does not matter with which others a text comes."""
    tokens = tokenizer(list(texts), padding="max_length", truncation=True, max_length=length, return_tensors="pt")
    return {name: tokens[name].to(device) for name in ("input_ids", "attention_mask")}


def numbers(values: torch.Tensor) -> Features:
    """On the CPU, in float32."""
    found: Features = values.float().cpu().numpy()
    return found


@contextmanager
def running(identity: Identity) -> Iterator[None]:
    """Inference, with errors that say which model and what to do."""
    with explained(identity.model, advice=_ADVICE, memory_advice=_MEMORY), torch.inference_mode():
        yield
