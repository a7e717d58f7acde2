"""The painted scenes: what each is called, where things stand in it, and who paints it."""

from __future__ import annotations

import difflib
from collections.abc import Callable

import numpy as np

from vivant.data.painted import gardens, open_land
from vivant.data.painted.canvas import Canvas
from vivant.errors import InputError
from vivant.types import Background, Image

Painter = Callable[[Canvas], Image]


def _scene(scene, prompt, places, painter, horizon, ground_top, surface="ground", indoors=False):
    return Background(scene=scene, prompt=prompt, places=places, horizon=horizon, ground_top=ground_top, surface=surface, indoors=indoors), painter

_SCENES = (
    _scene("garden", "in the garden", ("garden", "outdoors"), gardens.garden, 0.40, 0.62),
    _scene("park", "in the park", ("park", "field", "outdoors"), gardens.park, 0.42, 0.6),
    _scene("forest", "in the forest", ("forest", "outdoors"), gardens.forest, 0.42, 0.6),
    _scene("lake", "by the lake", ("lake", "river", "outdoors"), gardens.lake, 0.42, 0.7),
    _scene("beach", "on the beach", ("beach", "sea", "outdoors"), open_land.beach, 0.38, 0.64),
    _scene("snow", "in the snow", ("snow", "field", "outdoors"), open_land.snow, 0.42, 0.6),
    _scene("mountain", "on the mountain", ("mountain", "field", "outdoors"), open_land.mountain, 0.46, 0.64),
    _scene("desert", "in the desert", ("desert",), open_land.desert, 0.42, 0.64),
    _scene("sky", "in the sky", ("sky",), open_land.heavens, 0.7, 0.15, "air"),
    _scene("underwater", "under water", ("underwater",), open_land.underwater, 0.48, 0.6, "water"),
)
_PAINTERS = {b.scene: (b, p) for b, p in _SCENES}

def painted_backgrounds() -> list[Background]:
    return [b for b, _ in _SCENES]

def paint(scene: str, width: int, height: int, rng: np.random.Generator) -> Image:
    return _PAINTERS[scene][1](Canvas(width, height, rng))
