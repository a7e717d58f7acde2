"""CogVideoX image-to-video at a millionth of the size, random weights, in the published layout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from vivant.types import Image

LETTERS = "abcdefghijklmnopqrstuvwxyz.,'"
WIDTH, HEIGHT, FRAMES, TOKENS = 48, 32, 17, 32
"""Of its clips, and of the prompts that it reads."""


def save_tiny_cogvideox(folder: Path, *, newer: bool = False, seed: int = 0) -> Path:
    """CogVideoX's layout with learned positions, or with `newer` that of 1.5: pairs of latent frames and an `ofs`."""
    import torch
    from diffusers import (
        AutoencoderKLCogVideoX,
        CogVideoXDDIMScheduler,
        CogVideoXImageToVideoPipeline,
        CogVideoXTransformer3DModel,
    )
    from transformers import T5Config, T5EncoderModel

    from vivant.models.bundle import silently

    torch.manual_seed(seed)
    kind: dict[str, Any] = {"use_learned_positional_embeddings": True}
    if newer:
        kind = {"patch_size_t": 2, "ofs_embed_dim": 4, "patch_bias": False}
    tokenizer = tiny_t5_tokenizer()
    pipeline = CogVideoXImageToVideoPipeline(
        tokenizer=tokenizer,
        text_encoder=T5EncoderModel(
            T5Config(
                vocab_size=len(tokenizer),
                d_model=16,
                d_kv=8,
                d_ff=16,
                num_layers=1,
                num_heads=2,
                feed_forward_proj="gated-gelu",
            )
        ),
        vae=AutoencoderKLCogVideoX(
            down_block_types=("CogVideoXDownBlock3D",) * 4,
            up_block_types=("CogVideoXUpBlock3D",) * 4,
            block_out_channels=(8, 8, 8, 8),
            latent_channels=4,
            layers_per_block=1,
            norm_num_groups=2,
            sample_height=2 * HEIGHT,  # tiles are half of it
            sample_width=2 * WIDTH,
        ),
        transformer=CogVideoXTransformer3DModel(
            num_attention_heads=2,
            attention_head_dim=16,
            in_channels=8,
            out_channels=4,
            time_embed_dim=4,
            text_embed_dim=16,
            num_layers=1,
            sample_width=WIDTH // 8,
            sample_height=HEIGHT // 8,
            sample_frames=FRAMES,
            max_text_seq_length=TOKENS,
            use_rotary_positional_embeddings=True,
            **kind,
        ),
        scheduler=CogVideoXDDIMScheduler(),
    )
    with silently():
        pipeline.save_pretrained(folder)
    return folder


def tiny_t5_tokenizer() -> Any:
    """A token a letter; made without SentencePiece."""
    from transformers import T5Tokenizer

    marks = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
    return T5Tokenizer(vocab=[*marks, *((letter, -3.0) for letter in LETTERS)], extra_ids=0, model_max_length=TOKENS)


def moving(count: int = 9, height: int = 64, width: int = 96) -> list[Image]:
    """A dark square that wanders over a gradient; HWC uint8 RGB."""
    frames: list[Image] = []
    for number in range(count):
        frame = np.zeros((height, width, 3), np.uint8)
        frame[..., 0] = np.linspace(60, 220, width, dtype=np.uint8)
        frame[..., 1] = np.linspace(40, 180, height, dtype=np.uint8)[:, None]
        frame[20:40, 4 + 6 * number : 24 + 6 * number] = 15
        frames.append(frame)
    return frames
