#!/usr/bin/env python
"""What the check of `vivant relate` catches: faults planted in triplets of the world, and alarms at true ones.

Each true triplet is checked as it is, and once with each fault planted in one of its subjects. Limits are those of the
settings, and the seed is another than that with which they were chosen.

    python scripts/prove_relate.py
    python scripts/prove_relate.py --each 2 --relations hugging carrying --sheet faults.png
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import cv2
import numpy as np

from vivant.images import write_png
from vivant.relations.check import Verdict, check
from vivant.relations.engine import Tools, words
from vivant.relations.from_world import WorldSource, world_relations
from vivant.relations.published import mask_box
from vivant.relations.sample import Points, Sample
from vivant.relations.sheet import triplet_sheet
from vivant.settings.relate import RelateSettings
from vivant.world import portrait, sample_individual

ANNOTATED = 0.02
"""Standard deviation of an annotator's error, in sides of the subject's box."""
SHIFT = (0.25, 0.5)
"""How far planted keypoints are off, in the same unit: from one part of the body to the next, or farther."""
Fault = Callable[[Sample, int, random.Random], Sample]


def swapped(sample: Sample, number: int, rng: random.Random) -> Sample:
    """Another individual of the same kind stands for the subject."""
    part = sample.parts[number]
    other = portrait(sample_individual(rng, part.noun), rng.getrandbits(48), part.concept.shape[0])
    new = replace(part, concept=other.picture, concept_keypoints=other.keypoints[0], concept_mask=other.masks[0])
    return _with(sample, number, new)


def copied(sample: Sample, number: int, rng: random.Random) -> Sample:
    """The subject's own picture is cut out of the picture of the relation; its keypoints are annotated anew."""
    part = sample.parts[number]
    box = mask_box(part.mask)
    left, top, right, bottom = box.pixels(sample.target.shape[1], sample.target.shape[0])
    size = (right - left, bottom - top)
    cut, mask = sample.target[top:bottom, left:right], part.mask[top:bottom, left:right]
    points = part.target_keypoints.copy()
    points[:, :2] = (points[:, :2] - (box.x0, box.y0)) / (box.width, box.height)
    points = _noisy(points, rng)
    side = part.concept.shape[0]
    scale = side / max(size)
    shape = (max(16, round(size[0] * scale)), max(16, round(size[1] * scale)))
    new = replace(
        part,
        concept=np.asarray(cv2.resize(cut, shape), dtype=np.uint8),
        concept_mask=np.asarray(cv2.resize(mask, shape), dtype=np.uint8),
        concept_keypoints=points,
    )
    return _with(sample, number, new)


def missing(sample: Sample, number: int, rng: random.Random) -> Sample:
    """The subject is painted over with what is around it; what was known of it is believed still."""
    grown = cv2.dilate(sample.parts[number].mask, np.ones((7, 7), np.uint8))
    target = cv2.inpaint(sample.target, (grown >= 32).astype(np.uint8), 3, cv2.INPAINT_TELEA)
    return replace(sample, target=np.asarray(target, dtype=np.uint8))


def merged(sample: Sample, number: int, rng: random.Random) -> Sample:
    """One mask for two subjects."""
    both = np.maximum.reduce([part.mask for part in sample.parts])
    return replace(sample, parts=tuple(replace(part, mask=both) for part in sample.parts))


def shifted(sample: Sample, number: int, rng: random.Random) -> Sample:
    """Keypoints of the subject in the picture of the relation lie beside it."""
    part = sample.parts[number]
    box, turn = mask_box(part.mask), rng.uniform(0.0, 2 * np.pi)
    far = rng.uniform(*SHIFT) * max(box.width, box.height)
    points = part.target_keypoints.copy()
    points[:, :2] = np.clip(points[:, :2] + far * np.array([np.cos(turn), np.sin(turn)]), 0.0, 1.0)
    return _with(sample, number, replace(part, target_keypoints=points))


FAULTS: dict[str, Fault] = {
    "swapped individual": swapped,
    "copied pose": copied,
    "missing subject": missing,
    "merged subjects": merged,
    "shifted keypoints": shifted,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw, plant, check, and print the table."""
    options = _options(arguments)
    said: dict[str, list[Verdict]] = {name: [] for name in ("none", *FAULTS)}
    rows: dict[str, list[tuple[Sample, Verdict]]] = {name: [] for name in said}
    for relation in options.relations:
        settings = RelateSettings(relation=relation, seed=options.seed, size=options.size)
        tools = Tools(WorldSource(options.size))
        for number in range(options.each):
            asked, _ = words(settings, tools, number)
            true = WorldSource(options.size).draw(asked)
            rng = random.Random(f"faults/{options.seed}/{relation}/{number}")
            for name in said:
                if name == "merged subjects" and len(true.parts) < 2:
                    continue
                sample = true if name == "none" else FAULTS[name](true, rng.randrange(len(true.parts)), rng)
                verdict = check(sample, settings.limits)
                said[name].append(verdict)
                if bool(verdict.reasons) == (name == "none"):
                    rows[name].append((sample, verdict))
    _print(said)
    for name, wrong in rows.items():
        if options.sheet and wrong:
            path = options.sheet.with_stem(f"{options.sheet.stem}-{name.replace(' ', '-')}")
            write_png(path, triplet_sheet(wrong[:8]))


def _print(said: dict[str, list[Verdict]]) -> None:
    print("| planted | triplets | rejected | why, most often |\n| --- | --- | --- | --- |")
    for name, verdicts in said.items():
        rejected = sum(bool(verdict.reasons) for verdict in verdicts)
        share = rejected / max(1, len(verdicts))
        why = Counter(kind for verdict in verdicts for kind in {_kind(reason) for reason in verdict.reasons})
        told = ", ".join(f"{kind} {count}" for kind, count in why.most_common(3))
        print(f"| {name} | {len(verdicts)} | {rejected} ({share:.1%}) | {told} |")


def _kind(reason: str) -> str:
    for kind in ("not the same", "missing", "are one", "outside", "in the pose"):
        if kind in reason:
            return kind
    return reason


def _noisy(points: Points, rng: random.Random) -> Points:
    source = np.random.default_rng(rng.getrandbits(32))
    noise = source.normal(0.0, ANNOTATED, (len(points), 2))
    found = points.copy()
    found[:, :2] = np.clip(found[:, :2] + noise, 0.0, 1.0)
    return found


def _with(sample: Sample, number: int, part: object) -> Sample:
    parts = list(sample.parts)
    parts[number] = part  # type: ignore[call-overload]
    return replace(sample, parts=tuple(parts))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--relations", nargs="+", default=world_relations(), metavar="NAME")
    parser.add_argument("--each", type=int, default=6, help="triplets a relation")
    parser.add_argument("--size", type=int, default=256, help="pixels a side")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sheet", type=Path, help="PNG of what was judged wrongly, one a fault")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
