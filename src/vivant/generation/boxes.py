"""Boxes for subjects: proposed from the sentence, with room for the relation, or read from the command line.

Inside, everything is in units of the picture's height, so that subjects keep their shape in pictures of any aspect.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Literal

from vivant.errors import InputError, SettingsError
from vivant.generation.box_table import ALONE, APART, MEASURED, TOUCHING, TWO, Rectangle
from vivant.relations.function_words import CONJUNCTIONS, JOINING
from vivant.relations.predicate import predicate_span, subject_spans
from vivant.relations.verbs import forms, lemma, singulars
from vivant.types import Box

MOST = 6
"""Subjects in one picture."""
MARGIN = 0.02
"""What stays free at the picture's edges, fraction of its height."""
_NARROW = 0.17  # width in a row from which downwards there are two rows
_NARROWEST = 10.0  # picture, one side over the other
_BEHIND = 0.85  # size of one behind another
_LEAST = 0.35  # smallest size beside the largest, whatever the heights: a smaller subject has no face any more

Tie = Literal["right", "above", "below", "behind", "front", "between", ""]
"""Where a subject is from the next one of the sentence; empty where nothing is said but that they are in one row."""
_TIES: tuple[tuple[Tie, tuple[str, ...]], ...] = (
    ("", ("leaning on", "leans on", "lean on")),
    ("right", ("right of", "right and", "on the right ,")),
    ("above", ("on top of", "on the back of", "on the shoulders of", "on the lap of", "above", "over", "on", "onto")),
    ("above", ("in the arms of", "riding", "rides", "ride")),
    ("below", ("underneath", "under", "beneath", "below", "ridden by")),
    ("behind", ("behind",)),
    ("front", ("in front of",)),
    ("between", ("between",)),
)


@dataclass(frozen=True)
class _Sentence:
    """What a sentence says about where its subjects are.

    Attributes:
        order: numbers of the subjects from first to last mention.
        ties: of each to the next.
        relation: a key of `MEASURED`.
        is_passive: whether the first is the one it is done to.
    """

    order: tuple[int, ...]
    ties: tuple[Tie, ...]
    relation: str
    is_passive: bool


def propose_boxes(
    prompt: str, nouns: Sequence[str], aspect: float = 1.0, heights: Sequence[float] | None = None
) -> tuple[Box, ...]:
    """Boxes for 1 to 6 subjects from the sentence alone; the same each time.

    One is large and in the middle. Two are as their relation is measured to be (overlapping in "hugging", with a gap in
    "playing chess with"), an unknown verb with a direct object overlaps a little, and everybody else stands in a row,
    in the order of the sentence from left to right. "to the right of", "behind", "in front of", "on top of", "under"
    and "between" between two subjects win over all that.

    Args:
        prompt: names every subject.
        nouns: one a subject, in any order.
        aspect: width over height of the picture.
        heights: of the subjects, in any one unit. Sizes follow their square roots, down to 0.35 of the largest, because
            a cat at a man's side in true proportion would be too small to be recognised. None: all alike.

    Returns:
        A box a subject, in the order of the nouns, all inside the picture.

    Raises:
        InputError: no subject or more than 6, a subject that the sentence does not name, heights that are not positive
            or not one a subject, or an aspect beyond 0.1 to 10.
    """
    if not 1 <= len(nouns) <= MOST:
        raise InputError(f"{len(nouns)} subjects: a picture takes 1 to {MOST}")
    if not 1 / _NARROWEST <= aspect <= _NARROWEST:
        raise InputError(f"an aspect of {aspect}: give width over height, 0.1 to 10")
    if heights is not None and (len(heights) != len(nouns) or not all(math.isfinite(h) and h > 0 for h in heights)):
        raise InputError(f"heights {list(heights)} of {len(nouns)} subjects: give one positive number a subject")
    said = _read(prompt, nouns)
    sizes = [1.0] * len(nouns)
    if heights:
        sizes = [max(_LEAST, math.sqrt(heights[number] / max(heights))) for number in said.order]
    placed = _fit(_place(said, sizes, aspect), aspect)
    boxes = {
        number: Box(x0=x0 / aspect, y0=y0, x1=x1 / aspect, y1=y1)
        for number, (x0, y0, x1, y1) in zip(said.order, placed, strict=True)
    }
    return tuple(boxes[number] for number in range(len(nouns)))


def parse_box(text: str, names: Collection[str] | None = None) -> tuple[str, Box]:
    """A subject's box from the command line: "cat=0,.2,.45,.85" is its left, top, right and bottom edge.

    Args:
        text: name and four fractions of the picture.
        names: of the subjects there are; None to take any.

    Raises:
        SettingsError: another form, a number outside [0, 1], a box without area, or an unknown name.
    """
    name, equals, edges = (part.strip() for part in text.partition("="))
    if not name or not equals:
        raise SettingsError(f"box {text!r}: write it as cat=0,.2,.45,.85")
    if names is not None and name not in names:
        raise SettingsError(f"box {text!r}: there is no subject {name!r}, only {', '.join(sorted(names)) or 'none'}")
    try:
        x0, y0, x1, y1 = (float(edge) for edge in edges.split(","))
    except ValueError as error:
        raise SettingsError(f"box {text!r}: give four numbers x0,y0,x1,y1, such as {name}=0,.2,.45,.85") from error
    for edge in (x0, y0, x1, y1):
        if not 0.0 <= edge <= 1.0:
            raise SettingsError(f"box {text!r}: {edge:g} is outside [0, 1], the fractions of the picture")
    for low, high, words in (
        (x0, x1, "right edge {} must be right of the left"),
        (y0, y1, "bottom {} must be below the top"),
    ):
        if high <= low:
            raise SettingsError(f"box {text!r}: the {words.format(f'{high:g}')} {low:g}; the order is x0,y0,x1,y1")
    return name, Box(x0=x0, y0=y0, x1=x1, y1=y1)


def _read(prompt: str, nouns: Sequence[str]) -> _Sentence:
    spans = subject_spans(prompt, nouns)
    order = tuple(sorted(range(len(nouns)), key=lambda number: spans[number]))
    ties = tuple(_tie(prompt[spans[one][1] : spans[other][0]]) for one, other in pairwise(order))
    try:
        start, end = predicate_span(prompt)
    except InputError:  # "a cat and a dog in the park"
        start = end = 0
    words = prompt[start:end].lower().split()
    is_object = bool(words) and (words[-1] not in JOINING or words[-1] in ("by", "up"))
    if is_object:
        is_object = len(order) > 1 and end <= spans[order[1]][0] and not _cut(prompt[end : spans[order[1]][0]])
    return _Sentence(order, ties, _relation(words, len(order), is_object), words[-1:] == ["by"])


def _relation(words: Sequence[str], subjects: int, is_object: bool) -> str:
    """The measured relation that is likest.

    Args:
        words: of the predicate.
        subjects: how many.
        is_object: whether the predicate is done to the second, without "with" or "at".
    """
    gist = {form for word in words for form in (lemma(word), *singulars(word))}
    for relation, meant in (ALONE if subjects == 1 else TWO).items():
        if gist & meant:
            return relation
    if subjects == 1:
        return "standing"
    if not is_object or gist & APART:
        return "standing next to"
    return "hugging" if "hold" in gist else "kissing"


def _tie(between: str) -> Tie:
    """What the words between two subjects say about where the first one is from the second."""
    said = _cut(between)
    for tie, phrases in _TIES:
        if any(said == phrase or said.endswith(f" {phrase}") for phrase in phrases):
            return tie
    return ""


def _cut(text: str) -> str:
    """A text up to its last word that is no part of a noun phrase; empty if there is none."""
    words = text.lower().replace(",", " , ").split()
    joins = [place for place, word in enumerate(words) if word in JOINING | CONJUNCTIONS | {","} or word in forms()]
    return " ".join(words[: joins[-1] + 1]) if joins else ""


def _place(said: _Sentence, sizes: Sequence[float], aspect: float) -> list[Rectangle]:
    """Rectangles in the order of the sentence; they may leave the picture."""
    if not any(said.ties) and len(said.order) <= 2:
        boxes = MEASURED[said.relation]
        if said.is_passive and said.relation == "carrying":
            boxes = boxes[::-1]
        return _resize(boxes, sizes)
    row = [0]
    attached: list[tuple[int, int, Tie]] = []
    for place, tie in enumerate(said.ties):
        other = place + 1
        if tie == "between" and len(said.order) == 3:
            return _in_order(_rows([1, 0, 2], sizes, said, aspect), len(sizes))
        if tie == "right":
            row.insert(row.index(place) if place in row else len(row), other)
        elif tie in ("above", "behind"):
            row = [other if one == place else one for one in row] if place in row else [*row, other]
            attached.append((place, other, tie))
        elif tie in ("below", "front"):
            attached.append((other, place, "above" if tie == "below" else "behind"))
        else:
            row.append(other)
    return _in_order(_with_attached(_rows(row, sizes, said, aspect), attached, sizes), len(sizes))


def _resize(boxes: Sequence[Rectangle], sizes: Sequence[float]) -> list[Rectangle]:
    """Each by its factor, towards the place where the two meet; the feet stay on the ground."""
    lowest = max(box[3] for box in boxes)
    meeting = (min(box[2] for box in boxes) + max(box[0] for box in boxes)) / 2
    return [
        _shrunk(box, size, meeting, box[3] if box[3] > lowest - 0.06 else (box[1] + box[3]) / 2)
        for box, size in zip(boxes, sizes, strict=True)
    ]


def _shrunk(box: Rectangle, size: float, x: float, y: float) -> Rectangle:
    """Scaled about a point."""
    x0, y0, x1, y1 = box
    return (x + (x0 - x) * size, y + (y0 - y) * size, x + (x1 - x) * size, y + (y1 - y) * size)


def _rows(row: Sequence[int], sizes: Sequence[float], said: _Sentence, aspect: float) -> dict[int, Rectangle]:
    """Side by side, by place in the sentence: in one row, or in two where one would be too narrow for all."""
    touching = said.relation in TOUCHING and not any(said.ties)
    if len(row) < 4 or _widest(len(row), aspect) > _NARROW:
        return _row(row, sizes, aspect, touching)
    half = (len(row) + 1) // 2
    back, front = (_row(part, sizes, aspect, touching) for part in (row[:half], row[half:]))
    up = 0.7 * max(y1 - y0 for _, y0, _, y1 in front.values())
    return {place: (x0, y0 - up, x1, y1 - up) for place, (x0, y0, x1, y1) in back.items()} | front


def _widest(count: int, aspect: float) -> float:
    """How wide each may be in a row of so many that overlap by a quarter at most."""
    return (aspect - 3 * MARGIN) / (1 + 0.75 * (count - 1))


def _row(row: Sequence[int], sizes: Sequence[float], aspect: float, touching: bool) -> dict[int, Rectangle]:
    """On one ground, around x = 0."""
    crowd = max(1.6, len(row) / aspect)
    # Fitted to the world's rows of 2 to 5: 0.38, 0.31, 0.26 and 0.23 wide, 0.63 to 0.44 high.
    width = min(0.14 + 0.49 / crowd, _widest(len(row), aspect))
    height = min(0.34 + 0.58 / crowd, 2.1 * width)
    ground = min(0.92, 0.7 + height / 2)
    halves = [width * sizes[place] / 2 for place in row]
    room = aspect - 3 * MARGIN - halves[0] - halves[-1]
    steps = [one + other for one, other in pairwise(halves)]
    spread = min(0.65 if touching else 1.05, room / max(sum(steps), 1e-9))
    middles = accumulate([spread * step for step in steps], initial=-spread * sum(steps) / 2)
    return {
        place: (middle - half, ground - height * sizes[place], middle + half, ground)
        for place, middle, half in zip(row, middles, halves, strict=True)
    }


def _with_attached(
    boxes: dict[int, Rectangle], attached: Sequence[tuple[int, int, Tie]], sizes: Sequence[float]
) -> dict[int, Rectangle]:
    """With those who are above or behind others of the row."""
    found = dict(boxes)
    for place, other, tie in reversed(attached):
        x0, y0, x1, y1 = found[other]
        share = sizes[place] / sizes[other]
        width, height = (x1 - x0) * share, (y1 - y0) * share
        middle = (x0 + x1) / 2
        if tie == "above":
            bottom = y0 + 0.25 * (y1 - y0)
        else:
            bottom = y1 - 0.1 * (y1 - y0)
            width, height = width * _BEHIND, height * _BEHIND
            middle += math.copysign(0.45 * (x1 - x0), place - other)
        found[place] = (middle - width / 2, bottom - height, middle + width / 2, bottom)
    return found


def _in_order(boxes: dict[int, Rectangle], count: int) -> list[Rectangle]:
    return [boxes[place] for place in range(count)]


def _fit(boxes: Sequence[Rectangle], aspect: float) -> list[Rectangle]:
    """Shrunk together as little as needed, centred, and moved up or down as little as needed."""
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
    x, y = (left + right) / 2, (top + bottom) / 2
    scale = min(1.0, (aspect - 2 * MARGIN) / (right - left), (1.0 - 2 * MARGIN) / (bottom - top))
    half = scale * (bottom - top) / 2
    # What is shrunk for a narrow picture does not stay at the bottom, under an empty sky, but comes nearer the middle.
    centre = min(max(0.5 + (y - 0.5) * scale, MARGIN + half), 1.0 - MARGIN - half)
    dx, dy = aspect / 2 - x, centre - y
    return [(a + dx, b + dy, c + dx, d + dy) for a, b, c, d in (_shrunk(box, scale, x, y) for box in boxes)]
