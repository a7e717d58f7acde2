"""Individuals: varied, nameable, and determined by their vector."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest

from vivant.errors import InputError
from vivant.world.cast import FEATURES, PHYSIQUES, VECTOR_SIZE, Individual, sample_individual
from vivant.world.colours import difference
from vivant.world.kinds import KINDS
from vivant.world.wording import LONGEST


def individuals(kind: str, count: int) -> list[Individual]:
    rng = random.Random(kind)
    return [sample_individual(rng, kind) for _ in range(count)]


def test_the_same_seed_gives_the_same_individual():
    one, other = (sample_individual(random.Random(7)) for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)


def test_an_unknown_kind_is_an_error_that_names_it():
    with pytest.raises(InputError, match=r"'dragon'.*cat"):
        sample_individual(random.Random(0), "dragon")


@pytest.mark.parametrize("kind", KINDS)
def test_many_features_vary_within_a_kind(kind):
    cast = individuals(kind, 300)
    varied = [name for name in FEATURES if len({getattr(one, name) for one in cast}) >= 2]
    assert len(varied) >= 10
    assert len(set(cast)) == 300


def test_the_vector_tells_every_feature():
    start = 0
    one = sample_individual(random.Random(3))
    vector = one.vector()
    assert vector.shape == (VECTOR_SIZE,)
    assert vector.dtype == np.float32
    for name, options in FEATURES.items():
        block = vector[start : start + len(options)]
        assert block.sum() == 1.0
        assert options[int(block.argmax())] == getattr(one, name)
        start += len(options)


@pytest.mark.parametrize("kind", KINDS)
def test_phrases_are_short_english(kind):
    for one in individuals(kind, 200):
        words = one.phrase().split()
        assert len(words) <= LONGEST
        assert kind in one.phrase()
        assert "none" not in " ".join((one.phrase(), *one.words()))
        for article, following in pairwise(words):
            if article in ("a", "an"):
                assert (article == "an") == (following[0] in "aeiou"), one.phrase()


def test_a_phrase_says_no_more_than_asked():
    one = Individual(
        kind="cat",
        colour="ginger",
        second="white",
        pattern="stripes",
        pattern_colour="black",
        crest="pointed",
        crest_colour="pink",
        accessory="scarf",
        accessory_colour="blue",
        clothing="none",
        clothing_colour="none",
        physique="small",
        eyes="big",
        eye_colour="green",
        mouth="smile",
        cheeks="rosy",
        brows="none",
    )
    assert one.phrase(1) == "a ginger cat"
    assert one.phrase(4) == "a small ginger cat with black stripes and a blue scarf"
    assert one.words()[:3] == ["ginger", "black stripes", "a blue scarf"]


@pytest.mark.parametrize("kind", KINDS)
def test_clothes_stand_out_from_the_coat(kind):
    for one in individuals(kind, 200):
        if one.clothing_colour != "none":
            assert difference(one.clothing_colour, one.colour) > 100.0


@pytest.mark.parametrize("kind", KINDS)
def test_physiques_differ_in_girth_and_height(kind):
    cast = {one.physique: one for one in individuals(kind, 100)}
    assert set(cast) == set(PHYSIQUES)
    girth = {name: one.build.girth for name, one in cast.items()}
    assert girth["slim"] < girth["usual"] < girth["stout"]
    assert all(0.88 <= one.build.height <= 1.08 for one in cast.values())
    assert cast["slim"].build is cast["slim"].build
