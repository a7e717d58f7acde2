"""Training MS-Diffusion's adapter on a base that stays as it is (DreamRelation, section 3.2). Set up, loop, save."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from vivant.adapters.attention import attached
from vivant.adapters.ms import MsAdapter, load_ms_adapter, new_ms_adapter, save_ms_adapter
from vivant.adapters.resampler import ResamplerSizes
from vivant.adapters.sources import FILES, AdapterChoice, ImagePrompting, adapter_file, load_subject_encoder
from vivant.errors import ModelError, SettingsError
from vivant.files import write_json
from vivant.generation.plan import sampling
from vivant.models.checkpoint import hash_files
from vivant.models.text import encode_empty
from vivant.progress import progress
from vivant.settings.generate import GenerateSettings
from vivant.settings.train_ms_adapter import TrainMsAdapterSettings
from vivant.training.adapter_data import AdapterData, Chances, Draw, draw_step, encode_samples
from vivant.training.adapter_grid import AdapterGrid
from vivant.training.adapter_loss import Dropping
from vivant.training.adapter_model import AdapterLoss, HeldOut, Prompted
from vivant.training.adapter_samples import Sample, read_samples
from vivant.training.augment import Augmentation
from vivant.training.cache import Cache
from vivant.training.log import RunLog, Say
from vivant.training.schedule import noise_schedule
from vivant.training.setup import (
    Base,
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

SMALL = {"dim": 128, "depth": 2, "head": 32, "heads": 4, "queries": 8}
"""Of a small base's resampler: the pocket family's."""
BEST, FIGURES = "best", "figures.json"


def train_ms_adapter(source: Path, out: Path, settings: TrainMsAdapterSettings, *, say: Say = print) -> Path:
    """Train an adapter on a folder of scenes or of relation triplets; a run begun before is continued.

    Args:
        source: what `vivant compose` or `vivant world scenes` has written, or triplets in the published layout.
        out: gets `ms_adapter.safetensors`, `best/` with the same, `validation/`, `scalars.jsonl`, `settings.json`,
            `figures.json`, `state.pt` and `cache/`.
        settings: how.
        say: told a line now and then.

    Returns:
        `out`, for `--adapter`.

    Raises:
        InputError, ImageError: pictures that cannot be used.
        SettingsError: settings that do not go together.
        ModelError: a base, an encoder or an adapter that cannot be trained with, or a loss that is no number.
        StoreError: no data set, or `out` holds a run of other settings or data.
        MissingExtraError: a library is not installed.
    """
    # Set up.
    processes = start_processes(settings, "vivant train ms-adapter")
    accelerator, main = processes.accelerator, processes.main
    tell: Say = say if main else lambda line: None
    base = load_base(settings.base, processes, settings.width, settings.height)
    bundle, schedule = base.bundle, noise_schedule(base.bundle.scheduler, base.bundle.device)
    samples, held = _split(read_samples(source), settings.held_out)
    choice = AdapterChoice(None, settings.image_encoder, settings.local_encoder, factor=settings.factor)
    encoder, hashes = load_subject_encoder(bundle, choice)
    adapter, begun = _adapter(base, settings, encoder.width)
    with accelerator.main_process_first():  # the others find everything in the cache
        data = _encode(base, out, ImagePrompting(adapter, encoder, hashes), [*samples, *held], settings, processes)
    del encoder
    printed = fingerprint(settings, *bundle.hashes.values(), *hashes.values(), begun, data.hash)
    if settings.gradient_checkpointing:
        bundle.unet.enable_gradient_checkpointing()
    draws = torch.Generator().manual_seed(settings.seed)
    model = Prompted(bundle.unet, adapter, settings.scale)
    model, optimiser = accelerator.prepare(model, _optimiser(adapter, settings))
    parameters = dict(adapter.named_parameters())
    state = RunState(out / "state.pt", printed, parameters, optimiser, {"draws": draws}, accelerator.scaler)
    start, kept = state.load()
    if start >= settings.steps:
        tell(f"{out}: has its {settings.steps} steps already; raise --steps to go on")
        return out
    trained_on, chances = len(samples) * settings.variations, _chances(settings, data)
    losses = AdapterLoss(bundle, data, schedule, encode_empty(bundle), settings.min_snr_gamma)
    piece, local = settings.micro_batch or processes.batch, chances.local > 0.0
    rest = range(trained_on, len(data.moments))
    scored = HeldOut.of(losses, rest, seed=settings.seed, piece=piece, local=local) if held else None
    grid = _grid(base, adapter, data, samples, held, settings, out, local)

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
        if scored is not None and "base_alone" not in kept:
            kept["base_alone"] = float(scored.score(model, images=False))
        for step in range(start, settings.steps):
            rows = torch.randint(0, trained_on, (settings.batch,), generator=draws)
            drawn = draw_step(data, rows, schedule.steps, chances, draws)

            def of_piece(piece: range, drawn: Draw = drawn) -> dict[str, Tensor]:
                return losses(model, drawn.part(piece.start, piece.stop))

            numbers = processes.descend(optimiser, settings.micro_batch, of_piece)
            done = step + 1
            last = done == settings.steps
            validating = settings.validate_every > 0 and (done % settings.validate_every == 0 or last)
            if validating and scored is not None:
                numbers["held_out"] = scored.score(model)
            curves.add(numbers)
            if validating or last or done % settings.log_every == 0 or done % settings.save_every == 0:
                curves.write(done, log)
            if validating and scored is not None:
                score = kept["held_out"] = float(numbers["held_out"])
                tell(f"step {done}: held-out loss {score:.5f}, the base alone {kept['base_alone']:.5f}")
                if score < kept.get("best", float("inf")):
                    kept |= {"best": score, "best_step": done}
                    if main:
                        save(adapter, out / BEST, half=settings.half)
            if validating and log is not None and grid.rows:
                log.picture("grid", step, grid.draw(done))
            if main and (last or done % settings.save_every == 0):
                state.save(done, kept)
                save(adapter, out, half=settings.half)
            if main:
                tick()
    if main:
        counts = {"pictures": len(samples), "pictures_held_out": len(held), "steps": settings.steps}
        write_json(out / FIGURES, {**kept, **counts})
    accelerator.wait_for_everyone()
    return out


def save(adapter: MsAdapter, folder: Path, *, half: bool) -> None:
    """Write an adapter into a folder that `--adapter` takes.

    Raises:
        StoreError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    save_ms_adapter(copy.deepcopy(adapter).half() if half else adapter, folder / FILES[0])


def _split(samples: Sequence[Sample], held: int) -> tuple[list[Sample], list[Sample]]:
    """Those that are trained on, and those that are held out, evenly from all."""
    held = min(held, len(samples) // 10)
    places = {number * len(samples) // held for number in range(held)}
    parts = [[sample for at, sample in enumerate(samples) if (at in places) == wanted] for wanted in (False, True)]
    return parts[0], parts[1]


def _adapter(base: Base, settings: TrainMsAdapterSettings, width: int) -> tuple[MsAdapter, str]:
    """An adapter that trains, in float32, and the hash of what it begins with."""
    bundle, sizes = base.bundle, resampler_sizes(base, settings, width)
    if settings.start is None:
        with torch.random.fork_rng([]):
            torch.manual_seed(settings.seed)
            return new_ms_adapter(bundle.unet, sizes).float(), ""
    given = [name for name in SMALL if getattr(settings, name) is not None]
    if given:
        raise SettingsError(f"{given[0]}: is that of the adapter to start from; leave it out, or leave out start")
    file = adapter_file(settings.start)
    adapter = load_ms_adapter(file, bundle.unet)
    if adapter.sizes.features != width:
        raise ModelError(
            f"{file}: reads image features of width {adapter.sizes.features}, and the image encoder gives {width}: "
            "name the encoder that it was trained with"
        )
    adapter = adapter.float().train()
    adapter.requires_grad_(True)
    return adapter, hash_files([file])


def resampler_sizes(base: Base, settings: TrainMsAdapterSettings, width: int) -> ResamplerSizes:
    """Of a new adapter: as published for a large base, less for a small one, or as the settings say.

    Args:
        base: to train on.
        settings: of the recipe.
        width: of the image features.
    """
    usual = SMALL if base.checkpoint.defaults.small else {}
    said = {name: value for name in SMALL if (value := getattr(settings, name)) is not None}
    return ResamplerSizes(
        **{**usual, **said},
        features=width,
        output=base.bundle.unet.config.cross_attention_dim,
        phrase=base.bundle.text_encoders[0].config.hidden_size,
    )


def _encode(
    base: Base,
    out: Path,
    prompting: ImagePrompting,
    samples: Sequence[Sample],
    settings: TrainMsAdapterSettings,
    processes: Processes,
) -> AdapterData:
    photos = {path for sample in samples for paths in sample.photos for path in paths}
    with ExitStack() as stack:
        tick = None
        if processes.main:
            tick = stack.enter_context(progress("pictures encoded", len(samples) + len(photos)))
        return encode_samples(
            base.bundle,
            Cache(out / "cache"),
            prompting,
            samples,
            Augmentation(flip=0.0, crop=settings.crop),
            (base.height, base.width),
            variations=settings.variations,
            seed=settings.seed,
            tick=tick,
        )


def _chances(settings: TrainMsAdapterSettings, data: AdapterData) -> Chances:
    dropping = Dropping(settings.drop_text, settings.drop_image, settings.drop_both, settings.drop_grounding)
    local = settings.local_chance if data.has_local else 0.0
    return Chances(dropping, local, settings.detailed, settings.shake)


def _optimiser(adapter: MsAdapter, settings: TrainMsAdapterSettings) -> Any:
    """Adam that pulls matrices towards zero, and neither norms nor biases."""
    values = list(adapter.parameters())
    groups = [
        {"params": [value for value in values if value.ndim >= 2], "weight_decay": settings.weight_decay},
        {"params": [value for value in values if value.ndim < 2], "weight_decay": 0.0},
    ]
    return adam(groups, settings.lr, eight_bit=settings.adam_8bit, weight_decay=settings.weight_decay)


def _grid(
    base: Base,
    adapter: MsAdapter,
    data: AdapterData,
    samples: Sequence[Sample],
    held: Sequence[Sample],
    settings: TrainMsAdapterSettings,
    out: Path,
    local: bool,
) -> AdapterGrid:
    """Of the first held-out pictures; where there are none, of those that are trained on."""
    everything = [*samples, *held]
    places = list(range(len(samples), len(everything)) if held else range(len(samples)))[: settings.grid]
    how = GenerateSettings(prompts=("-",), base=settings.base, width=base.width, height=base.height)
    return AdapterGrid(
        folder=out,
        bundle=base.bundle,
        adapter=adapter,
        data=data,
        rows=[place * settings.variations for place in places],
        samples=[everything[place] for place in places],
        how=sampling(how, base.checkpoint),
        scale=settings.scale,
        local=local,
        seed=settings.seed,
        batch=base.checkpoint.defaults.batch,
    )
