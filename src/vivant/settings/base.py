"""Typed settings: preset < YAML file < flags, and an unknown key is an error that names the nearest known one."""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from vivant.errors import SettingsError


class Settings(BaseModel):
    """Base of all settings: frozen, unknown keys refused, defaults checked."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


AnySettings = TypeVar("AnySettings", bound=Settings)


def load_settings(
    kind: type[AnySettings],
    *,
    preset: Mapping[str, Any] | None = None,
    file: Path | None = None,
    flags: Mapping[str, Any] | None = None,
) -> AnySettings:
    """Merge preset, file and flags, later ones over earlier ones, and validate.

    Raises:
        SettingsError: an unreadable file, an unknown key (with the nearest known one) or a value out of range.
    """
    merged: dict[str, Any] = {}
    sources = (
        ("the preset", preset or {}),
        (str(file), read_yaml(file) if file else {}),
        ("the flags", flags or {}),
    )
    for name, values in sources:
        _refuse_unknown(kind, values, name, prefix="")
        _merge(merged, values)
    try:
        return kind.model_validate(merged)
    except ValidationError as error:
        raise SettingsError("; ".join(_describe(item) for item in error.errors())) from error


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML file that holds a table of settings.

    Raises:
        SettingsError: the file is missing, no YAML, or not a table.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read ({error})") from error
    except yaml.YAMLError as error:
        raise SettingsError(f"{path}: not valid YAML ({error})") from error
    if values is None:
        return {}
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise SettingsError(f"{path}: must be a table of settings, one `name: value` a line")
    return values


def _merge(into: dict[str, Any], values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        if isinstance(value, Mapping):
            inner = dict(into.get(key) or {})
            _merge(inner, value)
            into[key] = inner
        else:
            into[key] = value


def _refuse_unknown(kind: type[BaseModel], values: Mapping[str, Any], source: str, prefix: str) -> None:
    for key, value in values.items():
        field = kind.model_fields.get(key)
        if field is None:
            near = difflib.get_close_matches(key, kind.model_fields, n=1, cutoff=0.5)
            hint = f"did you mean {prefix + near[0]!r}?" if near else f"known: {', '.join(sorted(kind.model_fields))}"
            raise SettingsError(f"{source}: unknown setting {prefix + key!r}; {hint}")
        inner = _nested(field.annotation)
        if inner is not None and isinstance(value, Mapping):
            _refuse_unknown(inner, value, source, prefix=f"{prefix}{key}.")


def _nested(annotation: Any) -> type[BaseModel] | None:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return next((found for part in typing.get_args(annotation) if (found := _nested(part))), None)
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _describe(error: Any) -> str:
    name = ".".join(str(part) for part in error["loc"])
    return f"setting {name!r}: {error['msg']}, got {error['input']!r}"
