"""Speed and memory of `vivant compose` with the embedded models: scenes a second, seconds a stage, seconds a photo.

    scripts/bench compose [--photos DIR] [--count 40] [--size 1024]

Everything is measured in one run on this machine; compare the ratios, not the absolute times of two machines.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2

from vivant.data import engine, scenes
from vivant.data.engine import compose_set
from vivant.data.fillings import Models
from vivant.data.studio import Studio
from vivant.demo.subjects import draw_photos
from vivant.settings.compose import ComposeSettings


def main() -> None:
    """Run the parts and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, help="folder of subjects; by default the demo's")
    parser.add_argument("--backgrounds", type=Path, help="folder of scenes; by default the painted ones")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--size", type=int, default=1024)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        photos = options.photos or root / "photos"
        if options.photos is None:
            draw_photos(photos)
        settings = ComposeSettings(count=options.count, width=options.size, height=options.size)
        measure(photos, options.backgrounds, root, settings)


def measure(photos: Path, backgrounds: Path | None, root: Path, settings: ComposeSettings) -> None:
    """Segmentation apart, then scenes with one worker and with two, then the stages of one worker."""

    def run(out: Path, workers: int, **options: Any) -> Any:
        return compose_set(
            photos, out, settings, backgrounds=backgrounds, workers=workers, say=lambda _: None, **options
        )

    seconds, report = timed(lambda: run(root / "one", 1, stop_after="associate"))
    print(f"segmentation: {seconds / len(report.cutouts):.2f} s a photo, one process, {len(report.cutouts)} photos")
    run(root / "two", 2, stop_after="associate")
    with PeakMemory() as memory:
        two, report = timed(lambda: run(root / "two", 2))
    print(f"scenes, 2 workers: {report.accepted / two:.2f} a second, {len(report.scenes)} attempts, start included")
    print(f"peak memory, all processes together: {memory.peak / 2**20:.0f} MiB")
    one, report = timed(lambda: run(root / "one", 1))
    print(f"scenes, 1 worker:  {report.accepted / one:.2f} a second; two workers are {one / two:.2f} times as fast")
    again, _ = timed(lambda: run(root / "two", 2))
    print(f"the finished command again: {again:.2f} s, {two / again:.0f} times as fast")
    print(stage_table(photos, backgrounds, root, settings))


def timed(function: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds and result."""
    start = time.perf_counter()
    result = function()
    return time.perf_counter() - start, result


class PeakMemory:
    """Proportional memory of this process and its children, sampled; shared pages are counted once."""

    def __enter__(self) -> PeakMemory:
        self.peak, self._stop = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.1):
            self.peak = max(self.peak, sum(map(proportional_bytes, family(os.getpid()))))


def family(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in path.read_text().split():
            found += family(int(child))
    return found


def proportional_bytes(pid: int) -> int:
    """PSS of a process; 0 when it has just ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def stage_table(photos: Path, backgrounds: Path | None, root: Path, settings: ComposeSettings) -> str:
    """Milliseconds a scene in each stage, one process."""
    spent: dict[str, float] = defaultdict(float)

    def clocked(owner: Any, name: str, label: str) -> None:
        inner = getattr(owner, name)

        def outer(*args: Any, **kwargs: Any) -> Any:
            start = time.perf_counter()
            try:
                return inner(*args, **kwargs)
            finally:
                spent[label] += time.perf_counter() - start

        setattr(owner, name, outer)

    clocked(scenes, "render_background", "background")
    clocked(Models, "plan", "layout")
    clocked(scenes, "compose", "compose")
    clocked(Models, "repaint", "repaint (blend)")
    clocked(Models, "caption", "caption")
    clocked(scenes, "_check", "check")
    clocked(Studio, "cutout", "read cutouts")
    clocked(engine.Store, "save_scene", "store (PNG, masks, record)")
    clocked(engine.Store, "save_rejected_scene", "store (PNG, masks, record)")
    out = root / "stages"
    compose_set(photos, out, settings, backgrounds=backgrounds, workers=1, stop_after="associate", say=lambda _: None)
    spent.clear()
    total, report = timed(
        lambda: compose_set(photos, out, settings, backgrounds=backgrounds, workers=1, say=lambda _: None)
    )
    attempts = len(report.scenes)
    rows = [f"  {label:28}{1000 * value / attempts:7.1f} ms" for label, value in spent.items()]
    rows.append(f"  {'all':28}{1000 * total / attempts:7.1f} ms a scene, one process")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"peak of the main process: {own / 1024:.0f} MiB")
