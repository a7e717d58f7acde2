"""The demo's pictures: sentences drawn by the pocket base, and two characters drawn from their portraits."""

from __future__ import annotations

import random
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image as PILImage
from PIL import ImageDraw, ImageFont

from vivant.generation.plan import Picture
from vivant.generation.session import draw_session, load_session, open_session
from vivant.images import read_image, write_png
from vivant.settings.generate import GenerateSettings, SubjectSettings
from vivant.types import Image
from vivant.world import portrait, sample_individual

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
FRIENDS = ("cat", "dog")
"""Kinds of the two characters."""
TOGETHER = (
    "a cat is kissing a dog in the park",
    "a cat is fencing with a dog in the garden",
    "a cat is playing chess with a dog in the library",
    "a cat is partner dancing with a dog in a ballroom",
)
_TILE, _GAP, _TEXT = 256, 12, 15


def sentences(seed: int) -> GenerateSettings:
    """`PROMPTS`, from the text alone."""
    return GenerateSettings(prompts=PROMPTS, seed=seed, device="cpu")


def draw_portraits(folder: Path, seed: int) -> list[Path]:
    """A portrait of each of the two, `<kind>.png`; one that is there stays as it is."""
    paths = [folder / f"{kind}.png" for kind in FRIENDS]
    for kind, path in zip(FRIENDS, paths, strict=True):
        if not path.exists():
            rng = random.Random(f"demo/{seed}/{kind}")
            write_png(path, portrait(sample_individual(rng, kind), rng.getrandbits(48), 256).picture)
    return paths


def together(portraits: Sequence[Path], seed: int) -> GenerateSettings:
    """`TOGETHER`, each of the two from one portrait."""
    shown = zip(FRIENDS, portraits, strict=True)
    subjects = {kind: SubjectSettings(photos=(str(path),)) for kind, path in shown}
    return GenerateSettings(prompts=TOGETHER, subjects=subjects, seed=seed, device="cpu")


def draw_pictures(settings: GenerateSettings, folder: Path) -> Iterator[Picture]:
    """Draw each prompt's picture that is not there yet; all of them come back, as they are on disk.

    Args:
        settings: prompts, and who is in them.
        folder: gets ``0.png`` …

    Raises:
        ModelError: a pocket model is not installed or cannot run.
    """
    session = open_session(settings, "vivant demo")
    pictures = session.plan(folder)
    yield from (picture for picture in pictures if picture.is_there())
    wanted = [picture for picture in pictures if not picture.is_there()]
    if wanted:
        yield from draw_session(session, load_session(session), wanted)


def picture_sheet(pictures: Sequence[Path], words: Sequence[str], columns: int = 4) -> Image:
    """Pictures in rows, each over its words, HWC uint8 RGB."""
    below = 2 * (_TEXT + 5) + _GAP
    rows = -(-len(pictures) // columns)
    size = (columns * (_TILE + _GAP) + _GAP, rows * (_TILE + below) + _GAP)
    sheet = PILImage.new("RGB", size, (250, 249, 246))
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(_TEXT)
    for number, (path, said) in enumerate(zip(pictures, words, strict=True)):
        left = _GAP + number % columns * (_TILE + _GAP)
        top = _GAP + number // columns * (_TILE + below)
        picture = PILImage.fromarray(read_image(path)[..., :3])
        sheet.paste(picture.resize((_TILE, _TILE), PILImage.Resampling.LANCZOS), (left, top))
        for line, part in enumerate(textwrap.wrap(said, 34)[:2]):
            draw.text((left, top + _TILE + 4 + line * (_TEXT + 4)), part, (60, 60, 70), font=font)
    return np.asarray(sheet)
