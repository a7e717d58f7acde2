"""The local image encoder on fresh true scenes, beside the CLIP that it was distilled from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from vivant.evaluation.statistics import bootstrapped, pooled
from vivant.models.image_encoder import load_image_encoder
from vivant.pocket.check.material import Scenes
from vivant.pocket.check.report import Row, row
from vivant.pocket.feed import placed
from vivant.pocket.local import FACTOR, HELD_BATCH, as_read
from vivant.training.clipself import Held

MOST = 100
"""Pictures at most: each is read once whole and 16 times in parts."""


def local_rows(local: Path, clip: Path, scenes: Scenes, device: torch.device, seed: int) -> list[Row]:
    """Cosine of the 16 regions and their crops, and how often the own crop is the nearest; `clip` itself is the chance
    level.

    Args:
        local: the encoder's folder.
        clip: of the CLIP that it was distilled from.
        scenes: true ones.
        device: where they run.
        seed: of the resampling.
    """
    student, teacher = (load_image_encoder(folder, device=device) for folder in (local, clip))
    for encoder in (student, teacher):
        placed(encoder.model, device)
    pictures = torch.from_numpy(scenes.pictures[:MOST]).to(device)
    held = Held.of(as_read(pictures, FACTOR * teacher.side), teacher, HELD_BATCH)
    alike, first = (part.cpu().numpy() for part in held.answers(student))
    before = held.agreement(teacher)

    def mean(rows: NDArray[np.int64]) -> float:
        return float(alike[rows].mean())

    cosine = bootstrapped(len(alike), mean, seed)
    return [
        row("local", "cosine of a region and its crop", cosine, unit="", chance=before["cosine"]),
        row("local", "own crop nearest of 16", pooled(list(first), seed), chance=before["own_crop_first"]),
    ]
