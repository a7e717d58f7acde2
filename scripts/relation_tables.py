"""The variants that `prove_relations.py` compares, and the tables of what they reach beside the paper's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Variant:
    """One row of the table.

    Attributes:
        name: in the table.
        settings: that differ from the full model's, in training and in drawing.
        trained: whether it is trained at all.
        paper: CLIP-T, CLIP-R, CLIP-I and DINO of several subjects, as DreamRelation prints them.
    """

    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    trained: bool = True
    paper: tuple[float, float, float, float] | None = None


VARIANTS = {
    # Tables 2 and 3. The learning rate of R* is textual inversion's: at a LoRA's it would not move.
    "base": Variant("base + adapter", trained=False, paper=(26.9, 18.9, 73.8, 58.8)),
    "embedding": Variant(
        "R* on crops, no relation-aware data", {"method": "embedding", "lr": 5e-3}, paper=(27.3, 19.4, 75.3, 59.8)
    ),
    "no-local": Variant("without local tokens", {"local_encoder": "none"}, paper=(28.5, 19.5, 75.1, 59.9)),
    "no-keypoints": Variant("without keypoint matching", {"keypoint_weight": 0.0}, paper=(27.4, 19.2, 75.2, 61.2)),
    "full": Variant("full", paper=(28.9, 20.4, 75.4, 62.1)),
    # Whether the first row of table 3 is about the data or about the embedding.
    "crops": Variant("a LoRA on crops", {"concepts": "crops"}),
    # Table 6; 4 x 4 is the full model.
    "partitions-2": Variant("2 x 2 local tokens", {"partitions": 2}, paper=(28.3, 19.4, 75.3, 60.1)),
    "partitions-8": Variant("8 x 8 local tokens", {"partitions": 8}, paper=(27.9, 18.1, 74.1, 59.4)),
    # Table 7; 1e-3 is the full model.
    "lambda-1e-2": Variant("lambda 1e-2", {"keypoint_weight": 1e-2}, paper=(27.5, 19.3, 72.6, 59.6)),
    "lambda-1e-4": Variant("lambda 1e-4", {"keypoint_weight": 1e-4}, paper=(26.8, 18.1, 73.9, 60.4)),
    # Table 9; concatenated is the full model.
    "add": Variant("local tokens added", {"injection": "add"}, paper=(25.4, 18.5, 71.0, 56.9)),
    "linear": Variant("local tokens by a linear layer", {"injection": "linear"}, paper=(25.8, 18.3, 68.2, 54.4)),
}
USUAL = ("base", "embedding", "no-local", "no-keypoints", "full")
"""Those of table 3."""
TRUTH = "the world's own pictures"


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
        paper = VARIANTS[key].paper if key in VARIANTS else None
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
