"""Captions with the tokens of subjects in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from vivant.data.captions.words import article, listing, name_subjects
from vivant.settings.export import CaptionKind
from vivant.types import Scene, SceneSubject


def captions_of(scene: Scene, kind: CaptionKind, tokens: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The captions to write for a scene, as ("short" | "detailed", text); one where both say the same."""
    if kind in ("short", "both"):
        yield "short", with_tokens(scene.text, scene, tokens)
    if kind == "detailed" or (kind == "both" and scene.text_detailed != scene.text):
        yield "detailed", with_tokens(scene.text_detailed, scene, tokens)


def with_tokens(caption: str, scene: Scene, tokens: Mapping[str, str]) -> str:
    """A caption in which every mention of a subject with a token reads "<token> noun".

    A caption cannot tell which of two cats is "the second cat", and one by a model may call a cat a kitten. A token in
    the wrong place would teach the wrong thing, so such a caption is put in plain words instead: every subject and the
    background.

    Args:
        caption: one of the scene's.
        scene: its subjects and background.
        tokens: subject name -> token.
    """
    marked = [one for one in scene.subjects if one.name in tokens]
    if not marked:
        return caption
    before, background, after = _around(caption, scene.background)
    changed = _mark(before, scene, tokens) + background + _mark(after, scene, tokens)
    if is_told_apart(scene, marked) and all(f"{tokens[one.name]} " in changed for one in marked):
        return changed
    return plain_caption(scene, tokens)


def is_told_apart(scene: Scene, marked: list[SceneSubject]) -> bool:
    """Whether no other subject of the scene shares the noun of a marked one."""
    nouns = Counter(one.noun.lower() for one in scene.subjects)
    return all(nouns[one.noun.lower()] == 1 for one in marked)


def plain_caption(scene: Scene, tokens: Mapping[str, str]) -> str:
    """ "a <v1> cat and a <v2> cat in the garden": every subject with its token, and the background."""
    return f"{plain_subjects(scene, tokens)} {scene.background}".strip()


def plain_subjects(scene: Scene, tokens: Mapping[str, str]) -> str:
    """ "a <v1> cat and a <v2> cat": every subject, those with a token by it."""
    nouns = [f"{tokens[one.name]} {one.noun}" if one.name in tokens else one.noun for one in scene.subjects]
    return listing([name.introduce() for name in name_subjects(nouns)])


def _around(caption: str, background: str) -> tuple[str, str, str]:
    """The caption before, in and after the background prompt, whose words are no subjects ("at the dog park")."""
    start = caption.lower().find(background.lower()) if background else -1
    if start < 0 or len(caption.lower()) != len(caption):
        return caption, "", ""
    end = start + len(background)
    return caption[:start], caption[start:end], caption[end:]


def _mark(text: str, scene: Scene, tokens: Mapping[str, str]) -> str:
    by_noun = {one.noun.lower(): tokens.get(one.name, "") for one in scene.subjects}
    longest_first = "|".join(re.escape(noun) for noun in sorted(by_noun, key=len, reverse=True))  # "teddy bear", "bear"
    pattern = re.compile(rf"(?:(?<!\w)(an?)(\s+))?(?<!\w)({longest_first})(?!\w)", re.IGNORECASE)

    def replace(found: re.Match[str]) -> str:
        before, space, noun = found[1], found[2], found[3]
        token = by_noun[noun.lower()]
        if not token:
            return found[0]
        if before is None:
            return f"{token} {noun}"
        right = article(token)  # "an owl", "a <v1> owl"
        return f"{right.capitalize() if before[0].isupper() else right}{space}{token} {noun}"

    return pattern.sub(replace, text)
