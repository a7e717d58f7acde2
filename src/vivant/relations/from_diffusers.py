"""Triplets from a text-to-image base: target and subjects drawn in one batch, in which they look at each other.

Section 3.3 keeps the individual by a conversation with DALL-E 3. A base has no conversation; what keeps the individual
here is self-attention that the pictures share, see `vivant.adapters.sharing`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from vivant.relations.sample import Pictures, Request
from vivant.types import Image

_SAME = re.compile(r"\bthe same\b", re.IGNORECASE)


class Draws(Protocol):
    """Pictures that belong together, as `vivant.generation.together.Together`."""

    def __call__(self, prompts: Sequence[str], seeds: Sequence[int]) -> list[Image]:
        """One picture a prompt, HWC uint8 RGB each."""
        ...


class DiffusersSource:
    """Draws the picture of the relation and each subject alone as one group.

    Args:
        draw: of the pictures.
        made: how, for the record.
    """

    limit = None

    def __init__(self, draw: Draws, made: Mapping[str, Any]) -> None:
        self._draw, self._made = draw, made

    def draw(self, request: Request) -> Pictures:
        """Pictures of a triplet.

        Raises:
            ModelError: not enough memory, or the base gives no numbers.
        """
        prompts = [f"A photo. {request.prompt}", *map(_plain, request.concept_prompts)]
        rng = random.Random(f"relate/{request.seed}/{request.relation}/{request.number}")
        seeds = [rng.getrandbits(48) for _ in prompts]
        target, *concepts = self._draw(prompts, seeds)
        made = {**self._made, "source": "diffusers", "prompts": prompts, "seeds": seeds}
        return Pictures(str(request.number), target, tuple(concepts), request.nouns, request.prompt, made)


def _plain(prompt: str) -> str:
    """Without "same", which means nothing where no conversation went before."""
    return _SAME.sub("the", prompt)
