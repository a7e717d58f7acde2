"""Small relations in the published layout."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from vivant.images import write_png

SIDE = 32


def write_small_relation(folder: Path, *, subjects: int = 2, count: int = 2, predicate: bool = True) -> Path:
    """`count` triplets of random pictures: subject k in the k-th half of the target, its keypoints inside its mask."""
    rng = np.random.default_rng(5)
    nouns = ["red cat", "dog"][:subjects]
    entries = {}
    for number in range(count):
        videos, masks = folder / "videos" / str(number), folder / "masks" / str(number)
        write_png(videos / "motion.png", rng.integers(0, 256, (SIDE, 2 * SIDE, 3), dtype=np.uint8))
        points = torch.from_numpy(rng.uniform(0.05, 0.4, (subjects, 17, 2)).astype(np.float32))
        for k in range(subjects):
            points[k, :, 0] += 0.5 * k
            name = "concept.png" if subjects == 1 else f"concept{k}.png"
            write_png(videos / name, rng.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8))
            concept = torch.from_numpy(rng.uniform(0, 1, (1, 17, 2)).astype(np.float32))
            torch.save(concept, videos / f"concept_keyposes_{('one', 'two')[k]}.pth")
            mask = np.zeros((SIDE, 2 * SIDE), dtype=np.uint8)
            mask[2:-2, SIDE * k : SIDE * (k + 1) - 4] = 255
            write_png(masks / f"motion{k}.png", mask)
        torch.save(points, videos / "motion_keyposes.pth")
        prompt = "A red cat is hugging a dog" if subjects == 2 else "A red cat is dancing"
        entries[str(number)] = {"prompt": prompt, "entities": nouns}
        if predicate:
            entries[str(number)]["predicate"] = ["hugging" if subjects == 2 else "dancing"]
    (folder / "prompts.json").write_text(json.dumps(entries), encoding="utf-8")
    return folder
