"""Boxes for a combination, by rules: real-world scale, one ground, perspective (Gen4Gen, section 3.2, step 2).

Random arrangements are drawn and checked by `layout_faults`, the same check that a language model's answer must pass.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vivant.data.plan.arrange import Arranger
from vivant.data.plan.layout_check import layout_faults
from vivant.data.plan.layout_geometry import LayoutItem, covered_shares, supports_of
from vivant.settings.plan import LayoutSettings
from vivant.types import Background, Box, Layout, Placement

__all__ = ["LayoutItem", "layout_faults", "plan_layout"]

MAX_ITEMS = 6
"""More do not fit one picture so that each is still seen."""
GOOD_ENOUGH = 3
"""Faultless arrangements among which the best is taken: more would make all pictures alike."""
SHRINK = 0.94
SHRINKS = 44
"""Sizes tried, each smaller by `SHRINK`: down to 1/15."""
_LEFT_OVER = "no faultless arrangement was found; the subjects stand in a row"


def plan_layout(
    items: Sequence[LayoutItem],
    background: Background,
    settings: LayoutSettings,
    rng: np.random.Generator,
    aspect: float = 1.0,
) -> Layout:
    """Where each subject of a combination goes.

    Args:
        items: 1 to 6, with different names.
        background: where its horizon and ground lie.
        settings: sizes, overlap, margins.
        rng: draws the arrangement; the same state gives the same layout.
        aspect: width over height of the picture.

    Returns:
        A layout without faults, far to near, boxes inside the frame with the cutouts' aspects kept. Where cut sides
        leave no faultless arrangement: a row, with that in its note.

    Raises:
        ValueError: no item, too many, two of one name, or an aspect that is not positive.
    """
    _check(items, aspect)
    arranger = Arranger(items, background, settings, aspect)
    for step in range(SHRINKS):
        found: list[tuple[float, Layout]] = []
        for _ in range(settings.tries if step == 0 else (settings.tries + 2) // 3):
            placements = arranger.arrange(rng, SHRINK**step)
            if placements is None:
                continue
            layout = Layout(placements=placements, source="rules")
            if not layout_faults(layout, items, background, settings):
                found.append((_quality(layout), layout))
            if len(found) == GOOD_ENOUGH:
                break
        if found:
            return max(found, key=lambda pair: pair[0])[1]
    return _row(items, background, settings, aspect)


def _check(items: Sequence[LayoutItem], aspect: float) -> None:
    if not 1 <= len(items) <= MAX_ITEMS:
        raise ValueError(f"a layout has 1 to {MAX_ITEMS} subjects, not {len(items)}")
    if len({item.name for item in items}) != len(items):
        raise ValueError(f"two subjects of one name: {', '.join(item.name for item in items)}")
    if not aspect > 0 or not all(item.aspect > 0 for item in items):
        raise ValueError("aspects must be positive")


def _quality(layout: Layout) -> float:
    """Filled area up to a half, less what is covered and how far the whole leans to one side."""
    boxes = [placement.box for placement in layout.placements]
    area = sum(box.area for box in boxes)
    lean = abs(sum(box.area * box.centre[0] for box in boxes) / max(area, 1e-9) - 0.5)
    covered = max(covered_shares(layout.placements).values())
    return min(area, 0.5) - 0.6 * covered - 0.8 * lean


def _row(items: Sequence[LayoutItem], background: Background, settings: LayoutSettings, aspect: float) -> Layout:
    """Everyone side by side at the lower edge, in equal shares of the width, cut sides towards the frame."""
    ordered = sorted(items, key=lambda item: ("right" in item.cut_sides) - ("left" in item.cut_sides))
    share = 1.0 / len(items)
    placements = []
    for index, item in enumerate(ordered):
        height = min(0.6, 0.96 * share * aspect / item.aspect)
        width = height * item.aspect / aspect
        feet = 1.0 if "bottom" in item.cut_sides else settings.lowest_feet
        left = index * share + (share - width) / 2
        if "left" in item.cut_sides and index == 0:
            left = 0.0
        elif "right" in item.cut_sides and index == len(items) - 1:
            left = 1.0 - width
        box = Box(x0=left, y0=max(0.0, feet - height), x1=min(1.0, left + width), y1=feet)
        support = supports_of(item.thing, background)[0]
        placements.append(Placement(subject=item.name, box=box, depth=0.0, rests_on=support))
    return Layout(placements=tuple(placements), source="rules", note=_LEFT_OVER)
