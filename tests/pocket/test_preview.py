"""Sample grids: fixed prompts, pictures that do not depend on the batch, laid out in rows."""

import numpy as np
import torch
from PIL import Image

from tests.pocket.tiny import tiny_conditioner
from vivant.pocket import preview
from vivant.pocket.base import build, pipeline
from vivant.pocket.grid import numbered, write_grid
from vivant.world import UNSEEN


def test_the_grid_asks_for_12_seen_and_4_unseen_relations():
    prompts = preview.grid_prompts()
    unseen = [any(name in prompt for name in UNSEEN) for prompt in prompts]
    assert unseen == [False] * 12 + [True] * 4
    assert prompts == preview.grid_prompts()
    assert len(set(prompts)) == 16


def test_a_prompt_draws_the_same_picture_in_any_batch(tmp_path, monkeypatch):
    torch.set_num_threads(1)
    monkeypatch.setattr(preview, "STEPS", 2)
    torch.manual_seed(0)
    pipe = pipeline(build(4, (32, 32, 32)), tiny_conditioner(tmp_path))
    together = preview.draw_prompts(pipe, ["a fox", "a dog", "a cat"], seed=1)
    monkeypatch.setattr(preview, "AT_ONCE", 2)
    apart = preview.draw_prompts(pipe, ["a fox", "a dog", "a cat"], seed=1)
    assert together[0].shape == (128, 128, 3)
    for one, other in zip(together, apart, strict=True):
        assert np.abs(one.astype(int) - other).max() <= 2
    assert not np.array_equal(together[0], together[1])


def test_pictures_lie_in_rows(tmp_path):
    pictures = [np.full((4, 4, 3), 50 * number, np.uint8) for number in range(3)]
    path = numbered(tmp_path, "base")
    write_grid(path, pictures, columns=2)
    sheet = np.asarray(Image.open(path))
    assert sheet.shape == (10, 10, 3)
    assert (sheet[0, 6] == 50).all()
    assert (sheet[6, 0] == 100).all()
    assert (sheet[6, 6] == 255).all()
    assert numbered(tmp_path, "base").name == "base-002.png"
