"""Settings that every recipe of ``vivant train`` has."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from vivant.settings.base import Settings


class TrainSettings(Settings):
    """How long, how much at a time, where.

    Attributes:
        steps: of the optimiser, in all; raise it to go on with a finished run.
        batch: samples a step, of all processes together.
        micro_batch: samples that are computed at a time; fewer need less memory and change nothing else.
        lr: learning rate of Adam, constant.
        seed: every random draw of the run comes from it.
        save_every: steps after which the run can be continued.
        log_every: steps whose numbers are written together; reading them makes a GPU wait.
        gradient_checkpointing: compute twice what then need not be kept: less memory, a third slower.
        adam_8bit: keep the optimiser's state in 8 bits, which needs bitsandbytes and CUDA.
        wandb: a project's name, to log there too.
        device: `auto` takes CUDA where there is one; else a torch device.
        dtype: of what is frozen; what is trained is always in float32. `auto` is bfloat16 on a GPU that has it.
    """

    OPEN: ClassVar[frozenset[str]] = frozenset(
        {"steps", "save_every", "log_every", "micro_batch", "gradient_checkpointing", "wandb", "device"}
    )
    """Settings that may change from one start of a run to the next: they do not change what is learned."""

    steps: int = Field(500, ge=1, le=1_000_000)
    batch: int = Field(8, ge=1, le=4096)
    micro_batch: int | None = Field(None, ge=1, le=4096)
    lr: float = Field(1e-4, gt=0.0, le=1.0, allow_inf_nan=False)
    seed: int = Field(0, ge=0, lt=2**63)
    save_every: int = Field(25, ge=1)
    log_every: int = Field(10, ge=1)
    gradient_checkpointing: bool = False
    adam_8bit: bool = False
    wandb: str | None = Field(None, min_length=1)
    device: str = "auto"
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = "auto"
