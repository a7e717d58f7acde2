"""The geometry of a believable picture: real sizes, the ground, what may carry what.

A picture is seen by a camera above a level ground (or floor, table top, water): what stands on it at y looks as high as
its real height times (y - horizon), so nearer is lower and larger.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from vivant.data.plan.knowledge import Thing
from vivant.data.plan.tables import SUPPORTS
from vivant.settings.plan import LayoutSettings
from vivant.types import Background, Box, Placement

CUT_FEET = 1.04
"""Where the feet of a subject that its photo cuts off at the bottom would be: a little below the frame."""
LEAST_GROUND = 0.03
"""Height of the strip in which things may stand, however low a background's ground begins."""
LEAST_EYE_HEIGHT = 0.12
"""Least distance of the horizon above the ground's upper end: less would make nearer things grow without measure."""
NEAR_BOOST = 1.5
"""How much moving a small thing from the largest one's place to the front usually enlarges it."""
KEPT_ORDER = 0.25
"""Exponent that is left of size ratios below the floor: a cup stays smaller than a teapot beside a cow."""
MIRROR = {"left": "right", "right": "left"}


@dataclass(frozen=True)
class LayoutItem:
    """One subject to be placed.

    Attributes:
        name: of the subject.
        thing: what is known of it.
        aspect: width over height of its cutout, in pixels.
        cut_sides: sides where its photo cuts it off; these must touch the frame.
    """

    name: str
    thing: Thing
    aspect: float
    cut_sides: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Ground:
    """The level that things stand on, as fractions of the picture's height from the top.

    Attributes:
        horizon: where it would end, far away.
        top: where it begins to be seen.
        lowest: the lowest y to stand at.
    """

    horizon: float
    top: float
    lowest: float

    @classmethod
    def of(cls, background: Background, settings: LayoutSettings) -> Ground:
        """The ground of a background, made usable where it is too thin or lies on the horizon."""
        top = min(background.ground_top, settings.lowest_feet - LEAST_GROUND)
        return cls(min(background.horizon, top - LEAST_EYE_HEIGHT), top, settings.lowest_feet)

    def nearness(self, feet: float) -> float:
        """Apparent size of a thing of size 1 that stands there."""
        return max(feet - self.horizon, 1e-6)

    def depth(self, feet: float) -> float:
        """0 at the lower edge of the picture, 1 at the horizon."""
        return min(1.0, max(0.0, (1.0 - feet) / (1.0 - self.horizon)))


def real_size(item: LayoutItem) -> float:
    """Geometric mean of real height and width in metres, of the part that the cutout shows.

    Where pose changes the height (a cat lies or sits), the area is taken to stay: sqrt(usual aspect / this aspect).
    """
    height, usual = item.thing.height_m, item.thing.aspect
    if "bottom" in item.cut_sides or "top" in item.cut_sides:
        height *= min(0.9, max(0.4, usual / item.aspect)) if usual else 0.8
    elif usual:
        height *= min(1.3, max(0.5, math.sqrt(usual / item.aspect)))
    return height * math.sqrt(item.aspect)


def needed_sides(item: LayoutItem, flip: bool) -> frozenset[str]:
    """Sides of the frame that a subject must touch, since its photo cuts it off there."""
    return frozenset(MIRROR.get(side, side) for side in item.cut_sides) if flip else item.cut_sides


def size_is_forced(item: LayoutItem) -> bool:
    """Whether its photo cuts it off above or on both sides: its size then follows from the frame."""
    return "top" in item.cut_sides or item.cut_sides >= {"left", "right"}


def covered_shares(placements: Sequence[Placement]) -> dict[str, float]:
    """Share of each box that the boxes of nearer ones cover (placements far to near; overlaps counted once)."""
    return {
        placement.subject: _union_within(placement.box, [nearer.box for nearer in placements[index + 1 :]])
        for index, placement in enumerate(placements)
    }


def _union_within(box: Box, others: Sequence[Box]) -> float:
    if box.area <= 0.0:
        return 0.0
    parts = [
        (max(box.x0, o.x0), max(box.y0, o.y0), min(box.x1, o.x1), min(box.y1, o.y1))
        for o in others
        if box.overlap(o) > 0.0
    ]
    edges = sorted({x for part in parts for x in (part[0], part[2])})
    area = 0.0
    for left, right in itertools.pairwise(edges):
        end = 0.0
        for _, top, _, bottom in sorted((p for p in parts if p[0] <= left and p[2] >= right), key=lambda p: p[1]):
            area += max(0.0, bottom - max(top, end)) * (right - left)
            end = max(end, bottom)
    return area / box.area


def relative_sizes(items: Sequence[LayoutItem], min_ratio: float) -> dict[str, float]:
    """Sizes against the largest, in (0, 1]: true ones, but below a floor they shrink hardly further.

    The floor lies lower than `min_ratio` by what coming nearer to the camera will add.
    """
    sizes = {item.name: real_size(item) for item in items}
    largest, floor = max(sizes.values()), min_ratio / NEAR_BOOST
    ratios = {name: size / largest for name, size in sizes.items()}
    return {name: r if r >= floor else floor * (r / floor) ** KEPT_ORDER for name, r in ratios.items()}


def has_level(background: Background) -> bool:
    """Whether there is a surface that things stand on: not in the sky, not under water."""
    return background.surface != "air" and "underwater" not in background.places


def is_holder(rests_on: str, names: Collection[str], background: Background) -> bool:
    """Whether `rests_on` means another subject, which may be called "table" or "wall" too.

    A support's name means the support, but for a table where the picture's own surface is none.
    """
    if rests_on in SUPPORTS and (rests_on != "table" or background.surface == "table"):
        return False
    return rests_on in names


def supports_of(thing: Thing, background: Background) -> tuple[str, ...]:
    """What may carry a thing in a background, the usual one first; never empty.

    What stands on a table may stand on the ground as well; where nothing fits, the surface that there is has to do.
    """
    fitting: list[str] = []
    for support in thing.rests_on:
        if support in ("ground", "table") and background.surface in ("ground", "table"):
            fitting.append(background.surface)
        elif support == "air" or (support == "wall" and background.indoors) or support == background.surface:
            fitting.append(support)
    return tuple(dict.fromkeys(fitting)) or (background.surface,)
