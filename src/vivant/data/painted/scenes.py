"""The painted scenes: what each is called, where things stand in it, and who paints it."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vivant.data.painted import coast, gardens, kitchen, open_land, rooms, stage, street, woods
from vivant.data.painted.canvas import Canvas
from vivant.data.plan.knowledge import scene_indoors, scene_places, scene_prompt, scene_surface
from vivant.errors import InputError
from vivant.types import Background, Image

LEAST_SIDE, MOST_SIDE = 16, 8192
"""Pixels a side that a painting may have: below nothing can be seen, above memory runs out."""


@dataclass(frozen=True)
class _Scene:
    """A painter, the eye's height in its picture, and where the ground is clear; fractions of the height."""

    painter: Callable[[Canvas], Image]
    horizon: float
    ground_top: float


_SCENES: dict[str, _Scene] = {
    "garden": _Scene(gardens.garden, gardens.GARDEN_HORIZON, 0.62),
    "park": _Scene(gardens.park, gardens.PARK_HORIZON, 0.60),
    "forest": _Scene(woods.forest, woods.FOREST_HORIZON, 0.61),
    "lakeside": _Scene(woods.lakeside, woods.LAKE_HORIZON, 0.72),
    "beach": _Scene(coast.beach, coast.BEACH_HORIZON, 0.66),
    "snow": _Scene(open_land.snow, open_land.SNOW_HORIZON, 0.60),
    "mountain": _Scene(open_land.mountain, open_land.MOUNTAIN_HORIZON, 0.67),
    "desert": _Scene(open_land.desert, open_land.DESERT_HORIZON, 0.66),
    "sky": _Scene(open_land.heavens, open_land.HEAVENS_HORIZON, 0.15),
    "underwater": _Scene(coast.underwater, coast.SEA_FLOOR_HORIZON, 0.62),
    "street": _Scene(street.street, street.STREET_HORIZON, 0.60),
    "stage": _Scene(stage.stage, stage.STAGE_HORIZON, 0.68),
    "living room": _Scene(rooms.living_room, rooms.HORIZON, 0.63),
    "kitchen": _Scene(kitchen.kitchen, rooms.HORIZON, 0.62),
    "bedroom": _Scene(rooms.bedroom, rooms.HORIZON, 0.64),
    "office": _Scene(rooms.office, rooms.HORIZON, 0.64),
    "library": _Scene(rooms.library, rooms.HORIZON, 0.63),
    "table": _Scene(kitchen.table, kitchen.TABLE_HORIZON, 0.58),
}


def painted_backgrounds() -> list[Background]:
    """Every scene that can be painted, with path None; prompt, places and surface as the knowledge table has them."""
    return [
        Background(
            scene=name,
            prompt=scene_prompt(name),
            places=scene_places(name),
            horizon=scene.horizon,
            ground_top=scene.ground_top,
            surface=scene_surface(name),
            indoors=scene_indoors(name),
        )
        for name, scene in _SCENES.items()
    ]


def paint(scene: str, width: int, height: int, rng: np.random.Generator) -> Image:
    """Paint one picture of a scene.

    Args:
        scene: a name of `painted_backgrounds`.
        width, height: pixels; composed for aspects from 0.5 to 2.
        rng: decides the time of day, colours, clouds, trees and furniture; the same state paints the same bytes.

    Returns:
        HWC uint8 RGB.

    Raises:
        InputError: no such scene (names the nearest), or a size that cannot be painted.
    """
    if scene not in _SCENES:
        near = difflib.get_close_matches(scene, _SCENES, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(_SCENES)}"
        raise InputError(f"no painted scene is called {scene!r}; {hint}")
    if not (LEAST_SIDE <= width <= MOST_SIDE and LEAST_SIDE <= height <= MOST_SIDE):
        raise InputError(f"{width} x {height} pixels cannot be painted: {LEAST_SIDE} to {MOST_SIDE} a side")
    return _SCENES[scene].painter(Canvas(width, height, rng))
