"""One random arrangement of subjects in a picture; `plan_layout` draws many and keeps a good one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from vivant.data.plan.layout_geometry import (
    CUT_FEET,
    Ground,
    LayoutItem,
    has_level,
    is_holder,
    needed_sides,
    real_size,
    relative_sizes,
    size_is_forced,
    supports_of,
)
from vivant.settings.plan import LayoutSettings
from vivant.types import Background, Box, Placement

LINE_SHARE = 0.8
"""Subjects of at least this share of the largest one's size stand on about the same line."""
STACK_CHANCE = (0.95, 0.4)
"""How often what usually, or only sometimes, stands on a table does, where there is one in the combination."""
STACK_WIDTH = 0.85
"""Share of a table's width that may be stood on."""
STACK_RATIO = 0.6
"""Greatest size, against what it stands on, of a thing on top of another."""
DEEPEST_BAND = 0.4
"""Of a ground that fills more of the picture than this, only the near part is used: a group stands together."""
WALL_CHANCE = 0.5
"""How often a thing that may hang or stand hangs."""
AIR_CHANCE = 0.75
"""How often a thing that usually flies does, where it could stand as well."""
AIR_SIZES = (0.2, 0.75)
"""Size of flying things against the largest on the ground: their distance is free, their sight is not."""
ALONE_SIZES = (0.42, 0.6)
"""Size of the largest where nothing stands on the ground: sky, deep water, a bare wall."""
WALL_GAP = 0.06
"""Least distance between the floor's far end and what hangs above it."""


@dataclass(eq=False)
class _Spot:
    """A subject being placed; lengths in fractions of the picture."""

    item: LayoutItem
    size: float
    support: str
    flip: bool
    sides: frozenset[str]
    feet: float = 0.0
    height: float = 0.0
    left: float = 0.0
    depth: float = 0.0
    on_top: list[_Spot] = field(default_factory=list)

    @property
    def relative_width(self) -> float:
        """Width at the same distance, against the largest subject's size."""
        return self.size * math.sqrt(self.item.aspect)

    def width(self, aspect: float) -> float:
        """Fraction of the picture's width, in a picture of that aspect."""
        return self.height * self.item.aspect / aspect


class Arranger:
    """Draws arrangements of the same items in the same background."""

    def __init__(
        self, items: Sequence[LayoutItem], background: Background, settings: LayoutSettings, aspect: float
    ) -> None:
        self.items = items
        self.background = background
        self.settings = settings
        self.aspect = aspect
        self.ground = Ground.of(background, settings)
        self.sizes = relative_sizes(items, settings.min_ratio)
        self.free = not has_level(background)

    def arrange(self, rng: np.random.Generator, shrink: float) -> tuple[Placement, ...] | None:
        """Placements far to near, or None where this draw does not fit the picture."""
        spots = self._spots(rng)
        standing = [
            spot for spot in spots if not self.free and (spot.support not in ("wall", "air") or "bottom" in spot.sides)
        ]
        held = self._stack(standing, rng)
        row = [spot for spot in standing if spot not in held]
        hung = [spot for spot in spots if spot not in standing]
        unit = self._stand(row, rng, shrink) if row else float(rng.uniform(*ALONE_SIZES)) * shrink
        self._hang(hung, unit, rng, alone=not row)
        if not self._fit(spots, held) or not self._line_up(row, rng):
            return None
        for spot in row:
            self._put_on_top(spot, rng)
        for spot in hung:
            spot.left = self._side(spot, rng)
        return tuple(self._placement(spot) for spot in sorted(spots, key=lambda spot: -spot.depth))

    def _spots(self, rng: np.random.Generator) -> list[_Spot]:
        """Support and mirroring of every item; two that are cut on the same side are turned apart where allowed."""
        spots: list[_Spot] = []
        taken: set[str] = set()
        for item in self.items:
            flip = bool(rng.random() < 0.5) and self.settings.flip
            if self.settings.flip and needed_sides(item, flip) & taken & {"left", "right"}:
                flip = not flip
            sides = needed_sides(item, flip)
            sides -= (taken & sides) - {"top", "bottom"}
            taken |= sides
            spots.append(_Spot(item, self.sizes[item.name], self._support(item, rng), flip, sides))
        return spots

    def _support(self, item: LayoutItem, rng: np.random.Generator) -> str:
        possible = supports_of(item.thing, self.background)
        chance = {"wall": WALL_CHANCE, "air": AIR_CHANCE}.get(possible[0], 1.0)
        if "bottom" in item.cut_sides:  # it reaches out of the picture below: it cannot hang or fly
            return next((support for support in possible if support not in ("wall", "air")), possible[0])
        if len(possible) == 1 or rng.random() < chance:
            return possible[0]
        return possible[1 + int(rng.integers(len(possible) - 1))]

    def _stack(self, standing: list[_Spot], rng: np.random.Generator) -> list[_Spot]:
        """Put small things on tables, benches and boxes of the combination; returns what no longer needs a place."""
        holders = [
            s
            for s in standing
            if s.item.thing.holds is not None
            and not s.item.cut_sides
            and is_holder(s.item.name, self.sizes, self.background)
        ]
        held: list[_Spot] = []
        for spot in sorted(standing, key=lambda s: s.size):
            if "table" not in spot.item.thing.rests_on or spot.item.cut_sides or spot.on_top:
                continue
            fitting = [
                holder
                for holder in holders
                if holder is not spot
                and holder not in held
                and real_size(spot.item) <= STACK_RATIO * real_size(holder.item)
                and sum(s.relative_width for s in (*holder.on_top, spot)) <= STACK_WIDTH * holder.relative_width
            ]
            chance = STACK_CHANCE[spot.item.thing.rests_on[0] != "table"]
            if fitting and rng.random() < chance:
                fitting[int(rng.integers(len(fitting)))].on_top.append(spot)
                held.append(spot)
        return held

    def _stand(self, row: list[_Spot], rng: np.random.Generator, shrink: float) -> float:
        """Feet and heights on the level: the largest sets the scale, the smaller come nearer; returns its size."""
        ground, settings = self.ground, self.settings
        largest = max(row, key=lambda spot: spot.size)
        spread = 1.0 - min(spot.size for spot in row) / largest.size
        back = float(rng.uniform(0.1, 0.4)) + spread * float(rng.uniform(0.1, 0.5))
        line = ground.lowest - back * min(ground.lowest - ground.top, DEEPEST_BAND)
        height = float(rng.uniform(settings.largest_min, settings.largest_max)) * shrink
        unit = height * math.sqrt(largest.item.aspect) / largest.size
        scale_at = CUT_FEET if "bottom" in largest.sides else line
        for spot in row:
            if "bottom" in spot.sides:
                spot.feet, at = 1.0, CUT_FEET
            else:
                spot.feet = at = self._feet(spot, largest, line, rng)
            near = ground.nearness(at) / ground.nearness(scale_at)
            spot.height = spot.size * unit * near / math.sqrt(spot.item.aspect)
            spot.depth = ground.depth(spot.feet)
        self._meet_sides(row)
        for holder in row:
            for spot in holder.on_top:
                near = ground.nearness(holder.feet) / ground.nearness(scale_at)
                spot.height = spot.size * unit * near / math.sqrt(spot.item.aspect)
        return unit * largest.size

    def _feet(self, spot: _Spot, largest: _Spot, line: float, rng: np.random.Generator) -> float:
        if spot is largest:
            return line
        relative = spot.size / largest.size
        if relative >= LINE_SHARE:
            feet = line + float(rng.uniform(-0.04, 0.05))
        else:
            feet = line + (self.ground.lowest - line) * min(1.0, (1.2 - relative) * float(rng.uniform(0.45, 1.3)))
        return min(max(feet, self.ground.top + 0.005), self.ground.lowest)

    def _meet_sides(self, row: Sequence[_Spot]) -> None:
        """Stretch what its photo cuts on opposite sides from edge to edge of the picture, where it fits."""
        for spot in row:
            if {"left", "right"} <= spot.sides and self.aspect / spot.item.aspect <= spot.feet:
                spot.height = self.aspect / spot.item.aspect
            elif "top" in spot.sides and spot.feet * spot.item.aspect / self.aspect <= 1.0:
                spot.height = spot.feet

    def _hang(self, hung: Sequence[_Spot], unit: float, rng: np.random.Generator, *, alone: bool) -> None:
        """Heights and lower edges of what hangs, flies or swims."""
        margin, ground = self.settings.margin, self.ground
        for spot in hung:
            if self.free or alone:
                low, high = margin, 0.95 if self.free else max(0.5, ground.horizon)
                size = unit * spot.size
                spot.depth = 1.0 - 0.5 * spot.size
            else:
                low = margin
                high = ground.top - WALL_GAP if spot.support == "wall" else max(ground.horizon - 0.02, 0.3)
                size = unit * min(max(spot.size, AIR_SIZES[0]), AIR_SIZES[1])
                spot.depth = 0.98 if spot.support == "wall" else 1.0
            height = size / math.sqrt(spot.item.aspect)
            spot.height = max(0.01, min(height, 0.9 * (high - low)))
            spot.feet = high - float(rng.random()) * max(0.0, high - low - spot.height)
            if "bottom" in spot.sides:
                spot.feet = 1.0
            elif "top" in spot.sides:
                spot.feet = spot.height

    def _fit(self, spots: Sequence[_Spot], held: Sequence[_Spot]) -> bool:
        """Shrink all together until each is inside the frame; heights keep their ratios, feet their places."""
        margin, factor = self.settings.margin, 1.0
        for spot in spots:
            if size_is_forced(spot.item):
                continue
            factor = min(factor, (1.0 - 2 * margin) / max(spot.width(self.aspect), 1e-9))
            factor = min(factor, self.settings.largest_max / max(spot.height, 1e-9))
            above = max((top.height for top in spot.on_top), default=0.0)
            needed = max(spot.height, (1.0 - (spot.item.thing.holds or 0.0)) * spot.height + above)
            if spot not in held:  # what stands on another has no feet yet and counts with that
                factor = min(factor, (spot.feet - margin) / max(needed, 1e-9))
        for spot in spots:
            if not size_is_forced(spot.item):
                spot.height *= factor
        return all(spot.height > 0.0 and spot.width(self.aspect) <= 1.0 + 1e-9 for spot in spots)

    def _line_up(self, row: list[_Spot], rng: np.random.Generator) -> bool:
        """Left edges: a loose group across the picture, with small near ones sometimes in front of it."""
        widths = {spot: spot.width(self.aspect) for spot in row}
        tallest = max((spot.height for spot in row), default=0.0)
        fronts = [s for s in row if s.height < 0.45 * tallest and not s.sides and rng.random() < 0.6]
        backs = [spot for spot in row if spot not in fronts]
        order = [backs[i] for i in rng.permutation(len(backs))]
        order.sort(key=lambda spot: ("right" in spot.sides) - ("left" in spot.sides))
        margin = self.settings.margin
        start = 0.0 if order and "left" in order[0].sides else margin
        end = 1.0 if order and "right" in order[-1].sides else 1.0 - margin
        slack = end - start - sum(widths[spot] for spot in order)
        pairs = max(len(order) - 1, 1)
        tightest = min((widths[spot] for spot in order), default=0.0)
        if slack < -pairs * tightest * self.settings.max_overlap * 1.5:
            return False
        gap = min(slack / pairs, float(rng.uniform(-0.6 * self.settings.max_overlap * tightest, 0.08)))
        at = start + (slack - gap * (len(order) - 1)) * float(rng.uniform(0.25, 0.75))
        for spot in order:
            spot.left = at
            at += widths[spot] + gap
        self._pin_sides(row, widths)
        for spot in fronts:
            spot.left = margin + float(rng.random()) * max(0.0, 1.0 - 2 * margin - widths[spot])
        return True

    def _pin_sides(self, row: Sequence[_Spot], widths: dict[_Spot, float]) -> None:
        for spot in row:
            if "left" in spot.sides:
                spot.left = 0.0
            elif "right" in spot.sides:
                spot.left = 1.0 - widths[spot]

    def _put_on_top(self, holder: _Spot, rng: np.random.Generator) -> None:
        """Side by side on the upper side of a table or bench, a little nearer than it."""
        level = holder.feet - holder.height * (1.0 - (holder.item.thing.holds or 0.0))
        share = holder.width(self.aspect) / max(len(holder.on_top), 1)
        for index, spot in enumerate(holder.on_top):
            spot.left = holder.left + index * share + (share - spot.width(self.aspect)) * float(rng.uniform(0.2, 0.8))
            spot.feet = level
            spot.depth = max(0.0, holder.depth - 1e-4 * (index + 1))
            spot.support = holder.item.name

    def _side(self, spot: _Spot, rng: np.random.Generator) -> float:
        if "left" in spot.sides:
            return 0.0
        room = 1.0 - spot.width(self.aspect)
        if "right" in spot.sides:
            return room
        return min(self.settings.margin, room) + float(rng.random()) * max(0.0, room - 2 * self.settings.margin)

    def _placement(self, spot: _Spot) -> Placement:
        def unit(value: float) -> float:
            return round(min(1.0, max(0.0, value)), 6)

        box = Box(
            x0=unit(spot.left),
            y0=unit(spot.feet - spot.height),
            x1=unit(spot.left + spot.width(self.aspect)),
            y1=unit(spot.feet),
        )
        return Placement(subject=spot.item.name, box=box, depth=unit(spot.depth), rests_on=spot.support, flip=spot.flip)
