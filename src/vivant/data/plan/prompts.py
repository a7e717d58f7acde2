"""What a language model is asked: the task, worked examples, the question (after the idea of Gen4Gen, section 7).

Questions and answers are JSON, so that both can be checked. Wording and examples are our own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from vivant.data.plan.layout_geometry import Ground, LayoutItem, supports_of
from vivant.models.language import Message
from vivant.settings.plan import AssociateSettings, LayoutSettings
from vivant.types import Background, Subject

CANVAS_WIDTH = 1000
"""Boxes are asked for in whole numbers on a canvas of this width: models count better than they divide."""

_ASSOCIATE = """You plan group photographs. You get the subjects that a photographer owns and the backgrounds at hand.
Put subjects together that one might really photograph in one place, in different groups, and use every subject about
equally often. A whale and a sofa have no place in common; a cat, a sofa and a teapot do. Two subjects of one kind may
be together. For each group name three different backgrounds where all of it makes sense, each as it would end a caption
("in the garden"), without naming any subject. Take backgrounds at hand first, in exactly their words.
Answer with JSON only, in the form of the examples, subjects by their exact names."""
_ASSOCIATE_EXAMPLES = (
    (
        {
            "subjects": {"rex": "dog", "tabby": "cat", "monstera": "houseplant", "ketch": "sailboat", "orca1": "orca"},
            "backgrounds": ["in the living room", "on the sea"],
            "groups": 3,
            "subjects_per_group": [2, 3],
        },
        {
            "combinations": [
                {
                    "subjects": ["rex", "tabby", "monstera"],
                    "backgrounds": ["in the living room", "on the terrace", "in the sunroom"],
                },
                {
                    "subjects": ["ketch", "orca1"],
                    "backgrounds": ["on the sea", "in a bay at dawn", "off a rocky coast"],
                },
                {
                    "subjects": ["tabby", "monstera"],
                    "backgrounds": ["in the living room", "on a windowsill", "in the garden"],
                },
            ]
        },
    ),
    (
        {
            "subjects": {"mini": "car", "bike2": "bicycle", "grandpa": "man", "mug": "mug", "toast": "toaster"},
            "backgrounds": ["on the street", "in the kitchen"],
            "groups": 2,
            "subjects_per_group": [2, 4],
        },
        {
            "combinations": [
                {
                    "subjects": ["mini", "bike2", "grandpa"],
                    "backgrounds": ["on the street", "in front of a farmhouse", "on a mountain road"],
                },
                {
                    "subjects": ["grandpa", "mug", "toast"],
                    "backgrounds": ["in the kitchen", "in a small cafe", "at a flea market"],
                },
            ]
        },
    ),
)

_LAYOUT = """You place subjects in a photograph. Give each a box [left, top, width, height] in whole numbers on the
canvas given; the lower edge of a box is where the subject stands. Rules of the picture:
- Every box lies inside the canvas, and there is exactly one for every subject.
- "ground_from" is the y where the ground begins: what stands must have top + height between "ground_from" and
  "ground_to". Nearer to the camera is lower in the picture and larger.
- Keep real proportions at equal distance. Small things may come nearer.
- Boxes should hardly overlap; never cover more than a quarter of a subject. The largest should fill about half of the
  canvas' height or width, and the group should stand together, not in the corners.
- "width_to_height" is a subject's shape: keep it. "cut" lists sides where its photo ends: there its box must touch the
  edge of the canvas.
- "on" says what it rests on: one of its "may_rest_on", or the name of another subject that it stands on top of.
Answer with JSON only, in the form of the example."""
_LAYOUT_EXAMPLES = (
    (
        {
            "background": "in the living room",
            "canvas": [1000, 1000],
            "horizon": 430,
            "ground_from": 660,
            "ground_to": 970,
            "subjects": [
                {"name": "rex", "what": "dog", "width_to_height": 0.8, "may_rest_on": ["ground"], "cut": []},
                {"name": "stool", "what": "stool", "width_to_height": 0.75, "may_rest_on": ["ground"], "cut": []},
                {"name": "mug", "what": "mug", "width_to_height": 1.2, "may_rest_on": ["ground"], "cut": []},
            ],
        },
        {
            "objects": [
                {"name": "rex", "box": [140, 340, 440, 550], "on": "ground"},
                {"name": "stool", "box": [605, 430, 330, 440], "on": "ground"},
                {"name": "mug", "box": [715, 360, 120, 100], "on": "stool"},
            ]
        },
    ),
    (
        {
            "background": "on the street",
            "canvas": [1000, 667],
            "horizon": 300,
            "ground_from": 400,
            "ground_to": 647,
            "subjects": [
                {"name": "mini", "what": "car", "width_to_height": 2.2, "may_rest_on": ["ground"], "cut": []},
                {
                    "name": "gull",
                    "what": "seagull",
                    "width_to_height": 1.6,
                    "may_rest_on": ["ground", "air"],
                    "cut": [],
                },
                {"name": "anna", "what": "girl", "width_to_height": 0.4, "may_rest_on": ["ground"], "cut": []},
            ],
        },
        {
            "objects": [
                {"name": "mini", "box": [110, 245, 600, 273], "on": "ground"},
                {"name": "gull", "box": [640, 60, 120, 75], "on": "air"},
                {"name": "anna", "box": [760, 300, 112, 280], "on": "ground"},
            ]
        },
    ),
)

_RATIOS = """You know how large things are. For each subject give its real size against the largest of the list, as a
number above 0 and up to 1.0, where the largest has 1.0. Compare heights as they would be seen side by side.
Answer with JSON only, in the form of the example."""
_RATIOS_EXAMPLES = (
    ({"subjects": {"ava": "woman", "rex": "dog", "mug": "mug"}}, {"ratios": {"ava": 1.0, "rex": 0.35, "mug": 0.06}}),
    ({"subjects": {"barn": "barn", "mini": "car"}}, {"ratios": {"barn": 1.0, "mini": 0.17}}),
)


def association_messages(
    subjects: Sequence[Subject], backgrounds: Sequence[Background], count: int, settings: AssociateSettings
) -> list[Message]:
    """The question for `count` combinations with three background prompts each."""
    fewest, most = min(settings.min_subjects, len(subjects)), min(settings.max_subjects, len(subjects))
    question = {
        "subjects": {subject.name: subject.noun for subject in subjects},
        "backgrounds": list(dict.fromkeys(background.prompt for background in backgrounds)),
        "groups": count,
        "subjects_per_group": [fewest, most],
    }
    return _messages(_ASSOCIATE, _ASSOCIATE_EXAMPLES, question)


def layout_messages(
    items: Sequence[LayoutItem], background: Background, settings: LayoutSettings, aspect: float
) -> list[Message]:
    """The question for one box a subject."""
    height = canvas_height(aspect)
    ground = Ground.of(background, settings)
    question = {
        "background": background.prompt,
        "canvas": [CANVAS_WIDTH, height],
        "horizon": round(ground.horizon * height),
        "ground_from": round(ground.top * height),
        "ground_to": round(ground.lowest * height),
        "subjects": [
            {
                "name": item.name,
                "what": item.thing.noun,
                "width_to_height": round(item.aspect, 2),
                "may_rest_on": list(supports_of(item.thing, background)),
                "cut": sorted(item.cut_sides),
            }
            for item in items
        ],
    }
    return _messages(_LAYOUT, _LAYOUT_EXAMPLES, question)


def ratio_messages(items: Sequence[LayoutItem]) -> list[Message]:
    """The question for real-world sizes."""
    return _messages(_RATIOS, _RATIOS_EXAMPLES, {"subjects": {item.name: item.thing.noun for item in items}})


def correction(reply: str, fault: str) -> list[Message]:
    """What goes on a conversation after a reply that cannot be used."""
    return [
        {"role": "assistant", "content": reply},
        {"role": "user", "content": f"That cannot be used: {fault}. Answer again, with the whole JSON only."},
    ]


def canvas_height(aspect: float) -> int:
    """Height of the canvas that a model is asked about."""
    return max(1, round(CANVAS_WIDTH / aspect))


def _messages(task: str, examples: Sequence[tuple[Any, Any]], question: Any) -> list[Message]:
    messages: list[Message] = [{"role": "system", "content": task}]
    for asked, answered in examples:
        messages.append({"role": "user", "content": json.dumps(asked, ensure_ascii=False)})
        messages.append({"role": "assistant", "content": json.dumps(answered, ensure_ascii=False)})
    messages.append({"role": "user", "content": json.dumps(question, ensure_ascii=False)})
    return messages
