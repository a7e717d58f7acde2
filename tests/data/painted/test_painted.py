"""Painted backgrounds: every scene at every shape, the same from the same seed, with its ground where it says."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from vivant.data.painted import paint, painted_backgrounds
from vivant.data.painted.canvas import Canvas, blurred
from vivant.data.painted.noise import TILE, tile
from vivant.data.painted.shapes import box, curve, oval, points, sided
from vivant.data.painted.sheet import contact_sheet
from vivant.data.plan.knowledge import PLACES
from vivant.errors import InputError

SCENES = [background.scene for background in painted_backgrounds()]


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize(("width", "height"), [(192, 192), (128, 256), (256, 128)])
def test_paints_every_scene_at_every_shape(scene, width, height):
    picture = paint(scene, width, height, rng())
    assert picture.shape == (height, width, 3)
    assert picture.dtype == np.uint8
    assert picture.std() > 12, "a scene is no flat colour"
    assert 25 < picture.mean() < 235


@pytest.mark.parametrize("scene", SCENES)
def test_same_seed_same_bytes_and_another_seed_another_picture(scene):
    first, again, other = (paint(scene, 160, 120, rng(seed)) for seed in (3, 3, 4))
    assert first.tobytes() == again.tobytes()
    assert np.abs(first.astype(int) - other).mean() > 2


@pytest.mark.parametrize("background", painted_backgrounds(), ids=SCENES)
def test_describes_its_scene(background):
    assert background.path is None
    assert background.places and set(background.places) <= set(PLACES)
    assert background.scene.split()[0] in background.prompt
    if background.surface != "air":
        assert background.horizon < background.ground_top < 0.8
    assert background.surface != "air" or background.ground_top < 0.3, "in the air things hang anywhere"


@pytest.mark.parametrize("background", [b for b in painted_backgrounds() if b.surface != "air"], ids=lambda b: b.scene)
def test_ground_is_clear_below_ground_top(background):
    """Nothing stands there: rows are alike from side to side, but for texture that a strong blur takes away."""
    side = 256
    for seed in range(2):
        picture = paint(background.scene, side, side, rng(seed)).astype(np.float32)
        # Light from a window, a rug or a shadow may lie there; an upright thing would show as a strong edge.
        below = cv2.GaussianBlur(picture[round(background.ground_top * side) + 8 :].mean(axis=2), (0, 0), 6)
        assert np.abs(np.gradient(below, axis=1)).max() < 11


def test_surfaces_and_rooms_are_there_for_all_kinds_of_things():
    backgrounds = painted_backgrounds()
    assert len(backgrounds) >= 12
    assert {b.surface for b in backgrounds} >= {"ground", "table", "air", "water"}
    assert any(b.indoors for b in backgrounds) and any(not b.indoors for b in backgrounds)


def test_unknown_scene_names_the_nearest():
    with pytest.raises(InputError, match="did you mean 'garden'"):
        paint("gardn", 64, 64, rng())
    with pytest.raises(InputError, match="known: garden"):
        paint("xyzzy", 64, 64, rng())


@pytest.mark.parametrize(("width", "height"), [(0, 64), (64, 9), (20_000, 64)])
def test_refuses_sizes_that_cannot_be_painted(width, height):
    with pytest.raises(InputError, match="pixels cannot be painted"):
        paint("garden", width, height, rng())


def test_ground_is_seen_in_perspective():
    """Stripes along the view run together at the horizon; stripes across it lie closer together far off."""
    canvas = Canvas(256, 256, rng())
    along = np.tile(np.sign(np.sin(np.linspace(0, 32 * np.pi, TILE, endpoint=False))).astype(np.float32), (TILE, 1))
    seen = canvas.plane(along, 4.0, 0.4, 0.5)

    def changes(line: np.ndarray) -> int:
        return int((np.diff(np.sign(line)) != 0).sum())

    near, middle = changes(seen[-1]), changes(seen[len(seen) // 3])
    assert middle > 1.5 * near > 0
    across = canvas.plane(np.ascontiguousarray(along.T), 4.0, 0.4, 0.5)[:, 128]
    assert changes(across[: len(across) // 2]) > changes(across[len(across) // 2 :]) > 0


def test_fill_covers_its_outline_and_nothing_else():
    canvas = Canvas(100, 100, rng())
    canvas.fill(box(0.2, 0.3, 0.6, 0.7), (1.0, 0.5, 0.0))
    assert canvas.pixels[0, 50, 40] == pytest.approx(1.0)
    assert canvas.pixels[0].mean() == pytest.approx(0.16, abs=0.015)
    canvas.fill(oval(5.0, 5.0, 0.1, 0.1), (1.0, 1.0, 1.0))
    assert canvas.pixels[2].max() == 0, "what lies outside the picture paints nothing"


def test_soft_fill_does_not_fade_at_the_frame():
    canvas = Canvas(100, 100, rng())
    canvas.fill(box(-0.5, -0.5, 1.5, 1.5), (1.0, 1.0, 1.0), soft=0.1)
    assert canvas.pixels.min() > 0.999


def test_outlines():
    assert points("0.5 0.25, 1 0") == [(0.5, 0.25), (1.0, 0.0)]
    assert sided(-1, "0.75 0.5") == [(0.25, 0.5)]
    path = curve([(0, 0), (1, 0), (1, 1), (0, 1)], steps=4)
    assert path.shape == (16, 2)
    assert any(np.allclose(spot, (1, 1)) for spot in path), "a smooth outline goes through its points"


@pytest.mark.parametrize("kind", ["cloud", "clump", "leaf", "grain", "ridge", "cell"])
def test_noise_is_even_seamless_and_safe_to_share(kind):
    texture = tile(kind)
    assert texture.mean() == pytest.approx(0, abs=1e-3)
    assert texture.std() == pytest.approx(1, abs=1e-3)
    seam = np.abs(texture[0] - texture[-1]).mean()
    assert seam < 1.5 * np.abs(np.diff(texture, axis=0)).mean()
    with pytest.raises(ValueError, match="read-only"):
        texture[0, 0] = 1


def test_wide_blur_is_close_to_the_exact_one():
    picture = rng().random((96, 96), dtype=np.float32)
    exact = cv2.GaussianBlur(picture, (0, 0), 8, borderType=cv2.BORDER_REPLICATE)
    assert np.abs(blurred(picture, 8.0) - exact).mean() < 0.02


def test_contact_sheet_fills_its_rows():
    sheet = contact_sheet({str(k): np.full((20, 30, 3), 9, np.uint8) for k in range(5)}, columns=4)
    assert sheet.shape[1] == 4 * (sheet.shape[1] // 4)
    assert (sheet[:20, :30] == 9).all()
    assert (sheet[-10:, -30:] == 255).all(), "an empty place stays white"
