"""Replies of a language model, read as data from a stranger: found, checked against a schema, never evaluated."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from vivant.data.plan.associate import PROMPTS
from vivant.data.plan.layout_geometry import LayoutItem
from vivant.settings.plan import AssociateSettings
from vivant.types import Subject

MAX_REPLY = 200_000
"""Characters of a reply that are read."""
_JSON_STARTS = 200
"""Opening brackets at which a JSON value is looked for."""


class Unusable(Exception):
    """A reply that cannot be used, and why, in words that the model can act on."""


class _Reply(BaseModel):
    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)


Name = Annotated[str, Field(min_length=1, max_length=200)]
Phrase = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=80, pattern=r"^[^\n{}<>\[\]]+$")
]
Number = Annotated[float, Field(ge=-1e5, le=1e5)]


class Group(_Reply):
    """A combination: names of subjects, and backgrounds as they end a caption."""

    subjects: list[Name] = Field(max_length=12)
    backgrounds: list[Phrase] = Field(min_length=3, max_length=12)


class _Groups(_Reply):
    combinations: list[Group] = Field(min_length=1, max_length=1000)


class BoxReply(_Reply):
    """A subject's box as left, top, width, height on the canvas of the question, and what it rests on."""

    name: Name
    box: tuple[Number, Number, Number, Number]
    on: Name = "ground"


class _Objects(_Reply):
    objects: list[BoxReply] = Field(min_length=1, max_length=50)


class _Ratios(_Reply):
    ratios: dict[Name, Annotated[float, Field(gt=0.0, le=1.0)]]


_AnyReply = TypeVar("_AnyReply", bound=_Reply)


def find_json(text: str) -> Any:
    """The largest JSON object in a reply, among prose, Markdown fences or a model's thinking; never evaluated.

    Raises:
        Unusable: there is none.
    """
    text = re.sub(r"^.*</think>", "", text[:MAX_REPLY], flags=re.DOTALL)
    found = max(_objects(text), key=lambda pair: pair[0], default=None)
    if found is None:
        raise Unusable("it holds no whole JSON object")
    return found[1]


def _objects(text: str) -> Iterator[tuple[int, Any]]:
    """Length and value of the outer JSON objects in a text."""
    decoder = json.JSONDecoder(parse_constant=_refuse_constant)
    at = 0
    for _ in range(_JSON_STARTS):
        at = text.find("{", at)
        if at < 0:
            return
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
            continue
        yield end - at, value
        at = end


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _checked(kind: type[_AnyReply], data: Any) -> _AnyReply:
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the answer"
        raise Unusable(f"{where}: {first['msg']}") from error


def read_groups(data: Any, subjects: Sequence[Subject], settings: AssociateSettings) -> list[Group]:
    """Combinations with known subjects, each once, in the number wanted, and three different prompts.

    Raises:
        Unusable: the schema is broken, or no group is left; says what is wrong with the first.
    """
    names = {subject.name for subject in subjects}
    fewest, most = min(settings.min_subjects, len(names)), min(settings.max_subjects, len(names))
    groups: dict[frozenset[str], Group] = {}
    faults = []
    for group in _checked(_Groups, data).combinations:
        unknown = [name for name in group.subjects if name not in names]
        if unknown:
            faults.append(f"there is no subject {unknown[0]!r}; there are {', '.join(sorted(names))}")
        elif len(set(group.subjects)) != len(group.subjects) or not fewest <= len(group.subjects) <= most:
            faults.append(f"a group has {fewest} to {most} different subjects, not {len(group.subjects)}")
        elif len(set(group.backgrounds)) < PROMPTS:
            faults.append("a group needs three different backgrounds")
        else:
            groups.setdefault(frozenset(group.subjects), group)
    if not groups:
        raise Unusable(faults[0])
    return list(groups.values())


def read_boxes(data: Any, items: Sequence[LayoutItem]) -> list[BoxReply]:
    """One box for each item, in the items' order: left, top, width, height, as sent.

    Raises:
        Unusable: the schema is broken, a subject is missing, twice there or unknown, or a box has no size.
    """
    objects = _checked(_Objects, data).objects
    _check_names([reply.name for reply in objects], items)
    for reply in objects:
        if min(reply.box[2:]) <= 0:
            raise Unusable(f"the box of {reply.name} has no size; a box is [left, top, width, height]")
    by_name = {reply.name: reply for reply in objects}
    return [by_name[item.name] for item in items]


def read_ratios(data: Any, items: Sequence[LayoutItem]) -> Mapping[str, float]:
    """A size in (0, 1] for each item, brought to 1.0 for the largest.

    Raises:
        Unusable: the schema is broken, or a subject is missing or unknown.
    """
    ratios = _checked(_Ratios, data).ratios
    _check_names(list(ratios), items)
    largest = max(ratios.values())
    return {name: ratio / largest for name, ratio in ratios.items()}


def _check_names(names: Sequence[str], items: Sequence[LayoutItem]) -> None:
    wanted = sorted(item.name for item in items)
    if sorted(names) != wanted:
        raise Unusable(f"it must have exactly {', '.join(wanted)}, each once, not {', '.join(sorted(names)) or 'none'}")
