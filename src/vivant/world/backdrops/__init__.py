"""The sets: 24 places, each painted in many variants.

A backdrop has depth (far, middle, ground), is known by its left or right third alone, since figures stand in the
middle, and keeps softer than they are: no ink lines, muted colours.
"""

from __future__ import annotations

from vivant.errors import InputError
from vivant.types import Image
from vivant.world.backdrops.arenas import gym, ring, stage
from vivant.world.backdrops.fields import hilltop, meadow, road
from vivant.world.backdrops.green import forest, garden, park
from vivant.world.backdrops.halls import ballroom, restaurant
from vivant.world.backdrops.lands import desert, mountain, ski_slope
from vivant.world.backdrops.parlours import fireside, library
from vivant.world.backdrops.plates import MARGIN, VARIANTS, Backdrop, painted
from vivant.world.backdrops.rooms import bedroom, kitchen
from vivant.world.backdrops.shores import beach, lakeside
from vivant.world.backdrops.town import rooftop, village
from vivant.world.backdrops.yards import playground, street_court

__all__ = ["BACKDROPS", "MARGIN", "VARIANTS", "Backdrop", "plate"]

_DAY = (1.0, 1.0, 1.0)
_USUAL = (0.88, 0.95)
_LOW = (0.91, 0.96)  # where the ground begins farther down

_ALL = (
    Backdrop("park", "in the park", False, _DAY, _USUAL, park),
    Backdrop("ballroom", "in a ballroom", True, (1.0, 0.97, 0.93), _USUAL, ballroom),
    Backdrop("restaurant", "in a restaurant", True, (1.0, 0.95, 0.88), _USUAL, restaurant),
    Backdrop("rooftop", "on a rooftop at night", False, (0.82, 0.84, 1.0), _USUAL, rooftop),
    Backdrop("gym", "in the gym", True, (0.98, 1.0, 1.0), _USUAL, gym),
    Backdrop("fireside", "by the fireplace", True, (1.0, 0.93, 0.84), _USUAL, fireside),
    Backdrop("ski slope", "on a ski slope", False, (0.97, 0.99, 1.0), _USUAL, ski_slope),
    Backdrop("beach", "on the beach", False, (1.0, 0.99, 0.95), _USUAL, beach),
    Backdrop("kitchen", "in the kitchen", True, (1.0, 0.99, 0.96), _USUAL, kitchen),
    Backdrop("stage", "on a stage", True, (1.0, 0.96, 0.92), _USUAL, stage),
    Backdrop("road", "on the road", False, _DAY, _USUAL, road),
    Backdrop("forest", "in the forest", False, (0.94, 0.98, 0.9), _USUAL, forest),
    Backdrop("street court", "on a street court", False, _DAY, _USUAL, street_court),
    Backdrop("ring", "in the ring", True, (0.95, 0.96, 1.0), _USUAL, ring),
    Backdrop("garden", "in the garden", False, _DAY, _USUAL, garden),
    Backdrop("hilltop", "on a hilltop", False, _DAY, _LOW, hilltop),
    Backdrop("mountain", "in front of the mountain", False, (0.98, 0.99, 1.0), _USUAL, mountain),
    Backdrop("meadow", "in the meadow", False, (1.0, 1.0, 0.96), _USUAL, meadow),
    Backdrop("library", "in the library", True, (1.0, 0.95, 0.87), _USUAL, library),
    Backdrop("lakeside", "by the lake", False, (0.98, 0.97, 0.98), _LOW, lakeside),
    Backdrop("village", "in the village", False, _DAY, _USUAL, village),
    Backdrop("desert", "in the desert", False, (1.0, 0.95, 0.88), _USUAL, desert),
    Backdrop("playground", "on the playground", False, _DAY, _USUAL, playground),
    Backdrop("bedroom", "in the bedroom", True, (0.96, 0.94, 1.0), _USUAL, bedroom),
)
BACKDROPS: dict[str, Backdrop] = {backdrop.name: backdrop for backdrop in _ALL}
"""Every backdrop by its name."""


def plate(name: str, variant: int, size: int) -> Image:
    """One variant of a backdrop, larger than the picture by `MARGIN` so that a scene can pan by cropping.

    Plates up to 256 px stay in memory (at most 64 MB of them), so they are read-only.

    Args:
        name: a key of `BACKDROPS`.
        variant: 0 to ``VARIANTS - 1``.
        size: pixels of a side of the picture that it is for.

    Returns:
        HWC uint8 RGB, read-only, of side ``round(size * MARGIN)``.

    Raises:
        InputError: if there is no such backdrop or variant.
    """
    if name not in BACKDROPS:
        raise InputError(f"no backdrop {name!r}; backdrops are {', '.join(BACKDROPS)}")
    if not 0 <= variant < VARIANTS:
        raise InputError(f"no variant {variant} of a backdrop; there are {VARIANTS}, counted from 0")
    return painted(BACKDROPS[name], variant, size)
