"""Names for files of a data set."""

from __future__ import annotations

import re
import unicodedata

# `datasets` takes a file whose path has one of these words between separators for part of a split of that name, and
# would then find no other split: a toy train must not become a training split.
_SPLIT_WORDS = re.compile(
    r"(?<![^\W_])(train|training|test|testing|valid|validation|val|dev|eval|evaluation)(?![^\W\d_])", re.IGNORECASE
)
_MAX_BYTES = 80


def safe_name(name: str) -> str:
    """A file name that every file system takes, that stays inside its folder and names no split.

    >>> safe_name("my cat"), safe_name("../x"), safe_name("train")
    ('my_cat', 'x', '~train')
    """
    text = unicodedata.normalize("NFC", name)
    text = re.sub(r"[^\w.~-]+", "_", text).strip("._-") or "unnamed"
    text = _SPLIT_WORDS.sub(lambda match: f"~{match.group(0)}", text)
    while len(text.encode()) > _MAX_BYTES:
        text = text[:-1]
    return text
