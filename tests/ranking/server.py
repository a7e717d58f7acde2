"""The page as a process of its own, which can be killed as hard as a power cut does."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx


class Server:
    """``vivant rank`` on a port that stays the same when it is started again."""

    def __init__(self, data: Path, *flags: str) -> None:
        self.data = data
        self._flags = flags
        self._port = 0
        self.address = ""
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, "-m", "vivant", "rank", str(self.data), "--port", str(self._port), *self._flags]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line
        self.address = found.group(0)
        self._port = httpx.URL(self.address).port or 0
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                httpx.get(f"http://127.0.0.1:{self._port}/", timeout=5)
                return
            except httpx.TransportError:
                time.sleep(0.02)
        raise TimeoutError(self.address)

    def kill(self) -> None:
        """SIGKILL: no code of its own runs any more."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._close()

    def stop(self) -> str:
        """Ctrl-C.

        Returns:
            What it said at last.
        """
        self._process.send_signal(signal.SIGINT)
        said, _ = self._process.communicate(timeout=30)
        assert self._process.returncode == 0, said
        return said

    def end(self) -> None:
        """However it stands."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._close()

    def _close(self) -> None:
        if self._process.stdout is not None:
            self._process.stdout.close()
