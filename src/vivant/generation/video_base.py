"""A CogVideoX image-to-video model on disk, looked through before anything heavy is loaded: what it is and takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vivant.errors import ModelError, SettingsError, StoreError
from vivant.files import read_json
from vivant.models.bases import BASES
from vivant.models.checkpoint import INDEX, hash_files
from vivant.models.torch_models import explained, quiet

PIPELINE = "CogVideoXImageToVideoPipeline"
CLASSES: dict[str, tuple[str, ...]] = {
    "transformer": ("CogVideoXTransformer3DModel",),
    "vae": ("AutoencoderKLCogVideoX",),
    "text_encoder": ("T5EncoderModel",),
    "tokenizer": ("T5Tokenizer", "T5TokenizerFast"),
    "scheduler": ("CogVideoXDDIMScheduler", "CogVideoXDPMScheduler"),
}
"""What may stand in each part of the layout."""
WEIGHTED = ("transformer", "vae", "text_encoder")
OWNERS = ("THUDM", "zai-org")
"""The models' organisation on the hub was renamed; a cache may hold either name."""
ADVICE = "give the folder of a CogVideoX image-to-video model in the diffusers layout, or the id of one on the hub"
FPS, FPS_15 = 8, 16
"""Frames a second of CogVideoX and of CogVideoX 1.5, as their authors trained them."""
SIZE_15 = (1360, 768)
"""Pixels of CogVideoX 1.5, whose configuration names the largest size instead of the usual one."""
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_WEIGHTS = re.compile(r"(?:diffusion_pytorch_model|model)(?:-\d{5}-of-\d{5})?\.safetensors")
VOCABULARIES = ("tokenizer.json", "spiece.model")


@dataclass(frozen=True)
class VideoBase:
    """A CogVideoX image-to-video model on disk.

    Attributes:
        name: as the user calls it.
        folder: in the diffusers layout.
        hashes: part -> first 16 hex digits of the SHA-256 of its weights or vocabulary.
        scheduler: its configuration, the class under "_class_name".
        width, height, frames, fps: of its clips unless told otherwise.
        multiple: sides are multiples of so many pixels.
        stride: a clip has one frame and a multiple of so many.
        only_size: whether it makes clips of its own size and no other, and none longer than its own.
        largest: width and height that its positions reach, None for any.
        tokens: of a prompt that it reads.
    """

    name: str
    folder: Path
    hashes: Mapping[str, str]
    scheduler: Mapping[str, Any]
    width: int
    height: int
    frames: int
    fps: int
    multiple: int
    stride: int
    only_size: bool
    largest: tuple[int, int] | None
    tokens: int


def open_video_base(base: str, say: Callable[[str], None] = lambda line: None) -> VideoBase:
    """Find a model and look through its parts. A folder, or what the hub's cache holds, is read without any network.

    Args:
        base: a folder in the diffusers layout, or a hub id.
        say: told of a download.

    Raises:
        MissingExtraError: a library is not installed.
        ModelError: no such model, one of another kind, a part of it is missing, or the hub cannot be reached.
    """
    folder = _folder(base, say)
    _check_parts(folder)
    transformer = _read(folder / "transformer" / "config.json")
    vae = _read(folder / "vae" / "config.json")
    try:
        numbers = _numbers(transformer, vae)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{folder}: a configuration lacks what CogVideoX's has ({error}): {ADVICE}") from error
    kind = _read(folder / INDEX)["scheduler"][1]
    scheduler = {**_read(folder / "scheduler" / "scheduler_config.json"), "_class_name": kind}
    return VideoBase(
        name=base,
        folder=folder,
        hashes={part: hash_files(_files(folder, part)) for part in (*WEIGHTED, "tokenizer")},
        scheduler={name: value for name, value in scheduler.items() if name != "_diffusers_version"},
        **numbers,
    )


def _numbers(transformer: Mapping[str, Any], vae: Mapping[str, Any]) -> dict[str, Any]:
    factor = 2 ** (len(vae["block_out_channels"]) - 1)
    width, height = int(transformer["sample_width"]) * factor, int(transformer["sample_height"]) * factor
    newer = transformer.get("patch_size_t") is not None
    largest = (width, height) if newer else None
    if newer:
        width, height = min(width, SIZE_15[0]), min(height, SIZE_15[1])
    return {
        "width": width,
        "height": height,
        "frames": int(transformer["sample_frames"]),
        "fps": FPS_15 if newer else FPS,
        "multiple": factor * int(transformer["patch_size"]),
        # The autoencoder makes one frame of the first latent only where their number is odd; of an even number it
        # makes `ratio` frames each. So frames come in one and twice the ratio, not in one and the ratio.
        "stride": 2 * int(vae["temporal_compression_ratio"]),
        "only_size": bool(transformer.get("use_learned_positional_embeddings")),
        "largest": largest,
        "tokens": int(transformer["max_text_seq_length"]),
    }


def check_size(base: VideoBase, width: int, height: int) -> None:
    """Refuse a size that a model does not make.

    Raises:
        SettingsError: with the nearest one that it does.
    """
    for name, side in (("width", width), ("height", height)):
        if side % base.multiple:
            near = max(base.multiple, round(side / base.multiple) * base.multiple)
            raise SettingsError(f"--{name} {side}: sides are multiples of {base.multiple}; the nearest is {near}")
    if base.only_size and (width, height) != (base.width, base.height):
        raise SettingsError(
            f"{base.name} makes clips of {base.width} x {base.height} and no other size, not {width} x {height}: leave "
            "--width and --height out, or take a CogVideoX 1.5 model"
        )
    if base.largest is not None and (width > base.largest[0] or height > base.largest[1]):
        raise SettingsError(
            f"{width} x {height} pixels: {base.name} reaches no further than {base.largest[0]} x {base.largest[1]}"
        )


def check_frames(base: VideoBase, frames: int) -> None:
    """Refuse a number of frames that a model does not make.

    Raises:
        SettingsError: with the nearest one that it does.
    """
    most = base.frames if base.only_size else None
    steps = (2 * (frames - 1) + base.stride - 1) // (2 * base.stride)  # the nearest; halfway, the fewer
    near = max(1, steps) * base.stride + 1
    near = near if most is None else min(near, most)
    if frames != near:
        limit = "" if most is None else f", {most} at most"
        raise SettingsError(
            f"--frames {frames}: {base.name} makes one frame and a multiple of {base.stride}{limit}; "
            f"the nearest is {near}"
        )


def _folder(base: str, say: Callable[[str], None]) -> Path:
    if base in BASES:
        raise ModelError(f"base {base!r} draws pictures and makes no clips: {ADVICE}")
    folder = Path(base).expanduser()
    if folder.is_dir():
        return folder
    if folder.exists():
        raise ModelError(f"base {base!r} is a file: {ADVICE}")
    if not _HUB_ID.fullmatch(base):
        raise ModelError(f"base {base!r}: no such folder: {ADVICE}")
    return _from_hub(base, say)


def hub_names(hub_id: str) -> tuple[str, ...]:
    """A model's names on the hub, the given one first, with the organisation as it was and is called."""
    owner, _, name = hub_id.partition("/")
    return (hub_id, *(f"{other}/{name}" for other in OWNERS if owner in OWNERS and other != owner))


def _from_hub(hub_id: str, say: Callable[[str], None]) -> Path:
    """The snapshot in the hub's cache, fetched if parts of it are missing."""
    with explained(f"base {hub_id!r}", advice=ADVICE, memory_advice=""), quiet("huggingface_hub"):
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import LocalEntryNotFoundError

        for name in hub_names(hub_id):
            try:
                cached = Path(snapshot_download(name, local_files_only=True))
                _check_parts(cached)
                return cached
            except (LocalEntryNotFoundError, ModelError):
                continue
        index = Path(snapshot_download(hub_id, allow_patterns=[INDEX]))
        _check_kind(index, _read(index / INDEX))
        say(f"base {hub_id!r}: fetching it from the hub, about 22 GB")
        patterns = [f"{part}/{name}" for part in CLASSES for name in ("*.json", "*.safetensors", "spiece.model")]
        return Path(snapshot_download(hub_id, allow_patterns=[INDEX, *patterns]))


def _check_kind(folder: Path, index: Any) -> None:
    kind = index.get("_class_name") if isinstance(index, dict) else None
    if kind != PIPELINE:
        what = f"a {kind}" if isinstance(kind, str) else "nothing that diffusers names"
        raise ModelError(f"{folder}: {what}, which does not make clips from a picture: {ADVICE}")


def _check_parts(folder: Path) -> None:
    """Everything there, of the kinds that CogVideoX has."""
    if not (folder / INDEX).is_file():
        raise ModelError(f"{folder}: no {INDEX}, so not a model in the diffusers layout: {ADVICE}")
    index = _read(folder / INDEX)
    _check_kind(folder, index)
    for part, kinds in CLASSES.items():
        entry = index.get(part)
        found = entry[1] if isinstance(entry, list) and len(entry) == 2 else None
        if found not in kinds:
            raise ModelError(f"{folder}: its {part} is {found}, not {kinds[0]}: {ADVICE}")
        config = {"tokenizer": "tokenizer_config.json", "scheduler": "scheduler_config.json"}.get(part, "config.json")
        if not (folder / part / config).is_file():
            raise ModelError(f"{folder}: the part {part!r} is missing or has no {config}: {ADVICE}")
        if part != "scheduler":
            _files(folder, part)


def _files(folder: Path, part: str) -> list[Path]:
    """What a part's behaviour is made of: its weights, or a tokenizer's vocabulary."""
    if part == "tokenizer":
        found = [folder / part / name for name in VOCABULARIES if (folder / part / name).is_file()][:1]
        if not found:
            raise ModelError(f"{folder}: the part {part!r} has neither {' nor '.join(VOCABULARIES)}: {ADVICE}")
        return found
    paths = sorted(path for path in (folder / part).glob("*.safetensors") if _WEIGHTS.fullmatch(path.name))
    for listing in (folder / part).glob("*.safetensors.index.json"):
        named = set(_read(listing).get("weight_map", {}).values())
        missing = named - {path.name for path in paths}
        if missing:
            raise ModelError(f"{folder / part}: {min(missing)} is missing: the download is not whole")
    if not paths:
        raise ModelError(f"{folder}: the part {part!r} has no weights as safetensors: {ADVICE}")
    return paths


def _read(path: Path) -> Any:
    try:
        value = read_json(path)
    except StoreError as error:
        raise ModelError(str(error)) from error
    if not isinstance(value, dict):
        raise ModelError(f"{path}: not a table: {ADVICE}")
    return value
