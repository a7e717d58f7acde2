"""Grids of what has been learned of subjects, at fixed seeds: their photos, the base in plain words, the tuned base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from vivant.errors import ImageError
from vivant.generation.pictures import draw
from vivant.generation.plan import Sampling
from vivant.images import on_white, read_image, read_recipe, write_png
from vivant.models.bundle import Bundle
from vivant.models.text import encode_empty, encode_text
from vivant.training.concepts import Concept, Material
from vivant.training.grids import FOLDER, sheet
from vivant.training.prompting import in_plain_words
from vivant.types import Image


@dataclass(frozen=True)
class ConceptGrid:
    """What is drawn, and where it goes.

    Attributes:
        folder: of the run.
        material: whose subjects are drawn.
        prompts: one a row, with the learned words.
        how: steps, guidance and size.
        seed: of the first row; the next has the next.
        batch: pictures drawn together.
        run: what pictures of the base depend on.
    """

    folder: Path
    material: Material
    prompts: Sequence[str]
    how: Sampling
    seed: int
    batch: int
    run: str

    def draw_base(self, bundle: Bundle) -> None:
        """Draw what the base makes of the prompts in plain words, once a run, before it is tuned.

        Raises:
            ModelError: not enough memory, or the base gives no numbers.
            StoreError: a file cannot be written.
        """
        wanted = [self._recipe(row) for row in range(len(self.prompts))]
        if all(_carries(self._base(row), recipe) for row, recipe in enumerate(wanted)):
            return
        plain = [in_plain_words(prompt, self.material.concepts) for prompt in self.prompts]
        for row, picture in enumerate(self._pictures(bundle, plain)):
            write_png(self._base(row), picture, wanted[row])

    def draw(self, bundle: Bundle, step: int) -> Image:
        """Draw the grid after so many steps and write it; arguments and errors as above.

        Args:
            bundle: the base with its new words, tuned.
            step: steps that are done.
        """
        columns = {
            "base": [read_image(self._base(row)) for row in range(len(self.prompts))],
            "tuned": self._pictures(bundle, self.prompts),
        }
        named = [[one for one in self.material.concepts if one.token in prompt] for prompt in self.prompts]
        heads = [[self._portrait(one) for one in row] for row in named]
        grid = sheet(heads, columns, list(self.prompts))
        write_png(self.folder / FOLDER / f"step-{step:06d}.png", grid)
        return grid

    def _pictures(self, bundle: Bundle, prompts: Sequence[str]) -> list[Image]:
        found: list[Image] = []
        with torch.no_grad():
            texts = [encode_text(bundle, [prompt]) for prompt in prompts]
            empty = None if self.how.guidance == 1.0 else encode_empty(bundle)
            for start in range(0, len(texts), self.batch):
                part = texts[start : start + self.batch]
                seeds = [self.seed + start + place for place in range(len(part))]
                found += draw(bundle, part, empty, seeds, self.how)
        return found

    def _portrait(self, concept: Concept) -> Image:
        number = self.material.concepts.index(concept)
        shown = (shot.picture for shot in self.material.shots if number in shot.concepts)
        return on_white(read_image(concept.photos[0] if concept.photos else next(shown)))

    def _base(self, row: int) -> Path:
        return self.folder / FOLDER / "base" / f"{row}.png"

    def _recipe(self, row: int) -> dict[str, object]:
        return {"run": self.run, "prompt": self.prompts[row], "seed": self.seed + row}


def _carries(path: Path, recipe: dict[str, object]) -> bool:
    try:
        return read_recipe(path) == recipe
    except ImageError:
        return False
