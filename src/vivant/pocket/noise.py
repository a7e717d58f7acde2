"""The base's diffusion: zero terminal SNR, v-prediction, min-SNR weights. One equation, one function."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from vivant.training.schedule import noised, velocity

__all__ = ["MIN_SNR", "STEPS", "noised", "scheduler", "velocity", "weight"]

STEPS = 1000
MIN_SNR = 5.0
"""Gamma of Min-SNR weighting (Hang et al. 2023)."""


def scheduler() -> Any:
    """SDXL's noise schedule, rescaled to end in pure noise (Lin et al. 2023), sampled from its last step on."""
    from diffusers import EulerDiscreteScheduler

    return EulerDiscreteScheduler(
        num_train_timesteps=STEPS,
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        timestep_spacing="trailing",
        rescale_betas_zero_snr=True,
        steps_offset=0,
    )


def weight(alpha_bar: Tensor) -> Tensor:
    """Weight of the error in v: 1, falling as Min-SNR does where almost nothing is noise: min(1, gamma (1 - a)).

    Min-SNR's own weight in v is min(SNR, gamma) / (SNR + 1) = min(a, gamma (1 - a)). It vanishes at pure noise, where
    a zero-terminal-SNR model has to decide on colours and composition, so only its upper half is taken.
    """
    return (MIN_SNR * (1.0 - alpha_bar)).clamp(max=1.0)


def channel_weights(vae: Any, latents: Tensor, nudge: float = 0.3) -> Tensor:
    """Weights of the latents' channels, of mean 1: the root of how much of the picture hangs on each.

    Every channel has deviation 1, but one of pocket's eight carries 60 % of what can be seen, and four carry edges that
    nobody can foresee: alike in weight, those four are most of the loss and of its noise.

    Args:
        vae: diffusers' AutoencoderKL.
        latents: [N, C, h, w] of some pictures, as the UNet sees them.
        nudge: deviation of the noise that each channel is disturbed with.

    Returns:
        [1, C, 1, 1] float32.
    """
    source = torch.Generator().manual_seed(0)
    noise = nudge * torch.randn(latents.shape, generator=source).to(latents)
    with torch.no_grad():
        plain, changes = vae.decode(latents / vae.config.scaling_factor).sample, []
        for channel in range(latents.shape[1]):
            moved = latents.clone()
            moved[:, channel] += noise[:, channel]
            changes.append((vae.decode(moved / vae.config.scaling_factor).sample - plain).square().mean())
    roots = torch.stack(changes).float().sqrt()
    return (roots / roots.mean()).view(1, -1, 1, 1)
