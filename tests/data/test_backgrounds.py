"""Background folders: names, sidecars, bad files, crops and the ground."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

from vivant.data.backgrounds import RecentPhotos, load_backgrounds, render_background
from vivant.data.ground import estimate_ground
from vivant.data.painted import painted_backgrounds
from vivant.errors import ImageError, InputError
from vivant.images import read_image, write_png
from vivant.types import Background, Image

SHARED = Path(os.environ.get("VIVANT_SHARED", Path(__file__).resolve().parents[2] / "../shared"))


def landscape(width: int = 400, height: int = 300, ground: float = 0.7, seed: int = 0) -> Image:
    """Pale sky, a row of dark trees, and an even path from `ground` down, with texture."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((height, width, 3), np.float32)
    picture[: int(0.3 * height)] = (190, 205, 225)
    picture[int(0.3 * height) : int(ground * height)] = (40, 80, 35)
    picture[int(ground * height) :] = (170, 155, 130)
    picture += rng.normal(0, 6, picture.shape)
    return picture.clip(0, 255).astype(np.uint8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_png(tmp_path / "photos" / "garden" / "01.png", landscape())
    return tmp_path / "photos"


def test_a_folder_is_a_scene_and_a_loose_picture_is_one_too(folder: Path):
    write_png(folder / "garden" / "02.png", landscape(seed=1))
    write_png(folder / "beach.png", landscape(seed=2))
    backgrounds, rejects = load_backgrounds(folder)
    assert rejects == []
    assert [item.scene for item in backgrounds] == ["beach", "garden", "garden"]
    garden = backgrounds[1]
    assert garden.prompt == "in the garden"
    assert garden.path == folder / "garden" / "01.png"
    assert "garden" in garden.places
    assert not garden.indoors
    assert 0.5 < garden.ground_top < 0.8
    assert garden.horizon < garden.ground_top


def test_unicode_and_spaces(folder: Path):
    write_png(folder / "Größer Garten ☀" / "ein Bild 猫.png", landscape())
    backgrounds, rejects = load_backgrounds(folder)
    assert not rejects
    assert "Größer Garten ☀" in [item.scene for item in backgrounds]


def test_bad_files_are_recorded_and_the_rest_goes_on(folder: Path):
    garden = folder / "garden"
    (garden / "empty.jpg").write_bytes(b"")
    (garden / "text.jpg").write_text("not a picture")
    whole = (garden / "01.png").read_bytes()
    (garden / "cut.png").write_bytes(whole[: len(whole) // 2])
    write_png(garden / "tiny.png", landscape(40, 30))
    (garden / "notes.docx").write_bytes(b"x")
    (garden / "deeper").mkdir()
    (garden / ".hidden.jpg").write_bytes(b"")
    backgrounds, rejects = load_backgrounds(folder)
    assert [item.path and item.path.name for item in backgrounds] == ["01.png"]
    reasons = {path.name: reason for path, reason in rejects}
    assert set(reasons) == {"empty.jpg", "text.jpg", "cut.png", "tiny.png", "notes.docx", "deeper"}
    assert "empty" in reasons["empty.jpg"]
    assert "too few" in reasons["tiny.png"]


def test_every_mode_of_picture_can_be_a_background(folder: Path):
    garden = folder / "garden"
    picture = PILImage.fromarray(landscape())
    picture.convert("CMYK").save(garden / "cmyk.jpg")
    picture.convert("L").save(garden / "grey.png")
    picture.convert("P").save(garden / "palette.png")
    with_alpha = picture.convert("RGBA")
    with_alpha.putalpha(100)
    with_alpha.save(garden / "alpha.png")
    backgrounds, rejects = load_backgrounds(folder)
    assert not rejects
    assert len(backgrounds) == 5
    for background in backgrounds:
        canvas, _ = render_background(background, 64, 64, np.random.default_rng(0))
        assert canvas.shape == (64, 64, 3)


def test_links_out_of_the_folder_are_refused(folder: Path, tmp_path: Path):
    write_png(tmp_path / "elsewhere" / "secret.png", landscape())
    (folder / "garden" / "link.png").symlink_to(tmp_path / "elsewhere" / "secret.png")
    (folder / "away").symlink_to(tmp_path / "elsewhere")
    (folder / "garden" / "loop.png").symlink_to(folder / "garden" / "01.png")
    backgrounds, rejects = load_backgrounds(folder)
    assert {path.name for path, _ in rejects} == {"link.png", "away"}
    assert all("out of the folder" in reason for _, reason in rejects)
    assert len(backgrounds) == 2


def test_sidecars_from_the_general_to_the_particular(folder: Path):
    garden = folder / "garden"
    write_png(garden / "02.png", landscape(seed=3))
    write_png(garden / "03.png", landscape(seed=4))
    (garden / "background.toml").write_text('prompt = "in my yard"\nground_top = 0.75\nhorizon = 0.4\nindoors = true\n')
    (garden / "02.toml").write_text('prompt = "by the pond"\nplaces = ["lake"]\nsurface = "water"\n')
    first, second, _ = load_backgrounds(folder)[0]
    assert (first.prompt, first.ground_top, first.horizon, first.indoors) == ("in my yard", 0.75, 0.4, True)
    assert (second.prompt, second.places, second.surface, second.ground_top) == (
        "by the pond",
        ("lake",),
        "water",
        0.75,
    )


def test_a_text_file_is_the_prompt(folder: Path):
    (folder / "garden" / "01.txt").write_text("  behind the\n old mill \n")
    assert load_backgrounds(folder)[0][0].prompt == "behind the old mill"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("promt = 'x'", "did you mean 'prompt'"),
        ("horizon = 2.0", "horizon"),
        ("horizon = 'high'", "horizon"),
        ("surface = 'lava'", "surface"),
        ("places = ['gardn']", "did you mean 'garden'"),
        ("horizon = 0.8\nground_top = 0.5", "must not be below"),
        ("prompt = ", "not valid TOML"),
    ],
)
def test_a_sidecar_that_cannot_be_understood_stops(folder: Path, text: str, message: str):
    (folder / "garden" / "background.toml").write_text(text)
    with pytest.raises(InputError, match=message):
        load_backgrounds(folder)


def test_missing_folder(tmp_path: Path):
    with pytest.raises(InputError, match="no such folder"):
        load_backgrounds(tmp_path / "nowhere")


@pytest.mark.parametrize("size", [(96, 96), (160, 90), (90, 160), (512, 512)])
def test_render_fills_the_canvas_and_moves_the_ground_with_the_crop(folder: Path, size: tuple[int, int]):
    (background,) = load_backgrounds(folder)[0]
    background = background.model_copy(update={"ground_top": 0.7, "horizon": 0.3})
    for seed in range(6):
        canvas, seen = render_background(background, *size, np.random.default_rng(seed))
        assert canvas.shape == (size[1], size[0], 3)
        assert 0.0 <= seen.horizon < seen.ground_top <= 0.75
        row = round(seen.ground_top * size[1])
        assert canvas[row + 2 :, :, 0].mean() > 140  # the path
        assert canvas[max(0, row - 10) : row - 2, :, 0].mean() < 80  # the trees


def test_render_is_seeded_and_varied(folder: Path):
    (background,) = load_backgrounds(folder)[0]
    pictures = [render_background(background, 80, 80, np.random.default_rng(seed))[0].tobytes() for seed in (1, 1, 2)]
    assert pictures[0] == pictures[1] != pictures[2]


def test_decoded_photos_are_reused_and_bounded(folder: Path):
    write_png(folder / "garden" / "02.png", landscape(seed=1))
    one, two = load_backgrounds(folder)[0]
    recent = RecentPhotos(limit=1)
    before = render_background(one, 64, 64, np.random.default_rng(0), recent)[0]
    assert list(recent) == [one.path]
    assert one.path is not None
    one.path.unlink()
    assert np.array_equal(before, render_background(one, 64, 64, np.random.default_rng(0), recent)[0])
    render_background(two, 64, 64, np.random.default_rng(0), recent)
    assert list(recent) == [two.path]
    with pytest.raises(ImageError):
        render_background(one, 64, 64, np.random.default_rng(0), recent)


def test_a_painted_scene_needs_no_photo():
    background = painted_backgrounds()[0]
    canvas, seen = render_background(background, 96, 64, np.random.default_rng(0))
    assert canvas.shape == (64, 96, 3)
    assert seen == background


@pytest.mark.parametrize("ground", [0.55, 0.65, 0.75])
def test_the_ground_is_found(ground: float):
    horizon, found = estimate_ground(landscape(ground=ground))
    assert abs(found - ground) < 0.06
    assert horizon <= found - 0.1


@pytest.mark.parametrize("picture", [np.zeros((40, 300, 3), np.uint8), np.full((300, 20, 3), 255, np.uint8)])
def test_a_picture_without_anything_gets_sane_values(picture: Image):
    horizon, ground = estimate_ground(picture)
    assert 0.3 <= horizon < ground <= 0.85


@pytest.mark.skipif(not (SHARED / "photos/backgrounds/garden").is_dir(), reason="needs the shared photos")
@pytest.mark.parametrize(("name", "low", "high"), [("01", 0.72, 0.82), ("02", 0.62, 0.82), ("03", 0.6, 0.8)])
def test_the_ground_of_real_photos(name: str, low: float, high: float):
    horizon, ground = estimate_ground(read_image(SHARED / f"photos/backgrounds/garden/{name}.jpg"))
    assert low <= ground <= high
    assert 0.35 <= horizon <= 0.65


def test_unused_background_fields_stay(folder: Path):
    (background,) = load_backgrounds(folder)[0]
    _, seen = render_background(background, 64, 64, np.random.default_rng(0))
    same = Background.model_fields.keys() - {"horizon", "ground_top"}
    assert all(getattr(seen, name) == getattr(background, name) for name in same)
