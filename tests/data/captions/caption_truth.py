"""Reads a caption back and holds every statement against masks and depths, with code of its own."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pytest

from vivant.types import Composite, Layer, Layout

NOUNS = ("cat", "dog", "house plant", "owl", "lamp", "teapot")

_NOUN = "|".join(sorted(NOUNS, key=len, reverse=True))
_THING = rf"(?:(?:an?|the|another) )?(?P<{{}}>(?:small |large )?(?:(?:first|second|third) )?(?:{_NOUN}))"
_PLACES = {
    r"on the left(?: side)?|to the left(?! of)": "left",
    r"on the right(?: side)?|to the right(?! of)": "right",
    r"left of the centre|just left of the middle": "centre-left",
    r"right of the centre|just right of the middle": "centre-right",
    r"in the (?:middle|centre)": "middle",
    r"near the top": "top",
    r"in the foreground|close to the camera": "foreground",
    r"further back|farther away": "background",
    r"close up|in close-up": "close-up",
    r"in the air": "air",
    r"on the wall": "wall",
}
_RELATIONS = {
    r"to the left of": "left of",
    r"to the right of": "right of",
    r"partly (?:hidden|covered) by": "hidden by",
    r"partly (?:hiding|covering)": "hides",
    r"behind": "behind",
    r"in front of": "in front of",
    r"on top of|on": "on top of",
    r"above": "above",
    r"much smaller than": "smaller",
    r"much larger than": "larger",
}


def _centre(layer: Layer) -> tuple[float, float]:
    rows, columns = np.nonzero(layer.visible > 127)
    height, width = layer.visible.shape
    return float(columns.mean() / width), float(rows.mean() / height)


def _whole(layer: Layer) -> npt.NDArray[np.bool_]:
    height, width = layer.visible.shape
    canvas = np.zeros((height, width), np.bool_)
    rows, columns = (
        place + shift for place, shift in zip(np.nonzero(layer.rgba[..., 3] > 127), (layer.y, layer.x), strict=True)
    )
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    canvas[rows[inside], columns[inside]] = True
    return canvas


class Truth:
    def __init__(self, layout: Layout, composite: Composite) -> None:
        self.layers = {layer.subject: layer for layer in composite.layers}
        self.depth = {item.subject: item.depth for item in layout.placements}
        self.rests = {item.subject: item.rests_on for item in layout.placements}

    def place(self, kind: str, name: str) -> bool:
        x, _ = _centre(self.layers[name])
        rows = np.nonzero((self.layers[name].visible > 127).any(axis=1))[0] / self.layers[name].visible.shape[0]
        others = [depth for other, depth in self.depth.items() if other != name]
        truths = {
            "left": x < 0.48,
            "centre-left": 0.3 < x < 0.5,
            "middle": 0.4 < x < 0.6,
            "centre-right": 0.5 < x < 0.7,
            "right": x > 0.52,
            "top": rows.max() < 0.4,
            "foreground": rows.max() > 0.7 and self.depth[name] < min(others, default=1),
            "background": self.depth[name] > max(others, default=0),
            "close-up": not others,
            "air": self.rests[name] == "air",
            "wall": self.rests[name] == "wall",
        }
        return bool(truths[kind])

    def relation(self, kind: str, name: str, other: str) -> bool:
        one, two = self.layers[name], self.layers[other]
        x, y = _centre(one)
        x_other, y_other = _centre(two)
        size, size_other = (int(np.count_nonzero(layer.rgba[..., 3] > 127)) for layer in (one, two))
        covered = np.count_nonzero(_whole(one) & _whole(two))
        hidden = self.depth[name] > self.depth[other] and covered > 0.03 * size
        hides = self.depth[other] > self.depth[name] and covered > 0.03 * size_other
        truths = {
            "left of": x < x_other - 0.08,
            "right of": x > x_other + 0.08,
            "behind": self.depth[name] > self.depth[other],
            "in front of": self.depth[name] < self.depth[other],
            "hidden by": hidden,
            "hides": hides,
            "on top of": self.rests[name] == other,
            "above": y < y_other,
            "smaller": size * 2 < size_other and self.depth[name] <= self.depth[other] + 0.05,
            "larger": size > size_other * 2 and self.depth[other] <= self.depth[name] + 0.05,
        }
        return bool(truths[kind])


def check_truth(text: str, subjects: dict[str, str], truth: Truth) -> int:
    """Fails on a false or unreadable statement; returns how many there were. `subjects`: words -> name."""
    for opening in ("A photo of ", "A picture of ", "In the garden, there is "):
        text = text.removeprefix(opening)
    text = re.sub(r",? in the garden\.", ".", text)
    found = 0
    first, *rest = [sentence for sentence in text.split(".") if sentence.strip()]
    items = re.split(r", | and ", first)
    for item in [*items, *[part for sentence in rest for part in sentence.split(", and ")]]:
        match = re.match(_THING.format("noun"), item.strip(), re.IGNORECASE)
        assert match, item
        words = match["noun"].lower()
        size = re.match(r"(small|large) ", words)
        name = subjects[re.sub(r"^(small|large) ", "", words)]
        if size:
            kind = {"small": "smaller", "large": "larger"}[size[1]]
            assert all(truth.relation(kind, name, other) for other in subjects.values() if other != name), text
        said = item.strip()[match.end() :].strip()
        for predicate in filter(None, re.split(r", | and ", said.removeprefix("is "))):
            _check_predicate(predicate, name, subjects, truth, text)
            found += 1
    return found


def _check_predicate(predicate: str, name: str, subjects: dict[str, str], truth: Truth, text: str) -> None:
    for pattern, kind in _PLACES.items():
        if re.fullmatch(pattern, predicate):
            assert truth.place(kind, name), (predicate, text)
            return
    for pattern, kind in _RELATIONS.items():
        match = re.fullmatch(rf"(?:{pattern}) the (.+)", predicate)
        if match:
            assert truth.relation(kind, name, subjects[match[1]]), (predicate, text)
            return
    pytest.fail(f"cannot read {predicate!r} in {text!r}")
