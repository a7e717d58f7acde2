"""The loop that the recipes for subjects have in common: steps, scores, grids, checkpoints."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch

from vivant.errors import ModelError
from vivant.files import write_json
from vivant.progress import progress
from vivant.training.concept_setup import TOKENS, Run, words_of
from vivant.training.held_out import SCORE
from vivant.training.log import RunLog, Say
from vivant.training.setup import Curves, memory_explained, told, wandb_arguments

BEST = "best"
"""Folder of the checkpoint with the least held-out loss, in the run's folder."""


def learn(run: Run, out: Path, tell: Say) -> None:
    """Train until the settings' steps are done, from where the run was left.

    Args:
        run: set up.
        out: its folder.
        tell: told a line now and then.

    Raises:
        ModelError: not enough memory, or a loss that is no number.
        StoreError: the folder holds a run of other settings or data, or cannot be written.
    """
    settings, prepared = run.settings, run.prepared
    processes, learner, steps = run.training.processes, run.training.learner, settings.steps
    start, kept = run.state.load()
    if start >= steps:
        tell(f"{out}: has its {steps} steps already; raise --steps to go on")
        return
    with ExitStack() as stack:
        stack.enter_context(memory_explained())
        stack.enter_context(learner.acting())
        log = None
        if processes.main:
            write_json(out / "settings.json", told(settings))
            log = stack.enter_context(RunLog(out, start, say=tell, wandb=wandb_arguments(settings)))
            tick = stack.enter_context(progress("steps", steps, start))
        curves, every = Curves(processes), settings.validate_every
        if every and start == 0:
            kept = {"untrained": float(run.held.score(learner)[SCORE])}
        for done in range(start + 1, steps + 1):
            numbers = run.training.step(settings.batch, settings.micro_batch)
            validating = every > 0 and done % every == 0
            scores = run.held.score(learner) if validating else {}
            curves.add({**numbers, **scores})
            saving = done % settings.save_every == 0 or done == steps
            if saving or validating or done % settings.log_every == 0:
                curves.write(done, log)
            if validating:
                kept = _validated(run, out, done, float(scores[SCORE]), kept, tell)
            if log is not None and validating and prepared.grid.prompts:
                with processes.accelerator.autocast():  # what is learned is in float32, beside what is frozen
                    log.picture("grid", done - 1, prepared.grid.draw(prepared.bundle, done))
            if saving and processes.main:
                run.state.save(done, kept)
                _write(run, out, {**prepared.made, "steps": done})
            if processes.main:
                tick()
    processes.accelerator.wait_for_everyone()


def _validated(run: Run, out: Path, done: int, score: float, kept: dict[str, Any], tell: Say) -> dict[str, Any]:
    """Keep the checkpoint if it is the best so far; what is known of the scores now."""
    tell(f"step {done}: held-out loss {score:.5f}; {kept['untrained']:.5f} before training")
    if score >= kept.get("best", float("inf")):
        return kept
    if run.training.processes.main:
        _write(run, out / BEST, {**run.prepared.made, "steps": done, SCORE: score})
    return {**kept, "best": score, "best_step": done}


def _write(run: Run, folder: Path, made: Mapping[str, Any]) -> None:
    if not all(bool(torch.isfinite(value).all()) for value in run.training.learner.trained().values()):
        raise ModelError(f"{folder}: what was learned holds values that are no numbers: lower --lr")
    run.save(folder, made)
    write_json(folder / TOKENS, words_of(run.prepared))
