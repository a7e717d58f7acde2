"""A headless Chromium driven over its own pipe, by the DevTools protocol: no driver, no port, no library.

Chromium reads commands from file descriptor 3 and writes answers to 4, JSON ended by a zero byte.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE = 30.0
"""Seconds; a busy machine is slow."""


class Browser:
    """One Chromium with any number of windows."""

    def __init__(self, profile: Path) -> None:
        assert CHROMIUM is not None
        to_read, self._out = os.pipe()
        self._in, to_write = os.pipe()
        command = [
            CHROMIUM, "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={profile}", "--no-sandbox",
            "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage", "--disable-background-networking",
            "--disable-component-update", "--hide-scrollbars", "--no-proxy-server", "about:blank",
        ]  # fmt: skip
        # Through fresh numbers first, so that neither pipe overwrites the other on its way to 3 and 4.
        shell = f'exec 13<&{to_read} 14>&{to_write} 3<&13 4>&14 13<&- 14>&-; exec "$@"'
        self._process = subprocess.Popen(
            ["bash", "-c", shell, "chromium", *command],
            pass_fds=(to_read, to_write),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self._rest = b""
        self._number = 0
        self.events: list[dict[str, Any]] = []

    def send(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """A command's result."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def _read(self) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._in], [], [], max(0.0, until - time.monotonic()))
            data = os.read(self._in, 1 << 20) if ready else b""
            if not data:
                raise TimeoutError("the browser does not answer")
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message

    def window(self, width: int = 1280, height: int = 800, *, dark: bool = False, touch: bool = False) -> Window:
        """A window with cookies and storage of its own, as another person's browser has."""
        context = self.send("Target.createBrowserContext")["browserContextId"]
        target = self.send("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        window = Window(self, session)
        window.send("Page.enable")
        window.send("Runtime.enable")
        window.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=touch)
        scheme = "dark" if dark else "light"
        window.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        return window

    def close(self) -> None:
        """End it and wait for it."""
        try:
            self.send("Browser.close")
            self._process.wait(PATIENCE)
        except (OSError, RuntimeError, TimeoutError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        finally:
            os.close(self._out)
            os.close(self._in)


class Window:
    """One page."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A command to this page."""
        return self._browser.send(method, self._session, **parameters)

    def open(self, address: str) -> None:
        """Go there, and wait until the page is loaded."""
        self.send("Page.navigate", url=address)
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def run(self, script: str) -> Any:
        """The value of an expression."""
        done = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in done:
            raise RuntimeError(f"{script}: {done['exceptionDetails']}")
        return done["result"].get("value")

    def until(self, condition: str, seconds: float = PATIENCE) -> None:
        """Wait for an expression to become true."""
        end = time.monotonic() + seconds
        while not self.run(condition):
            if time.monotonic() > end:
                raise TimeoutError(
                    f"still not true: {condition}; the page says {self.run('document.body.innerText')!r}"
                )
            time.sleep(0.01)

    def key(self, key: str, *, repeat: bool = False) -> None:
        """Press and release a key."""
        code = ord(key.upper()) if len(key) == 1 else {"Backspace": 8, "Enter": 13, "ArrowLeft": 37, "Escape": 27}[key]
        same = {"key": key, "windowsVirtualKeyCode": code}
        text = {"text": "\r" if key == "Enter" else key} if len(key) == 1 or key == "Enter" else {}
        self.send("Input.dispatchKeyEvent", type="keyDown", autoRepeat=repeat, **same, **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", **same)

    def click(self, selector: str) -> None:
        """A real click in the middle of an element."""
        found = self.run(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            "e.scrollIntoView({block: 'nearest'}); const r = e.getBoundingClientRect();"
            "return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=found[0], y=found[1], button="left", clickCount=1)

    def type(self, selector: str, text: str) -> None:
        """Put text into a field."""
        self.run(f"document.querySelector({json.dumps(selector)}).focus()")
        self.send("Input.insertText", text=text)

    def screenshot(self, path: Path) -> None:
        """What the window shows, as PNG."""
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))

    def problems(self) -> list[str]:
        """What the page's scripts threw, and what the browser refused to do for it."""
        self.run("0")
        found = []
        for event in self._browser.events:
            if event.get("sessionId") == self._session and event["method"] == "Runtime.exceptionThrown":
                found.append(json.dumps(event["params"])[:500])
        return found


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """A browser for the length of a block."""
    started = Browser(profile)
    try:
        yield started
    finally:
        started.close()
