"""The demo's text-to-image: sentences about the storybook world, drawn by the pocket base."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image as PILImage
from PIL import ImageDraw, ImageFont

from vivant.generation.pictures import draw_all
from vivant.generation.plan import Picture, plan_pictures, sampling
from vivant.images import read_image
from vivant.models.bundle import load_bundle
from vivant.models.checkpoint import open_checkpoint
from vivant.models.torch_models import one_thread_if_small, pick_device
from vivant.settings.generate import GenerateSettings
from vivant.types import Image

PROMPTS = (
    "a fox is dancing in a ballroom",
    "a penguin is skiing on a ski slope",
    "a robot is reading a book by the fireplace",
    "a lion is riding a horse in the meadow",
    "a girl is playing piano on a stage",
    "a cat is kissing a dog in the park",
    "a frog is fencing with a toy soldier in the garden",
    "a teddy bear is sleeping in a hammock on the beach",
)
_TILE, _GAP, _TEXT = 256, 12, 15


def draw_pictures(folder: Path, seed: int) -> Iterator[Picture]:
    """Draw each of `PROMPTS` that is not there yet; all of them come back, as they are on disk.

    Args:
        folder: gets ``0.png`` …
        seed: of every picture's noise.

    Raises:
        ModelError: the pocket base is not installed or cannot run.
    """
    settings = GenerateSettings(prompts=PROMPTS, seed=seed, device="cpu")
    checkpoint = open_checkpoint(settings.base, half=False)
    how = sampling(settings, checkpoint)
    pictures = plan_pictures(settings, how, checkpoint, folder, "float32")
    yield from (picture for picture in pictures if picture.is_there())
    wanted = [picture for picture in pictures if not picture.is_there()]
    if wanted:
        one_thread_if_small(checkpoint.defaults.small, pick_device(settings.device, "text to image"))
        bundle = load_bundle(checkpoint, settings.device, settings.dtype)
        yield from draw_all(bundle, wanted, how, batch=checkpoint.defaults.batch)


def picture_sheet(folder: Path, prompts: Sequence[str] = PROMPTS, columns: int = 4) -> Image:
    """The pictures in rows, each over its sentence, HWC uint8 RGB."""
    below = 2 * (_TEXT + 5) + _GAP
    rows = -(-len(prompts) // columns)
    size = (columns * (_TILE + _GAP) + _GAP, rows * (_TILE + below) + _GAP)
    sheet = PILImage.new("RGB", size, (250, 249, 246))
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(_TEXT)
    for number, prompt in enumerate(prompts):
        left = _GAP + number % columns * (_TILE + _GAP)
        top = _GAP + number // columns * (_TILE + below)
        picture = PILImage.fromarray(read_image(folder / f"{number}.png"))
        sheet.paste(picture.resize((_TILE, _TILE), PILImage.Resampling.LANCZOS), (left, top))
        for line, words in enumerate(textwrap.wrap(prompt, 34)[:2]):
            draw.text((left, top + _TILE + 4 + line * (_TEXT + 4)), words, (60, 60, 70), font=font)
    return np.asarray(sheet)
