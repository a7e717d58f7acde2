"""Settings of the captions (stage 6)."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from vivant.settings.base import Settings


class LlavaSettings(Settings):
    """LLaVA-1.5 as the paper uses it, or another model of that family in the same layout."""

    model: str = "llava-hf/llava-1.5-7b-hf"
    """Folder or hub id."""

    device: str = "auto"
    """`auto` takes CUDA where there is one; else a torch device."""

    dtype: Literal["auto", "float32", "float16", "bfloat16"] = "auto"
    """`auto` is float16 on a GPU and float32 on a CPU."""

    offload: bool = False
    """Keep the weights in main memory and bring each layer to the GPU in turn: slow, but runs in 4 GB."""

    batch_size: int = Field(default=4, ge=1, le=64)
    """Pictures a forward pass."""

    max_new_tokens: int = Field(default=90, ge=8, le=400)
    """Room for thirty words in the model's own tokens, and to spare."""

    download: bool = True
    """Whether the hub may be asked for weights that are not on this machine."""


class CaptionSettings(Settings):
    """How a scene is put into words. Distances are fractions of the picture."""

    target_words: tuple[int, int] = (13, 23)
    """The detailed caption gains statements until it has a number of words drawn from here (the paper: mean 17.7, three
    in ten beyond 20)."""

    max_words: int = Field(default=30, ge=8, le=60)
    """The paper's own limit in its instruction to LLaVA (section 3.2)."""

    side_gap: float = Field(default=0.12, ge=0.02, le=0.5)
    """Two subjects are to the left and right of each other when their middles are this far apart."""

    depth_gap: float = Field(default=0.12, ge=0.01, le=1.0)
    """One subject is behind another when their depths (0 nearest, 1 farthest) differ by this much."""

    size_ratio: float = Field(default=3.0, ge=1.5, le=20.0)
    """One subject is much smaller than another when its area in the picture is this many times less."""

    hidden: float = Field(default=0.05, ge=0.01, le=0.5)
    """A subject is partly hidden when another covers this fraction of it."""

    llava: LlavaSettings = LlavaSettings()
    """The paper's captioner, where it is asked for."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        low, high = self.target_words
        if not 1 <= low <= high:
            raise ValueError(f"target_words goes from few to many, not {low} to {high}")
        return self
