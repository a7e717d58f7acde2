"""Clips on disk: they read back, and carry their recipe."""

import struct

import cv2
import numpy as np
import pytest
from PIL import Image as PILImage
from PIL import ImageSequence

from tests.generation.tiny_video import moving
from vivant.errors import ImageError, InputError, StoreError
from vivant.generation.clips import clip_kind, read_clip_recipe, read_frames, write_clip
from vivant.images import read_image, read_recipe, write_png


@pytest.mark.parametrize("name", ["a.mp4", "a.gif", "a.webp", "a.MP4"])
@pytest.mark.parametrize("fps", [7, 8])
def test_a_clip_reads_back_with_its_recipe_and_its_length(tmp_path, name, fps):
    frames, recipe = moving(), {"verb": "animate", "prompt": "he says “hé” ✂", "seed": 2**62, "list": [1, None]}
    write_clip(tmp_path / name, frames, fps, recipe)
    write_clip(tmp_path / f"again-{name}", frames, fps, recipe)
    assert (tmp_path / name).read_bytes() == (tmp_path / f"again-{name}").read_bytes()
    assert read_clip_recipe(tmp_path / name) == recipe
    if name.lower().endswith("mp4"):
        found = read_frames(tmp_path / name)
        assert cv2.VideoCapture(str(tmp_path / name)).get(cv2.CAP_PROP_FPS) == pytest.approx(fps)
    else:
        with PILImage.open(tmp_path / name) as film:
            found, milliseconds = [], 0
            for shown in ImageSequence.Iterator(film):
                found.append(np.asarray(shown.convert("RGB")))
                milliseconds += film.info["duration"]
        assert abs(milliseconds - 9000 / fps) <= 5
    assert len(found) == 9
    assert all(np.abs(one.astype(int) - other).mean() < 6 for one, other in zip(frames, found, strict=True))


def test_frames_in_a_folder(tmp_path):
    write_clip(tmp_path / "f", moving(17), 8, {"verb": "animate", "frames": 17})
    write_png(tmp_path / "f" / "0015.png", moving(1)[0])
    (tmp_path / "f" / "notes.txt").write_text("mine")
    write_clip(tmp_path / "f", moving(9), 8, {"verb": "animate", "frames": 9})
    names = sorted(path.name for path in (tmp_path / "f").iterdir())
    assert names == [*(f"{number:04d}.png" for number in range(9)), "0015.png", "notes.txt"]
    assert np.array_equal(read_image(tmp_path / "f" / "0008.png"), moving()[8])
    assert read_recipe(tmp_path / "f" / "0008.png")["frame"] == 8
    assert read_clip_recipe(tmp_path / "f") == {"verb": "animate", "frames": 9}


def test_vp9(tmp_path):
    write_clip(tmp_path / "a.mp4", moving(), 8, {"verb": "animate"}, codec="vp9")
    assert b"vp09" in (tmp_path / "a.mp4").read_bytes() and len(read_frames(tmp_path / "a.mp4")) == 9


def test_other_endings_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"a\.avi: end it in \.mp4, \.gif or \.webp"):
        clip_kind(tmp_path / "a.avi")


def test_an_encoder_that_loses_frames_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr("vivant.generation.clips.read_frames", lambda path: [])
    with pytest.raises(StoreError, match="encoded whole"):
        write_clip(tmp_path / "a.mp4", moving(), 8, {})
    assert not (tmp_path / "a.mp4").exists()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x",
        b"\0" * 40,
        struct.pack(">I4sQ", 1, b"free", 2**64 - 1),
        struct.pack(">I4sQ", 1, b"free", 3),
        struct.pack(">I4s", 1, b"free"),
        struct.pack(">I4s", 4, b"free"),
        struct.pack(">I4s", 2**32 - 1, b"mdat"),
        struct.pack(">I4s", 30, b"uuid") + b"another box of 22 bytes"[:22],
    ],
)
def test_a_broken_mp4_carries_no_recipe(tmp_path, data):
    (tmp_path / "a.mp4").write_bytes(data)
    with pytest.raises(ImageError, match=r"a\.mp4"):
        read_clip_recipe(tmp_path / "a.mp4")


def test_a_cut_recipe_is_an_error(tmp_path):
    write_clip(tmp_path / "a.mp4", moving(), 8, {"verb": "animate"})
    (tmp_path / "a.mp4").write_bytes((tmp_path / "a.mp4").read_bytes()[:-3])
    with pytest.raises(ImageError, match="cannot be read"):
        read_clip_recipe(tmp_path / "a.mp4")
