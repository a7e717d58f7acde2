"""Small cutouts, layouts and backgrounds that the tests of compose and blend share."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vivant.types import Background, Box, Cutout, CutoutQuality, Image, Layout, Placement

QUALITY = CutoutQuality(
    area=0.3, parts=1, holes=0.0, border_cut=0.0, grey_share=0.0, edge_sharpness=1.0, confidence=1.0, accepted=True
)
GARDEN = Background(scene="garden", prompt="in the garden", horizon=0.4, ground_top=0.6)


def disc(name: str, colour: tuple[int, int, int], side: int = 120, outside: int = 0) -> Cutout:
    """A round thing with a soft edge; `outside` is the colour value hidden under its clear pixels."""
    rows, columns = np.mgrid[:side, :side] + 0.5
    distance = np.hypot(rows - side / 2, columns - side / 2)
    alpha = np.clip((side / 2 - 1 - distance) / 2 + 0.5, 0, 1)
    rgba = np.full((side, side, 4), outside, np.uint8)
    rgba[alpha > 0, :3] = colour
    rgba[..., 3] = np.round(alpha * 255)
    return Cutout(name, Path(f"{name}.png"), rgba, QUALITY, "alpha")


def slab(name: str, colour: tuple[int, int, int], width: int = 80, height: int = 120) -> Cutout:
    """A solid rectangle."""
    rgba = np.full((height, width, 4), 255, np.uint8)
    rgba[..., :3] = colour
    return Cutout(name, Path(f"{name}.png"), rgba, QUALITY, "alpha")


def at(name: str, box: tuple[float, float, float, float], depth: float, rests_on: str = "ground") -> Placement:
    return Placement(subject=name, box=Box.model_validate(box), depth=depth, rests_on=rests_on)


def plan(*placements: Placement) -> Layout:
    return Layout(placements=placements, source="rules")


def meadow(width: int = 256, height: int = 256, noise: float = 3.0, seed: int = 0) -> Image:
    """A pale sky above a green ground, with grain."""
    picture = np.zeros((height, width, 3), np.float32)
    picture[: height // 2] = (190, 200, 205)
    picture[height // 2 :] = (110, 140, 80)
    picture += np.random.default_rng(seed).normal(0, noise, picture.shape)
    return picture.clip(0, 255).astype(np.uint8)
