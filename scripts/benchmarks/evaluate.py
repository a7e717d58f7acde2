"""Speed of scoring: pictures a second beside plain loops, and the second run from the cache.

    scripts/bench evaluate [--cases 40] [--profile embedded] [--threads 1] [--batch 64]

Pictures are true scenes of the storybook world, four portraits a subject. Models are loaded before the clock starts.
Processor time, not the clock's, so that other work on the machine disturbs little; compare the ratios of one run.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import torch

from vivant.evaluation.benchmarks.cases import Case
from vivant.evaluation.benchmarks.world import TRUTH, WorldOptions, world_cases
from vivant.evaluation.cache import FeatureCache
from vivant.evaluation.features import Features
from vivant.evaluation.references import References
from vivant.evaluation.scorers import Scorers
from vivant.evaluation.scoring import PictureScores, score_pictures
from vivant.settings.profiles import SCORERS


def main() -> None:
    """Run the parts and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=40)
    parser.add_argument("--profile", default="embedded")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=64)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(options.threads)
    scorers = Scorers(options.profile)
    for role in SCORERS:
        getattr(scorers, role)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        cases = world_cases(folder, WorldOptions(count=options.cases))

        def run(chosen: list[Case], cache: Path | None, batch: int) -> list[PictureScores]:
            known = References(
                {one.name: one for case in chosen for one in case.subjects},
                scorers,
                Features(FeatureCache(cache), batch=batch),
            )
            return score_pictures(chosen, {case.name: [folder / TRUTH / f"{case.name}.png"] for case in chosen}, known)

        run(cases[:2], None, 1)  # the first call of each model prepares it
        count = len(cases)
        plain = report(
            "each picture for itself, photos again each time", count, lambda: [run([c], None, 1) for c in cases]
        )
        report("all together, encoded one by one", count, lambda: run(cases, None, 1), plain)
        report(f"in batches of {options.batch}", count, lambda: run(cases, folder / "features", options.batch), plain)
        report("again, from the cache", count, lambda: run(cases, folder / "features", options.batch), plain)


def report(name: str, count: int, work: Callable[[], object], against: float = 0.0) -> float:
    """Time some work; print pictures a second, and the ratio to another time. Returns seconds."""
    began = time.process_time()
    work()
    seconds = time.process_time() - began
    ratio = f", {against / seconds:.1f} times as fast as the first" if against else ""
    print(f"{name}: {count / seconds:.1f} pictures/s, {seconds:.1f} s{ratio}", flush=True)
    return seconds


if __name__ == "__main__":
    main()
