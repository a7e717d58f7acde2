"""Small composites with known truth for the tests of captions, checks and repainting."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from vivant.data.compose import compose
from vivant.types import Box, Composite, Cutout, CutoutQuality, Image, Layout, Placement

QUALITY = CutoutQuality(
    area=0.3, parts=1, holes=0.0, border_cut=0.0, grey_share=0.0, edge_sharpness=1.0, confidence=1.0, accepted=True
)


def pattern(rng: np.random.Generator, height: int, width: int, *, detail: float = 6.0) -> Image:
    """A texture with structure at several scales, HWC uint8 RGB."""
    total = np.zeros((height, width, 3), np.float32)
    for scale, strength in ((1.0, 1.0), (2.0, 1.2), (4.0, 1.6)):
        noise = rng.standard_normal((height, width, 3)).astype(np.float32)
        noise[..., 1:] = 0.6 * noise[..., :1] + 0.4 * noise[..., 1:]
        smooth = cv2.GaussianBlur(noise, (0, 0), detail * scale / 4)
        total += strength * smooth / smooth.std()
    colour = rng.uniform(60, 190, 3)
    return np.asarray(np.clip(colour + 22 * total, 0, 255), dtype=np.uint8)


def disc_cutout(name: str, rng: np.random.Generator, *, height: int = 160, width: int = 120) -> Cutout:
    """An ellipse with a soft edge and a texture of its own."""
    rows, columns = np.mgrid[0:height, 0:width]
    radius = np.hypot((columns + 0.5) / width - 0.5, (rows + 0.5) / height - 0.5) * 2
    alpha = np.clip((0.98 - radius) * min(height, width) / 3, 0, 1)
    rgba = np.dstack([pattern(rng, height, width), (alpha * 255).round().astype(np.uint8)])
    return Cutout(subject=name, photo=Path(f"{name}.jpg"), rgba=rgba, quality=QUALITY, method="alpha")


def place(name: str, box: tuple[float, float, float, float], depth: float, rests_on: str = "ground") -> Placement:
    """A placement from four numbers."""
    return Placement(subject=name, box=Box.model_validate(box), depth=depth, rests_on=rests_on)


def scene(
    placements: list[Placement], rng: np.random.Generator, *, width: int = 256, height: int = 256
) -> tuple[Layout, Composite]:
    """Compose ellipses of the boxes' own shapes."""
    ordered = sorted(placements, key=lambda item: -item.depth)
    layout = Layout(placements=tuple(ordered), source="rules")
    cutouts = {
        item.subject: disc_cutout(
            item.subject,
            rng,
            height=max(8, round(item.box.height * height)),
            width=max(8, round(item.box.width * width)),
        )
        for item in ordered
    }
    return layout, compose(layout, cutouts, width, height)
