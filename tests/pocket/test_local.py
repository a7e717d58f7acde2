"""The stage that distils pocket's CLIP into the local image encoder."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.pocket.little import little_pool
from tests.training.tiny_clip import tiny_clip
from vivant.errors import ModelError
from vivant.models.image_encoder import ImageEncoder, load_image_encoder
from vivant.pocket import feed, local
from vivant.pocket.check.local import local_rows
from vivant.pocket.check.material import Scenes
from vivant.pocket.crops import OPENAI_CLIP
from vivant.pocket.run import SHARES, Run
from vivant.pocket.save import save_half


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Half a second of training on pictures of coarse patches."""
    torch.set_num_threads(1)
    pool = little_pool()
    coarse = np.random.default_rng(0).integers(0, 256, (len(pool.pictures), 4, 4, 3), dtype=np.uint8)
    pool = replace(pool, pictures=np.kron(coarse, np.ones((32, 32, 1), np.uint8)))
    monkeypatch.setattr(feed, "open_pool", lambda out: pool)
    return Run(tmp_path, torch.device("cpu"), 0, 0.5 / 60.0 / SHARES["local"])


def test_pictures_are_read_as_the_encoder_prepares_them():
    pictures = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)
    encoder = ImageEncoder(tiny_clip())
    read = local.as_read(torch.from_numpy(pictures), 64)
    torch.testing.assert_close(read, encoder.prepare(list(pictures), factor=2))
    white = local.as_read(torch.full((1, 8, 8, 3), 255, dtype=torch.uint8), 32)
    for channel, (mean, deviation) in enumerate(zip(*OPENAI_CLIP, strict=True)):
        assert float(white[0, channel].mean()) == pytest.approx((1.0 - mean) / deviation, rel=1e-4)


def test_a_thinned_student_keeps_the_first_layers_and_the_last():
    teacher = ImageEncoder(tiny_clip(layers=5))
    layers = list(teacher.model.vision_model.encoder.layers)
    thin = local.thinned(teacher)
    assert list(thin.model.vision_model.encoder.layers) == [layers[0], layers[1], layers[4]]
    assert thin.model.config.num_hidden_layers == 3


def test_the_stage_leaves_an_encoder_in_half_precision_and_its_figures(run):
    clip = tiny_clip(layers=4)
    save_half(clip, run.weights / "clip")
    figures = local.train(run)
    made = load_image_encoder(run.weights / "local")
    assert made.model.config.num_hidden_layers == 3
    tokens = made.local_tokens([np.zeros((128, 128, 3), np.uint8)], factor=local.FACTOR)
    assert tokens.shape == (1, 16, made.width)
    assert figures["steps"] > 0
    for name in ("cosine", "own_crop_first"):
        assert -1.0 <= figures[f"{name}_before"] <= 1.0 and -1.0 <= figures[f"{name}_after"] <= 1.0
    assert figures["cosine_after"] != figures["cosine_before"]
    projection = load_image_encoder(run.weights / "clip").model.visual_projection.weight
    assert torch.equal(made.model.visual_projection.weight, projection)


def test_without_a_clip_there_is_nothing_to_distil(run):
    with pytest.raises(ModelError, match="run the stage clip first"):
        local.train(run)


def test_a_check_sets_the_encoder_beside_the_one_it_came_from(tmp_path):
    save_half(tiny_clip(), tmp_path / "clip")
    save_half(tiny_clip(seed=1), tmp_path / "local")
    scenes = Scenes.fresh(4, 0)
    same = local_rows(tmp_path / "clip", tmp_path / "clip", scenes, torch.device("cpu"), 0)
    for found in same:
        assert found.part == "local" and found.count == 4 and found.low <= found.value <= found.high
        assert found.value == pytest.approx(found.chance)
    other = local_rows(tmp_path / "local", tmp_path / "clip", scenes, torch.device("cpu"), 0)
    assert other[0].chance == same[0].chance and other[0].value != same[0].value
