"""Worker processes: the same results as one process, errors come through, no orphans."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vivant.errors import InputError, VivantError
from vivant.workers import share_out


def load(plan: int) -> int:
    return plan * 10


def add(tools: int, item: int) -> int:
    return tools + item


def fail(tools: int, item: int) -> int:
    raise InputError(f"item {item}")


def die(tools: int, item: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return item


@pytest.mark.parametrize("workers", [1, 2])
def test_every_item_is_done_once(workers):
    results = share_out(add, range(7), workers=workers, setup=load, plan=1)
    assert sorted(results) == list(range(10, 17))


@pytest.mark.parametrize("workers", [1, 2])
def test_errors_come_through(workers):
    with pytest.raises(InputError, match="item"):
        list(share_out(fail, range(3), workers=workers, setup=load, plan=1))


def test_a_killed_worker_is_explained():
    with pytest.raises(VivantError, match="--workers 1"):
        list(share_out(die, range(3), workers=2, setup=load, plan=1))


ORPHANS = """
import os, sys, time
from vivant.workers import share_out

def load(plan):
    print(os.getpid(), flush=True)

def sleep(tools, item):
    time.sleep(60)

if __name__ == "__main__":
    list(share_out(sleep, range(4), workers=2, setup=load, plan=None))
"""


def test_workers_end_with_a_killed_parent(tmp_path):
    script = tmp_path / "run.py"
    script.write_text(ORPHANS)
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pids = [int(parent.stdout.readline()) for _ in range(2)]
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(alive(pid) for pid in pids)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
