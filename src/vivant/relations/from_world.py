"""Triplets from the storybook world: exact masks, keypoints and words, since it knows its own truth."""

from __future__ import annotations

import difflib
import random
from collections.abc import Iterable, Sequence
from dataclasses import replace

from vivant.errors import InputError
from vivant.relations.sample import Part, Pictures, Request, Sample, only_pictures
from vivant.world import (
    KINDS,
    RELATIONS,
    TOGETHER,
    Script,
    Tableau,
    perform,
    portrait,
    sample_individual,
    sample_script,
)

SEEN_PART = 0.01
"""Part of the picture that must be seen of every subject."""
ATTEMPTS = 50
"""Scenes that are tried until everyone can be seen."""
_TRUTH = dict.fromkeys(("mask", "box", "target_keypoints", "concept_keypoints"), 1.0)


class WorldSource:
    """Performs what is asked for; a portrait of the same individual, in another pose and place, is its own picture.

    Args:
        size: pixels of a side.
        own: tell the truth with the pictures; else only the pictures.
    """

    limit = None

    def __init__(self, size: int, *, own: bool = True) -> None:
        self.size, self.own = size, own

    def draw(self, request: Request) -> Pictures | Sample:
        """A scene in which every subject can be seen.

        Raises:
            InputError: the world has no such relation or kind, or hides somebody in every scene.
        """
        check_world(request.relation, [request.nouns])
        rng = random.Random(f"relate/{request.seed}/{request.relation}/{request.number}")
        for _ in range(ATTEMPTS):
            scene = perform(_script(rng, request), self.size)
            if everyone_seen(scene):
                made = {"source": "world", "seed": request.seed, "backdrop": scene.script.backdrop}
                sample = replace(world_sample(str(request.number), scene, rng), made=made)
                return sample if self.own else only_pictures(sample)
        raise InputError(f"{request.prompt!r}: the world hides a subject in each of {ATTEMPTS} scenes")


def world_sample(name: str, scene: Tableau, rng: random.Random) -> Sample:
    """A scene as a triplet, with a portrait of everyone in it.

    Args:
        name: unique in its set.
        scene: the picture of the relation.
        rng: of the portraits' seeds.
    """
    parts = []
    for number, one in enumerate(scene.script.cast):
        own = portrait(one, rng.getrandbits(48), scene.size)
        parts.append(
            Part(
                noun=one.noun,
                concept=own.picture,
                mask=scene.masks[number],
                target_keypoints=scene.keypoints[number],
                concept_keypoints=own.keypoints[0],
                concept_mask=own.masks[0],
                confidence=_TRUTH,
            )
        )
    return Sample(
        name=name,
        target=scene.picture,
        prompt=scene.text,
        predicate=(scene.script.relation,),
        parts=tuple(parts),
        confidence={"prompt": 1.0, "predicate": 1.0},
    )


def everyone_seen(scene: Tableau) -> bool:
    """Whether enough of every subject can be seen."""
    return all(mask.mean() / 255.0 >= SEEN_PART for mask in scene.masks)


def check_world(relation: str, groups: Sequence[Sequence[str]]) -> None:
    """Refuse what the world cannot perform.

    Raises:
        InputError: names the relation, the kind or the number of subjects, and the nearest that there is.
    """
    if relation not in RELATIONS:
        raise InputError(f"the world has no relation {relation!r}; {_nearest(relation, RELATIONS)}")
    least, most = RELATIONS[relation].subjects
    for nouns in groups:
        for noun in nouns:
            if noun not in KINDS:
                raise InputError(f"the world has no {noun!r}; {_nearest(noun, KINDS)}")
        if not least <= len(nouns) <= most:
            raise InputError(
                f"{relation!r} takes {least if least == most else f'{least} to {most}'} subject(s), not "
                f"{len(nouns)}: {', '.join(nouns)}"
            )


def world_nouns() -> tuple[str, ...]:
    """The world's animals, which all have limbs to pose."""
    return tuple(name for name, kind in KINDS.items() if kind.category == "animal")


def subjects_of(relation: str) -> int:
    """How many subjects a relation of the world takes at least; two where the world does not know it."""
    return RELATIONS[relation].subjects[0] if relation in RELATIONS else 2


def world_relations() -> tuple[str, ...]:
    """The 25 relations of RelationBench (table 10), in its order."""
    return tuple(name for name in RELATIONS if name != TOGETHER)


def _script(rng: random.Random, request: Request) -> Script:
    """The subjects in the order that is asked for, at a place that suits the relation or at any other."""
    cast = tuple(sample_individual(rng, noun) for noun in request.nouns)
    return replace(sample_script(rng, relations=[request.relation]), cast=cast)


def _nearest(name: str, known: Iterable[str]) -> str:
    names = list(known)
    head = name.split()[-1:]  # a polar bear is a bear
    near = [one for one in names if [one] == head] or difflib.get_close_matches(name, names, 1)
    return f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names)}"
