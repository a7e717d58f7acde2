"""What is impossible in a layout, in words: a model can mend it, the rules avoid it, the final check refuses it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from vivant.data.plan.layout_geometry import (
    CUT_FEET,
    MIRROR,
    Ground,
    LayoutItem,
    covered_shares,
    has_level,
    is_holder,
    needed_sides,
    real_size,
    size_is_forced,
    supports_of,
)
from vivant.settings.plan import LayoutSettings
from vivant.types import Background, Box, Layout, Placement

TOLERANCE = 0.02
"""Fraction of the picture's height that no eye takes for an error."""
SURE_RATIO = 1.5
"""Real sizes that differ by less may appear in either order: animals of one kind differ as much."""
EXAGGERATION = 2.5
"""How many times the true ratio of two sizes may be overdone."""
LEAST_SIDE = 0.1
"""A picture whose largest subject is smaller both ways shows nothing."""


def layout_faults(
    layout: Layout, items: Sequence[LayoutItem], background: Background, settings: LayoutSettings
) -> list[str]:
    """What cannot be in a photograph, one sentence a fault; empty when the layout is believable.

    Checked: everyone there once, cut sides at the frame, nothing floating or on what cannot hold it, sizes in their
    real order, nearer lower, little covered, not all tiny.
    """
    named = {item.name: item for item in items}
    names = [placement.subject for placement in layout.placements]
    if sorted(names) != sorted(named):
        return [f"the subjects must be {', '.join(sorted(named))}, each once, not {', '.join(sorted(names)) or 'none'}"]
    ground = Ground.of(background, settings)
    faults = [
        fault
        for placement in layout.placements
        for fault in _place_faults(placement, named[placement.subject], layout, named, ground, background)
    ]
    faults += _cut_faults(layout, named)
    if has_level(background):
        faults += _pair_faults(layout, named, ground, background)
    for name, share in covered_shares(layout.placements).items():
        if share > settings.max_overlap + 1e-6:
            faults.append(f"{name} is covered to {share:.0%} by nearer ones; {settings.max_overlap:.0%} is the most")
    if max(max(p.box.width, p.box.height) for p in layout.placements) < LEAST_SIDE:
        faults.append("everything is too small to be seen: make the boxes larger")
    return faults


def _place_faults(
    placement: Placement,
    item: LayoutItem,
    layout: Layout,
    named: Mapping[str, LayoutItem],
    ground: Ground,
    background: Background,
) -> list[str]:
    name, box, rests_on = placement.subject, placement.box, placement.rests_on
    if box.area <= 0.0:
        return [f"{name} has an empty box"]
    if is_holder(rests_on, named, background):
        return (
            _held_faults(placement, layout[rests_on].box, named[rests_on].thing.holds)
            if rests_on != name
            else [f"{name} cannot rest on itself"]
        )
    if rests_on not in supports_of(item.thing, background):
        allowed = " or ".join(supports_of(item.thing, background))
        return [f"{name} ({item.thing.noun}) cannot rest on {rests_on!r} here, only on {allowed}"]
    if not has_level(background) or "bottom" in item.cut_sides:
        return []  # anywhere will do, or it reaches out of the picture below
    if rests_on == "air" and box.y1 > ground.top + TOLERANCE:
        return [f"{name} is in the air, so its box must end above the ground: y1 at most {ground.top:.2f}"]
    if rests_on in ("ground", "table") and box.y1 < ground.top - TOLERANCE:
        return [f"{name} floats: its box ends at y {box.y1:.2f}, but the ground begins at {ground.top:.2f}"]
    if rests_on == "water" and box.y1 < ground.top - TOLERANCE:
        return [f"{name} is not in the water: its box ends at y {box.y1:.2f}, the water begins at {ground.top:.2f}"]
    return []


def _held_faults(placement: Placement, under: Box, holds: float | None) -> list[str]:
    name, box = placement.subject, placement.box
    if holds is None:
        return [f"nothing can stand on {placement.rests_on}, so {name} cannot"]
    level = under.y0 + holds * under.height
    if abs(box.y1 - level) > TOLERANCE + 0.1 * under.height:
        return [f"{name} stands on {placement.rests_on}, so its box must end at y {level:.2f}, not {box.y1:.2f}"]
    if not under.x0 <= box.centre[0] <= under.x1:
        return [f"{name} stands on {placement.rests_on} but is beside it"]
    return []


def _cut_faults(layout: Layout, named: Mapping[str, LayoutItem]) -> list[str]:
    """Cut sides away from the frame; where several need one side left or right, one of them there is enough."""
    faults = []
    taken: set[str] = set()
    missing: list[tuple[str, str]] = []
    for placement in layout.placements:
        box = placement.box
        at = {"left": box.x0 <= 1e-3, "right": box.x1 >= 1 - 1e-3, "top": box.y0 <= 1e-3, "bottom": box.y1 >= 1 - 1e-3}
        sides = needed_sides(named[placement.subject], placement.flip)
        both = {"left", "right"} <= sides and (at["left"] or at["right"])
        for side in sorted(sides):
            if at[side] or (both and side in MIRROR):
                taken.add(side)
            else:
                missing.append((placement.subject, side))
    for name, side in missing:
        if side == "bottom" or (side in MIRROR and side not in taken):
            faults.append(f"{name} is cut off on its {side} side, so its box must touch that edge of the picture")
    return faults


def _pair_faults(layout: Layout, named: Mapping[str, LayoutItem], ground: Ground, background: Background) -> list[str]:
    """Sizes against each other and feet against depth, among what stands on the level and has a known height."""
    standing = [
        p
        for p in layout.placements
        if p.rests_on == background.surface
        and ground.top - TOLERANCE <= p.box.y1
        and p.box.area > 0.0
        and named[p.subject].thing.known
        and not size_is_forced(named[p.subject])
    ]
    faults = []
    for i, far in enumerate(standing):
        for near in standing[i + 1 :]:
            if near.box.y1 < far.box.y1 - TOLERANCE and near.depth < far.depth:
                faults.append(f"{near.subject} is nearer than {far.subject}, so its box must end lower")
            small, large = sorted((far, near), key=lambda p: real_size(named[p.subject]))
            real = real_size(named[large.subject]) / real_size(named[small.subject])
            shown = _true_size(large, ground) / _true_size(small, ground)
            if real >= SURE_RATIO and shown < 0.98:
                faults.append(f"{large.subject} is really {real:.1f} times as large as {small.subject}; make it larger")
            elif shown > EXAGGERATION * real:
                faults.append(f"{small.subject} is too small beside {large.subject}; make it larger")
    return faults


def _true_size(placement: Placement, ground: Ground) -> float:
    """Size on the level, the effect of distance taken out; the picture's own aspect cancels in ratios."""
    feet = CUT_FEET if placement.box.y1 >= 1 - 1e-3 else placement.box.y1
    return math.sqrt(placement.box.area) / ground.nearness(feet)
