"""A folder of pictures as an endless order of batches, read ahead by threads; the same at every start."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import torch

from vivant.errors import ImageError, InputError
from vivant.images import SUFFIXES, content_hash, on_white, read_image
from vivant.types import Image

AHEAD = 2
"""Batches that are read while one is trained on."""

Read = TypeVar("Read")


@dataclass
class PictureFolder:
    """Pictures by number. One that cannot be read is noted, and the next one stands in for it.

    Attributes:
        files: in order.
        broken: file -> why it cannot be read.
    """

    files: Sequence[Path]
    broken: dict[Path, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    @classmethod
    def find(cls, folder: Path) -> PictureFolder:
        """All pictures in a folder and the folders in it, by name.

        Raises:
            InputError: no such folder, or no picture in it.
        """
        if not folder.is_dir():
            raise InputError(f"{folder}: no such folder; give a folder of pictures")
        found = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
        files = sorted(found, key=lambda path: path.relative_to(folder).parts)
        if not files:
            raise InputError(f"{folder}: no pictures in it; give one that holds some ({', '.join(sorted(SUFFIXES))})")
        return cls(files)

    def part(self, start: int, end: int) -> PictureFolder:
        """Those from `start` up to `end`."""
        return PictureFolder(self.files[start:end])

    def read(self, number: int) -> Image:
        """HWC uint8 RGB; transparent ones on white.

        Raises:
            InputError: not one of the pictures can be read.
        """
        for at in range(number, number + len(self.files)):
            path = self.files[at % len(self.files)]
            try:
                return on_white(read_image(path))
            except ImageError as error:
                with self._lock:
                    self.broken[path] = str(error)
        raise InputError(f"{self.files[0].parent}: none of its pictures can be read: {self.broken[self.files[0]]}")

    def hash(self) -> str:
        """Of names and sizes of the files; reading all of them would take as long as an epoch."""
        return content_hash(*(f"{path.name} {path.stat().st_size}" for path in self.files))


def order(count: int, batch: int, steps: Iterable[int], seed: int) -> Iterator[list[int]]:
    """Numbers of the pictures of each step: all of them once, shuffled, then all of them again in another order.

    Args:
        count: of pictures.
        batch: pictures a step.
        steps: numbers of steps, rising; a run may begin in the middle.
        seed: of the orders.
    """
    epoch, shuffled = -1, torch.empty(0)
    for step in steps:
        row = []
        for place in range(step * batch, (step + 1) * batch):
            if place // count != epoch:
                epoch = place // count
                draw = torch.Generator().manual_seed(int(content_hash(f"{seed}/order/{epoch}"), 16) >> 1)
                shuffled = torch.randperm(count, generator=draw)
            row.append(int(shuffled[place % count]))
        yield row


def read_ahead(rows: Iterable[Sequence[int]], read: Callable[[int], Read], threads: int) -> Generator[list[Read]]:
    """`read` of every number of each row, in order, some rows ahead of the one that is asked for."""
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[list[Future[Read]]] = deque()
        try:
            for row in rows:
                waiting.append([pool.submit(read, number) for number in row])
                if len(waiting) > AHEAD:
                    yield [one.result() for one in waiting.popleft()]
            while waiting:
                yield [one.result() for one in waiting.popleft()]
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
