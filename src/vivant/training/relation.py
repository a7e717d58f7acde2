"""Learning a relation: RelationLoRA on a handful of triplets (DreamRelation, section 3.4). Set up, loop, save."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from vivant.adapters.attention import attached
from vivant.adapters.local_linear import new_local_linear
from vivant.adapters.relation_lora import add_relation_lora
from vivant.adapters.sources import ImagePrompting
from vivant.files import write_json
from vivant.generation.plan import sampling
from vivant.models.bundle import Bundle
from vivant.progress import progress
from vivant.settings.generate import GenerateSettings
from vivant.settings.train_relation import TrainRelationSettings
from vivant.training.cache import Cache
from vivant.training.grids import Grids
from vivant.training.held_out import SCORE, HeldOut, hold_out
from vivant.training.image_prompts import ImagePrompts, References, encode_references
from vivant.training.learner import Learner, Training
from vivant.training.log import RunLog, Say
from vivant.training.relation_data import RelationData, data_hash, encode_relation
from vivant.training.relation_setup import load_prompting, loss_constants, read_triplets, start_embedding, vary_all
from vivant.training.schedule import noise_schedule
from vivant.training.setup import (
    Curves,
    Processes,
    adam,
    fingerprint,
    load_base,
    memory_explained,
    start_processes,
    told,
    wandb_arguments,
)
from vivant.training.state import RunState
from vivant.types import Triplet

BEST = "best"
"""Folder of the checkpoint with the least held-out loss, in the run's folder."""


def train_relation(source: Path, out: Path, settings: TrainRelationSettings, *, say: Say = print) -> Path:
    """Learn the relation of a folder of triplets; a run begun before is continued.

    Args:
        source: triplets in the published layout.
        out: gets `pytorch_lora_weights.safetensors` (or `relation_embedding.safetensors`), `best/` with the same,
            `scalars.jsonl`, `settings.json`, `validation/`, `state.pt` and `cache/`.
        settings: how.
        say: told a line now and then.

    Returns:
        The file of what was learned last.

    Raises:
        InputError, ImageError: triplets that cannot be used.
        SettingsError: settings that do not go together.
        ModelError: a base or an adapter that cannot be trained with, or a loss that is no number.
        StoreError: `out` holds a run of other settings or data.
        MissingExtraError: a library is not installed.
    """
    processes = start_processes(settings, "vivant train relation")
    tell: Say = say if processes.main else lambda line: None
    with memory_explained():
        run = set_up(source, out, settings, processes, tell)
    learner = run.training.learner
    start, kept = run.state.load()
    if start >= settings.steps:
        tell(f"{out}: has its {settings.steps} steps already; raise --steps to go on")
        return learner.file(out)
    with ExitStack() as stack:
        stack.enter_context(attached(learner.unet))
        stack.enter_context(memory_explained())
        log = None
        if processes.main:
            write_json(out / "settings.json", told(settings))
            log = stack.enter_context(RunLog(out, start, say=tell, wandb=wandb_arguments(settings)))
            tick = stack.enter_context(progress("steps", settings.steps, start))
        curves, every = Curves(processes), settings.validate_every
        if every and start == 0:
            kept = {"untrained": float(run.held.score(learner)[SCORE])}
        for done in range(start + 1, settings.steps + 1):
            numbers = run.training.step(settings.batch, settings.micro_batch)
            validating = every > 0 and done % every == 0
            scores = run.held.score(learner) if validating else {}
            curves.add({**numbers, **scores})
            saving = done % settings.save_every == 0 or done == settings.steps
            if saving or validating or done % settings.log_every == 0:
                curves.write(done, log)
            if validating:
                kept = _validated(run, out, done, float(scores[SCORE]), kept, tell)
            if log is not None and validating and settings.grid:
                log.picture("grid", done - 1, run.grids.draw(done))
            if saving and processes.main:
                run.state.save(done, kept)
                learner.save(out, {**run.made, "steps": done})
            if processes.main:
                tick()
    processes.accelerator.wait_for_everyone()
    return learner.file(out)


@dataclass(frozen=True)
class Run:
    """Everything that is set up."""

    training: Training
    state: RunState
    held: HeldOut
    grids: Grids
    made: dict[str, Any]


def set_up(source: Path, out: Path, settings: TrainRelationSettings, processes: Processes, tell: Say) -> Run:
    """Load, vary, encode, and put in what is to be learned. Arguments and errors as in `train_relation`."""
    constants = loss_constants(settings)
    base = load_base(settings.base, processes, settings.width, settings.height)
    bundle = base.bundle
    schedule = noise_schedule(bundle.scheduler, bundle.device)
    triplets = read_triplets(source, tell)
    variations, trained_on = vary_all(triplets, settings, base.width, base.height)
    cache = Cache(out / "cache")
    data = encode_relation(bundle, cache, triplets, variations)
    prompting = load_prompting(bundle, settings)
    hashes = {**bundle.hashes, **({} if prompting is None else prompting.hashes)}
    printed = fingerprint(settings, *hashes.values(), *data_hash(triplets, variations))

    draws = torch.Generator().manual_seed(settings.seed)
    references = None
    if prompting is not None:
        references = encode_references(bundle, cache, prompting, triplets, variations)
    learner = _learner(bundle, data, prompting, references, settings, draws, triplets)
    if settings.gradient_checkpointing:
        bundle.unet.enable_gradient_checkpointing()
    trained = learner.trained()
    optimiser = adam(list(trained.values()), settings.lr, eight_bit=settings.adam_8bit)
    model, optimiser = processes.accelerator.prepare(learner, optimiser)
    piece = settings.micro_batch or processes.batch
    shown = GenerateSettings(prompts=("-",), base=settings.base, width=base.width, height=base.height)
    return Run(
        Training(processes, learner, model, optimiser, data, trained_on, schedule, constants, draws),
        RunState(out / "state.pt", printed, trained, optimiser, {"draws": draws}, processes.accelerator.scaler),
        hold_out(data, trained_on, schedule, constants, seed=settings.seed, piece=piece),
        Grids(
            folder=out,
            learner=learner,
            adapter=None if prompting is None else prompting.adapter,
            triplets=triplets,
            variations=variations,
            rows=range(trained_on, len(variations))[: settings.grid],
            how=sampling(shown, base.checkpoint),
            seed=settings.seed,
            batch=base.checkpoint.defaults.batch,
            run=printed,
        ),
        {"version": told(settings)["version"], "base": bundle.name, "hashes": hashes, "settings": told(settings)},
    )


def _learner(
    bundle: Bundle,
    data: RelationData,
    prompting: ImagePrompting | None,
    references: References | None,
    settings: TrainRelationSettings,
    draws: torch.Generator,
    triplets: Sequence[Triplet],
) -> Learner:
    """The base with what the settings say is learned."""
    linear = prompts = embedding = None
    if prompting is not None and references is not None:
        if settings.injection == "linear" and prompting.encoder.local is not None:
            linear = new_local_linear(prompting.encoder.image.width).to(bundle.device)
        height, width = data.moments.shape[-2:]
        prompts = ImagePrompts(
            bundle.unet,
            prompting.adapter,
            references,
            size=(height, width),
            scale=settings.scale,
            linear=linear,
            fixed=settings.fix_image_keys,
        )
    if settings.method == "embedding":
        embedding = start_embedding(bundle, triplets).to(bundle.device)
    else:
        add_relation_lora(bundle.unet, draws, rank=settings.rank)
    return Learner(bundle, data, prompts, embedding, linear)


def _validated(run: Run, out: Path, done: int, score: float, kept: dict[str, Any], tell: Say) -> dict[str, Any]:
    """Keep the checkpoint if it is the best so far; what is known of the scores now."""
    tell(f"step {done}: held-out loss {score:.5f}; {kept['untrained']:.5f} before training")
    if score >= kept.get("best", float("inf")):
        return kept
    if run.training.processes.main:
        run.training.learner.save(out / BEST, {**run.made, "steps": done, SCORE: score})
    return {**kept, "best": score, "best_step": done}
