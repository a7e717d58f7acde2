"""The loop that the recipes for subjects have in common: steps, scores, grids, checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch

from vivant.adapters.custom_diffusion import KeyValues, key_values
from vivant.errors import ModelError
from vivant.files import write_json
from vivant.progress import progress
from vivant.settings.train_concepts import TrainConceptSettings
from vivant.training.concept_setup import TOKENS, Run, words_of
from vivant.training.held_out import SCORE
from vivant.training.log import RunLog, Say
from vivant.training.setup import Curves, memory_explained, told, wandb_arguments

BEST = "best"
"""Folder of the checkpoint with the least held-out loss, in the run's folder."""

Save = Callable[[Path, Mapping[str, Any]], None]
"""Writes what is learned into a folder, with how it was made."""


def learn(run: Run, out: Path, settings: TrainConceptSettings, save: Save, tell: Say) -> None:
    """Train until the settings' steps are done, from where the run was left.

    Args:
        run: set up.
        out: its folder.
        settings: of the recipe, nothing left open.
        save: writes what is learned.
        tell: told a line now and then.

    Raises:
        ModelError: not enough memory, or a loss that is no number.
        StoreError: the folder holds a run of other settings or data, or cannot be written.
    """
    processes, learner, prepared = run.training.processes, run.training.learner, run.prepared
    start, kept = run.state.load()
    steps = settings.steps
    if start >= steps:
        tell(f"{out}: has its {steps} steps already; raise --steps to go on")
        return
    with ExitStack() as stack:
        stack.enter_context(memory_explained())
        if isinstance(learner.beside, KeyValues):
            stack.enter_context(key_values(learner.unet, learner.beside))
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
                kept = _validated(run, out, done, float(scores[SCORE]), kept, save, tell)
            if log is not None and validating and prepared.grid.prompts:
                with processes.accelerator.autocast():  # what is learned is in float32, beside what is frozen
                    log.picture("grid", done - 1, prepared.grid.draw(prepared.bundle, done))
            if saving and processes.main:
                run.state.save(done, kept)
                _write(run, out, {**prepared.made, "steps": done}, save)
            if processes.main:
                tick()
    processes.accelerator.wait_for_everyone()


def _validated(
    run: Run, out: Path, done: int, score: float, kept: dict[str, Any], save: Save, tell: Say
) -> dict[str, Any]:
    """Keep the checkpoint if it is the best so far; what is known of the scores now."""
    tell(f"step {done}: held-out loss {score:.5f}; {kept['untrained']:.5f} before training")
    if score >= kept.get("best", float("inf")):
        return kept
    if run.training.processes.main:
        _write(run, out / BEST, {**run.prepared.made, "steps": done, SCORE: score}, save)
    return {**kept, "best": score, "best_step": done}


def _write(run: Run, folder: Path, made: Mapping[str, Any], save: Save) -> None:
    if not all(bool(torch.isfinite(value).all()) for value in run.training.learner.trained().values()):
        raise ModelError(f"{folder}: what was learned holds values that are no numbers: lower --lr")
    save(folder, made)
    write_json(folder / TOKENS, words_of(run.prepared))
