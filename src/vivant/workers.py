"""Work shared out to processes, results as they come."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import Any, TypeVar

import cv2

from vivant.errors import VivantError

Item = TypeVar("Item")
Result = TypeVar("Result")
Plan = TypeVar("Plan")
Tools = TypeVar("Tools")


def usable_processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def default_workers() -> int:
    """One a processor, at most 8: each holds its own pictures in memory."""
    return min(8, usable_processors())


def share_out(
    function: Callable[[Tools, Item], Result],
    items: Sequence[Item],
    *,
    workers: int,
    setup: Callable[[Plan], Tools],
    plan: Plan,
) -> Iterator[Result]:
    """Call a function on every item, in worker processes when there is more than one worker and one item.

    Args:
        function: of module level; gets the process's tools and an item.
        items: the work; results come in any order.
        workers: processes.
        setup: of module level; called once in every process to load the tools.
        plan: what `setup` gets; sent to every process.

    Raises:
        VivantError: raised by the function, or a worker was killed.
    """
    if workers <= 1 or len(items) <= 1:
        tools = _set_up(setup, plan)
        yield from (function(tools, item) for item in items)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(
        max_workers=min(workers, len(items)),
        mp_context=context,
        initializer=_start_worker,
        initargs=(setup, plan),
    )
    try:
        for future in as_completed([pool.submit(_call, function, item) for item in items]):
            yield future.result()
    except BrokenProcessPool as error:
        raise VivantError(
            "a worker process was killed, perhaps for memory; "
            "the same command continues, with --workers 1 in less memory"
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _set_up(setup: Callable[[Plan], Tools], plan: Plan) -> Tools:
    # Two busy threads are slower than one on small pictures; the processes are the parallelism.
    cv2.setNumThreads(1)
    return setup(plan)


_tools: list[Any] = []
"""What a worker process has loaded; written once, when it starts."""


def _start_worker(setup: Callable[[Plan], Any], plan: Plan) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _tools.append(_set_up(setup, plan))


def _call(function: Callable[[Any, Item], Result], item: Item) -> Result:
    return function(_tools[0], item)


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for ever, or go on writing beside the next run."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
