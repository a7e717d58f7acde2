"""Learning a relation: RelationLoRA on a handful of triplets (DreamRelation, section 3.4). Set up, loop, save."""

from __future__ import annotations

import importlib
import json
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
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
from vivant.errors import MissingExtraError, ModelError, SettingsError
from vivant.files import write_json
from vivant.images import content_hash
from vivant.models.bundle import Bundle, load_bundle
from vivant.models.checkpoint import open_checkpoint
from vivant.models.torch_models import one_thread_if_small, pick_device, pick_dtype
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
from vivant.training.state import RunState
from vivant.types import Triplet

ImagePrompts = Callable[[Tensor], FixedKeys]
"""Numbers of variations [B] to the keys and values of their image prompts."""
MakePrompts = Callable[[Bundle, Cache, Sequence[Triplet], Sequence[Variation]], ImagePrompts]
"""What prepares image prompts of variations, once."""
_OPEN = {"steps", "save_every", "log_every", "micro_batch", "gradient_checkpointing", "wandb", "device"}
"""Settings that may change from one start of a run to the next: they do not change what is learned."""


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
    accelerator, bundle, size = _load(settings)
    main = accelerator.is_main_process
    tell: Say = say if main else lambda line: None
    batch = settings.batch // accelerator.num_processes
    if batch * accelerator.num_processes != settings.batch:
        raise SettingsError(f"batch {settings.batch}: must be a multiple of {accelerator.num_processes} processes")
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
    told = settings.model_dump(mode="json")
    fixed_settings = {name: value for name, value in told.items() if name not in _OPEN}
    fingerprint = content_hash(json.dumps(fixed_settings), *bundle.hashes.values(), *data_hash(triplets, variations))
    made = {"version": __version__, "base": bundle.name, "hashes": dict(bundle.hashes), "settings": told}

    draws = torch.Generator().manual_seed(settings.seed)
    parameters = add_relation_lora(bundle.unet, draws, rank=settings.rank)
    if settings.gradient_checkpointing:
        bundle.unet.enable_gradient_checkpointing()
    unet, optimiser = accelerator.prepare(bundle.unet, _optimiser(parameters, settings))
    trained = {name: value for name, value in bundle.unet.named_parameters() if value.requires_grad}
    state = RunState(out / "state.pt", fingerprint, trained, optimiser, {"draws": draws}, accelerator.scaler)
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
        stack.enter_context(_memory_explained())
        if main:
            write_json(out / "settings.json", {**told, "version": __version__})
            log = stack.enter_context(RunLog(out, start, say=tell, wandb=_wandb(settings, told)))
            tick = stack.enter_context(progress("steps", settings.steps, start))
        waiting: list[dict[str, Tensor]] = []
        for step in range(start, settings.steps):
            drawn = draw_step(data, settings.batch, schedule.steps, draws)
            first = accelerator.process_index * batch
            mine = drawn.part(first, first + batch, bundle.device)
            piece = min(settings.micro_batch or batch, batch)
            numbers: dict[str, Tensor] = {}
            for at in range(0, batch, piece):
                part = mine.part(at, at + piece, bundle.device)
                share = len(part.rows) / batch
                losses = _losses(unet, bundle, data, part, schedule, constants, prompts)
                accelerator.backward(losses.total * share)
                for name, value in losses.parts().items():
                    numbers[name] = numbers.get(name, 0.0) + value.detach() * share
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            waiting.append(numbers)
            done = step + 1
            if done % settings.log_every == 0 or done % settings.save_every == 0 or done == settings.steps:
                rows = [{name: float(accelerator.reduce(v, "mean")) for name, v in row.items()} for row in waiting]
                _refuse_nonsense(rows, done - len(rows))
                if main:
                    for number, row in enumerate(rows, start=done - len(rows)):
                        log.scalars(number, row)
                waiting = []
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


def _load(settings: TrainRelationSettings) -> tuple[Any, Bundle, tuple[int, int]]:
    """Accelerate's view of the processes, the base on this process's device, and width and height of the pictures."""
    try:
        from accelerate import Accelerator
    except ImportError as error:
        raise MissingExtraError("accelerate", "models", "training") from error
    wanted = pick_device(settings.device, "vivant train relation")
    dtype = pick_dtype(settings.dtype, wanted)
    if settings.dtype == "auto" and wanted.type == "cuda" and torch.cuda.is_bf16_supported():
        dtype = torch.bfloat16
    precision = {torch.float32: "no", torch.float16: "fp16", torch.bfloat16: "bf16"}[dtype]
    accelerator = Accelerator(mixed_precision=precision, cpu=wanted.type == "cpu")
    checkpoint = open_checkpoint(settings.base, half=dtype.itemsize == 2)
    one_thread_if_small(checkpoint.defaults.small, wanted)
    bundle = load_bundle(checkpoint, str(accelerator.device), str(dtype).removeprefix("torch."))  # type: ignore[arg-type]
    width, height = settings.width or checkpoint.defaults.width, settings.height or checkpoint.defaults.height
    if width % bundle.factor or height % bundle.factor:
        raise SettingsError(f"a size of {width} x {height}: base {bundle.name!r} needs multiples of {bundle.factor}")
    return accelerator, bundle, (width, height)


def _optimiser(parameters: list[Any], settings: TrainRelationSettings) -> Any:
    """Adam without weight decay (section 4)."""
    if not settings.adam_8bit:
        return torch.optim.Adam(parameters, lr=settings.lr)
    try:
        library = importlib.import_module("bitsandbytes.optim")
    except ImportError as error:
        raise MissingExtraError("bitsandbytes", "adam8bit", "Adam in 8 bits") from error
    return library.Adam8bit(parameters, lr=settings.lr)


@contextmanager
def _memory_explained() -> Iterator[None]:
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        advice = "lower --micro-batch, set --gradient-checkpointing, or choose a smaller --base"
        raise ModelError(f"not enough memory to train: {advice}") from error


def _wandb(settings: TrainRelationSettings, told: dict[str, Any]) -> dict[str, Any] | None:
    return None if settings.wandb is None else {"project": settings.wandb, "config": told}


def _refuse_nonsense(rows: list[dict[str, float]], first: int) -> None:
    for number, row in enumerate(rows, start=first):
        if not all(math.isfinite(value) for value in row.values()):
            raise ModelError(
                f"the loss is not a number at step {number}: lower --lr, or set --dtype to bfloat16 or float32; the "
                "same command goes on from the last state"
            )
