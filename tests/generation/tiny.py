"""What subjects need beside a tiny base: an image encoder, an adapter and a LoRA of random weights, and photos."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from vivant.adapters.ms import new_ms_adapter, save_ms_adapter
from vivant.adapters.relation_lora import add_relation_lora, save_lora
from vivant.adapters.resampler import ResamplerSizes
from vivant.images import write_png

VISION = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 32,
    "patch_size": 8,
    "projection_dim": 12,
}


def save_tiny_encoder(folder: Path, seed: int = 0) -> Path:
    """17 tokens of width 16."""
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    torch.manual_seed(seed)
    CLIPVisionModelWithProjection(CLIPVisionConfig(**VISION)).save_pretrained(folder)
    return folder


def load_unet(base: Path) -> Any:
    """Of a base on disk."""
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel.from_pretrained(base / "unet").requires_grad_(False).eval()


def save_tiny_adapter(path: Path, unet: Any, phrase: int, seed: int = 1) -> Path:
    """For a base whose first text encoder's pooled output has a width of `phrase`; strong enough to be seen."""
    torch.manual_seed(seed)
    sizes = ResamplerSizes(
        dim=16, depth=1, head=8, heads=2, queries=3, features=16, output=unet.config.cross_attention_dim,
        feed_forward=2, phrase=phrase, frequencies=8,
    )  # fmt: skip
    adapter = new_ms_adapter(unet, sizes)
    with torch.no_grad():
        for layer in adapter.ms_adapter.values():
            layer.to_k_ip.weight.mul_(3.0)
            layer.to_v_ip.weight.mul_(30.0)
    save_ms_adapter(adapter, path)
    return path


def save_tiny_lora(folder: Path, unet: Any, seed: int = 2) -> Path:
    """One that changes the picture."""
    source = torch.Generator().manual_seed(seed)
    for parameter in add_relation_lora(unet, source):
        parameter.data.copy_(torch.randn(parameter.shape, generator=source))
    save_lora(unet, folder, {})
    return folder


def save_photos(folder: Path, *names: str) -> Path:
    """A folder a subject, two photos each, no two alike."""
    for number, name in enumerate(names):
        for photo in range(2):
            rng = np.random.default_rng([number, photo])
            write_png(folder / name / f"0{photo}.png", rng.integers(0, 256, (48, 40, 3), dtype=np.uint8))
    return folder
