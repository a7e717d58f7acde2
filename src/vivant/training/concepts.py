"""What a base is tuned on: subjects, each with a word of its own, and pictures of them. One reader for every layout.

A folder of photos (`photos/<subject>/*`), a set that `vivant compose` or `vivant world scenes` has made, or a list of
concepts as Custom Diffusion and CustomConcept101 publish theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vivant.data.captions.words import article
from vivant.data.naming import safe_name
from vivant.data.photos import find_subjects
from vivant.data.reader import read_data_set
from vivant.data.records import METADATA
from vivant.errors import InputError
from vivant.types import Scene

COMPOSITION = "<scene>"
"""Gen4Gen's global composition token (section 3.4)."""


@dataclass(frozen=True)
class Concept:
    """A subject that is to be learned.

    Attributes:
        name: of its folder.
        noun: what it is.
        token: the word for it, as <cat>.
        photos: of it alone; none where only pictures with others are known.
    """

    name: str
    noun: str
    token: str
    photos: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Shot:
    """A picture to learn from.

    Attributes:
        picture: its file.
        concepts: numbers of those that it shows.
        scene: what a composed set says of it; None for a photo.
        prompt: what a list says of it, word for word; empty where the prompt is made.
    """

    picture: Path
    concepts: tuple[int, ...]
    scene: Scene | None = None
    prompt: str = ""


@dataclass(frozen=True)
class Class:
    """What a base knows already and is not to forget (prior preservation).

    Attributes:
        name: what it is.
        prompt: of its pictures.
        pictures: a folder of some, where a list names one.
    """

    name: str
    prompt: str
    pictures: Path | None = None


@dataclass(frozen=True)
class Material:
    """Everything that is learned from.

    Attributes:
        concepts: subjects, in order of their names.
        shots: pictures; one at least of every concept.
        classes: of the concepts, each once.
    """

    concepts: tuple[Concept, ...]
    shots: tuple[Shot, ...]
    classes: tuple[Class, ...]


def read_material(
    source: Path, *, only: Sequence[str] = (), tokens: Mapping[str, str] | None = None, photos: bool = False
) -> Material:
    """Read what to learn from, whatever its layout.

    Args:
        source: a folder of photos, a composed set, or a list of concepts: the file or its folder.
        only: names of subjects; empty is all. Of a composed set, the scenes that show no other subject.
        tokens: name -> the word for it; without, <name>, or what a list says.
        photos: of a composed set, the subjects' own photos too.

    Raises:
        InputError: nothing to learn from, a subject without a photo, names that are not there, or two subjects of one
            word.
        StoreError: a composed set or a list that is broken.
    """
    from vivant.training.concept_lists import list_file, read_list

    given = dict(tokens or {})
    listed = list_file(source)
    if listed is not None:
        found = read_list(listed, only)
    elif (source / METADATA).is_file():
        found = _of_set(source, only, photos)
    else:
        found = _of_photos(source, only)
    _refuse_unknown(source, [*only, *given], [one.name for one in found.concepts])
    concepts = tuple(replace(one, token=given.get(one.name, one.token)) for one in found.concepts)
    _refuse_shared(source, concepts)
    renamed = {old.token: new.token for old, new in zip(found.concepts, concepts, strict=True) if old != new}
    return replace(found, concepts=concepts, shots=tuple(_renamed(shot, renamed) for shot in found.shots))


def class_prompt(noun: str) -> str:
    """What a picture of the class is asked for with: "photo of a cat"."""
    return f"photo of {article(noun)} {noun}"


def composition_prompt(prompt: str) -> str:
    """What a whole arrangement is asked for with, where its word was learned: "a <scene> composition: ..."."""
    return f"a {COMPOSITION} composition: {prompt}"


def token_for(name: str) -> str:
    """ "sloth_plushie" -> "<sloth-plushie>"."""
    return f"<{re.sub(r'[^a-z0-9]+', '-', safe_name(name).lower()).strip('-') or 'new'}>"


def classes_of(concepts: Iterable[Concept]) -> tuple[Class, ...]:
    """One a noun, in order."""
    return tuple(Class(noun, class_prompt(noun)) for noun in dict.fromkeys(one.noun for one in concepts))


def _of_photos(source: Path, only: Sequence[str]) -> Material:
    subjects, rejects = find_subjects(source)
    for reject in rejects:
        if Path(reject.item).is_dir() and (not only or Path(reject.item).name in only):
            raise InputError(
                f"{reject.item}: {reject.reason}; put photos of the subject there, or take the folder away"
            )
    chosen = [one for one in subjects if not only or one.name in only]
    concepts = tuple(Concept(one.name, one.noun, token_for(one.name), one.photos) for one in chosen)
    shots = tuple(Shot(path, (number,)) for number, one in enumerate(concepts) for path in one.photos)
    _refuse_unknown(source, only, [one.name for one in subjects])
    return Material(concepts, shots, classes_of(concepts))


def _of_set(source: Path, only: Sequence[str], photos: bool) -> Material:
    data = read_data_set(source)
    nouns = {one.name: one.noun for scene in data.scenes for one in scene.subjects}
    _refuse_unknown(source, only, list(nouns))
    scenes = [
        scene
        for scene in data.scenes
        if scene.subjects and (not only or all(one.name in only for one in scene.subjects))
    ]
    if not scenes:
        which = f" that shows {', '.join(only)} and nobody else" if only else ""
        raise InputError(f"{source}: no scene{which} to learn from; compose some: vivant compose photos/ -o {source}")
    names = sorted({one.name for scene in scenes for one in scene.subjects})
    _refuse_unseen(source, only, names)
    own: dict[str, dict[Path, None]] = {name: {} for name in names}
    for scene in scenes:
        for one in scene.subjects:
            own[one.name][data.path(one.reference or one.cutout)] = None
    concepts = tuple(Concept(name, nouns[name], token_for(name), tuple(own[name])) for name in names)
    numbers = {name: number for number, name in enumerate(names)}
    shots = [
        Shot(data.path(scene.file_name), tuple(numbers[one.name] for one in scene.subjects), scene) for scene in scenes
    ]
    if photos:
        shots += [Shot(path, (number,)) for number, one in enumerate(concepts) for path in one.photos]
    return Material(concepts, tuple(shots), classes_of(concepts))


def _renamed(shot: Shot, tokens: Mapping[str, str]) -> Shot:
    if not shot.prompt or not tokens:
        return shot
    pattern = "|".join(re.escape(token) for token in tokens)
    return replace(shot, prompt=re.sub(pattern, lambda found: tokens[found[0]], shot.prompt))


def _refuse_shared(source: Path, concepts: Sequence[Concept]) -> None:
    owners = {COMPOSITION: "the whole composition"}
    for one in concepts:
        if one.token in owners:
            raise InputError(
                f"{source}: {one.token} is the word for {owners[one.token]} and for {one.name}: give another with "
                f"--tokens {one.name}=<other>"
            )
        owners[one.token] = one.name


def _refuse_unknown(source: Path, names: Iterable[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            raise InputError(f"{source}: made for other subjects: it shows {', '.join(known)}, and not {name!r}")


def _refuse_unseen(source: Path, only: Sequence[str], seen: Sequence[str]) -> None:
    for name in only:
        if name not in seen:
            raise InputError(f"{source}: no scene shows {name!r} with nobody but {', '.join(only)}")
