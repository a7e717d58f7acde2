"""Lists of concepts as published: Custom Diffusion's `concepts_list.json`, CustomConcept101's `dataset*.json`.

An entry is {instance_prompt, class_prompt, instance_data_dir, class_data_dir}; CustomConcept101 puts the entries of
several concepts that belong together into a list of their own, and calls each of them <new1>.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vivant.errors import InputError
from vivant.files import read_json
from vivant.images import SUFFIXES
from vivant.training.concepts import Class, Concept, Material, Shot

FILES = ("concepts_list.json", "dataset.json", "dataset_multiconcept.json")
_TOKEN = re.compile(r"<[^\s<>|]+>")
_NOUN = re.compile(r"(<[^\s<>|]+>)\s*([^<,.]*)")
_INTRODUCTION = re.compile(r"^(?:a )?(?:photo|picture|image) of (?:an? |the )?", re.IGNORECASE)
_STOP = re.compile(r"\s+(?:and|in|on|at|with|by|near|next|is|are|of|from|under|over|beside|behind)\b.*", re.IGNORECASE)


@dataclass(frozen=True)
class _Entry:
    name: str
    prompt: str
    pictures: tuple[Path, ...]
    of: Class
    noun: str

    @property
    def alone(self) -> bool:
        """Whether it introduces a concept ("photo of a <new1> cat"), rather than telling a scene of some."""
        introduced = _INTRODUCTION.match(self.prompt) and not _STOP.search(self.noun)
        return bool(introduced) and len(_TOKEN.findall(self.prompt)) == 1


def list_file(source: Path) -> Path | None:
    """The list that a path means: itself, or one in the folder; None where that is something else."""
    if source.is_file() and source.suffix.lower() == ".json":
        return source
    return next((source / name for name in FILES if (source / name).is_file()), None)


def read_list(path: Path, only: Sequence[str]) -> Material:
    """The pictures of a list with the prompts that it gives them.

    Args:
        path: the file; folders in it are relative to it, or end in one that is.
        only: names of concepts, which are those of their folders; empty is all.

    Raises:
        InputError: an entry that names no prompt or no pictures, several concepts of one token, or no such names.
        StoreError: no JSON.
    """
    entries = [_entry(path, number, one) for number, one in enumerate(_flat(path, read_json(path)), start=1)]
    if only:
        names = list(dict.fromkeys(one.name for one in entries))
        for name in only:
            if name not in names:
                known = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
                raise InputError(f"{path}: lists no {name!r}; it lists {known}")
        entries = list({one.name: one for one in entries if one.name in only}.values())
    owners: dict[str, set[str]] = {}
    for one in entries:
        if one.alone:
            owners.setdefault(_TOKEN.findall(one.prompt)[0], set()).add(one.name)
    shared = next((token for token, names in owners.items() if len(names) > 1), None)
    if shared is not None and not only:
        some = ", ".join(sorted(owners[shared])[:4])
        raise InputError(
            f"{path}: {shared} stands for {len(owners[shared])} concepts ({some}, …): choose with --only NAME,NAME"
        )
    if shared is not None:
        entries = [_retold(one, f"<new{number}>") for number, one in enumerate(entries, start=1)]
    return _material(entries)


def _material(entries: Sequence[_Entry]) -> Material:
    tokens = list(dict.fromkeys(token for one in entries for token in _TOKEN.findall(one.prompt)))
    numbers = {token: number for number, token in enumerate(tokens)}
    alone = {_TOKEN.findall(one.prompt)[0]: one for one in reversed(entries) if one.alone}
    concepts = []
    for token in tokens:
        own = alone.get(token)
        noun = own.noun if own else _noun_after(token, entries)
        concepts.append(Concept(own.name if own else token[1:-1], noun, token, own.pictures if own else ()))
    shots = [
        Shot(picture, tuple(numbers[token] for token in dict.fromkeys(_TOKEN.findall(one.prompt))), prompt=one.prompt)
        for one in entries
        for picture in one.pictures
    ]
    classes = {one.of.prompt: one.of for one in entries}
    return Material(tuple(concepts), tuple(shots), tuple(classes.values()))


def _retold(entry: _Entry, token: str) -> _Entry:
    return _Entry(entry.name, _TOKEN.sub(token, entry.prompt), entry.pictures, entry.of, entry.noun)


def _noun_after(token: str, entries: Sequence[_Entry]) -> str:
    for one in entries:
        for found, words in _NOUN.findall(one.prompt):
            if found == token:
                return _STOP.sub("", words).strip() or "thing"
    return "thing"


def _flat(path: Path, value: Any) -> list[Mapping[str, Any]]:
    """Every concept that is listed, once; those of prompts alone left out."""
    if not isinstance(value, list) or not value:
        raise InputError(f"{path}: not a list of concepts, each with instance_prompt and instance_data_dir")
    found = []
    for entry in value:
        for part in entry if isinstance(entry, list) else [entry]:
            if not isinstance(part, Mapping):
                raise InputError(f"{path}: {part!r} is not a concept with instance_prompt and instance_data_dir")
            if "instance_data_dir" in part or "instance_prompt" in part:
                found.append(part)
    return found


def _entry(path: Path, number: int, part: Mapping[str, Any]) -> _Entry:
    where = f"{path}, entry {number}"
    prompt = part.get("instance_prompt")
    if not isinstance(prompt, str) or not _TOKEN.search(prompt):
        raise InputError(f"{where}: instance_prompt names its concept as <new1>, as in 'photo of a <new1> cat'")
    place = _inside(path.parent, part.get("instance_data_dir"))
    if place is None:
        raise InputError(f"{where}: instance_data_dir {part.get('instance_data_dir')!r} is not in {path.parent}")
    pictures = tuple(sorted(one for one in place.iterdir() if one.suffix.lower() in SUFFIXES and one.is_file()))
    if not pictures:
        raise InputError(f"{where}: {place} holds no photo; put some there, or take the entry away")
    noun = _INTRODUCTION.sub("", " ".join(_TOKEN.sub("", prompt).split())).strip().lower()
    said = part.get("class_prompt")
    known = said if isinstance(said, str) and said.strip() else noun
    of = Class(known, known, _inside(path.parent, part.get("class_data_dir")))
    return _Entry(place.name, prompt.lower(), pictures, of, noun or place.name)


def _inside(folder: Path, given: Any) -> Path | None:
    """A folder that a list names; lists are written for another place of their data set."""
    if not isinstance(given, str) or not given:
        return None
    parts = [part for part in Path(given).parts if part not in ("/", ".", "..")]
    found = (folder.joinpath(*parts[start:]) for start in range(len(parts)))
    return next((one for one in found if one.is_dir()), None)
