"""What `vivant relate` writes goes as it is into everything that reads triplets."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import numpy as np
import pytest
from click.testing import CliRunner

from tests.ranking.server import Server
from tests.ranking.voting import rate
from tests.tiny_bases import save_tiny_sdxl
from tests.training.tiny_clip import tiny_clip
from vivant.adapters.lora_file import WEIGHTS
from vivant.adapters.ms import load_ms_adapter
from vivant.adapters.sources import adapter_file
from vivant.cli import vivant
from vivant.images import read_image
from vivant.models.bundle import load_bundle
from vivant.ranking.keep import keep
from vivant.ranking.sources import open_source
from vivant.relations.published import read_relation
from vivant.training.log import SCALARS, curve, read_scalars

SMALL = ("--width", 64, "--height", 64, "--device", "cpu", "--batch", 2)


def run(*arguments: object) -> str:
    done = CliRunner().invoke(vivant, [str(one) for one in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def triplets(tmp_path_factory) -> Path:
    out: Path = tmp_path_factory.mktemp("triplets") / "hugging"
    run("relate", "hugging", "--subjects", "lion, bear; cat, dog", "-n", 2, "--size", 96, "--workers", 1, "-o", out)
    return out


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    return save_tiny_sdxl(tmp_path_factory.mktemp("base"))


def test_a_relation_is_learned_from_it(triplets, base, tmp_path):
    plain = ("--variations", 1, "--validate-every", 0, "--no-image-prompts", "--rank", 2)
    said = run("train", "relation", triplets, "-o", tmp_path, "--base", base, "--steps", 2, *SMALL, *plain)
    assert said.splitlines()[-1] == f"trained: {tmp_path / WEIGHTS}"
    rows = read_scalars(tmp_path / SCALARS)
    # The set's keypoints have reached the keypoint matching loss.
    assert len(curve(rows, "keypoint")) == 2 and all(value > 0.0 for value in curve(rows, "keypoint"))


def test_an_adapter_is_trained_on_it(triplets, base, tmp_path):
    tiny_clip().save_pretrained(tmp_path / "clip")
    sizes = ("--dim", 16, "--depth", 1, "--head", 8, "--heads", 2, "--queries", 2, "--grid", 0)
    models = ("--base", base, "--image-encoder", tmp_path / "clip", "--local-encoder", "none")
    run("train", "ms-adapter", triplets, "-o", tmp_path / "run", "--steps", 2, *SMALL, *sizes, *models)
    unet = load_bundle(str(base), "cpu", "float32").unet
    assert load_ms_adapter(adapter_file(str(tmp_path / "run")), unet).sizes.dim == 16
    assert json.loads((tmp_path / "run" / "figures.json").read_text())["pictures"] == 2


def test_it_is_rated_on_the_page(triplets):
    server = Server(triplets)
    try:
        page = httpx.URL(server.address)
        about = httpx.get(page.join("/api/about")).json()
        assert "They do what the sentence says, each in its own role." in about["criteria"]
        queue = httpx.get(page.join("/api/queue"), params={"rater": "ann"})
        captions = [task["caption"] for task in queue.json()["tasks"]]
        assert len(captions) == 2 and all("is hugging" in caption for caption in captions)
        assert "stopped" in server.stop()
    finally:
        server.end()


def test_what_is_rated_well_is_kept_as_triplets(triplets, tmp_path):
    source = open_source(triplets)
    good, bad = (item.key for item in source.items)
    report = keep(source, rate(source, {good: 5, bad: 1}), 4, tmp_path / "kept")
    assert report.kept == 1
    (kept,) = read_relation(tmp_path / "kept")
    (wanted,) = (one for one in read_relation(triplets) if good == one.target.relative_to(triplets).as_posix())
    assert kept.prompt == wanted.prompt and [one.noun for one in kept.subjects] == [one.noun for one in wanted.subjects]
    assert np.array_equal(read_image(kept.target), read_image(wanted.target))
