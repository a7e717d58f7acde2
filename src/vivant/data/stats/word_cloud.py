"""A packed word cloud: words set on a spiral from the middle, the weightiest first, none over another."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import ImageFont

MOST_WORDS = 60
"""More cannot be told apart at the size of a column."""
SMALLEST, LARGEST = 13.0, 54.0
"""Font sizes in units of the drawing, which is about 520 wide: readable on a phone, where it is drawn at two thirds."""
INK = 60_000.0
"""Area that all words together may take: half of a drawing of 520 x 240."""
STRETCH = 1.7
"""The spiral is this much wider than high, as a column of a page is."""
GAP = 5.0
"""Between two words."""
LONG_PHRASE = 5
"""A prompt with more words than this is counted word by word."""
_LEAD = re.compile(
    r"^(?:in|on|at|by|under|beside|near|inside|with|against|beneath|above|over|before|next to|in front of)\s+"
)
_ARTICLE = re.compile(r"^(?:the|a|an|some)\s+")
_SMALL_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at before behind beneath beside by for from her his in inside into is its near of off on onto "
        "or out over some that the their there to under up very while with",
    )
)


@dataclass(frozen=True)
class PlacedWord:
    """One word of the cloud.

    Attributes:
        text: the word or phrase.
        weight: how often it occurs.
        size: font size.
        x, baseline: left end and baseline of the text.
        width: to which the text is to be set, whatever font it is shown in.
    """

    text: str
    weight: int
    size: float
    x: float
    baseline: float
    width: float


@dataclass(frozen=True)
class WordCloud:
    """Words on a drawing of `width` x `height` that starts at 0, 0."""

    width: float
    height: float
    words: tuple[PlacedWord, ...]


def prompt_terms(prompts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """What a cloud of background prompts shows: the place without "in the", or its words where the prompt is long.

    >>> prompt_terms([("in the garden", 3), ("on a wide and sunny beach of white sand", 1)])
    [('garden', 3), ('beach', 1), ('sand', 1), ('sunny', 1), ('white', 1), ('wide', 1)]
    """
    terms: Counter[str] = Counter()
    for prompt, count in prompts:
        place = _ARTICLE.sub("", _LEAD.sub("", " ".join(prompt.lower().split()).strip(" .,;")))
        words = re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", place)
        if 0 < len(words) <= LONG_PHRASE:
            terms[place] += count
        else:
            terms.update({word: count for word in words if word not in _SMALL_WORDS})
    return sorted(terms.items(), key=lambda item: (-item[1], item[0]))


def pack_words(terms: Iterable[tuple[str, int]]) -> WordCloud:
    """Place words without overlap, the same way every time.

    Args:
        terms: (word, weight > 0); the weightiest `MOST_WORDS` are shown.

    Returns:
        The cloud, as large as its words need; without words, of no size.
    """
    ranked = sorted(terms, key=lambda item: (-item[1], item[0]))[:MOST_WORDS]
    if not ranked:
        return WordCloud(0.0, 0.0, ())
    sizes = _sizes(ranked)
    boxes = np.empty((0, 4))
    found: list[tuple[str, int, float, float, float]] = []
    for (text, weight), size in zip(ranked, sizes, strict=True):
        width, height, rise = _measure(text, size)
        x, y = _free_place(boxes, width + GAP, height + GAP)
        boxes = np.vstack([boxes, (x, y, x + width + GAP, y + height + GAP)])
        found.append((text, weight, size, width, rise))
    left, top = boxes[:, :2].min(axis=0)
    right, bottom = boxes[:, 2:].max(axis=0)
    placed = tuple(
        PlacedWord(text, weight, size, float(box[0] - left + GAP / 2), float(box[1] - top + GAP / 2 + rise), width)
        for (text, weight, size, width, rise), box in zip(found, boxes, strict=True)
    )
    return WordCloud(float(right - left), float(bottom - top), placed)


def _sizes(ranked: list[tuple[str, int]]) -> list[float]:
    """By the square root of the weight: the area of a word, not its height, says how often it occurs."""
    shares = [weight / ranked[0][1] for _, weight in ranked]
    letters = sum(share * len(text) for share, (text, _) in zip(shares, ranked, strict=True))
    largest = min(LARGEST, math.sqrt(INK / (0.6 * letters)))  # a letter is about 0.6 as wide as high
    return [max(SMALLEST, largest * math.sqrt(share)) for share in shares]


def _measure(text: str, size: float) -> tuple[float, float, float]:
    """Width, height and rise over the baseline; room for tall letters and tails only where the text has them."""
    font = ImageFont.load_default(size=size)
    width = float(font.getlength(text))
    if not text.isascii():  # accents on capitals, letters of any script
        return max(width, size * 0.6 * len(text)), 1.2 * size, 0.95 * size
    tails = 0.24 if re.search(r"[gjpqy,;()Q_]", text) else 0.03
    rise = 0.76 if re.search(r"[^acegmnopqrsuvwxyz\s,.;\-]", text) else 0.56
    return max(width, size * 0.3), (rise + tails) * size, rise * size


def _free_place(boxes: npt.NDArray[np.float64], width: float, height: float) -> tuple[float, float]:
    """Top left corner of the first free place on the spiral."""
    turn = 0.0
    while True:
        radius = 1.6 * turn
        x = STRETCH * radius * math.cos(turn) - width / 2
        y = radius * math.sin(turn) - height / 2
        meets = (boxes[:, 0] < x + width) & (boxes[:, 2] > x) & (boxes[:, 1] < y + height) & (boxes[:, 3] > y)
        if not meets.any():
            return x, y
        turn += min(0.35, 3.0 / max(radius, 1.0))  # about three units along the spiral
