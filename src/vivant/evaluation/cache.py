"""What encoders said, in one SQLite file, each under what it depends on: encoder, picture's bytes, box, labels."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vivant.errors import StoreError

FORMAT = "1"
"""Goes into every encoder's key: raise it when what is stored changes its meaning."""
WAIT_S = 60.0
"""For another process that writes."""
_AT_ONCE = 500
"""Names in one question; SQLite takes a thousand in its oldest builds."""

Array = NDArray[np.float32]


class FeatureCache:
    """Arrays of float32 by encoder and item. Several processes may use one file; a killed one loses its last batch."""

    def __init__(self, path: Path | None) -> None:
        """Open or begin it.

        Args:
            path: of the file; None keeps nothing beyond this process.

        Raises:
            StoreError: the file cannot be written, or is something else.
        """
        self._name = str(path) if path else "the cache in memory"
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path or ":memory:", timeout=WAIT_S)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS features (encoder TEXT, item TEXT, shape TEXT, numbers BLOB, "
                "PRIMARY KEY (encoder, item)) WITHOUT ROWID"
            )
        except (sqlite3.Error, OSError) as error:
            raise self._broken(error) from error

    def read(self, encoder: str, items: Iterable[str]) -> dict[str, Array]:
        """Those of the items that are there; a damaged one counts as missing."""
        names, found = list(items), {}
        try:
            for start in range(0, len(names), _AT_ONCE):
                part = names[start : start + _AT_ONCE]
                marks = ", ".join("?" * len(part))
                rows = self._connection.execute(
                    f"SELECT item, shape, numbers FROM features WHERE encoder = ? AND item IN ({marks})",
                    (FORMAT + encoder, *part),
                )
                found.update({item: array for item, *stored in rows if (array := _array(*stored)) is not None})
        except sqlite3.Error as error:
            raise self._broken(error) from error
        return found

    def write(self, encoder: str, arrays: Mapping[str, Array]) -> None:
        """Keep some, all of them or none."""
        rows = [
            (FORMAT + encoder, item, "x".join(map(str, array.shape)), np.ascontiguousarray(array, "<f4").tobytes())
            for item, array in arrays.items()
        ]
        try:
            with self._connection:
                self._connection.executemany("INSERT OR REPLACE INTO features VALUES (?, ?, ?, ?)", rows)
        except sqlite3.Error as error:
            raise self._broken(error) from error

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _broken(self, error: Exception) -> StoreError:
        return StoreError(f"{self._name}: cannot be used ({error}): remove it, its features are computed again")


def _array(shape: Any, numbers: Any) -> Array | None:
    """What was stored, if it is whole."""
    try:
        sides: Sequence[int] = [int(side) for side in shape.split("x")]
        return np.frombuffer(numbers, "<f4").reshape(sides).astype(np.float32)
    except (ValueError, AttributeError, TypeError):
        return None
