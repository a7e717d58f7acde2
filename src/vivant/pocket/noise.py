"""The base's diffusion: zero terminal SNR, v-prediction, min-SNR weights. One equation, one function."""

from __future__ import annotations

from typing import Any

from torch import Tensor

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


def noised(latents: Tensor, noise: Tensor, alpha_bar: Tensor) -> Tensor:
    """x_t = sqrt(a) x_0 + sqrt(1 - a) e, for a of each picture, [N, 1, 1, 1]."""
    return alpha_bar.sqrt() * latents + (1.0 - alpha_bar).sqrt() * noise


def velocity(latents: Tensor, noise: Tensor, alpha_bar: Tensor) -> Tensor:
    """v = sqrt(a) e - sqrt(1 - a) x_0 (Salimans and Ho 2022)."""
    return alpha_bar.sqrt() * noise - (1.0 - alpha_bar).sqrt() * latents


def weight(alpha_bar: Tensor) -> Tensor:
    """Weight of the error in v: 1, falling as Min-SNR does where almost nothing is noise: min(1, gamma (1 - a)).

    Min-SNR's own weight in v is min(SNR, gamma) / (SNR + 1) = min(a, gamma (1 - a)). It vanishes at pure noise, where
    a zero-terminal-SNR model has to decide on colours and composition, so only its upper half is taken.
    """
    return (MIN_SNR * (1.0 - alpha_bar)).clamp(max=1.0)
