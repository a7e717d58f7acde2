"""Settings of ``vivant train relation``."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from vivant.settings.generate import Pixels
from vivant.settings.training import TrainSettings


class TrainRelationSettings(TrainSettings):
    """How a relation is learned. Defaults are those of DreamRelation, section 4, unless said.

    Attributes:
        base: a name ("pocket", "sdxl", "sd15"), a folder in the diffusers layout, or a hub id.
        method: a LoRA on the text's cross-attention, or R*: an embedding in place of the words of the relation, as in
            ReVersion, learned by the denoising loss alone (section 4.2, without relation-aware data).
        rank: of the LoRA.
        concepts: pictures of the subjects: their own, or crops of the picture of the relation. Without it a LoRA takes
            their own, and an embedding crops, as section 4.2 does.
        preset: constants of the loss: the paper's, or the released code's. The next four override them.
        keypoint_weight: lambda of equation 7; 0 leaves the keypoint matching loss out.
        keypoint_latest: the last of 1000 time steps at which it counts.
        predicate_weight: of the predicate's attention; 0 leaves it out.
        min_snr_gamma: of Min-SNR weights; 5 is usual.
        image_prompts: show the base the subjects through its adapter; without, the text alone is trained on.
        scale: gamma of equation 4, how strong image prompts are.
        adapter: a file, a folder or a hub id; without it the base's own.
        image_encoder: a CLIP folder, an open_clip state dict, or a hub id; without it the base's own.
        local_encoder: likewise; `none` goes without local tokens, `same` takes the image encoder as it is.
        partitions: cells a side from which local tokens are made; 4 gives the 16 of section 4.
        factor: local tokens read a picture at so many times the encoder's side; without it the base's own.
        injection: how local tokens join the image's features (table 9); the layer of `linear` is trained along.
        fix_image_keys: compute keys and values of image prompts once; off, at every step, in less memory.
        width, height: pixels; without it the base's own.
        variations: crops and flips of each triplet that are prepared, and encoded once.
        flip: chance of a variation to be mirrored.
        crop: the least part of the sides that a random crop keeps.
        held_out: so many triplets at the end are kept from training, to score it on; 0 scores it on variations of all
            triplets that are not trained on.
        validate_every: steps between two scores and grids of pictures; 0 is never.
        grid: triplets whose prompt is drawn for a grid; 0 draws none.
    """

    OPEN: ClassVar[frozenset[str]] = TrainSettings.OPEN | {"fix_image_keys", "grid"}

    base: str = Field("pocket", min_length=1)
    method: Literal["lora", "embedding"] = "lora"
    rank: int = Field(4, ge=1, le=1024)
    concepts: Literal["pictures", "crops"] | None = None
    preset: Literal["paper", "released"] = "paper"
    keypoint_weight: float | None = Field(None, ge=0.0, allow_inf_nan=False)
    keypoint_latest: int | None = Field(None, ge=0)
    predicate_weight: float | None = Field(None, ge=0.0, allow_inf_nan=False)
    min_snr_gamma: float | None = Field(None, gt=0.0, allow_inf_nan=False)
    image_prompts: bool = True
    scale: float = Field(0.6, ge=0.0, le=10.0, allow_inf_nan=False)
    adapter: str | None = Field(None, min_length=1)
    image_encoder: str | None = Field(None, min_length=1)
    local_encoder: str | None = Field(None, min_length=1)
    partitions: int = Field(4, ge=1, le=64)
    factor: int | None = Field(None, ge=1, le=8)
    injection: Literal["concatenate", "add", "linear"] = "concatenate"
    fix_image_keys: bool = True
    width: Pixels | None = None
    height: Pixels | None = None
    variations: int = Field(8, ge=1, le=1000)
    flip: float = Field(0.5, ge=0.0, le=1.0, allow_inf_nan=False)
    crop: float = Field(0.9, gt=0.0, le=1.0, allow_inf_nan=False)
    held_out: int = Field(0, ge=0, le=1000)
    validate_every: int = Field(100, ge=0)
    grid: int = Field(4, ge=0, le=100)

    @property
    def crops(self) -> bool:
        """Whether subjects are shown as they are in the picture of the relation."""
        return self.concepts == "crops" if self.concepts else self.method == "embedding"
