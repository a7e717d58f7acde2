"""Pictures, and whether their truth is true."""

import random

import numpy as np
import pytest

from vivant.world import BACKDROPS, RELATIONS, TOGETHER, Script, perform, portrait, sample_individual, sample_script


def scenes(relation: str, count: int, size: int = 128):
    rng = random.Random(f"test/{relation}")
    return [perform(sample_script(rng, [relation]), size) for _ in range(count)]


@pytest.mark.parametrize("relation", RELATIONS)
def test_every_relation_shows_its_whole_cast_inside_the_picture(relation):
    for tableau in scenes(relation, 12):
        assert tableau.picture.shape == (128, 128, 3) and tableau.picture.dtype == np.uint8
        assert len(tableau.masks) == len(tableau.boxes) == len(tableau.keypoints) == len(tableau.script.cast)
        for mask, whole, box in zip(tableau.masks, tableau.full_masks(), tableau.boxes, strict=True):
            assert (mask > 127).sum() > 250, "hardly seen"
            assert (mask.astype(int) - whole).max() <= 16, "seen where it is not"
            border = np.concatenate([whole[0], whole[-1], whole[:, 0], whole[:, -1]])
            assert (border > 127).sum() <= 6, "cut by the border"
            x0, y0, x1, y1 = box * 128
            assert (mask[round(y0) : round(y1), round(x0) : round(x1)] > 127).sum() == (mask > 127).sum()


@pytest.mark.parametrize("relation", [name for name in RELATIONS if RELATIONS[name].subjects == (2, 2)])
def test_faces_of_both_can_be_seen(relation):
    seen = [tableau.keypoints[:, :2, 2].max(axis=1) for tableau in scenes(relation, 24)]
    assert np.mean(seen) > 0.9, "eyes hidden"


def test_keypoints_lie_on_their_subject():
    for relation in RELATIONS:
        for tableau in scenes(relation, 4):
            for mask, points in zip(tableau.masks, tableau.keypoints, strict=True):
                assert points.shape == (17, 3) and points[:, :2].min() >= 0 and points[:, :2].max() <= 1
                visible = points[points[:, 2] > 0]
                assert len(visible) >= 4
                at = np.minimum((visible[:, :2] * 128).astype(int), 127)
                assert (mask[at[:, 1], at[:, 0]] > 0).all()


def test_what_hides_is_nearer():
    hidden = [
        tableau.full_masks().astype(int).sum() - tableau.masks.astype(int).sum() for tableau in scenes("hugging", 8)
    ]
    assert min(hidden) > 10_000, "nobody's arm is around anybody"


def test_the_same_script_gives_the_same_bytes_and_another_seed_another_pose():
    script = sample_script(random.Random(3), ["dancing"])
    assert perform(script).picture.tobytes() == perform(script).picture.tobytes()
    other = Script(script.relation, script.cast, script.backdrop, script.seed + 1)
    assert np.abs(perform(script).keypoints - perform(other).keypoints).max() > 0.02


@pytest.mark.parametrize("size", [64, 200, 320])
def test_any_size_shows_the_same(size):
    script = sample_script(random.Random(4), ["kissing"])
    small, large = perform(script, 128), perform(script, size)
    assert np.allclose(small.boxes, large.boxes, atol=2.5 / min(size, 128))
    assert np.allclose(small.keypoints[..., :2], large.keypoints[..., :2], atol=1e-6)


def test_portraits_are_of_one_large_neutral_subject():
    one = sample_individual(random.Random(0), "fox")
    pictures = [portrait(one, seed) for seed in range(6)]
    assert len({tableau.script.backdrop for tableau in pictures}) > 2
    for tableau in pictures:
        x0, y0, x1, y1 = tableau.boxes[0]
        assert tableau.script.cast == (one,) and y1 - y0 > 0.6 and x1 - x0 > 0.25
    assert portrait(one, 1, backdrop="beach").script.backdrop == "beach"


def test_every_backdrop_is_behind_the_figures():
    one = sample_individual(random.Random(0), "robot")
    for name in BACKDROPS:
        bare = portrait(one, 1, backdrop=name)
        assert bare.script.relation == TOGETHER
        assert bare.picture[bare.masks[0] < 1].std() > 10, "an empty wall"
