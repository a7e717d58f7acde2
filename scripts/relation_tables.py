"""The variants that `prove_relations.py` compares, and the tables of what they reach beside the paper's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Variant:
    """One row of the table.

    Attributes:
        name: in the table.
        training: settings that differ from the full model's; None is not trained at all.
        local: whether pictures are drawn with local tokens.
        paper: the row's name in table 3 of DreamRelation (table 2 for the base), else "".
    """

    name: str
    training: dict[str, Any] | None
    local: bool = True
    paper: str = ""


VARIANTS = {
    "base": Variant("base + adapter", None, paper="MS-Diffusion"),
    "embedding": Variant(
        "R* on crops, no relation-aware data", {"method": "embedding", "lr": 5e-3}, paper="w/o Relation-aware Data"
    ),
    "no-local": Variant(
        "without local tokens", {"local_encoder": "none"}, local=False, paper="w/o Local Token Injection"
    ),
    "no-keypoints": Variant("without keypoint matching", {"keypoint_weight": 0.0}, paper="w/o Keypoint Matching Loss"),
    "full": Variant("full", {}, paper="Full Model"),
    "crops": Variant("a LoRA on crops", {"concepts": "crops"}),
}
"""The learning rate of R* is textual inversion's: at a LoRA's it would not move."""
TRUTH = "the world's own pictures"
USUAL = ("base", "embedding", "no-local", "no-keypoints", "full")
"""Those of table 3. A LoRA on crops tells whether its first row is about the data or about the embedding."""
PAPER = {
    "MS-Diffusion": (26.9, 18.9, 73.8, 58.8),
    "w/o Relation-aware Data": (27.3, 19.4, 75.3, 59.8),
    "w/o Local Token Injection": (28.5, 19.5, 75.1, 59.9),
    "w/o Keypoint Matching Loss": (27.4, 19.2, 75.2, 61.2),
    "Full Model": (28.9, 20.4, 75.4, 62.1),
}
"""Tables 2 and 3: CLIP-T, CLIP-R, CLIP-I, DINO of several subjects."""


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Markdown: a variant a row, mean over relations and seeds, spread over seeds, beside the paper's figures.

    Args:
        rows: {"relation", "seed", "variant", "pictures", "scores": {"relation", "identity", "present"}}.
    """
    head = "| | relation right | identity top-1 of 20 | all present | units | paper: CLIP-T | CLIP-R | CLIP-I | DINO |"
    lines = [head, "| --- " + "| ---: " * 8 + "|"]
    for key in [*VARIANTS, "truth"]:
        mine = [row for row in rows if row["variant"] == key]
        if not mine:
            continue
        name = VARIANTS[key].name if key in VARIANTS else TRUTH
        cells = [_spread(mine, field) for field in ("relation", "identity", "present")]
        paper = PAPER.get(VARIANTS[key].paper) if key in VARIANTS else None
        printed = [f"{value}" for value in paper] if paper else ["-"] * 4
        lines.append("| " + " | ".join([name, *cells, str(len(mine)), *printed]) + " |")
    return "\n".join(lines) + "\n"


def table_by_relation(rows: Sequence[dict[str, Any]]) -> str:
    """Markdown: "relation right", a variant a row and a relation a column, means over seeds."""
    relations = sorted({row["relation"] for row in rows})
    lines = ["| relation right | " + " | ".join(relations) + " |", "| --- " + "| ---: " * len(relations) + "|"]
    for key in [*VARIANTS, "truth"]:
        mine = [row for row in rows if row["variant"] == key]
        parts = [[row for row in mine if row["relation"] == relation] for relation in relations]
        if mine:
            cells = [_spread(part, "relation") if part else "-" for part in parts]
            lines.append(f"| {VARIANTS[key].name if key in VARIANTS else TRUTH} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _spread(rows: Sequence[dict[str, Any]], field: str) -> str:
    """Mean over everything, and the standard deviation of the seeds' means."""
    seeds = sorted({row["seed"] for row in rows})
    means = [np.mean([row["scores"][field] for row in rows if row["seed"] == seed]) for seed in seeds]
    spread = f" ± {100 * np.std(means, ddof=1):.1f}" if len(means) > 1 else ""
    return f"{100 * np.mean(means):.1f}{spread} %"
