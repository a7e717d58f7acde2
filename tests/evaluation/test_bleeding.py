import numpy as np
import pytest

from vivant.evaluation.bleeding import bleeding, bleeding_score, by_label, confusion, likest, references


def test_boxes_stand_for_what_they_were_asked_for():
    # The dog's box looks like the cat; it is the dog's all the same, and the surer of the cat's boxes is the cat's.
    scores = np.array([[0.6, 0.2], [0.7, 0.3], [0.8, 0.4]])
    assert by_label(scores, [0, 0, 1], ["cat", "dog"]) == [1, 2]
    assert by_label(scores[:0], [], ["cat", "dog"]) == [-1, -1]


def test_two_subjects_of_one_noun_share_their_boxes():
    scores = np.array([[0.9, 0.8], [0.8, 0.1]])
    # Greedily the first box would be the first cat's, and 0.1 be left for the second one.
    assert by_label(scores, [0, 0], ["cat", "cat"]) == [1, 0]
    assert by_label(scores[1:], [0], ["cat", "cat"]) == [0, -1]
    three = np.array([[0.1, 0.2], [0.5, 0.9], [0.6, 0.3]])
    assert by_label(three, [0, 0, 0], ["cat", "cat"]) == [2, 1]


def test_references_leave_a_photo_out_of_its_own_company():
    cat, dog = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]]), np.array([[0.0, 1.0]])
    # cat with cat: (0.6 + 0 + 0.8) / 3; cat with dog: (0 + 0.8 + 1) / 3.
    np.testing.assert_allclose(references([cat, dog]), [[1.4 / 3, 0.6], [0.6, 1.0]])


def test_bleeding_by_hand():
    known = np.array([[0.8, 0.4], [0.4, 0.9]])
    scores = np.array([[0.7, 0.65], [0.3, 0.9]])
    found = bleeding(scores, [0, 1], known)
    # The cat's box: (0.65 - 0.4) / (0.9 - 0.4) of the dog; the dog's is less like the cat than the dog's photos are.
    np.testing.assert_allclose(found, [[np.nan, 0.5], [0.0, np.nan]])
    assert bleeding_score(found) == pytest.approx(0.25)
    assert bleeding_score(bleeding(scores, [0, -1], known)) == pytest.approx(0.5)
    assert np.isnan(bleeding_score(bleeding(scores, [-1, -1], known)))
    assert np.isnan(bleeding_score(bleeding(scores[:, :1], [0], known[:1, :1])))


def test_true_photos_do_not_bleed_and_swapped_ones_do_wholly():
    rng = np.random.default_rng(0)
    photos = [centre + 0.2 * rng.normal(size=(6, 8)) for centre in rng.normal(size=(3, 8))]
    known = references(photos)
    scores = np.stack([known[0], known[1], known[2]])
    assert bleeding_score(bleeding(scores, [0, 1, 2], known)) == pytest.approx(0.0, abs=1e-9)
    assert bleeding_score(bleeding(scores, [1, 2, 0], known)) == pytest.approx(1.0)


def test_subjects_that_cannot_be_told_apart_do_not_count():
    same = np.array([[1.0, 0.0]])
    known = references([same, same])
    assert np.isnan(bleeding_score(bleeding(np.array([[0.9, 0.9]]), [0, -1], known)))


def test_the_confusion_matrix_counts_pictures():
    scores = np.array([[0.7, 0.2], [0.9, 0.4]])
    like = likest(scores, [0, 1])
    assert like == [0, 0] and likest(scores, [-1, 0]) == [-1, 0]
    assert likest(np.array([[0.5, 0.5]]), [-1, 0]) == [-1, 1]  # as like itself as the other: itself
    found = confusion([(["cat", "dog"], like), (["dog", "fox"], [-1, 1])])
    assert found.columns == ("cat", "dog", "fox", "missing")
    assert found.counts.tolist() == [[1, 0, 0, 0], [1, 0, 0, 1], [0, 0, 1, 0]]
    assert found.mistaken == pytest.approx(1 / 3)
    assert np.isnan(confusion([]).mistaken)
