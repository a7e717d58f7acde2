"""Settings of ``vivant train local-encoder``."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from vivant.settings.training import TrainSettings


class TrainLocalEncoderSettings(TrainSettings):
    """How a local image encoder is distilled. Defaults are those of DreamRelation, section 8, unless said.

    Attributes:
        encoder: the CLIP to distil: that of a base ("pocket", "sdxl"), a folder, an open_clip state dict, or a hub id.
        heads: of an open_clip state dict's attention; not given, it is what OpenCLIP has for its width.
        activation: of an open_clip state dict: OpenAI's weights have quick_gelu.
        factor: side of what is read for local tokens, in the CLIP's; not given, it is the base's, or 4: 896 for 224.
        epochs: how often every picture is seen.
        steps: of the optimiser, in all, instead of epochs.
        batch: pictures a step, of all processes together.
        regions: of each picture a step.
        lr: learning rate of Adam, constant.
        weight_decay: decoupled, on matrices alone.
        held_out: pictures that are measured and never trained on, at most a tenth.
        check_every: steps between two measurements.
        readers: threads that read pictures ahead.
        half: save in half precision, in half the bytes.
    """

    OPEN: ClassVar[frozenset[str]] = TrainSettings.OPEN | {"epochs", "check_every", "readers", "half"}

    encoder: str = Field("pocket", min_length=1)
    heads: int | None = Field(None, ge=1)
    activation: str = Field("gelu", min_length=1)
    factor: int | None = Field(None, ge=1, le=16)
    epochs: float = Field(6.0, gt=0.0, allow_inf_nan=False)
    steps: int | None = Field(None, ge=1)  # type: ignore[assignment]
    batch: int = Field(16, ge=1, le=4096)
    regions: int = Field(20, ge=1, le=1000)
    lr: float = Field(1e-5, gt=0.0, le=1.0, allow_inf_nan=False)
    weight_decay: float = Field(0.1, ge=0.0, allow_inf_nan=False)
    held_out: int = Field(64, ge=1)
    check_every: int = Field(1000, ge=1)
    save_every: int = Field(500, ge=1)
    readers: int = Field(4, ge=1, le=256)
    half: bool = False
