"""Equation 7: the losses together, and the constants of the paper and of the released code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from vivant.training.losses import denoising, keypoint_matching, min_snr, predicate_attention
from vivant.training.schedule import NoiseSchedule, predicted_x0, target


@dataclass(frozen=True)
class RelationLoss:
    """Constants of the loss. Sections are DreamRelation's.

    Attributes:
        keypoint_weight: lambda of equation 7; 1e-3 in section 4 and best in table 7. 0 leaves the loss out.
        keypoint_latest: the last time step of 1000 at which it counts; None is all of them (section 3.4.2 names none).
        predicate_weight: of the predicate's attention, which only the released code has. 0 leaves it out.
        predicate_largest: sides of the largest attention maps that it looks at.
        min_snr_gamma: of Min-SNR weighting of the denoising loss alone (5 in Hang et al. 2023); None is none.
    """

    keypoint_weight: float = 1e-3
    keypoint_latest: int | None = None
    predicate_weight: float = 0.0
    predicate_largest: int = 32
    min_snr_gamma: float | None = None


PAPER = RelationLoss()
"""Sections 3.4.2 and 4."""
RELEASED = RelationLoss(keypoint_weight=0.1, keypoint_latest=333, predicate_weight=1e-3)
"""The authors' published code."""
PRESETS: Mapping[str, RelationLoss] = {"paper": PAPER, "released": RELEASED}


@dataclass(frozen=True)
class Pose:
    """What the extra losses know of a batch; subjects that a sample does not have are invisible.

    Attributes:
        concepts: [B, N, C, h', w'] latents of the subjects' own pictures.
        target_points: [B, N, 17, 3].
        concept_points: [B, N, 17, 3].
        masks: [B, H, W] in [0, 1]: where any subject is, in the pixels of the picture.
    """

    concepts: Tensor
    target_points: Tensor
    concept_points: Tensor
    masks: Tensor


@dataclass(frozen=True)
class Losses:
    """Scalars, means over the batch. `denoising` is without Min-SNR weights, so that runs can be compared.

    Attributes:
        total: what is minimised.
        denoising, keypoint, predicate: its parts, before their weights; None where a part is left out.
    """

    total: Tensor
    denoising: Tensor
    keypoint: Tensor | None
    predicate: Tensor | None

    def parts(self) -> dict[str, Tensor]:
        """Those that there are, by name."""
        named = {name: getattr(self, name) for name in ("total", "denoising", "keypoint", "predicate")}
        return {name: value for name, value in named.items() if value is not None}


def relation_losses(
    predicted: Tensor,
    latents: Tensor,
    noise: Tensor,
    seen: Tensor,
    timesteps: Tensor,
    pose: Pose,
    maps: Sequence[Tensor],
    schedule: NoiseSchedule,
    constants: RelationLoss,
) -> Losses:
    """Equation 7: L = L_denoise + lambda L_KML, and the released code's third part.

    Args:
        predicted: the UNet's output [B, C, h, w], float32.
        latents, noise, seen: x_0, e and x_t, of the same shape.
        timesteps: [B], each sample's own.
        pose: for the other two losses.
        maps: attention to the predicate, a layer each, [B, h, w]; only looked at where `predicate_weight` is not 0.
        schedule: of the base.
        constants: weights.
    """
    alpha_bar = schedule.at(timesteps)
    plain = denoising(predicted, target(latents, noise, alpha_bar, schedule.prediction))
    gamma = constants.min_snr_gamma
    weighted = plain if gamma is None else plain * min_snr(alpha_bar, gamma, schedule.prediction)
    total, keypoint, predicate = weighted.mean(), None, None
    if constants.keypoint_weight:
        picture = predicted_x0(seen, predicted, alpha_bar, schedule.prediction)
        matched = keypoint_matching(picture, pose.concepts, pose.target_points, pose.concept_points)
        keypoint = (matched * counted(timesteps, constants.keypoint_latest)).mean()
        total = total + constants.keypoint_weight * keypoint
    if constants.predicate_weight:
        predicate = predicate_attention(maps, pose.masks).mean()
        total = total + constants.predicate_weight * predicate
    return Losses(total, plain.mean(), keypoint, predicate)


def counted(timesteps: Tensor, latest: int | None) -> Tensor:
    """[B] bool: the samples whose own time step is at most `latest`; all where that is None."""
    return timesteps >= 0 if latest is None else timesteps <= latest
