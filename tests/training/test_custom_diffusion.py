"""The recipe on models of both layouts at a millionth of the size."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tests.tiny_bases import save_tiny_sd15, save_tiny_sdxl
from tests.training.small_concepts import write_small_photos
from tests.training.small_scenes import write_small_scenes
from vivant.adapters.concept_tokens import new_concept_tokens
from vivant.adapters.custom_diffusion import WEIGHTS
from vivant.adapters.tuned import load_tuned
from vivant.errors import InputError, SettingsError, StoreError
from vivant.images import read_image
from vivant.models.bundle import load_bundle
from vivant.models.text import encode_text
from vivant.settings.base import load_settings
from vivant.settings.train_custom_diffusion import TrainCustomDiffusionSettings
from vivant.training.concept_learner import masked_error, sample_losses
from vivant.training.custom_diffusion import show_prompts, train_custom_diffusion
from vivant.training.log import SCALARS, curve, read_scalars
from vivant.training.resizing import Resizing, cells_seen, draw_resizing, resized


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return str(save_tiny_sdxl(tmp_path_factory.mktemp("sdxl")))


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    return write_small_scenes(tmp_path_factory.mktemp("scenes"))


def settings(base: str, **changes) -> TrainCustomDiffusionSettings:
    usual = {"base": base, "steps": 4, "batch": 2, "variations": 2, "width": 128, "height": 64, "device": "cpu"}
    small = {"prior_pictures": 2, "validate_every": 0, "save_every": 2, "lr": 1e-3, "grid": 2}
    return load_settings(TrainCustomDiffusionSettings, flags={**usual, **small, **changes})


def train(source: Path, out: Path, chosen: TrainCustomDiffusionSettings):
    said: list[str] = []
    assert train_custom_diffusion(source, out, chosen, say=said.append) == out
    return read_scalars(out / SCALARS), said


def learned(folder: Path) -> dict[str, torch.Tensor]:
    return {
        f"{path.name} {name}": value
        for path in sorted(folder.glob("*.safetensors"))
        for name, value in load_file(path).items()
    }


def test_every_word_moves_and_keys_and_values_do(base, scenes, tmp_path):
    rows, _ = train(scenes, tmp_path, settings(base, prompting="gen4gen", resize=False))
    assert [row["step"] for row in rows] == [0, 1, 2, 3]
    assert all(set(row) == {"step", "total", "subjects", "classes"} for row in rows)
    words = json.loads((tmp_path / "tokens.json").read_text())
    assert list(words) == ["<cat1>", "<cat2>", "<dog>", "<scene>"]
    bundle = load_bundle(base, "cpu", "float32")
    before = new_concept_tokens(bundle, dict.fromkeys(words))
    for token in words:
        for number, suffix in enumerate(("", "_2")):
            after = load_file(tmp_path / f"{token}{suffix}.safetensors")[token]
            assert (after - before.of(token)[number]).abs().max() > 1e-4, (token, number)
    own = {name: value.clone() for name, value in bundle.unet.state_dict().items()}
    tuned = load_tuned(bundle, tmp_path)
    moved = {name for name, value in tuned.unet.state_dict().items() if not torch.equal(value, own[name])}
    assert moved and all(name.endswith(("attn2.to_k.weight", "attn2.to_v.weight")) for name in moved)
    assert len(moved) == len(load_file(tmp_path / f"{WEIGHTS}.safetensors"))
    assert not torch.equal(encode_text(tuned, ["<cat1>"]).states, encode_text(tuned, ["<cat2>"]).states)


def test_a_run_that_is_stopped_and_started_again_is_one_run(base, scenes, tmp_path, monkeypatch):
    chosen = settings(base, prompting="gen4gen", validate_every=2, steps=5, grid=1)
    rows, _ = train(scenes, tmp_path / "whole", chosen)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        left = iter(range(100))

        def losses(model, *given):
            # Scores before training and after two steps take calls of their own; this is within the fourth step.
            if next(left) == stop:
                raise KeyboardInterrupt
            return sample_losses(model, *given)

        stop = sum(1 for _ in rows[:3]) + 2 * -(-4 * 4 // 2)
        patched.setattr("vivant.training.concept_learner.sample_losses", losses)
        train(scenes, tmp_path / "parts", chosen)
    assert not (tmp_path / "parts" / "validation" / "step-000004.png").exists()
    again, _ = train(scenes, tmp_path / "parts", chosen)
    assert again == rows
    for part in ("", "best"):
        one, other = (learned(tmp_path / name / part) for name in ("whole", "parts"))
        assert one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)
    whole, parts = (read_image(tmp_path / name / "validation" / "step-000004.png") for name in ("whole", "parts"))
    assert np.array_equal(whole, parts)


@pytest.mark.parametrize("checkpointing", [False, True])
def test_pieces_of_a_batch_are_the_batch(base, scenes, tmp_path, checkpointing):
    whole, _ = train(scenes, tmp_path / "whole", settings(base, batch=3))
    chosen = settings(base, batch=3, micro_batch=2, gradient_checkpointing=checkpointing)
    pieces, _ = train(scenes, tmp_path / "pieces", chosen)
    for one, other in zip(whole, pieces, strict=True):
        assert one == pytest.approx(other, rel=1e-4)


def test_the_loss_falls_on_photos_in_sd15_s_layout(tmp_path):
    base = str(save_tiny_sd15(tmp_path / "base"))
    source = write_small_photos(tmp_path / "photos", count=1)
    chosen = settings(base, steps=30, lr=0.03, width=64, variations=1, resize=False, prior_weight=0.0, save_every=60)
    rows, said = train(source, tmp_path / "run", chosen)
    assert set(rows[0]) == {"step", "total", "subjects"}
    assert "learning <cat1> cat, <dog> dog from 2 pictures, 0 of their classes" in said
    still, _ = train(source, tmp_path / "still", chosen.model_copy(update={"lr": 1e-9}))
    late, untrained = (np.mean(curve(found, "total")[-10:]) for found in (rows, still))
    assert late < 0.97 * untrained


def test_pictures_of_classes_are_drawn_once_or_taken_from_a_folder(base, scenes, tmp_path):
    own = tmp_path / "own"
    write_small_photos(own, names=("dog",), count=1)
    train(scenes, tmp_path / "run", settings(base, steps=1, regularisation=str(own)))
    drawn = sorted(path.relative_to(own).as_posix() for path in own.rglob("*.png"))
    assert drawn == ["cat/0000.png", "cat/0001.png", "dog/0.png", "dog/0001.png"]
    stamp = (own / "cat" / "0000.png").stat().st_mtime_ns
    train(scenes, tmp_path / "other", settings(base, steps=1, regularisation=str(own), seed=0, lr=0.01))
    assert (own / "cat" / "0000.png").stat().st_mtime_ns == stamp
    with pytest.raises(InputError, match="drawn by another base, or otherwise"):
        train(scenes, tmp_path / "third", settings(base, steps=1, regularisation=str(own), seed=7))


def test_other_settings_data_or_words_are_another_run(base, scenes, tmp_path):
    train(scenes, tmp_path / "run", settings(base, steps=2))
    for changes in ({"prompting": "gen4gen"}, {"only": "cat1, cat2"}, {"tokens": "dog=<rex>"}):
        with pytest.raises(StoreError, match="begun with other settings or data"):
            train(scenes, tmp_path / "run", settings(base, steps=4, **changes))
    with pytest.raises(SettingsError, match="held_out 4: of 4 pictures"):
        train(scenes, tmp_path / "more", settings(base, held_out=4))
    with pytest.raises(InputError, match="<dog> is the word for cat1 and for dog"):
        train(scenes, tmp_path / "twice", settings(base, tokens="cat1=<dog>"))
    with pytest.raises(SettingsError, match="write NAME=<token>"):
        settings(base, tokens="cat1")


def test_held_out_pictures_are_scored_and_never_drawn(base, scenes, tmp_path):
    rows, said = train(scenes, tmp_path, settings(base, steps=2, held_out=1, validate_every=1, grid=0))
    assert all("held_out_loss" in row for row in rows)
    assert any("before training" in line for line in said)
    assert (tmp_path / "best" / f"{WEIGHTS}.safetensors").is_file()


@pytest.fixture
def fresh_accelerate():
    """accelerate holds one precision a process."""
    from accelerate.state import AcceleratorState

    AcceleratorState._reset_state(reset_partial_state=True)
    yield
    AcceleratorState._reset_state(reset_partial_state=True)


def test_what_is_frozen_may_be_in_half_precision(base, scenes, tmp_path, fresh_accelerate):
    chosen = settings(base, steps=2, dtype="bfloat16", validate_every=2, grid=1)
    rows, _ = train(scenes, tmp_path, chosen)
    assert all(np.isfinite(row["total"]) for row in rows)
    assert all(value.dtype == torch.float32 for value in learned(tmp_path).values())
    assert (tmp_path / "validation" / "step-000002.png").is_file()


def test_prompts_are_shown_as_they_are_trained_on(base, scenes):
    lines = list(show_prompts(scenes, settings(base, prompting="gen4gen"), 20))
    assert len(lines) == 20 and any("a <scene> composition:" in line for line in lines)
    assert list(show_prompts(scenes, settings(base, prompting="gen4gen"), 20)) == lines
    plain = list(show_prompts(scenes, settings(base, resize=False), 20))
    assert set(plain) == {
        "a <cat1> cat",
        "a <dog> dog",
        "a <cat2> cat and a <dog> dog",
        "a <cat1> cat and a <cat2> cat",
    } & set(plain)


def test_nothing_is_learned_where_nothing_is_seen():
    predicted, wanted = torch.zeros(2, 3, 4, 4), torch.ones(2, 3, 4, 4)
    wanted[:, :, :2] = 3.0
    seen = torch.zeros(2, 1, 4, 4)
    seen[0, :, :2] = 1.0
    assert masked_error(predicted, wanted, seen).tolist() == [9.0, 0.0]


def test_smaller_and_larger_versions_say_so():
    picture = np.zeros((64, 64, 3), dtype=np.uint8)
    picture[:, 32:] = 255
    small, seen = resized(picture, Resizing(scale=0.5, across=0.0, down=1.0), 64, 64)
    assert seen.sum() == 255 * 32 * 32 and (seen[32:, :32] == 255).all()
    assert small[40, 10].tolist() == [0, 0, 0] and small[40, 20].tolist() == [255, 255, 255]
    large, seen = resized(picture, Resizing(scale=1.4, across=0.0), 64, 64)
    assert (seen == 255).all() and large.mean() < picture.mean()
    mirrored, _ = resized(picture, Resizing(mirrored=True), 64, 32)
    assert mirrored.shape == (32, 64, 3) and mirrored[0, 0, 0] == 255
    assert cells_seen(seen, 8, 8).all()
    rng = np.random.default_rng(0)
    drawn = [draw_resizing(rng, resize=True, flip=0.5) for _ in range(200)]
    assert all((one.scale < 0.6) == (one.words in ("far away", "very small")) for one in drawn)
    assert all((one.scale > 1.0) == (one.words in ("zoomed in", "close up")) for one in drawn)
    assert 40 < sum(one.scale > 1.0 for one in drawn) < 95


def two_processes(source: Path, out: Path, chosen: TrainCustomDiffusionSettings):
    """The scalars of a run that torchrun started twice."""
    script = out.parent / "train.py"
    script.write_text(
        "import pathlib, sys\n"
        "from vivant.settings.train_custom_diffusion import TrainCustomDiffusionSettings as Settings\n"
        "from vivant.training.custom_diffusion import train_custom_diffusion\n"
        "settings = Settings.model_validate_json(sys.argv[1])\n"
        "train_custom_diffusion(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]), settings)\n"
    )
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(script)]
    told = [chosen.model_dump_json(), str(source), str(out)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run([*command, *told], check=True, capture_output=True, env=environment, timeout=300)
    return read_scalars(out / SCALARS)


def test_two_processes_learn_what_one_does(base, scenes, tmp_path):
    chosen = settings(base, steps=3, batch=4, prompting="gen4gen")
    two = two_processes(scenes, tmp_path / "two", chosen)
    one, _ = train(scenes, tmp_path / "one", chosen)
    assert [row["step"] for row in two] == [0, 1, 2]
    for row, other in zip(one, two, strict=True):
        assert row == pytest.approx(other, rel=1e-4, abs=1e-7)
