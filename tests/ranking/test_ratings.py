"""Votes in the database: kept once, never lost, undone without being deleted."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from vivant.errors import InputError, MissingExtraError, StoreError
from vivant.ranking.ratings import DATABASE, Ratings, Vote


def vote(id: str, rater: str = "ann", item: str = "a.png", score: int | None = 4, other: str = "") -> Vote:
    return Vote(id, rater, item, other, score, 1.0, "0" * 16, 1.0)


@pytest.fixture
def ratings(tmp_path: Path) -> Ratings:
    return Ratings(tmp_path / DATABASE)


def scores(ratings: Ratings) -> list[tuple[str, str, int | None]]:
    return [(one.rater, one.item, one.score) for one in ratings.votes()]


def test_the_last_vote_of_a_rater_counts_and_undoing_it_brings_the_one_before(ratings: Ratings) -> None:
    assert ratings.record(vote("1", score=2)) and ratings.record(vote("2", score=5))
    assert scores(ratings) == [("ann", "a.png", 5)]
    assert ratings.undo(vote("2"))
    assert scores(ratings) == [("ann", "a.png", 2)]
    assert len(ratings.history()) == 2


def test_a_pair_is_one_whichever_side_is_left(ratings: Ratings) -> None:
    ratings.record(vote("1", item="a", other="b", score=1))
    ratings.record(vote("2", item="b", other="a", score=1))
    (only,) = ratings.votes()
    assert only.id == "2" and only.subject == ("a", "b")


def test_many_at_once_lose_and_double_nothing(ratings: Ratings) -> None:
    def rate(rater: str) -> None:
        for number in range(40):
            for _ in range(2):  # as one that was sent again
                ratings.record(vote(f"{rater}-{number}", rater, f"{number}.png", 1 + number % 5))

    threads = [threading.Thread(target=rate, args=(name,)) for name in ("ann", "ben", "cleo")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(scores(ratings)) == sorted(
        (rater, f"{number}.png", 1 + number % 5) for rater in ("ann", "ben", "cleo") for number in range(40)
    )


def test_what_was_acknowledged_is_there_after_a_kill(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from vivant.ranking.ratings import Ratings, Vote\n"
        "ratings = Ratings(Path(sys.argv[1]))\n"
        "for n in range(10**6):\n"
        "    ratings.record(Vote(str(n), 'ann', f'{n}.png', '', 3)); print(n, flush=True)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / DATABASE)]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    told = [int(writer.stdout.readline()) for _ in range(50)]
    os.kill(writer.pid, signal.SIGKILL)
    told += [int(line) for line in writer.stdout.read().split("\n")[:-1]]
    writer.wait()
    writer.stdout.close()
    there = [int(one.id) for one in Ratings(tmp_path / DATABASE).votes()]
    assert there[: len(told)] == told and len(there) <= len(told) + 1


def test_the_file_is_written_ahead_and_to_the_disk(ratings: Ratings, tmp_path: Path) -> None:
    ratings.record(vote("1"))
    with sqlite3.connect(tmp_path / DATABASE) as plain:
        assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    plain.close()
    with ratings._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_sets_in_one_database_are_apart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'all.sqlite3'}"
    one, other = Ratings(url, "one"), Ratings(url, "other")
    one.record(vote("1"))
    assert scores(one) == [("ann", "a.png", 4)] and scores(other) == []


def test_no_ratings_yet_is_said_and_no_file_is_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no ratings yet"):
        Ratings(tmp_path / DATABASE, create=False)
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_text("this is no database, but it is long enough to look like one" * 20)
    with pytest.raises(StoreError, match=r"ratings\.sqlite3.*--ratings"):
        Ratings(tmp_path / DATABASE)


@pytest.mark.parametrize("url", ["nonsense", "nodb://someone:secret@host/name", "sqlite:////no/such/folder/x.db"])
def test_a_wrong_url_is_one_clear_error_without_its_password(url: str) -> None:
    with pytest.raises((InputError, StoreError), match="--ratings") as caught:
        Ratings(url)
    assert "secret" not in str(caught.value)


def test_a_missing_driver_is_named() -> None:
    pytest.importorskip("sqlalchemy")
    with pytest.raises(InputError, match="pip install psycopg"):
        Ratings("postgresql+psycopg://someone:secret@localhost/name")


def test_without_sqlalchemy_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(MissingExtraError, match=r"vivant\[rank\]"):
        Ratings(tmp_path / DATABASE)
