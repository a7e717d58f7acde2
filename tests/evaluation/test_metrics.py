"""The scores, by hand and by their properties."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.relations.relation_bench import PREDICATES, SHORT
from vivant.errors import InputError
from vivant.evaluation.metrics import (
    assigned,
    background_words,
    clip_i,
    clip_r,
    clip_t,
    cosine,
    cp_clip,
    dino,
    predicate,
    similarities,
    ti_clip,
)

LEVELS = st.integers(0, 8).map(lambda number: number / 8)  # few levels, so that ties are common
SHAPES = st.tuples(st.integers(0, 6), st.integers(1, 4))
TABLES = arrays.arrays(np.float64, SHAPES, elements=LEVELS)


def test_cosine_of_every_pair():
    found = cosine(np.array([[3.0, 4.0], [0.0, 2.0]]), np.array([[1.0, 0.0], [-6.0, -8.0], [0.0, 1.0]]))
    np.testing.assert_allclose(found, [[0.6, -1.0, 0.8], [0.0, -0.8, 1.0]])


def test_cosine_of_features_that_are_none():
    with pytest.raises(ValueError, match="widths 2 and 3"):
        cosine(np.ones((1, 2)), np.ones((1, 3)))
    for broken in ([[0.0, 0.0]], [[np.nan, 1.0]], [[np.inf, 1.0]]):
        with pytest.raises(ValueError, match="without a direction"):
            cosine(np.array(broken), np.ones((1, 2)))
    with pytest.raises(ValueError, match=r"\[N, D\]"):
        cosine(np.ones(2), np.ones((1, 2)))


def test_similarities_are_means_over_photos():
    boxes = np.array([[1.0, 0.0], [0.0, 1.0]])
    cat, dog = np.array([[1.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 5.0]])
    np.testing.assert_allclose(
        similarities(boxes, [cat, dog]), [[0.8, 0.0], [0.4, 1.0]]
    )  # (1 + 0.6) / 2, (0 + 0.8) / 2
    assert similarities(np.zeros((0, 2)), [cat, dog]).shape == (0, 2)
    for photos in ([], [cat, np.zeros((0, 2))]):
        with pytest.raises(ValueError, match="a photo at least"):
            similarities(boxes, photos)


def test_cp_clip_by_hand():
    # Boxes 0 and 1 are the cat's, the better one stays; box 2 is the dog's; nothing is the teapot's.
    table = np.array([[0.7, 0.2, 0.1], [0.8, 0.3, 0.2], [0.1, 0.6, 0.2]])
    assert assigned(table) == [1, 2, -1]
    assert cp_clip(table) == pytest.approx((0.8 + 0.6) / 3)
    assert cp_clip(np.zeros((0, 3))) == 0.0
    assert cp_clip([[0.5]]) == 0.5


def test_equally_like_boxes_go_where_they_count():
    # Box 0 could be either's, box 1 only the first one's: both are counted, in either order of the subjects.
    table = np.array([[0.5, 0.5], [0.4, 0.2]])
    assert assigned(table) == [1, 0]
    assert cp_clip(table) == cp_clip(table[:, ::-1]) == pytest.approx((0.5 + 0.4) / 2)


def test_cp_clip_of_what_is_no_table():
    with pytest.raises(ValueError, match="boxes x subjects"):
        cp_clip(np.zeros((2, 0)))
    with pytest.raises(ValueError, match="boxes x subjects"):
        cp_clip(np.zeros(3))
    with pytest.raises(ValueError, match="not finite"):
        cp_clip([[np.nan]])


def reference(table: Any) -> float:
    """Equations 3 and 4 as they stand, for tables without ties."""
    best: dict[int, float] = {}
    for row in table:
        best[int(row.argmax())] = max(best.get(int(row.argmax()), -1.0), row.max())
    return sum(best.values()) / len(table[0]) if len(table) else 0.0


@given(
    arrays.arrays(np.float64, st.tuples(st.integers(0, 6), st.integers(1, 4)), elements=st.floats(0, 1), unique=True)
)
def test_cp_clip_is_the_equations(table):
    assert cp_clip(table) == pytest.approx(reference(table))


@given(TABLES, st.randoms(use_true_random=False))
def test_the_order_of_boxes_and_subjects_does_not_matter(table, random):
    rows, columns = (random.sample(range(size), size) for size in table.shape)
    assert cp_clip(table[rows][:, columns]) == pytest.approx(cp_clip(table))


@given(TABLES, st.data())
def test_an_unrelated_box_changes_nothing(table, data):
    """One that is less like each subject than the box that this subject has; and whatever the box, nothing is lost.

    A box that is equally like two subjects may make room for the new one, so the first is said of boxes without ties.
    """
    kept = assigned(table)
    taken = [column for column, row in enumerate(kept) if row >= 0]
    tied = ((table == table.max(axis=1, keepdims=True)).sum(axis=1) > 1).any()
    if len(taken) == table.shape[1] and not tied:
        least = [table[kept[column]].max() / 2 for column in taken]
        assert cp_clip(np.vstack([table, least])) == pytest.approx(cp_clip(table))
    any_box = data.draw(arrays.arrays(np.float64, table.shape[1], elements=LEVELS))
    assert cp_clip(np.vstack([table, any_box])) >= cp_clip(table) - 1e-12


@given(st.lists(st.floats(0.5, 1.0), min_size=1, max_size=5), st.data())
def test_a_missing_subject_costs_exactly_its_share(scores, data):
    """A box a subject, far less like the others; without the box of one the score falls by S / |O'|."""
    table = np.full((len(scores), len(scores)), 0.25)
    np.fill_diagonal(table, scores)
    missing = data.draw(st.integers(0, len(scores) - 1))
    fall = cp_clip(table) - cp_clip(np.delete(table, missing, axis=0))
    assert fall == pytest.approx(scores[missing] / len(scores))


@given(TABLES)
def test_cp_clip_lies_within_its_bounds(table):
    assert 0.0 <= cp_clip(table) <= 1.0
    rows = [row for row in assigned(table) if row >= 0]
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize("score", [ti_clip, clip_t, clip_r])
def test_scores_of_pairs(score):
    pictures, texts = np.array([[1.0, 0.0], [3.0, 4.0]]), np.array([[4.0, 3.0], [3.0, 4.0]])
    np.testing.assert_allclose(score(pictures, texts), [0.8, 1.0])
    with pytest.raises(ValueError, match="no pairs"):
        score(pictures, texts[:1])


@pytest.mark.parametrize("score", [clip_i, dino])
def test_scores_of_identity(score):
    cat, dog = np.array([[1.0, 0.0], [0.0, 1.0], [3.0, 4.0]]), np.array([[0.0, 1.0]])
    # The picture as a whole: the cat's photos (1 + 0 + 0.6) / 3, the dog's 0, each subject half.
    assert score(np.array([2.0, 0.0]), [cat, dog]) == pytest.approx(0.8 / 3)
    # A crop a subject: the cat's as before, the dog's 0.8.
    assert score(np.array([[2.0, 0.0], [3.0, 4.0]]), [cat, dog]) == pytest.approx((1.6 / 3 + 0.8) / 2)
    with pytest.raises(ValueError, match="3 crops of 2 subjects"):
        score(np.ones((3, 2)), [cat, dog])


@given(st.integers(1, 4), st.integers(0, 1000))
def test_identity_does_not_mind_the_order_of_subjects(count, seed):
    rng = np.random.default_rng(seed)
    picture, photos = rng.normal(size=5), [rng.normal(size=(rng.integers(1, 4), 5)) for _ in range(count)]
    assert clip_i(picture, photos) == pytest.approx(clip_i(picture, photos[::-1]))
    # A photo given twice as often, for all photos of one subject, changes nothing either.
    assert clip_i(picture, [np.tile(photos[0], (2, 1)), *photos[1:]]) == pytest.approx(clip_i(picture, photos))


def test_the_predicate_is_what_clip_r_reads():
    for prompt, words in zip(SHORT, PREDICATES, strict=True):
        assert predicate(prompt.format(*["cat", "dog"][: prompt.count("{}")])) == words


@pytest.mark.parametrize(
    ("prompt", "nouns", "words"),
    [
        ("A cat is sitting back to back with a dog on a hilltop.", ["cat", "dog"], "on a hilltop"),
        ("A cat is kissing a dog.", ["cat", "dog"], ""),
        ("a cat, a dog and a teapot in the garden", ["teapot", "cat", "dog"], "in the garden"),
        ("a teapot  on top of\nthe table", ["teapot"], "on top of the table"),
    ],
)
def test_background_words(prompt, nouns, words):
    assert background_words(prompt, nouns) == words


def test_background_words_of_a_subject_that_is_not_there():
    with pytest.raises(InputError, match="does not name the subject 'fox'"):
        background_words("a cat in a garden", ["fox"])
