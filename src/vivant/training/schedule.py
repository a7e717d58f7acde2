"""The noise that a base was trained with, as its scheduler's configuration says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import torch
from torch import Tensor

from vivant.errors import ModelError

Prediction = Literal["epsilon", "v_prediction"]
"""What a UNet's output means: the noise, or the velocity sqrt(a) e - sqrt(1 - a) x_0."""


@dataclass(frozen=True)
class NoiseSchedule:
    """Attributes:
    alpha_bar: [T] float32, the part of the picture's variance that is left at each time step, falling.
    prediction: what the UNet's output means.
    """

    alpha_bar: Tensor
    prediction: Prediction

    @property
    def steps(self) -> int:
        """T, the number of time steps."""
        return len(self.alpha_bar)

    def at(self, timesteps: Tensor) -> Tensor:
        """alpha_bar of each sample's own time step: [B] whole numbers -> [B, 1, 1, 1]."""
        return self.alpha_bar[timesteps].view(-1, 1, 1, 1)


def noise_schedule(scheduler: Any, device: Any = "cpu") -> NoiseSchedule:
    """Of any diffusers scheduler that knows alpha_bar.

    Raises:
        ModelError: it does not (flow matching), the UNet predicts something else, or it predicts noise where nothing
            but noise is left, from which no picture can be told.
    """
    kind = type(scheduler).__name__
    prediction = scheduler.config.get("prediction_type", "epsilon")
    alpha_bar = getattr(scheduler, "alphas_cumprod", None)
    if alpha_bar is None or prediction not in get_args(Prediction):
        raise ModelError(
            f"the base's scheduler, {kind} with prediction {prediction!r}, is none that can be trained with"
        )
    if prediction == "epsilon" and float(alpha_bar[-1]) <= 0.0:
        raise ModelError(
            f"the base's scheduler, {kind}, ends in pure noise, which needs v_prediction instead of epsilon"
        )
    return NoiseSchedule(torch.as_tensor(alpha_bar, dtype=torch.float32, device=device), prediction)


def noised(latents: Tensor, noise: Tensor, alpha_bar: Tensor) -> Tensor:
    """x_t = sqrt(a) x_0 + sqrt(1 - a) e (Ho et al. 2020, equation 4); [B, C, h, w], alpha_bar [B, 1, 1, 1]."""
    return alpha_bar.sqrt() * latents + (1.0 - alpha_bar).sqrt() * noise


def velocity(latents: Tensor, noise: Tensor, alpha_bar: Tensor) -> Tensor:
    """v = sqrt(a) e - sqrt(1 - a) x_0 (Salimans and Ho 2022, appendix D); shapes as in `noised`."""
    return alpha_bar.sqrt() * noise - (1.0 - alpha_bar).sqrt() * latents


def target(latents: Tensor, noise: Tensor, alpha_bar: Tensor, prediction: Prediction) -> Tensor:
    """What the UNet should have said; shapes as in `noised`."""
    return noise if prediction == "epsilon" else velocity(latents, noise, alpha_bar)


def predicted_x0(seen: Tensor, predicted: Tensor, alpha_bar: Tensor, prediction: Prediction) -> Tensor:
    """Equation 5: the picture that a prediction amounts to.

    From noise (z_t - sqrt(1 - a) e) / sqrt(a), from velocity sqrt(a) z_t - sqrt(1 - a) v, which stays finite at a = 0.

    Args:
        seen: z_t [B, C, h, w].
        predicted: the UNet's output [B, C, h, w].
        alpha_bar: [B, 1, 1, 1], each sample's own.
        prediction: what the output means.
    """
    left, lost = alpha_bar.sqrt(), (1.0 - alpha_bar).sqrt()
    if prediction == "epsilon":
        return (seen - lost * predicted) / left
    return left * seen - lost * predicted
