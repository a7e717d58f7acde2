"""What a user brings is decoded or refused in words, never with a traceback."""

import io
import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

from vivant.errors import ImageError
from vivant.images import decode_image, encode_png, fit_within, read_image, read_recipe, write_png

RGB = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)


def save(path: Path, picture: PILImage.Image, **options) -> Path:
    picture.save(path, **options)
    return path


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "1", "LA", "RGBA", "YCbCr", "I;16", "I", "F"])
def test_any_mode_becomes_rgb_or_rgba(tmp_path, mode):
    picture = PILImage.fromarray(RGB)
    if mode in ("I;16", "I", "F"):
        grey = np.asarray(picture.convert("L")).astype(np.float32)
        deep: dict[str, np.ndarray] = {
            "I;16": (grey * 257).astype(np.uint16),
            "I": (grey * 257).astype(np.int32),
            "F": grey / 255,
        }
        picture = PILImage.fromarray(deep[mode])
    else:
        picture = picture.convert(mode)
    path = save(tmp_path / "a.tif", picture)
    image = read_image(path)
    assert image.dtype == np.uint8 and image.shape[:2] == (40, 60) and image.shape[2] in (3, 4)
    if mode not in ("1", "P", "CMYK"):
        truth = np.asarray(PILImage.fromarray(RGB).convert("L")).astype(float)
        seen = np.asarray(PILImage.fromarray(image[..., :3]).convert("L")).astype(float)
        assert np.abs(seen - truth).mean() < 3


def test_alpha_is_kept_only_where_it_is_used(tmp_path):
    solid = np.dstack([RGB, np.full((40, 60), 255, np.uint8)])
    assert read_image(save(tmp_path / "solid.png", PILImage.fromarray(solid))).shape[2] == 3
    solid[0, 0, 3] = 0
    assert read_image(save(tmp_path / "used.png", PILImage.fromarray(solid))).shape[2] == 4


def test_exif_turns_the_picture(tmp_path):
    exif = PILImage.Exif()
    exif[0x0112] = 6  # turned by a quarter
    path = save(tmp_path / "turned.jpg", PILImage.fromarray(RGB), exif=exif)
    assert read_image(path).shape == (60, 40, 3)


def test_animation_gives_its_first_frame(tmp_path):
    frames = [PILImage.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    path = tmp_path / "a.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert tuple(read_image(path)[0, 0, :3]) == (255, 0, 0)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("empty.jpg", b"", "empty"),
        ("text.jpg", b"not a picture at all, just words", "not a picture"),
        ("cut.png", encode_png(RGB)[:200], "broken or cut short"),
        ("tiny.png", encode_png(RGB[:1, :1]), "too few"),
    ],
)
def test_bad_files_are_refused_by_name(tmp_path, name, data, words):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ImageError, match=words) as caught:
        read_image(tmp_path / name)
    assert name in str(caught.value)


def test_a_truncated_jpeg_is_refused(tmp_path):
    buffer = io.BytesIO()
    PILImage.fromarray(RGB).save(buffer, "JPEG")
    (tmp_path / "cut.jpg").write_bytes(buffer.getvalue()[:-400])
    with pytest.raises(ImageError, match="cut short"):
        read_image(tmp_path / "cut.jpg")


@pytest.mark.parametrize("side", [10_000, 20_000])
def test_a_bomb_is_refused_before_decoding(tmp_path, side):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = save(tmp_path / "bomb.png", PILImage.new("1", (side, side)))
    with pytest.raises(ImageError, match=r"pixels"):
        read_image(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ImageError, match=r"none\.png"):
        read_image(tmp_path / "none.png")


def test_png_keeps_pixels_and_recipe(tmp_path):
    recipe = {"seed": 3, "prompt": "a cat — “hugging”"}
    rgba = np.dstack([RGB, RGB[..., 0]])
    for image in (RGB, rgba, RGB[..., 0]):
        path = tmp_path / "a.png"
        write_png(path, image, recipe)
        assert read_recipe(path) == recipe
        assert np.array_equal(np.asarray(PILImage.open(path)), image)
    assert [child.name for child in tmp_path.iterdir()] == ["a.png"]


def test_a_picture_without_recipe_says_so(tmp_path):
    write_png(tmp_path / "a.png", RGB)
    with pytest.raises(ImageError, match="carries no recipe"):
        read_recipe(tmp_path / "a.png")


def test_a_recipe_that_is_no_table_is_refused(tmp_path):
    (tmp_path / "a.png").write_bytes(encode_png(RGB, json.loads("[1]")))
    with pytest.raises(ImageError, match="not a table"):
        read_recipe(tmp_path / "a.png")


def test_max_side_shrinks_and_never_grows():
    data = encode_png(RGB)
    assert decode_image(data, name="a", max_side=30).shape == (20, 30, 3)
    assert decode_image(data, name="a", max_side=300).shape == RGB.shape
    assert fit_within(RGB, 60) is RGB
