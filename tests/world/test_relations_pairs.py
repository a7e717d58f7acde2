"""Scenes of two and more: contact, who does what to whom, nothing cut off, faces seen."""

from __future__ import annotations

import math
import random

import pytest

from vivant.world.cast import sample_individual
from vivant.world.figure.parts import PART
from vivant.world.kinds import KINDS
from vivant.world.puppet import SIDES
from vivant.world.raster import Raster, rasterise, silhouette
from vivant.world.relations import RELATIONS, TOGETHER
from vivant.world.sketch import PARTS
from vivant.world.stage import Stage

PAIRS = tuple(name for name, relation in RELATIONS.items() if relation.subjects == (2, 2))
SIZE = 128
TAIL = (PART["tail"], PART["tail_tip"])  # all that a picture's edge may cut


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
            cut = {divmod(int(one), PARTS) for one in set(border.tolist()) - {0}}
            assert all(owner and part in TAIL for owner, part in cut), f"seed {seed}"
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
    for index, (holder, held) in enumerate(((one, other), (other, one)), 1):
        reached = {}
        for arm in ("near", "far"):
            x, _ = holder.hand[getattr(holder, arm)]
            # 0 is the middle of the other's body, 1 the edge of its back.
            reached[arm] = (x - held.along(0.14)[0]) * -held.forward / (held.build.girth * held.unit)
        assert reached["near"] > -0.5
        assert reached["far"] > 0.4
        # Both near arms lie in front: at the hand there is an arm, this one's or that which crosses it.
        assert owner_at(raster, holder.hand[holder.near]) in (1, 2)
        assert owner_at(raster, holder.elbow[holder.near]) in (1, 2)
        # The far arm passes behind: at the middle of the other's body there is the other.
        assert owner_at(raster, held.along(0.04)) == 3 - index


@pytest.mark.parametrize(("relation", "within"), [("shaking hands with", 0.01), ("partner dancing with", 0.06)])
def test_hands_meet(relation, within):
    for seed in range(12):
        stage = staged(relation, seed)
        one, other = stage.puppets[0], stage.puppets[1]
        assert apart(one.hand[one.far], other.hand[other.far]) < within
        above = one.hand[one.far][1] < min(one.neck[1], other.neck[1])
        assert above == (relation == "partner dancing with")


def test_kissing_muzzles_meet():
    for seed in range(12):
        stage = staged("kissing", seed)
        one, other = stage.puppets[0], stage.puppets[1]
        widths = sum(puppet.build.head * puppet.build.head_width * puppet.unit for puppet in (one, other))
        assert abs(one.head[0] - other.head[0]) < 1.02 * widths
        assert abs(one.nose[0] - other.nose[0]) < 0.55 * widths


@pytest.mark.parametrize("seed", range(6))
def test_the_first_carries_the_second(seed):
    stage = staged("carrying", seed)
    carrier, passenger = stage.puppets[0], stage.puppets[1]
    assert max(y for _, y in passenger.foot.values()) < min(y for _, y in carrier.foot.values()) - 0.04
    assert carrier.head[1] < passenger.head[1]
    assert abs(passenger.lean) > 0.9


def test_fists_land():
    for seed in range(12):
        stage = staged("fighting with", seed)
        one, other = stage.puppets[0], stage.puppets[1]
        blows = [
            apart(hitter.hand[hitter.far], struck.on_head(0.95 * struck.forward, 0.45)) / hitter.unit
            for hitter, struck in ((one, other), (other, one))
        ]
        assert min(blows) < 0.15  # the glove is 0.085 wide and its cheek round


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
            seen = (raster.mask(index + 1) > 127).sum()
            assert seen > 0.45 * (silhouette(stage.owned[index], SIZE) > 127).sum()
