"""Folders that can be rated: a data set, relation triplets in the published layout, a benchmark, a folder a method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from vivant.data.reader import read_data_set
from vivant.data.records import METADATA
from vivant.errors import ImageError, InputError
from vivant.files import read_jsonl
from vivant.images import SUFFIXES, read_recipe
from vivant.ranking.benchmark import benchmark, is_benchmark
from vivant.ranking.items import RELATION_CRITERIA, SCENE_CRITERIA, Item, ItemSubject, Listed, inside
from vivant.relations.published import PROMPTS, is_published, read_relation
from vivant.types import Record, Scene, Triplet

CASES = "cases.jsonl"
"""Beside the methods: what their pictures should show, a line a case."""


class CaseSubject(Record):
    """A subject of a case; references are relative to the folder of methods."""

    noun: str
    references: tuple[str, ...] = ()


class Case(Record):
    """A line of ``cases.jsonl``.

    Attributes:
        case: the name of its pictures, without suffix.
        prompt: what they should show.
        subjects: whom they should show.
    """

    case: str
    prompt: str
    subjects: tuple[CaseSubject, ...] = ()


def open_source(folder: Path) -> Listed:
    """Read what a folder holds.

    Raises:
        InputError: there is no such folder, or nothing in it that can be rated.
        StoreError: a data set that is broken.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder")
    if (folder / METADATA).is_file():
        found = scenes(folder)
    elif is_benchmark(folder):
        found = benchmark(folder)
    elif is_published(folder) or any(is_published(child) for child in _folders(folder)):
        found = triplets(folder)
    else:
        found = methods(folder)
    if not found.items:
        raise InputError(
            f"{folder}: nothing to rate in it; give a data set ({METADATA}), relation triplets ({PROMPTS}), "
            "or a folder that holds a folder of pictures a method"
        )
    return found


def scenes(folder: Path, prefix: str = "", method: str = "") -> Listed:
    """The scenes of a data set; `prefix` is put before every name where the set is a part of something larger."""
    items = tuple(_scene(scene, prefix, method) for scene in read_data_set(folder).scenes)
    # What `vivant relate` writes is a data set and triplets in one; placement is not what it is about.
    criteria = RELATION_CRITERIA if is_published(folder) else SCENE_CRITERIA
    return Listed(folder, _title(folder), criteria, items)


def _scene(scene: Scene, prefix: str, method: str) -> Item:
    subjects = []
    for one in scene.subjects:
        shown, likeness = one.reference or one.cutout, one.cutout or one.reference
        references = (prefix + shown,) if shown else ()
        subjects.append(ItemSubject(one.noun, references, one.box, one.covered, prefix + likeness if likeness else ""))
    return Item(
        key=prefix + scene.file_name,
        picture=prefix + scene.file_name,
        caption=scene.text,
        detailed=scene.text_detailed if scene.text_detailed != scene.text else "",
        subjects=tuple(subjects),
        relation=scene.relation or "",
        background=scene.background,
        scores=scene.scores,
        recorded=scene.rating,
        method=method,
        case=Path(scene.file_name).stem,
    )


def triplets(folder: Path) -> Listed:
    """Relation triplets in the published layout: one relation, or a folder a relation.

    Raises:
        InputError, ImageError, StoreError, MissingExtraError: as `read_relation`.
    """
    relations = [folder] if is_published(folder) else [child for child in _folders(folder) if is_published(child)]
    items = tuple(_triplet(folder, relation, one) for relation in relations for one in read_relation(relation))
    return Listed(folder, _title(folder), RELATION_CRITERIA, items)


def _triplet(folder: Path, relation: Path, triplet: Triplet) -> Item:
    picture = triplet.target.relative_to(folder).as_posix()
    subjects = tuple(
        ItemSubject(one.noun, (concept,), one.box, likeness=concept)
        for one in triplet.subjects
        if (concept := one.concept.relative_to(folder).as_posix())
    )
    name = relation.resolve().name
    return Item(
        key=picture,
        picture=picture,
        caption=triplet.prompt,
        subjects=subjects,
        relation=" ".join(triplet.predicate) or name,
        case=f"{name}/{triplet.name}",
    )


def methods(folder: Path) -> Listed:
    """A folder a method; pictures of one name are of one case.

    A method's folder may be a data set. For other pictures the prompt comes from ``cases.jsonl``, or from the recipe
    that the picture carries, or is the file's name.

    Raises:
        StoreError: a broken data set or ``cases.jsonl``.
    """
    cases = _cases(folder)
    items: list[Item] = []
    for child in _folders(folder):
        if (child / METADATA).is_file():
            items += scenes(child, f"{child.name}/", child.name).items
        else:
            items += _pictures(folder, child, cases)
    relation = any(item.relation for item in items)
    return Listed(folder, _title(folder), RELATION_CRITERIA if relation else SCENE_CRITERIA, tuple(items))


def _pictures(folder: Path, method: Path, cases: Mapping[str, Case]) -> list[Item]:
    found = []
    for path in sorted(method.iterdir()):
        if path.suffix.lower() not in SUFFIXES or path.name.startswith(".") or not path.is_file():
            continue
        case = cases.get(path.stem)
        name = path.relative_to(folder).as_posix()
        subjects = tuple(
            ItemSubject(one.noun, one.references, likeness=next(iter(one.references), ""))
            for one in (case.subjects if case else ())
        )
        prompt = case.prompt if case else _prompt(path)
        found.append(Item(name, name, prompt, subjects=subjects, method=method.name, case=path.stem))
    return found


def _prompt(path: Path) -> str:
    """What the picture's own recipe says that it should show."""
    try:
        recipe: Mapping[str, Any] = read_recipe(path)
    except ImageError:
        return path.stem.replace("_", " ")
    prompt = recipe.get("prompt", recipe.get("text"))
    return prompt if isinstance(prompt, str) else path.stem.replace("_", " ")


def _cases(folder: Path) -> dict[str, Case]:
    path = folder / CASES
    if not path.is_file():
        return {}
    cases = {}
    for number, row in enumerate(read_jsonl(path), start=1):
        try:
            case = Case.model_validate(row)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "it"
            raise InputError(f"{path}, line {number}: {where}: {first['msg']}") from error
        cases[case.case] = case
        for one in case.subjects:
            for name in one.references:
                inside(folder, name)
    return cases


def _folders(folder: Path) -> Sequence[Path]:
    return sorted(child for child in folder.iterdir() if child.is_dir() and not child.name.startswith("."))


def _title(folder: Path) -> str:
    return folder.resolve().name or "data"
