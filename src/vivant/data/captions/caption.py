"""Stage 6, caption: a scene in words (Gen4Gen sections 3.2 and 3.3), never longer than CLIP can read.

The short caption names every subject and the background. The detailed one adds places, sizes and relations, all of them
true of the layout; a vision model may write it instead (`vivant.data.captions.captioners`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vivant.data.captions.draft import BESIDE_NOUN, PLACE_WORDS, RELATION_WORDS, Draft
from vivant.data.captions.facts import Fact, find_facts
from vivant.data.captions.words import Name, article, listing, name_subjects, word_set
from vivant.errors import InputError
from vivant.models.clip_tokens import LIMIT, count_tokens
from vivant.settings.caption import CaptionSettings
from vivant.types import Background, Composite, Layout

_PREPOSITIONS = word_set(
    "above across against along amid among around at atop before behind below beneath beside between by during in "
    "indoors inside near next on outdoors outside over through under underwater with within"
)
_OPENINGS = ("", "", "", "a photo of ", "a picture of ")
_MAX_SENTENCES = 3  # beyond the first; more reads like a list
_LEAST_TOLD = 2  # statements, where there are as many: without any it would be the short caption again
_ADJECTIVE_CHANCE = 0.6
_INLINE_CHANCE = 0.55
"""Of a place behind the noun where there are three subjects or more: leaves words for what lies between them."""


@dataclass(frozen=True)
class Captions:
    """Both captions of a scene, each at most 77 CLIP tokens.

    Attributes:
        text: every subject and the background.
        text_detailed: with places, sizes and relations.
        note: why the rules wrote the detailed one although a model was asked; empty otherwise.
    """

    text: str
    text_detailed: str
    note: str = ""


def caption(
    subjects: Sequence[tuple[str, str]],
    layout: Layout,
    composite: Composite,
    background: Background,
    settings: CaptionSettings,
    rng: np.random.Generator,
) -> Captions:
    """Both captions from the truth of the layout.

    Args:
        subjects: (name, noun) of each subject, in the order to name them.
        layout: for depths and supports.
        composite: for what can be seen.
        background: for its prompt.
        settings: thresholds and lengths.
        rng: chooses among phrasings.

    Raises:
        InputError: even the short caption is longer than CLIP reads.
    """
    return Captions(
        text=short_caption([noun for _, noun in subjects], background.prompt),
        text_detailed=detailed_caption(subjects, layout, composite, background, settings, rng),
    )


def short_caption(nouns: Sequence[str], background_prompt: str) -> str:
    """ "a cat, a dog and another cat in the garden": every subject once, in order.

    Raises:
        InputError: no subject, or more words than CLIP reads.
    """
    if not nouns:
        raise InputError("a caption needs at least one subject")
    named = listing([name.introduce() for name in name_subjects(nouns)])
    text = f"{named} {_setting(background_prompt)}".strip()
    tokens = count_tokens(text)
    if tokens > LIMIT:
        raise InputError(
            f"the caption of {len(nouns)} subjects takes {tokens} tokens and CLIP reads {LIMIT}: "
            f"give the subjects shorter nouns or combine fewer ({text[:60]}…)"
        )
    return text


def detailed_caption(
    subjects: Sequence[tuple[str, str]],
    layout: Layout,
    composite: Composite,
    background: Background,
    settings: CaptionSettings,
    rng: np.random.Generator,
) -> str:
    """Where everything is and how it relates; arguments and errors as for `caption`.

    Statements are added by weight until the drawn number of words is reached, and left out again from the least
    telling while the text is too long.
    """
    nouns = [noun for _, noun in subjects]
    short = short_caption(nouns, background.prompt)
    facts = find_facts([name for name, _ in subjects], layout, composite, settings)
    draft = _first_draft(nouns, facts, _setting(background.prompt), rng)
    wanted = int(rng.integers(settings.target_words[0], settings.target_words[1] + 1))
    for fact in _by_weight(facts, rng):
        told = len(draft.inline) + len(draft.sentences)
        if len(draft.sentences) == _MAX_SENTENCES or (told >= _LEAST_TOLD and len(draft.text().split()) >= wanted):
            break
        if draft.says_more(fact):
            draft.sentences.append(fact)
            if not _fits(draft.text(), settings):
                draft.sentences.pop()
    while not _fits(draft.text(), settings):
        if not draft.shorten():
            return short
    return draft.text()


def _first_draft(nouns: Sequence[str], facts: list[Fact], setting: str, rng: np.random.Generator) -> Draft:
    phrases = {**PLACE_WORDS, **RELATION_WORDS}
    order = _order(len(nouns), facts, rng)
    named = dict(zip(order, name_subjects([nouns[index] for index in order]), strict=True))
    names = [named[index] for index in range(len(nouns))]
    draft = Draft(
        names=names,
        order=order,
        setting=setting,
        opening=_OPENINGS[rng.integers(len(_OPENINGS))],
        setting_first=bool(setting) and bool(rng.random() < 0.3),
        words={kind: options[rng.integers(len(options))] for kind, options in phrases.items()},
    )
    for index, adjective in _adjectives(names, facts).items():
        if rng.random() < _ADJECTIVE_CHANCE:
            draft.adjectives[index] = adjective
    chance = 1.0 if len(names) < 3 else _INLINE_CHANCE
    for position, index in enumerate(draft.order):
        # Amid a list, "a dog behind the cat, a lamp and a clock" could mean behind all three: only the last is related.
        earlier = draft.order[:position] if position == len(order) - 1 else []
        choice = [
            fact
            for fact in facts
            if fact.subject == index
            and (fact.other is None or (fact.other in earlier and fact.kind in BESIDE_NOUN))
            and draft.says_more(fact)
        ]
        if choice and rng.random() < chance:
            weights = np.array([fact.weight for fact in choice]) ** 2
            draft.inline[index] = choice[rng.choice(len(choice), p=weights / weights.sum())]
    if len(order) > 1 and order[-2] not in draft.inline:
        draft.inline.pop(order[-1], None)  # "a dog and a cat on the left" could mean both
    return draft


def _order(count: int, facts: Sequence[Fact], rng: np.random.Generator) -> list[int]:
    """As given, from left to right, or as drawn; what another stands on comes before it."""
    rightness = [sum(fact.subject == index and fact.kind == "right of" for fact in facts) for index in range(count)]
    order = (
        list(range(count)),
        sorted(range(count), key=lambda index: rightness[index]),
        [int(index) for index in rng.permutation(count)],
    )[rng.integers(3)]
    for fact in facts:
        if fact.kind == "on top of" and fact.other is not None and order.index(fact.other) > order.index(fact.subject):
            order.remove(fact.other)
            order.insert(order.index(fact.subject), fact.other)
    return order


def _adjectives(names: Sequence[Name], facts: Sequence[Fact]) -> dict[int, str]:
    """ "small" for what is much smaller than every other subject, "large" for the opposite."""
    found = {}
    for index, name in enumerate(names):
        if name.kind in ("mass", "named"):
            continue
        for kind, adjective in (("smaller", "small"), ("larger", "large")):
            if len(names) > 1 and sum(fact.subject == index and fact.kind == kind for fact in facts) == len(names) - 1:
                found[index] = adjective
    return found


def _by_weight(facts: Sequence[Fact], rng: np.random.Generator) -> list[Fact]:
    """Most telling first, shaken a little so that scenes alike are not told alike."""
    keys = [fact.weight + 0.6 * rng.random() for fact in facts]
    return [facts[index] for index in sorted(range(len(facts)), key=lambda index: -keys[index])]


def _fits(text: str, settings: CaptionSettings) -> bool:
    return len(text.split()) <= settings.max_words and count_tokens(text) <= LIMIT


def _setting(prompt: str) -> str:
    """The background prompt as it follows a subject: "in the garden"; a bare place gets a preposition."""
    words = prompt.replace("_", " ").strip().rstrip(".,;").split()
    if not words:
        return ""
    if words[0].lower() in _PREPOSITIONS:
        return " ".join([words[0].lower(), *words[1:]])
    has_article = words[0].lower() in ("a", "an", "the", "some")
    return " ".join(["in", *([] if has_article else [article(" ".join(words))]), *words])
