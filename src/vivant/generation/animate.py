"""A picture as the first frame of a clip: CogVideoX image-to-video (DreamRelation section 11)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from vivant import __version__
from vivant.errors import ImageError, InputError, ModelError, StoreError
from vivant.generation.clips import clip_kind, frame_path, read_clip_recipe
from vivant.generation.video_base import ADVICE, VideoBase, check_frames, check_size
from vivant.images import content_hash, read_recipe
from vivant.models.torch_models import explained, quiet
from vivant.settings.animate import AnimateSettings, Fit
from vivant.types import Image

VERB = "animate"
_OPEN = ("version", "picture_recipe")
"""What a recipe says and a clip does not depend on."""


@dataclass(frozen=True)
class Clip:
    """One clip to be made, nothing left open.

    Attributes:
        out: a file, or a folder for frames.
        start: the first frame, HWC uint8 RGB, `height` x `width`.
        prompt: what happens.
        negative: what the clip should not look like.
        seed: of the noise.
        steps: of denoising.
        guidance: of the classifier-free kind; 1 is none.
        frames: in all.
        fps: frames a second.
        recipe: what the clip carries.
    """

    out: Path
    start: Image
    prompt: str
    negative: str | None
    seed: int
    steps: int
    guidance: float
    frames: int
    fps: int
    recipe: Mapping[str, Any]

    def is_there(self) -> bool:
        """Whether an earlier run made it by the same recipe; the version of Vivant does not matter.

        Raises:
            StoreError: something else lies in its place.
        """
        if clip_kind(self.out) != "frames":
            return self.out.exists() and _same(_ours(self.out, read_clip_recipe), self.recipe)
        places = [frame_path(self.out, number) for number in range(self.frames)]
        found = [_ours(place, read_recipe) for place in places if place.exists()]
        return len(found) == self.frames and all(
            _same(recipe, {**self.recipe, "frame": number}) for number, recipe in enumerate(found)
        )


def plan_clip(settings: AnimateSettings, base: VideoBase, picture: Image, own: Any, out: Path, dtype: str) -> Clip:
    """Settings and a picture to a clip, before any model is in memory.

    Args:
        settings: what to make.
        base: the model.
        picture: HWC uint8, RGB or RGBA.
        own: the recipe that the picture carries, None where it carries none.
        out: a file ending in .mp4, .gif or .webp, or a folder for frames.
        dtype: torch's name of what is computed in.

    Raises:
        InputError: `out` names another format.
        SettingsError: a size or a number of frames that the model does not make.
    """
    kind = clip_kind(out)
    width, height = settings.width or base.width, settings.height or base.height
    frames, fps = settings.frames or base.frames, settings.fps or base.fps
    check_size(base, width, height)
    check_frames(base, frames)
    recipe = {
        "verb": VERB,
        "version": __version__,
        "prompt": settings.prompt,
        "negative": settings.negative,
        "seed": settings.seed,
        "sampling_steps": settings.sampling_steps,
        "guidance": settings.guidance,
        "width": width,
        "height": height,
        "frames": frames,
        "fps": fps,
        "fit": settings.fit,
        "vae_tiling": settings.vae_tiling,
        "codec": settings.codec if kind == "mp4" else None,
        "base": base.name,
        "weights": dict(base.hashes),
        "scheduler": dict(base.scheduler),
        "dtype": dtype,
        "picture": content_hash(picture),
        "picture_recipe": own,
    }
    return Clip(
        out=out,
        start=fit_picture(picture, width, height, settings.fit),
        prompt=settings.prompt,
        negative=settings.negative,
        seed=settings.seed,
        steps=settings.sampling_steps,
        guidance=settings.guidance,
        frames=frames,
        fps=fps,
        recipe=json.loads(json.dumps(recipe)),  # as it will be read back: lists for tuples
    )


def prompt_of(own: Mapping[str, Any] | None, picture: Path) -> str:
    """The prompt that a picture was drawn by.

    Args:
        own: the recipe that it carries, None where it carries none.
        picture: its file, for the message.

    Raises:
        InputError: there is none.
    """
    prompt = (own or {}).get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        raise InputError(
            f'{picture} does not say what it shows: give a PROMPT, as vivant animate {picture} "they are hugging"'
        )
    return prompt


def fit_picture(picture: Image, width: int, height: int, fit: Fit) -> Image:
    """Bring a picture to a clip's size without distorting it.

    Args:
        picture: HWC uint8, RGB or RGBA; what is transparent becomes white.
        width, height: pixels of the clip.
        fit: "crop" cuts the long side at both ends, "pad" keeps the whole between black bars.

    Returns:
        HWC uint8 RGB.
    """
    pixels = picture
    if picture.shape[2] == 4:
        alpha = picture[..., 3:].astype(np.float32) / 255.0
        pixels = (picture[..., :3] * alpha + 255.0 * (1.0 - alpha)).round().astype(np.uint8)
    tall, wide = pixels.shape[:2]
    scales = (width / wide, height / tall)
    scale = max(scales) if fit == "crop" else min(scales)
    size = (max(1, round(wide * scale)), max(1, round(tall * scale)))
    resized = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    if fit == "crop":
        return np.ascontiguousarray(resized[-top : -top + height, -left : -left + width], dtype=np.uint8)
    canvas = np.zeros((height, width, 3), np.uint8)
    canvas[top : top + size[1], left : left + size[0]] = resized
    return canvas


def cut_away(picture: Image, width: int, height: int) -> float:
    """The share of a picture's area that "crop" loses, 0 to 1."""
    shape, wanted = float(picture.shape[1]) / float(picture.shape[0]), width / height
    return 1.0 - min(shape, wanted) / max(shape, wanted)


def left_out(pipeline: Any, tokens: int, prompt: str) -> str:
    """The end of a prompt that the text encoder never sees, empty where it sees all."""
    with quiet("transformers"):
        found = pipeline.tokenizer(prompt, truncation=False).input_ids
        # The last token that is read marks the end of the text.
        return str(pipeline.tokenizer.decode(found[tokens - 1 : -1])) if len(found) > tokens else ""


def draw_clip(pipeline: Any, clip: Clip, tokens: int, record: Callable[[], None] = lambda: None) -> list[Image]:
    """Make the frames.

    Args:
        pipeline: from `vivant.generation.cogvideox`, settled on its device.
        clip: what to make.
        tokens: of a prompt that the model reads.
        record: told of every step of denoising.

    Returns:
        HWC uint8 RGB each. The noise is drawn on the CPU, so it does not depend on the kind of device.

    Raises:
        ModelError: not enough memory, or the model gives no numbers.
    """
    import torch
    from PIL import Image as PILImage

    from vivant.generation.cogvideox import MEMORY

    def tick(pipeline: Any, step: int, timestep: Any, values: dict[str, Any]) -> dict[str, Any]:
        record()
        return values

    name = str(clip.recipe["base"])
    with explained(name, advice=ADVICE, memory_advice=MEMORY), quiet("diffusers", "transformers"):
        film = pipeline(
            image=PILImage.fromarray(clip.start),
            prompt=clip.prompt,
            negative_prompt=clip.negative,
            height=clip.start.shape[0],
            width=clip.start.shape[1],
            num_frames=clip.frames,
            num_inference_steps=clip.steps,
            guidance_scale=clip.guidance,
            generator=torch.Generator("cpu").manual_seed(clip.seed),
            max_sequence_length=tokens,
            callback_on_step_end=tick,
            output_type="np",
        ).frames[0]
    if not np.isfinite(film).all():
        raise ModelError(f"{name} gave no numbers: set --dtype bfloat16 or float32")
    return [(frame * 255.0).round().astype(np.uint8) for frame in film]


def _ours(path: Path, read: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
    try:
        recipe = read(path)
    except ImageError as error:
        raise StoreError(f"{error}; it was not made by vivant {VERB} and is not overwritten: move it") from error
    if recipe.get("verb") != VERB:
        raise StoreError(f"{path}: was not made by vivant {VERB} and is not overwritten: move it")
    return recipe


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    free = dict.fromkeys(_OPEN)
    return {**one, **free} == {**other, **free}
