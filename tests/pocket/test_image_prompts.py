"""What the check says of pictures from portraits: the truth is recognised, noise is not."""

import numpy as np
import pytest
import torch

from vivant.pocket.check import image_prompts
from vivant.pocket.check.material import DOING
from vivant.pocket.family import path
from vivant.pocket.judge import Judge


@pytest.fixture(scope="module")
def judge():
    torch.set_num_threads(1)
    return Judge.load(path("judge"))


def test_true_scenes_reach_their_own_ceiling_and_noise_does_not(judge):
    wanted = image_prompts.scenes(12, 0)
    true = np.stack([one.picture for one in wanted])
    noise = np.random.default_rng(0).integers(0, 256, true.shape, dtype=np.uint8)
    rows = {row.name: row for row in image_prompts.rows(judge, true, noise, wanted, 0)}
    assert len(rows) == 3
    for row in rows.values():
        assert row.value == row.best
        assert row.chance is not None and row.chance < row.value
    identity = rows["identity top-1 of 20, portraits shown"]
    assert identity.value > 0.7 and identity.count == sum(len(one.boxes) for one in wanted)


def test_scenes_are_fresh_and_of_relations_that_the_base_has_seen():
    first, again, other = (image_prompts.scenes(3, seed) for seed in (0, 0, 1))
    assert [one.script for one in first] == [one.script for one in again] != [one.script for one in other]
    assert {one.script.relation for one in image_prompts.scenes(19, 0)} == set(DOING)
