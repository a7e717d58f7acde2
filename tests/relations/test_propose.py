"""Who does it, and in which words it is asked for."""

from __future__ import annotations

import json

import pytest

from vivant.errors import EndpointError, InputError
from vivant.relations.propose import ANIMALS, ask_for_words, parse_subjects, propose_group, request
from vivant.relations.sample import marked_predicate

GOOD = {
    "prompt": "A photo of a lion that is hugging a polar bear.",
    "concepts": ["The photo of the same lion lying down.", "The photo of the same polar bear swimming."],
}


def test_subjects_are_groups_of_nouns():
    assert parse_subjects("lion,  polar bear; wolf") == [("lion", "polar bear"), ("wolf",)]
    for text in ("", "lion,", "lion;;wolf"):
        with pytest.raises(InputError, match="write nouns as"):
            parse_subjects(text)


def test_no_noun_comes_twice_before_all_have_come():
    groups = [propose_group(ANIMALS, 2, number, 3) for number in range(len(ANIMALS) // 2)]
    assert sorted(noun for group in groups for noun in group) == sorted(ANIMALS)
    assert groups != [propose_group(ANIMALS, 2, number, 4) for number in range(len(groups))]


def test_the_template_speaks_of_the_same():
    asked = request("giving a piggyback ride to", ("otter", "cat"), 0, 0)
    assert asked.prompt == "An otter is giving a piggyback ride to a cat"
    assert [text.startswith("The photo of the same") for text in asked.concept_prompts] == [True, True]
    assert marked_predicate(asked.prompt, asked.relation) == (("giving a piggyback ride to",), 1.0)
    assert marked_predicate("A lion hugs a bear.", "hugging") == (("hugs",), 0.8)
    assert marked_predicate("A lion and a bear.", "hugging") == ((), 0.0)
    with pytest.raises(InputError, match="nobody"):
        request("hugging", (), 0, 0)


@pytest.mark.parametrize(
    ("replies", "fault"),
    [
        ([json.dumps(GOOD)], ""),
        (["Sure! ```json\n" + json.dumps(GOOD) + "\n```"], ""),
        (["[1]", json.dumps(GOOD)], ""),
        (["no", "no"], "not a JSON object"),
        ([json.dumps({**GOOD, "concepts": GOOD["concepts"][:1]})] * 2, "list of 2 sentences"),
        ([json.dumps({**GOOD, "prompt": "A lion hugs a bear"})] * 2, "does not hold the words 'polar bear'"),
        ([json.dumps({**GOOD, "concepts": ["A lion.", "A polar bear."]})] * 2, "the photo of the same"),
        ([json.dumps({**GOOD, "prompt": "hugging " * 99})] * 2, "at most 300"),
        ([EndpointError("not there")], "not there"),
    ],
)
def test_a_language_models_words_are_checked(replies, fault):
    asked, queue = [], list(replies)

    def ask(text):
        asked.append(text)
        reply = queue.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    template = request("hugging", ("lion", "polar bear"), 0, 0)
    found, note = ask_for_words(template, ask, corrections=1)
    assert fault in note and (found == template) == bool(fault)
    assert (found.prompt == GOOD["prompt"]) == (not fault)
    assert len(asked) == len(replies) and ("could not be used" in asked[-1]) == (len(asked) == 2)
