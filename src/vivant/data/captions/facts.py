"""What is true of a layout: the statements that a caption may make, each with the measure that makes it true.

Statements come from what can be seen (visible masks and boxes after occlusion) and from the layout's depths and
supports. Sizes are compared only where perspective cannot lie: a subject counts as smaller than another if it looks
smaller although it is at least as near.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vivant.settings.caption import CaptionSettings
from vivant.types import Box, Composite, Layer, Layout, Mask

Place = Literal[
    "left",
    "centre-left",
    "middle",
    "centre-right",
    "right",
    "top",
    "foreground",
    "background",
    "close-up",
    "air",
    "wall",
    "water",
]
Relation = Literal[
    "left of", "right of", "behind", "in front of", "hidden by", "hides", "on top of", "above", "smaller", "larger"
]
Family = Literal["side", "depth", "height", "size"]

LEFT_THIRD, RIGHT_THIRD = 0.36, 0.64
"""The middle of a subject on the left lies before the one, on the right after the other."""
LEFT_MOST, RIGHT_MOST = 0.46, 0.54
"""… or before this, when every other subject lies `side_gap` further to the right (mirrored: left)."""
MIDDLE = (0.44, 0.56)
TOP_THIRD = 0.34
"""A subject whose lower end is above this is near the top."""
LOW = 0.78
"""The feet of what stands in the foreground are below this."""
SIDE_OVERLAP = 0.25
"""Subjects beside each other share at most this fraction of the narrower one's width."""
IN_LINE = 0.3
"""One subject is in front of another when at least this fraction of the narrower one's width is shared."""
CLOSE_UP = 0.3
"""A subject that is alone and whose box takes this much of the picture is seen close up."""
ALMOST_AS_NEAR = 0.02
"""Depths that differ by no more than this count as equal when sizes are compared."""
_HELD: tuple[Place, ...] = ("air", "wall", "water")
_FINE_ENOUGH = 64  # rows or columns of a subject; of larger ones every second, third … is counted


@dataclass(frozen=True)
class Fact:
    """One true statement about a subject, by its index.

    Attributes:
        kind: what is said.
        subject: index of the subject of the statement.
        other: index of the subject that it is compared with; None for a place in the picture.
        family: statements of one family about one pair say much the same.
        weight: how much a reader learns from it, 0 to 1.
    """

    kind: Place | Relation
    subject: int
    other: int | None
    family: Family
    weight: float


@dataclass(frozen=True)
class _Seen:
    """One subject as it shows: visible box, x of the middle of that, depth, area and longest side in pixels."""

    box: Box
    x: float
    depth: float
    area: float
    longest: float
    rests_on: str
    layer: Layer


def find_facts(subjects: Sequence[str], layout: Layout, composite: Composite, settings: CaptionSettings) -> list[Fact]:
    """All true statements about the subjects of a scene, in a fixed order; subjects that cannot be seen have none."""
    layers = {layer.subject: layer for layer in composite.layers}
    seen = {
        index: view
        for index, name in enumerate(subjects)
        if name in layers and (view := _see(layers[name], layout)) is not None
    }
    names = {name: index for index, name in enumerate(subjects)}
    facts: list[Fact] = []
    for index, view in seen.items():
        facts += _places(index, view, seen, settings)
    for index, view in seen.items():
        for other, against in seen.items():
            if index != other:
                facts += _sides(index, view, other, against, settings)
                facts += _depths(index, view, other, against, settings)
                facts += _sizes(index, view, other, against, settings)
                if names.get(view.rests_on) == other:
                    facts.append(Fact("on top of", index, other, "height", 1.0))
    return facts


def _see(layer: Layer, layout: Layout) -> _Seen | None:
    if layer.visible_box is None:
        return None
    height, width = layer.visible.shape
    stride = _stride(layer)
    placement = layout[layer.subject]
    return _Seen(
        box=layer.visible_box,
        x=_middle(layer.visible, layer.visible_box, stride),
        depth=placement.depth,
        area=float(np.count_nonzero(layer.rgba[::stride, ::stride, 3] > 127)) * stride**2,
        longest=max(layer.box.width * width, layer.box.height * height),
        rests_on=placement.rests_on,
        layer=layer,
    )


def _middle(visible: Mask, box: Box, stride: int) -> float:
    """Where the bulk of it is: a subject half covered is where its other half is."""
    weights = np.count_nonzero(visible[::stride, ::stride] > 127, axis=0)
    if not weights.any():
        return box.centre[0]
    columns = (np.arange(len(weights)) + 0.5) * stride
    return float((columns * weights).sum() / weights.sum() / visible.shape[1])


def _places(index: int, view: _Seen, seen: dict[int, _Seen], settings: CaptionSettings) -> list[Fact]:
    others = [other for key, other in seen.items() if key != index]
    gap = settings.side_gap
    facts = []
    if view.x < LEFT_THIRD or (view.x < LEFT_MOST and others and all(other.x > view.x + gap for other in others)):
        facts.append(Fact("left", index, None, "side", 0.8))
    elif view.x > RIGHT_THIRD or (view.x > RIGHT_MOST and others and all(other.x < view.x - gap for other in others)):
        facts.append(Fact("right", index, None, "side", 0.8))
    elif MIDDLE[0] < view.x < MIDDLE[1]:
        facts.append(Fact("middle", index, None, "side", 0.7))
    else:
        facts.append(Fact("centre-left" if view.x < 0.5 else "centre-right", index, None, "side", 0.3))
    if view.box.y1 < TOP_THIRD:
        facts.append(Fact("top", index, None, "height", 0.5))
    facts += [Fact(kind, index, None, "height", 0.6) for kind in _HELD if view.rests_on == kind]
    standing = view.rests_on not in ("air", "wall")
    if (
        others
        and standing
        and view.box.y1 > LOW
        and all(other.depth > view.depth + settings.depth_gap for other in others)
    ):
        facts.append(Fact("foreground", index, None, "depth", 0.7))
    if not others and view.box.area > CLOSE_UP:
        facts.append(Fact("close-up", index, None, "depth", 0.5))
    nearest = min((other.depth for other in others), default=view.depth)
    if view.depth > nearest + 2 * settings.depth_gap and all(
        other.depth < view.depth - settings.depth_gap for other in others
    ):
        facts.append(Fact("background", index, None, "depth", 0.6))
    return facts


def _sides(index: int, view: _Seen, other: int, against: _Seen, settings: CaptionSettings) -> list[Fact]:
    if abs(view.x - against.x) < settings.side_gap or _shared_width(view.box, against.box) > SIDE_OVERLAP:
        return []
    return [Fact("left of" if view.x < against.x else "right of", index, other, "side", 0.5)]


def _depths(index: int, view: _Seen, other: int, against: _Seen, settings: CaptionSettings) -> list[Fact]:
    """Before, behind, hidden: not between a thing and what it stands on, nor about what hangs in the air."""
    if view.layer.subject == against.rests_on or against.layer.subject == view.rests_on:
        return []
    if view.depth > against.depth and hidden_share(view.layer, against.layer) >= settings.hidden:
        return [Fact("hidden by", index, other, "depth", 1.0), Fact("behind", index, other, "depth", 0.9)]
    if against.depth > view.depth and hidden_share(against.layer, view.layer) >= settings.hidden:
        return [Fact("hides", index, other, "depth", 0.9), Fact("in front of", index, other, "depth", 0.9)]
    if {"air", "wall"} & {view.rests_on, against.rests_on}:
        apart = view.box.y1 <= against.box.y0
        return (
            [Fact("above", index, other, "height", 0.8)] if apart and _shared_width(view.box, against.box) > 0 else []
        )
    if abs(view.depth - against.depth) < settings.depth_gap or _shared_width(view.box, against.box) < IN_LINE:
        return []
    return [Fact("behind" if view.depth > against.depth else "in front of", index, other, "depth", 0.8)]


def _sizes(index: int, view: _Seen, other: int, against: _Seen, settings: CaptionSettings) -> list[Fact]:
    if _looks_smaller(view, against, settings) and view.depth <= against.depth + ALMOST_AS_NEAR:
        return [Fact("smaller", index, other, "size", 0.7)]
    if _looks_smaller(against, view, settings) and against.depth <= view.depth + ALMOST_AS_NEAR:
        return [Fact("larger", index, other, "size", 0.7)]
    return []


def _looks_smaller(view: _Seen, against: _Seen, settings: CaptionSettings) -> bool:
    return view.area * settings.size_ratio <= against.area and view.longest < against.longest


def _shared_width(one: Box, two: Box) -> float:
    """Fraction of the narrower box's width that both have in common."""
    shared = min(one.x1, two.x1) - max(one.x0, two.x0)
    narrow = min(one.width, two.width)
    return max(0.0, shared / narrow) if narrow > 0 else 0.0


def hidden_share(behind: Layer, before: Layer) -> float:
    """Fraction of the solid part of `behind` that `before` covers, where both are on the canvas."""
    height, width = behind.visible.shape
    left, top = max(behind.x, before.x, 0), max(behind.y, before.y, 0)
    right = min(behind.x + behind.rgba.shape[1], before.x + before.rgba.shape[1], width)
    bottom = min(behind.y + behind.rgba.shape[0], before.y + before.rgba.shape[0], height)
    if right <= left or bottom <= top:
        return 0.0
    stride = min(_stride(behind), _stride(before))
    both = [
        layer.rgba[top - layer.y : bottom - layer.y : stride, left - layer.x : right - layer.x : stride, 3] > 127
        for layer in (behind, before)
    ]
    whole = np.count_nonzero(behind.rgba[::stride, ::stride, 3] > 127)
    return float(np.count_nonzero(both[0] & both[1]) / whole) if whole else 0.0


def _stride(layer: Layer) -> int:
    height, width = layer.rgba.shape[:2]
    return max(1, int(min(height, width)) // _FINE_ENOUGH)
