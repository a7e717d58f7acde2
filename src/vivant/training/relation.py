"""Learning a relation: RelationLoRA on a handful of triplets (DreamRelation, section 3.4). Set up, loop, save."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vivant.adapters.attention import attached
from vivant.adapters.local_linear import new_local_linear
from vivant.adapters.relation_embedding import RelationEmbedding, new_relation_embedding
from vivant.adapters.relation_lora import add_relation_lora
from vivant.adapters.sources import AdapterChoice, ImagePrompting, load_image_prompting
from vivant.errors import InputError, ModelError, SettingsError
from vivant.files import write_json
from vivant.generation.plan import sampling
from vivant.models.bundle import Bundle
from vivant.progress import progress
from vivant.relations.order import in_order
from vivant.relations.predicate import predicate_span
from vivant.relations.published import read_relation
from vivant.settings.generate import GenerateSettings
from vivant.settings.train_relation import TrainRelationSettings
from vivant.training.augment import Augmentation
from vivant.training.cache import Cache
from vivant.training.grids import Grids
from vivant.training.held_out import SCORE, hold_out
from vivant.training.image_prompts import ImagePrompts, encode_references
from vivant.training.learner import Learner, sample_losses
from vivant.training.log import RunLog, Say
from vivant.training.objective import PRESETS, RelationLoss
from vivant.training.relation_data import Variation, data_hash, draw_step, encode_relation, vary
from vivant.training.schedule import noise_schedule
from vivant.training.setup import (
    Curves,
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
from vivant.types.triplet import word_spans

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
    # Set up.
    processes = start_processes(settings, "vivant train relation")
    accelerator, main = processes.accelerator, processes.main
    tell: Say = say if main else lambda line: None
    base = load_base(settings.base, processes, settings.width, settings.height)
    bundle = base.bundle
    constants = loss_constants(settings)
    schedule = noise_schedule(bundle.scheduler, bundle.device)
    triplets = _read(source, tell)
    variations, trained_on = _vary(triplets, settings, base.width, base.height)
    cache = Cache(out / "cache")
    data = encode_relation(bundle, cache, triplets, variations)
    prompting = _prompting(bundle, settings)
    hashes = {**bundle.hashes, **({} if prompting is None else prompting.hashes)}
    printed = fingerprint(settings, *hashes.values(), *data_hash(triplets, variations))
    made = {"version": told(settings)["version"], "base": bundle.name, "hashes": hashes, "settings": told(settings)}

    draws = torch.Generator().manual_seed(settings.seed)
    linear = prompts = embedding = None
    if prompting is not None:
        if settings.injection == "linear" and prompting.encoder.local is not None:
            linear = new_local_linear(prompting.encoder.image.width).to(bundle.device)
        references = encode_references(bundle, cache, prompting, triplets, variations)
        latents = (base.height // bundle.factor, base.width // bundle.factor)
        how = {"size": latents, "scale": settings.scale, "linear": linear, "fixed": settings.fix_image_keys}
        prompts = ImagePrompts(bundle.unet, prompting.adapter, references, **how)
    if settings.method == "embedding":
        embedding = _embedding(bundle, triplets).to(bundle.device)
    else:
        add_relation_lora(bundle.unet, draws, rank=settings.rank)
    if settings.gradient_checkpointing:
        bundle.unet.enable_gradient_checkpointing()
    learner = Learner(bundle, data, prompts, embedding, linear)
    parameters = learner.trained()
    model, optimiser = accelerator.prepare(
        learner, adam(list(parameters.values()), settings.lr, eight_bit=settings.adam_8bit)
    )
    state = RunState(out / "state.pt", printed, parameters, optimiser, {"draws": draws}, accelerator.scaler)
    start, kept = state.load()
    if start >= settings.steps:
        tell(f"{out}: has its {settings.steps} steps already; raise --steps to go on")
        return learner.file(out)
    held = hold_out(
        data, trained_on, schedule, constants, seed=settings.seed, piece=settings.micro_batch or processes.batch
    )
    grids = Grids(
        out,
        learner,
        None if prompting is None else prompting.adapter,
        triplets,
        variations,
        range(trained_on, len(variations))[: settings.grid],
        sampling(
            GenerateSettings(prompts=("-",), base=settings.base, width=base.width, height=base.height), base.checkpoint
        ),
        settings.seed,
        base.checkpoint.defaults.batch,
        printed,
    )

    # Loop.
    with ExitStack() as stack:
        stack.enter_context(attached(bundle.unet))
        stack.enter_context(memory_explained())
        log = None
        if main:
            write_json(out / "settings.json", told(settings))
            log = stack.enter_context(RunLog(out, start, say=tell, wandb=wandb_arguments(settings)))
            tick = stack.enter_context(progress("steps", settings.steps, start))
        curves = Curves(processes)
        for step in range(start, settings.steps):
            validating = settings.validate_every > 0 and (step + 1) % settings.validate_every == 0
            if settings.validate_every and "untrained" not in kept:
                kept["untrained"] = float(held.score(learner)[SCORE])
            drawn = draw_step(data, settings.batch, schedule.steps, draws, among=trained_on)
            numbers: dict[str, Tensor] = {}
            for piece in processes.pieces(settings.micro_batch):
                part = drawn.part(piece.start, piece.stop, bundle.device)
                share = len(piece) / processes.batch
                losses = sample_losses(model, data, part, schedule, constants, bundle.unet)
                accelerator.backward(losses.total * share)
                for name, value in losses.parts().items():
                    numbers[name] = numbers.get(name, 0.0) + value.detach() * share
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            done = step + 1
            scores = held.score(learner) if validating else {}
            curves.add({**numbers, **scores})
            last = done == settings.steps
            if validating or done % settings.log_every == 0 or done % settings.save_every == 0 or last:
                curves.write(done, log)
            if validating:
                score = float(scores[SCORE])
                tell(f"step {done}: held-out loss {score:.5f}, untrained {kept['untrained']:.5f}")
                if score < kept.get("best", float("inf")):
                    kept |= {"best": score, "best_step": done}
                    if main:
                        learner.save(out / BEST, {**made, "steps": done, SCORE: score})
                if log is not None and settings.grid:
                    log.picture("grid", step, grids.draw(done))
            if main and (done % settings.save_every == 0 or last):
                state.save(done, kept)
                learner.save(out, {**made, "steps": done})
            if main:
                tick()
    accelerator.wait_for_everyone()
    return learner.file(out)


def loss_constants(settings: TrainRelationSettings) -> RelationLoss:
    """The preset, with what the settings say otherwise. An embedding is learned by equation 3 alone, unless told.

    Raises:
        SettingsError: the attention to words that an embedding replaces.
    """
    if settings.method == "embedding" and settings.predicate_weight:
        raise SettingsError(
            "predicate_weight: the predicate's own tokens are gone with --method embedding; leave it out"
        )
    preset = PRESETS[settings.preset]
    if settings.method == "embedding":
        preset = replace(preset, keypoint_weight=0.0, predicate_weight=0.0)
    names = ("keypoint_weight", "keypoint_latest", "predicate_weight", "min_snr_gamma")
    given = {name: value for name in names if (value := getattr(settings, name)) is not None}
    return replace(preset, **given)


def _read(source: Path, tell: Say) -> list[Triplet]:
    triplets = []
    for given in read_relation(source):
        triplets.append(in_order(given))
        if triplets[-1] is not given:
            tell(f"{source}, triplet {given.name!r}: keypoints were listed in another order than masks; exchanged")
    return triplets


def _vary(
    triplets: Sequence[Triplet], settings: TrainRelationSettings, width: int, height: int
) -> tuple[list[Variation], int]:
    """Those to train on, those to score on, and how many are the former."""
    count = len(triplets) - settings.held_out
    if count < 1:
        raise SettingsError(f"held_out {settings.held_out}: of {len(triplets)} triplets, one at least must be left")
    rng = np.random.default_rng(settings.seed)
    how = Augmentation(flip=settings.flip, crop=settings.crop)
    trained = vary(triplets[:count], settings.variations, rng, how, width, height, crops=settings.crops)
    first = count if settings.held_out else 0
    others = vary(triplets[first:], 1, rng, how, width, height, crops=settings.crops)
    return [*trained, *(replace(one, triplet=one.triplet + first) for one in others)], len(trained)


def _prompting(bundle: Bundle, settings: TrainRelationSettings) -> ImagePrompting | None:
    if not settings.image_prompts:
        return None
    names = ("adapter", "image_encoder", "local_encoder", "partitions", "factor")
    chosen: dict[str, Any] = {name: getattr(settings, name) for name in names}
    try:
        found = load_image_prompting(bundle, AdapterChoice(**chosen))
    except ModelError as error:
        raise ModelError(f"{error}; or train on the text alone: --no-image-prompts") from error
    # The adapter reads what it was trained with; where features get wider, a layer of ours stands before it.
    how = replace(found.encoder.how, injection=settings.injection)
    return replace(found, encoder=replace(found.encoder, how=how))


def _embedding(bundle: Bundle, triplets: Sequence[Triplet]) -> RelationEmbedding:
    """From the words of the first triplet that says its relation."""
    for triplet in triplets:
        try:
            marked = [span for words in triplet.predicate for span in word_spans(triplet.prompt, words)]
            return new_relation_embedding(
                bundle, triplet.prompt, marked[0] if marked else predicate_span(triplet.prompt)
            )
        except InputError:
            continue
    raise InputError(
        f"{triplets[0].prompt!r} and the other prompts say no relation: an embedding has nothing to replace"
    )
