"""``vivant rank`` from a shell's point of view."""

from __future__ import annotations

import csv
import socket
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from tests.data.small_set import write_set
from tests.ranking.voting import rate
from vivant.commands.rank import rank
from vivant.data.reader import read_data_set
from vivant.errors import InputError, MissingExtraError, SettingsError, VivantError
from vivant.images import write_png
from vivant.ranking.marks import Marks
from vivant.ranking.ratings import Vote
from vivant.ranking.sources import open_source


def run(*arguments: object) -> str:
    done = CliRunner().invoke(rank, [*map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def name(number: int) -> str:
    return f"images/{number:06d}.png"


def test_results_tell_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    source = open_source(write_set(tmp_path / "data", 24))
    rng = np.random.default_rng(0)
    truth = {name(n): 1 + n % 5 for n in range(24)}
    for rater in ("ann", "ben"):
        rate(source, {key: int(np.clip(rank + rng.integers(-1, 2), 1, 5)) for key, rank in truth.items()}, rater)
    output = " ".join(run(tmp_path / "data", "--results").split())
    assert "Krippendorff's alpha (ordinal) 0." in output and "from 24 pictures" in output
    assert "│ <= 3 │" in output and "paper: 5 Concepts" in output and "47.2%" in output
    assert "rank correlation" in output and "│ ann │ 24 │" in output


def test_results_compare_methods(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    for method, level in (("ours", 90), ("theirs", 200)):
        for case in range(4):
            write_png(tmp_path / "data" / method / f"{case}.png", np.full((16, 16, 3), level + case, np.uint8))
    source = open_source(tmp_path / "data")
    ratings, marks = rate(source, {"ours/0.png": 5, "theirs/0.png": 2}), Marks(source)
    for case in range(4):
        one, other = f"ours/{case}.png", f"theirs/{case}.png"
        ratings.record(Vote(str(case), "ann", other, one, 2, 1.0, marks.of_subject((one, other)), 1.0))
    output = " ".join(run(tmp_path / "data", "--results").split())
    assert "Bradley-Terry" in output and "│ ours │ 1 │ 5.00" in output
    assert "│ 4 │ 0 │ 4 │" in output and "│ 0 │ 0 │ 4 │" in output


def test_csv_holds_every_vote_and_says_which_count(tmp_path: Path) -> None:
    source = open_source(write_set(tmp_path / "data", 3))
    ratings = rate(source, {name(0): 5, name(1): None, name(2): 3})
    ratings.undo(Vote(f"ann:{name(2)}", "ann", name(2)))
    assert "3 votes" in run(tmp_path / "data", "--csv", tmp_path / "votes.csv")
    rows = list(csv.DictReader((tmp_path / "votes.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["item"], row["score"], row["counts"]) for row in rows] == [
        (name(0), "5", "1"),
        (name(1), "", "1"),
        (name(2), "3", "0"),
    ]
    assert rows[0]["at"] == "2023-11-14T22:13:20.000+00:00" and rows[2]["undone"] and not rows[0]["undone"]


def test_keep_writes_beside_the_set(tmp_path: Path) -> None:
    rate(open_source(write_set(tmp_path / "data", 3)), {name(0): 5, name(1): 3})
    output = run(tmp_path / "data", "--keep", 4)
    assert "1 pictures rated 4 or better; 1 are rated lower, 1 are not rated" in output
    assert len(read_data_set(tmp_path / "data-kept").scenes) == 1
    assert "as before" in run(tmp_path / "data", "--keep", 4)


@pytest.mark.parametrize(
    ("flags", "kind", "words"),
    [
        (["--port", "99999"], SettingsError, "'port'"),
        (["--token", "short"], SettingsError, "'token'"),
        (["--token", "sixteen letters & more"], SettingsError, "'token'"),
        (["-o", "x"], InputError, "--keep"),
        (["--results"], InputError, "no ratings yet"),
        (["--keep", "4"], InputError, "no ratings yet"),
        (["--pairs"], InputError, "no two pictures to compare"),
        (["--host", "no.such.host.invalid"], InputError, "cannot listen"),
        (["--config", "none.yaml"], SettingsError, "none.yaml"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, flags: list[str], kind: type[VivantError], words: str) -> None:
    data = write_set(tmp_path / "data", 1)
    with pytest.raises(kind, match=words):
        run(data, *flags)


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    data = write_set(tmp_path / "data", 1)
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(InputError, match="--port 0"):
        run(data, "--port", taken.getsockname()[1])


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = write_set(tmp_path / "data", 1)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'vivant\[rank\]'"):
        run(data, "--port", 0)
