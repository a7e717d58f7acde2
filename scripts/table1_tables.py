"""What `table1.py` compares, and the tables of what it finds beside the paper's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Variant:
    """One row of a table.

    Attributes:
        name: in the table.
        source: what is trained on: "photos", "scenes", or nothing.
        settings: of training, beside the common ones.
        images: composed scenes; None is as many as the command says.
        whole: whether a word for the composition is learned, and said in the evaluation's prompt.
    """

    name: str
    source: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    images: int | None = None
    whole: bool = False


GEN4GEN = {"prompting": "gen4gen"}
VARIANTS = {
    "base": Variant("the base, in plain words"),
    "source": Variant("Custom Diffusion + source photos", "photos"),
    "composed": Variant("Custom Diffusion + composed scenes", "scenes"),
    "prompting": Variant("+ Gen4Gen's prompting", "scenes", GEN4GEN, whole=True),
    "token": Variant("composed + composition token alone", "scenes", {"composition_token": True}, whole=True),
    "repeat": Variant("composed + repeated tokens alone", "scenes", {"repeat_tokens": True}),
    "background": Variant("composed + background stated alone", "scenes", {"state_background": True}),
    "captions": Variant("composed + mixed captions alone", "scenes", {"captions": "mixed"}),
    "1": Variant("prompting, 1 scene", "scenes", GEN4GEN, 1, whole=True),
    "10": Variant("prompting, 10 scenes", "scenes", GEN4GEN, 10, whole=True),
    "50": Variant("prompting, 50 scenes", "scenes", GEN4GEN, 50, whole=True),
    "100": Variant("prompting, 100 scenes", "scenes", GEN4GEN, 100, whole=True),
    "truth": Variant("the world's own pictures"),
}
TABLE1 = ("base", "source", "composed", "prompting", "truth")
PARTS = ("token", "repeat", "background", "captions")
FIGURE6 = ("1", "10", "50", "100")
PAPER = {
    "source": {"<= 3": (0.26, 0.16), "4": (0.21, 0.13), "5": (0.23, 0.17)},
    "composed": {"<= 3": (0.41, 0.17), "4": (0.47, 0.17), "5": (0.50, 0.15)},
    "prompting": {"<= 3": (0.51, 0.17), "4": (0.55, 0.16), "5": (0.57, 0.14)},
}
"""Table 1 of Gen4Gen: CP-CLIP and TI-CLIP."""
SCORES = {
    "cp_clip": "CP-CLIP",
    "ti_clip": "TI-CLIP",
    "dino": "DINO",
    "present": "all present",
    "identity": "identity top-1 of 20",
    "likeness": "likeness",
}


def group_of(size: int) -> str:
    """The paper's groups of compositions."""
    return "<= 3" if size <= 3 else str(size)


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Markdown: a group and a variant a row, mean and spread over compositions, beside the paper's figures.

    Args:
        rows: {"composition", "size", "variant", "scores"}, one a composition and variant.
    """
    head = ["subjects", "", *SCORES.values(), "compositions", "paper: CP-CLIP", "TI-CLIP"]
    lines = ["| " + " | ".join(head) + " |", "| --- | --- " + "| ---: " * (len(SCORES) + 3) + "|"]
    for group in sorted({group_of(row["size"]) for row in rows}, key=lambda text: text != "<= 3"):
        for key, variant in VARIANTS.items():
            mine = [row for row in rows if row["variant"] == key and group_of(row["size"]) == group]
            if not mine:
                continue
            cells = [spread([row["scores"][name] for row in mine]) for name in SCORES]
            printed = [f"{value:.2f}" for value in PAPER.get(key, {}).get(group, ())] or ["-", "-"]
            lines.append("| " + " | ".join([group, variant.name, *cells, str(len(mine)), *printed]) + " |")
    return "\n".join(lines) + "\n"


def differences(rows: Sequence[dict[str, Any]]) -> str:
    """Markdown: what each step adds on the same compositions, mean and how many of them it helped."""
    pairs = [("source", "composed"), ("composed", "prompting"), *(("composed", part) for part in PARTS)]
    lines = ["| step | CP-CLIP | better in | TI-CLIP | DINO | better in |", "| --- " + "| ---: " * 5 + "|"]
    scores = {(row["composition"], row["variant"]): row["scores"] for row in rows}
    names = sorted({row["composition"] for row in rows})
    for before, after in pairs:
        both = [name for name in names if (name, before) in scores and (name, after) in scores]
        if not both:
            continue
        gains = {
            key: np.array([scores[name, after][key] - scores[name, before][key] for name in both])
            for key in ("cp_clip", "ti_clip", "dino")
        }
        better = {key: f"{int((gain > 0).sum())} of {len(both)}" for key, gain in gains.items()}
        added = {key: spread(gain, sign=True) for key, gain in gains.items()}
        cells = [added["cp_clip"], better["cp_clip"], added["ti_clip"], added["dino"], better["dino"]]
        lines.append(f"| {VARIANTS[before].name} -> {VARIANTS[after].name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def spread(values: Any, *, sign: bool = False) -> str:
    """Mean, and standard deviation over compositions."""
    mean = f"{np.mean(values):+.3f}" if sign else f"{np.mean(values):.3f}"
    return f"{mean} ± {np.std(values, ddof=1):.3f}" if len(values) > 1 else mean
