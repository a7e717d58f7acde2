"""What can be rated: one protocol that scenes, relation triplets and folders of methods fill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Protocol

from vivant.errors import StoreError
from vivant.images import content_hash
from vivant.types import Box

RANKS = (1, 2, 3, 4, 5)
"""Gen4Gen, section 4.4: from 1 to 5; 4 and 5 enter the data set."""
SCENE_CRITERIA = (
    "Every subject named is in the picture, and is the one in its photo.",
    "Each one is in a place and size that makes sense.",
    "No artifacts, neither on the subjects nor on the picture.",
)
"""Gen4Gen, sections 4.4 and 7: inclusion, placement, absence of artifacts."""
RELATION_CRITERIA = (
    "Every subject named is in the picture, and is the one in its photo.",
    "They do what the sentence says, each in its own role.",
    "No artifacts: bodies are whole, and no subject has borrowed from the other.",
)
"""The same three, with the relation in the place of the placement."""


@dataclass(frozen=True)
class ItemSubject:
    """A subject beside the picture.

    Attributes:
        noun: what the rater reads.
        references: pictures of it, relative to the source's folder.
        box: where it should be, in fractions of the picture.
        covered: fraction of it that others hide.
        likeness: its cutout, or else its photo: what a machine compares the picture with.
    """

    noun: str
    references: tuple[str, ...] = ()
    box: Box | None = None
    covered: float = 0.0
    likeness: str = ""


@dataclass(frozen=True)
class Item:
    """One picture to rate.

    Attributes:
        key: unique in its source, and the same in every run.
        picture: relative to the source's folder.
        caption: what the picture should show.
        detailed: the longer caption, where there is one.
        subjects: in the order of the caption.
        relation: the predicate, where there is one.
        background: the background prompt, where there is one.
        scores: what a check measured; never shown to a rater.
        recorded: a rating that the record already holds.
        method: what made it; never shown to a rater.
        case: pictures of one case answer the same question and can be compared.
    """

    key: str
    picture: str
    caption: str
    detailed: str = ""
    subjects: tuple[ItemSubject, ...] = ()
    relation: str = ""
    background: str = ""
    scores: Mapping[str, float] = field(default_factory=dict)
    recorded: int | None = None
    method: str = ""
    case: str = ""

    @property
    def id(self) -> str:
        """What the page calls it: it says nothing of file or method."""
        return item_id(self.key)


def item_id(key: str) -> str:
    """16 hex digits that stand for a key on the page."""
    return content_hash("item", key)


class Source(Protocol):
    """Where items come from.

    Attributes:
        folder: no file outside it is ever served.
        title: what the page calls it.
        criteria: what to look at, a sentence each.
        items: in the order of the source.
    """

    @property
    def folder(self) -> Path: ...
    @property
    def title(self) -> str: ...
    @property
    def criteria(self) -> Sequence[str]: ...
    @property
    def items(self) -> Sequence[Item]: ...


@dataclass(frozen=True)
class Listed:
    """A source that has been read; the attributes are those of `Source`."""

    folder: Path
    title: str
    criteria: tuple[str, ...]
    items: tuple[Item, ...]


def inside(folder: Path, name: str) -> Path:
    """The file of that name in a folder.

    Raises:
        StoreError: the name is absolute, climbs out of the folder (also through a link), or no such file is there.
    """
    plain = PurePosixPath(name)
    if not name or "\0" in name or "\\" in name or plain.is_absolute() or ".." in plain.parts:
        raise StoreError(f"{folder}: {name!r} does not name a file inside it")
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise StoreError(f"{folder}: {name!r} is a link that leads out of it")
    if not path.is_file():
        raise StoreError(f"{folder}: {name!r} is named, but no such file is there")
    return path
