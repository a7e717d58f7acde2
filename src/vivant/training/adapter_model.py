"""The frozen base told subjects by an adapter in training: its loss, and the same on pictures that are held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from vivant.adapters.ms import MsAdapter
from vivant.models.bundle import Bundle
from vivant.models.text import Text, added_conditions
from vivant.training.adapter_data import AdapterData, Draw
from vivant.training.adapter_loss import Kept, Subjects, subject_keys
from vivant.training.losses import denoising, min_snr
from vivant.training.schedule import NoiseSchedule, noised, target

TIMES = 4
"""Time steps at which each held-out picture is scored, spread over all of them."""


class Prompted(nn.Module):  # type: ignore[misc]
    """One call is one call of the UNet.

    Attributes:
        unet: the base's, attached to, see `vivant.adapters.attention.attach`.
        adapter: whose parameters train.
        scale: gamma of equation 4.
    """

    def __init__(self, unet: Any, adapter: MsAdapter, scale: float) -> None:
        super().__init__()
        self.unet, self.adapter, self.scale = unet, adapter, scale

    def forward(
        self, seen: Tensor, timesteps: Tensor, text: Text, size: tuple[int, int], subjects: Subjects, kept: Kept
    ) -> Tensor:
        """What the UNet says of noised latents.

        Args:
            seen: x_t [B, C, h, w].
            timesteps: [B].
            text: of B pictures.
            size: height and width in pixels.
            subjects: of B pictures.
            kept: what of them is told.
        """
        latents = (seen.shape[-2], seen.shape[-1])
        fixed = subject_keys(self.unet, self.adapter, subjects, kept, size=latents, gamma=self.scale)
        predicted: Tensor = self.unet(
            seen.to(self.unet.dtype, memory_format=torch.channels_last),
            timesteps,
            encoder_hidden_states=text.states,
            added_cond_kwargs=added_conditions(text, *size),
            cross_attention_kwargs={"fixed": fixed, "recorder": None},
            return_dict=False,
        )[0]
        return predicted


@dataclass(frozen=True)
class AdapterLoss:
    """Equation 3 of samples that are told subjects.

    Attributes:
        bundle: the base.
        data: of all pictures.
        schedule: of the base.
        empty: what a sample is told that is told no caption.
        min_snr_gamma: of Min-SNR weights; None is none.
    """

    bundle: Bundle
    data: AdapterData
    schedule: NoiseSchedule
    empty: Text
    min_snr_gamma: float | None

    def __call__(self, model: Any, part: Draw) -> dict[str, Tensor]:
        """Means over the samples: "total" is minimised, "denoising" is the same without Min-SNR weights.

        Args:
            model: `Prompted`, as accelerate has wrapped it.
            part: samples.
        """
        device, prediction = self.bundle.device, self.schedule.prediction
        latents, noise = part.latents(self.data).to(device), part.noise.to(device)
        timesteps = part.timesteps.to(device)
        alpha_bar = self.schedule.at(timesteps)
        seen = noised(latents, noise, alpha_bar)
        text, subjects = part.text(self.data, self.empty, device), part.subjects(self.data, device)
        predicted = model(seen, timesteps, text, self.data.size, subjects, part.kept.to(device)).float()
        plain = denoising(predicted, target(latents, noise, alpha_bar, prediction))
        gamma = self.min_snr_gamma
        weighted = plain if gamma is None else plain * min_snr(alpha_bar, gamma, prediction)
        return {"total": weighted.mean(), "denoising": plain.mean()}


@dataclass(frozen=True)
class HeldOut:
    """A score that is not the training loss: of pictures that are not trained on, always with the same noise.

    Attributes:
        losses: of the run.
        draw: the samples, told everything there is.
        piece: samples that are computed at a time.
    """

    losses: AdapterLoss
    draw: Draw
    piece: int

    @classmethod
    def of(cls, losses: AdapterLoss, rows: Sequence[int], *, seed: int, piece: int, local: bool) -> HeldOut:
        """Each picture at `TIMES` time steps of its own; together they lie evenly.

        Args:
            losses: of the run.
            rows: numbers of the pictures.
            seed: of the noise.
            piece: samples that are computed at a time.
            local: whether they are told local tokens.
        """
        data, count = losses.data, len(rows)
        picked = torch.tensor(rows).repeat_interleave(TIMES)
        places = (torch.arange(TIMES) + (torch.arange(count)[:, None] + 0.5) / count).flatten() / TIMES
        shape = (len(picked), *data.moments.shape[2:])
        there = torch.ones(len(picked), dtype=torch.bool)
        draw = Draw(
            rows=picked,
            captions=data.captions[picked, 0],
            photos=data.photos[picked][..., 0],
            boxes=data.boxes[picked],
            timesteps=(places * losses.schedule.steps).long(),
            posterior=torch.zeros(shape),  # the mean of the autoencoder's posterior: one thing less that is random
            noise=torch.randn(shape, generator=torch.Generator().manual_seed(seed)),
            kept=Kept(there, there, torch.zeros(len(picked), data.boxes.shape[1], dtype=torch.bool)),
            local=local,
        )
        return cls(losses, draw, piece)

    def score(self, model: Any, *, images: bool = True) -> Tensor:
        """The mean loss; less is better.

        Args:
            model: as for `AdapterLoss`.
            images: whether the samples are told their subjects' photos; else it is the base's own loss.
        """
        kept, count = self.draw.kept, len(self.draw.rows)
        draw = self.draw if images else replace(self.draw, kept=replace(kept, image=torch.zeros_like(kept.image)))
        found = torch.zeros((), device=self.losses.bundle.device)
        with torch.no_grad():
            for start in range(0, count, self.piece):
                part = draw.part(start, min(start + self.piece, count))
                found += self.losses(model, part)["denoising"] * (len(part.rows) / count)
        return found
