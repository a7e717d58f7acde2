"""Scalars of a run: always as JSON lines, in TensorBoard where that is installed, and in wandb where that is wanted."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from vivant.errors import MissingExtraError, StoreError
from vivant.files import write_jsonl
from vivant.types import Image

SCALARS = "scalars.jsonl"
"""One line a step: {"step": 3, "total": 0.12, ..}."""
BOARD = "tensorboard"

Say = Callable[[str], None]


class _Sink(Protocol):
    def scalars(self, step: int, values: Mapping[str, float]) -> None: ...
    def picture(self, name: str, step: int, image: Image) -> None: ...
    def close(self) -> None: ...


class RunLog:
    """Where a recipe tells its numbers; a run that continues goes on with the same curves.

    Steps from `start` on that an interrupted run had logged already are forgotten: they come again, the same.
    """

    def __init__(self, folder: Path, start: int, *, say: Say, wandb: Mapping[str, Any] | None = None) -> None:
        """Open the logs.

        Args:
            folder: the run's.
            start: steps that are done.
            say: told where the numbers go if TensorBoard is missing.
            wandb: arguments of `wandb.init`; None does not use it.

        Raises:
            MissingExtraError: wandb is wanted and not installed.
            StoreError: the folder cannot be written.
        """
        others = [] if wandb is None else [_Wandb(wandb)]
        self.path = folder / SCALARS
        write_jsonl(self.path, [row for row in read_scalars(self.path) if row["step"] < start])
        self._file = self.path.open("a", encoding="utf-8")
        found = _board(folder / BOARD, start)
        if found is None:
            say(f"TensorBoard is not installed (pip install tensorboard): the curves are in {self.path} alone")
        self._sinks: list[_Sink] = [*([] if found is None else [found]), *others]

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Tell the numbers of one step, counted from 0."""
        self._file.write(json.dumps({"step": step, **values}) + "\n")
        self._file.flush()
        for sink in self._sinks:
            sink.scalars(step, values)

    def picture(self, name: str, step: int, image: Image) -> None:
        """Show a picture, HWC uint8, where pictures can be shown."""
        for sink in self._sinks:
            sink.picture(name, step, image)

    def close(self) -> None:
        """Write what is still held back."""
        self._file.close()
        for sink in self._sinks:
            sink.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_scalars(path: Path) -> list[dict[str, float]]:
    """The logged rows, in order; a last line that a killed process left unfinished is passed over.

    Raises:
        StoreError: a line before the last is no JSON object with a step.
    """
    if not path.is_file():
        return []
    lines = [line for line in path.read_text(encoding="utf-8").split("\n") if line]
    rows = []
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
            row["step"] = int(row["step"])
        except (ValueError, TypeError, KeyError) as error:
            if number == len(lines):
                break
            raise StoreError(f"{path}, line {number}: not a step's numbers; delete the file") from error
        rows.append(row)
    return rows


def curve(rows: Sequence[Mapping[str, float]], name: str) -> list[float]:
    """One number of every row that has it."""
    return [row[name] for row in rows if name in row]


class _Board:
    def __init__(self, writer: Any) -> None:
        self.writer = writer

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self.writer.add_scalar(name, value, step)

    def picture(self, name: str, step: int, image: Image) -> None:
        self.writer.add_image(name, image, step, dataformats="HWC")

    def close(self) -> None:
        self.writer.close()


def _board(folder: Path, start: int) -> _Board | None:
    try:
        writer = importlib.import_module("torch.utils.tensorboard").SummaryWriter
    except ImportError:
        return None
    return _Board(writer(log_dir=str(folder), purge_step=start))


class _Wandb:
    def __init__(self, arguments: Mapping[str, Any]) -> None:
        try:
            self.library: Any = importlib.import_module("wandb")
        except ImportError as error:
            raise MissingExtraError("wandb", "wandb", "logging to wandb") from error
        self.run = self.library.init(**arguments)

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        self.run.log(dict(values), step=step)

    def picture(self, name: str, step: int, image: Image) -> None:
        self.run.log({name: self.library.Image(image)}, step=step)

    def close(self) -> None:
        self.run.finish()
