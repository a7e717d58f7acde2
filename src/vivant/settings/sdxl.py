"""Settings of SDXL repainting (stage 5, the paper's filling)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from vivant.settings.base import Settings


class SdxlSettings(Settings):
    """SDXL inpainting around the subjects. The defaults are those that Gen4Gen released."""

    model: str = "diffusers/stable-diffusion-xl-1.0-inpainting-0.1"
    """Folder or hub id of the inpainting model, in the diffusers layout."""

    refiner: str = "stabilityai/stable-diffusion-xl-refiner-1.0"
    """Folder or hub id of the refiner."""

    refine: bool = True
    """Whether the refiner takes over for the last part of denoising."""

    refine_from: float = Field(default=0.75, gt=0.1, lt=1.0)
    """Share of the noise schedule after which the refiner takes over."""

    variant: str | None = None
    """Which files of the model, where it comes in several kinds ("fp16" halves the download)."""

    download: bool = True
    """Whether the hub may be asked for weights that are not on this machine."""

    steps: int = Field(default=60, ge=1, le=1000)
    """Denoising steps of the whole schedule; `strength` decides how many of them are run."""

    strength: float = Field(default=0.9, gt=0.0, le=1.0)
    """How much of the start is repainted: 1 forgets the background photo, 0.5 hardly changes it."""

    guidance: float = Field(default=6.0, ge=1.0, le=30.0)
    """Classifier-free guidance."""

    negative_prompt: str = "blurry, low quality, deformed, extra objects, text, watermark, collage, cut-out"
    """What the picture should not look like."""

    start: Literal["photo", "noise"] = "photo"
    """Where the background starts: a photo (section 3.2), or noise, the ablation of figure 10a."""

    mask: Literal["soft", "hard"] = "soft"
    """Which mask separates kept from repainted: averaged over 5x5 (section 7), or hard, the ablation of figure 10b."""

    paste_back: bool = False
    """Lay the subjects' own pixels over the result through the mask: identity is kept exactly, but the model's light
    and shadow on them is lost. Without it, the check rejects scenes whose subjects were changed."""

    batch_size: int = Field(default=2, ge=1, le=64)
    """Scenes that are repainted together."""

    device: str = "auto"
    """`auto` takes CUDA where there is one; else a torch device."""

    dtype: Literal["auto", "float32", "float16", "bfloat16"] = "auto"
    """`auto` is float16 on a GPU and float32 on a CPU."""

    offload: Literal["none", "model", "sequential"] = "none"
    """What leaves the GPU while it is not needed: nothing, whole models, or every layer (slow, least memory)."""

    vae_tiling: bool = False
    """Decode in tiles: less memory for large pictures, faint seams at worst."""

    vae_slicing: bool = True
    """Decode the pictures of a batch one after the other: less memory, same result."""
