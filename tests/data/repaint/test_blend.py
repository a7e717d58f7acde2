"""Blend: what must hold however strong the fitting is."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from pydantic import ValidationError

from tests.data.composing import GARDEN, at, disc, meadow, plan, slab
from vivant.data.compose import compose
from vivant.data.repaint.blend import blend
from vivant.data.repaint.edges import refine_alpha
from vivant.data.repaint.grain import add_grain, edge_blur, noise_level, noise_tile
from vivant.data.repaint.light import scene_light
from vivant.errors import InputError
from vivant.settings.repaint import BlendSettings
from vivant.types import Background, Image, Layout

CUTOUTS = {
    "red": disc("red", (200, 40, 30)),
    "blue": slab("blue", (20, 60, 210)),
    "dark": disc("dark", (40, 36, 30)),
}
TWO = plan(at("red", (0.15, 0.45, 0.5, 0.8), 0.9), at("blue", (0.5, 0.45, 0.8, 0.9), 0.2))
PASTE = BlendSettings.paste()


def run(
    layout: Layout, picture: Image, settings: BlendSettings, background: Background = GARDEN, seed: int = 0
) -> Image:
    composite = compose(layout, CUTOUTS, picture.shape[1], picture.shape[0])
    return blend(composite, picture, background, layout, settings, np.random.default_rng(seed))


def only(**strengths: float) -> BlendSettings:
    return PASTE.model_copy(update=strengths)


def grey_of(image: Image) -> npt.NDArray[np.float64]:
    return np.asarray(image.astype(float).mean(axis=2))


def test_empty_layout_leaves_the_background():
    picture = meadow()
    result = run(plan(), picture, BlendSettings())
    assert np.array_equal(result, picture)
    assert result is not picture


def test_far_from_every_subject_the_background_stays():
    picture = meadow()
    result = run(TWO, picture, BlendSettings())
    assert np.array_equal(result[:64], picture[:64])


def test_without_strength_the_inside_is_the_cutout_and_the_outside_the_background():
    picture = meadow()
    composite = compose(TWO, CUTOUTS, 256, 256)
    result = blend(composite, picture, GARDEN, TWO, PASTE, np.random.default_rng(0))
    solid = sum(layer.visible.astype(int) for layer in composite.layers)
    assert np.array_equal(result[solid == 255], composite.foreground[solid == 255])
    assert np.array_equal(result[solid == 0], picture[solid == 0])


def test_hard_mask_leaves_no_mixed_pixel():
    picture = np.full((128, 128, 3), 128, np.uint8)
    layout = plan(at("red", (0.2, 0.3, 0.7, 0.8), 0.5))
    result = run(layout, picture, BlendSettings.paste(hard_mask=True))
    colours = {tuple(int(v) for v in colour) for colour in np.unique(result.reshape(-1, 3), axis=0)}
    assert colours == {(128, 128, 128), (200, 40, 30)}


@pytest.mark.parametrize("size", [(256, 256), (320, 160), (120, 260)])
def test_same_seed_same_bytes(size: tuple[int, int]):
    picture = meadow(*size)
    one, other = (run(TWO, picture, BlendSettings(), seed=4) for _ in range(2))
    assert one.shape == picture.shape
    assert one.tobytes() == other.tobytes()
    assert run(TWO, picture, BlendSettings(), seed=5).tobytes() != one.tobytes()


def test_background_of_another_size_is_refused():
    composite = compose(TWO, CUTOUTS, 64, 64)
    with pytest.raises(InputError, match="background"):
        blend(composite, meadow(), GARDEN, TWO, PASTE, np.random.default_rng(0))


@pytest.mark.parametrize("kind", ["contact_shadow", "ambient_shadow", "cast_shadow"])
def test_shadows_only_darken_and_do_darken(kind: str):
    picture = meadow()
    layout = plan(at("red", (0.3, 0.5, 0.65, 0.85), 0.5))
    shaded, plain = run(layout, picture, only(**{kind: 1.0})), run(layout, picture, PASTE)
    assert (shaded <= plain).all()
    assert (grey_of(plain) - grey_of(shaded)).max() > 15


def test_contact_is_darkest_right_below_the_foot():
    picture = meadow(noise=0)
    layout = plan(at("red", (0.3, 0.4, 0.65, 0.75), 0.5))
    shaded = run(layout, picture, only(contact_shadow=1.0, ambient_shadow=0.5))
    loss = grey_of(picture) - grey_of(shaded)
    below = loss[193:215, 115:128].mean(axis=1)
    assert below[0] > 25
    assert below[0] > 2 * below[-1]
    assert loss[240:].max() < 3
    assert loss[150:170, :60].max() < 3  # not a box's shadow: beside the belly there is none


@pytest.mark.parametrize(("rests_on", "shadow"), [("air", False), ("wall", True), ("ground", True)])
def test_what_flies_casts_no_shadow(rests_on: str, shadow: bool):
    picture = meadow()
    layout = plan(at("red", (0.3, 0.3, 0.65, 0.65), 0.5, rests_on))
    changed = run(layout, picture, only(contact_shadow=1.0, cast_shadow=1.0)) != run(layout, picture, PASTE)
    assert changed.any() == shadow


def test_a_subject_that_goes_on_below_the_frame_has_no_shadow():
    picture = meadow()
    layout = plan(at("blue", (0.3, 0.4, 0.7, 1.0), 0.5))
    assert np.array_equal(run(layout, picture, only(contact_shadow=1.0, cast_shadow=1.0)), run(layout, picture, PASTE))


def test_shadow_falls_away_from_the_light_and_only_on_the_ground():
    picture = meadow(noise=0)
    picture[:100, :60] = 255
    layout = plan(at("blue", (0.4, 0.3, 0.6, 0.6), 0.5))
    ground = Background(scene="garden", prompt="in the garden", horizon=0.4, ground_top=0.5)
    assert scene_light(picture, ground).side < -0.3
    assert scene_light(np.ascontiguousarray(picture[:, ::-1]), ground).side > 0.3
    loss = grey_of(run(layout, picture, PASTE, ground)) - grey_of(run(layout, picture, only(cast_shadow=1.0), ground))
    assert loss[:, 160:].sum() > 5 * loss[:, :96].sum()
    assert loss[:100].max() < 1


def test_shadow_on_a_farther_subject_is_lighter():
    picture = np.full((256, 256, 3), 200, np.uint8)
    layout = plan(at("red", (0.2, 0.3, 0.8, 0.9), 0.9), at("blue", (0.4, 0.45, 0.6, 0.75), 0.2))
    plain = grey_of(run(layout, picture, PASTE))
    losses = [
        (plain - grey_of(run(layout, picture, only(contact_shadow=1.0, shadow_on_subjects=share))))[193:196, 120:136]
        for share in (0.0, 0.4, 1.0)
    ]
    assert losses[0].max() <= 0.7
    assert losses[0].mean() < losses[1].mean() < losses[2].mean()


def test_what_stands_on_a_subject_throws_its_shadow_on_that_alone():
    picture = meadow()
    layout = plan(at("blue", (0.3, 0.5, 0.7, 0.95), 0.5), at("red", (0.35, 0.25, 0.65, 0.55), 0.4, "blue"))
    composite = compose(layout, CUTOUTS, 256, 256)
    strong = only(contact_shadow=1.0, ambient_shadow=1.0, cast_shadow=1.0)
    below = plan(layout.placements[0])
    loss = grey_of(run(layout, picture, PASTE)) - grey_of(run(layout, picture, strong))
    own = grey_of(run(below, picture, PASTE)) - grey_of(run(below, picture, strong))
    support, top = composite.layers
    free = (support.visible == 0) & (top.visible == 0)
    assert np.abs(loss - own)[free].max() < 1
    assert loss[support.visible == 255].max() > 20


def test_a_dark_subject_is_brightened_and_a_bright_scene_does_not_bleach_it():
    picture = meadow()
    layout = plan(at("dark", (0.3, 0.4, 0.7, 0.8), 0.5))
    centre = (slice(140, 170), slice(115, 140))
    graded = run(layout, picture, only(exposure=0.5, exposure_limit=0.75))[centre].mean(axis=(0, 1))
    assert 45 < graded.mean() < 90


def test_nothing_is_brighter_than_the_night():
    night = (meadow().astype(float) * 0.25).astype(np.uint8)
    layout = plan(at("white", (0.3, 0.4, 0.7, 0.8), 0.5))
    composite = compose(layout, {"white": disc("white", (235, 235, 235))}, 256, 256)
    found = [
        grey_of(blend(composite, night, GARDEN, layout, settings, np.random.default_rng(0)))[140:170, 115:140].mean()
        for settings in (only(exposure=0.5, exposure_limit=0.9), only(exposure=0.5, exposure_limit=0.9, dimming=1.0))
    ]
    assert found[0] > 150
    assert found[1] < 80


def test_identity_survives_every_default():
    """A red thing stays red, a blue one blue, in a green scene."""
    result = run(TWO, meadow(), BlendSettings())
    red, blue = result[150:170, 70:95].mean(axis=(0, 1)), result[150:180, 155:175].mean(axis=(0, 1))
    assert red[0] > 2.5 * max(red[1], red[2])
    assert blue[2] > 2 * max(blue[0], blue[1])


def test_white_balance_moves_towards_the_light():
    warm = np.full((128, 128, 3), (230, 205, 170), np.uint8)
    cutouts = {"white": disc("white", (210, 210, 210))}
    layout = plan(at("white", (0.2, 0.2, 0.8, 0.8), 0.5))
    composite = compose(layout, cutouts, 128, 128)
    result = blend(composite, warm, GARDEN, layout, only(white_balance=1.0), np.random.default_rng(0))
    red, _, blue = (float(v) for v in result[64, 64])
    assert red > 212
    assert blue < 205


@pytest.mark.parametrize("sigma", [2.0, 5.0])
def test_grain_matches_the_background(sigma: float):
    picture = meadow(512, 512, noise=sigma)
    assert noise_level(picture) == pytest.approx(sigma * 0.66, rel=0.25)  # grey averages the three channels' noise
    layout = plan(at("blue", (0.2, 0.1, 0.8, 1.0), 0.5))
    result = run(layout, picture, only(grain=1.0))
    inside = result[200:400, 200:300].astype(float)
    assert inside.mean(axis=(0, 1)) == pytest.approx((20, 60, 210), abs=1.5)
    tile = noise_tile(np.random.default_rng(0))
    assert tile.std() == pytest.approx(1.0, abs=0.01)
    flat = np.full((200, 200, 3), 128, np.float32)
    add_grain(flat, tile, noise_level(picture), np.random.default_rng(1))
    assert flat.std() == pytest.approx(noise_level(picture), rel=0.1)
    assert 0.4 * noise_level(picture) < grey_of(inside.astype(np.uint8)).std() < 1.2 * noise_level(picture)


def test_edge_blur_is_measured():
    step = np.zeros((96, 96), np.uint8)
    step[:, 48:] = 200
    for sigma in (1.0, 2.0):
        blurred = np.asarray(cv2.GaussianBlur(step, (0, 0), sigma), dtype=np.uint8)
        assert edge_blur(blurred) == pytest.approx(sigma, rel=0.35)
    assert edge_blur(step) < 0.9


def test_refined_alpha_never_reaches_outside():
    alpha = disc("red", (1, 2, 3)).rgba[..., 3]
    assert np.array_equal(np.round(refine_alpha(alpha, 0, 0) * 255), alpha)
    refined = refine_alpha(alpha, 1.0, 1.2)
    assert refined[alpha == 0].max() == 0.0
    assert refined[60, 60] == pytest.approx(1.0)
    assert refined.sum() < alpha.sum() / 255
    cut = np.full((40, 40), 255, np.uint8)  # cut by its photo on every side: nothing to take off
    assert refine_alpha(cut, 2.0, 1.0).min() == pytest.approx(1.0)


def test_no_dark_or_bright_line_around_a_subject():
    """On a background of the subject's own colour the outline must vanish."""
    picture = np.full((200, 200, 3), (120, 110, 100), np.uint8)
    cutouts = {"same": disc("same", (120, 110, 100))}
    layout = plan(at("same", (0.2, 0.2, 0.8, 0.8), 0.5))
    settings = only(edge_erosion=0.8, edge_match=0.8, light_wrap=0.3, sharpness=0.8)
    result = blend(compose(layout, cutouts, 200, 200), picture, GARDEN, layout, settings, np.random.default_rng(0))
    assert np.abs(result.astype(int) - (120, 110, 100)).max() <= 1


def test_depth_blur_only_above_the_ground():
    picture = meadow(noise=10)
    result = run(plan(), picture, only(depth_blur=4.0))
    assert np.array_equal(result[160:], picture[160:])
    assert result[:80].std() < 0.6 * picture[:80].std()


def test_each_foot_has_its_own_contact():
    """A chair's hind leg ends higher up in the picture, and touches the ground all the same."""
    cutout = slab("chair", (90, 60, 30), 100, 120)
    cutout.rgba[60:, 20:80, 3] = 0
    cutout.rgba[108:, 80:, 3] = 0
    picture = np.full((256, 256, 3), 180, np.uint8)
    layout = plan(at("chair", (0.3, 0.2, 0.3 + 0.5, 0.8), 0.5))
    composite = compose(layout, {"chair": cutout}, 256, 256)
    layer = composite.layers[0]
    settings = only(contact_shadow=1.0)
    loss = 180 - grey_of(blend(composite, picture, GARDEN, layout, settings, np.random.default_rng(0)))
    front, hind = layer.y + layer.rgba.shape[0], layer.y + round(layer.rgba.shape[0] * 0.9)
    left, right = layer.x + round(layer.rgba.shape[1] * 0.1), layer.x + round(layer.rgba.shape[1] * 0.9)
    assert loss[front + 1, left] > 30
    assert loss[hind + 1, right] > 20
    assert loss[hind - 40 : hind - 20, layer.x + layer.rgba.shape[1] // 2].max() < 5


@pytest.mark.parametrize("size", [(8, 8), (16, 40), (5, 3)])
def test_tiny_pictures_do_not_fail(size: tuple[int, int]):
    picture = meadow(*size)
    assert run(TWO, picture, BlendSettings()).shape == picture.shape


def test_strengths_outside_their_range_are_refused():
    with pytest.raises(ValidationError):
        BlendSettings(exposure=1.2)
    with pytest.raises(ValidationError):
        BlendSettings(contact_shadow=-0.1)
