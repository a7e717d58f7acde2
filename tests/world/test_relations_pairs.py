"""Scenes of two and more: contact, who does what to whom, nothing cut off, faces seen."""

from __future__ import annotations

import math
import random

import pytest

from vivant.world.cast import sample_individual
from vivant.world.kinds import KINDS
from vivant.world.puppet import SIDES
from vivant.world.relations import RELATIONS, TOGETHER
from vivant.world.sketch import PARTS, Raster, rasterise
from vivant.world.stage import Stage

PAIRS = tuple(name for name, relation in RELATIONS.items() if relation.subjects == (2, 2))
SIZE = 128


def staged(relation: str, seed: int, count: int = 2) -> Stage:
    rng = random.Random(seed)
    cast = [sample_individual(rng, kind) for kind in rng.sample(list(KINDS), count)]
    stage = Stage(cast, rng.uniform(0.86, 0.94), rng)
    RELATIONS[relation].act(stage)
    return stage


def owner_at(raster: Raster, point: tuple[float, float]) -> int:
    side = raster.ids.shape[0]
    x, y = (min(side - 1, max(0, int(value * side))) for value in point)
    return int(raster.ids[y, x]) // PARTS


def apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    return math.dist(one, other)


def test_there_are_eleven_pairs():
    assert len(PAIRS) == 11


@pytest.mark.parametrize("relation", [*PAIRS, TOGETHER])
def test_scenes_lie_in_the_picture_and_show_faces(relation):
    faces = []
    for seed in range(12):
        stage = staged(relation, seed, 2 if relation in PAIRS else 1 + seed % 5)
        assert stage.shadows
        raster = rasterise(stage.sketch, SIZE)
        for border in (raster.ids[0], raster.ids[-1], raster.ids[:, 0], raster.ids[:, -1]):
            assert not border.any(), f"seed {seed}"
        for index, puppet in stage.puppets.items():
            for point in (*puppet.eye.values(), puppet.nose):
                faces.append(owner_at(raster, point) == index + 1)
    assert sum(faces) > 0.95 * len(faces)


@pytest.mark.parametrize("relation", PAIRS)
def test_poses_vary_and_repeat_by_seed(relation):
    assert staged(relation, 3).sketch.items == staged(relation, 3).sketch.items
    cast = [sample_individual(random.Random(1), kind) for kind in ("cat", "dog")]
    poses = set()
    for seed in range(8):
        stage = Stage(cast, 0.9, random.Random(seed))
        RELATIONS[relation].act(stage)
        angles = [
            math.atan2(puppet.hand[side][1] - puppet.shoulder[side][1], puppet.hand[side][0] - puppet.shoulder[side][0])
            for puppet in stage.puppets.values()
            for side in SIDES
        ]
        poses.add(tuple(round(angle, 2) for angle in angles))
    assert len(poses) == 8


@pytest.mark.parametrize("relation", PAIRS)
def test_either_may_stand_on_the_left(relation):
    lefts = {
        staged(relation, seed).puppets[0].root[0] < staged(relation, seed).puppets[1].root[0] for seed in range(12)
    }
    assert lefts == {True, False}


@pytest.mark.parametrize("seed", range(6))
def test_huggers_hold_each_other(seed):
    stage = staged("hugging", seed)
    raster = rasterise(stage.sketch, SIZE)
    one, other = stage.puppets[0], stage.puppets[1]
    for holder, held, index in ((one, other, 0), (other, one, 1)):
        near, far = holder.hand[holder.near], holder.hand[holder.far]
        assert owner_at(raster, near) == index + 1  # in front of the other's back
        assert apart(near, held.along(0.14)) < 1.1 * held.build.girth * held.unit
        assert (
            far[0] - held.along(0.1)[0]
        ) * -held.forward > 0.5 * held.build.girth * held.unit  # round its other side
        assert owner_at(raster, holder.elbow[holder.far]) != 0


@pytest.mark.parametrize("seed", range(6))
def test_hands_meet(seed):
    for relation, arms in (("shaking hands with", "near"), ("partner dancing with", "far"), ("kissing", "far")):
        stage = staged(relation, seed)
        one, other = stage.puppets[0], stage.puppets[1]
        hands = one.hand[getattr(one, arms)], other.hand[getattr(other, arms)]
        assert apart(*hands) < 0.05, relation


@pytest.mark.parametrize("seed", range(6))
def test_the_first_carries_the_second(seed):
    stage = staged("carrying", seed)
    carrier, passenger = stage.puppets[0], stage.puppets[1]
    assert max(y for _, y in passenger.foot.values()) < min(y for _, y in carrier.foot.values()) - 0.04
    assert carrier.head[1] < passenger.head[1]
    assert abs(passenger.lean) > 0.9


@pytest.mark.parametrize("seed", range(4))
def test_fists_land(seed):
    stage = staged("fighting with", seed)
    one, other = stage.puppets[0], stage.puppets[1]
    reach = [apart(a.hand[a.far], b.head) / (b.unit * b.build.head) for a, b in ((one, other), (other, one))]
    assert min(reach) < 1.35


def test_back_to_back_look_away():
    stage = staged("sitting back to back with", 0)
    one, other = stage.puppets[0], stage.puppets[1]
    assert one.forward == -other.forward
    assert (one.nose[0] - other.nose[0]) * one.forward > 0


@pytest.mark.parametrize("count", range(1, 6))
def test_groups_are_mostly_visible(count):
    for seed in range(4):
        stage = staged(TOGETHER, seed, count)
        raster = rasterise(stage.sketch, SIZE)
        for index in range(count):
            hidden = Stage(stage.cast[index : index + 1], 0.9, random.Random(0))
            hidden.sketch = stage.owned[index]
            alone = rasterise(hidden.sketch, SIZE).alpha.astype(float).sum()
            assert raster.mask(index + 1).astype(float).sum() > 0.6 * alone
