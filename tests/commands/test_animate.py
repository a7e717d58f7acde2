"""``vivant animate`` as a user meets it, on a tiny random CogVideoX."""

import os
import subprocess
import sys

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from tests.generation.tiny_video import HEIGHT, WIDTH, save_tiny_cogvideox
from vivant.commands.animate import animate
from vivant.commands.doctor import doctor
from vivant.errors import VivantError
from vivant.generation import animate as room
from vivant.generation.clips import read_clip_recipe, read_frames
from vivant.images import read_image, read_recipe, write_png

PROMPT = "they are hugging"


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return save_tiny_cogvideox(tmp_path_factory.mktemp("bases") / "cogvideox")


@pytest.fixture
def picture(tmp_path):
    rows, columns = np.mgrid[:80, :80].astype(np.uint8)
    path = tmp_path / "0.png"
    write_png(path, np.dstack([rows * 3, columns * 3, rows]), {"verb": "generate", "prompt": "a cat hugging a dog"})
    return path


@pytest.fixture
def run(base):
    """Call the verb on the tiny base; the output, or the error it ends with."""

    def call(*arguments):
        flags = [] if "--base" in arguments else ["--base", base]
        quick = ["--sampling-steps", 2, "--frames", 9, "--device", "cpu"]
        done = CliRunner().invoke(animate, [*map(str, (*flags, *quick, *arguments))])
        if isinstance(done.exception, VivantError):
            raise done.exception
        assert done.exit_code == 0, (done.output, done.exception)
        return done.output

    return call


@pytest.fixture
def made(monkeypatch):
    """Clips that are really made."""
    clips = []
    real = room.draw_clip

    def note(pipeline, clip, *rest, **named):
        clips.append(clip)
        return real(pipeline, clip, *rest, **named)

    monkeypatch.setattr(room, "draw_clip", note)
    return clips


def test_a_clip_with_its_recipe(run, picture, base, tmp_path):
    out = tmp_path / "deep" / "clip.mp4"
    said = run(picture, PROMPT, "-o", out, "--seed", 3)
    assert f"{out}: 9 frames made" in said and "33% of the picture is cut away; --fit pad" in said
    frames, film = read_frames(out), cv2.VideoCapture(str(out))
    assert len(frames) == 9 and frames[0].shape == (HEIGHT, WIDTH, 3) and film.get(cv2.CAP_PROP_FPS) == 8
    recipe = read_clip_recipe(out)
    assert (recipe["prompt"], recipe["seed"], recipe["frames"], recipe["fps"]) == (PROMPT, 3, 9, 8)
    assert (recipe["base"], recipe["scheduler"]["_class_name"]) == (str(base), "CogVideoXDDIMScheduler")
    assert set(recipe["weights"]) == {"transformer", "vae", "text_encoder", "tokenizer"}
    assert recipe["picture_recipe"] == read_recipe(picture)


@pytest.mark.parametrize("name", ["clip.mp4", "clip.gif", "clip.webp", "frames"])
def test_the_same_command_makes_no_clip_twice(run, picture, made, tmp_path, name):
    out = tmp_path / name
    run(picture, PROMPT, "-o", out)
    assert "is there already, from the same recipe" in run(picture, PROMPT, "-o", out)
    assert len(made) == 1 and read_clip_recipe(out)["prompt"] == PROMPT
    run(picture, PROMPT, "-o", out, "--fit", "pad")
    assert len(made) == 2 and read_clip_recipe(out)["fit"] == "pad"
    assert [path.name for path in tmp_path.iterdir() if path.name not in ("0.png", name)] == []


def test_the_same_seed_gives_the_same_bytes(run, picture, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        run(picture, PROMPT, "-o", tmp_path / f"{name}.mp4", "--seed", seed)
    a, b, c = ((tmp_path / f"{name}.mp4").read_bytes() for name in "abc")
    assert a == b != c


def test_frames_are_the_clip_without_loss(run, picture, tmp_path):
    run(picture, PROMPT, "-o", tmp_path / "frames")
    names = sorted(path.name for path in (tmp_path / "frames").iterdir())
    assert names == [f"{number:04d}.png" for number in range(9)]
    assert read_image(tmp_path / "frames" / "0008.png").shape == (HEIGHT, WIDTH, 3)
    (tmp_path / "frames" / "0003.png").unlink()
    assert "9 frames made" in run(picture, PROMPT, "-o", tmp_path / "frames")


def test_without_a_prompt_the_picture_s_own_is_taken(run, picture, tmp_path):
    run(picture, "-o", tmp_path / "clip.gif")
    assert read_clip_recipe(tmp_path / "clip.gif")["prompt"] == "a cat hugging a dog"


def test_any_photo_may_be_animated_with_a_prompt(run, tmp_path):
    photo = tmp_path / "photo.png"
    write_png(photo, np.full((64, 96, 4), 120, np.uint8))
    with pytest.raises(VivantError, match=r"photo\.png does not say what it shows: give a PROMPT"):
        run(photo, "-o", tmp_path / "clip.mp4")
    assert "cut away" not in run(photo, PROMPT, "-o", tmp_path / "clip.mp4", "--vae-tiling")
    recipe = read_clip_recipe(tmp_path / "clip.mp4")
    assert recipe["picture_recipe"] is None and recipe["vae_tiling"] is True


def test_a_long_prompt_is_said(run, picture, tmp_path):
    assert "left out: 'the end'" in run(picture, "a" * 29 + " the end", "-o", tmp_path / "clip.webp")


@pytest.mark.parametrize("name", ["clip.mp4", "clip.gif", "clip.webp", "frames"])
def test_what_is_not_ours_stays(run, picture, made, tmp_path, name):
    out = tmp_path / name
    foreign = out / "0002.png" if name == "frames" else out
    foreign.parent.mkdir(exist_ok=True)
    foreign.write_bytes(picture.read_bytes())
    with pytest.raises(VivantError, match="not made by vivant animate and is not overwritten"):
        run(picture, PROMPT, "-o", out)
    assert foreign.read_bytes() == picture.read_bytes() and made == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--frames", 10], "--frames 10: .*the nearest is 9"),
        (["--frames", 1], "'frames'"),
        (["--width", 50], "--width 50: sides are multiples of 16; the nearest is 48"),
        (["--height", 64], "no other size"),
        (["--fps", 0], "'fps'"),
        (["--guidance", "nan"], "'guidance'"),
        (["--seed", -1], "'seed'"),
        (["--fit", "stretch"], "'fit'"),
        (["--codec", "h264"], "'codec'"),
        (["--offload", "all"], "'offload'"),
        (["--offload", "model"], "--offload moves weights off a GPU"),
        (["--dtype", "int8"], "'dtype'"),
        (["--device", "nonsense"], "nonsense"),
        (["--base", "sdxl"], "draws pictures and makes no clips"),
        (["--base", "/no/such"], "/no/such"),
        (["-o", "clip.avi"], r"clip\.avi: end it in \.mp4"),
    ],
)
def test_wrong_flags_are_one_clear_error(run, picture, tmp_path, arguments, words):
    with pytest.raises(VivantError, match=words):
        run(picture, PROMPT, "-o", tmp_path / "clip.mp4", *arguments)
    assert [path.name for path in tmp_path.iterdir()] == ["0.png"]


def test_no_picture_is_named(run, tmp_path):
    with pytest.raises(VivantError, match=r"none\.png"):
        run(tmp_path / "none.png", PROMPT, "-o", tmp_path / "clip.mp4")


def test_from_a_shell_and_without_a_network(base, picture, tmp_path):
    """No traceback, nothing on the screen but what it is about, no warning, and no name looked up on the way."""
    code = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise AssertionError('the network was touched')\n"
        "socket.socket.connect = refuse; socket.getaddrinfo = refuse\n"
        "from vivant.cli import main; main()\n"
    )
    out = tmp_path / "clip.mp4"
    command = [sys.executable, "-c", code, "animate", picture, "-o", out, "--base", base, "--fit", "pad"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    done = subprocess.run(
        [*map(str, command), "--sampling-steps", "2"], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{out}: 17 frames made\n"
    assert [line for line in done.stderr.splitlines() if not line.startswith("steps: ")] == []


def test_doctor_tells_of_the_video_base(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    assert "THUDM/CogVideoX-5b-I2V is not cached" in CliRunner().invoke(doctor).output
    renamed = tmp_path / "hub" / "models--zai-org--CogVideoX-5b-I2V"
    (renamed / "snapshots").mkdir(parents=True)
    assert f"ready, {renamed}" in CliRunner().invoke(doctor).output
