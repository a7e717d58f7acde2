"""Settings of ``vivant generate``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from vivant.settings.base import Settings

Pixels = Annotated[int, Field(ge=64, le=8192, multiple_of=8)]
"""A side of a picture; the autoencoders of Stable Diffusion turn 8 pixels into one latent."""
Prompt = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class GenerateSettings(Settings):
    """What to draw and how. A None is what the base is drawn with by default.

    Attributes:
        prompts: one sentence or several; each gets `count` pictures.
        negative: what the pictures should not look like; None is the base's own branch without a prompt.
        count: pictures a prompt.
        seed: of a prompt's first picture; the next one has the next seed.
        base: a name ("pocket", "sdxl", "sd15"), a folder in the diffusers layout, or a hub id.
        sampling_steps: of denoising.
        guidance: of the classifier-free kind; 1 is none, and half the work.
        guidance_rescale: how far guidance is brought back to the contrast of the prediction without it (phi of "Common
            Diffusion Noise Schedules and Sample Steps are Flawed", section 3.4). None is that paper's 0.7 for a base of
            zero terminal signal-to-noise ratio that predicts velocity, and 0 for any other.
        width, height: pixels, multiples of 8.
        batch: pictures drawn together.
        device: `auto` takes CUDA where there is one; else a torch device.
        dtype: `auto` is float16 on a GPU and float32 on a CPU.
    """

    prompts: tuple[Prompt, ...] = Field(min_length=1)
    negative: str | None = None
    count: int = Field(1, ge=1, le=100_000)
    seed: int = Field(0, ge=0, lt=2**63)
    base: str = Field("pocket", min_length=1)
    sampling_steps: int | None = Field(None, ge=1, le=500)
    guidance: float | None = Field(None, ge=1.0, le=50.0, allow_inf_nan=False)
    guidance_rescale: float | None = Field(None, ge=0.0, le=1.0, allow_inf_nan=False)
    width: Pixels | None = None
    height: Pixels | None = None
    batch: int | None = Field(None, ge=1, le=256)
    device: str = "auto"
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = "auto"
