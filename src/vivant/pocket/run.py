"""What all stages of the recipe share: the run's folder, budget and seeds, lines of progress, being stopped."""

from __future__ import annotations

import signal
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

Figures = dict[str, float]
"""Name of a figure -> its value; what a stage returns and `figures.json` keeps."""

SHARES = {
    "world": 0.06,
    "clip": 0.09,
    "vae": 0.09,
    "base": 0.32,
    "local": 0.03,
    "adapter": 0.15,
    "decoder": 0.05,
    "owlvit": 0.05,
    "vitpose": 0.05,
    "dino": 0.04,
    "judge": 0.07,
}
"""Part of the whole run's minutes that each stage gets, in the order of running."""


@dataclass(frozen=True)
class Run:
    """One run of the recipe: where it writes, on what, from which seed, for how long in all.

    Attributes:
        out: the run's folder.
        device: where the models train.
        seed: every random draw of the run comes from it.
        minutes: wall-clock budget of all stages together.
        start: a folder of weights to learn on from instead of from chance, as `weights` is laid out.
    """

    out: Path
    device: torch.device
    seed: int
    minutes: float
    start: Path | None = None

    @property
    def weights(self) -> Path:
        """Finished models, a folder each."""
        return self.out / "weights"

    @property
    def state(self) -> Path:
        """What an interrupted stage continues from."""
        return self.out / "state"

    @property
    def samples(self) -> Path:
        """Sample grids, PNG."""
        return self.out / "samples"

    def seconds(self, stage: str) -> float:
        """Wall-clock share of one stage of `SHARES`."""
        return self.minutes * 60.0 * SHARES[stage]

    def seed_of(self, stage: str, step: int) -> int:
        """A 32-bit seed of its own for every step of every stage."""
        return zlib.crc32(f"{self.seed}/{stage}/{step}".encode())

    def generator(self, stage: str, step: int, device: torch.device | str | None = None) -> torch.Generator:
        """The generator that step draws its batch from; on the run's device unless another is given."""
        return torch.Generator(device or self.device).manual_seed(self.seed_of(stage, step))


def say(line: str) -> None:
    """A line of progress, on standard error."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def stop_signals() -> Iterator[list[int]]:
    """Collects SIGINT and SIGTERM instead of dying at once; a second signal has its usual effect."""
    stopped: list[int] = []
    usual: dict[int, Any] = {}

    def note(number: int, _frame: object) -> None:
        stopped.append(number)
        signal.signal(number, usual[number])

    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            usual[number] = signal.signal(number, note)
    except ValueError:  # not the main thread: the caller handles signals
        usual.clear()
    try:
        yield stopped
    finally:
        for taken, handler in usual.items():
            signal.signal(taken, handler)
