"""Settings of ``vivant animate``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from vivant.settings.base import Settings
from vivant.settings.generate import Prompt

VIDEO_BASE = "THUDM/CogVideoX-5b-I2V"
"""The model of DreamRelation's section 11."""
VIDEO_BASE_NEEDS = "a GPU; 22 GB, downloaded once"
Side = Annotated[int, Field(ge=16, le=4096)]
Fit = Literal["crop", "pad"]
Offload = Literal["auto", "none", "model", "sequential"]
Codec = Literal["mp4v", "vp9"]


class AnimateSettings(Settings):
    """What happens in the clip and how it is made. A None is what the base is run with by default.

    Attributes:
        prompt: what happens.
        negative: what the clip should not look like.
        seed: of the noise.
        base: a folder in the diffusers layout of CogVideoX image-to-video, or a hub id.
        sampling_steps: of denoising; 50 is what the model's authors use.
        guidance: of the classifier-free kind, 6 as the model's authors use; 1 is none, and half the work.
        frames: of the clip, the picture's own among them.
        fps: frames a second.
        width, height: pixels of the clip.
        fit: how a picture of another shape is brought to the clip's: cut at the long side, or between black bars.
        offload: what leaves the GPU while it is not needed: nothing, whole models, or every layer (slow, least
            memory). `auto` is `model` on CUDA.
        vae_tiling: encode and decode in tiles: less memory, faint seams at worst.
        codec: of an .mp4: MPEG-4 part 2, which every player knows, or VP9, which browsers know.
        device: `auto` takes CUDA where there is one; else a torch device.
        dtype: `auto` is bfloat16 on a GPU that has it, else float16, and float32 on a CPU.
    """

    prompt: Prompt
    negative: str | None = None
    seed: int = Field(0, ge=0, lt=2**63)
    base: str = Field(VIDEO_BASE, min_length=1)
    sampling_steps: int = Field(50, ge=1, le=500)
    guidance: float = Field(6.0, ge=1.0, le=50.0, allow_inf_nan=False)
    frames: int | None = Field(None, ge=2, le=1000)
    fps: int | None = Field(None, ge=1, le=50)
    width: Side | None = None
    height: Side | None = None
    fit: Fit = "crop"
    offload: Offload = "auto"
    vae_tiling: bool = False
    codec: Codec = "mp4v"
    device: str = "auto"
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = "auto"
