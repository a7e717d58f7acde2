"""SDXL repainting through its real code, on tiny random models in the published layout."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.data.scene_fixtures import pattern, place, scene
from tests.data.tiny_sdxl import save_tiny_sdxl
from vivant.data.repaint.sdxl import RepaintItem, SdxlRepainter, kept_mask, mix, pad, start_image
from vivant.errors import InputError, MissingExtraError, ModelError
from vivant.settings.sdxl import SdxlSettings
from vivant.types import Image

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

WIDTH, HEIGHT = 90, 60  # neither square nor a multiple of 8


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return save_tiny_sdxl(tmp_path_factory.mktemp("sdxl"))


@pytest.fixture(scope="module")
def tiny(models: tuple[Path, Path]) -> SdxlSettings:
    return SdxlSettings(
        model=str(models[0]), refiner=str(models[1]), refine=False, steps=4, device="cpu", download=False
    )


@pytest.fixture(scope="module")
def base(tiny: SdxlSettings) -> SdxlRepainter:
    return SdxlRepainter(tiny)


def item(seed: int, *, width: int = WIDTH, height: int = HEIGHT, noise_seed: int | None = None) -> RepaintItem:
    rng = np.random.default_rng(seed)
    _, composite = scene([place("cat", (0.1, 0.2, 0.5, 0.9), 0.3)], rng, width=width, height=height)
    background = pattern(rng, height, width)
    return RepaintItem(composite, background, "a cat in the garden", seed if noise_seed is None else noise_seed)


def difference(one: Image, two: Image) -> float:
    return float(np.abs(one.astype(np.int16) - two).mean())


def test_pictures_are_as_large_as_their_composites(base: SdxlRepainter) -> None:
    images = base.repaint([item(1), item(2, width=64, height=96), item(3)])
    assert [image.shape for image in images] == [(HEIGHT, WIDTH, 3), (96, 64, 3), (HEIGHT, WIDTH, 3)]
    assert all(image.dtype == np.uint8 for image in images)


def test_same_seed_same_bytes_and_another_seed_another_picture(base: SdxlRepainter) -> None:
    first, again, other = (base.repaint([item(1, noise_seed=seed)])[0] for seed in (5, 5, 6))
    assert np.array_equal(first, again)
    assert difference(first, other) > 1


@pytest.mark.parametrize("refine", [False, True])
def test_a_batch_of_two_is_two_batches_of_one(tiny: SdxlSettings, refine: bool) -> None:
    repainter = SdxlRepainter(tiny.model_copy(update={"refine": refine, "batch_size": 2}))
    together = repainter.repaint([item(1), item(2)])
    alone = [repainter.repaint([item(seed)])[0] for seed in (1, 2)]
    assert difference(alone[0], alone[1]) > 3
    for one, two in zip(together, alone, strict=True):
        assert np.abs(one.astype(np.int16) - two).max() <= 2


def test_switches_of_figure_10_change_the_picture(tiny: SdxlSettings, base: SdxlRepainter) -> None:
    usual = base.repaint([item(1)])[0]
    for change in ({"mask": "hard"}, {"start": "noise"}):
        assert difference(SdxlRepainter(tiny.model_copy(update=change)).repaint([item(1)])[0], usual) > 0.2, change


def test_a_soft_mask_reaches_the_unet_soft_and_a_hard_one_hard(tiny: SdxlSettings) -> None:
    for kind, soft in (("soft", True), ("hard", False)):
        repainter = SdxlRepainter(tiny.model_copy(update={"mask": kind}))
        seen: list[Any] = []
        repainter._base.unet.register_forward_pre_hook(
            lambda module, args, seen=seen: seen.append(args[0][:, 4].clone())
        )
        repainter.repaint([item(1, width=128, height=128)])
        values = torch.unique(seen[0])
        assert (len(values) > 2) == soft
        assert values.min() == 0
        assert values.max() == 1


def test_the_refiner_runs_and_keeps_the_subjects_latents(tiny: SdxlSettings, base: SdxlRepainter) -> None:
    settings = tiny.model_copy(update={"refine": True, "steps": 8, "refine_from": 0.5})
    repainter = SdxlRepainter(settings)
    steps: list[int] = []
    repainter._refiner.unet.register_forward_pre_hook(lambda module, args: steps.append(1))
    refined = repainter.repaint([item(1)])[0]
    assert len(steps) == 4
    assert difference(refined, base.repaint([item(1)])[0]) > 0.5

    # With everything kept, what comes out is the start as the autoencoder gives it back.
    whole = item(1)
    whole.composite.soft_mask[:] = 255
    kept = repainter.repaint([whole])[0]
    start = torch.from_numpy(pad(start_image(whole, settings))).permute(2, 0, 1)[None] / 127.5 - 1
    with torch.inference_mode():
        vae = repainter._base.vae
        decoded = vae.decode(vae.encode(start).latent_dist.mode()).sample
    expected = ((decoded[0].permute(1, 2, 0) / 2 + 0.5).clamp(0, 1) * 255).round().numpy()[:HEIGHT, :WIDTH]
    assert difference(kept, expected.astype(np.uint8)) < 1


def test_pasting_back_keeps_the_subject_exactly(tiny: SdxlSettings) -> None:
    scene_item = item(1)
    settings = tiny.model_copy(update={"paste_back": True})
    image = SdxlRepainter(settings).repaint([scene_item])[0]
    inside = scene_item.composite.soft_mask == 255
    assert inside.any()
    assert np.array_equal(image[inside], start_image(scene_item, settings)[inside])


def test_the_start_shows_subjects_on_the_photo_without_a_dark_fringe() -> None:
    scene_item = item(1, width=256, height=256)
    white = RepaintItem(
        scene_item.composite, np.full_like(scene_item.background_image, 255), scene_item.prompt, scene_item.seed
    )
    start = start_image(white, SdxlSettings())
    outside = scene_item.composite.layers[0].visible == 0
    assert (start[outside] == 255).all()
    solid = scene_item.composite.layers[0].visible == 255
    assert np.array_equal(start[solid], scene_item.composite.foreground[solid])
    edge = (scene_item.composite.layers[0].visible > 100) & (scene_item.composite.layers[0].visible < 156)
    assert start[edge].mean() > scene_item.composite.foreground[solid].mean()  # half subject, half white


def test_noise_start_differs_by_seed_only_outside_the_subjects() -> None:
    settings = SdxlSettings(start="noise")
    one, two = (start_image(item(1, noise_seed=seed), settings) for seed in (1, 2))
    solid = item(1).composite.layers[0].visible == 255
    assert np.array_equal(one[solid], two[solid])
    assert difference(one, two) > 20


def test_masks_and_padding() -> None:
    composite = item(1).composite
    assert kept_mask(composite, SdxlSettings()) is composite.soft_mask
    assert kept_mask(composite, SdxlSettings(mask="hard")) is composite.hard_mask
    padded = pad(composite.foreground)
    assert padded.shape == (64, 96, 3)
    assert np.array_equal(padded[:HEIGHT, :WIDTH], composite.foreground)
    zero, full = np.zeros((2, 2, 3), np.uint8), np.full((2, 2, 3), 200, np.uint8)
    assert mix(zero, full, np.array([[0, 255], [128, 0]], np.uint8))[..., 0].tolist() == [[0, 200], [100, 0]]


def test_a_background_of_another_size_is_refused(base: SdxlRepainter) -> None:
    wrong = RepaintItem(item(1).composite, np.zeros((10, 10, 3), np.uint8), "a cat", 0)
    with pytest.raises(InputError, match="background of"):
        base.repaint([wrong])


def test_missing_weights_say_what_to_do(tiny: SdxlSettings, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"sdxl\.model"):
        SdxlRepainter(tiny.model_copy(update={"model": str(tmp_path / "nothing")}))
    with pytest.raises(ModelError, match=r"sdxl\.refine to false"):
        SdxlRepainter(tiny.model_copy(update={"refine": True, "refiner": "nobody/nothing-of-this-name"}))


def test_broken_weights_are_an_error_in_words(tiny: SdxlSettings, models: tuple[Path, Path], tmp_path: Path) -> None:
    import shutil

    shutil.copytree(models[0], tmp_path / "broken")
    weights = tmp_path / "broken" / "unet" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelError, match="cannot be loaded"):
        SdxlRepainter(tiny.model_copy(update={"model": str(tmp_path / "broken")}))


def test_offload_needs_a_gpu_and_unknown_devices_are_refused(tiny: SdxlSettings) -> None:
    with pytest.raises(ModelError, match="no"):
        SdxlRepainter(tiny.model_copy(update={"offload": "model"}))
    with pytest.raises(ModelError, match="cannot be used here"):
        SdxlRepainter(tiny.model_copy(update={"device": "gpu"}))


def test_too_little_memory_names_the_settings_that_lower_it(
    base: SdxlRepainter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB")

    monkeypatch.setattr(base._base.unet, "forward", full)
    with pytest.raises(ModelError, match=r"sdxl\.offload"):
        base.repaint([item(1)])


def test_overflow_is_noticed(base: SdxlRepainter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "_paint", lambda *_: np.full((1, 64, 96, 3), np.nan, np.float32))
    with pytest.raises(ModelError, match="bfloat16"):
        base.repaint([item(1)])


def test_without_torch_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"vivant\[models\]"):
        SdxlRepainter(SdxlSettings())


def test_without_diffusers_the_error_says_what_to_install(tiny: SdxlSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "diffusers", None)
    with pytest.raises(MissingExtraError, match=r"vivant\[models\]"):
        SdxlRepainter(tiny)
