"""A small data set on disk, drawn with numpy, for the tests of what reads one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from vivant.files import read_jsonl, write_json, write_jsonl
from vivant.images import write_png
from vivant.types import Image

WIDTH, HEIGHT = 96, 64
NOUNS = {"cat": "cat", "cat2": "cat", "teddybear": "teddy bear", "owl": "owl"}
COMBINATIONS = (("cat", "teddybear"), ("cat", "cat2"), ("owl",), ("cat", "teddybear", "owl"))


def subject_row(scene: int, name: str, place: int, count: int) -> dict[str, Any]:
    """A subject's part of a scene: `place` of `count` from the left."""
    return {
        "name": name,
        "noun": NOUNS[name],
        "box": [place / count, 0.25, (place + 0.75) / count, 0.75],
        "mask": f"masks/{scene:06d}_{place}.png",
        "reference": f"references/{name}.png",
        "cutout": f"cutouts/{name}.png",
        "covered": 0.125 * place,
        "depth": 0.5,
    }


def scene_row(scene: int) -> dict[str, Any]:
    """A line of ``metadata.jsonl``."""
    names = COMBINATIONS[scene % len(COMBINATIONS)]
    listed = " and ".join(f"{'an' if name == 'owl' else 'a'} {NOUNS[name]}" for name in names)
    return {
        "file_name": f"images/{scene:06d}.png",
        "text": f"{listed} in the garden",
        "text_detailed": f"A photo of {listed} in the garden. " + "It is a long caption with many words. " * 2,
        "subjects": [subject_row(scene, name, place, len(names)) for place, name in enumerate(names)],
        "background": "in the garden" if scene % 3 else "on the beach",
        "scores": {"identity": 0.5 + scene / 100} | ({"seams": 0.25} if scene % 2 else {}),
        "made": {"seed": scene},
    }


def pixels(seed: int, channels: int = 3) -> Image:
    """Noise: every picture differs from every other."""
    return np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, channels), dtype=np.uint8)


def write_set(folder: Path, count: int = 8) -> Path:
    """Write a data set of `count` scenes and five rejects."""
    rows = [scene_row(scene) for scene in range(count)]
    for scene, row in enumerate(rows):
        write_png(folder / row["file_name"], pixels(scene))
        for one in row["subjects"]:
            x0, y0, x1, y1 = (round(v * s) for v, s in zip(one["box"], (WIDTH, HEIGHT) * 2, strict=True))
            mask = np.zeros((HEIGHT, WIDTH), np.uint8)
            mask[y0:y1, x0:x1] = 255
            write_png(folder / one["mask"], mask)
    for number, name in enumerate(NOUNS):
        write_png(folder / "references" / f"{name}.png", pixels(100 + number))
        write_png(folder / "cutouts" / f"{name}.png", pixels(200 + number, channels=4))
    write_jsonl(folder / "metadata.jsonl", rows)
    rejects = [{"kind": "scene", "item": f"{n:06d}", "reason": f"cat was changed ({n / 10} < 0.5)"} for n in range(3)]
    rejects.append({"kind": "scene", "item": "000009", "reason": "owl was changed (0.2 < 0.5)"})
    rejects.append({"kind": "photo", "item": "photos/cat/bad.jpg", "reason": "the file is empty"})
    write_jsonl(folder / "rejects.jsonl", rejects)
    write_json(folder / "settings.json", {"seed": 0})
    return folder


def rows_of(data: Path) -> list[dict[str, Any]]:
    """The lines of ``metadata.jsonl``."""
    return list(read_jsonl(data / "metadata.jsonl"))


def rewrite(data: Path, rows: list[dict[str, Any]]) -> None:
    """Replace ``metadata.jsonl``."""
    write_jsonl(data / "metadata.jsonl", rows)
