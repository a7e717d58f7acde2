"""One-subject relations: the subject touches its props, shows its face and stays inside the picture."""

import math
import random
from collections.abc import Callable

import numpy as np
import pytest

from vivant.world import BACKDROPS, RELATIONS, UNSEEN
from vivant.world.cast import Individual, sample_individual
from vivant.world.figure import visible_parts
from vivant.world.kinds import KINDS
from vivant.world.props.vehicles import Bicycle
from vivant.world.puppet import KEYPOINTS, Puppet, Side
from vivant.world.raster import rasterise
from vivant.world.relations import home, music, rides, sport
from vivant.world.sketch import PARTS, Point
from vivant.world.stage import Stage

ACTS: dict[str, Callable[[Stage], None]] = music.ACTS | home.ACTS | sport.ACTS | rides.ACTS
PLACES = music.PLACES | home.PLACES | sport.PLACES | rides.PLACES
SOLO = tuple(ACTS)
# A mirror ball hangs from above the picture.
HANGING = ("dancing",)


def acted(name: str, one: Individual, seed: int, **fixed: float) -> Stage:
    stage = Stage([one], fixed.pop("ground", 0.92), random.Random(seed))
    for key, value in fixed.items():
        setattr(stage, key, value)
    ACTS[name](stage)
    return stage


def cast(seed: int) -> Individual:
    rng = random.Random(seed)
    return sample_individual(rng, rng.choice(list(KINDS)))


def test_the_fourteen_are_there_with_places() -> None:
    assert set(ACTS) == set(PLACES) == {name for name, one in RELATIONS.items() if one.subjects == (1, 1)}
    assert len(ACTS) == 14
    assert all(places and set(places) <= set(BACKDROPS) for places in PLACES.values())
    assert {name for name in ACTS if name in UNSEEN} == {"riding a bike", "playing guitar"}


@pytest.mark.parametrize("name", SOLO)
def test_the_action_stays_inside_and_the_face_shows(name: str) -> None:
    for seed in range(12):
        extreme = {"centre": (0.45, 0.55)[seed % 2], "zoom": 1.06, "ground": (0.86, 0.94)[seed // 2 % 2]}
        stage = acted(name, cast(seed), seed, **extreme)
        raster = rasterise(stage.sketch, 128)
        ys, xs = np.nonzero(raster.alpha > 40)
        assert xs.min() >= 2 and xs.max() <= 125, seed
        if name not in HANGING:
            assert ys.min() >= 1 and ys.max() <= 126, seed
        side = raster.ids.shape[0]
        keypoints, parts = stage.puppets[0].keypoints(), visible_parts(stage.puppets[0])
        for joint in ("left_eye", "right_eye", "nose"):
            x, y = keypoints[KEYPOINTS.index(joint)]
            owner, part = divmod(int(raster.ids[int(y * side), int(x * side)]), PARTS)
            assert owner == 1 and part in parts[KEYPOINTS.index(joint)], (joint, seed)


@pytest.mark.parametrize("name", SOLO)
def test_the_subject_is_large_enough(name: str) -> None:
    heights = []
    for seed in range(10):
        mask = rasterise(acted(name, cast(seed), seed).sketch, 128).mask(1)
        ys, _ = np.nonzero(mask > 127)
        heights.append((ys.max() - ys.min() + 1) / 128)
    least = 0.4 if name == "sleeping in a hammock" else 0.5
    assert least <= float(np.mean(heights)) <= 0.8


@pytest.mark.parametrize("name", SOLO)
def test_hands_and_feet_reach_what_they_touch(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    missed: list[tuple[float, Side]] = []
    reach, step = Puppet.reach, Puppet.step

    def watched_reach(puppet: Puppet, side: Side, target: Point, bend: float | None = None) -> None:
        reach(puppet, side, target, bend)
        missed.append((math.dist(puppet.hand[side], target) / puppet.unit, side))

    def watched_step(puppet: Puppet, side: Side, target: Point, bend: float | None = None) -> None:
        step(puppet, side, target, bend)
        missed.append((math.dist(puppet.foot[side], target) / puppet.unit, side))

    monkeypatch.setattr(Puppet, "reach", watched_reach)
    monkeypatch.setattr(Puppet, "step", watched_step)
    for kind in KINDS:
        for seed in range(4):
            acted(name, sample_individual(random.Random(seed), kind), seed)
    # A hand is 0.05 or more of the height across its half, a sole wider still.
    assert max((length for length, _ in missed), default=0.0) < 0.05


@pytest.mark.parametrize("name", SOLO)
def test_poses_vary_and_mirror(name: str) -> None:
    one = cast(3)
    alike, other = acted(name, one, 5), acted(name, one, 5)
    assert alike.sketch.items == other.sketch.items
    right, left = acted(name, one, 5, side=1.0, centre=0.5), acted(name, one, 5, side=-1.0, centre=0.5)
    mirrored = [(1.0 - x, y) for x, y in left.puppets[0].keypoints()]
    names = [point.replace("left", "?").replace("right", "left").replace("?", "right") for point in KEYPOINTS]
    for (x, y), twin in zip(right.puppets[0].keypoints(), names, strict=True):
        assert mirrored[KEYPOINTS.index(twin)] == pytest.approx((x, y), abs=1e-6)
    poses = {tuple(round(x, 3) for x, _ in acted(name, one, seed).puppets[0].keypoints()) for seed in range(6)}
    assert len(poses) == 6


def test_a_cyclist_sits_between_its_legs_and_the_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """The far leg is behind the frame and the near one before it; both soles are on opposite pedals."""
    order: list[str] = []
    paint, draw = Stage.paint, Bicycle.draw_frame

    def watched_paint(stage: Stage, index: int, *layers: str) -> None:
        order.extend(layers)
        paint(stage, index, *layers)

    def watched_draw(bicycle: Bicycle, colour: tuple[float, float, float]) -> None:
        order.append("frame")
        draw(bicycle, colour)

    monkeypatch.setattr(Stage, "paint", watched_paint)
    monkeypatch.setattr(Bicycle, "draw_frame", watched_draw)
    stage = acted("riding a bike", sample_individual(random.Random(1), "cat"), 4)
    assert order.index("far_leg") < order.index("frame") < order.index("near_leg")
    puppet = stage.puppets[0]
    apart = math.dist(puppet.foot["left"], puppet.foot["right"]) / puppet.unit
    assert apart == pytest.approx(2 * Bicycle.CRANK, abs=0.01)
