"""``vivant generate`` as a user meets it: on a tiny random base, and on the pocket base where it is there."""

import os
import subprocess
import sys
import time

import numpy as np
import pytest
from click.testing import CliRunner

from tests.tiny_bases import save_tiny_sd15, save_tiny_sdxl
from vivant.commands.doctor import doctor
from vivant.commands.generate import generate
from vivant.errors import VivantError
from vivant.generation import pictures
from vivant.images import read_image, read_recipe, write_png
from vivant.models.bases import BASES, pocket_folder

PROMPT = "a fox is dancing in a ballroom"
needs_pocket = pytest.mark.skipif(
    not (pocket_folder() / "model_index.json").is_file(), reason="the pocket base's weights are not in the package yet"
)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return save_tiny_sdxl(tmp_path_factory.mktemp("bases") / "sdxl")


@pytest.fixture
def run(base):
    """Call the verb on the tiny base; the output, or the error it ends with."""

    def call(*arguments, use_base=True):
        flags = ["--base", base, "--sampling-steps", 2, "--device", "cpu"] if use_base else []
        done = CliRunner().invoke(generate, [*map(str, arguments), *map(str, flags)])
        if isinstance(done.exception, VivantError):
            raise done.exception
        assert done.exit_code == 0, (done.output, done.exception)
        return done.output

    return call


@pytest.fixture
def drawn(monkeypatch):
    """Names of the files that are really drawn."""
    names: list[str] = []

    def note(path, *rest):
        names.append(path.name)
        write_png(path, *rest)

    monkeypatch.setattr(pictures, "write_png", note)
    return names


def test_one_picture_with_its_recipe(run, tmp_path, base):
    out = tmp_path / "deep" / "out.png"
    assert str(out) in run(PROMPT, "-o", out, "--width", 96, "--seed", 3)
    assert read_image(out).shape == (64, 96, 3)
    recipe = read_recipe(out)
    assert (recipe["prompt"], recipe["seed"], recipe["width"], recipe["base"]) == (PROMPT, 3, 96, str(base))
    assert recipe["scheduler"]["_class_name"] == "EulerDiscreteScheduler" and recipe["guidance_rescale"] == 0.7
    assert set(recipe["weights"]) == {"unet", "vae", "text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2"}


def test_pictures_of_a_folder_do_not_depend_on_their_number_or_batch(run, tmp_path):
    run(PROMPT, "-o", tmp_path / "one", "-n", 1)
    run(PROMPT, "-o", tmp_path / "many", "-n", 3, "--batch", 2)
    run(PROMPT, "-o", tmp_path / "third.png", "--seed", 2)
    one, many, third = (read_image(tmp_path / name) for name in ("one/0.png", "many/0.png", "third.png"))
    assert np.abs(one.astype(int) - many).max() <= 1
    assert np.abs(third.astype(int) - read_image(tmp_path / "many" / "2.png")).max() <= 1
    assert read_recipe(tmp_path / "one/0.png") == read_recipe(tmp_path / "many/0.png")


def test_finished_pictures_are_not_drawn_again(run, tmp_path, drawn):
    run(PROMPT, "-o", tmp_path, "-n", 2)
    assert "1 pictures drawn, 2 were there already" in run(PROMPT, "-o", tmp_path, "-n", 3)
    assert drawn == ["0.png", "1.png", "2.png"]
    run(PROMPT, "-o", tmp_path, "-n", 3)
    assert len(drawn) == 3
    run(PROMPT, "-o", tmp_path, "-n", 3, "--guidance", 2)
    assert len(drawn) == 6


def test_a_stopped_run_keeps_what_is_finished(run, tmp_path, monkeypatch):
    real = pictures.draw

    def stop_at_the_third(bundle, texts, empty, seeds, *rest):
        if seeds == [2]:
            raise KeyboardInterrupt
        return real(bundle, texts, empty, seeds, *rest)

    monkeypatch.setattr(pictures, "draw", stop_at_the_third)
    with pytest.raises(AssertionError):
        run(PROMPT, "-o", tmp_path, "-n", 3, "--batch", 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.png", "1.png"]


def test_several_prompts(run, tmp_path):
    (tmp_path / "prompts.txt").write_text("a fox\n\n  a cat  \n", encoding="utf-8")
    run("--prompts", tmp_path / "prompts.txt", "-o", tmp_path / "out", "-n", 2, "--batch", 3)
    found = {path.name: read_recipe(path) for path in (tmp_path / "out").iterdir()}
    assert {name: (recipe["prompt"], recipe["seed"]) for name, recipe in found.items()} == {
        "0-0.png": ("a fox", 0),
        "0-1.png": ("a fox", 1),
        "1-0.png": ("a cat", 0),
        "1-1.png": ("a cat", 1),
    }


def test_a_picture_drawn_again_from_its_recipe(run, tmp_path):
    run(PROMPT, "-o", tmp_path / "a.png", "--seed", 9, "--guidance", 3, "--negative", "blurry", "--height", 96)
    run("--from", tmp_path / "a.png", "-o", tmp_path / "b.png", use_base=False)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    run("--from", tmp_path / "a.png", "-o", tmp_path / "c.png", "--seed", 10, use_base=False)
    before, after = read_recipe(tmp_path / "a.png"), read_recipe(tmp_path / "c.png")
    assert {name for name in before if before[name] != after[name]} == {"seed"}


def test_drawing_again_with_other_models_says_so(run, tmp_path):
    run(PROMPT, "-o", tmp_path / "a.png")
    other = save_tiny_sd15(tmp_path / "sd15")
    said = run("--from", tmp_path / "a.png", "-o", tmp_path / "b.png", "--base", other, use_base=False)
    assert "other weights in unet, text_encoder" in said and "another scheduler" in said
    assert "tokenizer" not in said.split("other weights")[1].split(";")[0]
    write_png(tmp_path / "c.png", read_image(tmp_path / "a.png"), {**read_recipe(tmp_path / "a.png"), "weights": 3})
    assert "other weights" in run("--from", tmp_path / "c.png", "-o", tmp_path / "d.png", use_base=False)


def test_a_long_prompt_is_said(run, tmp_path):
    assert "left out: 'the end'" in run("a" * 75 + " the end", "-o", tmp_path / "a.png")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["x", "--sampling-steps", 0], "'sampling_steps'.*got 0"),
        (["x", "--width", 100], "'width'.*multiple of 8.*got 100"),
        (["x", "--height", 8], "'height'"),
        (["x", "--count", 0], "'count'"),
        (["x", "--seed", -1], "'seed'"),
        (["x", "--guidance", "nan"], "'guidance'"),
        (["x", "--dtype", "int8"], "'dtype'"),
        (["x", "--base", "pockett"], "did you mean 'pocket'"),
        (["x", "--base", "/no/such/folder"], "/no/such/folder"),
        (["x", "--device", "nonsense"], "nonsense"),
        (["  "], "'prompts"),
        ([], "say what to draw"),
        (["x", "--prompts", "y.txt"], "not both"),
        (["--prompts", "none.txt"], r"none\.txt"),
        (["--from", "none.png"], r"none\.png"),
    ],
)
def test_wrong_flags_are_one_clear_error(run, tmp_path, base, arguments, words):
    given = [*arguments, *([] if "--base" in arguments else ["--base", base]), "-o", tmp_path / "out"]
    with pytest.raises(VivantError, match=words):
        run(*given, use_base=False)
    assert not (tmp_path / "out").exists()


def test_what_is_not_ours_stays(run, tmp_path):
    write_png(tmp_path / "photo.png", np.zeros((64, 64, 3), np.uint8))
    before = (tmp_path / "photo.png").read_bytes()
    with pytest.raises(VivantError, match=r"photo\.png"):
        run(PROMPT, "-o", tmp_path / "photo.png")
    with pytest.raises(VivantError, match="carries no recipe"):
        run("--from", tmp_path / "photo.png", "-o", tmp_path / "b.png")
    assert (tmp_path / "photo.png").read_bytes() == before


def test_from_a_shell_and_without_a_network(base, tmp_path):
    """No traceback, nothing on the screen but what it is about, and no name looked up on the way."""
    code = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise AssertionError('the network was touched')\n"
        "socket.socket.connect = refuse; socket.getaddrinfo = refuse\n"
        "from vivant.cli import main; main()\n"
    )
    command = [sys.executable, "-c", code, "generate", PROMPT, "-o", tmp_path / "out.png", "--base", base]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    done = subprocess.run(
        [*map(str, command), "--sampling-steps", "2"], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{tmp_path / 'out.png'}: drawn\n"
    assert [line for line in done.stderr.splitlines() if not line.startswith("steps: ")] == []


def test_doctor_tells_every_base():
    said = CliRunner().invoke(doctor).output
    assert all(f"--base {name}" in said for name in BASES)


@needs_pocket
def test_pocket_is_the_default_and_quick(tmp_path):
    start = time.monotonic()
    done = CliRunner().invoke(generate, [PROMPT, "-o", str(tmp_path / "out"), "-n", "2"])
    assert done.exit_code == 0, done.output
    images = [read_image(tmp_path / "out" / f"{number}.png") for number in (0, 1)]
    assert all(image.shape == (128, 128, 3) and image.std() > 20 for image in images)
    assert (images[0] != images[1]).any()
    assert read_recipe(tmp_path / "out" / "0.png")["base"] == "pocket"
    assert time.monotonic() - start < 60
