"""Learning a relation: RelationLoRA on a handful of triplets (DreamRelation, section 3.4). Set up, loop, save."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vivant import __version__
from vivant.adapters.attention import FixedKeys, attached
from vivant.adapters.boxes import layer_sizes
from vivant.adapters.lora_file import WEIGHTS
from vivant.adapters.maps import MapRecorder
from vivant.adapters.relation_lora import add_relation_lora, save_lora
from vivant.files import write_json
from vivant.models.bundle import Bundle
from vivant.progress import progress
from vivant.relations.order import in_order
from vivant.relations.published import read_relation
from vivant.settings.train_relation import TrainRelationSettings
from vivant.training.augment import Augmentation
from vivant.training.cache import Cache
from vivant.training.log import RunLog, Say
from vivant.training.objective import PRESETS, Losses, RelationLoss, relation_losses
from vivant.training.relation_data import Draw, RelationData, Variation, data_hash, draw_step, encode_relation, vary
from vivant.training.schedule import NoiseSchedule, noise_schedule, noised
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

ImagePrompts = Callable[[Tensor], FixedKeys]
"""Numbers of variations [B] to the keys and values of their image prompts."""
MakePrompts = Callable[[Bundle, Cache, Sequence[Triplet], Sequence[Variation]], ImagePrompts]
"""What prepares image prompts of variations, once."""


def train_relation(
    source: Path,
    out: Path,
    settings: TrainRelationSettings,
    *,
    image_prompt: MakePrompts | None = None,
    say: Say = print,
) -> Path:
    """Learn the relation of a folder of triplets; a run begun before is continued.

    Args:
        source: triplets in the published layout.
        out: gets `pytorch_lora_weights.safetensors`, `scalars.jsonl`, `settings.json`, `state.pt` and `cache/`.
        settings: how.
        image_prompt: prepares the subjects' image prompts; None trains on the text alone.
        say: told a line now and then.

    Returns:
        The LoRA's file.

    Raises:
        InputError, ImageError: triplets that cannot be used.
        SettingsError: settings that do not go together.
        ModelError: a base that cannot be trained, or a loss that is no number.
        StoreError: `out` holds a run of other settings or data.
        MissingExtraError: a library is not installed.
    """
    # Set up.
    processes = start_processes(settings, "vivant train relation")
    accelerator, main = processes.accelerator, processes.main
    bundle, *size = load_base(settings.base, processes, settings.width, settings.height)
    tell: Say = say if main else lambda line: None
    constants = loss_constants(settings)
    schedule = noise_schedule(bundle.scheduler, bundle.device)
    triplets = []
    for given in read_relation(source):
        triplets.append(in_order(given))
        if triplets[-1] is not given:
            tell(f"{source}, triplet {given.name!r}: keypoints were listed in another order than masks; exchanged")
    rng = np.random.default_rng(settings.seed)
    how = Augmentation(flip=settings.flip, crop=settings.crop)
    variations = vary(triplets, settings.variations, rng, how, *size)
    cache = Cache(out / "cache")
    data = encode_relation(bundle, cache, triplets, variations)
    prompts = None if image_prompt is None else image_prompt(bundle, cache, triplets, variations)
    printed = fingerprint(settings, *bundle.hashes.values(), *data_hash(triplets, variations))
    made = {"version": __version__, "base": bundle.name, "hashes": dict(bundle.hashes), "settings": told(settings)}

    draws = torch.Generator().manual_seed(settings.seed)
    parameters = add_relation_lora(bundle.unet, draws, rank=settings.rank)
    if settings.gradient_checkpointing:
        bundle.unet.enable_gradient_checkpointing()
    unet, optimiser = accelerator.prepare(bundle.unet, adam(parameters, settings.lr, eight_bit=settings.adam_8bit))
    trained = {name: value for name, value in bundle.unet.named_parameters() if value.requires_grad}
    state = RunState(out / "state.pt", printed, trained, optimiser, {"draws": draws}, accelerator.scaler)
    start, _ = state.load()

    def save(step: int) -> None:
        if main:
            state.save(step)
            save_lora(bundle.unet, out, {**made, "steps": step})

    if start >= settings.steps:
        tell(f"{out}: has its {settings.steps} steps already; raise --steps to go on")
        return out / WEIGHTS

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
            drawn = draw_step(data, settings.batch, schedule.steps, draws)
            numbers: dict[str, Tensor] = {}
            for piece in processes.pieces(settings.micro_batch):
                part = drawn.part(piece.start, piece.stop, bundle.device)
                share = len(piece) / processes.batch
                losses = _losses(unet, bundle, data, part, schedule, constants, prompts)
                accelerator.backward(losses.total * share)
                for name, value in losses.parts().items():
                    numbers[name] = numbers.get(name, 0.0) + value.detach() * share
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            curves.add(numbers)
            done = step + 1
            if done % settings.log_every == 0 or done % settings.save_every == 0 or done == settings.steps:
                curves.write(done, log)
            if done % settings.save_every == 0 or done == settings.steps:
                save(done)
            if main:
                tick()
    accelerator.wait_for_everyone()
    return out / WEIGHTS


def loss_constants(settings: TrainRelationSettings) -> RelationLoss:
    """The preset, with what the settings say otherwise."""
    names = ("keypoint_weight", "keypoint_latest", "predicate_weight", "min_snr_gamma")
    given = {name: value for name in names if (value := getattr(settings, name)) is not None}
    return replace(PRESETS[settings.preset], **given)


def _losses(
    unet: Any,
    bundle: Bundle,
    data: RelationData,
    part: Draw,
    schedule: NoiseSchedule,
    constants: RelationLoss,
    prompts: ImagePrompts | None,
) -> Losses:
    """The losses of some samples, once through the UNet."""
    latents = part.latents(data)
    seen = noised(latents, part.noise, schedule.at(part.timesteps))
    recorder = None
    if constants.predicate_weight:
        sizes = layer_sizes(bundle.unet, *latents.shape[-2:])
        recorder = MapRecorder(data.selection[part.rows], sizes, constants.predicate_largest)
    predicted = unet(
        seen.to(bundle.dtype, memory_format=torch.channels_last),
        part.timesteps,
        encoder_hidden_states=data.text.states[part.rows],
        added_cond_kwargs=data.told(part.rows),
        cross_attention_kwargs={"fixed": None if prompts is None else prompts(part.rows), "recorder": recorder},
        return_dict=False,
    )[0].float()
    maps = [] if recorder is None else [one[:, 0].float() for one in recorder.maps().values()]
    pose = data.pose(part.rows)
    return relation_losses(predicted, latents, part.noise, seen, part.timesteps, pose, maps, schedule, constants)
