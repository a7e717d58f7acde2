"""Flags of a command from its settings: one place says what a setting is, what it may be, and what it does."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
import yaml

from vivant.errors import SettingsError

if TYPE_CHECKING:
    from vivant.settings.base import Settings

_ATTRIBUTE = re.compile(r"([a-z_0-9]+(?:, [a-z_0-9]+)*): (.+)")


def settings_options(kind: type[Settings]) -> list[click.Parameter]:
    """An option a setting, its help from the "Attributes" of the class's docstring and those of its bases."""
    helps = attribute_texts(kind)
    options: list[click.Parameter] = []
    for name, entry in kind.model_fields.items():
        shown = "" if entry.default is None else f"  [default: {entry.default}]"
        flag = f"--{name.replace('_', '-')}"
        type_ = _type(entry.annotation)
        if type_ is click.BOOL:
            flag, shown = f"{flag}/--no-{name.replace('_', '-')}", f"  [default: {'yes' if entry.default else 'no'}]"
        options.append(click.Option([flag, name], type=type_, default=None, help=_sentence(helps[name]) + shown))
    return options


def attribute_texts(kind: type[Settings]) -> dict[str, str]:
    """Name -> what the docstrings say of it."""
    texts: dict[str, str] = {}
    for one in reversed(kind.__mro__):
        _, _, listed = (inspect.cleandoc(one.__dict__.get("__doc__") or "")).partition("Attributes:\n")
        entry = ""
        for line in [*inspect.cleandoc(listed).splitlines(), "end: of it"]:
            if line[:1].isspace():
                entry += f" {line.strip()}"
                continue
            if found := _ATTRIBUTE.fullmatch(entry):
                texts |= dict.fromkeys(found[1].split(", "), found[2])
            entry = line
    return {name: text for name, text in texts.items() if name in kind.model_fields}


def given(flags: Mapping[str, Any], assignments: Sequence[str]) -> dict[str, Any]:
    """Settings that were said on the command line; `--set` wins.

    Raises:
        SettingsError: an assignment that is none.
    """
    values = {name: value for name, value in flags.items() if value is not None}
    for assignment in assignments:
        assign(values, assignment)
    return values


def assign(flags: dict[str, Any], assignment: str) -> None:
    """Put NAME=VALUE into settings; a dot in the name goes into a group, the value is read as YAML.

    Raises:
        SettingsError: it is not of that form.
    """
    name, equals, text = assignment.partition("=")
    if not equals:
        raise SettingsError(f"--set {assignment}: write it as NAME=VALUE")
    *path, last = name.strip().split(".")
    for part in path:
        flags = flags.setdefault(part, {})
        if not isinstance(flags, dict):
            raise SettingsError(f"--set {assignment}: {part!r} is a value, not a group of settings")
    try:
        flags[last] = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise SettingsError(f"--set {assignment}: the value cannot be read ({error})") from error


def _type(annotation: Any) -> Any:
    """click's type of an option for a setting of this type; None beside it means "not said"."""
    told = [part for part in typing.get_args(annotation) if part is not type(None)]
    if typing.get_origin(annotation) is typing.Literal:
        return click.Choice([str(value) for value in told])
    if annotation in _TYPES:
        return _TYPES[annotation]
    return _type(told[0])  # int | None, or Annotated[int, ..]


_TYPES: dict[Any, Any] = {bool: click.BOOL, int: click.INT, float: click.FLOAT, str: click.STRING}


def _sentence(text: str) -> str:
    text = text.rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."
