"""Settings of ``vivant train ms-adapter``."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from vivant.settings.generate import Pixels
from vivant.settings.training import TrainSettings


class TrainMsAdapterSettings(TrainSettings):
    """How MS-Diffusion's adapter is trained on a base that stays as it is.

    Attributes:
        base: a name ("pocket", "sdxl", "sd15"), a folder in the diffusers layout, or a hub id.
        image_encoder: a CLIP folder, an open_clip state dict, or a hub id; not given, the base's.
        local_encoder: of local tokens, likewise; "none", or "same" as the image encoder; not given, the base's.
        factor: side of what the local encoder reads, in the CLIP's; not given, the base's, or 4.
        start: an adapter to learn on from: a file, a folder or a hub id; not given, a new one.
        dim, depth, head, heads, queries: of a new adapter's resampler; not given, as published, or a small base's.
        steps: of the optimiser, in all; raise it to go on with a finished run.
        weight_decay: of Adam, decoupled, on matrices alone.
        scale: gamma of equation 4, how strong image prompts are beside the text; generate with the same.
        drop_text: chance of a sample to be told no caption.
        drop_image: chance of a sample to be told no image prompts.
        drop_both: chance of a sample to be told neither.
        drop_grounding: chance of a subject whose noun and box the resampler is not told.
        local_chance: chance of a step to have local tokens; between 0 and 1 the adapter learns to do with and without.
        detailed: chance of the detailed caption where a scene has two.
        shake: edges of boxes move by up to this part of the box's side: boxes that users draw are not exact.
        min_snr_gamma: of Min-SNR weights; 5 is usual.
        width, height: pixels; not given, the base's own size.
        variations: crops of each picture that are prepared, and encoded once.
        crop: the least part of the sides that a random crop keeps; 1 crops no more than the shape demands.
        held_out: pictures that are scored and never trained on, at most a tenth.
        validate_every: steps after which the held-out loss is scored; 0 never does.
        grid: rows of the grid that is drawn then; 0 draws none.
        half: save in half precision, in half the bytes.
    """

    OPEN: ClassVar[frozenset[str]] = TrainSettings.OPEN | {"validate_every", "grid", "half"}

    base: str = Field("pocket", min_length=1)
    image_encoder: str | None = Field(None, min_length=1)
    local_encoder: str | None = Field(None, min_length=1)
    factor: int | None = Field(None, ge=1, le=16)
    start: str | None = Field(None, min_length=1)
    dim: int | None = Field(None, ge=1)
    depth: int | None = Field(None, ge=1)
    head: int | None = Field(None, ge=1)
    heads: int | None = Field(None, ge=1)
    queries: int | None = Field(None, ge=1)
    steps: int = Field(10_000, ge=1, le=10_000_000)
    weight_decay: float = Field(0.01, ge=0.0, allow_inf_nan=False)
    scale: float = Field(0.6, gt=0.0, allow_inf_nan=False)
    drop_text: float = Field(0.05, ge=0.0, le=0.5, allow_inf_nan=False)
    drop_image: float = Field(0.05, ge=0.0, le=0.25, allow_inf_nan=False)
    drop_both: float = Field(0.05, ge=0.0, le=0.25, allow_inf_nan=False)
    drop_grounding: float = Field(0.1, ge=0.0, le=1.0, allow_inf_nan=False)
    local_chance: float = Field(0.5, ge=0.0, le=1.0, allow_inf_nan=False)
    detailed: float = Field(0.5, ge=0.0, le=1.0, allow_inf_nan=False)
    shake: float = Field(0.05, ge=0.0, le=0.5, allow_inf_nan=False)
    min_snr_gamma: float | None = Field(None, gt=0.0, allow_inf_nan=False)
    width: Pixels | None = None
    height: Pixels | None = None
    variations: int = Field(1, ge=1, le=1000)
    crop: float = Field(1.0, gt=0.0, le=1.0, allow_inf_nan=False)
    held_out: int = Field(16, ge=0)
    validate_every: int = Field(1000, ge=0)
    grid: int = Field(4, ge=0, le=64)
    save_every: int = Field(500, ge=1)
    half: bool = False
