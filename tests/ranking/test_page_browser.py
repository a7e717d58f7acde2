"""Three people at the page, in a real browser, with a server that is killed in the middle."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.data.small_set import write_set
from tests.ranking.browser import CHROMIUM, PATIENCE, Browser, Window, browser
from tests.ranking.server import Server
from vivant.images import write_png
from vivant.ranking.items import item_id
from vivant.ranking.ratings import DATABASE, Ratings

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium")

READY = "document.body.dataset.view === 'work' && document.querySelector('#stage img')?.naturalWidth > 0"
STATE = "[document.querySelector('#stage img').src.split('/')[4], document.getElementById('meter').value]"


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


class Person:
    """Rates by keys and by clicks, and remembers what it said."""

    def __init__(self, chromium: Browser, address: str, name: str) -> None:
        self.window: Window = chromium.window(640, 420)
        self.address = address
        self.name = name
        self.said: dict[str, int] = {}
        self._dice = random.Random(name)
        self.window.open(address)
        self.window.until("document.body.dataset.view === 'welcome'")
        self.window.type("#name", name)
        self.window.click("#enter button")
        self.window.until(READY)

    def rate(self, patience: float = PATIENCE) -> bool:
        """Rate what is shown.

        Returns:
            False where it could not be rated in time.
        """
        window, score = self.window, self._dice.randint(1, 5)
        item, before = window.run(STATE)
        by_click = self._dice.random() < 0.1
        until = time.monotonic() + patience
        while window.run("document.getElementById('meter').value") == before:
            # Refused while the picture loads or has only just come up: then again, as a person would.
            if time.monotonic() > until:
                return False
            if by_click:
                window.click(f"#choices [data-score='{score}']")
            else:
                window.key(str(score))
        self.said[item] = score
        return True


def kept(data: Path) -> list[tuple[str, str, int | None]]:
    ratings = Ratings(data / DATABASE, create=False)
    votes = ratings.votes()
    ratings.close()
    return sorted((vote.rater, item_id(vote.item), vote.score) for vote in votes)


def said(people: list[Person]) -> list[tuple[str, str, int]]:
    return sorted((one.name.lower(), item, score) for one in people for item, score in one.said.items())


def test_three_raters_lose_and_double_nothing(tmp_path: Path, chromium: Browser) -> None:
    data = write_set(tmp_path / "data", 100)
    server = Server(data)
    try:
        people = [Person(chromium, server.address, name) for name in ("Ann", "Ben", "Cleo")]
        ann, ben, cleo = people
        for _ in range(40):
            assert all(person.rate() for person in people)
        for person in people:
            person.window.until(READY)
        server.kill()
        assert all(person.rate() for person in people)  # what is loaded can still be rated
        ben.rate(patience=1.0)
        ann.window.until("!document.getElementById('unsent').hidden")
        cleo.window.open("about:blank#closed")
        server.start()
        cleo.window.open(server.address)
        cleo.window.until(READY)
        for person in people:
            person.window.until("document.body.dataset.unsent === '0'")
            assert person.window.run("document.getElementById('meter').value") == len(person.said)
        while any(len(person.said) < 100 for person in people):
            assert all(person.rate() for person in people if len(person.said) < 100)
        for person in people:
            person.window.until("document.body.dataset.view === 'end' && document.body.dataset.unsent === '0'")
            assert person.window.problems() == []
        assert "stopped" in server.stop()
    finally:
        server.end()
    found = kept(data)
    assert len(found) == 300
    assert found == said(people)
    orders = [list(person.said) for person in people]
    assert orders[0] != orders[1] != orders[2] != orders[0]


def test_undo_skip_and_a_key_held_down(tmp_path: Path, chromium: Browser) -> None:
    data = write_set(tmp_path / "data", 4)
    server = Server(data)
    try:
        ann = Person(chromium, server.address, "Ann")
        window = ann.window
        ann.rate()
        (first,) = ann.said
        window.key("4", repeat=True)
        window.key("4", repeat=True)
        assert window.run(STATE)[1] == 1
        window.key("u")
        assert window.run(STATE) == [first, 0]
        ann.rate()
        second = window.run(STATE)[0]
        window.until(f"{READY} && (document.getElementById('skip').click(), {STATE}[0] !== '{second}')")
        for _ in range(2):
            ann.rate()
        window.until("document.body.dataset.view === 'end'")
        assert "skipped 1" in window.run("document.getElementById('end-text').textContent")
        window.click("#see-skipped")
        window.until(f"{READY} && {STATE}[0] === '{second}'")
        ann.rate()
        window.until("document.body.dataset.view === 'end' && document.body.dataset.unsent === '0'")
        assert window.problems() == []
    finally:
        server.end()
    assert kept(data) == said([ann]) and len(ann.said) == 4


def test_pairs_by_keys_on_a_phone(tmp_path: Path, chromium: Browser) -> None:
    for method, level in (("ours", 60), ("theirs", 180)):
        for case in range(4):
            write_png(tmp_path / "data" / method / f"{case}.png", np.full((30, 40, 3), level + case, np.uint8))
    server = Server(tmp_path / "data", "--pairs")
    try:
        window = chromium.window(380, 700, dark=True, touch=True)
        window.open(server.address)
        window.until("document.body.dataset.view === 'welcome'")
        window.type("#name", "Ann")
        window.click("#enter button")
        for number, key in enumerate(("a", "b", "0", "ArrowLeft")):
            window.until("[...document.querySelectorAll('#stage img')].filter((i) => i.naturalWidth).length === 2")
            assert window.run("document.documentElement.scrollWidth") == 380
            while window.run("document.getElementById('meter').value") == number:
                window.key(key)
        window.until("document.body.dataset.view === 'end' && document.body.dataset.unsent === '0'")
        assert window.problems() == []
    finally:
        server.end()
    ratings = Ratings(tmp_path / "data" / DATABASE, create=False)
    assert [vote.score for vote in ratings.votes()] == [1, 2, 0, 1]
    assert {vote.item.split("/")[0] for vote in ratings.votes()} <= {"ours", "theirs"}
