"""Grids of pictures at fixed seeds: the base, the base with its adapter, and both with what has been learned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image as PILImage
from PIL import ImageDraw, ImageFont, ImageOps

from vivant.adapters.ms import MsAdapter
from vivant.adapters.relation_lora import without_loras
from vivant.errors import ImageError
from vivant.generation.pictures import draw
from vivant.generation.plan import Sampling
from vivant.generation.subjects import Subjects, draw_with_subjects, prepare_subjects
from vivant.images import read_image, read_recipe, write_png
from vivant.models.text import encode_empty, encode_text
from vivant.training.learner import Learner
from vivant.training.relation_data import Variation
from vivant.types import Box, Image, Triplet

FOLDER = "validation"
LINE, GAP, LARGEST = 16, 4, 256
"""Height of a line of text, pixels between pictures, and the largest side of a picture on a sheet."""


@dataclass(frozen=True)
class Grids:
    """What is drawn, and where it goes.

    Attributes:
        folder: of the run.
        learner: of the run.
        adapter: of the base; None where training goes without image prompts.
        triplets: of the relation.
        variations: of all triplets.
        rows: numbers of the variations whose prompt, subjects and boxes are drawn.
        how: steps, guidance and size.
        seed: of the first row; the next has the next.
        batch: pictures drawn together.
        run: fingerprint; pictures of the base are kept under it.
    """

    folder: Path
    learner: Learner
    adapter: MsAdapter | None
    triplets: Sequence[Triplet]
    variations: Sequence[Variation]
    rows: Sequence[int]
    how: Sampling
    seed: int
    batch: int
    run: str

    def draw(self, step: int) -> Image:
        """Draw the grid after so many steps and write it; the base's own pictures are drawn once a run.

        Raises:
            ModelError: not enough memory, or the base gives no numbers.
            StoreError: a file cannot be written.
        """
        columns: dict[str, list[Image]] = {"base": self._kept("base", lambda: self._column(False, False))}
        if self.adapter is not None:
            columns["+ adapter"] = self._kept("adapter", lambda: self._column(True, False))
        columns["+ R*" if self.learner.embedding is not None else "+ LoRA"] = self._column(
            self.adapter is not None, True
        )
        heads = [[view.picture for view in self.variations[row].concepts] for row in self.rows]
        lines = [self._prompt(row) for row in self.rows]
        grid = sheet(heads, columns, lines)
        write_png(self.folder / FOLDER / f"step-{step:06d}.png", grid)
        return grid

    def _column(self, adapter: bool, learned: bool) -> list[Image]:
        """One picture a row."""
        found: list[Image] = []
        with nullcontext() if learned else without_loras(self.learner.unet):
            for start in range(0, len(self.rows), self.batch):
                rows = self.rows[start : start + self.batch]
                seeds = [self.seed + start + place for place in range(len(rows))]
                found += self._pictures(rows, seeds, adapter, learned)
        return found

    def _pictures(self, rows: Sequence[int], seeds: Sequence[int], adapter: bool, learned: bool) -> list[Image]:
        bundle = self.learner.bundle
        with torch.no_grad():
            if learned:
                texts = [self.learner.text(torch.tensor([row], device=bundle.device)) for row in rows]
            else:
                texts = [encode_text(bundle, [self._prompt(row)]) for row in rows]
            empty = None if self.how.guidance == 1.0 else encode_empty(bundle)
            if not adapter or self.adapter is None:
                return draw(bundle, texts, empty, seeds, self.how)
            subjects = [self._subjects(row, learned) for row in rows]
            return draw_with_subjects(bundle, self.adapter, texts, empty, seeds, self.how, subjects)

    def _subjects(self, row: int, learned: bool) -> Subjects:
        assert self.learner.prompts is not None and self.adapter is not None
        prompts, triplet = self.learner.prompts, self.triplets[self.variations[row].triplet]
        number = torch.tensor([row], device=prompts.references.features.device)
        features = prompts.features(number)[0] if learned else prompts.references.features[row]
        width, count = self.adapter.sizes.features, len(triplet.subjects)
        boxes = [Box.model_validate([float(v) for v in box]) for box in self.variations[row].target.boxes]
        nouns = [subject.noun for subject in triplet.subjects]
        shown = [features[subject, :, :width] for subject in range(count)]
        return prepare_subjects(self.learner.bundle, triplet.prompt, nouns, shown, boxes, prompts.scale)

    def _prompt(self, row: int) -> str:
        return self.triplets[self.variations[row].triplet].prompt

    def _kept(self, name: str, make: Callable[[], list[Image]]) -> list[Image]:
        """Pictures of the same run that are on disk already, or now."""
        paths = [self.folder / FOLDER / name / f"{place}.png" for place in range(len(self.rows))]
        recipes = [{"run": self.run, "row": row, "seed": self.seed + place} for place, row in enumerate(self.rows)]
        if all(_holds(path, recipe) for path, recipe in zip(paths, recipes, strict=True)):
            return [read_image(path) for path in paths]
        made = make()
        for path, picture, recipe in zip(paths, made, recipes, strict=True):
            write_png(path, picture, recipe)
        return made


def sheet(heads: Sequence[Sequence[Image]], columns: dict[str, list[Image]], lines: Sequence[str]) -> Image:
    """Rows of pictures: those that a row is about, then one a column; a line of text under each row.

    Args:
        heads: of each row, any number; shown under "subjects".
        columns: name to one picture a row.
        lines: one a row.

    Returns:
        HWC uint8 RGB.
    """
    side = min(LARGEST, max(max(picture.shape[:2]) for column in columns.values() for picture in column))
    first = max(len(head) for head in heads)
    names = ["subjects", *[""] * (first - 1), *columns] if first else list(columns)
    width, height = len(names) * (side + GAP) + GAP, len(lines) * (side + LINE + GAP) + LINE + GAP
    canvas = PILImage.new("RGB", (width, height), (255, 255, 255))
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(LINE - 4)
    for place, name in enumerate(names):
        pen.text((GAP + place * (side + GAP), 0), name, fill=(0, 0, 0), font=font)
    for row, line in enumerate(lines):
        top = LINE + row * (side + LINE + GAP)
        shown = [*heads[row], *[None] * (first - len(heads[row])), *(column[row] for column in columns.values())]
        for place, picture in enumerate(shown):
            if picture is not None:
                tile = ImageOps.contain(PILImage.fromarray(picture), (side, side))
                canvas.paste(tile, (GAP + place * (side + GAP), top))
        pen.text((GAP, top + side), line, fill=(60, 60, 60), font=font)
    return np.asarray(canvas, dtype=np.uint8)


def _holds(path: Path, recipe: dict[str, object]) -> bool:
    try:
        return read_recipe(path) == recipe
    except ImageError:
        return False
