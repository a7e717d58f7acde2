"""What training says of a picture: Gen4Gen's prompting (section 3.4), each part for itself.

On photos of one subject there is nothing to arrange, to repeat or to tell apart from a known background: they are
"photo of a <cat> cat" whatever is set. Prompts that a list gives are taken word for word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from vivant.data.captions.words import article
from vivant.data.export.words import plain_subjects, with_tokens
from vivant.errors import InputError
from vivant.training.concepts import Concept, Material, Shot, composition_prompt
from vivant.types import Scene

Captions = Literal["short", "detailed", "mixed"]
Fits = Callable[[str], bool]
"""Whether a base reads a prompt to its end."""
_WHERE = "in|on|at|by|near|under|over|beside|behind|inside|outside|before"
_PLACE = re.compile(rf"(?:{_WHERE})\b", re.IGNORECASE)
FAR, NEAR = ("far away", "very small"), ("zoomed in", "close up")
"""What Custom Diffusion says before the prompt of a picture that is made much smaller, or larger."""
TEMPLATES = (
    "a photo of {}",
    "a good photo of {}",
    "a cropped photo of {}",
    "a close-up photo of {}",
    "a bright photo of {}",
    "a dark photo of {}",
    "a small picture of {}",
    "a picture of {}",
)
"""Textual Inversion says many things of the same photo, so that the word means what they have in common."""


@dataclass(frozen=True)
class Prompting:
    """The parts of section 3.4; the defaults are Custom Diffusion without them.

    Attributes:
        composition: a token for the whole arrangement of a scene.
        repeat: name every subject again at the end.
        background: say where the scene is. Without, its background is taken out of the caption.
        captions: the short one, the detailed one, or now one and now the other.
        nouns: whether a token stands before its noun ("<cat> cat") or in its place, as Textual Inversion has it.
        varied: say different things of a photo, from `TEMPLATES`.
    """

    composition: bool = False
    repeat: bool = False
    background: bool = False
    captions: Captions = "short"
    nouns: bool = True
    varied: bool = False


def prompts_of(shot: Shot, material: Material, how: Prompting, fits: Fits) -> tuple[str, ...]:
    """What may be said of a picture; each as likely as the others.

    A detailed caption that has become too long with its tokens gives way to the short one.

    Args:
        shot: the picture.
        material: that it is of.
        how: which parts of section 3.4 are used.
        fits: tells what the base can read.

    Raises:
        InputError: even the shortest is longer than the base reads.
    """
    concepts = [material.concepts[number] for number in shot.concepts]
    if shot.prompt:
        found = [shot.prompt]
    elif shot.scene is None:
        found = [words.format(_named(concepts[0], how)) for words in (TEMPLATES if how.varied else ("photo of {}",))]
    else:
        found = [_scene_prompt(shot.scene, concepts, how, text, fits) for text in _captions(shot.scene, how.captions)]
        if not fits(found[-1]):
            found[-1] = _scene_prompt(shot.scene, concepts, how, shot.scene.text, fits)
    for text in found:
        if not fits(text):
            raise InputError(
                f"{shot.picture}: its prompt is longer than the base reads (77 tokens): {text!r}; shorten it"
            )
    return tuple(dict.fromkeys(found))


def grid_prompts(concepts: Sequence[Concept], how: Prompting) -> list[str]:
    """What is drawn to see how training goes: all together, then each alone."""
    alone = [f"photo of {_named(one, how)}" for one in concepts]
    if len(concepts) == 1:
        return alone
    *first, last = [_named(one, how) for one in concepts]
    return [f"photo of {', '.join(first)} and {last}", *alone]


def in_plain_words(prompt: str, concepts: Sequence[Concept]) -> str:
    """A prompt as a base without the tokens understands it: nouns alone."""
    for one in concepts:
        prompt = re.sub(rf"{re.escape(one.token)}(\s+{re.escape(one.noun)})?", one.noun, prompt)
    for one in concepts:  # "a <cat> owl" leaves "a owl"
        prompt = re.sub(rf"\ban?\s+{re.escape(one.noun)}", f"{article(one.noun)} {one.noun}", prompt)
    return prompt


def _captions(scene: Scene, captions: Captions) -> list[str]:
    detailed = scene.text_detailed or scene.text
    return {"short": [scene.text], "detailed": [detailed], "mixed": [scene.text, detailed]}[captions]


def _scene_prompt(scene: Scene, concepts: Sequence[Concept], how: Prompting, caption: str, fits: Fits) -> str:
    """A caption with tokens and all that section 3.4 adds to it, as far as the base reads that far."""
    tokens = {one.name: one.token for one in concepts}
    text = with_tokens(caption, scene, tokens)
    stated = _states(text, scene.background)
    if how.background and not stated:
        text = f"{text.rstrip(' .')} {_setting(scene.background)}".rstrip()
    elif not how.background and stated:
        text = _without(text, scene.background) or plain_subjects(scene, tokens)
    if how.composition:
        text = composition_prompt(text)
    if not how.nouns:
        text = _only_tokens(text, concepts)
    if not how.repeat:
        return text
    names = [f"{one.token} {one.noun}" if how.nouns else one.token for one in concepts]
    endings = (names, [one.token for one in concepts])
    longer = (f"{text.rstrip(' .')}, {', '.join(ending)}" for ending in endings)
    return next((one for one in longer if fits(one)), text)


def _setting(background: str) -> str:
    """As it follows a subject: "in a garden"."""
    return background if not background or _PLACE.match(background) else f"in {background}"


def _states(text: str, background: str) -> bool:
    return bool(background) and background.lower() in text.lower()


def _without(text: str, background: str) -> str:
    """A caption without its background: what stands before it loses the preposition, what stands after it begins."""
    start = text.lower().find(background.lower())
    before, after = text[:start].rstrip(" ,."), text[start + len(background) :].lstrip(" ,.")
    before = re.sub(rf"(?:^|\s+)(?:{_WHERE})(?:\s+(?:a|an|the))?$", "", before, flags=re.IGNORECASE)
    return ". ".join(part for part in (before.strip(" ,."), after.strip()) if part)


def _named(concept: Concept, how: Prompting) -> str:
    if not how.nouns:
        return f"a {concept.token}"
    return f"a {concept.token} {concept.noun}"


def _only_tokens(text: str, concepts: Sequence[Concept]) -> str:
    for one in concepts:
        text = re.sub(rf"{re.escape(one.token)}\s+{re.escape(one.noun)}\b", one.token, text, flags=re.IGNORECASE)
    return text
