"""The check: good scenes pass, planted faults are caught, each by the score that is meant for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from tests.data.scene_fixtures import pattern, place, scene
from vivant.data.checks.check import CheckResult, check
from vivant.errors import InputError
from vivant.settings.check import CheckSettings
from vivant.types import Background, Composite, Image, Layer, Layout

GARDEN = Background(scene="garden", prompt="in the garden")
SIDE = 512
Fault = Callable[[Image, Layer, Image, np.random.Generator], Image]


def finished(seed: int, size: int = SIDE) -> tuple[Image, Composite, Layout, Image]:
    """A soft paste with a gentle change of light, as a good repainter gives it."""
    rng = np.random.default_rng(seed)
    layout, composite = scene(
        [place("cat", (0.08, 0.3, 0.42, 0.85), 0.4), place("dog", (0.55, 0.4, 0.9, 0.95), 0.1)],
        rng,
        width=size,
        height=size,
    )
    background = pattern(rng, size, size, detail=12.0)
    image = background.astype(np.float32)
    for layer in composite.layers:
        own = background.copy()
        rows, columns = slice(layer.y, layer.y + layer.rgba.shape[0]), slice(layer.x, layer.x + layer.rgba.shape[1])
        own[rows, columns] = layer.rgba[..., :3]
        lit = own * rng.uniform(0.85, 1.15) * rng.uniform(0.94, 1.06, 3)
        image += ((lit - image) * weight(layer)).astype(np.float32)
    grainy = cv2.GaussianBlur(image, (0, 0), 0.6) + rng.normal(0, 1.0, image.shape)
    return np.clip(grainy, 0, 255).astype(np.uint8), composite, layout, background


def run(image: Image, composite: Composite, layout: Layout, faults: tuple[str, ...] = ()) -> CheckResult:
    return check(image, composite, layout, GARDEN, faults, CheckSettings())


def weight(layer: Layer) -> npt.NDArray[Any]:
    return (layer.visible.astype(np.float32) / 255)[..., None]


def over(image: Image, other: npt.NDArray[Any], layer: Layer) -> Image:
    mask = weight(layer)
    return np.asarray(np.clip(image * (1 - mask) + other * mask, 0, 255), dtype=np.uint8)


def replaced(image: Image, layer: Layer, background: Image, rng: np.random.Generator) -> Image:
    return over(image, pattern(rng, *image.shape[:2]), layer)


def erased(image: Image, layer: Layer, background: Image, rng: np.random.Generator) -> Image:
    return over(image, background, layer)


def blurred(image: Image, layer: Layer, background: Image, rng: np.random.Generator) -> Image:
    return over(image, cv2.GaussianBlur(image, (0, 0), 10), layer)


def noise(image: Image, layer: Layer, background: Image, rng: np.random.Generator) -> Image:
    return over(image, rng.uniform(0, 255, image.shape), layer)


def warped(image: Image, layer: Layer, background: Image, rng: np.random.Generator) -> Image:
    x, y = np.meshgrid(np.arange(SIDE, dtype=np.float32), np.arange(SIDE, dtype=np.float32))
    shift = 14 * np.sin(x / 23) * np.cos(y / 19)
    return over(image, cv2.remap(image, x + shift, y - shift, cv2.INTER_LINEAR), layer)


def recoloured(image: Image, layer: Layer, background: Image, rng: np.random.Generator) -> Image:
    hls = cv2.cvtColor(image, cv2.COLOR_RGB2HLS)
    hls[..., 0] = (hls[..., 0].astype(int) + 80) % 180
    hls[..., 2] = np.clip(hls[..., 2].astype(int) * 2 + 60, 0, 255)
    return over(image, cv2.cvtColor(hls, cv2.COLOR_HLS2RGB), layer)


def halo(image: Image, layer: Layer, background: Image, rng: np.random.Generator, level: int = 250) -> Image:
    solid = (layer.visible > 127).astype(np.uint8)
    ring = cv2.dilate(solid, np.ones((3, 3), np.uint8)) > solid
    return np.where(ring[..., None], np.uint8(level), image)


def dark_halo(image: Image, layer: Layer, background: Image, rng: np.random.Generator) -> Image:
    return halo(image, layer, background, rng, level=0)


def hard_paste(image: Image, layer: Layer, background: Image, rng: np.random.Generator) -> Image:
    """Cut at the pixel, with a paler surface around it so that there is an edge to see."""
    solid = (layer.visible > 127).astype(np.uint8)
    ring = cv2.dilate(solid, np.ones((31, 31), np.uint8)) > solid
    return np.where(ring[..., None], background // 4 + 160, image).astype(np.uint8)


def burnt(image: Image, layer: Layer, background: Image, rng: np.random.Generator) -> Image:
    return over(image, image * 2.2, layer)


def sunk(image: Image, layer: Layer, background: Image, rng: np.random.Generator) -> Image:
    return over(image, image * 0.35, layer)


FAULTS: dict[str, tuple[Fault, str]] = {
    "replaced": (replaced, "structure"),
    "erased": (erased, "structure"),
    "blurred": (blurred, "structure"),
    "noise": (noise, "structure"),
    "warped": (warped, "structure"),
    "recoloured": (recoloured, "colour"),
    "halo": (halo, "seam"),
    "dark halo": (dark_halo, "seam"),
    "hard paste": (hard_paste, "seam"),
    "burnt": (burnt, "exposure"),
    "sunk": (sunk, "exposure"),
}


@pytest.mark.parametrize("seed", range(6))
def test_good_scenes_pass(seed: int) -> None:
    image, composite, layout, _ = finished(seed)
    result = run(image, composite, layout)
    assert result.reasons == ()
    assert set(result.scores) == {"structure", "detail", "colour", "visible", "place", "seam", "exposure"}
    assert all(0.0 <= score <= 1.0 for score in result.scores.values())


@pytest.mark.parametrize("name", FAULTS)
def test_planted_faults_are_caught_and_named(name: str) -> None:
    plant, kind = FAULTS[name]
    for seed in range(3):
        image, composite, layout, background = finished(seed)
        layer = composite.layers[seed % 2]
        result = run(plant(image, layer, background, np.random.default_rng(seed)), composite, layout)
        assert any(layer.subject in reason and f"({kind} " in reason for reason in result.reasons), result
        other = composite.layers[1 - seed % 2].subject
        assert not any(reason.startswith(other) for reason in result.reasons), result


def test_a_gentle_tint_and_exposure_do_not_count_as_a_change() -> None:
    image, composite, layout, _ = finished(3)
    tinted = np.clip(image * np.array([1.12, 1.0, 0.9]) * 0.9, 0, 255).astype(np.uint8)
    assert run(tinted, composite, layout).scores["structure"] > 0.95
    assert run(tinted, composite, layout).reasons == ()


def test_an_unchanged_subject_scores_one() -> None:
    _, composite, layout, background = finished(0)
    image = np.where(composite.hard_mask[..., None] > 0, composite.foreground, background)
    scores = run(image, composite, layout).scores
    assert all(scores[kind] > 0.99 for kind in ("structure", "detail", "colour", "exposure"))


def test_a_one_pixel_halo_lowers_the_seam_score() -> None:
    image, composite, layout, background = finished(1)
    layer = composite.layers[0]
    good = run(image, composite, layout).scores["seam"]
    for level in (0, 250):
        assert run(halo(image, layer, background, np.random.default_rng(0), level), composite, layout).scores[
            "seam"
        ] < min(good, 0.5)


def test_layout_faults_are_reasons() -> None:
    image, composite, layout, _ = finished(0)
    result = run(image, composite, layout, ("the teapot floats above the ground",))
    assert result.scores["place"] == 0.0
    assert result.reasons == ("the teapot floats above the ground (place 0.00 < 0.5)",)


def test_a_covered_subject_is_a_reject() -> None:
    layout, composite = scene(
        [place("cat", (0.3, 0.4, 0.6, 0.8), 0.6), place("dog", (0.25, 0.35, 0.65, 0.9), 0.1)], np.random.default_rng(0)
    )
    result = run(composite.foreground, composite, layout)
    assert result.scores["visible"] < 0.1
    assert any(reason.startswith("cat") and "visible" in reason for reason in result.reasons)


def test_a_tiny_subject_and_one_off_the_canvas_are_missing() -> None:
    image, composite, layout, _ = finished(0)
    fewer = Composite(composite.foreground, composite.hard_mask, composite.soft_mask, composite.layers[:1])
    assert any("missing" in reason for reason in run(image, fewer, layout).reasons)
    tiny_layout, tiny = scene([place("ant", (0.5, 0.5, 0.52, 0.52), 0.2)], np.random.default_rng(0))
    assert run(tiny.foreground, tiny, tiny_layout).scores["visible"] == 0.0


def test_small_and_long_pictures_can_be_checked() -> None:
    for width, height in ((64, 64), (400, 90), (90, 400)):
        layout, composite = scene(
            [place("cat", (0.1, 0.1, 0.6, 0.9), 0.2)], np.random.default_rng(0), width=width, height=height
        )
        scores = run(composite.foreground, composite, layout).scores
        assert scores["place"] == 1.0


def test_limits_are_settings() -> None:
    image, composite, layout, _ = finished(0)
    strict = CheckSettings(structure=1.0)
    lenient = CheckSettings(place=0.0)
    assert any("structure" in reason for reason in check(image, composite, layout, GARDEN, (), strict).reasons)
    assert check(image, composite, layout, GARDEN, ("floats",), lenient).reasons == ()


def test_another_size_is_refused() -> None:
    image, composite, layout, _ = finished(0)
    with pytest.raises(InputError):
        run(image[:100], composite, layout)


def test_it_is_quick() -> None:
    image, composite, layout, _ = finished(0, size=1024)
    run(image, composite, layout)
    start = time.perf_counter()
    run(image, composite, layout)
    assert time.perf_counter() - start < 0.5  # 10 ms on an idle core; the limit is for busy ones
