"""Distilling the local image encoder on a folder of pictures (DreamRelation, section 8). Set up, loop, save.

The mathematics is `vivant.training.clipself`. Regions are drawn anew for every picture, so what the teacher says of
them is not worth keeping; what it says of the held-out pictures is computed once.
"""

from __future__ import annotations

import shutil
from collections.abc import Generator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from vivant.adapters.sources import adapter_defaults
from vivant.errors import InputError
from vivant.files import write_json, write_jsonl
from vivant.images import content_hash
from vivant.models.checkpoint import hash_files
from vivant.models.image_encoder import FACTOR, ImageEncoder, encoder_files, load_image_encoder
from vivant.models.torch_models import one_thread_if_small, quiet
from vivant.progress import progress
from vivant.settings.train_local_encoder import TrainLocalEncoderSettings
from vivant.training.clipself import Held, clipself_loss, crop_features, draw_regions, region_features, student_of
from vivant.training.log import RunLog, Say
from vivant.training.picture_folder import PictureFolder, order, read_ahead
from vivant.training.setup import (
    Curves,
    Processes,
    adam_on_matrices,
    fingerprint,
    memory_explained,
    start_processes,
    told,
    wandb_arguments,
)
from vivant.training.state import RunState

CONFIG, FIGURES, BROKEN = "config.json", "figures.json", "rejects.jsonl"
HELD_BATCH = 4
SMALL = 128
"""Pixels a side up to which a CLIP is small."""


class Regions(nn.Module):  # type: ignore[misc]
    """The student as a module with one `forward`, as training on several processes needs it."""

    def __init__(self, student: ImageEncoder) -> None:
        super().__init__()
        self.student = student

    def forward(self, pixels: Tensor, boxes: Tensor) -> Tensor:
        """See `region_features`."""
        return region_features(self.student, pixels, boxes)


def train_local_encoder(source: Path, out: Path, settings: TrainLocalEncoderSettings, *, say: Say = print) -> Path:
    """Distil a CLIP on a folder of pictures; a run begun before is continued.

    Args:
        source: pictures of anything, in folders of any depth.
        out: gets the encoder in transformers' layout, `figures.json`, `scalars.jsonl`, `settings.json`, `state.pt`,
            and `rejects.jsonl` where pictures cannot be read.
        settings: how.
        say: told a line now and then.

    Returns:
        `out`, for `--local-encoder`.

    Raises:
        InputError: no pictures, or too few to hold one out.
        ModelError: a CLIP that cannot be loaded, or a loss that is no number.
        SettingsError: settings that do not go together.
        StoreError: `out` holds a run of other settings or pictures.
        MissingExtraError: a library is not installed.
    """
    processes = start_processes(settings, "vivant train local-encoder")
    tell: Say = say if processes.main else lambda line: None
    run = set_up(source, out, settings, processes)
    start, kept = run.state.load()
    if start < run.steps:
        _learn(run, out, start, dict(kept.get("figures", {})), tell)
    else:
        tell(f"{out}: has its {run.steps} steps already; raise --epochs or --steps to go on")
    if processes.main and (start < run.steps or not (out / CONFIG).is_file()):
        save_encoder(run.student, out, half=settings.half)
    processes.accelerator.wait_for_everyone()
    return out


@dataclass(frozen=True)
class Run:
    """Everything that is set up.

    Attributes:
        processes: this one among the others.
        settings: of the recipe.
        pictures, held: those that are trained on, and those held out.
        teacher: the CLIP as it came.
        student: the encoder that trains.
        regions: the same as a module, as accelerate has wrapped it.
        optimiser: of it, wrapped likewise.
        factor: how much larger the student reads.
        steps: of the whole run.
        state: what it continues from.
    """

    processes: Processes
    settings: TrainLocalEncoderSettings
    pictures: PictureFolder
    held: PictureFolder
    teacher: ImageEncoder
    student: ImageEncoder
    regions: Any
    optimiser: Any
    factor: int
    steps: int
    state: RunState

    def batches(self, start: int) -> Generator[list[Tensor]]:
        """This process's pictures of each step from one on, [3, S, S] each on the CPU, read ahead."""
        first, settings = self.processes.first, self.settings
        rows = order(len(self.pictures.files), settings.batch, range(start, self.steps), settings.seed)
        own = (row[first : first + self.processes.batch] for row in rows)

        def read(number: int) -> Tensor:
            return self.student.prepare([self.pictures.read(number)], self.factor)[0].cpu()

        return read_ahead(own, read, settings.readers)

    def step(self, number: int, batch: Sequence[Tensor]) -> dict[str, Tensor]:
        """One step of the optimiser; the losses, by name.

        Args:
            number: of the step.
            batch: this process's pictures.
        """
        first, device = self.processes.first, self.processes.accelerator.device
        boxes = draw_regions(self.settings.batch, self.settings.regions, _source(self.settings.seed, number))

        def losses(piece: range) -> dict[str, Tensor]:
            pixels = torch.stack([batch[place - first] for place in piece]).to(device)
            part = boxes[piece.start : piece.stop].to(device)
            return {"total": clipself_loss(self.regions(pixels, part), crop_features(self.teacher, pixels, part))}

        return self.processes.descend(self.optimiser, self.settings.micro_batch, losses)


def set_up(source: Path, out: Path, settings: TrainLocalEncoderSettings, processes: Processes) -> Run:
    """Find the pictures, load the CLIP twice. Arguments and errors as in `train_local_encoder`."""
    held, pictures = _split(PictureFolder.find(source), settings.held_out)
    teacher, student, factor, hashed = _encoders(settings, processes)
    steps = settings.steps or max(1, round(settings.epochs * len(pictures.files) / settings.batch))
    printed = fingerprint(settings, hashed, pictures.hash(), held.hash())
    training = [value for value in student.parameters() if value.requires_grad]
    optimiser = adam_on_matrices(training, settings, settings.weight_decay)
    regions, optimiser = processes.accelerator.prepare(Regions(student), optimiser)
    trained = {name: value for name, value in student.model.named_parameters() if value.requires_grad}
    state = RunState(out / "state.pt", printed, trained, optimiser, scaler=processes.accelerator.scaler)
    return Run(processes, settings, pictures, held, teacher, student, regions, optimiser, factor, steps, state)


def _learn(run: Run, out: Path, start: int, figures: dict[str, Any], tell: Say) -> None:
    """All steps from `start` on; `figures` are those of an earlier part of the run."""
    settings, main, steps = run.settings, run.processes.main, run.steps
    with ExitStack() as stack:
        stack.enter_context(memory_explained())
        held, log = None, None
        if main:
            held = Held.of(_read_all(run.held, run.student, run.factor), run.teacher, HELD_BATCH)
            figures = figures or {"before": held.agreement(run.teacher)}
            write_json(out / "settings.json", told(settings))
            log = stack.enter_context(RunLog(out, start, say=tell, wandb=wandb_arguments(settings)))
            tick = stack.enter_context(progress("steps", steps, start))
        curves = Curves(run.processes)
        for step, batch in enumerate(stack.enter_context(closing(run.batches(start))), start):
            curves.add(run.step(step, batch))
            done = step + 1
            checked = done % settings.check_every == 0 or done == steps
            saved = done % settings.save_every == 0 or done == steps
            if done % settings.log_every == 0 or checked or saved:
                curves.write(done, log)
            if checked and held is not None and log is not None:
                figures["after"] = held.agreement(run.student)
                log.scalars(step, figures["after"])
            if saved and main:
                run.state.save(done, {"figures": figures})
            if main:
                tick()
    if main:
        _write_figures(run, out, figures, tell)


def _write_figures(run: Run, out: Path, figures: dict[str, Any], tell: Say) -> None:
    """What the run came to, and the pictures that could not be read."""
    counts = {"pictures": len(run.pictures.files), "held_out": len(run.held.files), "steps": run.steps}
    write_json(out / FIGURES, {**figures, **counts})
    if run.pictures.broken:
        broken = sorted(run.pictures.broken.items())
        write_jsonl(out / BROKEN, [{"file": str(path), "reason": reason} for path, reason in broken])
        tell(f"{len(broken)} pictures cannot be read, and others stood in for them: {out / BROKEN}")


def save_encoder(encoder: ImageEncoder, out: Path, *, half: bool) -> None:
    """Write an encoder in transformers' layout beside what else lies in a folder; `config.json` comes last.

    Args:
        encoder: float32.
        out: the folder.
        half: save in half precision.
    """
    new = out / ".encoder.new"
    shutil.rmtree(new, ignore_errors=True)
    tensors = encoder.model.state_dict()
    with quiet("transformers"):
        encoder.model.save_pretrained(
            new, state_dict={name: value.half() for name, value in tensors.items()} if half else tensors
        )
    (out / CONFIG).unlink(missing_ok=True)
    for old in out.glob("model*.safetensors*"):
        old.unlink()
    for path in sorted(new.iterdir(), key=lambda path: path.name == CONFIG):
        path.replace(out / path.name)
    new.rmdir()


def _split(pictures: PictureFolder, held: int) -> tuple[PictureFolder, PictureFolder]:
    """Pictures that are held out, evenly from the whole folder, and the others."""
    count = len(pictures.files)
    if count < 2:
        raise InputError(f"{pictures.files[0]}: is the only picture; give a folder of at least two, better thousands")
    held = max(1, min(held, count // 10))
    places = {number * count // held for number in range(held)}
    parts = [[path for at, path in enumerate(pictures.files) if (at in places) == wanted] for wanted in (True, False)]
    return PictureFolder(parts[0]), PictureFolder(parts[1])


def _encoders(settings: TrainLocalEncoderSettings, processes: Processes) -> tuple[ImageEncoder, ImageEncoder, int, str]:
    """Teacher, student, how much larger the student reads, and the hash of what both begin with."""
    defaults = adapter_defaults(settings.encoder)
    source = defaults.image_encoder if defaults else settings.encoder
    factor = settings.factor or (defaults.factor if defaults else FACTOR)
    loaded = load_image_encoder(source, heads=settings.heads, activation=settings.activation)
    device = processes.accelerator.device
    one_thread_if_small(loaded.side <= SMALL, device)
    student = student_of(loaded).to(device)
    if settings.gradient_checkpointing:
        student.model.activation_checkpointing_enable({"use_reentrant": False})
    return loaded.to(device, processes.dtype), student, factor, hash_files(encoder_files(source))


def _read_all(pictures: PictureFolder, student: ImageEncoder, factor: int) -> Tensor:
    """[N, 3, S, S] on the CPU."""
    read = (pictures.read(number) for number in range(len(pictures.files)))
    return torch.cat([student.prepare([picture], factor).cpu() for picture in read])


def _source(seed: int, step: int) -> torch.Generator:
    """Of a step's regions: its own, so that pictures may be read ahead and a run may begin at any step."""
    return torch.Generator().manual_seed(int(content_hash(f"{seed}/regions/{step}"), 16) >> 1)
