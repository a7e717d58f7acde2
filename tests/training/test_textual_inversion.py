"""The recipe on tiny models: words alone move, of one vector or several; and pictures with them by `generate`."""

from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file

from tests.tiny_bases import save_tiny_sdxl
from tests.training.small_concepts import write_small_photos
from vivant.adapters.concept_files import LEARNED
from vivant.adapters.concept_tokens import new_concept_tokens
from vivant.adapters.relation_lora import add_relation_lora, save_lora
from vivant.adapters.tuned import load_tuned
from vivant.cli import vivant
from vivant.images import read_image, read_recipe
from vivant.models.bundle import load_bundle
from vivant.settings.base import load_settings
from vivant.settings.train_textual_inversion import TrainTextualInversionSettings
from vivant.training.log import SCALARS, read_scalars
from vivant.training.textual_inversion import show_prompts, train_textual_inversion


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return str(save_tiny_sdxl(tmp_path_factory.mktemp("sdxl")))


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    return write_small_photos(tmp_path_factory.mktemp("photos"))


@pytest.fixture(scope="module")
def run(base, photos, tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    return train_textual_inversion(photos, out, settings(base, vectors=2), say=lambda line: None)


def settings(base: str, **changes) -> TrainTextualInversionSettings:
    usual = {"base": base, "steps": 4, "batch": 2, "variations": 1, "width": 64, "height": 64, "device": "cpu"}
    return load_settings(
        TrainTextualInversionSettings, flags={**usual, "validate_every": 0, "save_every": 2, "lr": 0.01, **changes}
    )


def draw(tmp_path: Path, name: str, *more: str) -> Path:
    path = tmp_path / name
    few = ["--sampling-steps", "2", "--width", "64", "--height", "64", "--device", "cpu"]
    done = CliRunner().invoke(vivant, ["generate", *more, "-o", str(path), *few])
    assert done.exit_code == 0, done.output
    return path


def test_words_alone_move_and_all_of_them(base, run):
    bundle = load_bundle(base, "cpu", "float32")
    own = {name: value.clone() for name, value in bundle.unet.state_dict().items()}
    start = new_concept_tokens(bundle, {"<cat1>": "cat", "<dog>": "dog"}, length=2)
    for token in start.lengths:
        for number, suffix in enumerate(("", "_2")):
            found = load_file(run / f"{token}{suffix}.safetensors")[token]
            moved = (found - start.of(token)[number]).abs().max(dim=1).values
            assert found.shape[0] == 2 and (moved > 1e-3).all()
    tuned = load_tuned(bundle, run)
    assert all(torch.equal(value, own[name]) for name, value in tuned.unet.state_dict().items())


def test_one_subject_s_file_has_the_usual_name_and_resumed_is_uninterrupted(base, photos, tmp_path):
    train_textual_inversion(photos, tmp_path / "a", settings(base, only="dog"), say=lambda line: None)
    for steps in (2, 4):
        train_textual_inversion(photos, tmp_path / "b", settings(base, only="dog", steps=steps), say=lambda line: None)
    one, other = (load_file(tmp_path / name / f"{LEARNED}_2.safetensors")["<dog>"] for name in "ab")
    assert torch.equal(one, other)
    assert read_scalars(tmp_path / "a" / SCALARS) == read_scalars(tmp_path / "b" / SCALARS)


def test_a_word_stands_without_its_noun(base, photos):
    lines = set(show_prompts(photos, settings(base, resize=False), 40))
    assert "a photo of a <dog>" in lines and not any("<dog> dog" in line for line in lines)


def test_pictures_with_the_words_alone_and_with_a_relation(base, run, tmp_path):
    prompt = "a <cat1> and a <dog> in the snow"
    plain = draw(tmp_path, "plain.png", prompt, "--base", base)
    tuned = draw(tmp_path, "tuned.png", prompt, "--base", base, "--tuned", str(run))
    assert (read_image(plain) != read_image(tuned)).any()
    assert read_recipe(tuned)["tuned"] == str(run)
    again = draw(tmp_path, "again.png", "--from", str(tuned))
    assert (read_image(again) == read_image(tuned)).all()
    unet = load_bundle(base, "cpu", "float32").unet
    add_relation_lora(unet, torch.Generator().manual_seed(0))
    for name, value in unet.named_parameters():
        if ".lora_B." in name:
            value.data.fill_(0.3)
    save_lora(unet, tmp_path / "hug", {})
    both = draw(tmp_path, "both.png", prompt, "--base", base, "--tuned", str(run), "--lora", str(tmp_path / "hug"))
    assert (read_image(both) != read_image(tuned)).any()


def test_the_command_prints_prompts_and_asks_for_a_place(base, photos):
    shown = CliRunner().invoke(
        vivant, ["train", "textual-inversion", str(photos), "--base", base, "--show-prompts", "3"]
    )
    assert shown.exit_code == 0 and len(shown.output.splitlines()) == 3
    done = CliRunner().invoke(vivant, ["train", "textual-inversion", str(photos), "--base", base])
    assert done.exit_code != 0 and "-o runs/mine" in str(done.exception or done.output)
