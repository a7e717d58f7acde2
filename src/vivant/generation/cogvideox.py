"""diffusers' CogVideoX image-to-video pipeline, loaded strictly and settled on a device."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any

from vivant.errors import MissingExtraError, ModelError
from vivant.generation.video_base import ADVICE, CLASSES, VOCABULARIES, WEIGHTED, VideoBase
from vivant.models.bundle import silently
from vivant.models.torch_models import explained, pick_dtype
from vivant.settings.animate import AnimateSettings, Offload

MEMORY = "set --offload sequential, turn on --vae-tiling, lower --frames, or set --dtype bfloat16"


def clip_dtype(settings: AnimateSettings, device: Any) -> Any:
    """A torch dtype; "auto" is bfloat16, which CogVideoX was trained in, on a GPU that computes in it."""
    import torch

    if settings.dtype == "auto" and device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    return pick_dtype(settings.dtype, device)


def settle(pipeline: Any, device: Any, offload: Offload, *, tiling: bool) -> None:
    """To the device, or ready to come and go.

    Args:
        pipeline: from `load_pipeline`, changed in place.
        device: torch's.
        offload: what leaves the device while it is not needed; "auto" is "model" on CUDA.
        tiling: whether the autoencoder works in tiles.

    Raises:
        ModelError: offloading without a GPU, or not enough memory.
    """
    wanted = ("model" if device.type == "cuda" else "none") if offload == "auto" else offload
    if wanted != "none" and device.type == "cpu":
        raise ModelError("--offload moves weights off a GPU, and there is none here: set it to none")
    with explained("CogVideoX", advice=ADVICE, memory_advice=MEMORY):
        if tiling:
            pipeline.vae.enable_tiling()
        if wanted == "model":
            pipeline.enable_model_cpu_offload(device=device)
        elif wanted == "sequential":
            pipeline.enable_sequential_cpu_offload(device=device)
        else:
            pipeline.to(device)


def load_pipeline(base: VideoBase, dtype: Any, frames: int) -> Any:
    """diffusers' pipeline on the CPU, every part loaded strictly: a tensor that is missing or unknown is an error.

    Args:
        base: where it lies.
        dtype: torch's, of all weights.
        frames: of the clips that it will make.

    Raises:
        MissingExtraError: torch, diffusers or transformers is not installed.
        ModelError: broken or incomplete weights, parts that do not belong together, or not enough memory.
    """
    _need_sentencepiece(base.folder)
    with explained(str(base.folder), advice=ADVICE, memory_advice=MEMORY), silently():
        import diffusers
        from transformers import T5Tokenizer

        parts = {part: _load_part(base.folder, part, dtype) for part in WEIGHTED}
        _keep_positions(parts["transformer"], frames)
        pipeline = diffusers.CogVideoXImageToVideoPipeline(
            **parts,
            tokenizer=T5Tokenizer.from_pretrained(base.folder / "tokenizer", local_files_only=True),
            scheduler=getattr(diffusers, base.scheduler["_class_name"]).from_config(dict(base.scheduler)),
        )
    pipeline.set_progress_bar_config(disable=True)
    _refuse_misfits(base.folder, pipeline)
    return pipeline


def _load_part(folder: Path, part: str, dtype: Any) -> Any:
    library = importlib.import_module("transformers" if part == "text_encoder" else "diffusers")
    with explained(str(folder / part), advice=ADVICE, memory_advice=MEMORY):
        model, found = getattr(library, CLASSES[part][0]).from_pretrained(
            folder / part, dtype=dtype, use_safetensors=True, local_files_only=True, output_loading_info=True
        )
    for fault in ("missing", "unexpected", "mismatched"):
        keys = sorted(map(str, found[f"{fault}_keys"]))
        if keys:
            more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
            raise ModelError(f"{folder / part}: {fault} in the weights: {keys[0]}{more}; they do not fit config.json")
    return model.requires_grad_(False).eval()


def _keep_positions(transformer: Any, frames: int) -> None:
    """Learned positions of a shorter clip are the first of the learned ones; diffusers would take unlearned ones."""
    embed = transformer.patch_embed
    if not embed.use_learned_positional_embeddings or frames == embed.sample_frames:
        return
    patches = (embed.sample_height // embed.patch_size) * (embed.sample_width // embed.patch_size)
    latents = (frames - 1) // embed.temporal_compression_ratio + 1
    embed.pos_embedding = embed.pos_embedding[:, : embed.max_text_seq_length + latents * patches].clone()
    embed.sample_frames = frames


def _refuse_misfits(folder: Path, pipeline: Any) -> None:
    """Parts may each be whole and still not belong together."""
    text, latents = pipeline.text_encoder.config, pipeline.vae.config.latent_channels
    wanted = pipeline.transformer.config
    for name, given, expected in (
        ("text of width", text.d_model, wanted.text_embed_dim),
        ("latents of channels", 2 * latents, wanted.in_channels),
    ):
        if given != expected:
            raise ModelError(f"{folder}: the transformer reads {name} {expected}, the other parts give {given}")
    if len(pipeline.tokenizer) > text.vocab_size:
        raise ModelError(
            f"{folder}: a tokenizer of {len(pipeline.tokenizer)} tokens for a text encoder of {text.vocab_size}"
        )


def _need_sentencepiece(folder: Path) -> None:
    """transformers' own message for a vocabulary that it cannot read is about another library."""
    if (folder / "tokenizer" / VOCABULARIES[0]).is_file():
        return
    missing = [name for name in ("sentencepiece", "google.protobuf") if not _installed(name)]
    if missing:
        names = " and ".join("protobuf" if name.startswith("google") else name for name in missing)
        raise MissingExtraError(names, "video", f"{folder / 'tokenizer'}: its vocabulary")


def _installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False
