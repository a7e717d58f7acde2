"""Drawn figures: their parts, their joints, and that every feature can be seen."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from vivant.world.cast import Individual, sample_individual
from vivant.world.figure import HEAD_PARTS, LAYERS, PARTS_OF, draw_figure, visible_parts
from vivant.world.kinds import KINDS
from vivant.world.puppet import KEYPOINTS, Puppet, standing_height
from vivant.world.raster import Raster, rasterise, silhouette
from vivant.world.sketch import PARTS, Sketch

_GROUND = 0.92


def stand(one: Individual, facing: float, tilt: float = 0.0) -> Puppet:
    height = 0.7 * one.build.height
    return Puppet(one.build, 0.5, _GROUND - standing_height(one.build) * height, height, facing, 0.0, tilt)


def sketch(one: Individual, puppet: Puppet, owner: int = 1) -> Sketch:
    whole = Sketch()
    layers = draw_figure(one, puppet, owner)
    assert tuple(layers) == LAYERS
    for layer in LAYERS:
        whole.extend(layers[layer])
    return whole


def draw(one: Individual, facing: float, size: int = 64) -> Raster:
    return rasterise(sketch(one, stand(one, facing)), size)


def individuals(kind: str, count: int) -> list[Individual]:
    rng = random.Random(kind)
    return [sample_individual(rng, kind) for _ in range(count)]


@pytest.mark.parametrize("kind", KINDS)
def test_shapes_belong_to_their_owner_and_are_few(kind):
    counts = []
    for one in individuals(kind, 30):
        items = sketch(one, stand(one, 0.4), owner=3).items
        assert all(3 * PARTS < paint.part < 4 * PARTS for _, _, paint in items)
        counts.append(len(items))
    assert sum(counts) / len(counts) <= 60


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("facing", [-1.0, 0.0, 0.6])
def test_eyes_and_nose_lie_on_the_head(kind, facing):
    for one in individuals(kind, 3):
        puppet = stand(one, facing, tilt=0.25)
        ids = rasterise(sketch(one, puppet), 128).ids
        for name, (x, y) in zip(KEYPOINTS, puppet.keypoints(), strict=True):
            if name.endswith("eye") or name == "nose":
                owner, part = divmod(int(ids[int(y * len(ids)), int(x * len(ids))]), PARTS)
                assert owner == 1
                assert part in HEAD_PARTS, (one, name)


@pytest.mark.parametrize("kind", KINDS)
def test_the_soles_stand_on_the_ground(kind):
    for one in individuals(kind, 4):
        rows = np.flatnonzero(silhouette(sketch(one, stand(one, 0.0)), 128).max(axis=1) > 128)
        assert abs((rows[-1] + 1) / 128 - _GROUND) < 0.02


def test_joints_count_as_seen_on_their_own_side():
    right = PARTS_OF["right"]
    assert right["left_elbow"].isdisjoint(right["right_elbow"])
    turned = Puppet(next(iter(KINDS.values())).build, 0.5, 0.6, 0.7, facing=-0.8)
    assert turned.near == "left"
    assert visible_parts(turned)[KEYPOINTS.index("left_hand")] == right["right_hand"]


def test_arms_that_hang_are_seen_and_a_far_arm_behind_the_body_is_not():
    one = individuals("bear", 1)[0]
    puppet = stand(one, 1.0)
    puppet.reach(puppet.near, puppet.along(0.1))
    puppet.reach(puppet.far, puppet.along(0.1))
    ids = rasterise(sketch(one, puppet), 128).ids
    seen = {}
    for name, (x, y), parts in zip(KEYPOINTS, puppet.keypoints(), visible_parts(puppet), strict=True):
        seen[name] = int(ids[int(y * len(ids)), int(x * len(ids))]) % PARTS in parts
    assert seen[f"{puppet.near}_hand"]
    assert not seen[f"{puppet.far}_hand"]


_SEEN = (
    "colour", "second", "pattern", "pattern_colour", "crest", "crest_colour", "accessory", "accessory_colour",
    "clothing", "clothing_colour", "physique", "eyes", "eye_colour", "mouth",
)  # fmt: skip


def _swaps(kind: str) -> list[tuple[str, Individual, Individual]]:
    """Individuals and copies with one feature of another, where both can have it."""
    found = []
    cast = individuals(kind, 8)
    for one, other in pairwise(cast):
        for name in _SEEN:
            mine, its = getattr(one, name), getattr(other, name)
            pair = f"{name}_colour" if name in ("pattern", "accessory", "clothing", "crest") else name
            pair = "eye_colour" if name == "eyes" else pair
            is_bound = name == "pattern" and one.clothing != other.clothing  # a garment may hide it
            is_nothing = name.endswith("colour") and "none" in (mine, its)
            if mine != its and not is_bound and not is_nothing:
                found.append((name, one, replace(one, **{name: its, pair: getattr(other, pair)})))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_feature_shows_from_the_front_and_from_the_side(kind):
    hidden = []
    swaps = _swaps(kind)
    for name, one, changed in swaps:
        for facing in (0.0, 0.9):
            before, after = (draw(who, facing).colour.astype(int) for who in (one, changed))
            if (np.abs(before - after).max(axis=2) > 20).sum() < 2:
                hidden.append((name, getattr(one, name), getattr(changed, name), facing))
    assert len(hidden) <= 0.03 * len(swaps), hidden


@pytest.mark.parametrize("kind", KINDS)
def test_two_of_a_kind_look_different_in_a_small_picture(kind):
    pictures = [draw(one, 0.4).colour.astype(int) for one in individuals(kind, 14)]
    for index, one in enumerate(pictures):
        for other in pictures[:index]:
            assert (np.abs(one - other).max(axis=2) > 40).sum() >= 40
