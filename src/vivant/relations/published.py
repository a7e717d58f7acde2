"""The layout in which DreamRelation's authors publish a relation, read with suspicion and written back as it was.

prompts.json                                {"0": {"prompt": .., "entities": [..], "predicate": [..]}, ..}
videos/<id>/motion.png                      the relation
videos/<id>/concept0.png, concept1.png      each subject alone; concept.png where there is one subject
videos/<id>/motion_keyposes.pth             [subjects, 17, 2], x and y as fractions of the picture
videos/<id>/concept_keyposes_one.pth, _two  [1, 17, 2]
masks/<id>/motion0.png, motion1.png         where each subject is in motion.png
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from vivant.errors import InputError, MissingExtraError
from vivant.files import read_json, write_bytes, write_json
from vivant.images import encode_png, read_image
from vivant.types import Box, Mask, Triplet, TripletSubject
from vivant.types.triplet import KEYPOINTS

PROMPTS = "prompts.json"
_NUMBERS = ("one", "two", "three", "four", "five", "six")
_ID = re.compile(r"\w[\w.-]*")
_SOLID = 128
"""From this value on a mask's pixel is the subject."""

Points = npt.NDArray[np.float32]
"""[subjects, 17, 3]: x, y, visible."""


@dataclass(frozen=True)
class Files:
    """Where one triplet lies."""

    videos: Path
    masks: Path
    subjects: int

    @property
    def target(self) -> Path:
        return self.videos / "motion.png"

    @property
    def target_points(self) -> Path:
        return self.videos / "motion_keyposes.pth"

    def concept(self, number: int) -> Path:
        return self.videos / ("concept.png" if self.subjects == 1 else f"concept{number}.png")

    def concept_points(self, number: int) -> Path:
        return self.videos / f"concept_keyposes_{_NUMBERS[number]}.pth"

    def mask(self, number: int) -> Path:
        return self.masks / f"motion{number}.png"


def is_published(folder: Path) -> bool:
    """Whether a folder is a relation in this layout."""
    return (folder / PROMPTS).is_file()


def read_relation(folder: Path) -> tuple[Triplet, ...]:
    """Every triplet of a relation, in the order of `prompts.json`, all its files looked at.

    Keypoints without a third number count as visible. Masks need not be rectangles, as the published ones are.

    Raises:
        InputError: something is missing, of another shape, outside [0, 1], or does not belong together; names file
            and value.
        ImageError: a picture that cannot be read.
        StoreError: `prompts.json` is no JSON.
        MissingExtraError: torch is not installed.
    """
    path = folder / PROMPTS
    if not path.is_file():
        raise InputError(
            f"{folder}: no {PROMPTS}, so not a relation: give the folder that holds it, videos/ and masks/"
        )
    entries = read_json(path)
    if not isinstance(entries, dict) or not entries:
        raise InputError(f"{path}: must be a table of triplets, one a number, and not an empty one")
    return tuple(_read_triplet(folder, name, entry) for name, entry in entries.items())


def write_relation(folder: Path, triplets: Sequence[Triplet]) -> None:
    """Write triplets so that `read_relation` gives them back; `prompts.json` comes last and says that all is there.

    PNG files are copied byte by byte, other pictures stored as PNG. Where a keypoint is hidden, the file of keypoints
    gets a third number that says so.

    Raises:
        InputError: the folder holds a relation already, names that are no folder names or not unique, or more than six
            subjects.
        ImageError, StoreError: a picture that cannot be read, or a file that cannot be written.
        MissingExtraError: torch is not installed.
    """
    if is_published(folder):
        raise InputError(f"{folder / PROMPTS}: is there already; give an empty folder")
    names = [triplet.name for triplet in triplets]
    if len(set(names)) != len(names):
        raise InputError(f"{folder}: two triplets of one name among {', '.join(names)}")
    for triplet in triplets:
        _write_triplet(files_of(folder, triplet.name, len(triplet.subjects), folder), triplet)
    write_prompts(folder, triplets)


def write_prompts(folder: Path, triplets: Sequence[Triplet]) -> None:
    """`prompts.json` alone, of triplets whose files are there: it says which of them are the relation's.

    Raises:
        StoreError: it cannot be written.
    """
    write_json(folder / PROMPTS, {triplet.name: _entry(triplet) for triplet in triplets})


def files_of(folder: Path, name: str, subjects: int, where: Path) -> Files:
    """Where the files of a triplet lie in a relation's folder.

    Raises:
        InputError: a name that is no folder's, or more subjects than the layout has names for; `where` is named.
    """
    if not _ID.fullmatch(name):
        raise InputError(f"{where}: the triplet {name!r} must be named by letters, digits, '_', '-' and '.'")
    if not 1 <= subjects <= len(_NUMBERS):
        raise InputError(f"{where}: triplet {name!r} has {subjects} entities; 1 to {len(_NUMBERS)} are possible")
    return Files(folder / "videos" / name, folder / "masks" / name, subjects)


def _read_triplet(folder: Path, name: str, entry: Any) -> Triplet:
    path = folder / PROMPTS
    if not isinstance(entry, dict) or not isinstance(entry.get("prompt"), str):
        raise InputError(f"{path}: triplet {name!r} has no 'prompt'")
    nouns = _words(path, name, entry, "entities")
    files = files_of(folder, name, len(nouns), path)
    shape = read_image(files.target).shape[:2]
    target = _read_points(files.target_points, len(nouns))
    subjects = tuple(
        _read_subject(files, number, noun, target[number], (shape[0], shape[1])) for number, noun in enumerate(nouns)
    )
    try:
        return Triplet(
            name=name,
            target=files.target,
            prompt=entry["prompt"],
            subjects=subjects,
            predicate=_words(path, name, entry, "predicate") if "predicate" in entry else (),
        )
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise InputError(f"{path}: triplet {name!r}: {reason}") from error


def _words(path: Path, name: str, entry: Mapping[str, Any], field: str) -> tuple[str, ...]:
    words = entry.get(field)
    if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
        raise InputError(f"{path}: triplet {name!r}: {field!r} must be a list of words, not {words!r}")
    return tuple(words)


def _read_subject(files: Files, number: int, noun: str, target: Points, shape: tuple[int, int]) -> TripletSubject:
    concept, mask = files.concept(number), files.mask(number)
    read_image(concept)
    return TripletSubject(
        noun=noun,
        concept=concept,
        mask=mask,
        box=mask_box(read_mask(mask, shape)),
        target_keypoints=as_keypoints(target),
        concept_keypoints=as_keypoints(_read_points(files.concept_points(number), 1)[0]),
    )


def read_mask(path: Path, shape: tuple[int, int]) -> Mask:
    """A subject's mask, HW uint8.

    Args:
        path: of the mask.
        shape: height and width of the picture it belongs to.

    Raises:
        InputError: missing, of another size, or nothing in it.
        ImageError: it cannot be read.
    """
    if not path.is_file():
        raise InputError(f"{path}: the mask is missing: paint the subject white on black and save it there")
    mask: Mask = np.ascontiguousarray(read_image(path)[..., 0])
    if mask.shape != shape:
        raise InputError(
            f"{path}: the mask has {mask.shape[1]} x {mask.shape[0]} pixels, its picture {shape[1]} x {shape[0]}"
        )
    if mask.max() < _SOLID:
        raise InputError(f"{path}: the mask is empty: paint the subject white on black")
    return mask


def mask_box(mask: Mask) -> Box:
    """The box tight around what a mask holds; the mask must not be empty."""
    height, width = mask.shape
    rows, columns = np.flatnonzero((mask >= _SOLID).any(axis=1)), np.flatnonzero((mask >= _SOLID).any(axis=0))
    return Box(
        x0=float(columns[0] / width),
        y0=float(rows[0] / height),
        x1=float((columns[-1] + 1) / width),
        y1=float((rows[-1] + 1) / height),
    )


def as_keypoints(points: Points) -> tuple[tuple[float, float, int], ...]:
    """[17, 3] numbers as a record keeps them."""
    return tuple((float(x), float(y), int(seen > 0)) for x, y, seen in points)


def _read_points(path: Path, subjects: int) -> Points:
    """[subjects, 17, 3] from a tensor of shape [subjects, 17, 2 or 3]."""
    torch = _torch()
    if not path.is_file():
        raise InputError(f"{path}: the keypoints are missing")
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # of pickle, zipfile, torch: which one depends on where the file is broken
        raise InputError(f"{path}: cannot be read as a tensor ({str(error).splitlines()[0][:120]})") from error
    if not isinstance(loaded, torch.Tensor) or not loaded.is_floating_point():
        raise InputError(f"{path}: holds {type(loaded).__name__}, not a tensor of coordinates")
    shape = list(loaded.shape)
    if shape[:-1] != [subjects, KEYPOINTS] or shape[-1] not in (2, 3):
        raise InputError(f"{path}: keypoints of shape {shape}, expected [{subjects}, {KEYPOINTS}, 2]")
    points: Points = loaded.float().numpy()
    outside = np.argwhere(~((points >= 0.0) & (points <= 1.0)))
    if len(outside):
        subject, number, axis = (int(index) for index in outside[0])
        value = points[subject, number, axis]
        raise InputError(
            f"{path}: keypoint {number} of subject {subject} has {'xyv'[axis]} = {value:g}: coordinates are fractions "
            "of the picture, in [0, 1]"
        )
    return points if shape[2] == 3 else np.concatenate([points, np.ones_like(points[..., :1])], axis=2)


def _write_triplet(files: Files, triplet: Triplet) -> None:
    write_bytes(files.target, _png(triplet.target))
    write_points(files.target_points, [subject.target_keypoints for subject in triplet.subjects])
    for number, subject in enumerate(triplet.subjects):
        write_bytes(files.concept(number), _png(subject.concept))
        write_bytes(files.mask(number), _png(subject.mask))
        write_points(files.concept_points(number), [subject.concept_keypoints])


def _png(path: Path) -> bytes:
    image = read_image(path)
    return path.read_bytes() if path.suffix.lower() == ".png" else encode_png(image)


def write_points(path: Path, points: Sequence[Sequence[Sequence[float]]]) -> None:
    """Keypoints [subjects, 17, 3] as a tensor; the third number is left out where every point is visible.

    Raises:
        StoreError: the file cannot be written.
        MissingExtraError: torch is not installed.
    """
    torch = _torch()
    values = torch.tensor(points, dtype=torch.float32)
    all_seen = bool((values[..., 2] == 1).all())
    buffer = io.BytesIO()
    torch.save(values[..., :2].contiguous() if all_seen else values, buffer)
    write_bytes(path, buffer.getvalue())


def _entry(triplet: Triplet) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "prompt": triplet.prompt,
        "entities": [subject.noun for subject in triplet.subjects],
    }
    return {**entry, "predicate": list(triplet.predicate)} if triplet.predicate else entry


def _torch() -> Any:
    try:
        import torch
    except ImportError as error:
        raise MissingExtraError("torch", "models", "reading the keypoints of a relation") from error
    return torch
