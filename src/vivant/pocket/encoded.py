"""What the base trains on, computed once: latents of the pictures, hidden states of the captions."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vivant.errors import ModelError
from vivant.images import content_hash
from vivant.pocket.captions import Captions, captions_of
from vivant.pocket.noise import channel_weights
from vivant.pocket.pool import Pool
from vivant.pocket.run import Run, say
from vivant.pocket.vae import encode

CPU_BATCH, GPU_BATCH = 8, 1024
"""On a CPU the maps of a few pictures stay in its cache: twice as fast as 64."""
LOG_SECONDS = 20.0
WEIGHED = 16
"""Pictures that the channels' weights are measured on."""


@dataclass(frozen=True)
class Conditioner:
    """The frozen parts around the UNet, float32 on one device: tokenizers, text encoders, VAE."""

    tokenizer: Any
    tokenizer_2: Any
    text_encoder: Any
    text_encoder_2: Any
    vae: Any

    @classmethod
    def load(cls, base: Path, device: torch.device) -> Conditioner:
        """From the folders that the stages clip and vae write.

        Raises:
            ModelError: one is missing.
        """
        from diffusers import AutoencoderKL
        from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

        for name, stage in (("text_encoder_2", "clip"), ("vae", "vae")):
            if not (base / name).is_dir():
                raise ModelError(f"{base / name} is missing: run python -m vivant.pocket.train --stage {stage} first")
        half = (
            CLIPTextModel.from_pretrained(base / "text_encoder", dtype=torch.float32),
            CLIPTextModelWithProjection.from_pretrained(base / "text_encoder_2", dtype=torch.float32),
            AutoencoderKL.from_pretrained(base / "vae", torch_dtype=torch.float32),
        )
        text, text_2, vae = (model.to(device).eval().requires_grad_(False) for model in half)
        first, second = (CLIPTokenizer.from_pretrained(base / name) for name in ("tokenizer", "tokenizer_2"))
        return cls(first, second, text, text_2, vae.to(memory_format=torch.channels_last))

    def read(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Token ids [N, 77] of `tokenizer_2` -> hidden states [N, 77, 320], pooled text [N, 192], read as SDXL does."""
        end = self.tokenizer.eos_token_id
        after_end = (tokens == end).int().cumsum(dim=1) > 0
        first = self.text_encoder(input_ids=tokens.masked_fill(after_end, end), output_hidden_states=True)
        second = self.text_encoder_2(input_ids=tokens, output_hidden_states=True)
        return torch.cat([first.hidden_states[-2], second.hidden_states[-2]], dim=2), second.text_embeds


@dataclass(frozen=True)
class Encoded:
    """N scenes as latents, U texts as hidden states, all on the training device.

    Attributes:
        latents: [N, C, 16, 16] float16.
        captions: which texts are whose.
        hidden: [U, 77, 320] bfloat16; empty on a CPU, which sees each text about once and so reads it when it comes.
        pooled: [U, 192] bfloat16, or empty.
        conditioner: that reads what is not there.
        channels: [1, C, 1, 1], see `channel_weights`.
    """

    latents: Tensor
    captions: Captions
    hidden: Tensor
    pooled: Tensor
    conditioner: Conditioner
    channels: Tensor

    def read(self, texts: Tensor) -> tuple[Tensor, Tensor]:
        """Hidden states [N, 77, 320] and pooled text [N, 192] of texts by their places in `captions.texts`."""
        if len(self.hidden):
            return self.hidden[texts], self.pooled[texts].float()
        with torch.no_grad():
            hidden, pooled = self.conditioner.read(self.captions.tokens[texts])
        return hidden, pooled.float()


def encode_scenes(
    run: Run,
    pool: Pool,
    scenes: np.ndarray[Any, np.dtype[np.int64]],
    conditioner: Conditioner,
    keep: Path | None = None,
) -> Encoded:
    """Encode some scenes of the pool.

    Args:
        run: for the device.
        pool: the pool.
        scenes: their numbers.
        conditioner: text encoders and VAE.
        keep: `.npy` file of the latents, read when it is there: they take longest, and a resumed run needs them again.
    """
    if keep is not None and keep.is_file():
        latents = torch.from_numpy(np.load(keep))
    else:
        latents = _latents(run.device, pool, scenes, conditioner.vae)
    if keep is not None and not keep.is_file():
        keep.parent.mkdir(parents=True, exist_ok=True)
        neighbour = keep.with_name(f".{keep.name}.{os.getpid()}.npy")
        np.save(neighbour, latents.cpu().numpy())
        neighbour.replace(keep)
    captions = captions_of(pool, scenes, conditioner.tokenizer_2, full=True)
    read = captions.tokens if run.device.type == "cuda" else captions.tokens[:0]
    hidden, pooled = _texts(run.device, read, conditioner)
    latents = latents.to(run.device)
    channels = channel_weights(conditioner.vae, latents[:WEIGHED].float())
    return Encoded(latents, captions.to(run.device), hidden, pooled, conditioner, channels)


def kept_latents(run: Run, vae: Any) -> Path:
    """Where the latents of this encoder are kept; the decoder may learn on meanwhile."""
    weights = [*vae.encoder.parameters(), *vae.quant_conv.parameters()]
    key = content_hash(*(weight.detach().cpu().numpy().tobytes() for weight in weights))
    return run.state / f"latents-{key[:12]}.npy"


def _batch(device: torch.device) -> int:
    return GPU_BATCH if device.type == "cuda" else CPU_BATCH


def _latents(device: torch.device, pool: Pool, scenes: np.ndarray[Any, np.dtype[np.int64]], vae: Any) -> Tensor:
    say(f"base: {len(scenes)} pictures to latents")
    size, logged = _batch(device), time.monotonic()
    latents = torch.empty(len(scenes), vae.config.latent_channels, 16, 16, dtype=torch.float16, device=device)
    for at in range(0, len(scenes), size):
        pictures = torch.from_numpy(np.ascontiguousarray(pool.pictures[scenes[at : at + size]]))
        latents[at : at + size] = encode(vae, pictures.to(device)).half()
        if time.monotonic() - logged >= LOG_SECONDS:
            logged = time.monotonic()
            say(f"base: {at}/{len(scenes)}")
    return latents


def _texts(device: torch.device, tokens: Tensor, conditioner: Conditioner) -> tuple[Tensor, Tensor]:
    if len(tokens):
        say(f"base: {len(tokens)} different texts to hidden states")
    hidden = torch.empty(len(tokens), tokens.shape[1], 320, dtype=torch.bfloat16, device=device)
    pooled = torch.empty(len(tokens), 192, dtype=torch.bfloat16, device=device)
    with torch.no_grad(), torch.autocast(device.type, torch.bfloat16):
        for at in range(0, len(tokens), _batch(device)):
            part = slice(at, at + _batch(device))
            hidden[part], pooled[part] = conditioner.read(tokens[part].to(device))
    return hidden, pooled
