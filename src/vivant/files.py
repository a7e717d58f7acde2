"""Files that are there whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from vivant.errors import StoreError


def write_bytes(path: Path, data: bytes) -> None:
    """Write to a neighbour first, then rename over the name: a killed process leaves the old file or the new one.

    Raises:
        StoreError: the folder cannot be written or the disk is full; names the path.
    """
    neighbour = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        neighbour.write_bytes(data)
        neighbour.replace(path)
    except OSError as error:
        neighbour.unlink(missing_ok=True) if path.parent.is_dir() else None
        raise StoreError(f"{path}: cannot be written ({error.strerror or error})") from error


def write_text(path: Path, text: str) -> None:
    """UTF-8, atomically."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: Any) -> None:
    """Indented JSON, keys in the order given, atomically."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def write_jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """One JSON object a line, atomically."""
    write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def read_json(path: Path) -> Any:
    """Parse a JSON file.

    Raises:
        StoreError: it is missing or not JSON; names the path.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror or error})") from error
    except ValueError as error:
        raise StoreError(f"{path}: not valid JSON ({error})") from error


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """Objects of a JSON-lines file, one by one.

    Raises:
        StoreError: the file is missing, or a line is no JSON object; names the path and the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")  # captions may hold other line ends
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{path}: cannot be read ({error})") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise StoreError(f"{path}, line {number}: not valid JSON ({error})") from error
        if not isinstance(row, dict):
            raise StoreError(f"{path}, line {number}: not an object")
        yield row
