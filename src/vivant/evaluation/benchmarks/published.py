"""What the papers print, to stand beside ours. Printed numbers are of the authors' encoders and pictures."""

from __future__ import annotations

from dataclasses import dataclass

_TEXT, _IDENTITY = ("clip_t",), ("clip_i", "dino")


@dataclass(frozen=True)
class Form:
    """A table of a paper.

    Attributes:
        source: paper and table.
        groups: group -> heading.
        scores: in the paper's order.
        scale: what a score is multiplied by.
        digits: after the point.
        rows: method -> group -> values in the order of `scores`; None where the paper prints a dash.
    """

    source: str
    groups: dict[str, str]
    scores: tuple[str, ...]
    scale: float
    digits: int
    rows: dict[str, dict[str, tuple[float, ...] | None]]


def _both(single: tuple[float, ...], multi: tuple[float, ...] | None) -> dict[str, tuple[float, ...] | None]:
    return {"single": single, "multi": multi}


RELATION_BENCH = Form(
    "DreamRelation, table 2",
    {"single": "Single-object", "multi": "Multi-object"},
    (*_TEXT, "clip_r", *_IDENTITY),
    100.0,
    1,
    {
        "DreamBooth (SDXL)": _both((27.8, 18.2, 74.2, 62.6), (24.3, 16.2, 67.8, 57.2)),
        "Custom Diffusion": _both((26.5, 15.2, 73.2, 58.8), (20.1, 15.4, 64.7, 55.3)),
        "Cones-V2": _both((24.4, 13.5, 72.1, 57.2), (21.3, 15.2, 64.3, 54.2)),
        "ELITE": _both((25.7, 14.9, 75.4, 61.5), None),
        "AnyDoor": _both((24.5, 14.7, 77.4, 62.2), (21.6, 14.9, 69.7, 59.8)),
        "BLIP-Diffusion": _both((26.2, 15.7, 77.4, 57.7), None),
        "SSR-Encoder": _both((25.5, 15.9, 80.4, 59.4), (24.2, 14.6, 72.1, 56.2)),
        "MS-Diffusion": _both((26.5, 18.8, 78.7, 64.5), (26.9, 18.9, 73.8, 58.8)),
        "ReVersion+MS": _both((27.8, 19.3, 77.8, 63.1), (27.2, 19.2, 74.2, 59.7)),
        "DreamRelation": _both((30.6, 21.4, 77.9, 63.4), (28.9, 20.4, 75.4, 62.1)),
    },
)
DREAM_BENCH = Form(
    "DreamRelation, table 4",
    {"single": "Single-object"},
    (*_TEXT, *_IDENTITY),
    100.0,
    1,
    {
        "DreamBooth (SDXL)": {"single": (31.2, 81.5, 69.2)},
        "Custom Diffusion": {"single": (28.4, 77.2, 66.8)},
        "Cones-V2": {"single": (31.0, 76.5, 67.2)},
        "ELITE": {"single": (29.8, 77.4, 62.5)},
        "AnyDoor": {"single": (25.5, 82.1, 67.8)},
        "SSR-Encoder": {"single": (30.8, 82.1, 61.2)},
        "MS-Diffusion": {"single": (31.5, 79.3, 68.2)},
        "DreamRelation": {"single": (31.6, 81.7, 68.4)},
    },
)
CUSTOM_CONCEPT = Form(
    "DreamRelation, table 5",
    {"multi": "Multi-object"},
    (*_TEXT, *_IDENTITY),
    100.0,
    1,
    {
        "DreamBooth (SDXL)": {"multi": (29.5, 67.4, 49.2)},
        "Custom Diffusion": {"multi": (28.1, 66.2, 48.8)},
        "Cones-V2": {"multi": (29.2, 66.5, 47.2)},
        "AnyDoor": {"multi": (20.2, 72.1, 51.2)},
        "SSR-Encoder": {"multi": (30.6, 71.1, 52.2)},
        "λ-ECLIPSE": {"multi": (29.2, 68.2, 48.2)},
        "MS-Diffusion": {"multi": (28.0, 70.2, 51.2)},
        "DreamRelation": {"multi": (29.7, 71.4, 52.3)},
    },
)
MY_CANVAS = Form(
    "Gen4Gen, table 1",
    {"<= 3": "<= 3 Objects", "4": "4 Objects", "5": "5 Objects"},
    ("cp_clip", "ti_clip"),
    1.0,
    2,
    {
        "CD + Source Images": {"<= 3": (0.26, 0.16), "4": (0.21, 0.13), "5": (0.23, 0.17)},
        "CD + MyCanvas": {"<= 3": (0.41, 0.17), "4": (0.47, 0.17), "5": (0.50, 0.15)},
        "Gen4Gen + MyCanvas": {"<= 3": (0.51, 0.17), "4": (0.55, 0.16), "5": (0.57, 0.14)},
    },
)
WORLD = Form(
    "the form of DreamRelation's table 2; no paper has this benchmark",
    RELATION_BENCH.groups,
    RELATION_BENCH.scores,
    100.0,
    1,
    {},
)

FORMS = {
    "relationbench": RELATION_BENCH,
    "mycanvas": MY_CANVAS,
    "dreambench": DREAM_BENCH,
    "customconcept101": CUSTOM_CONCEPT,
    "world": WORLD,
}
"""By benchmark."""
