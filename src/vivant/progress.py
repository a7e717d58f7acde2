"""Progress on standard error: a live bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LOG_SECONDS = 10.0
"""Between two lines where there is no terminal."""


class Ticker(Protocol):
    """Told of every finished item."""

    def __call__(self, *, rejected: bool = False) -> None: ...


@contextmanager
def progress(name: str, total: int, done: int = 0) -> Iterator[Ticker]:
    """Count items of one stage, with rejects and the time left.

    Args:
        name: what is counted ("scenes").
        total: items in all.
        done: items finished by an earlier run.
    """
    console = Console(stderr=True)
    if console.is_terminal:
        with _bar(console) as bar:
            yield _on_bar(bar, name, total, done)
    else:
        yield _in_log(name, total, done)


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rejects]}"),
        TimeRemainingColumn(),
        console=console,
    )


def _on_bar(bar: Progress, name: str, total: int, done: int) -> Ticker:
    task = bar.add_task(name, total=total, completed=done, rejects="")
    rejects = 0

    def tick(*, rejected: bool = False) -> None:
        nonlocal rejects
        rejects += rejected
        bar.update(task, advance=1, rejects=f"{rejects} rejected" if rejects else "")

    return tick


def _in_log(name: str, total: int, done: int) -> Ticker:
    start, last, finished, rejects = time.monotonic(), 0.0, done, 0

    def tick(*, rejected: bool = False) -> None:
        nonlocal last, finished, rejects
        finished += 1
        rejects += rejected
        now = time.monotonic()
        if now - last >= LOG_SECONDS or finished == total:
            last = now
            left = (now - start) / max(1, finished - done) * (total - finished)
            note = f", {rejects} rejected" if rejects else ""
            print(f"{name}: {finished}/{total}{note}, {left:.0f} s left", file=sys.stderr, flush=True)

    return tick
