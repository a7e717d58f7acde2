"""Grids of pictures at fixed seeds while an adapter trains: the truth, the base alone, and the base told photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from vivant.adapters.ms import MsAdapter
from vivant.generation.pictures import draw
from vivant.generation.plan import Sampling
from vivant.generation.subjects import Subjects, draw_with_subjects
from vivant.images import on_white, read_image, write_png
from vivant.models.bundle import Bundle
from vivant.models.text import Text, encode_empty
from vivant.training.adapter_data import AdapterData
from vivant.training.adapter_samples import Sample
from vivant.training.augment import fitted
from vivant.training.grids import FOLDER, sheet
from vivant.types import Image


@dataclass(frozen=True)
class AdapterGrid:
    """What is drawn, and where it goes.

    Attributes:
        folder: of the run.
        bundle: the base.
        adapter: in training.
        data: of all pictures.
        rows: numbers of the pictures whose caption, photos and boxes are drawn.
        samples: those pictures.
        how: steps, guidance and size.
        scale: gamma of equation 4.
        local: whether a column has local tokens.
        seed: of the first row; the next has the next.
        batch: pictures drawn together.
    """

    folder: Path
    bundle: Bundle
    adapter: MsAdapter
    data: AdapterData
    rows: Sequence[int]
    samples: Sequence[Sample]
    how: Sampling
    scale: float
    local: bool
    seed: int
    batch: int

    def draw(self, step: int) -> Image:
        """Draw the grid after so many steps and write it.

        Raises:
            ModelError: not enough memory, or the base gives no numbers.
            StoreError: the file cannot be written.
        """
        size = (self.how.width, self.how.height)
        columns = {"picture": [fitted(sample.view(), *size).picture for sample in self.samples]}
        columns["base"] = self._column(photos=False, local=False)
        columns["+ adapter"] = self._column(photos=True, local=False)
        if self.local:
            columns["+ local tokens"] = self._column(photos=True, local=True)
        heads = [[on_white(read_image(paths[0])) for paths in sample.photos] for sample in self.samples]
        grid = sheet(heads, columns, [sample.captions[0] for sample in self.samples])
        write_png(self.folder / FOLDER / f"step-{step:06d}.png", grid)
        return grid

    def _column(self, *, photos: bool, local: bool) -> list[Image]:
        """One picture a row."""
        found: list[Image] = []
        with torch.no_grad():
            empty = None if self.how.guidance == 1.0 else encode_empty(self.bundle)
        for start in range(0, len(self.rows), self.batch):
            rows = self.rows[start : start + self.batch]
            seeds = [self.seed + start + place for place in range(len(rows))]
            texts = [self._text(row) for row in rows]
            if photos:
                subjects = [self._subjects(row, local) for row in rows]
                found += draw_with_subjects(self.bundle, self.adapter, texts, empty, seeds, self.how, subjects)
            else:
                found += draw(self.bundle, texts, empty, seeds, self.how)
        return found

    def _text(self, row: int) -> Text:
        number, device = self.data.captions[row, :1], self.bundle.device
        pooled = self.data.text.pooled
        return Text(self.data.text.states[number].to(device), None if pooled is None else pooled[number].to(device))

    def _subjects(self, row: int, local: bool) -> Subjects:
        """Those that there are, in their true boxes, each with its first photo."""
        data, device = self.data, self.bundle.device
        there = (data.boxes[row, :, 2:] > data.boxes[row, :, :2]).all(dim=1)
        features = data.features[data.photos[row, there, 0]].to(device)
        return Subjects(
            features=tuple(features if local else features[:, : data.image_tokens]),
            phrases=data.phrases[data.nouns[row, there]].to(device),
            boxes=data.boxes[row, there].to(device),
            scales=torch.full((int(there.sum()),), self.scale, device=device),
            words=(),
        )
