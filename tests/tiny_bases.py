"""Text-to-image models at a millionth of the size, random weights, in the two layouts that are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vivant.models.clip_tokens import END, START, clip_vocabulary

BYTES = 512
"""CLIP's first tokens: every byte, inside a word and at its end."""
TOKENS = BYTES + 2

ZERO_SNR = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "prediction_type": "v_prediction",
    "rescale_betas_zero_snr": True,
    "timestep_spacing": "trailing",
}
"""The scheduler of the pocket base."""


def save_tiny_sdxl(folder: Path, *, scheduler: Any = None, seed: int = 0) -> Path:
    """SDXL's layout: two text encoders, pooled text, time ids; if not told otherwise, Euler at zero terminal SNR."""
    import torch
    from diffusers import EulerDiscreteScheduler, StableDiffusionXLPipeline
    from transformers import CLIPTextModel, CLIPTextModelWithProjection

    torch.manual_seed(seed)
    StableDiffusionXLPipeline(
        vae=_vae(),
        text_encoder=CLIPTextModel(_text_config(16)),
        text_encoder_2=CLIPTextModelWithProjection(_text_config(24)),
        tokenizer=_tokenizer("<|endoftext|>"),
        tokenizer_2=_tokenizer("!"),
        unet=_unet(40, addition_embed_type="text_time", projection_class_embeddings_input_dim=16 + 6 * 8),
        scheduler=scheduler or EulerDiscreteScheduler(**ZERO_SNR),
        add_watermarker=False,
    ).save_pretrained(folder)
    return folder


def save_tiny_sd15(folder: Path, *, scheduler: Any = None, seed: int = 0) -> Path:
    """SD 1.5's layout: one text encoder; PNDM if not told otherwise."""
    import torch
    from diffusers import PNDMScheduler, StableDiffusionPipeline
    from transformers import CLIPTextModel

    torch.manual_seed(seed)
    published = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}
    StableDiffusionPipeline(
        vae=_vae(),
        text_encoder=CLIPTextModel(_text_config(24)),
        tokenizer=_tokenizer("<|endoftext|>"),
        unet=_unet(24),
        scheduler=scheduler or PNDMScheduler(**published, skip_prk_steps=True),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(folder)
    return folder


def _tokenizer(pad: str) -> Any:
    from transformers import CLIPTokenizer

    tokens = [*list(clip_vocabulary()[0])[:BYTES], START, END]
    return CLIPTokenizer(
        vocab={token: number for number, token in enumerate(tokens)}, merges=[], model_max_length=77, pad_token=pad
    )


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
        pad_token_id=0,
    )


def _vae() -> Any:
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        block_out_channels=(8, 8, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=4,
        scaling_factor=0.5,
        sample_size=64,
    )


def _unet(text: int, **added: Any) -> Any:
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(8, 16),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(2, 4),
        norm_num_groups=4,
        use_linear_projection=True,
        cross_attention_dim=text,
        addition_time_embed_dim=8 if added else None,
        **added,
    )
