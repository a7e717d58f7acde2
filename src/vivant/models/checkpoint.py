"""A base on disk, understood before anything heavy is loaded: its layout, what is in its parts, its hashes.

The layout is diffusers' own: ``model_index.json`` names the parts, each part is a folder. Only safetensors are read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vivant.errors import ModelError, StoreError
from vivant.files import read_json
from vivant.models.bases import Defaults, Layout, base_source, defaults_for
from vivant.models.torch_models import explained, quiet

INDEX = "model_index.json"
CLASSES: dict[str, tuple[str, ...]] = {
    "unet": ("UNet2DConditionModel",),
    "vae": ("AutoencoderKL",),
    "text_encoder": ("CLIPTextModel",),
    "text_encoder_2": ("CLIPTextModelWithProjection",),
    "tokenizer": ("CLIPTokenizer", "CLIPTokenizerFast"),
    "tokenizer_2": ("CLIPTokenizer", "CLIPTokenizerFast"),
}
"""What may stand in each part. Any scheduler of diffusers may stand in "scheduler"."""
PARTS: dict[Layout, tuple[str, ...]] = {
    "sdxl": ("unet", "vae", "text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2"),
    "sd15": ("unet", "vae", "text_encoder", "tokenizer"),
}
HALF = "fp16"
"""The variant under which half-precision files are published beside the others."""
_ADVICE = "give the folder of a model in the diffusers layout, or the id of one on a hub that can be reached"
_STEMS = ("diffusion_pytorch_model", "model")
_WEIGHTS = re.compile(r"(?:diffusion_pytorch_model|model)(?:\.([A-Za-z0-9_]+))?(?:-\d{5}-of-\d{5})?\.safetensors")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Checkpoint:
    """Where a base lies and what it is.

    Attributes:
        name: as the user calls it.
        folder: in the diffusers layout.
        layout: SDXL's or SD 1.5's.
        variants: part -> variant of its weight files, None for the plain ones.
        hashes: part -> first 16 hex digits of the SHA-256 of its weights or vocabulary.
        scheduler: its configuration, the class under "_class_name".
        zero_empty: whether the branch without a prompt gets zeros rather than the encoding of an empty text.
        defaults: size, steps and guidance where the user says nothing.
    """

    name: str
    folder: Path
    layout: Layout
    variants: Mapping[str, str | None]
    hashes: Mapping[str, str]
    scheduler: Mapping[str, Any]
    zero_empty: bool
    defaults: Defaults

    @property
    def zero_terminal_snr(self) -> bool:
        """Whether the noise of its last time step hides the picture wholly, and it predicts velocity."""
        kind = self.scheduler.get("prediction_type")
        return kind == "v_prediction" and bool(self.scheduler.get("rescale_betas_zero_snr"))


def open_checkpoint(base: str, *, half: bool = False, say: Callable[[str], None] = lambda line: None) -> Checkpoint:
    """Find a base and look through its parts. A folder, or what the hub's cache holds, is read without any network.

    Args:
        base: a name of `vivant.models.bases.BASES`, a folder, or a hub id.
        half: prefer the half-precision files, where there are such.
        say: told of a download.

    Raises:
        MissingExtraError: a library is not installed.
        ModelError: no such base, a part of it is missing or of an unknown kind, or the hub cannot be reached.
    """
    source = base_source(base)
    folder = source if isinstance(source, Path) else _from_hub(base, source, half, say)
    index = _index(folder)
    layout = _layout(folder, index)
    unet = _part_json(folder, "unet", "config.json")
    vae = _part_json(folder, "vae", "config.json")
    _refuse_other_tasks(folder, unet, vae)
    variants = {part: _variant(folder, part, half) for part in PARTS[layout] if "tokenizer" not in part}
    return Checkpoint(
        name=base,
        folder=folder,
        layout=layout,
        variants=variants,
        hashes={part: hash_files(_files(folder, part, variants)) for part in PARTS[layout]},
        scheduler=_scheduler(folder, index, layout),
        zero_empty=layout == "sdxl" and bool(index.get("force_zeros_for_empty_prompt", True)),
        defaults=defaults_for(base, layout, unet, latent_factor(vae)),
    )


def latent_factor(vae: Mapping[str, Any]) -> int:
    """Pixels a side that become one latent, from the autoencoder's configuration: it halves once a block but one."""
    blocks = vae.get("block_out_channels") or (0, 0, 0, 0)
    return int(2 ** (len(blocks) - 1))


def _index(folder: Path) -> dict[str, Any]:
    if not (folder / INDEX).is_file():
        raise ModelError(f"{folder}: no {INDEX}, so not a model in the diffusers layout: {_ADVICE}")
    index = _read(folder / INDEX)
    if not isinstance(index, dict):
        raise ModelError(f"{folder / INDEX}: not a table of parts: {_ADVICE}")
    return index


def _layout(folder: Path, index: Mapping[str, Any]) -> Layout:
    """SDXL's with a second text encoder, else SD 1.5's; every part of it there and of the kind it has to be."""
    layout: Layout = "sdxl" if _class(index, "text_encoder_2") else "sd15"
    kind = index.get("_class_name", "a model")
    if _class(index, "unet") is None:
        raise ModelError(f"{folder}: {kind} is of an unknown layout, without a unet: only SDXL's and SD 1.5's are read")
    for part in (*PARTS[layout], "scheduler"):
        found = _class(index, part)
        if found is None:
            raise ModelError(f"{folder}: {kind} names no {part} in {INDEX}: only SDXL's and SD 1.5's layouts are read")
        if part in CLASSES and found not in CLASSES[part]:
            raise ModelError(f"{folder}: its {part} is a {found}, which is an unknown layout, not {CLASSES[part][0]}")
        if not (folder / part).is_dir():
            raise ModelError(f"{folder}: the part {part!r} is missing: {_ADVICE}")
    return layout


def _class(index: Mapping[str, Any], part: str) -> str | None:
    entry = index.get(part)
    found = entry[1] if isinstance(entry, list) and len(entry) == 2 else None
    return found if isinstance(found, str) else None


def _refuse_other_tasks(folder: Path, unet: Mapping[str, Any], vae: Mapping[str, Any]) -> None:
    """The same layout also holds models for inpainting and editing, and ones distilled to be told their guidance."""
    seen, drawn = unet.get("in_channels", 4), vae.get("latent_channels", 4)
    if seen != drawn:
        raise ModelError(
            f"{folder}: its unet takes {seen} channels and its vae gives {drawn}: a model for inpainting or editing, "
            "which does not draw from text alone"
        )
    if unet.get("time_cond_proj_dim") is not None:
        raise ModelError(f"{folder}: its unet was distilled to take the guidance as an input, which is not supported")


def _scheduler(folder: Path, index: Mapping[str, Any], layout: Layout) -> dict[str, Any]:
    config = {**_part_json(folder, "scheduler", "scheduler_config.json"), "_class_name": _class(index, "scheduler")}
    if layout == "sd15":
        # Early configurations leave these out, and the schedulers' own defaults are those of pixel models.
        config |= {"steps_offset": 1, "clip_sample": False}
    return {name: value for name, value in config.items() if name != "_diffusers_version"}


def _part_json(folder: Path, part: str, name: str) -> dict[str, Any]:
    path = folder / part / name
    if not path.is_file():
        raise ModelError(f"{folder}: the part {part!r} has no {name}: {_ADVICE}")
    value = _read(path)
    if not isinstance(value, dict):
        raise ModelError(f"{path}: not a table of settings: {_ADVICE}")
    return value


def _read(path: Path) -> Any:
    try:
        return read_json(path)
    except StoreError as error:
        raise ModelError(str(error)) from error


def _variant(folder: Path, part: str, half: bool) -> str | None:
    """Which of the weight files beside each other to take."""
    found = _variants(folder / part)
    for wanted in (HALF, None) if half else (None, HALF):
        if wanted in found:
            return wanted
    others = sorted(path.name for path in (folder / part).glob("*") if path.suffix in {".bin", ".pt", ".safetensors"})
    hint = f"there is only {', '.join(others)}, and pickles are not loaded" if others else "the download is not whole"
    raise ModelError(f"{folder}: the part {part!r} has no weights as safetensors ({hint})")


def _variants(folder: Path) -> set[str | None]:
    matches = (_WEIGHTS.fullmatch(path.name) for path in folder.glob("*.safetensors"))
    return {found[1] for found in matches if found}


def _files(folder: Path, part: str, variants: Mapping[str, str | None]) -> list[Path]:
    """What a part's behaviour is made of: its weights, or a tokenizer's vocabulary."""
    if part in variants:
        named = ((path, _WEIGHTS.fullmatch(path.name)) for path in sorted((folder / part).glob("*.safetensors")))
        return [path for path, found in named if found and found[1] == variants[part]]
    for names in (("tokenizer.json",), ("vocab.json", "merges.txt")):
        paths = [folder / part / name for name in names]
        if all(path.is_file() for path in paths):
            return paths
    raise ModelError(f"{folder}: the part {part!r} has neither tokenizer.json nor vocab.json and merges.txt")


def hash_files(paths: list[Path]) -> str:
    """The first 16 hex digits of the SHA-256 of files, which recipes name weights by.

    Raises:
        ModelError: one cannot be read.
    """
    digests = [_sha256(path) for path in paths]
    whole = digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
    return whole[:16]


def _sha256(path: Path) -> str:
    """Of a file; the hub's cache names large files by it, which saves reading gigabytes."""
    real = path.resolve()
    if real.parent.name == "blobs" and _SHA256.fullmatch(real.name):
        return real.name
    try:
        with real.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror or error})") from error


def _from_hub(base: str, hub_id: str, half: bool, say: Callable[[str], None]) -> Path:
    """The snapshot in the hub's cache, fetched if parts of it are missing."""
    with explained(f"base {base!r} ({hub_id})", advice=_ADVICE, memory_advice=""), quiet("huggingface_hub"):
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import LocalEntryNotFoundError

        try:
            cached = Path(snapshot_download(hub_id, local_files_only=True))
        except LocalEntryNotFoundError:
            cached = None
        if cached is not None and _is_whole(cached):
            return cached
        say(f"base {base!r}: fetching {hub_id} from the hub")
        for variant in (HALF, None) if half else (None, HALF):
            folder = Path(snapshot_download(hub_id, allow_patterns=_patterns(variant)))
            if _is_whole(folder):
                return folder
    return folder


def _is_whole(folder: Path) -> bool:
    index = folder / INDEX
    if not index.is_file():
        return False
    named = [part for part in (*CLASSES, "scheduler") if _class(_read(index), part)]
    with_weights = [part for part in named if "tokenizer" not in part and part != "scheduler"]
    return all((folder / part).is_dir() for part in named) and all(
        _variants(folder / part) & {None, HALF} for part in with_weights
    )


def _patterns(variant: str | None) -> list[str]:
    """Files of a repository that are needed; beside them lie the same weights in half a dozen other formats."""
    infix = f".{variant}" if variant else ""
    weights = [f"{stem}{infix}{rest}.safetensors" for stem in _STEMS for rest in ("", "-0*")]
    parts = (*CLASSES, "scheduler")
    return [INDEX, *(f"{part}/{name}" for part in parts for name in (*weights, "*.json", "*.txt"))]
