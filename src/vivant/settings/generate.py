"""Settings of ``vivant generate``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from vivant.settings.base import Settings
from vivant.types import Box

Pixels = Annotated[int, Field(ge=64, le=8192, multiple_of=8)]
"""A side of a picture; the autoencoders of Stable Diffusion turn 8 pixels into one latent."""
Prompt = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


Strength = Annotated[float, Field(ge=0.0, le=10.0, allow_inf_nan=False)]


class SubjectSettings(Settings):
    """One subject.

    Attributes:
        photos: files, or folders of which the first photos by name are taken.
        box: x0, y0, x1, y1 in fractions of the picture; None leaves it to the layout.
        proposed: whether the box was proposed from the sentence, in a picture that is drawn again.
        scale: how strong its image prompt is; None is the common one.
    """

    photos: tuple[str, ...] = ()
    box: Box | None = None
    proposed: bool = False
    scale: Strength | None = None


class LoraSettings(Settings):
    """One LoRA.

    Attributes:
        path: its file, or the folder that holds it.
        weight: how strongly it acts; below 0 it acts the other way round.
    """

    path: str = Field(min_length=1)
    weight: float = Field(1.0, ge=-10.0, le=10.0, allow_inf_nan=False)


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
        subjects: by name, as the sentence calls them; digits at the end tell two of a kind apart.
        photos: of a subject's folder that are used.
        scale: how strong image prompts are beside the text (gamma of equation 2).
        layout: "boxes" proposes one from the sentence for every subject that has none; "attention" estimates where it
            lies from the text's own attention.
        layout_start: share of the steps before the first estimate.
        layout_threshold: of a subject's attention, stretched to [0, 1]; above it the subject lies.
        adapter: of image prompts: a file, a folder or a hub id.
        image_encoder: that it was trained with: a folder, a file or a hub id.
        local_encoder: of local tokens: likewise; "none" goes without, "same" takes the image encoder.
        loras: what acts in the base beside its own weights.
        tuned: folder of a run that has learned subjects, whose words the prompt then knows; None is the base itself.
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
    subjects: dict[str, SubjectSettings] = Field(default_factory=dict)
    photos: int = Field(1, ge=1, le=16)
    scale: Strength = 0.6
    layout: Literal["boxes", "attention"] = "boxes"
    layout_start: float = Field(1 / 6, gt=0.0, lt=1.0)
    layout_threshold: float = Field(0.5, gt=0.0, lt=1.0)
    adapter: str | None = None
    image_encoder: str | None = None
    local_encoder: str | None = None
    loras: tuple[LoraSettings, ...] = ()
    tuned: str | None = Field(None, min_length=1)
