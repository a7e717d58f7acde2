"""Which picture a vote was given to: pictures made anew under an old name do not inherit its ratings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from vivant.errors import StoreError
from vivant.images import content_hash
from vivant.ranking.items import Source, inside
from vivant.ranking.orders import Task
from vivant.ranking.ratings import Vote


class Marks:
    """Hashes of pictures and captions, computed when asked for and kept while the file stays as it is."""

    def __init__(self, source: Source) -> None:
        self._folder = source.folder
        self._items = {item.key: item for item in source.items}
        self._known: dict[str, tuple[Path, tuple[int, int], str]] = {}

    def of(self, key: str) -> str:
        """16 hex digits; empty where there is no such picture any more.

        Raises:
            StoreError: the file cannot be read, or lies outside the folder.
        """
        item = self._items.get(key)
        if item is None:
            return ""
        known = self._known.get(key)
        path = known[0] if known is not None else inside(self._folder, item.picture)
        try:
            found = path.stat()
            state = (found.st_mtime_ns, found.st_size)
            if known is not None and known[1] == state:
                return known[2]
            path = inside(self._folder, item.picture)
            mark = content_hash(path.read_bytes(), item.caption)
        except OSError as error:
            raise StoreError(f"{path}: cannot be read ({error.strerror or error})") from error
        self._known[key] = (path, state, mark)
        return mark

    def of_task(self, task: Task) -> str:
        """Of one picture, or of both; the same whichever is on the left."""
        return self.of_subject(task.subject)

    def of_subject(self, subject: tuple[str, str]) -> str:
        """As `of_task`, of `Vote.subject`."""
        first, second = subject
        return f"{self.of(first)}{self.of(second)}" if second else self.of(first)

    def fresh(self, votes: Iterable[Vote]) -> list[Vote]:
        """The votes on pictures that are still there as they were."""
        now: dict[tuple[str, str], str] = {}
        found = []
        for vote in votes:
            subject = vote.subject
            if subject not in now:
                now[subject] = self._now(subject)
            if vote.picture and now[subject] == vote.picture:
                found.append(vote)
        return found

    def _now(self, subject: tuple[str, str]) -> str:
        try:
            return self.of_subject(subject)
        except StoreError:
            return ""


def ratings_of(votes: Sequence[Vote]) -> dict[str, dict[str, int]]:
    """key -> rater -> rating, of the votes that are ratings."""
    table: dict[str, dict[str, int]] = {}
    for vote in votes:
        if vote.score is not None and not vote.other:
            table.setdefault(vote.item, {})[vote.rater] = vote.score
    return table
