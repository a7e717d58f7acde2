"""A UNet with cross-attention on two grids, an adapter for it and image prompts, all tiny and random."""

from typing import Any

import torch

from vivant.adapters.ms import ImagePrompt, MsAdapter, new_ms_adapter
from vivant.adapters.resampler import ResamplerSizes

TEXT = 12
SIZES = ResamplerSizes(
    dim=16, depth=2, head=8, heads=2, queries=3, features=10, output=TEXT, feed_forward=2, phrase=6, frequencies=8
)
BOXES = torch.tensor([[0.0, 0.1, 0.5, 0.9], [0.4, 0.2, 0.95, 1.0], [0.3, 0.0, 0.6, 0.3]])


def tiny_unet(seed: int = 0) -> Any:
    """Cross-attention on the latents' grid and on half of it, none on a quarter."""
    from diffusers import UNet2DConditionModel

    torch.manual_seed(seed)
    unet = UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(8, 16, 16),
        layers_per_block=1,
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        attention_head_dim=(2, 4, 4),
        norm_num_groups=4,
        use_linear_projection=True,
        cross_attention_dim=TEXT,
    )
    return unet.eval().requires_grad_(False)


def tiny_adapter(unet: Any, seed: int = 1) -> MsAdapter:
    """Random, frozen."""
    torch.manual_seed(seed)
    adapter = new_ms_adapter(unet, SIZES)
    adapter.eval().requires_grad_(False)
    return adapter


def noise(*shape: int, seed: int = 2) -> torch.Tensor:
    """Standard normal."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def tiny_prompt(adapter: MsAdapter, batch: int = 1, subjects: int = 2, seed: int = 3, **options: Any) -> ImagePrompt:
    """Subjects with other features in every picture, each in a box of its own."""
    boxes = BOXES[torch.arange(batch * subjects) % len(BOXES)].view(batch, subjects, 4)
    features, phrases = noise(batch, subjects, 5, 10, seed=seed), noise(batch, subjects, 6, seed=seed + 1)
    return adapter.prompt(features, phrases, boxes, **options)


def predict(unet: Any, latents: torch.Tensor, states: torch.Tensor, **kwargs: Any) -> torch.Tensor:
    """The UNet's answer at one time step."""
    answer: torch.Tensor = unet(latents, 500, states, cross_attention_kwargs=kwargs or None).sample
    return answer
