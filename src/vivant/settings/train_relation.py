"""Settings of ``vivant train relation``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from vivant.settings.base import Settings
from vivant.settings.generate import Pixels


class TrainRelationSettings(Settings):
    """How a relation is learned. Defaults are those of DreamRelation, section 4, unless said.

    Attributes:
        base: a name ("pocket", "sdxl", "sd15"), a folder in the diffusers layout, or a hub id.
        steps: of the optimiser, in all; raise it to go on with a finished run.
        batch: pictures a step, of all processes together.
        micro_batch: pictures that go through the UNet at a time; fewer need less memory and change nothing else.
        lr: learning rate of Adam, constant.
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
        seed: every random draw of the run comes from it.
        save_every: steps after which the run can be continued.
        log_every: steps whose numbers are written together; reading them makes a GPU wait.
        gradient_checkpointing: compute twice what then need not be kept: less memory, a third slower.
        adam_8bit: keep the optimiser's state in 8 bits, which needs bitsandbytes and CUDA.
        wandb: a project's name, to log there too.
        device: `auto` takes CUDA where there is one; else a torch device.
        dtype: of the frozen base; the LoRA is always in float32. `auto` is bfloat16 on a GPU that has it.
    """

    base: str = Field("pocket", min_length=1)
    steps: int = Field(500, ge=1, le=1_000_000)
    batch: int = Field(8, ge=1, le=4096)
    micro_batch: int | None = Field(None, ge=1, le=4096)
    lr: float = Field(1e-4, gt=0.0, le=1.0, allow_inf_nan=False)
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
    seed: int = Field(0, ge=0, lt=2**63)
    save_every: int = Field(25, ge=1)
    log_every: int = Field(10, ge=1)
    gradient_checkpointing: bool = False
    adam_8bit: bool = False
    wandb: str | None = Field(None, min_length=1)
    device: str = "auto"
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = "auto"
