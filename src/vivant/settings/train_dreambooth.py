"""Settings of ``vivant train dreambooth``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from vivant.settings.train_concepts import TrainConceptSettings


class TrainDreamboothSettings(TrainConceptSettings):
    """How DreamBooth learns subjects: the whole UNet, or a LoRA on all of its attention. Text encoders stay.

    Attributes:
        method: a LoRA, or the full UNet as in the paper.
        rank: of the LoRA.
        save_every: steps after which the run can be continued; a whole UNet and its Adam take thrice its size on disk.
        weight_decay: of Adam, decoupled, with the full UNet.
    """

    method: Literal["lora", "full"] = "lora"
    rank: int = Field(4, ge=1, le=1024)
    save_every: int = Field(100, ge=1)
    weight_decay: float = Field(0.01, ge=0.0, allow_inf_nan=False)
