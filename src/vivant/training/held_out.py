"""A score that is not the training loss: the loss on variations that are not trained on, always with the same noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from vivant.training.learner import Learner, sample_losses
from vivant.training.objective import RelationLoss
from vivant.training.relation_data import Draw, RelationData
from vivant.training.schedule import NoiseSchedule

TIMES = 4
"""Time steps at which each held-out variation is scored, spread over all of them."""
SCORE = "held_out_loss"


@dataclass(frozen=True)
class HeldOut:
    """Samples to score on, and how they are scored.

    Attributes:
        data: of all variations.
        draw: the samples, on the device.
        schedule: of the base.
        constants: of the loss.
        piece: samples that are computed at a time.
    """

    data: RelationData
    draw: Draw
    schedule: NoiseSchedule
    constants: RelationLoss
    piece: int

    def score(self, learner: Learner) -> dict[str, Tensor]:
        """Means over the samples: the denoising loss without Min-SNR weights, keypoint matching, and "held_out_loss",
        their sum weighted as equation 7 does. Less is better."""
        sums: dict[str, Any] = {"denoising": 0.0, "keypoint": 0.0}
        count = len(self.draw.rows)
        with torch.no_grad():
            for start in range(0, count, self.piece):
                part = self.draw.part(start, start + self.piece, self.draw.rows.device)
                losses = sample_losses(learner, self.data, part, self.schedule, self.constants, learner.unet)
                for name in sums:
                    value = getattr(losses, name)
                    sums[name] = sums[name] + (0.0 if value is None else value) * len(part.rows) / count
        score = sums["denoising"] + self.constants.keypoint_weight * sums["keypoint"]
        found = {SCORE: score, "held_out_denoising": sums["denoising"]}
        return {**found, "held_out_keypoint": sums["keypoint"]} if self.constants.keypoint_weight else found


def hold_out(
    data: RelationData, first: int, schedule: NoiseSchedule, constants: RelationLoss, *, seed: int, piece: int
) -> HeldOut:
    """Score on the variations from number `first` on, each at `TIMES` time steps of its own; together they lie evenly.

    Args:
        data: of all variations.
        first: the first one that is not trained on.
        schedule: of the base.
        constants: of the loss.
        seed: of the noise.
        piece: samples that are computed at a time.
    """
    rows = torch.arange(first, len(data.moments)).repeat_interleave(TIMES)
    variation, place = rows - first, torch.arange(TIMES).repeat(len(data.moments) - first)
    spread = (place + (variation + 0.5) / (len(data.moments) - first)) / TIMES
    source = torch.Generator().manual_seed(seed)
    shape = (len(rows), *data.moments.shape[2:])
    draw = Draw(
        rows,
        (spread * schedule.steps).long(),
        torch.zeros(shape),  # the mean of the autoencoder's posterior: one thing less that is random
        torch.randn(shape, generator=source),
    )
    device = data.moments.device
    return HeldOut(data, draw.part(0, len(rows), device), schedule, constants, piece)
