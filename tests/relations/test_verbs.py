"""Forms of verbs."""

import pytest

from vivant.relations.verbs import OBJECTS, PAIRED, PREPOSITIONS, forms, lemma, singulars


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("hug", "hugs hugging hugged"),
        ("carry", "carries carrying carried"),
        ("dance", "dances dancing danced"),
        ("play", "plays playing played"),
        ("lie", "lies lying lay lain"),
        ("ski", "skis skiing skied"),
        ("kiss", "kisses kissing kissed"),
        ("shake", "shakes shaking shook shaken"),
        ("wrestle", "wrestles wrestling wrestled"),
        ("look", "looks looking looked"),
        ("sit", "sits sitting sat seated"),
        ("have", "has having had"),
    ],
)
def test_every_form_leads_back_to_its_verb(verb, words):
    assert {lemma(word) for word in words.split()} == {verb}


def test_nouns_in_ing_are_no_forms_of_verbs():
    assert {forms()[word][1] for word in ("sing", "bring", "swing")} == {"base"}
    assert lemma("Piano") == "piano"


def test_every_verb_of_the_tables_has_forms():
    for table in (OBJECTS, PREPOSITIONS, PAIRED):
        assert {verb: forms()[verb] for verb in table} == {verb: (verb, "base") for verb in table}


def test_singulars():
    assert "knife" in singulars("knives")
    assert "lady" in singulars("ladies")
    assert singulars("glass") == {"glass"}
