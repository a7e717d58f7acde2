"""Training MS-Diffusion's adapter on a base that stays as it is (DreamRelation, section 3.2). Set up, loop, save."""

from __future__ import annotations

import copy
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from vivant.adapters.attention import attached
from vivant.adapters.ms import MsAdapter, save_ms_adapter
from vivant.adapters.sources import FILES, AdapterChoice, ImagePrompting, load_subject_encoder
from vivant.files import write_json
from vivant.models.text import encode_empty
from vivant.progress import progress
from vivant.settings.train_ms_adapter import TrainMsAdapterSettings
from vivant.training.adapter_data import AdapterData, Chances, draw_step
from vivant.training.adapter_grid import AdapterGrid
from vivant.training.adapter_loss import Dropping
from vivant.training.adapter_model import AdapterLoss, HeldOut, Prompted
from vivant.training.adapter_samples import read_samples
from vivant.training.adapter_setup import encode_all, new_grid, split_samples, start_adapter
from vivant.training.log import RunLog, Say
from vivant.training.schedule import noise_schedule
from vivant.training.setup import (
    Curves,
    Processes,
    adam_on_matrices,
    fingerprint,
    load_base,
    memory_explained,
    start_processes,
    told,
    wandb_arguments,
)
from vivant.training.state import RunState

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
    processes = start_processes(settings, "vivant train ms-adapter")
    tell: Say = say if processes.main else lambda line: None
    run = set_up(source, out, settings, processes)
    start, kept = run.state.load()
    if start >= settings.steps:
        tell(f"{out}: has its {settings.steps} steps already; raise --steps to go on")
        return out
    _learn(run, out, start, kept, tell)
    processes.accelerator.wait_for_everyone()
    return out


@dataclass(frozen=True)
class Run:
    """Everything that is set up.

    Attributes:
        processes: this one among the others.
        settings: of the recipe.
        adapter: what trains.
        model: the base with it, as accelerate has wrapped it.
        optimiser: of it, wrapped likewise.
        losses: of a draw.
        trained_on: so many of the data's pictures are drawn, the first ones.
        chances: of what is left out and told.
        draws: what every step draws from.
        state: what the run continues from.
        scored: on the pictures that are held out; None where there are none.
        grid: of what it draws.
        counts: of pictures, for the figures.
    """

    processes: Processes
    settings: TrainMsAdapterSettings
    adapter: MsAdapter
    model: Any
    optimiser: Any
    losses: AdapterLoss
    trained_on: int
    chances: Chances
    draws: torch.Generator
    state: RunState
    scored: HeldOut | None
    grid: AdapterGrid
    counts: dict[str, int]

    def step(self) -> dict[str, Tensor]:
        """One step of the optimiser; the losses, by name."""
        data, schedule = self.losses.data, self.losses.schedule
        rows = torch.randint(0, self.trained_on, (self.settings.batch,), generator=self.draws)
        drawn = draw_step(data, rows, schedule.steps, self.chances, self.draws)

        def losses(piece: range) -> dict[str, Tensor]:
            return self.losses(self.model, drawn.part(piece.start, piece.stop))

        return self.processes.descend(self.optimiser, self.settings.micro_batch, losses)


def set_up(source: Path, out: Path, settings: TrainMsAdapterSettings, processes: Processes) -> Run:
    """Load, encode, and put in what is to be learned. Arguments and errors as in `train_ms_adapter`."""
    accelerator = processes.accelerator
    base = load_base(settings.base, processes, settings.width, settings.height)
    bundle, schedule = base.bundle, noise_schedule(base.bundle.scheduler, base.bundle.device)
    samples, held = split_samples(read_samples(source), settings.held_out)
    choice = AdapterChoice(None, settings.image_encoder, settings.local_encoder, factor=settings.factor)
    encoder, hashes = load_subject_encoder(bundle, choice)
    adapter, begun = start_adapter(base, settings, encoder.width)
    with accelerator.main_process_first():  # the others find everything in the cache
        prompting = ImagePrompting(adapter, encoder, hashes)
        data = encode_all(base, out, prompting, [*samples, *held], settings, main=processes.main)
    del encoder, prompting
    printed = fingerprint(settings, *bundle.hashes.values(), *hashes.values(), begun, data.hash)
    if settings.gradient_checkpointing:
        bundle.unet.enable_gradient_checkpointing()
    draws = torch.Generator().manual_seed(settings.seed)
    optimiser = adam_on_matrices(list(adapter.parameters()), settings, settings.weight_decay)
    model, optimiser = accelerator.prepare(Prompted(bundle.unet, adapter, settings.scale), optimiser)
    parameters = dict(adapter.named_parameters())
    state = RunState(out / "state.pt", printed, parameters, optimiser, {"draws": draws}, accelerator.scaler)
    trained_on, chances = len(samples) * settings.variations, _chances(settings, data)
    losses = AdapterLoss(bundle, data, schedule, encode_empty(bundle), settings.min_snr_gamma)
    piece, local = settings.micro_batch or processes.batch, chances.local > 0.0
    rest = range(trained_on, len(data.moments))
    scored = HeldOut.of(losses, rest, seed=settings.seed, piece=piece, local=local) if held else None
    grid = new_grid(base, adapter, data, samples, held, settings, out, local)
    counts = {"pictures": len(samples), "pictures_held_out": len(held)}
    return Run(
        processes, settings, adapter, model, optimiser, losses, trained_on, chances, draws, state, scored, grid, counts
    )


def _learn(run: Run, out: Path, start: int, kept: dict[str, Any], tell: Say) -> None:
    """All steps from `start` on; `kept` are the scores of an earlier part of the run."""
    settings, main = run.settings, run.processes.main
    with ExitStack() as stack:
        stack.enter_context(attached(run.losses.bundle.unet))
        stack.enter_context(memory_explained())
        log = None
        if main:
            write_json(out / "settings.json", told(settings))
            log = stack.enter_context(RunLog(out, start, say=tell, wandb=wandb_arguments(settings)))
            tick = stack.enter_context(progress("steps", settings.steps, start))
        curves = Curves(run.processes)
        if run.scored is not None and "base_alone" not in kept:
            kept["base_alone"] = float(run.scored.score(run.model, images=False))
        for done in range(start + 1, settings.steps + 1):
            numbers, last = run.step(), done == settings.steps
            validating = settings.validate_every > 0 and (done % settings.validate_every == 0 or last)
            if validating and run.scored is not None:
                numbers["held_out"] = run.scored.score(run.model)
            curves.add(numbers)
            if validating or last or done % settings.log_every == 0 or done % settings.save_every == 0:
                curves.write(done, log)
            if validating and run.scored is not None:
                kept = _validated(run, out, done, float(numbers["held_out"]), kept, tell)
            if validating and log is not None and run.grid.rows:
                log.picture("grid", done - 1, run.grid.draw(done))
            if main and (last or done % settings.save_every == 0):
                run.state.save(done, kept)
                save(run.adapter, out, half=settings.half)
            if main:
                tick()
    if main:
        write_json(out / FIGURES, {**kept, **run.counts, "steps": settings.steps})


def _validated(run: Run, out: Path, done: int, score: float, kept: dict[str, Any], tell: Say) -> dict[str, Any]:
    """Keep the adapter if it is the best so far; what is known of the scores now."""
    tell(f"step {done}: held-out loss {score:.5f}, the base alone {kept['base_alone']:.5f}")
    kept = {**kept, "held_out": score}
    if score < kept.get("best", float("inf")):
        kept |= {"best": score, "best_step": done}
        if run.processes.main:
            save(run.adapter, out / BEST, half=run.settings.half)
    return kept


def save(adapter: MsAdapter, folder: Path, *, half: bool) -> None:
    """Write an adapter into a folder that `--adapter` takes.

    Raises:
        StoreError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    save_ms_adapter(copy.deepcopy(adapter).half() if half else adapter, folder / FILES[0])


def _chances(settings: TrainMsAdapterSettings, data: AdapterData) -> Chances:
    dropping = Dropping(settings.drop_text, settings.drop_image, settings.drop_both, settings.drop_grounding)
    local = settings.local_chance if data.has_local else 0.0
    return Chances(dropping, local, settings.detailed, settings.shake)
