"""Who does it, and in which words it is asked for: pairs of subjects, prompts of the target and of each one alone.

Section 3.3: "The photo of the same" keeps the individual from one picture of a conversation to the next. Animals with
limbs are enough: what is learned from them carries over to everything else (section 7, "Relation-Aware Customization
Data Engine").
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence

from vivant.errors import EndpointError, InputError
from vivant.relations.sample import Request
from vivant.types.triplet import word_spans
from vivant.world.script import article

ANIMALS = (
    *("lion", "polar bear", "wolf", "leopard", "bear", "tiger", "kangaroo", "chimpanzee", "raccoon", "sloth"),
    *("panda", "fox", "cat", "dog", "rabbit", "otter", "koala", "gorilla", "squirrel", "red panda"),
)
"""Proposed where no subjects are given: with two arms and two legs to pose."""
SETTINGS = ("in a park", "on a beach", "in a snowy forest", "in a living room", "in a meadow", "in a city street")
LONGEST = 300
"""Characters of a prompt that a language model may write."""
_ASK = """Write prompts for a text-to-image model, as JSON: {{"prompt": "...", "concepts": ["...", ...]}}.
"prompt": one sentence, a photo in which {who} ({relation}), both whole bodies visible, one plain background.
It must hold the words "{relation}" and {nouns}.
"concepts": {count} sentences, in this order: {nouns}. Each begins "The photo of the same" and shows that one alone, the
whole body, in another pose than in "prompt" and before another background. Answer with the JSON only."""


def parse_subjects(text: str) -> list[tuple[str, ...]]:
    """ "lion, polar bear; wolf, leopard" as groups of nouns.

    Raises:
        InputError: a group or a noun that is empty.
    """
    groups = [tuple(" ".join(noun.split()) for noun in group.split(",")) for group in text.split(";")]
    if not all(noun for group in groups for noun in group):
        raise InputError(f"--subjects {text!r}: write nouns as 'lion, polar bear; wolf, leopard'")
    return groups


def propose_group(nouns: Sequence[str], size: int, number: int, seed: int) -> tuple[str, ...]:
    """Unlike subjects for triplet `number`; no noun comes twice before all have come once.

    Args:
        nouns: to choose from; at least `size`.
        size: subjects a group.
        number: of the triplet.
        seed: of the choice.
    """
    groups = len(nouns) // size
    cycle, place = divmod(number, groups)
    mixed = random.Random(f"propose/{seed}/{cycle}").sample(list(nouns), len(nouns))
    return tuple(mixed[place * size : (place + 1) * size])


def request(relation: str, nouns: Sequence[str], number: int, seed: int) -> Request:
    """What is asked for, in words of a template.

    Raises:
        InputError: no subject.
    """
    if not nouns:
        raise InputError(f"{relation!r}: nobody to do it; give --subjects")
    rng = random.Random(f"words/{seed}/{number}")
    first, *others = (f"{article(noun)} {noun}" for noun in nouns)
    prompt = " ".join((f"{first[:1].upper()}{first[1:]} is {relation}", " and ".join(others))).strip()
    places = rng.sample(SETTINGS, 2)
    concepts = tuple(
        f"The photo of the same {noun}, alone, standing at ease with arms hanging down, whole body, {places[1]}"
        for noun in nouns
    )
    return Request(number, relation, tuple(nouns), prompt, concepts, seed)


def ask_for_words(template: Request, ask: Callable[[str], str], corrections: int) -> tuple[Request, str]:
    """The same request in the words of a language model, or as it was.

    Args:
        template: in words of the template.
        ask: a language model: text in, text out.
        corrections: how often a reply that cannot be used is answered with its fault.

    Returns:
        The request, and why it is the template's, empty where it is not.
    """
    nouns = ", ".join(template.nouns)
    text = _ASK.format(who=template.prompt, relation=template.relation, nouns=nouns, count=len(template.nouns))
    fault = ""
    for _ in range(corrections + 1):
        try:
            reply = ask(text if not fault else f"{text}\nYour last answer could not be used: {fault}")
        except EndpointError as error:
            return template, str(error)
        try:
            prompt, concepts = _read_words(reply, template)
        except ValueError as error:
            fault = str(error)
            continue
        return Request(template.number, template.relation, template.nouns, prompt, concepts, template.seed), ""
    return template, fault


def _read_words(reply: str, wanted: Request) -> tuple[str, tuple[str, ...]]:
    """A reply, parsed as data.

    Raises:
        ValueError: what is wrong with it, in words for the model.
    """
    start, end = reply.find("{"), reply.rfind("}")
    try:
        found = json.loads(reply[start : end + 1])
        prompt, concepts = found["prompt"], found["concepts"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError("it is not a JSON object with 'prompt' and 'concepts'") from error
    if not isinstance(concepts, list) or len(concepts) != len(wanted.nouns):
        raise ValueError(f"'concepts' must be a list of {len(wanted.nouns)} sentences")
    for sentence in (prompt, *concepts):
        if not isinstance(sentence, str) or not 0 < len(sentence.strip()) <= LONGEST:
            raise ValueError(f"every sentence must be text of at most {LONGEST} characters")
    for words in (*wanted.nouns, wanted.relation):
        if not word_spans(prompt, words):
            raise ValueError(f"'prompt' does not hold the words {words!r}")
    for noun, sentence in zip(wanted.nouns, concepts, strict=True):
        if not word_spans(sentence, noun) or "the same" not in sentence.lower():
            raise ValueError(f"the sentence of {noun!r} must hold 'the photo of the same' and its name")
    return " ".join(prompt.split()), tuple(" ".join(sentence.split()) for sentence in concepts)
