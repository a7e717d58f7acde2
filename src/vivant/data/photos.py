"""The user's folder of photos: one folder a subject, the folder's name is the noun."""

from __future__ import annotations

import difflib
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, Field, ValidationError

from vivant.errors import InputError
from vivant.images import SUFFIXES
from vivant.types import Record, Subject, Support

BACKGROUNDS = "backgrounds"
"""A folder of this name beside the subjects holds backgrounds, not a subject."""


@dataclass(frozen=True)
class Reject:
    """Something of the user's that was left out.

    Attributes:
        kind: "photo", "cutout", "background" or "scene".
        item: path or id, as the user would name it.
        reason: in words.
    """

    kind: str
    item: str
    reason: str


class SubjectNotes(Record):
    """What ``subject.toml`` beside the photos may say."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    noun: str | None = Field(default=None, min_length=1, max_length=80)
    height_m: float | None = Field(default=None, gt=0, le=1000)
    rests_on: Support | None = None
    found: tuple[str, ...] | None = None


def noun_of(folder_name: str) -> str:
    """Gen4Gen's convention: digits at the end of a word tell instances apart, underscores are spaces.

    >>> noun_of("sloth_plushie"), noun_of("cat2"), noun_of("Teddy-Bear_01")
    ('sloth plushie', 'cat', 'teddy bear')
    """
    words = re.split(r"[\s_\-]+", unicodedata.normalize("NFC", folder_name))
    kept = [re.sub(r"\d+$", "", word) for word in words]
    return " ".join(word for word in kept if word).lower() or folder_name


def find_subjects(folder: Path) -> tuple[list[Subject], list[Reject]]:
    """Read a folder of subjects.

    Args:
        folder: holds one folder a subject.

    Returns:
        Subjects sorted by name, and what was left out with the reason.

    Raises:
        InputError: no such folder, or no subject in it.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give a folder that holds one folder of photos a subject")
    root = folder.resolve()
    subjects, rejects = [], []
    for place in sorted(folder.iterdir(), key=lambda path: path.name):
        if place.name.startswith(".") or not place.is_dir() or place.name == BACKGROUNDS:
            continue
        photos, left_out = _find_photos(place, root)
        rejects += left_out
        if photos:
            subjects.append(_subject(place, photos))
        elif not left_out:
            rejects.append(Reject("photo", str(place), "a folder without photos; folders inside it are not read"))
    if not subjects:
        raise InputError(_nothing_found(folder))
    return subjects, rejects


def _find_photos(place: Path, root: Path) -> tuple[list[Path], list[Reject]]:
    photos, rejects = [], []
    for path in sorted(place.iterdir(), key=lambda path: path.name):
        if path.name.startswith(".") or path.suffix.lower() not in SUFFIXES:
            continue
        if not path.resolve().is_relative_to(root):
            rejects.append(Reject("photo", str(path), "a link that leads out of the folder: copy the photo here"))
        elif path.is_file():
            photos.append(path)
    return photos, rejects


def _subject(place: Path, photos: list[Path]) -> Subject:
    notes = read_subject_notes(place / "subject.toml")
    return Subject(
        name=unicodedata.normalize("NFC", place.name),
        noun=notes.noun or noun_of(place.name),
        photos=tuple(photos),
        height_m=notes.height_m,
        rests_on=notes.rests_on,
        found=notes.found,
    )


def read_subject_notes(path: Path) -> SubjectNotes:
    """Parse a ``subject.toml``; without one, nothing is said.

    Raises:
        InputError: no valid TOML, an unknown key (with the nearest known one) or a value that does not fit.
    """
    if not path.is_file():
        return SubjectNotes()
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return SubjectNotes.model_validate(values)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        near = difflib.get_close_matches(key, SubjectNotes.model_fields, n=1)
        hint = f"; did you mean {near[0]!r}?" if near and near[0] != key else ""
        raise InputError(f"{path}: {key}: {first['msg']}, got {first['input']!r}{hint}") from error


def _nothing_found(folder: Path) -> str:
    loose = [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES]
    if loose:
        return (
            f"{folder}: {len(loose)} pictures but no folder of photos; put each subject's photos in a folder named "
            f"for it, as {folder}/cat/{loose[0].name}"
        )
    return f"{folder}: no photos; put each subject's photos in a folder named for it, as {folder}/cat/01.jpg"
