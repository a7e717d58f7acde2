"""The recipe: python -m vivant.pocket.train --stage all --minutes 20 --device cuda

Stages in order: world, clip, vae, base, decoder, local, owlvit, vitpose, dino, judge. Each has its share of the minutes
and continues where it was stopped. A stage that is done is not run again, unless it is given more minutes than it has
had: then it goes on from its last step.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import torch

from vivant.errors import ModelError, SettingsError, VivantError
from vivant.files import read_json, write_json
from vivant.pocket.family import install
from vivant.pocket.run import SHARES, Run, say
from vivant.pocket.save import adopt

MODULES = {"world": "pool", **{stage: stage for stage in SHARES if stage != "world"}}
"""Stage -> the module of this package whose `train` it is."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the stages asked for. Returns the exit status: 0 done, 1 an error, 130 stopped."""
    asked = _parser().parse_args(arguments)
    try:
        run = _run_of(asked)
        adopt(run)
        for stage in SHARES if asked.stage == "all" else (asked.stage,):
            run_stage(run, stage)
        if asked.install:
            say(f"installed: {', '.join(install(run.weights))}")
    except VivantError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m vivant.pocket.train", description=__doc__)
    parser.add_argument("--stage", choices=["all", *SHARES], default="all")
    parser.add_argument("--minutes", type=float, default=20.0, help="of all stages together (default: 20)")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--out", type=Path, default=Path("runs/pocket"), help="the run's folder")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0, help="of the CPU (default: all cores)")
    parser.add_argument("--start", type=Path, help="weights to learn on from, as a run's or the package's folder")
    parser.add_argument("--install", action="store_true", help="copy the finished weights into the package")
    return parser


def _run_of(asked: argparse.Namespace) -> Run:
    if asked.minutes <= 0:
        raise SettingsError(f"--minutes {asked.minutes}: give a time above zero")
    if asked.device == "cuda" and not torch.cuda.is_available():
        raise ModelError("no CUDA device here: use --device cpu")
    if asked.threads:
        torch.set_num_threads(asked.threads)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    torch.backends.cudnn.benchmark = True
    return Run(asked.out, torch.device(asked.device), asked.seed, asked.minutes, asked.start)


def run_stage(run: Run, stage: str) -> None:
    """Run one stage unless it is done, and add its figures to `figures.json`."""
    path = run.out / "figures.json"
    table = _table(path)
    if stage in table and run.seconds(stage) <= table[stage]["share_seconds"]:
        say(f"{stage}: done already")
        return
    say(f"{stage}: {run.seconds(stage) / 60.0:.1f} minutes")
    figures = importlib.import_module(f"vivant.pocket.{MODULES[stage]}").train(run)
    made = {
        "device": device_name(run.device),
        "date": date.today().isoformat(),
        "seed": run.seed,
        "share_seconds": run.seconds(stage),
    }
    write_json(path, {**_table(path), stage: {**figures, **made}})  # read again: other stages may run beside this one
    say(f"{stage}: " + ", ".join(f"{name} {value:.4g}" for name, value in figures.items()))
    gc.collect()
    if run.device.type == "cuda":
        torch.cuda.empty_cache()


def _table(path: Path) -> dict[str, Any]:
    return dict(read_json(path)) if path.is_file() else {}


def device_name(device: torch.device) -> str:
    """The device in words, e.g. "NVIDIA H100 80GB HBM3" or "CPU, 2 threads"."""
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return f"CPU, {torch.get_num_threads()} threads"


if __name__ == "__main__":
    sys.exit(main())
