"""``vivant relate``."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner

from tests.relations.image_server import playing
from tests.tiny_bases import save_tiny_sd15
from vivant.cli import vivant
from vivant.commands.relate import _image_environment
from vivant.errors import InputError, ModelError, SettingsError, VivantError
from vivant.images import read_image
from vivant.relations.published import read_relation
from vivant.relations.sample import Part, Sample

KEY = "sk-never-in-a-file"


def run(*arguments: object, env: dict[str, str] | None = None):
    everything = ["relate", *map(str, arguments)]
    return CliRunner().invoke(vivant, everything, catch_exceptions=False, env=env)


def test_triplets_of_one_relation(tmp_path):
    done = run("hugging", "--subjects", "lion, bear", "-n", 2, "--size", 96, "--workers", 1, "-o", tmp_path / "hug")
    assert "hugging: 2 triplets in" in done.output
    triplets = read_relation(tmp_path / "hug")
    assert len(triplets) == 2 and triplets[0].prompt.startswith("a lion is hugging a bear")
    assert read_image(triplets[0].target).shape == (96, 96, 3)
    assert read_image(tmp_path / "hug/sheet.jpg").shape[1] > 3 * 256


def test_several_relations_get_a_folder_each(tmp_path):
    run("hugging", "dancing", "-n", 1, "--size", 96, "--workers", 1, "-o", tmp_path)
    assert len(read_relation(tmp_path / "hugging")[0].subjects) == 2
    assert len(read_relation(tmp_path / "dancing")[0].subjects) == 1


@pytest.mark.parametrize(
    ("arguments", "error", "told"),
    [
        (("huging",), InputError, "did you mean 'hugging'"),
        (("hugging", "--subjects", "lion, polar bear"), InputError, "did you mean 'bear'"),
        (("hugging", "--subjects", "lion"), InputError, "takes 2 subject"),
        (("hugging", "--from", "nowhere"), InputError, "no such folder"),
        (("hugging", "--from", "endpoint"), SettingsError, "VIVANT_IMAGE_MODEL"),
        (("hugging", "--from", "diffusers", "--base", "pokcet"), ModelError, "pokcet"),
        (("hugging", "--from", "diffusers", "--share", "2"), SettingsError, "share"),
        (("hugging", "--from", "diffusers", "--size", "100"), SettingsError, "width"),
        (("hugging", "--base", "pocket"), SettingsError, "--from diffusers"),
        (("hugging", "--words"), SettingsError, "VIVANT_LLM_MODEL"),
        (("hugging", "--set", "check.pos=1"), SettingsError, "did you mean 'check.pose'"),
    ],
)
def test_what_cannot_be_done_is_told_before_any_work(tmp_path, monkeypatch, arguments, error, told):
    for name in ("VIVANT_LLM_MODEL", "VIVANT_IMAGE_MODEL", "VIVANT_LLM_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(error, match=told):
        run(*arguments, "-o", tmp_path / "out")
    assert not (tmp_path / "out").exists()


class Blind:
    """Finds nobody."""

    def annotate(self, request, pictures):
        empty, points = np.zeros(pictures.target.shape[:2], np.uint8), np.zeros((17, 3), np.float32)
        found = zip(pictures.nouns, pictures.concepts, strict=True)
        parts = tuple(Part(noun, concept, empty, points, points) for noun, concept in found)
        return Sample(pictures.name, pictures.target, pictures.prompt, ("hugging",), parts, pictures.made)


def test_pictures_from_an_endpoint_leave_no_key_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("vivant.commands.relate._annotator", lambda settings: Blind())
    with playing() as server:
        environment = {
            "VIVANT_IMAGE_MODEL": "painter",
            "VIVANT_IMAGE_BASE_URL": server.url,
            "VIVANT_IMAGE_API_KEY": KEY,
        }
        arguments = ("hugging", "--subjects", "lion, bear", "-n", 1, "--set", "max_attempts=1", "--from", "endpoint")
        with pytest.raises(InputError, match="no triplet passed the checks"):
            run(*arguments, "-o", tmp_path, env=environment)
    assert len(server.requests) == 3
    rejected = json.loads((tmp_path / "rejects.jsonl").read_text())
    assert "missing" in rejected["reason"]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 10 and not any(KEY.encode() in path.read_bytes() for path in files)


def test_pictures_from_a_base_are_drawn_once_and_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr("vivant.commands.relate._annotator", lambda settings: Blind())
    base = save_tiny_sd15(tmp_path / "base")
    few = ("--set", "max_attempts=1", "--set", "sampling_steps=2", "--size", 64)
    drawn = ("--from", "diffusers", "--base", base, "--share", 0.5)
    arguments = ("hugging", "--subjects", "lion, bear; cat, dog", *few, *drawn)

    def pictures(name: str, count: int) -> list[bytes]:
        with pytest.raises(InputError, match="no triplet passed the checks"):
            run(*arguments, "-n", count, "-o", tmp_path / name)
        return [path.read_bytes() for path in sorted((tmp_path / name / "rejects/videos").rglob("*.png"))]

    whole = pictures("whole", 2)
    assert len(whole) == 6 and len(set(whole)) == 6
    assert pictures("parts", 1) == whole[:3] and pictures("parts", 2) == whole
    assert "2 triplets in" in run(*arguments, "-n", 2, "--keep", "all", "-o", tmp_path / "whole").output
    made = json.loads((tmp_path / "whole/triplets.jsonl").read_text().splitlines()[0])["made"]
    assert (made["source"], made["base"], made["share"], made["steps"]) == ("diffusers", str(base), 0.5, 2)
    with pytest.raises(VivantError, match="share"):
        run(*arguments, "-n", 2, "--share", 0.75, "-o", tmp_path / "whole")


def test_the_language_models_key_does_not_go_to_the_image_models_server():
    environment = {"VIVANT_LLM_MODEL": "a", "VIVANT_LLM_API_KEY": "k", "VIVANT_IMAGE_MODEL": "b", "OPENAI_API_KEY": "o"}
    assert _image_environment(environment) == {
        "VIVANT_IMAGE_MODEL": "b",
        "VIVANT_LLM_MODEL": "b",
        "OPENAI_API_KEY": "o",
    }
