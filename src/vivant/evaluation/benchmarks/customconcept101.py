"""CustomConcept101 (Kumari et al., Custom Diffusion, 2023), read from the folder in which it is published."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vivant.errors import InputError
from vivant.evaluation.benchmarks.cases import Case, CaseSubject, make_case
from vivant.files import read_json
from vivant.images import SUFFIXES

SINGLE, MULTI = "dataset.json", "dataset_multiconcept.json"
_TOKEN = re.compile(r"<[^>]*>\s*")
_INTRODUCTION = re.compile(r"^(?:a )?(?:photo|picture|image) of (?:an? |the )?", re.IGNORECASE)


def custom_cases(folder: Path, *, multi: bool = True) -> list[Case]:
    """Every concept, or every pair of concepts, with each line of its file of prompts.

    Args:
        folder: holds `dataset.json` and `dataset_multiconcept.json`; the paths in them are relative to it, to its
            parent, or end inside it.
        multi: the pairs; else the single concepts.

    Raises:
        InputError: an entry that names no photos or no prompts, or files that are not there.
        StoreError: the lists cannot be read.
    """
    path = folder / (MULTI if multi else SINGLE)
    entries = read_json(path)
    if not isinstance(entries, list) or not entries:
        raise InputError(f"{path}: not a list of concepts as CustomConcept101 publishes it")
    cases = []
    for number, entry in enumerate(entries, start=1):
        parts = entry if isinstance(entry, list) else [entry]
        if not all(isinstance(part, Mapping) for part in parts):
            raise InputError(f"{path}, entry {number}: not made of concepts")
        concepts = [part for part in parts if "instance_data_dir" in part]
        where = f"{path}, entry {number}"
        subjects = [_subject(folder, part, where) for part in concepts]
        if not subjects:
            raise InputError(f"{where}: names no instance_data_dir")
        named = next((part for part in parts if "prompt_filename_compose" in part), parts[0])
        file = named.get("prompt_filename_compose" if multi else "prompt_filename")
        prompts = _lines(_inside(folder, file, where))
        together = "_".join(subject.name for subject in subjects)
        for line, prompt in enumerate(prompts):
            name = f"{number:03d}_{together}_{line:02d}"
            cases.append(make_case(name, "multi" if multi else "single", prompt, subjects))
    return cases


def _subject(folder: Path, part: Mapping[str, Any], where: str) -> CaseSubject:
    place = _inside(folder, part["instance_data_dir"], where)
    photos = sorted(path for path in place.glob("*") if path.suffix.lower() in SUFFIXES)
    if not photos:
        raise InputError(f"{where}: no photos in {place}")
    noun = _INTRODUCTION.sub("", _TOKEN.sub("", str(part.get("instance_prompt", "")))).strip()
    noun = noun or str(part.get("class_prompt", "")).strip() or place.name.rpartition("_")[2]
    return CaseSubject(name=place.name, noun=noun.lower(), photos=tuple(photos))


def _inside(folder: Path, given: Any, where: str) -> Path:
    """A file or folder that the lists name; they were written for another place of the data set."""
    if not isinstance(given, str) or not given:
        raise InputError(f"{where}: names no file of prompts or folder of photos")
    parts = [part for part in Path(given).parts if part not in ("/", ".", "..")]
    for start in range(len(parts)):
        candidate = folder.joinpath(*parts[start:])
        if candidate.exists():
            return candidate
    raise InputError(f"{where}: {given} is not in {folder}")


def _lines(path: Path) -> list[str]:
    try:
        lines = [line.strip().strip('"') for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from error
    found = [line for line in lines if line]
    if not found:
        raise InputError(f"{path}: holds no prompt")
    return found
