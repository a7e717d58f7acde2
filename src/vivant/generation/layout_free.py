"""Subjects without boxes: where they lie is read off the text's own attention while the picture takes shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from vivant.adapters.attention import FixedKeys
from vivant.adapters.maps import LARGEST, THRESHOLD, MapRecorder, combined, hard_masks, select_tokens
from vivant.errors import SettingsError
from vivant.generation.sample import Predict

START = 1 / 6
"""Share of the steps that the text has to itself: MS-Diffusion's 5 of 30."""


@dataclass(frozen=True)
class LayoutFree:
    """How places are estimated for subjects that have no box.

    Attributes:
        start: share of the steps before the first estimate, in (0, 1). Until then such a subject has no image term.
        threshold: of a subject's map, stretched to [0, 1]; above it the subject lies.
    """

    start: float = START
    threshold: float = THRESHOLD

    def __post_init__(self) -> None:
        for name in ("start", "threshold"):
            if not 0.0 < getattr(self, name) < 1.0:
                raise SettingsError(f"a layout {name} of {getattr(self, name)}: give a number between 0 and 1")


def recorder_for(words: Sequence[Sequence[Sequence[int]]], tokens: int, fixed: FixedKeys, device: Any) -> MapRecorder:
    """Of the words' maps on all grids of at most 32 x 32, or on the coarsest where that is larger.

    Args:
        words: picture by picture, subject by subject: the places of its tokens.
        tokens: of a prompt.
        fixed: knows the grids.
        device: torch's.
    """
    coarsest = max(LARGEST, round(min(fixed.sizes) ** 0.5 + 0.5))
    return MapRecorder(select_tokens(words, tokens).to(device), fixed.sizes, coarsest)


def placing(predict: Predict, attention: dict[str, Any], boxed: Tensor, how: LayoutFree, steps: int) -> Predict:
    """A predictor that places subjects as it goes.

    The mean of their words' maps over all steps so far is their mask, from the first estimate on after every step.

    Args:
        predict: reads `attention`.
        attention: "fixed", keys in which subjects without a box are nowhere, and "recorder", of their words.
        boxed: [b, N] bool, subjects that stay where their boxes are.
        how: when and from what on.
        steps: of the whole way.
    """
    given: FixedKeys = attention["fixed"]
    recorder: MapRecorder = attention["recorder"]
    first = max(1, round(how.start * steps))
    finest = given.sizes[max(given.sizes)]
    taken = 0

    def step(latents: Tensor, timestep: Tensor) -> Tensor:
        nonlocal taken
        predicted = predict(latents, timestep)
        taken += 1
        if first <= taken < steps:
            masks = hard_masks(combined(recorder.maps(), *finest), how.threshold)
            attention["fixed"] = moved(given, masks, boxed)
        return predicted

    return step


def moved(fixed: FixedKeys, masks: Tensor, boxed: Tensor) -> FixedKeys:
    """Subjects without a box go where their masks are, the others stay.

    Args:
        fixed: with the boxes.
        masks: [b, N, h, w] bool.
        boxed: [b, N] bool.
    """
    free = fixed.with_masks(masks)
    merged = {}
    for positions, look in free.looks.items():
        subjects = look[..., 1:]
        queries = subjects.shape[-1] // boxed.shape[1]
        stays = boxed.repeat_interleave(queries, dim=1)[:, None, None]
        subjects = torch.where(stays, fixed.looks[positions][..., 1:], subjects)
        merged[positions] = torch.cat([~subjects.any(dim=-1, keepdim=True), subjects], dim=-1)
    return replace(fixed, looks=merged)
