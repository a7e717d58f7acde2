#!/usr/bin/env python
"""Where subjects are in the world's scenes, relation by relation, and how well proposed boxes meet them.

    python scripts/measure_boxes.py                  (the table of vivant/generation/box_table.py)
    python scripts/measure_boxes.py --evaluate       (IoU of `propose_boxes` with the truth, beside equal columns)

A scene may be acted from left to right or from right to left, which no sentence says. For the table, of two subjects
the first is on the left, and one subject's mean is symmetric. For the evaluation a proposal may be mirrored as a whole,
and so may the columns; three and more stand in any order, and are compared from left to right.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from vivant.generation.boxes import propose_boxes
from vivant.world import RELATIONS, TOGETHER, Script, perform, sample_script

SIZE = 64
"""Pixels of a side: a box's edge is known to 1/64."""
COLUMNS_TOP, COLUMNS_BOTTOM = 0.33, 0.91
"""Of the trimmed columns: mean top and bottom of all boxes of two subjects."""
Boxes = npt.NDArray[np.float64]
"""[n, 4]: x0, y0, x1, y1 in [0, 1]."""


def main() -> None:
    """Measure or evaluate; prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=100, help="of a relation")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--evaluate", action="store_true", help="use another seed than the table's")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    if options.evaluate:
        evaluate(options.scenes, rng)
    else:
        measure(options.scenes, rng)


def measure(scenes: int, rng: random.Random) -> None:
    """Print mean boxes of every relation, in the order of the sentence."""
    for relation in RELATIONS:
        for count, found in by_count(relation, scenes, rng).items():
            if count > 2:
                continue
            mean = np.mean([left_first(boxes) for _, boxes in found], axis=0)
            if count == 1:
                mean = (mean + mirrored(mean)) / 2
            numbers = ", ".join(str(tuple(round(float(x), 2) for x in box)) for box in mean)
            name = "standing" if (relation, count) == (TOGETHER, 1) else relation
            print(f'    "{name}": ({numbers}{"," if count == 1 else ""}),')


def evaluate(scenes: int, rng: random.Random) -> None:
    """Print mean IoU a relation: proposals, equal columns of full height, columns trimmed to the mean height."""
    print("| relation | subjects | proposed | columns | trimmed columns |\n| --- | ---: | ---: | ---: | ---: |")
    rows = []
    for relation in RELATIONS:
        for count, found in by_count(relation, scenes, rng).items():
            kinds = (proposed, columns, trimmed)
            scores = [float(np.mean([iou(kind(script), truth) for script, truth in found])) for kind in kinds]
            rows.append(scores)
            print(f"| {relation} | {count} | " + " | ".join(f"{score:.3f}" for score in scores) + " |")
    print("| mean | | " + " | ".join(f"{score:.3f}" for score in np.mean(rows, axis=0)) + " |")


def by_count(relation: str, scenes: int, rng: random.Random) -> dict[int, list[tuple[Script, Boxes]]]:
    """Scenes of a relation and the boxes of what is seen of each subject, by number of subjects."""
    found: dict[int, list[tuple[Script, Boxes]]] = {}
    for _ in range(scenes if relation != TOGETHER else 3 * scenes):
        script = sample_script(rng, [relation])
        found.setdefault(len(script.cast), []).append((script, perform(script, SIZE).boxes.astype(np.float64)))
    return dict(sorted(found.items()))


def proposed(script: Script) -> Boxes:
    """Ours, from the caption alone."""
    boxes = propose_boxes(script.text, [one.noun for one in script.cast])
    return np.array([box.as_tuple() for box in boxes])


def columns(script: Script) -> Boxes:
    """As many equal columns as there are subjects."""
    count = len(script.cast)
    return np.array([(place / count, 0.0, (place + 1) / count, 1.0) for place in range(count)])


def trimmed(script: Script) -> Boxes:
    """The columns, as high as subjects are on average."""
    boxes = columns(script)
    boxes[:, 1], boxes[:, 3] = COLUMNS_TOP, COLUMNS_BOTTOM
    return boxes


def iou(boxes: Boxes, truth: Boxes) -> float:
    """Mean over subjects, of the better of the two ways round."""
    if len(boxes) > 2:
        boxes, truth = in_order(boxes), in_order(truth)
    return max(_mean_iou(boxes, truth), _mean_iou(mirrored(boxes), truth))


def left_first(boxes: Boxes) -> Boxes:
    """Mirrored if the second of two stands left of the first."""
    middle = boxes[:, 0] + boxes[:, 2]
    return mirrored(boxes) if len(boxes) == 2 and middle[0] > middle[1] else boxes


def in_order(boxes: Boxes) -> Boxes:
    """From left to right."""
    return boxes[np.argsort(boxes[:, 0] + boxes[:, 2])]


def mirrored(boxes: Boxes) -> Boxes:
    """Left and right exchanged."""
    return np.stack([1 - boxes[:, 2], boxes[:, 1], 1 - boxes[:, 0], boxes[:, 3]], axis=1)


def _mean_iou(boxes: Boxes, truth: Boxes) -> float:
    low, high = np.maximum(boxes[:, :2], truth[:, :2]), np.minimum(boxes[:, 2:], truth[:, 2:])
    both = np.prod(np.maximum(0.0, high - low), axis=1)
    areas: Sequence[npt.NDArray[np.float64]] = [np.prod(one[:, 2:] - one[:, :2], axis=1) for one in (boxes, truth)]
    return float(np.mean(both / (areas[0] + areas[1] - both)))


if __name__ == "__main__":
    main()
