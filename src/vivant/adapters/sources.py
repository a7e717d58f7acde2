"""Where an adapter and the image encoders that it was trained with come from: one table of defaults by base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vivant.adapters.ms import MsAdapter, load_ms_adapter
from vivant.adapters.subjects import Injection, LocalTokens, SubjectEncoder
from vivant.errors import ModelError
from vivant.models.bases import pocket_folder
from vivant.models.bundle import Bundle
from vivant.models.checkpoint import hash_files
from vivant.models.image_encoder import PARTITIONS, ImageEncoder, encoder_files, load_image_encoder
from vivant.models.torch_models import explained

NONE, SAME = "none", "same"
"""Values of `local_encoder`: no local tokens; the image encoder itself, not distilled."""
FILES = ("ms_adapter.safetensors", "ms_adapter.bin")
"""What an adapter is called in its folder or repository, ours first."""
MEMORY = "set --dtype float16, --local-encoder none, or another --device"
"""What lowers the memory that image prompts take."""
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
        hashes: of "adapter", "image_encoder" and, if it is another one, "local_encoder".
    """

    adapter: MsAdapter
    encoder: SubjectEncoder
    hashes: Mapping[str, str]


@dataclass(frozen=True)
class AdapterSources:
    """Where everything lies, nothing loaded yet.

    Attributes:
        adapter: its file.
        image_encoder: a file, a folder or a hub id.
        local_encoder: likewise, or "same"; None goes without local tokens.
        how: of the local tokens.
    """

    adapter: Path
    image_encoder: str
    local_encoder: str | None
    how: LocalTokens

    def hashes(self) -> dict[str, str]:
        """First 16 hex digits of the SHA-256 of the files: "adapter", "image_encoder", "local_encoder"."""
        return {"adapter": hash_files([self.adapter]), **_encoder_hashes(self.image_encoder, self.local_encoder)}

    def load_encoder(self, bundle: Bundle) -> SubjectEncoder:
        """The image encoder and that of local tokens, frozen, on the base's device.

        Raises:
            ModelError: missing or broken, or local tokens of another width than the image's features.
        """
        return _load_encoder(bundle, self.image_encoder, self.local_encoder, self.how)

    def load_adapter(self, bundle: Bundle, width: int) -> MsAdapter:
        """The adapter, frozen, on the base's device.

        Args:
            bundle: the base.
            width: of the features that it is to read.

        Raises:
            ModelError: broken, for another base, or for another image encoder.
        """
        with explained(str(self.adapter), advice=_ADVICE, memory_advice=MEMORY):
            adapter = load_ms_adapter(self.adapter, bundle.unet)
        if adapter.sizes.features != width:
            raise ModelError(
                f"{self.adapter}: reads image features of width {adapter.sizes.features}, and the image encoder gives "
                f"{width}: name the encoder that the adapter was trained with, by --image-encoder"
            )
        phrase = bundle.text_encoders[0].config.hidden_size
        if adapter.sizes.phrase != phrase:
            raise ModelError(
                f"{self.adapter}: reads phrases of width {adapter.sizes.phrase}, and base {bundle.name!r} gives "
                f"{phrase}: made for another model"
            )
        return adapter


def find_sources(base: str, choice: AdapterChoice = AdapterChoice()) -> AdapterSources:
    """What a choice comes to with a base.

    Args:
        base: its name.
        choice: of the user.

    Raises:
        ModelError: the base has no default and none was named, or the adapter's file is missing.
    """
    file = adapter_file(choice.adapter or _default(base, "adapter"))
    return AdapterSources(file, *_encoders(base, choice))


def load_image_prompting(bundle: Bundle, choice: AdapterChoice = AdapterChoice()) -> ImagePrompting:
    """The adapter and its encoders, frozen.

    Raises:
        ModelError: the base has no default and none was named, or what was named is missing, broken or for
            another base.
    """
    sources = find_sources(bundle.name, choice)
    encoder = sources.load_encoder(bundle)
    return ImagePrompting(sources.load_adapter(bundle, encoder.width), encoder, sources.hashes())


def load_subject_encoder(bundle: Bundle, choice: AdapterChoice) -> tuple[SubjectEncoder, dict[str, str]]:
    """The image encoder and that of local tokens, frozen, with the hashes of their files.

    Raises:
        ModelError: as `load_image_prompting`; or local tokens of another width than the image's features.
    """
    image, local, how = _encoders(bundle.name, choice)
    return _load_encoder(bundle, image, local, how), _encoder_hashes(image, local)


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


def _encoders(base: str, choice: AdapterChoice) -> tuple[str, str | None, LocalTokens]:
    defaults = adapter_defaults(base)
    local = choice.local_encoder or (defaults.local_encoder if defaults else NONE)
    factor = choice.factor or (defaults.factor if defaults else LocalTokens.factor)
    how = LocalTokens(choice.partitions, factor, choice.injection)
    return choice.image_encoder or _default(base, "image_encoder"), None if local == NONE else local, how


def _load_encoder(bundle: Bundle, source: str, local_source: str | None, how: LocalTokens) -> SubjectEncoder:
    image = load_image_encoder(source, device=bundle.device, dtype=bundle.dtype)
    if local_source is None:
        return SubjectEncoder(image)
    local: ImageEncoder = image
    if local_source != SAME:
        local = load_image_encoder(local_source, device=bundle.device, dtype=bundle.dtype)
    if local.width != image.width:
        raise ModelError(f"{local_source}: local tokens of width {local.width}, and image features of {image.width}")
    return SubjectEncoder(image, local, how)


def _encoder_hashes(image: str, local: str | None) -> dict[str, str]:
    found = {"image_encoder": hash_files(encoder_files(image))}
    return found if local in (None, SAME) else {**found, "local_encoder": hash_files(encoder_files(str(local)))}


def _default(base: str, name: str) -> str:
    defaults = adapter_defaults(base)
    if defaults is None:
        flag = name.replace("_", "-")
        known = adapter_defaults("sdxl")
        raise ModelError(
            f"base {base!r} has no {flag.replace('-', ' ')} of its own: name one with --{flag}; for a base made from "
            f"SDXL that is {getattr(known, name)}"
        )
    found: str = getattr(defaults, name)
    return found
