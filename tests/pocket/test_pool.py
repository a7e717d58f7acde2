"""The pool: its labels are the world's truth, it resumes, and the number of processes changes nothing."""

import random

import numpy as np
import pytest
import torch

from vivant.errors import StoreError
from vivant.pocket import pool as pool_module
from vivant.pocket.pool import Plan, open_pool, plan_for, render
from vivant.pocket.run import Run
from vivant.world import BACKDROPS, KINDS, RELATIONS, UNSEEN, sample_individual

PLAN = Plan(scenes=40, individuals=4, views=2, seed=3)


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    render(folder / "pool", PLAN, workers=1)
    return folder


def test_labels_agree_with_captions_and_individuals(out):
    pool = open_pool(out)
    assert pool.pictures.shape == (40, 128, 128, 3)
    for row in range(40):
        count = int(pool.count[row])
        subjects = [sample_individual(random.Random(int(one))) for one in pool.ids[row, :count]]
        assert [list(KINDS)[kind] for kind in pool.kinds[row, :count]] == [one.kind for one in subjects]
        assert all(one.noun in pool.texts[row] for one in subjects)
        assert len({one.kind for one in subjects}) == count
        assert (pool.kinds[row, count:] == -1).all()
        assert not pool.boxes[row, count:].any()
        assert list(BACKDROPS.values())[pool.background[row]].phrase in pool.texts[row]
        name = list(RELATIONS)[pool.relation[row]]
        assert bool(pool.seen[row]) == (name not in UNSEEN)
        boxes = pool.boxes[row, :count]
        assert (boxes[:, 2:] >= boxes[:, :2]).all()


def test_portraits_are_of_their_individuals(out):
    pool = open_pool(out)
    assert pool.portraits.shape == (4, 2, 128, 128, 3)
    for number, identity in enumerate(pool.portrait_ids):
        assert np.array_equal(pool.vectors[number], sample_individual(random.Random(int(identity))).vector())
    assert not np.array_equal(pool.portraits[0, 0], pool.portraits[0, 1])
    assert np.isin(pool.ids, pool.portrait_ids).any()


def test_an_interrupted_pool_continues_to_the_same_bytes(out, tmp_path, monkeypatch):
    monkeypatch.setattr(pool_module, "_CHUNK", 10)
    whole, draw, done = open_pool(out), pool_module._draw, list[tuple[str, int, int]]()

    def stop_after_two(tools, job):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(job)
        return draw(tools, job)

    monkeypatch.setattr(pool_module, "_draw", stop_after_two)
    with pytest.raises(KeyboardInterrupt):
        render(tmp_path / "pool", PLAN, workers=1)
    with pytest.raises(StoreError, match="--stage world"):
        open_pool(tmp_path)
    monkeypatch.setattr(pool_module, "_draw", draw)
    assert render(tmp_path / "pool", PLAN, workers=1) == 40 - 20 + 8
    again = open_pool(tmp_path)
    assert np.array_equal(again.pictures, whole.pictures)
    assert again.texts_detailed == whole.texts_detailed
    assert np.array_equal(again.portraits, whole.portraits)


def test_validation_scenes_are_not_trained_on(out):
    pool = open_pool(out)
    assert not set(pool.training()) & set(pool.validation())
    assert len(pool.training()) + len(pool.validation()) == 40
    assert pool.seen[pool.training(seen_only=True)].all()


def test_a_longer_run_and_a_gpu_get_more_scenes(tmp_path):
    def scenes(device: str, minutes: float) -> int:
        return plan_for(Run(tmp_path, torch.device(device), 0, minutes)).scenes

    assert scenes("cpu", 30) < scenes("cpu", 90) == scenes("cpu", 900) < scenes("cuda", 20)
