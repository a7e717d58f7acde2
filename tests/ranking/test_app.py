"""The page over HTTP: what it shows, what it hides, what it refuses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.data.small_set import rewrite, rows_of, write_set
from vivant.images import decode_image, read_image, write_png
from vivant.ranking.app import make_app
from vivant.ranking.board import Board
from vivant.ranking.ratings import DATABASE, Ratings
from vivant.ranking.sources import open_source
from vivant.settings.rank import RankSettings


class Page:
    """The page of a folder, without a network."""

    def __init__(self, data: Path, **settings: Any) -> None:
        self.ratings = Ratings(data / DATABASE)
        self.board = Board(open_source(data), self.ratings, RankSettings(**settings))
        self._app = make_app(self.board, None)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def asking() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await client.request(method, path, **more)

        return asyncio.run(asking())

    def queue(self, rater: str, **more: Any) -> dict[str, Any]:
        answer = self.ask("GET", "/api/queue", params={"rater": rater, **more})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def body(self, rater: str, task: dict[str, Any], score: int | None, id: str) -> dict[str, Any]:
        same = {name: task[name] for name in ("item", "other", "mark")}
        return {"set": self.board.set_id, "id": id, "rater": rater, **same, "score": score, "seconds": 1.5}

    def post(self, path: str, body: Any) -> httpx.Response:
        return self.ask("POST", path, json=body)


Open = Callable[..., Page]


@pytest.fixture
def page(tmp_path: Path) -> Page:
    return Page(write_set(tmp_path / "data"))


def compare(folder: Path) -> Path:
    """Two methods, three cases."""
    for method, level in (("ours", 60), ("theirs", 180)):
        for case in range(3):
            image = np.full((16, 24, 3), level + case, np.uint8)
            write_png(folder / method / f"{case}.png", image, {"prompt": f"case {case}", "method": method})
    return folder


@pytest.mark.parametrize(
    "path", ["/", "/rank.css", "/rank.js", "/rank_outbox.js", "/rank_view.js", "/rank_wire.js", "/rank.svg"]
)
def test_the_page_is_whole_and_asks_nobody_else(page: Page, path: str) -> None:
    answer = page.ask("GET", path)
    assert answer.status_code == 200
    text = answer.text.replace("http://www.w3.org/2000/svg", "")
    assert "http://" not in text and "https://" not in text and " style=" not in text


def test_a_picture_comes_without_its_recipe(page: Page) -> None:
    task = page.queue("Ann")["tasks"][0]
    answer = page.ask("GET", f"/picture/{task['item']}/{task['mark']}.png")
    assert answer.headers["content-type"] == "image/png" and b"vivant" not in answer.content
    path = page.board.picture(task["item"])
    assert np.array_equal(decode_image(answer.content, name="served"), read_image(path))
    assert page.ask("GET", f"/reference/{task['item']}/{task['mark']}/0/0.png").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/..%2f..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/metadata.jsonl",
        "/ratings.sqlite3",
        "/images/000000.png",
        "/picture/..%2f..%2fsecret/0.png",
        "/picture/images%2f000000/0.png",
        "/picture/0000000000000000/0.png",
        "/picture/%00/0.png",
        "/reference/ITEM/MARK/99/0.png",
        "/reference/ITEM/MARK/0/1.png",
        "/reference/ITEM/MARK/-1/0.png",
        "/docs",
        "/openapi.json",
    ],
)
def test_no_path_leads_anywhere_else(tmp_path: Path, page: Page, path: str) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    task = page.queue("Ann")["tasks"][0]
    answer = page.ask("GET", path.replace("ITEM", task["item"]).replace("MARK", task["mark"]))
    assert answer.status_code in (404, 422) and "secret" not in answer.text and str(tmp_path) not in answer.text


@pytest.mark.parametrize("name", ["../secret.png", "images/link.png", "/etc/hostname", "images\\..\\x.png"])
def test_a_record_that_names_a_file_outside_is_not_served(tmp_path: Path, name: str) -> None:
    data = write_set(tmp_path / "data", 2)
    write_png(tmp_path / "secret.png", np.full((20, 20, 3), 7, np.uint8))
    (data / "images" / "link.png").symlink_to(tmp_path / "secret.png")
    rows = rows_of(data)
    rows[0]["file_name"] = name
    rows[1]["subjects"][0]["reference"] = name
    rewrite(data, rows)
    page = Page(data)
    (task,) = page.queue("Ann")["tasks"]
    bad = next(item.id for item in page.board.source.items if item.key == name)
    answers = [
        page.ask("GET", f"/picture/{bad}/{task['mark']}.png"),
        page.ask("GET", f"/reference/{task['item']}/{task['mark']}/0/0.png"),
    ]
    for answer in answers:
        assert answer.status_code == 503 and str(tmp_path) not in answer.text


def test_a_folder_that_is_swapped_for_a_link_is_not_served(tmp_path: Path, page: Page) -> None:
    task = page.queue("Ann")["tasks"][0]
    images = tmp_path / "data" / "images"
    images.rename(tmp_path / "elsewhere")
    images.symlink_to(tmp_path / "elsewhere")
    assert page.ask("GET", f"/picture/{task['item']}/{task['mark']}.png").status_code == 503


def test_a_rater_sees_neither_methods_nor_files_nor_others(tmp_path: Path) -> None:
    data = compare(tmp_path / "data")
    for pairs in (False, True):
        page = Page(data, pairs=pairs)
        task = page.queue("Ann")["tasks"][0]
        assert page.post("/api/vote", page.body("Ann", task, 1, f"vote-of-ann-{pairs}")).json()["new"]
        told = [
            json.dumps(page.queue("Ben")),
            page.ask("GET", "/api/session", params={"rater": "Ben"}).text,
            page.ask("GET", "/api/about").text,
        ]
        for text in told:
            assert not any(word in text for word in ("ours", "theirs", ".png", "ann", str(tmp_path)))
        for name in filter(None, (task["item"], task["other"])):
            assert b"ours" not in page.ask("GET", f"/picture/{name}/{task['mark']}.png").content
        assert page.queue("Ben")["done"] == 0


def test_votes_are_kept_once_undone_and_given_again(page: Page) -> None:
    first, second = page.queue("Ann")["tasks"][:2]
    body = page.body("Ann", first, 4, "vote-0001")
    assert page.post("/api/vote", body).json() == {"id": "vote-0001", "new": True}
    assert page.post("/api/vote", body).json() == {"id": "vote-0001", "new": False}
    assert page.queue("ann ")["done"] == 1
    assert page.post("/api/undo", body).json()["new"] and not page.post("/api/undo", body).json()["new"]
    assert not page.post("/api/vote", body).json()["new"], "a late repetition does not bring it back"
    assert page.queue("Ann")["done"] == 0
    late = page.body("Ann", second, 2, "vote-0002")
    assert page.post("/api/undo", late).json()["new"] and not page.post("/api/vote", late).json()["new"]
    assert page.queue("Ann")["done"] == 0
    history = page.ask("GET", "/api/session", params={"rater": "Ann"}).json()["history"]
    assert history == []


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"score": 6}, 422),
        ({"score": 0}, 409),
        ({"score": "4"}, 422),
        ({"score": 4.5}, 422),
        ({"score": True}, 422),
        ({"seconds": -1}, 422),
        ({"id": "x"}, 422),
        ({"id": "../../../etc"}, 422),
        ({"item": "0" * 16}, 404),
        ({"item": "images/000000.png"}, 422),
        ({"other": "0" * 16}, 404),
        ({"mark": "0" * 16}, 409),
        ({"set": "0" * 16}, 409),
        ({"rater": ""}, 422),
        ({"rater": "=1+1"}, 409),
        ({"rater": "a\nb\u0000"}, 409),
        ({"more": 1}, 422),
    ],
)
def test_a_vote_that_is_none_is_refused_and_leaves_nothing(page: Page, change: dict[str, Any], status: int) -> None:
    task = page.queue("Ann")["tasks"][0]
    answer = page.post("/api/vote", page.body("Ann", task, 4, "vote-0001") | change)
    assert answer.status_code == status
    assert page.ratings.history() == []


def test_an_id_of_someone_else_is_refused(page: Page) -> None:
    one, other = page.queue("Ann")["tasks"][:2]
    assert page.post("/api/vote", page.body("Ann", one, 4, "vote-0001")).status_code == 200
    for rater, task in (("Ben", one), ("Ann", other)):
        for path in ("/api/vote", "/api/undo"):
            assert page.post(path, page.body(rater, task, 4, "vote-0001")).status_code == 409
    assert [(vote.rater, vote.score) for vote in page.ratings.votes()] == [("ann", 4)]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b'{"seconds": NaN}'])
def test_a_body_that_is_no_vote_is_refused(page: Page, content: bytes) -> None:
    answer = page.ask("POST", "/api/vote", content=content, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)


def test_a_picture_made_anew_asks_for_a_new_vote(tmp_path: Path, page: Page) -> None:
    task = page.queue("Ann")["tasks"][0]
    assert page.post("/api/vote", page.body("Ann", task, 4, "vote-0001")).status_code == 200
    write_png(page.board.picture(task["item"]), np.full((16, 16, 3), 9, np.uint8))
    assert page.queue("Ann")["done"] == 0
    assert page.post("/api/vote", page.body("Ann", task, 4, "vote-0002")).status_code == 409


def test_skipped_ones_wait_at_the_end_and_filters_narrow(page: Page) -> None:
    task = page.queue("Ann")["tasks"][0]
    page.post("/api/vote", page.body("Ann", task, None, "vote-0001"))
    found = page.queue("Ann")
    assert (found["done"], found["waiting"], found["skipped"]) == (0, 7, 1)
    assert [one["item"] for one in page.queue("Ann", skipped=True)["tasks"]] == [task["item"]]
    owls = page.queue("Ann", noun="owl", subjects=1)
    assert owls["waiting"] + owls["skipped"] == 2
    assert page.queue("Ann", words="TEDDY beach")["waiting"] < 4


def test_the_database_may_not_be_written_for_a_while(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    from vivant.errors import StoreError

    def full(_vote: object) -> bool:
        raise StoreError("/home/someone/ratings.sqlite3: disk full")

    task = page.queue("Ann")["tasks"][0]
    monkeypatch.setattr(page.ratings, "record", full)
    answer = page.post("/api/vote", page.body("Ann", task, 4, "vote-0001"))
    assert answer.status_code == 503 and "someone" not in answer.text
