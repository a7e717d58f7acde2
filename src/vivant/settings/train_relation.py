"""Settings of ``vivant train relation``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from vivant.settings.generate import Pixels
from vivant.settings.training import TrainSettings


class TrainRelationSettings(TrainSettings):
    """How a relation is learned. Defaults are those of DreamRelation, section 4, unless said.

    Attributes:
        base: a name ("pocket", "sdxl", "sd15"), a folder in the diffusers layout, or a hub id.
        rank: of the LoRA.
        preset: constants of the loss: the paper's, or the released code's. The next four override them.
        keypoint_weight: lambda of equation 7; 0 leaves the keypoint matching loss out.
        keypoint_latest: the last of 1000 time steps at which it counts.
        predicate_weight: of the predicate's attention; 0 leaves it out.
        min_snr_gamma: of Min-SNR weights; 5 is usual.
        width, height: pixels; None is the base's own size.
        variations: crops and flips of each triplet that are prepared, and encoded once.
        flip: chance of a variation to be mirrored.
        crop: the least part of the sides that a random crop keeps.
    """

    base: str = Field("pocket", min_length=1)
    rank: int = Field(4, ge=1, le=1024)
    preset: Literal["paper", "released"] = "paper"
    keypoint_weight: float | None = Field(None, ge=0.0, allow_inf_nan=False)
    keypoint_latest: int | None = Field(None, ge=0)
    predicate_weight: float | None = Field(None, ge=0.0, allow_inf_nan=False)
    min_snr_gamma: float | None = Field(None, gt=0.0, allow_inf_nan=False)
    width: Pixels | None = None
    height: Pixels | None = None
    variations: int = Field(8, ge=1, le=1000)
    flip: float = Field(0.5, ge=0.0, le=1.0, allow_inf_nan=False)
    crop: float = Field(0.9, gt=0.0, le=1.0, allow_inf_nan=False)
