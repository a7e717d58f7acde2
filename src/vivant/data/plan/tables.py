"""Small readable tables: CSV with a header, ``|`` between the items of a list, ``#`` before a comment line."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from importlib import resources
from typing import get_args

from vivant.errors import InputError
from vivant.types import Support

SUPPORTS: tuple[str, ...] = get_args(Support)


def number(text: str, name: str, low: float, high: float) -> float:
    """A finite number within bounds; a ValueError that names the column and the value otherwise."""
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{name} must be a number, not {text!r}") from None
    if not math.isfinite(value) or not low <= value <= high:
        raise ValueError(f"{name} must be between {low} and {high}, not {text!r}")
    return value


def support(text: str) -> Support:
    """The support of that name; a ValueError that lists them otherwise."""
    found: Support | None = next((known for known in get_args(Support) if known == text), None)
    if found is None:
        raise ValueError(f"unknown support {text!r}; known: {', '.join(SUPPORTS)}")
    return found


def split_list(text: str) -> tuple[str, ...]:
    """Items of a list that ``|`` separates, lower case."""
    return tuple(part for item in text.split("|") if (part := item.strip().lower()))


def asset(name: str) -> str:
    """Text of a file that ships with the package."""
    return (resources.files("vivant.assets") / name).read_text(encoding="utf-8")


def rows(text: str, name: str = "", needed: tuple[str, ...] = ()) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells of every row of a CSV text, without comments and empty lines.

    Raises:
        InputError: no table at all, a needed column is missing, a row has too many values or is no CSV.
    """
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip() and not line.startswith("#")]
    if not lines:
        raise InputError(f"{name}: the table is empty; its header must be {','.join(needed)}")
    header = _cells(lines[0][1], f"{name}, line {lines[0][0]}")
    for column in needed:
        if column not in header:
            raise InputError(f"{name}, line {lines[0][0]}: no column {column!r}; the header must be {','.join(needed)}")
    for line_number, line in lines[1:]:
        cells = _cells(line, f"{name}, line {line_number}")
        if len(cells) > len(header):
            raise InputError(f"{name}, line {line_number}: {len(cells)} values for {len(header)} columns: {line!r}")
        yield line_number, dict(zip(header, cells + [""] * (len(header) - len(cells)), strict=True))


def _cells(line: str, where: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader(io.StringIO(line)))]
    except csv.Error as error:
        raise InputError(f"{where}: not a row of a CSV table ({error}): {line[:80]!r}") from error
