"""What a user gives beside the sentence: subjects with their photos and places, and LoRAs. No model is needed yet."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vivant.data.photos import noun_of
from vivant.errors import InputError, SettingsError
from vivant.generation.boxes import MOST, parse_box, propose_boxes
from vivant.images import SUFFIXES, content_hash, decode_image, on_white
from vivant.relations.predicate import subject_spans
from vivant.settings.generate import GenerateSettings, SubjectSettings
from vivant.types import Box, Image


@dataclass(frozen=True)
class Photo:
    """One photo of a subject.

    Attributes:
        path: as the user gave it, or as it lies in the folder that the user gave.
        hash: of the file's bytes.
        pixels: HWC uint8 RGB.
    """

    path: str
    hash: str
    pixels: Image


@dataclass(frozen=True)
class SubjectInput:
    """One subject of a picture.

    Attributes:
        name: as the user calls it, "cat1".
        noun: what the sentence calls it, "cat".
        photos: one or more.
        scale: how strong its image prompt is.
        box: where it goes, None where that is to be estimated.
        proposed: whether the box comes from the sentence rather than from the user.
    """

    name: str
    noun: str
    photos: tuple[Photo, ...]
    scale: float
    box: Box | None = None
    proposed: bool = False


def read_subjects(settings: GenerateSettings) -> tuple[SubjectInput, ...]:
    """The subjects by name, cat2 before cat10, whatever the order of the flags; their photos read.

    Raises:
        SettingsError: more than 6.
        InputError: a photo that is not there, or a folder without one.
        ImageError: a photo that cannot be read.
    """
    if len(settings.subjects) > MOST:
        raise SettingsError(f"{len(settings.subjects)} subjects: a picture takes 1 to {MOST}")
    return tuple(
        SubjectInput(
            name=name,
            noun=noun_of(name),
            photos=tuple(_read(path, name) for path in _files(name, asked, settings.photos)),
            scale=settings.scale if asked.scale is None else asked.scale,
            box=asked.box,
            proposed=asked.proposed,
        )
        for name, asked in sorted(settings.subjects.items(), key=lambda item: _in_order(item[0]))
    )


def place_subjects(
    prompt: str, subjects: Sequence[SubjectInput], aspect: float, *, propose: bool
) -> tuple[SubjectInput, ...]:
    """The subjects of one sentence, each with its box.

    Args:
        prompt: names every subject; of one noun, the first mention is the first of them by name.
        subjects: from `read_subjects`.
        aspect: width over height of the picture.
        propose: boxes for those that have none; False leaves them without.

    Raises:
        InputError: a subject that the sentence does not name.
    """
    nouns = [subject.noun for subject in subjects]
    subject_spans(prompt, nouns)
    if not propose or all(subject.box is not None for subject in subjects):
        return tuple(subjects)
    boxes = propose_boxes(prompt, nouns, aspect)
    return tuple(
        replace(subject, box=box, proposed=True) if subject.box is None else subject
        for subject, box in zip(subjects, boxes, strict=True)
    )


def subject_flags(
    sources: Sequence[str], boxes: Sequence[str], scales: Sequence[str], known: Collection[str] = ()
) -> dict[str, Any]:
    """Settings "subjects" and "scale" from the command line.

    Args:
        sources: "cat=photos/cat".
        boxes: "cat=0,.2,.45,.85".
        scales: "0.6" for all, "cat=0.8" for one.
        known: names of subjects that are given otherwise.

    Raises:
        SettingsError: another form, a subject that is given twice, or one that there is not.
    """
    subjects: dict[str, dict[str, Any]] = {}
    for text in sources:
        name, equals, source = (part.strip() for part in text.partition("="))
        if not (name and equals and source):
            raise SettingsError(f"subject {text!r}: write it as cat=photos/cat, a photo or a folder of photos")
        if name in subjects:
            raise SettingsError(
                f"subject {name!r} is given twice: call two of them {name}1 and {name}2, and put photos of one into a "
                "folder"
            )
        subjects[name] = {"photos": [source]}
    names = {*subjects, *known}
    for text in boxes:
        name, box = parse_box(text, names)
        subjects.setdefault(name, {}).update(box=box.as_tuple(), proposed=False)
    common: dict[str, Any] = {}
    for text in scales:
        name, equals, value = (part.strip() for part in text.rpartition("="))
        if not equals:
            common["scale"] = _number(value, f"scale {text!r}: write it as 0.6, or as cat=0.6 for one subject")
            continue
        if name not in names:
            raise SettingsError(
                f"scale {text!r}: there is no subject {name!r}, only {', '.join(sorted(names)) or 'none'}"
            )
        subjects.setdefault(name, {})["scale"] = _number(value, f"scale {text!r}: write it as {name}=0.6")
    return {**common, **({"subjects": subjects} if subjects else {})}


def lora_flag(text: str) -> dict[str, Any]:
    """ "runs/hug" or "runs/hug:0.8" to the settings of a LoRA."""
    path, _, weight = text.rpartition(":")
    try:
        return {"path": path, "weight": float(weight)} if path else {"path": text}
    except ValueError:  # a colon of the path's own
        return {"path": text}


def recipe_of(subject: SubjectInput) -> Mapping[str, Any]:
    """What a picture's recipe says of a subject."""
    return {
        "photos": [photo.path for photo in subject.photos],
        "hashes": [photo.hash for photo in subject.photos],
        "scale": subject.scale,
        "box": None if subject.box is None else subject.box.as_tuple(),
        "proposed": subject.proposed,
    }


def _in_order(name: str) -> tuple[str, int, str]:
    found = re.fullmatch(r"(.*?)(\d*)", name)
    assert found is not None
    return noun_of(name), int(found[2] or 0), name


def _files(name: str, asked: SubjectSettings, most: int) -> list[Path]:
    """Photos of a subject: those named, and of a folder the first ones by name."""
    if not asked.photos:
        raise InputError(f"subject {name!r} has no photo: give one as --subject {name}=photos/{name}")
    found: list[Path] = []
    for source in asked.photos:
        path = Path(source)
        inside = path.expanduser()
        if not inside.is_dir():
            found.append(path)
            continue
        photos = sorted(
            one for one in inside.iterdir() if one.suffix.lower() in SUFFIXES and not one.name.startswith(".")
        )
        if not photos:
            raise InputError(f"{path}: a folder without photos, for subject {name!r}; folders inside it are not read")
        found += photos[:most]
    return found


def _read(path: Path, name: str) -> Photo:
    try:
        data = path.expanduser().read_bytes()
    except OSError as error:
        reason = error.strerror or error
        raise InputError(
            f"{path}: the photo of subject {name!r} cannot be read ({reason}): give it as --subject {name}=PHOTO"
        ) from error
    pixels = decode_image(data, name=str(path), min_side=16)
    return Photo(str(path), content_hash(data), on_white(pixels))


def _number(text: str, message: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise SettingsError(message) from error
