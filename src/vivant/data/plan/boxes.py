"""A language model's boxes made fit for the cutouts: shape kept, real scale, feet on the ground.

Small slips are mended here; what stays impossible is found by `layout_faults`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vivant.data.plan.layout_geometry import (
    CUT_FEET,
    NEAR_BOOST,
    Ground,
    LayoutItem,
    has_level,
    is_holder,
    needed_sides,
    supports_of,
)
from vivant.data.plan.prompts import CANVAS_WIDTH, canvas_height
from vivant.data.plan.replies import BoxReply, Unusable
from vivant.settings.plan import LayoutSettings
from vivant.types import Background, Box, Placement

FEET_SLIP = 0.1
"""Feet that miss the ground by less are set on it: models are seldom exact."""
FRAME_SLIP = 0.2
"""A box that leaves the canvas by more than this is refused instead of moved."""
ON_TOP_DEPTH = 1e-4
"""How much nearer a thing on a table is than the table."""


def to_placements(
    replies: Sequence[BoxReply],
    items: Sequence[LayoutItem],
    ratios: Mapping[str, float],
    flips: Mapping[str, bool],
    background: Background,
    settings: LayoutSettings,
    aspect: float,
) -> tuple[Placement, ...]:
    """Placements far to near from the boxes of a reply (in the items' order, on the canvas of the question).

    Sizes follow the ratios (section 3.2): the subject whose box is largest for its ratio sets the scale, each other one
    gets its ratio times what its distance does, at least about ``settings.min_ratio`` when it is near.

    Raises:
        Unusable: a box far outside the canvas, or a thing on another that is on it in turn.
    """
    ground = Ground.of(background, settings)
    named = {item.name: item for item in items}
    drafts = {
        item.name: _draft(
            reply, item, is_holder(reply.on, named, background), flips[item.name], ground, background, aspect
        )
        for reply, item in zip(replies, items, strict=True)
    }
    _rescale(drafts, ratios, ground, background, settings)
    placements: dict[str, Placement] = {}
    for item in sorted(items, key=lambda item: drafts[item.name].held):
        draft, holder = drafts[item.name], None
        if draft.held:
            holder = placements.get(draft.on)
            holds = named[draft.on].thing.holds
            if holder is None or holds is None:
                raise Unusable(f"{item.name} cannot stand on {draft.on}")
            draft.feet = holder.box.y0 + holds * holder.box.height
        placements[item.name] = draft.placement(ground, holder, aspect, settings)
    return tuple(sorted(placements.values(), key=lambda placement: -placement.depth))


@dataclass
class _Draft:
    """A subject's place while it is mended; fractions of the picture."""

    item: LayoutItem
    on: str
    held: bool
    flip: bool
    centre: float
    feet: float
    height: float

    @property
    def aloft(self) -> bool:
        """Whether it flies or hangs: at a distance that nothing tells."""
        return not self.held and self.on in ("air", "wall")

    def nearness(self, ground: Ground, level: bool) -> float:
        """Apparent size of a thing of size 1 at its place."""
        if not level or self.aloft:
            return 1.0
        return ground.nearness(CUT_FEET if "bottom" in self.item.cut_sides else self.feet)

    def placement(self, ground: Ground, holder: Placement | None, aspect: float, settings: LayoutSettings) -> Placement:
        """The final box: moved into the frame, and to the edges where its photo cuts it."""
        margin = settings.margin
        height = min(self.height, self.feet, (1.0 - 2 * margin) * aspect / self.item.aspect)
        width = height * self.item.aspect / aspect
        left = min(max(self.centre - width / 2, margin), 1.0 - margin - width)
        sides = needed_sides(self.item, self.flip)
        if "left" in sides:
            left = 0.0
        elif "right" in sides:
            left = 1.0 - width
        values = (left, self.feet - height, left + width, self.feet)
        x0, y0, x1, y1 = (round(min(1.0, max(0.0, value)), 6) for value in values)
        if holder is not None:
            depth = max(0.0, holder.depth - ON_TOP_DEPTH)
        else:
            depth = {"air": 1.0, "wall": 0.98}.get(self.on, ground.depth(self.feet))
        box = Box(x0=x0, y0=y0, x1=x1, y1=y1)
        return Placement(subject=self.item.name, box=box, depth=depth, rests_on=self.on, flip=self.flip)


def _draft(
    reply: BoxReply, item: LayoutItem, held: bool, flip: bool, ground: Ground, background: Background, aspect: float
) -> _Draft:
    tall = canvas_height(aspect)
    left, top, width, height = reply.box
    if (
        min(left / CANVAS_WIDTH, top / tall) < -FRAME_SLIP
        or max((left + width) / CANVAS_WIDTH, (top + height) / tall) > 1 + FRAME_SLIP
    ):
        raise Unusable(f"the box of {item.name} leaves the canvas of {CANVAS_WIDTH} x {tall}")
    feet = min(1.0, (top + height) / tall)
    on = reply.on
    if not held and on == "table" and on not in supports_of(item.thing, background):
        on = background.surface  # a table that is not in the picture
    if "bottom" in item.cut_sides:
        feet = 1.0
    elif not held and on == background.surface and has_level(background):
        if ground.top - FEET_SLIP <= feet < ground.top:
            feet = ground.top
        feet = min(feet, ground.lowest)
    # The area that was asked for, in the cutout's own shape.
    own_height = math.sqrt(width * height / item.aspect) / tall
    return _Draft(item, on, held, flip, (left + width / 2) / CANVAS_WIDTH, feet, own_height)


def _rescale(
    drafts: Mapping[str, _Draft],
    ratios: Mapping[str, float],
    ground: Ground,
    background: Background,
    settings: LayoutSettings,
) -> None:
    """Set heights by the ratios; what flies keeps its size, since its distance is free."""
    level = has_level(background)
    scaled = [draft for draft in drafts.values() if not draft.aloft]
    if not scaled:
        return
    near = {draft.item.name: _nearness_of(draft, drafts, ground, level) for draft in scaled}
    wanted = {draft.item.name: max(ratios[draft.item.name], settings.min_ratio / NEAR_BOOST) for draft in scaled}
    first = max(scaled, key=lambda draft: (ratios[draft.item.name], draft.height))
    unit = first.height / (wanted[first.item.name] * near[first.item.name])
    tallest = max(unit * wanted[name] * near[name] for name in near)
    unit *= min(1.0, settings.largest_max / tallest)
    for draft in scaled:
        draft.height = unit * wanted[draft.item.name] * near[draft.item.name]


def _nearness_of(draft: _Draft, drafts: Mapping[str, _Draft], ground: Ground, level: bool) -> float:
    return (drafts[draft.on] if draft.held else draft).nearness(ground, level)
