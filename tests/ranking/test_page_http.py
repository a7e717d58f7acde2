"""The whole page as a process: three raters, a kill in the middle, and a link that needs its token."""

from __future__ import annotations

import socket
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tests.data.small_set import write_set
from tests.ranking.server import Server
from vivant.ranking.items import item_id
from vivant.ranking.ratings import DATABASE, Ratings


class Rater:
    """What the page does: asks for the next, votes, sends again what was not acknowledged."""

    def __init__(self, address: str, name: str) -> None:
        self.name = name
        self.said: dict[str, int] = {}
        self._client = httpx.Client(base_url=address, timeout=10)

    def work(self, tick: Callable[[], None]) -> None:
        """Rate until nothing is left."""
        while True:
            found = self._stubbornly("GET", "/api/queue", params={"rater": self.name, "limit": 10})
            if not found["tasks"]:
                break
            for task in found["tasks"]:
                score = 1 + int(task["item"], 16) % 5
                same = {name: task[name] for name in ("item", "other", "mark")}
                vote = {"set": found["set"], "id": f"{self.name}-{task['item']}", "rater": self.name, **same}
                for _ in range(1 + score // 5):  # some twice, as after an answer that was lost
                    self._stubbornly("POST", "/api/vote", json={**vote, "score": score, "seconds": 1.0})
                assert task["item"] not in self.said
                self.said[task["item"]] = score
                tick()
        self._client.close()

    def _stubbornly(self, method: str, path: str, **more: Any) -> Any:
        until = time.monotonic() + 60
        while True:
            try:
                answer = self._client.request(method, path, **more)
                answer.raise_for_status()
                return answer.json()
            except httpx.TransportError:
                assert time.monotonic() < until
                time.sleep(0.05)


def test_three_raters_a_kill_and_votes_sent_twice(tmp_path: Path) -> None:
    data = write_set(tmp_path / "data", 100)
    server = Server(data)
    given, enough = 0, threading.Event()

    def tick() -> None:
        nonlocal given
        given += 1
        if given >= 120:
            enough.set()

    raters = [Rater(server.address, name) for name in ("Ann", "Ben", "Cleo")]
    threads = [threading.Thread(target=rater.work, args=(tick,)) for rater in raters]
    try:
        for thread in threads:
            thread.start()
        assert enough.wait(60)
        server.kill()
        server.start()
        for thread in threads:
            thread.join(120)
        assert "stopped" in server.stop()
    finally:
        server.end()
    ratings = Ratings(data / DATABASE, create=False)
    found = sorted((one.rater, item_id(one.item), one.score) for one in ratings.votes())
    assert found == sorted((one.name.lower(), item, score) for one in raters for item, score in one.said.items())
    assert len(found) == len(ratings.history()) == 300


def test_opened_wider_it_needs_its_link_and_the_link_stays(tmp_path: Path) -> None:
    data = write_set(tmp_path / "data", 2)
    server = Server(data, "--host", "0.0.0.0")
    try:
        token = httpx.URL(server.address).params["token"]
        assert len(token) >= 32
        here = f"http://127.0.0.1:{httpx.URL(server.address).port}"
        assert httpx.get(f"{here}/api/about").status_code == 401
        assert httpx.get(f"{here}/?token=wrong").status_code == 401
        with httpx.Client(base_url=here, follow_redirects=True) as client:
            assert client.get("/", params={"token": token}).status_code == 200
            assert client.get("/api/about").status_code == 200
            server.kill()
            server.start()
            assert httpx.URL(server.address).params["token"] == token
            assert client.get("/api/about").status_code == 200
    finally:
        server.end()
    kept = data / "ratings.token"
    assert kept.read_text().strip() == token and stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_raw_paths_lead_nowhere_and_ctrl_c_is_no_error(tmp_path: Path) -> None:
    """Not through a client that tidies paths."""
    server = Server(write_set(tmp_path / "data", 1))
    try:
        address = httpx.URL(server.address)
        for path in ("/../../etc/hostname", "/%2e%2e/%2e%2e/etc/hostname", "//etc/hostname", "/ratings.sqlite3"):
            with socket.create_connection((address.host, address.port or 0), timeout=10) as plain:
                plain.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
                assert b" 404 " in plain.recv(4096), path
        assert "stopped" in server.stop()
    finally:
        server.end()
