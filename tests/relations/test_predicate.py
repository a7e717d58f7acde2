"""The predicate of a prompt, its subjects, and their tokens."""

import random
from itertools import product
from typing import Any

import pytest

from tests.relations.relation_bench import LONG, PREDICATES, SHORT
from tests.tiny_bases import _tokenizer
from vivant.errors import InputError
from vivant.models.clip_tokens import clip_tokenizer
from vivant.relations.predicate import plural, predicate, predicate_span, subject_spans, token_positions
from vivant.world import BACKDROPS, RELATIONS, TOGETHER, sample_script, sentence

NOUN_PHRASES = (
    *("corgi", "wolf plushie", "toy duck", "cook", "king", "{ }", "<new1> dog", "V* cat", "Pikachu", "playing card"),
    *("dancing robot", "sleeping cat", "running shoe", "girl with a pearl earring", "cat wearing sunglasses"),
    *("dog that is wearing a hat", "toy soldier with blue buttons, a red bow and a moustache"),
    "polar bear standing on two legs",
)
SENTENCES = {
    "A lion and a polar bear hug.": "hug",
    "A raccoon hugs a sloth.": "hugs",
    "a cat hugs Pikachu": "hugs",
    "a girl with red bows in a garden hugs a cat": "hugs",
    "photo of a cat hugging a dog on the beach": "hugging",
    "a cat that is wearing a hat is hugging a dog that is sleeping": "hugging",
    "While a fox is dancing, a cat is hugging a dog": "hugging",
    "a cat is about to kiss a dog": "kiss",
    "a cat will kiss a dog": "kiss",
    "a boy kissed a girl": "kissed",
    "a cat is running and jumping in the park": "running and jumping",
    "a cat is running, jumping and dancing in the park": "running, jumping and dancing",
    "a cat hugs and kisses a dog": "hugs and kisses",
    "a cat is singing and playing guitar on a stage": "singing and playing guitar",
    "a cat is dancing and a dog is singing": "dancing",
    "a cat is dancing, singing songs": "dancing",
    "a cat is giving a piggyback ride to a dog": "giving a piggyback ride to",
    "a boy is throwing a frisbee to a dog": "throwing a frisbee to",
    "a boy is playing a game of chess with a dog": "playing a game of chess with",
    "a dog is picking up a cat": "picking up",
    "a cat is looking at a dog": "looking at",
    "a man and a woman are holding hands": "holding hands",
    "two cats partner dance": "partner dance",
    "a boy and a girl sit back to back": "sit back to back",
    "a cat is carried by a dog": "carried by",
    "a cat is being gently hugged by a dog": "hugged by",
    "a dog carried by a man in the rain": "carried by",
    "a cat stands next to a dog": "stands next to",
    "a cat is sitting on top of a dog": "sitting on top of",
    "a cat is standing in front of the mountain": "standing",
    "a cat is standing in front of a dog": "standing in front of",
    "a cat next to a dog": "next to",
    "a cat wearing a red hat next to a dog": "next to",
    "a cat is arm in arm with a dog": "arm in arm with",
    "a cat tickles a dog": "tickles",
    "A cat IS HUGGING a dog": "HUGGING",
    "a cat is  hugging\nand kissing a dog": "hugging and kissing",
}


@pytest.mark.parametrize("prompts", [SHORT, LONG], ids=["DreamRelation", "RelationBooth"])
def test_relation_bench_whatever_the_subjects(prompts):
    for one, other in zip(NOUN_PHRASES, NOUN_PHRASES[7:] + NOUN_PHRASES[:7], strict=True):
        found = [predicate(prompt.replace("{}", one, 1).replace("{}", other, 1)) for prompt in prompts]
        assert found == PREDICATES, (one, other)


@pytest.mark.parametrize("is_present", [False, True])
def test_every_caption_of_the_world(is_present):
    for (name, relation), place in product(RELATIONS.items(), BACKDROPS):
        nouns = ["a teddy bear", "an old toy soldier"][: relation.subjects[1]]
        caption = sentence(name, nouns, place, present=is_present)
        assert predicate(caption) == (relation.present if is_present else name), caption


def test_captions_with_details_and_groups():
    rng = random.Random(5)
    groups = {1: "standing", 2: TOGETHER}
    for script in (sample_script(rng) for _ in range(300)):
        together = groups.get(len(script.cast), "standing side by side")
        said = script.relation if script.relation != TOGETHER else together
        assert predicate(script.text_detailed) == said, script.text_detailed


@pytest.mark.parametrize(("prompt", "words"), SENTENCES.items(), ids=SENTENCES)
def test_other_sentences(prompt, words):
    assert predicate(prompt) == words
    start, end = predicate_span(prompt)
    assert prompt[start:end].split() == words.split()


@pytest.mark.parametrize(
    "prompt", ["", "a cat and a dog in the park", "a photo of a king", "a sleeping cat", "a backpack on a wooden floor"]
)
def test_no_relation_is_an_error(prompt):
    with pytest.raises(InputError, match="does not say what the subjects do"):
        predicate(prompt)


def spans(prompt: str, *nouns: str) -> list[int]:
    """Number of the first word of each."""
    return [prompt[:start].count(" ") for start, _ in subject_spans(prompt, nouns)]


def test_subjects_are_found_in_any_order_case_and_number():
    assert spans("a Cat is hugging two dogs and a man", "man", "dog", "cat") == [8, 5, 1]
    assert spans("two women and three wolves and puppies", "puppy", "woman", "wolf") == [6, 1, 4]
    assert subject_spans("a toy  soldier", ["toy_soldier"]) == [(2, 14)]
    assert subject_spans("a <cat> cat and a cat", ["cat", "cat"]) == [(8, 11), (18, 21)]
    assert subject_spans("a <cat> and a dog", ["cat", "dog"]) == [(3, 6), (14, 17)]


def test_a_noun_is_a_whole_word_and_not_part_of_a_longer_subject():
    assert spans("a catfish and a cat", "cat") == [4]
    assert spans("a teddy bear, a teddy bear and a bear", "bear", "teddy bear") == [8, 1]
    assert spans("a teddy bear", "bear") == [2]


def test_the_same_noun_twice_takes_successive_places():
    assert spans("a cat and a dog and another cat", "cat", "dog", "cat") == [1, 4, 7]
    assert spans("two cats are hugging", "cat", "cat") == [1, 1]
    assert spans("a cat and two cats", "cat", "cat", "cat") == [1, 4, 4]
    with pytest.raises(InputError, match=r"names 'cat' 1 time.*another cat"):
        subject_spans("a cat is dancing", ["cat", "cat"])


def test_a_subject_that_the_sentence_does_not_name():
    with pytest.raises(InputError, match="does not name the subject 'tedy bear': did you mean 'teddy bear'"):
        subject_spans("a cat is hugging a Teddy Bear.", ["cat", "tedy bear"])
    with pytest.raises(InputError, match="'robot': name it in the sentence"):
        subject_spans("a cat is hugging a dog", ["robot"])
    with pytest.raises(InputError, match="without a noun"):
        subject_spans("a cat", [" "])


@pytest.mark.parametrize(("noun", "several"), [("teddy bear", "teddy bears"), ("fox", "foxes"), ("boy", "boys")])
def test_plurals(noun, several):
    assert plural(noun) == several


class Offsetless:
    """The same tokenizer without offsets."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer

    def __call__(self, text: str, truncation: bool) -> dict[str, list[int]]:
        return {"input_ids": self.tokenizer(text, truncation=truncation)["input_ids"]}


BYTES = _tokenizer("!")


@pytest.mark.parametrize("tokenizer", [BYTES, Offsetless(BYTES), clip_tokenizer()], ids=["bytes", "no offsets", "clip"])
def test_tokens_of_a_span_spell_it(tokenizer):
    prompt = "Un  Éléphant is HUGGING<new1> two zebras, 11 times."
    known = getattr(tokenizer, "tokenizer", tokenizer)
    ids = known(prompt)["input_ids"] if callable(known) else known.encode(prompt).ids
    for words in ("Un", "Éléphant", "HUGGING", "two zebras", "zebras", "11", "."):
        start = prompt.index(words)
        places = token_positions(tokenizer, prompt, (start, start + len(words)))
        said = known.decode([ids[place] for place in places]).replace("</w>", "")
        if words.isascii() or known is BYTES:  # the other shows bytes as symbols
            assert said.replace(" ", "") == words.lower().replace(" ", "")
        assert places == list(range(places[0], places[-1] + 1))


def test_the_predicate_is_one_token_after_the_start_token():
    prompt = "cat hugging dog"
    assert token_positions(clip_tokenizer(), prompt, predicate_span(prompt)) == [2]


@pytest.mark.parametrize("tokenizer", [BYTES, Offsetless(BYTES)], ids=["offsets", "no offsets"])
def test_what_is_cut_off_has_no_token(tokenizer):
    gone, half = ("a cat " + "very " * times + "hugging a dog" for times in (18, 17))
    with pytest.raises(InputError, match=r"'hugging' has no token.*shorten"):
        token_positions(tokenizer, gone, predicate_span(gone))
    assert token_positions(tokenizer, half, predicate_span(half)) == [73, 74, 75]
