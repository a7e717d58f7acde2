"""A base's name stands for a folder or a hub id, and one that stands for neither is said so."""

from pathlib import Path

import pytest

import vivant
from vivant.errors import ModelError
from vivant.models import bases
from vivant.models.bases import BASES, base_source, defaults_for, pocket_folder


def test_names_of_the_table():
    assert base_source("sdxl") == "stabilityai/stable-diffusion-xl-base-1.0"
    assert base_source("someone/some-model_v1.5") == "someone/some-model_v1.5"
    assert pocket_folder() == Path(vivant.__file__).parent / "pocket" / "weights" / "base"


@pytest.mark.parametrize(
    ("base", "words"),
    [
        ("pockett", "did you mean 'pocket'"),
        ("./none", "no such folder"),
        ("a b/c", "known: pocket"),
        ("/x/y/z", "/x/y"),
    ],
)
def test_a_base_that_is_nowhere_is_named(base, words):
    with pytest.raises(ModelError, match=words):
        base_source(base)


def test_a_folder_wins_over_a_hub_id(tmp_path, monkeypatch):
    (tmp_path / "some" / "model").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert base_source("some/model") == Path("some/model")
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(ModelError, match="is a file"):
        base_source(str(tmp_path / "model.safetensors"))


def test_pocket_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(bases, "pocket_folder", lambda: tmp_path)
    with pytest.raises(ModelError, match=r"vivant\.pocket\.train"):
        base_source("pocket")
    (tmp_path / "model_index.json").write_text("{}")
    assert base_source("pocket") == tmp_path


def test_defaults_of_a_base_follow_its_own_size():
    assert defaults_for("sdxl", "sdxl", {"sample_size": 8}, 8) == BASES["sdxl"].defaults
    large = defaults_for("mine", "sd15", {"sample_size": [96, 64]}, 8)
    assert (large.width, large.height, large.guidance, large.batch) == (512, 768, 7.5, 1)
    small = defaults_for("mine", "sdxl", {"sample_size": 16}, 8)
    assert small == BASES["pocket"].defaults and small.small
