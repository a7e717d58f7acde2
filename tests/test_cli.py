"""The verbs from a shell's point of view: exit codes, one-line errors, no tracebacks."""

import os
import subprocess
import sys

import numpy as np
import pytest

from vivant.images import write_png


def vivant(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "vivant", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--size", "big"], "--size big"),
        (["--size", "9"], "'width'"),
        (["--set", "check.nothing=1"], "unknown setting 'check.nothing'"),
        (["--set", "seed"], "NAME=VALUE"),
        (["--config", "none.yaml"], "none.yaml"),
        (["--profile", "huge"], "huge"),
        (["--stop-after", "lunch"], "lunch"),
        (["--count", "0"], "'count'"),
    ],
)
def test_wrong_flags_are_one_clear_error(tmp_path, flags, words):
    done = vivant("compose", tmp_path, "-o", tmp_path / "data", *flags)
    assert done.returncode in (1, 2)
    assert words in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


def test_missing_photos_are_named(tmp_path):
    done = vivant("compose", tmp_path / "none", "-o", tmp_path / "data")
    assert done.returncode == 1 and "none: no such folder" in done.stderr and "Traceback" not in done.stderr


def test_a_missing_table_of_nouns_is_named(tmp_path):
    write_png(tmp_path / "photos" / "cat" / "a.png", np.full((32, 32, 3), 90, np.uint8))
    done = vivant("compose", tmp_path / "photos", "-o", tmp_path / "data", "--nouns", tmp_path / "none.csv")
    assert done.returncode == 1 and "none.csv" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


def test_an_unwritable_place_is_named(tmp_path):
    write_png(tmp_path / "photos" / "cat" / "a.png", np.full((32, 32, 3), 90, np.uint8))
    (tmp_path / "file").write_text("x")
    done = vivant("compose", tmp_path / "photos", "-o", tmp_path / "file" / "data")
    assert done.returncode == 1 and "cannot be written" in done.stderr and "Traceback" not in done.stderr


def test_paper_profile_says_what_it_lacks(tmp_path):
    write_png(tmp_path / "photos" / "cat" / "a.png", np.full((32, 32, 3), 90, np.uint8))
    done = vivant("compose", tmp_path / "photos", "-o", tmp_path / "d", "--profile", "paper", HOME=str(tmp_path))
    assert done.returncode == 1 and "isnet" in done.stderr and "Traceback" not in done.stderr


def test_doctor_tells_every_role(tmp_path):
    done = vivant("doctor", HOME=str(tmp_path), HF_HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    for word in ("segmenter", "planner", "repainter", "captioner", "grabcut", "isnet", "processors"):
        assert word in done.stdout


def test_doctor_never_prints_the_key():
    done = vivant("doctor", VIVANT_LLM_API_KEY="sk-secret", VIVANT_LLM_MODEL="m")
    assert "sk-secret" not in done.stdout + done.stderr


def test_an_unknown_verb_is_a_usage_error():
    done = vivant("conpose")
    assert done.returncode == 2 and "No such command" in done.stderr


def test_demo_says_where_the_pictures_are(tmp_path):
    done = vivant("demo", "-o", tmp_path / "demo", "--count", 2, "--size", 192)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "demo" / "scenes.jpg").exists() and str(tmp_path / "demo") in done.stdout


def test_the_package_runs_as_a_module():
    assert vivant("--version").stdout.startswith("vivant, version")
