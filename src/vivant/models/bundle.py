"""A base in memory: one value that everything learned is built on, whatever its size."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from vivant.errors import ModelError
from vivant.models.bases import Layout
from vivant.models.checkpoint import CLASSES, Checkpoint, latent_factor, open_checkpoint
from vivant.models.torch_models import DtypeName, explained, pick_device, pick_dtype, quiet

_ADVICE = "give the folder of a whole model in the diffusers layout"
_MEMORY = "set --dtype float16, choose a smaller --base, or another --device"
_LIBRARIES = {"unet": "diffusers", "vae": "diffusers"}
"""Where a part's class lives; every other part is transformers'."""


@dataclass(frozen=True)
class Bundle:
    """A base, loaded: frozen weights in evaluation mode on one device.

    Attributes:
        name: as the user calls it.
        layout: "sdxl" has two text encoders, pooled text and time ids; "sd15" one text encoder.
        unet: diffusers' UNet2DConditionModel.
        vae: diffusers' AutoencoderKL; in float32 where its float16 would overflow.
        text_encoders: transformers' CLIP text encoders, in order.
        tokenizers: one for each.
        scheduler: of diffusers; never stepped itself, see `fresh_scheduler`.
        device, dtype: torch's, of UNet and text encoders.
        hashes: part -> first 16 hex digits of the SHA-256 of its weights or vocabulary.
        zero_empty: whether the branch without a prompt gets zeros rather than the encoding of an empty text.
    """

    name: str
    layout: Layout
    unet: Any
    vae: Any
    text_encoders: tuple[Any, ...]
    tokenizers: tuple[Any, ...]
    scheduler: Any
    device: Any
    dtype: Any
    hashes: Mapping[str, str]
    zero_empty: bool

    @property
    def factor(self) -> int:
        """Pixels a side that become one latent."""
        return latent_factor(self.vae.config)

    def fresh_scheduler(self) -> Any:
        """A scheduler of its own for one run: it counts its steps and remembers what the model said."""
        return type(self.scheduler).from_config(self.scheduler.config)


def load_bundle(base: str | Checkpoint, device: str = "auto", dtype: DtypeName = "auto") -> Bundle:
    """Load every part of a base strictly: a missing, unknown or misshapen tensor is an error that names it.

    Args:
        base: a name ("pocket", "sdxl", "sd15"), a folder in the diffusers layout, a hub id, or one opened already.
        device: as torch names it; "auto" is CUDA where there is one, else Apple's MPS, else the CPU.
        dtype: "auto" is float16 on a GPU and float32 on a CPU.

    Raises:
        MissingExtraError: torch, diffusers or transformers is not installed.
        ModelError: no such base, broken or incomplete weights, no such device, or not enough memory.
    """
    place = pick_device(device, "a base model")
    kind = pick_dtype(dtype, place)
    checkpoint = base if isinstance(base, Checkpoint) else open_checkpoint(base, half=kind.itemsize == 2)
    with explained(str(checkpoint.folder), advice=_ADVICE, memory_advice=_MEMORY), silently():
        return _load(checkpoint, place, kind)


def _load(checkpoint: Checkpoint, device: Any, dtype: Any) -> Bundle:
    import torch

    numbered = ("", "_2") if checkpoint.layout == "sdxl" else ("",)
    vae = _load_part(checkpoint, "vae", dtype)
    if dtype == torch.float16 and vae.config.get("force_upcast"):
        vae = vae.float()
    bundle = Bundle(
        name=checkpoint.name,
        layout=checkpoint.layout,
        # Convolutions are faster with the channels last, on CPUs and GPUs alike.
        unet=_load_part(checkpoint, "unet", dtype).to(device, memory_format=torch.channels_last),
        vae=vae.to(device, memory_format=torch.channels_last),
        text_encoders=tuple(_load_part(checkpoint, f"text_encoder{n}", dtype).to(device) for n in numbered),
        tokenizers=load_tokenizers(checkpoint),
        scheduler=_load_scheduler(checkpoint),
        device=device,
        dtype=dtype,
        hashes=dict(checkpoint.hashes),
        zero_empty=checkpoint.zero_empty,
    )
    _refuse_misfits(bundle, checkpoint)
    return bundle


def _load_part(checkpoint: Checkpoint, part: str, dtype: Any) -> Any:
    folder = checkpoint.folder / part
    kind = getattr(importlib.import_module(_LIBRARIES.get(part, "transformers")), CLASSES[part][0])
    with explained(str(folder), advice=_ADVICE, memory_advice=_MEMORY):
        model, found = kind.from_pretrained(
            folder,
            variant=checkpoint.variants[part],
            dtype=dtype,
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
        )
    for fault in ("missing", "unexpected", "mismatched"):
        keys = sorted(map(str, found[f"{fault}_keys"]))
        if keys:
            more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
            raise ModelError(f"{folder}: {fault} in the weights: {keys[0]}{more}; the file does not fit config.json")
    return model.requires_grad_(False).eval()


def load_tokenizers(checkpoint: Checkpoint) -> tuple[Any, ...]:
    """A base's tokenizers alone, one for each text encoder."""
    from transformers import CLIPTokenizer

    parts = ("tokenizer", "tokenizer_2") if checkpoint.layout == "sdxl" else ("tokenizer",)
    return tuple(CLIPTokenizer.from_pretrained(checkpoint.folder / part, local_files_only=True) for part in parts)


def _load_scheduler(checkpoint: Checkpoint) -> Any:
    diffusers = importlib.import_module("diffusers")
    name = str(checkpoint.scheduler["_class_name"])
    kind: Any = getattr(diffusers, name, None)
    if not (hasattr(kind, "set_timesteps") and hasattr(kind, "scale_model_input")):
        raise ModelError(f"{checkpoint.folder}: its scheduler {name!r} is none that diffusers can sample with")
    return kind.from_config(dict(checkpoint.scheduler))


def _refuse_misfits(bundle: Bundle, checkpoint: Checkpoint) -> None:
    """Parts may each be whole and still not belong together."""
    given = sum(encoder.config.hidden_size for encoder in bundle.text_encoders)
    wanted = bundle.unet.config.cross_attention_dim
    if given != wanted:
        raise ModelError(f"{checkpoint.folder}: the unet reads text of width {wanted}, its encoders give {given}")
    for encoder, tokenizer in zip(bundle.text_encoders, bundle.tokenizers, strict=True):
        if len(tokenizer) > encoder.config.vocab_size:
            raise ModelError(
                f"{checkpoint.folder}: a tokenizer of {len(tokenizer)} tokens for a text encoder of "
                f"{encoder.config.vocab_size}"
            )


@contextmanager
def silently() -> Iterator[None]:
    """No log and no bar a part: a base is loaded in seconds, and the command has its own progress."""
    libraries = [importlib.import_module(f"{name}.utils.logging") for name in ("diffusers", "transformers")]
    shown = [library for library in libraries if library.is_progress_bar_enabled()]
    try:
        for library in shown:
            library.disable_progress_bar()
        with quiet("diffusers", "transformers"):
            yield
    finally:
        for library in shown:
            library.enable_progress_bar()
