"""What the stages of the relation data engine pass to each other: pixels and points in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from vivant.errors import InputError
from vivant.relations.predicate import predicate_span
from vivant.types import Image, Mask

Points = npt.NDArray[np.float32]
"""[17, 3]: x, y in fractions of the picture, 1 where the part can be seen."""


@dataclass(frozen=True)
class Request:
    """One triplet that is asked for.

    Attributes:
        number: of the attempt.
        relation: as it follows "is" ("hugging", "giving a piggyback ride to").
        nouns: of the subjects: the first one does it to the second.
        prompt: for the picture of the relation (c_t of section 3.3).
        concept_prompts: for the picture of each subject alone: "the photo of the same …".
        seed: of everything random about it.
    """

    number: int
    relation: str
    nouns: tuple[str, ...]
    prompt: str
    concept_prompts: tuple[str, ...]
    seed: int


@dataclass(frozen=True)
class Pictures:
    """A triplet as it was drawn, with nothing known about it yet.

    Attributes:
        name: unique in its set.
        target: the picture of the relation, HWC uint8.
        concepts: of each subject alone, HWC uint8, of any size.
        nouns: in the order of the sentence.
        prompt: what the target shows.
        made: how it was drawn, for the record; never a key.
    """

    name: str
    target: Image
    concepts: tuple[Image, ...]
    nouns: tuple[str, ...]
    prompt: str
    made: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """One subject of a triplet.

    Attributes:
        noun: as in the prompt.
        concept: of it alone, HWC uint8.
        mask: where it is in the target, HW uint8; all 0 where it was not found.
        target_keypoints, concept_keypoints: of it in the target and in `concept`.
        concept_mask: where it is in `concept`, HW uint8; None where nobody knows.
        confidence: "mask", "box", "target_keypoints", "concept_keypoints" -> 0..1, how sure the annotator is; 1 is the
            truth, and what has no number comes from a folder that says nothing of it.
    """

    noun: str
    concept: Image
    mask: Mask
    target_keypoints: Points
    concept_keypoints: Points
    concept_mask: Mask | None = None
    confidence: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Sample:
    """(x_k, c_i, c_t) of section 3.3 with keypoints, masks and caption.

    Attributes:
        name: unique in its set.
        target: x_k, HWC uint8.
        prompt: c_t; names every subject.
        predicate: the words of it that say the relation; empty where nobody marked them.
        parts: the subjects with c_i, in the order of the sentence.
        made: how, for the record.
        confidence: "prompt", "predicate" -> 0..1.
    """

    name: str
    target: Image
    prompt: str
    predicate: tuple[str, ...]
    parts: tuple[Part, ...]
    made: Mapping[str, Any] = field(default_factory=dict)
    confidence: Mapping[str, float] = field(default_factory=dict)


def only_pictures(sample: Sample) -> Pictures:
    """A sample without what is known about it."""
    return Pictures(
        name=sample.name,
        target=sample.target,
        concepts=tuple(part.concept for part in sample.parts),
        nouns=tuple(part.noun for part in sample.parts),
        prompt=sample.prompt,
        made=sample.made,
    )


class Source(Protocol):
    """Where triplets come from.

    Attributes:
        limit: how many there are, None where there is no end.
    """

    @property
    def limit(self) -> int | None: ...

    def draw(self, request: Request) -> Pictures | Sample:
        """Pictures of a triplet, or all of it where the source knows the truth about them.

        Raises:
            InputError, ImageError, EndpointError: this one cannot be made; the next one may.
        """
        ...


class Annotator(Protocol):
    """Says what is where in the pictures of a triplet."""

    def annotate(self, request: Request, pictures: Pictures) -> Sample:
        """Keypoints, masks, boxes, caption and the predicate's place, each with a confidence.

        A subject that is not found has an empty mask.
        """
        ...


def marked_predicate(prompt: str, relation: str) -> tuple[tuple[str, ...], float]:
    """The words of a prompt that say the relation, and how sure that is.

    The relation's own words are sure; what the grammar finds in their place ("hugs" for "hugging") is likely.
    """
    if relation and f" {relation.lower()} " in f" {prompt.lower().rstrip('.!')} ":
        return (relation,), 1.0
    try:
        start, end = predicate_span(prompt)
    except InputError:
        return (), 0.0
    return (prompt[start:end],), 0.8
