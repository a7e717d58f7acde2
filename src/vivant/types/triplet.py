"""A relation's training sample: a picture of the relation, and of each subject a picture of its own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from vivant.types.base import Box, Record, Unit

KEYPOINTS = 17

Keypoint = tuple[Unit, Unit, Literal[0, 1]]
"""x, y in fractions of the picture, 1.0 being its far edge; 1 where the part can be seen, 0 where not."""
Keypoints = Annotated[tuple[Keypoint, ...], Field(min_length=KEYPOINTS, max_length=KEYPOINTS)]
"""Of one subject in one picture. The same index is the same part of the body in all pictures of a triplet."""


class TripletSubject(Record):
    """One subject of a triplet.

    Attributes:
        noun: what the prompt calls it ("polar bear").
        concept: a picture of it alone, in another pose.
        mask: where it is in the target picture, HW uint8, as large as that.
        box: tight around the mask.
        target_keypoints: of it in the target picture.
        concept_keypoints: of it in `concept`.
    """

    noun: str = Field(min_length=1)
    concept: Path
    mask: Path
    box: Box
    target_keypoints: Keypoints
    concept_keypoints: Keypoints


class Triplet(Record):
    """(x_k, c_i, c_t) of DreamRelation, section 3.3, for any number of subjects.

    Attributes:
        name: unique within its relation.
        target: the picture that shows the relation.
        prompt: says what it shows, and names every subject and the predicate.
        subjects: in the order of the prompt's grammar: the first one does it to the second.
        predicate: the words of the prompt that say the relation ("hugging"); empty where nobody marked them.

    Raises:
        ValueError: a noun or predicate that the prompt does not hold as whole words, or not once a subject.
    """

    name: str = Field(min_length=1)
    target: Path
    prompt: str
    subjects: tuple[TripletSubject, ...] = Field(min_length=1)
    predicate: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _in_the_prompt(self) -> Self:
        nouns = [subject.noun for subject in self.subjects]
        for kind, words in (("entity", nouns), ("predicate", self.predicate)):
            for word in words:
                if not word_spans(self.prompt, word):
                    raise ValueError(f"{kind} {word!r} is not in the prompt {self.prompt!r}")
        for noun in set(nouns):
            if nouns.count(noun) > len(word_spans(self.prompt, noun)):
                raise ValueError(f"{nouns.count(noun)} entities {noun!r}, but fewer in the prompt {self.prompt!r}")
        return self


def word_spans(prompt: str, words: str) -> list[tuple[int, int]]:
    """Where a prompt holds some words, whole and whatever their case: start and end in characters, left to right."""
    inner = r"\s+".join(re.escape(word) for word in words.split())
    if not inner:
        return []
    return [found.span() for found in re.finditer(rf"(?<!\w){inner}(?!\w)", prompt, re.IGNORECASE)]
