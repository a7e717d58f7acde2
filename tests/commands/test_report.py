"""``vivant report`` as a user meets it."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.data.small_set import write_set
from tests.evaluation.report_bench import make_bench, make_run
from tests.ranking.voting import rate
from vivant.commands.report import report
from vivant.errors import InputError, SettingsError, VivantError
from vivant.ranking.sources import open_source


def run(*arguments: Any) -> str:
    done = CliRunner().invoke(report, [str(argument) for argument in arguments])
    if isinstance(done.exception, VivantError):
        raise done.exception
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def test_runs_and_an_evaluation_become_one_file(tmp_path: Path) -> None:
    make_bench(tmp_path / "bench")
    make_run(tmp_path / "runs" / "hug")
    out = tmp_path / "out" / "report.html"
    said = run(tmp_path / "bench", tmp_path / "runs" / "hug", "-o", out, "--title", "Hugs", "--method", "ours")
    assert "1 evaluations, 1 runs" in said
    page = out.read_text()
    assert "<h1>Hugs</h1>" in page and "<b>ours</b>" in page and "<b>base</b>" not in page


def test_ratings_stand_beside_or_alone(tmp_path: Path) -> None:
    make_bench(tmp_path / "bench")
    source = open_source(write_set(tmp_path / "data", 3))
    rate(source, {item.key: 4 for item in source.items})
    out = tmp_path / "report.html"
    assert "1 sets of ratings" in run(tmp_path / "bench", "--ratings", tmp_path / "data", "-o", out)
    page = out.read_text()
    assert '<a href="#ratings-0">Ratings of data</a>' in page and "Rank by number of subjects" in page
    run("--ratings", tmp_path / "data", "--ratings", tmp_path / "data" / "ratings.sqlite3", "-o", out)
    assert "<dt>rated pictures</dt><dd>3</dd>" in out.read_text()
    assert "<h1>Ratings of data</h1>" in out.read_text()
    with pytest.raises(InputError, match="no ratings yet"):
        run("--ratings", tmp_path / "bench" / "methods", "-o", out)
    with pytest.raises(InputError, match="or --ratings DATA"):
        run("-o", out)


def test_what_is_neither_is_left_out_and_said(tmp_path: Path) -> None:
    make_run(tmp_path / "runs" / "hug")
    (tmp_path / "runs" / "notes").mkdir()
    (tmp_path / "runs" / "read.me").write_text("x")
    said = run(*sorted((tmp_path / "runs").iterdir()), "-o", tmp_path / "report.html")
    assert said.count("left out:") == 2
    assert "notes: neither a training run" in (tmp_path / "report.html").read_text()


def test_what_cannot_be_done_is_said(tmp_path: Path) -> None:
    make_bench(tmp_path / "bench")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="neither a training run"):
        run(tmp_path / "empty", "-o", tmp_path / "r.html")
    with pytest.raises(InputError, match="nowhere: no such folder"):
        run(tmp_path / "bench", tmp_path / "nowhere", "-o", tmp_path / "r.html")
    with pytest.raises(InputError, match="is a folder; give the file's name"):
        run(tmp_path / "bench", "-o", tmp_path)
    with pytest.raises(InputError, match="no scored method 'theirs'"):
        run(tmp_path / "bench", "-o", tmp_path / "r.html", "--method", "theirs")
    with pytest.raises(InputError, match="did you mean 'clip_t'"):
        run(tmp_path / "bench", "-o", tmp_path / "r.html", "--worst-by", "clipt")
    with pytest.raises(SettingsError, match="thumbnail"):
        run(tmp_path / "bench", "-o", tmp_path / "r.html", "--thumbnail", "1")
    assert not (tmp_path / "r.html").exists()
