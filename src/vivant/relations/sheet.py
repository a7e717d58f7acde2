"""Triplets to look at: the relation with masks and keypoints drawn in, each subject alone, the words, the verdict."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image as PILImage
from PIL import ImageDraw, ImageFont

from vivant.images import on_white
from vivant.relations.check import Verdict
from vivant.relations.likeness import BONES
from vivant.relations.sample import Points, Sample
from vivant.types import Image

TILE, GAP, TEXT, LINES = 256, 8, 13, 3
"""Pixels of a picture's side, between pictures and of a line of text; most lines of words."""
COLOURS = ((230, 60, 60), (40, 110, 230), (30, 160, 70), (220, 150, 0), (150, 60, 200), (0, 160, 170))
"""Of the subjects."""
PAPER, INK, BAD = (250, 249, 246), (40, 40, 40), (190, 30, 30)
_LIMBS = BONES[3:]


def triplet_sheet(rows: Sequence[tuple[Sample, Verdict]]) -> Image:
    """A row a triplet: the relation, then each subject alone. HWC uint8 RGB."""
    columns = 1 + max(len(sample.parts) for sample, _ in rows)
    height = TILE + LINES * (TEXT + 4) + 2 * GAP
    sheet = PILImage.new("RGB", (GAP + columns * (TILE + GAP), GAP + len(rows) * height), PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(TEXT)
    for number, (sample, verdict) in enumerate(rows):
        y = GAP + number * height
        for column, tile in enumerate(_tiles(sample)):
            x = GAP + column * (TILE + GAP)
            sheet.paste(PILImage.fromarray(tile), (x + (TILE - tile.shape[1]) // 2, y + (TILE - tile.shape[0]) // 2))
        _words(draw, font, y + TILE + 4, columns, sample, verdict)
    return np.asarray(sheet, dtype=np.uint8)


def _words(
    draw: ImageDraw.ImageDraw,
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
    y: int,
    columns: int,
    sample: Sample,
    verdict: Verdict,
) -> None:
    wide = columns * (TILE + GAP) // 7
    scores = "  ".join(f"{name} {value:.2f}" for name, value in verdict.scores.items())
    lines = [(f"{sample.name}: {sample.prompt}   [{' / '.join(sample.predicate)}]", INK), (scores, INK)]
    if verdict.reasons:
        lines = [lines[0], *((line, BAD) for line in textwrap.wrap("; ".join(verdict.reasons), wide)[: LINES - 1])]
    for text, colour in lines[:LINES]:
        draw.text((GAP, y), text[:wide], fill=colour, font=font)
        y += TEXT + 4


def _tiles(sample: Sample) -> list[Image]:
    target = _small(sample.target)
    height, width = target.shape[:2]
    for number, part in enumerate(sample.parts):
        solid = cv2.resize(part.mask, (width, height), interpolation=cv2.INTER_AREA) >= 128
        outlines, _ = cv2.findContours(solid.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(target, outlines, -1, COLOURS[number % len(COLOURS)], 1, cv2.LINE_AA)
    for number, part in enumerate(sample.parts):
        _skeleton(target, part.target_keypoints, COLOURS[number % len(COLOURS)])
    tiles = [target]
    for number, part in enumerate(sample.parts):
        tile = _small(part.concept)
        _skeleton(tile, part.concept_keypoints, COLOURS[number % len(COLOURS)])
        tiles.append(tile)
    return tiles


def _small(image: Image) -> Image:
    """At most `TILE` a side; small pictures are enlarged."""
    plain = on_white(image)
    scale = TILE / max(plain.shape[:2])
    size = (max(1, round(plain.shape[1] * scale)), max(1, round(plain.shape[0] * scale)))
    resized = cv2.resize(plain, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return np.ascontiguousarray(resized, dtype=np.uint8)


def _skeleton(tile: Image, points: Points, colour: tuple[int, int, int]) -> None:
    """Bones and points that can be seen, in place."""
    height, width = tile.shape[:2]
    places = [(round(float(x) * (width - 1)), round(float(y) * (height - 1))) for x, y, _ in points]
    for one, other in _LIMBS:
        if points[one, 2] > 0 and points[other, 2] > 0:
            cv2.line(tile, places[one], places[other], colour, 1, cv2.LINE_AA)
    for place, seen in zip(places, points[:, 2], strict=True):
        if seen > 0:
            cv2.circle(tile, place, 3, (255, 255, 255), cv2.FILLED, cv2.LINE_AA)
            cv2.circle(tile, place, 2, colour, cv2.FILLED, cv2.LINE_AA)
