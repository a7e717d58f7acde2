"""SDXL inpainting and its refiner at a millionth of the size, random weights, in the published layout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vivant.models.clip_tokens import clip_vocabulary

TOKENS = 49408


def save_tiny_sdxl(folder: Path, *, seed: int = 0) -> tuple[Path, Path]:
    """Folders of the inpainting model (9 input channels) and of the refiner (4, one text encoder, aesthetic score)."""
    import torch
    from diffusers import (
        AutoencoderKL,
        EulerDiscreteScheduler,
        StableDiffusionXLImg2ImgPipeline,
        StableDiffusionXLInpaintPipeline,
    )
    from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

    torch.manual_seed(seed)
    vocabulary, merges = clip_vocabulary()
    tokenizers = [CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=77) for _ in range(2)]
    vae = AutoencoderKL(
        block_out_channels=(8, 8, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=4,
        scaling_factor=0.13025,
        sample_size=64,
    )
    scheduler = EulerDiscreteScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1, timestep_spacing="leading"
    )
    projecting = CLIPTextModelWithProjection(_text_config(16))
    base = StableDiffusionXLInpaintPipeline(
        vae=vae,
        text_encoder=CLIPTextModel(_text_config(16)),
        text_encoder_2=projecting,
        tokenizer=tokenizers[0],
        tokenizer_2=tokenizers[1],
        unet=_unet(channels=9, text=32, added=16 + 6 * 8),
        scheduler=scheduler,
        add_watermarker=False,
    )
    refiner = StableDiffusionXLImg2ImgPipeline(
        vae=vae,
        text_encoder=None,
        text_encoder_2=projecting,
        tokenizer=None,
        tokenizer_2=tokenizers[1],
        unet=_unet(channels=4, text=16, added=16 + 5 * 8),
        scheduler=scheduler,
        requires_aesthetics_score=True,
        add_watermarker=False,
    )
    base.save_pretrained(folder / "base")
    refiner.save_pretrained(folder / "refiner")
    return folder / "base", folder / "refiner"


def _text_config(width: int) -> Any:
    from transformers import CLIPTextConfig

    return CLIPTextConfig(
        vocab_size=TOKENS,
        hidden_size=width,
        intermediate_size=2 * width,
        projection_dim=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        bos_token_id=TOKENS - 2,
        eos_token_id=TOKENS - 1,
        pad_token_id=1,
    )


def _unet(*, channels: int, text: int, added: int) -> Any:
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=8,
        in_channels=channels,
        out_channels=4,
        block_out_channels=(8, 16),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(2, 4),
        norm_num_groups=4,
        use_linear_projection=True,
        cross_attention_dim=text,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=added,
    )
