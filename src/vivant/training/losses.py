"""The losses of DreamRelation: one equation, one function. Each gives a number a sample, so that no sample's time step,
masks or keypoints touch another's, and a batch of two is two batches of one.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from vivant.training.schedule import Prediction


def denoising(predicted: Tensor, wanted: Tensor) -> Tensor:
    """Equation 3: squared error of the UNet's output, mean over each sample.

    Args:
        predicted, wanted: [B, C, h, w], of noise or velocity.

    Returns:
        [B].
    """
    return (predicted - wanted).square().flatten(1).mean(dim=1)


def min_snr(alpha_bar: Tensor, gamma: float, prediction: Prediction) -> Tensor:
    """Weight of each sample's denoising loss (Hang et al. 2023, section 3.4), with SNR = a / (1 - a).

    For noise min(SNR, gamma) / SNR, for velocity min(SNR, gamma) / (SNR + 1), written so that neither divides by zero
    where a is 0.

    Args:
        alpha_bar: [B, 1, 1, 1] or [B].
        gamma: where the weight starts to fall.
        prediction: what the UNet's output means.

    Returns:
        [B], in [0, 1].
    """
    left = alpha_bar.flatten()
    if prediction == "epsilon":
        return (gamma * (1.0 - left) / left).clamp(max=1.0)
    return torch.minimum(left, gamma * (1.0 - left))


def cell(points: Tensor, height: int, width: int) -> Tensor:
    """The grid cell that a point lies in, which is the one whose centre is nearest; rows one after the other.

    Args:
        points: [..., 2 or more]: x, y as fractions of the picture, both ends included: 1.0 lies in the last cell.
        height, width: of the grid.

    Returns:
        [...] whole numbers in [0, height * width).
    """
    column = (points[..., 0] * width).floor().long().clamp(0, width - 1)
    row = (points[..., 1] * height).floor().long().clamp(0, height - 1)
    return row * width + column


def keypoint_matching(predicted: Tensor, concepts: Tensor, target_points: Tensor, concept_points: Tensor) -> Tensor:
    """Equation 6: 1 / n_kp * || E(c_i)[c_kp^ci] - z0[c_kp^xk] ||^2, the norm over channels.

    n_kp counts a sample's keypoints that can be seen in both pictures; a hidden one says nothing. A sample without any
    has a loss of 0. The paper's words say "MSE", which would also divide by the number of channels; its equation does
    not, and is what is computed.

    Args:
        predicted: z0 [B, C, h, w] from `predicted_x0`.
        concepts: E(c_i) [B, N, C, h', w'], latents of each subject's own picture, in the scale of z0.
        target_points: [B, N, 17, 3]: x, y, visible; of each subject in the picture of the relation.
        concept_points: the same, in its own picture. A subject that only other samples of the batch have is invisible.

    Returns:
        [B].
    """
    batch, subjects, channels = concepts.shape[:3]
    at = cell(target_points, *predicted.shape[-2:]).flatten(1)  # [B, N * 17]
    wanted_at = cell(concept_points, *concepts.shape[-2:])  # [B, N, 17]
    found = predicted.flatten(2).gather(2, at[:, None].expand(-1, channels, -1))
    found = found.view(batch, channels, subjects, -1).transpose(1, 2)  # [B, N, C, 17]
    wanted = concepts.flatten(3).gather(3, wanted_at[:, :, None].expand(-1, -1, channels, -1))
    seen = ((target_points[..., 2] > 0) & (concept_points[..., 2] > 0)).to(predicted.dtype)
    distance = (wanted - found).square().sum(dim=2)  # [B, N, 17]
    return (distance * seen).flatten(1).sum(dim=1) / seen.flatten(1).sum(dim=1).clamp(min=1.0)


def predicate_attention(maps: Sequence[Tensor], masks: Tensor) -> Tensor:
    """The second loss of the released code: mean attention to the predicate outside the subjects, minus that inside.

    It is least when the words of the relation are looked at from where the subjects are. Every layer counts the same. A
    position that a mask covers in part counts as inside in that part. Each layer's masks are made from those given.

    Args:
        maps: a layer each, [B, h, w]: mean attention of the predicate's tokens; all 0 for a sample without one.
        masks: [B, H, W] in [0, 1]: where any subject is.

    Returns:
        [B].

    Raises:
        ValueError: no maps.
    """
    if not maps:
        raise ValueError("no attention maps: the UNet has no layer as small as asked for")
    differences = []
    for attention in maps:
        inside = F.interpolate(masks[:, None].to(attention.dtype), size=attention.shape[-2:], mode="area")[:, 0]
        differences.append(_mean_over(attention, 1.0 - inside) - _mean_over(attention, inside))
    return torch.stack(differences).mean(dim=0)


def _mean_over(values: Tensor, weights: Tensor) -> Tensor:
    """Weighted mean over each sample's [h, w]; 0 where there is no weight."""
    total = weights.sum(dim=(1, 2))
    return (values * weights).sum(dim=(1, 2)) / torch.where(total > 0, total, 1.0)
