"""What all recipes start with and share: processes, precision, the base, Adam, and errors that say what to do."""

from __future__ import annotations

import importlib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from vivant import __version__
from vivant.errors import MissingExtraError, ModelError, SettingsError
from vivant.images import content_hash
from vivant.models.bundle import Bundle, load_bundle
from vivant.models.checkpoint import Checkpoint, open_checkpoint
from vivant.models.torch_models import one_thread_if_small, pick_device, pick_dtype
from vivant.settings.training import TrainSettings
from vivant.training.log import RunLog


@dataclass(frozen=True)
class Processes:
    """This process among those that `accelerate launch` or torchrun started, or the only one.

    Attributes:
        accelerator: accelerate's; it puts trained modules and optimisers on the device and adds up gradients.
        dtype: of what is frozen.
        batch: samples a step that are this process's.
    """

    accelerator: Any
    dtype: torch.dtype
    batch: int

    @property
    def main(self) -> bool:
        """Whether this is the process that writes and speaks."""
        return bool(self.accelerator.is_main_process)

    @property
    def first(self) -> int:
        """Number of this process's first sample in a batch."""
        return int(self.accelerator.process_index) * self.batch

    def pieces(self, micro_batch: int | None) -> list[range]:
        """This process's samples, by their number in the whole batch, as many at a time as fit into memory."""
        piece, end = min(micro_batch or self.batch, self.batch), self.first + self.batch
        return [range(at, min(at + piece, end)) for at in range(self.first, end, piece)]

    def descend(
        self, optimiser: Any, micro_batch: int | None, losses: Callable[[range], Mapping[str, Tensor]]
    ) -> dict[str, Tensor]:
        """One step of the optimiser on this process's samples, piece by piece.

        Args:
            optimiser: as accelerate has wrapped it.
            micro_batch: samples that are computed at a time; None for all.
            losses: of some samples, by their number in the whole batch; "total" is what is descended.

        Returns:
            The losses of all pieces, each weighted by its share, detached.
        """
        numbers: dict[str, Tensor] = {}
        for piece in self.pieces(micro_batch):
            share = len(piece) / self.batch
            found = losses(piece)
            self.accelerator.backward(found["total"] * share)
            for name, value in found.items():
                numbers[name] = numbers.get(name, 0.0) + value.detach() * share
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        return numbers


def start_processes(settings: TrainSettings, purpose: str) -> Processes:
    """Find the device and the precision, and the other processes.

    Args:
        settings: of the recipe.
        purpose: the command, for messages.

    Raises:
        MissingExtraError: torch or accelerate is not installed.
        ModelError: no such device.
        SettingsError: a batch that the processes cannot share evenly.
    """
    wanted = pick_device(settings.device, purpose)
    try:
        from accelerate import Accelerator
    except ImportError as error:
        raise MissingExtraError("accelerate", "models", "training") from error
    dtype = pick_dtype(settings.dtype, wanted)
    if settings.dtype == "auto" and wanted.type == "cuda" and torch.cuda.is_bf16_supported():
        dtype = torch.bfloat16
    precision = {torch.float32: "no", torch.float16: "fp16", torch.bfloat16: "bf16"}[dtype]
    accelerator = Accelerator(mixed_precision=precision, cpu=wanted.type == "cpu")
    share, rest = divmod(settings.batch, accelerator.num_processes)
    if rest:
        raise SettingsError(f"batch {settings.batch}: must be a multiple of {accelerator.num_processes} processes")
    return Processes(accelerator, dtype, share)


@dataclass(frozen=True)
class Base:
    """A base to train on.

    Attributes:
        bundle: on this process's device.
        checkpoint: where it lies, and what it is drawn with.
        width, height: pixels of the pictures.
    """

    bundle: Bundle
    checkpoint: Checkpoint
    width: int
    height: int


def load_base(base: str, processes: Processes, width: int | None, height: int | None) -> Base:
    """A base on this process's device, and the size of the pictures to train on.

    Args:
        base: as the user names it.
        processes: for device and precision.
        width, height: pixels; None is the base's own.

    Raises:
        ModelError: a base that cannot be loaded.
        SettingsError: a size that the base cannot draw.
    """
    device, dtype = processes.accelerator.device, processes.dtype
    checkpoint = open_checkpoint(base, half=dtype.itemsize == 2)
    one_thread_if_small(checkpoint.defaults.small, device)
    bundle = load_bundle(checkpoint, str(device), str(dtype).removeprefix("torch."))  # type: ignore[arg-type]
    width, height = width or checkpoint.defaults.width, height or checkpoint.defaults.height
    if width % bundle.factor or height % bundle.factor:
        raise SettingsError(f"a size of {width} x {height}: base {bundle.name!r} needs multiples of {bundle.factor}")
    return Base(bundle, checkpoint, width, height)


def adam(parameters: Sequence[Any], lr: float, *, eight_bit: bool = False, weight_decay: float = 0.0) -> Any:
    """Adam; with weight decay decoupled from the gradient, AdamW.

    Raises:
        MissingExtraError: 8 bits are wanted and bitsandbytes is not installed.
    """
    if not eight_bit:
        return torch.optim.AdamW(parameters, lr=lr, weight_decay=weight_decay)
    try:
        library = importlib.import_module("bitsandbytes.optim")
    except ImportError as error:
        raise MissingExtraError("bitsandbytes", "adam8bit", "Adam in 8 bits") from error
    return library.AdamW8bit(parameters, lr=lr, weight_decay=weight_decay)


def adam_on_matrices(parameters: Sequence[Tensor], settings: TrainSettings, weight_decay: float) -> Any:
    """Adam that pulls matrices towards zero, and neither norms nor biases; errors as for `adam`.

    Args:
        parameters: what trains.
        settings: of the recipe.
        weight_decay: of matrices.
    """
    groups = [
        {"params": [value for value in parameters if value.ndim >= 2], "weight_decay": weight_decay},
        {"params": [value for value in parameters if value.ndim < 2], "weight_decay": 0.0},
    ]
    return adam(groups, settings.lr, eight_bit=settings.adam_8bit, weight_decay=weight_decay)


@contextmanager
def memory_explained() -> Iterator[None]:
    """Say what to do where a device has no memory left.

    Raises:
        ModelError: it has none.
    """
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        advice = "lower --micro-batch, set --gradient-checkpointing, or choose something smaller to train"
        raise ModelError(f"not enough memory to train: {advice}") from error


def told(settings: TrainSettings) -> dict[str, Any]:
    """Settings and version, for `settings.json` and for what a run makes."""
    return {**settings.model_dump(mode="json"), "version": __version__}


def fingerprint(settings: TrainSettings, *others: str) -> str:
    """Of all that decides what is learned: the settings but the open ones, hashes of models and data."""
    values = settings.model_dump(mode="json", exclude=set(settings.OPEN))
    return content_hash(json.dumps(values, sort_keys=True), *others)


def wandb_arguments(settings: TrainSettings) -> dict[str, Any] | None:
    """For `RunLog`."""
    return None if settings.wandb is None else {"project": settings.wandb, "config": told(settings)}


@dataclass
class Curves:
    """Numbers of steps, kept on the device until several are read together.

    Attributes:
        processes: of the run; numbers are means over all of them.
        waiting: a table a step.
    """

    processes: Processes
    waiting: list[dict[str, Tensor]] = field(default_factory=list)

    def add(self, numbers: Mapping[str, Tensor]) -> None:
        """Take in one step's."""
        self.waiting.append(dict(numbers))

    def write(self, done: int, log: RunLog | None) -> None:
        """Read all that wait, check and log them. Every process has to call this.

        Args:
            done: steps that are done.
            log: of the main process.

        Raises:
            ModelError: one is no number.
        """
        reduce, first = self.processes.accelerator.reduce, done - len(self.waiting)
        rows = [{name: float(reduce(value, "mean")) for name, value in row.items()} for row in self.waiting]
        self.waiting = []
        for number, row in enumerate(rows, start=first):
            if not all(math.isfinite(value) for value in row.values()):
                raise ModelError(
                    f"the loss is not a number at step {number}: lower --lr, or set --dtype to bfloat16 or float32; "
                    "the same command goes on from the last state"
                )
        for number, row in enumerate(rows, start=first):
            if log is not None:
                log.scalars(number, row)
