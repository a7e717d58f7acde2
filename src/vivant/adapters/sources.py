"""Where an adapter and the image encoders that it was trained with come from: one table of defaults by base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vivant.adapters.ms import MsAdapter, load_ms_adapter
from vivant.adapters.subjects import Injection, LocalTokens, SubjectEncoder
from vivant.errors import ModelError
from vivant.images import content_hash
from vivant.models.bases import pocket_folder
from vivant.models.bundle import Bundle
from vivant.models.checkpoint import hash_files
from vivant.models.image_encoder import PARTITIONS, ImageEncoder, load_image_encoder
from vivant.models.torch_models import explained

NONE, SAME = "none", "same"
"""Values of `local_encoder`: no local tokens; the image encoder itself, not distilled."""
FILES = ("ms_adapter.safetensors", "ms_adapter.bin")
"""What an adapter is called in its folder or repository, ours first."""
_ADVICE = "give a file or folder that holds ms_adapter.safetensors or ms_adapter.bin, or a hub id"


@dataclass(frozen=True)
class AdapterDefaults:
    """What a base's image prompts are made with unless told otherwise.

    Attributes:
        adapter: a folder or a hub id.
        image_encoder: likewise.
        local_encoder: likewise, or `NONE`, or `SAME`.
        factor: see `LocalTokens`.
    """

    adapter: str
    image_encoder: str
    local_encoder: str
    factor: int


def adapter_defaults(base: str) -> AdapterDefaults | None:
    """Those of a named base; None for one that has none.

    No distilled local encoder of SDXL's size is published under an id that is known to us, so SDXL goes without local
    tokens until one is named.
    """
    if base == "pocket":
        weights = pocket_folder().parent
        adapter, image, local = (str(weights / name) for name in ("adapter", "clip", "local"))
        return AdapterDefaults(adapter, image, local, factor=2)
    if base == "sdxl":
        return AdapterDefaults("doge1516/MS-Diffusion", "laion/CLIP-ViT-bigG-14-laion2B-39B-b160k", NONE, factor=4)
    return None


@dataclass(frozen=True)
class AdapterChoice:
    """What a user may say of it; None is the base's default.

    Attributes:
        adapter: a file, a folder or a hub id.
        image_encoder: a CLIP folder, an open_clip state dict, or a hub id.
        local_encoder: likewise; "none" goes without local tokens, "same" takes the image encoder as it is.
        partitions, factor, injection: see `LocalTokens`.
    """

    adapter: str | None = None
    image_encoder: str | None = None
    local_encoder: str | None = None
    partitions: int = PARTITIONS
    factor: int | None = None
    injection: Injection = "concatenate"


@dataclass(frozen=True)
class ImagePrompting:
    """All that turns photos into image prompts for one base, on its device.

    Attributes:
        adapter: MS-Diffusion's.
        encoder: of photos.
        hashes: of "adapter", "image_encoder" and, if there is one, "local_encoder".
    """

    adapter: MsAdapter
    encoder: SubjectEncoder
    hashes: Mapping[str, str]


def load_image_prompting(bundle: Bundle, choice: AdapterChoice = AdapterChoice()) -> ImagePrompting:
    """The adapter and its encoders, frozen.

    Raises:
        ModelError: the base has no default and none was named, or what was named is missing, broken or for
            another base.
    """
    encoder, hashes = load_subject_encoder(bundle, choice)
    file = adapter_file(choice.adapter or _default(bundle, "adapter"))
    adapter = load_ms_adapter(file, bundle.unet)
    if adapter.sizes.features != encoder.image.width:
        raise ModelError(
            f"{file}: reads image features of width {adapter.sizes.features}, and the image encoder gives "
            f"{encoder.image.width}: name the encoder that the adapter was trained with"
        )
    return ImagePrompting(adapter, encoder, {"adapter": hash_files([file]), **hashes})


def load_subject_encoder(bundle: Bundle, choice: AdapterChoice) -> tuple[SubjectEncoder, dict[str, str]]:
    """The image encoder and that of local tokens, frozen, with their hashes.

    Raises:
        ModelError: as `load_image_prompting`; or local tokens of another width than the image's features.
    """
    source = choice.image_encoder or _default(bundle, "image_encoder")
    image = load_image_encoder(source, device=bundle.device, dtype=bundle.dtype)
    hashes = {"image_encoder": weights_hash(image)}
    defaults = adapter_defaults(bundle.name)
    local_source = choice.local_encoder or (defaults.local_encoder if defaults else NONE)
    if local_source == NONE:
        return SubjectEncoder(image), hashes
    local: ImageEncoder = image
    if local_source != SAME:
        local = load_image_encoder(local_source, device=bundle.device, dtype=bundle.dtype)
        hashes["local_encoder"] = weights_hash(local)
    if local.width != image.width:
        raise ModelError(f"{local_source}: local tokens of width {local.width}, and image features of {image.width}")
    factor = choice.factor or (defaults.factor if defaults else LocalTokens.factor)
    return SubjectEncoder(image, local, LocalTokens(choice.partitions, factor, choice.injection)), hashes


def adapter_file(source: str) -> Path:
    """The adapter's file: itself, in a folder, or in a hub's repository, which is fetched once.

    Raises:
        ModelError: there is none.
    """
    path = Path(source).expanduser()
    if path.is_dir():
        found = [path / name for name in FILES if (path / name).is_file()]
        if not found:
            raise ModelError(f"{path}: no {' and no '.join(FILES)}: {_ADVICE}")
        return found[0]
    if path.is_file():
        return path
    if source.count("/") != 1 or path.parent.is_dir():
        raise ModelError(f"{source}: no such file or folder: {_ADVICE}")
    with explained(f"adapter {source}", advice=_ADVICE, memory_advice=""):
        from huggingface_hub import hf_hub_download

        return Path(hf_hub_download(source, FILES[1]))


def weights_hash(model: Any) -> str:
    """16 hex digits of a model's tensors, whatever file they came from."""
    state = sorted(model.state_dict().items())
    return content_hash(*(value.detach().float().cpu().contiguous().numpy().tobytes() for _, value in state))


def _default(bundle: Bundle, name: str) -> str:
    defaults = adapter_defaults(bundle.name)
    if defaults is None:
        flag = name.replace("_", "-")
        raise ModelError(f"base {bundle.name!r} has no {flag.replace('-', ' ')} of its own: name one with --{flag}")
    found: str = getattr(defaults, name)
    return found
