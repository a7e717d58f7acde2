"""Triplets from a folder of the user's: the published layout, or pictures with nothing but names.

pictures/<triplet>/target.png               the relation
pictures/<triplet>/1_polar_bear.png         each subject alone, in the order of the sentence; the name is its noun
pictures/<triplet>/prompt.txt               the sentence, where it is not the template's
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vivant.errors import InputError
from vivant.images import SUFFIXES, content_hash, read_image
from vivant.relations.propose import request
from vivant.relations.published import files_of, is_published, read_mask, read_relation
from vivant.relations.sample import Part, Pictures, Points, Request, Sample, only_pictures
from vivant.relations.triplet_store import concept_mask_path
from vivant.types import Keypoints, Triplet

TARGET, PROMPT = "target", "prompt.txt"
_ORDER = re.compile(r"^\d+[_ -]*")


class FolderSource:
    """What a folder holds, triplet by triplet.

    Args:
        folder: in either layout.
        own: take masks, keypoints and words of a published folder as they are; else only its pictures.

    Raises:
        InputError: no such folder, or nothing in it that is a triplet.
        ImageError, StoreError: a published folder that cannot be read.
    """

    def __init__(self, folder: Path, *, own: bool = True) -> None:
        if not folder.is_dir():
            raise InputError(f"{folder}: no such folder; --from takes world, endpoint or a folder")
        self.folder, self.own = folder, own
        self._triplets: Sequence[Triplet] = read_relation(folder) if is_published(folder) else ()
        self._folders = [] if self._triplets else _folders(folder)
        if not self._triplets and not self._folders:
            raise InputError(
                f"{folder}: no triplet in it: give a folder with prompts.json, or one a triplet with {TARGET}.png "
                "and a picture of each subject, as 1_cat.png and 2_dog.png"
            )

    @property
    def limit(self) -> int:
        """How many triplets there are."""
        return len(self._triplets) or len(self._folders)

    def draw(self, request: Request) -> Pictures | Sample:
        """The triplet of that number.

        Raises:
            InputError, ImageError: a picture that is missing or cannot be read.
        """
        if not self._triplets:
            return _pictures(self._folders[request.number], request)
        sample = read_sample(self.folder, self._triplets[request.number])
        return sample if self.own else only_pictures(sample)


def read_sample(folder: Path, triplet: Triplet) -> Sample:
    """A triplet of a published folder with its pixels.

    Raises:
        InputError, ImageError: a file that cannot be read.
    """
    files = files_of(folder, triplet.name, len(triplet.subjects), folder)
    target = read_image(triplet.target)
    parts = []
    for number, one in enumerate(triplet.subjects):
        concept, path = read_image(one.concept), concept_mask_path(files, number)
        parts.append(
            Part(
                noun=one.noun,
                concept=concept,
                mask=read_mask(one.mask, (target.shape[0], target.shape[1])),
                target_keypoints=_points(one.target_keypoints),
                concept_keypoints=_points(one.concept_keypoints),
                concept_mask=read_mask(path, (concept.shape[0], concept.shape[1])) if path.is_file() else None,
            )
        )
    made = {"source": "folder", "target": content_hash(target)}
    return Sample(triplet.name, target, triplet.prompt, triplet.predicate, tuple(parts), made)


def _pictures(folder: Path, asked: Request) -> Pictures:
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.name[0] != ".")
    targets = [path for path in found if path.stem == TARGET]
    concepts = [path for path in found if path.stem != TARGET]
    if len(targets) != 1 or not concepts:
        raise InputError(f"{folder}: needs one picture named {TARGET}, and one of each subject, as 1_cat.png")
    nouns = tuple(_noun(path) for path in concepts)
    prompt = request(asked.relation, nouns, asked.number, asked.seed).prompt
    if (folder / PROMPT).is_file():
        prompt = " ".join((folder / PROMPT).read_text(encoding="utf-8", errors="replace").split())
    target = read_image(targets[0])
    return Pictures(
        name=re.sub(r"[^\w.-]+", "-", folder.name).strip(".-") or str(asked.number),
        target=target,
        concepts=tuple(read_image(path) for path in concepts),
        nouns=nouns,
        prompt=prompt,
        made={"source": "folder", "target": content_hash(target)},
    )


def _folders(folder: Path) -> list[Path]:
    children = sorted(child for child in folder.iterdir() if child.is_dir() and not child.name.startswith("."))
    return [child for child in children if any(path.stem == TARGET for path in child.iterdir())]


def _noun(path: Path) -> str:
    noun = _ORDER.sub("", path.stem).replace("_", " ").strip()
    if not noun:
        raise InputError(f"{path}: the name must say what it shows, as 1_polar_bear.png")
    return noun


def _points(points: Keypoints) -> Points:
    return np.array(points, dtype=np.float32)
