"""The image half of a CLIP at a millionth of the size, random."""

from typing import Any

import torch

VISION = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_attention_heads": 2,
    "image_size": 32,
    "patch_size": 8,
    "projection_dim": 12,
}


def tiny_clip(seed: int = 0, layers: int = 3) -> Any:
    """CLIPVisionModelWithProjection whose features tell pictures apart."""
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    torch.manual_seed(seed)
    model = CLIPVisionModelWithProjection(CLIPVisionConfig(**VISION, num_hidden_layers=layers)).eval()
    with torch.no_grad():
        for value in model.parameters():
            value += 0.1 * torch.randn_like(value)
    return model
