"""Speed of the world on one core: scripts, scenes, their truth, and what each part of drawing takes.

    scripts/bench world [--count 2000] [--size 128]

Processor time, not the clock's, so that other work on the machine disturbs little. The ratios are of one run.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable

import cv2

from vivant.world import Script, perform, portrait, sample_individual, sample_script
from vivant.world.backdrops import BACKDROPS, VARIANTS, plate


def main() -> None:
    """Run the parts and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--size", type=int, default=128)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    rng, count, size = random.Random(0), options.count, options.size
    report("backdrop, drawn anew", len(BACKDROPS) * VARIANTS, lambda: shelve(size))
    scripts: list[Script] = []
    for _ in range(100):
        perform(sample_script(rng), size)
    report("script", count, lambda: scripts.extend(sample_script(rng) for _ in range(count)))
    plain = report("scene", count, lambda: [perform(script, size) for script in scripts])
    report("scene with masks, boxes, keypoints", count, lambda: [truth(script, size) for script in scripts], plain)
    report("... and whole masks", count, lambda: [truth(script, size, whole=True) for script in scripts], plain)
    cast = [sample_individual(rng) for _ in range(count)]
    report("portrait", count, lambda: [portrait(one, 1, size) for one in cast], plain)


def shelve(size: int) -> None:
    """Every variant of every backdrop, as the first scenes of a process need them."""
    for name in BACKDROPS:
        for variant in range(VARIANTS):
            plate(name, variant, size)


def truth(script: Script, size: int, *, whole: bool = False) -> None:
    """Perform and compute what is true of it."""
    tableau = perform(script, size)
    assert len(tableau.masks) == len(tableau.boxes) == len(tableau.keypoints)
    if whole:
        tableau.full_masks()


def report(name: str, count: int, work: Callable[[], object], against: float = 0.0) -> float:
    """Time some work; print items a second, and the ratio to another time. Returns seconds."""
    began = time.process_time()
    work()
    seconds = time.process_time() - began
    ratio = f", {seconds / against:.2f} of a scene's time" if against else ""
    print(f"{name}: {count / seconds:.0f} a second, {1e3 * seconds / count:.2f} ms{ratio}")
    return seconds


if __name__ == "__main__":
    main()
