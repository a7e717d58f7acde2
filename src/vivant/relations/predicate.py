"""Words of a prompt and where they stand: its predicate, its subjects, and the tokens of both. No model is asked."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Any

from vivant.errors import InputError
from vivant.relations.grammar import find_predicate
from vivant.types.triplet import word_spans

Span = tuple[int, int]
"""First character and the one after the last."""
_LEARNED = re.compile(r"<[^<>\s]+>")
_IRREGULAR = {
    "man": "men",
    "woman": "women",
    "child": "children",
    "person": "people",
    "mouse": "mice",
    "goose": "geese",
    "wolf": "wolves",
    "calf": "calves",
    "elf": "elves",
    "sheep": "sheep",
    "fish": "fish",
    "deer": "deer",
}


def predicate(prompt: str) -> str:
    """The words of the relation, which CLIP-R is computed on: "playing chess with", "shakes hands with", "carried by".

    They are the words of the prompt as they stand there, without "is" and without subjects and place.

    Raises:
        InputError: the prompt says no relation ("a cat and a dog in the park").
    """
    start, end = predicate_span(prompt)
    return " ".join(prompt[start:end].split())


def predicate_span(prompt: str) -> Span:
    """Where the predicate stands in a prompt, in characters.

    Raises:
        InputError: the prompt says no relation.
    """
    found = find_predicate(prompt)
    if found is None:
        raise InputError(
            f"{prompt!r} does not say what the subjects do: write 'a cat is hugging a dog' or 'a cat next to a dog'"
        )
    return found


def subject_spans(prompt: str, nouns: Sequence[str]) -> list[Span]:
    """Where a prompt names each subject, in characters.

    A noun is found as whole words in either number and any case. A noun that is given twice takes its places from left
    to right; a plural ("two cats") is the place of all that are left. A noun is not found within a longer one that is
    given too: "bear" is not in "teddy bear"; nor within a learned word, if it stands elsewhere ("a <cat> cat").

    Args:
        prompt: a sentence.
        nouns: one a subject, in any order.

    Returns:
        As many spans, in the order of the nouns.

    Raises:
        InputError: a subject that the prompt does not name, or not often enough.
    """
    places: dict[str, list[Span]] = {}
    taken: list[Span] = []
    words = [match.span() for match in _LEARNED.finditer(prompt)]
    for noun in sorted({_plain(noun) for noun in nouns}, key=lambda noun: (-len(noun.split()), -len(noun))):
        both = {*word_spans(prompt, noun), *word_spans(prompt, plural(noun))}
        free = sorted(span for span in both if not any(_meet(span, other) for other in taken))
        places[noun] = [span for span in free if not any(_meet(span, word) for word in words)] or free
        taken += places[noun]
    counts = dict.fromkeys(places, 0)
    found = []
    for noun in map(_plain, nouns):
        found.append(_place(prompt, noun, places[noun], counts[noun]))
        counts[noun] += 1
    return found


def token_positions(tokenizer: Any, prompt: str, span: Span) -> list[int]:
    """Positions of a span's tokens in an encoded prompt, start token included: the first word's first token is at 1.

    Args:
        tokenizer: of a CLIP text encoder: transformers' or a `tokenizers.Tokenizer`. What it cuts off has no position.
        prompt: a sentence.
        span: characters of it.

    Raises:
        InputError: no token of the span is left.
    """
    start, end = span
    offsets = _offsets(tokenizer, prompt)
    if offsets is None:
        first, after = (len(_ids(tokenizer, prompt[:until].rstrip())) - 1 for until in (start, end))
        found = list(range(first, min(after, len(_ids(tokenizer, prompt)) - 1)))
    else:
        found = [place for place, (left, right) in enumerate(offsets) if left < end and right > start]
    if not found:
        raise InputError(
            f"{prompt[start:end]!r} has no token in the encoded prompt {prompt!r}: it comes too late, shorten that"
        )
    return found


def plural(noun: str) -> str:
    """ "cats", "teddy bears", "women", "foxes", "puppies"."""
    *before, head = noun.split()
    if head in _IRREGULAR:
        head = _IRREGULAR[head]
    elif head.endswith(("s", "x", "z", "ch", "sh")):
        head += "es"
    elif head.endswith("y") and head[-2:-1] not in tuple("aeiou"):
        head = f"{head[:-1]}ies"
    else:
        head += "s"
    return " ".join((*before, head))


def _plain(noun: str) -> str:
    words = noun.replace("_", " ").lower().split()
    if not words:
        raise InputError("a subject without a noun: name what it is, such as cat")
    return " ".join(words)


def _meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _place(prompt: str, noun: str, places: Sequence[Span], count: int) -> Span:
    """The place of a noun that has been placed so many times before."""
    if count < len(places):
        return places[count]
    if places:
        start, end = places[-1]
        if _plain(prompt[start:end]) == plural(noun):
            return places[-1]
        raise InputError(
            f"{prompt!r} names {noun!r} {len(places)} time(s), but more such subjects are given: "
            f'write "a {noun} and another {noun}"'
        )
    words = "".join(letter if letter.isalnum() or letter in "'-" else " " for letter in prompt.lower()).split()
    size = len(noun.split())
    phrases = [" ".join(words[index : index + size]) for index in range(len(words) - size + 1)]
    near = difflib.get_close_matches(noun, phrases, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "name it in the sentence, or leave that subject out"
    raise InputError(f"{prompt!r} does not name the subject {noun!r}: {hint}")


def _offsets(tokenizer: Any, prompt: str) -> list[Span] | None:
    """Characters of each token, specials empty; None from a tokenizer that does not know them."""
    if not callable(tokenizer):
        return [(left, right) for left, right in tokenizer.encode(prompt).offsets]
    if not getattr(tokenizer, "is_fast", False):
        return None
    return [
        (left, right)
        for left, right in tokenizer(prompt, truncation=True, return_offsets_mapping=True)["offset_mapping"]
    ]


def _ids(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer(text, truncation=True)["input_ids"])
