"""Scripts and their sentences."""

import random

import pytest

from vivant.models.clip_tokens import LIMIT, count_tokens
from vivant.world import BACKDROPS, KINDS, RELATIONS, SEEN, TOGETHER, UNSEEN, sample_script, sentence


def test_there_are_25_relations_and_standing_together():
    assert len(RELATIONS) == 26 and len(SEEN) == 20 and len(UNSEEN) == 6
    assert [relation.subjects for relation in RELATIONS.values()] == [(1, 1)] * 14 + [(2, 2)] * 11 + [(1, 5)]
    assert all(place in BACKDROPS for relation in RELATIONS.values() for place in relation.places)


def test_sentences_name_everyone_in_order():
    assert sentence("hugging", ["a cat", "a dog"], "park") == "a cat is hugging a dog in the park"
    assert sentence("dancing", ["a fox"], "ballroom", present=True) == "a fox dances in a ballroom"
    assert sentence(TOGETHER, ["a cat", "a dog"], "park") == "a cat is standing next to a dog in the park"
    three = ["a cat", "a dog", "an alien"]
    assert sentence(TOGETHER, three, "park") == "a cat, a dog and an alien are standing side by side in the park"
    assert sentence(TOGETHER, ["a cat"], "park") == "a cat is standing in the park"


@pytest.mark.parametrize(("relation", "count"), [("hugging", 1), ("dancing", 2), (TOGETHER, 6)])
def test_the_wrong_number_of_subjects_is_refused(relation, count):
    with pytest.raises(ValueError, match=rf"not {count}"):
        sentence(relation, ["a cat"] * count, "park")


def test_scripts_are_within_what_was_asked_for_and_fit_the_text_encoder():
    rng = random.Random(0)
    for _ in range(400):
        script = sample_script(rng)
        least, most = RELATIONS[script.relation].subjects
        assert least <= len(script.cast) <= most
        assert len({one.kind for one in script.cast}) == len(script.cast)
        assert all(one.noun in script.text and one.noun in script.text_detailed for one in script.cast)
        assert count_tokens(script.text_detailed) <= LIMIT, script.text_detailed
        assert len(script.text_present) < len(script.text)
    only = sample_script(rng, ["kissing"], ["cat", "robot"], ["beach"])
    assert only.relation == "kissing" and {one.kind for one in only.cast} == {"cat", "robot"}
    assert only.backdrop == "beach"


def test_too_few_kinds_are_refused():
    with pytest.raises(ValueError, match="needs 2 kinds"):
        sample_script(random.Random(0), ["kissing"], ["cat"])


def test_the_same_seed_gives_the_same_script():
    assert sample_script(random.Random(5)) == sample_script(random.Random(5)) != sample_script(random.Random(6))
    assert {one.kind for seed in range(200) for one in sample_script(random.Random(seed)).cast} == set(KINDS)
