"""A data set of a few small scenes, as `vivant compose` writes it: two cats and a dog, two photos each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from vivant.images import write_png

SIDE = 64
COLOURS = {"cat1": (220, 60, 40), "cat2": (240, 220, 60), "dog": (40, 80, 220)}


def write_small_scenes(folder: Path, count: int = 4) -> Path:
    """Scene k shows subject k and, in every second scene, the next one: a block of its colour in its box each."""
    rng = np.random.default_rng(0)
    names = list(COLOURS)
    for name in names:
        for number in range(2):
            photo = rng.integers(0, 60, (SIDE, SIDE, 3), dtype=np.uint8) + 100
            photo[16:48, 16:48] = COLOURS[name]
            write_png(folder / "references" / name / f"{number}.png", photo)
    rows = []
    for scene in range(count):
        cast = [names[(scene + k) % 3] for k in range(1 + scene % 2)]
        picture = rng.integers(100, 160, (SIDE, 2 * SIDE, 3), dtype=np.uint8)
        subjects: list[dict[str, Any]] = []
        for place, name in enumerate(cast):
            box = [0.125 + 0.375 * place, 0.125, 0.5 + 0.375 * place, 0.875]
            left, top, right, bottom = (round(v * s) for v, s in zip(box, (2 * SIDE, SIDE) * 2, strict=True))
            picture[top:bottom, left:right] = COLOURS[name]
            mask = np.zeros((SIDE, 2 * SIDE), np.uint8)
            mask[top:bottom, left:right] = 255
            write_png(folder / "masks" / f"{scene}_{place}.png", mask)
            noun = name.rstrip("12")
            said = {"name": name, "noun": noun, "box": box, "mask": f"masks/{scene}_{place}.png"}
            subjects.append({**said, "reference": f"references/{name}/{scene % 2}.png"})
        write_png(folder / "images" / f"{scene}.png", picture)
        nouns = " and a ".join(subject["noun"] for subject in subjects)
        text = {"text": f"a {nouns} in a field", "text_detailed": f"a {nouns} of one colour in a field, seen from afar"}
        rows.append({"file_name": f"images/{scene}.png", **text, "subjects": subjects, "background": "a field"})
    (folder / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder
