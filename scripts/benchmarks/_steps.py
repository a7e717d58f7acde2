"""What the benchmarks of training share: each case in its own process, its milliseconds a step, its peak memory."""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch


def parser_of(told: str | None, cases: Sequence[str], *, steps: int, batch: int) -> argparse.ArgumentParser:
    """Flags of a benchmark; `--case` and `--work` are for the processes that it starts."""
    parser = argparse.ArgumentParser(description=told, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", default="pocket")
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--cases", nargs="+", choices=list(cases), default=list(cases))
    parser.add_argument("--case", choices=list(cases), help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    return parser


def compare(options: argparse.Namespace, lines: Mapping[str, str], script: str, given: Sequence[str]) -> None:
    """Measure every case, each in a process of its own, and print a line each.

    Args:
        options: the flags.
        lines: case -> what is printed of it.
        script: the benchmark's file.
        given: flags for it, beside `--case`.
    """
    print(f"{options.base}, batch {options.batch}, {options.threads} thread(s), {options.steps} steps each")
    first: dict[str, float] = {}
    for case in options.cases:
        done = subprocess.run(
            [sys.executable, script, *given, "--case", case], capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(done.stderr)
        found = json.loads(done.stdout.splitlines()[-1])
        first = first or found
        speed, memory = first["ms"] / found["ms"], found["mib"] / first["mib"]
        print(
            f"{lines[case]:45} {found['ms']:8.0f} ms a step, {speed:5.2f} times as fast; "
            f"{found['mib']:6.0f} MiB, {memory:4.2f} of it",
            flush=True,
        )


def cost(step: Callable[[], Any], steps: int, device: torch.device) -> dict[str, float]:
    """Milliseconds a step ("ms"; on a CPU its own time, whatever else runs there) and peak MiB ("mib")."""
    step()
    cuda = device.type == "cuda"
    clock = time.perf_counter if cuda else time.process_time
    if cuda:
        torch.cuda.reset_peak_memory_stats()
        torch.cuda.synchronize()
    began = clock()
    for _ in range(steps):
        step()
    if cuda:
        torch.cuda.synchronize()
    seconds = (clock() - began) / steps
    return {"ms": 1000 * seconds, "mib": torch.cuda.max_memory_allocated() / 2**20 if cuda else _peak_of_process()}


def _peak_of_process() -> float:
    """MiB that were resident at the most."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**20 if sys.platform == "darwin" else most / 2**10
