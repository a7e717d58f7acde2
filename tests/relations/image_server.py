"""A local HTTP server that plays an OpenAI-compatible image model."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

from vivant.images import encode_png


@dataclass
class Played:
    """What the server answers next, and what it was asked.

    Attributes:
        faults: answered first, one a request: (status, headers, body), or seconds of silence.
        requests: path, headers and body of each.
        url: base URL.
    """

    faults: list[tuple[int, dict[str, str], bytes] | float] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""
    released: threading.Event = field(default_factory=threading.Event)

    def bodies(self) -> list[Any]:
        """Of the requests, parsed."""
        return [json.loads(body) for _, _, body in self.requests]


def png(number: int, side: int = 64) -> bytes:
    """A picture, another one for each number."""
    return encode_png(np.random.default_rng(number).integers(0, 256, (side, side, 3), dtype=np.uint8))


def chat_answer(data: bytes) -> bytes:
    """As servers with pictures in chat answers send it."""
    url = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    message = {"role": "assistant", "content": "Here.", "images": [{"image_url": {"url": url}}]}
    return json.dumps({"choices": [{"message": message}]}).encode()


@contextmanager
def playing() -> Iterator[Played]:
    """The server, on a free port of 127.0.0.1."""
    played = Played()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            number = len(played.requests)
            played.requests.append((self.path, dict(self.headers), body))
            fault = played.faults.pop(0) if played.faults else None
            if isinstance(fault, float):
                played.released.wait(fault)
                return
            status, headers, answer = fault or (200, {}, self.answer(number))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(answer))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def answer(self, number: int) -> bytes:
            if "images" in self.path:
                return json.dumps({"data": [{"b64_json": base64.b64encode(png(number)).decode()}]}).encode()
            return chat_answer(png(number))

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    played.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield played
    finally:
        played.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
