"""MyCanvas (Gen4Gen, sections 3.3 and 4.1): compositions by number of subjects, one unseen prompt each, six pictures.

The paper's 41 compositions are not printed, so they are dealt by a seed over any subjects, or come from a manifest.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle

import numpy as np

from vivant.data.plan.knowledge import scene_kinds, scene_prompt
from vivant.evaluation.benchmarks.cases import Case, CaseSubject, make_case
from vivant.evaluation.benchmarks.subjects import Deck
from vivant.world.script import article

COMPOSITIONS, SAMPLES = 41, 6
SIZES = (2, 3, 4, 5)
"""Subjects of a composition, in turn. The paper has 41 compositions and does not say how many of each size."""


def canvas_cases(
    subjects: Sequence[CaseSubject],
    rng: np.random.Generator,
    *,
    sizes: Sequence[int] = SIZES,
    count: int = COMPOSITIONS,
    seen: Sequence[str] = (),
) -> list[Case]:
    """Compositions with a background prompt each, listing every subject ("a cat, a dog and a teapot in the garden").

    Args:
        subjects: of photos.
        rng: of who meets whom and where.
        sizes: subjects of a composition, in turn; sizes beyond the number of subjects are left out.
        count: of compositions.
        seen: background prompts that were trained on, which are not used.

    Raises:
        InputError: fewer subjects than the smallest size.
    """
    places = [prompt for prompt in dict.fromkeys(map(scene_prompt, scene_kinds())) if prompt not in set(seen)]
    order = rng.permutation(len(places))
    deck, cases = Deck(subjects, rng), []
    fitting = [size for size in sizes if size <= len(subjects)] or [min(sizes)]
    for number, size in zip(range(count), cycle(fitting), strict=False):
        cast = deck.deal(size)
        prompt = f"{listed([one.noun for one in cast])} {places[order[number % len(order)]]}"
        name = f"{number:03d}_{'_'.join(one.name for one in cast)}"
        cases.append(make_case(name, group_of(size), prompt, cast))
    return cases


def group_of(size: int) -> str:
    """The column of table 1: "<= 3", "4", "5"."""
    return "<= 3" if size <= 3 else str(size)


def listed(nouns: Sequence[str]) -> str:
    """ "a cat, an owl and a teapot"; subjects of one noun as "a cat and another cat"."""
    words = [f"another {noun}" if noun in nouns[:i] else f"{article(noun)} {noun}" for i, noun in enumerate(nouns)]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
