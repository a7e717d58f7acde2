"""Everything the page asks for, as plain values; nothing here knows of HTTP."""

from __future__ import annotations

import re
import statistics
import threading
import time
import unicodedata
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from vivant.errors import InputError, StoreError
from vivant.images import content_hash
from vivant.ranking.items import Item, Source, inside
from vivant.ranking.marks import Marks
from vivant.ranking.orders import Filter, Standing, Task, pair_order, rater_order, standing
from vivant.ranking.ratings import Ratings, Vote, counting
from vivant.settings.rank import RankSettings

NAME = re.compile(r"\w[\w .'-]{0,39}")
"""Of a rater; nothing that a spreadsheet would take for a formula."""
HISTORY = 50
"""Votes that a rater can take back after coming back to the page."""
PAUSE = 120.0
"""Seconds; whoever looks longer at a picture is having a break."""
RECENT = 30
"""Votes that the time left is estimated from."""
ORDERS_KEPT = 256

Predict = Callable[[], Mapping[str, float]]
"""key -> predicted rating, by what is rated so far."""


class UnknownItemError(InputError):
    """The page names a picture that is not in the source."""


def rater_name(name: str) -> str:
    """The name under which votes are kept: "Ann" and " ann " are one person.

    Raises:
        InputError: it is empty, too long, or has characters that no name has.
    """
    tidy = " ".join(unicodedata.normalize("NFC", name).split())
    if not NAME.fullmatch(tidy):
        raise InputError("a name starts with a letter or digit and has at most 40 letters, digits, spaces and . ' -")
    return tidy.casefold()


class Board:
    """One source, its votes, and where every rater stands.

    Args:
        source: what is rated.
        ratings: where votes go.
        settings: order, pairs, votes a picture.
        predict: asked for predicted ratings where `settings.order` needs them.

    Raises:
        InputError: pairs are wanted, but no two pictures are of one case and two methods.
    """

    def __init__(
        self, source: Source, ratings: Ratings, settings: RankSettings, predict: Predict | None = None
    ) -> None:
        self.source = source
        self.ratings = ratings
        self.settings = settings
        self.marks = Marks(source)
        self._predict = predict
        self._items = {item.id: item for item in source.items}
        self._orders: OrderedDict[str, list[Task]] = OrderedDict()
        self._lock = threading.Lock()
        self.set_id = content_hash("set", str(source.folder.resolve()), str(settings.pairs))
        if settings.pairs and not pair_order(source.items, "", settings.seed):
            raise InputError(
                f"{source.folder}: no two pictures to compare; give a folder that holds a folder a method, with "
                "pictures of one case under one name"
            )

    def about(self) -> dict[str, Any]:
        """What is rated, for someone who has not said who they are."""
        return {
            "set": self.set_id,
            "title": self.source.title,
            "mode": "pair" if self.settings.pairs else "rate",
            "criteria": list(self.source.criteria),
        }

    def session(self, name: str) -> dict[str, Any]:
        """What the page needs to know once: what it shows, what can be chosen, and what the rater did last."""
        rater = rater_name(name)
        items = self.source.items
        nouns = (noun for item in items for noun in {one.noun for one in item.subjects})
        return {
            **self.about(),
            "rater": rater,
            "facets": {
                "subjects": sorted(Counter(len(item.subjects) for item in items).items()),
                "nouns": sorted(Counter(nouns).items()),
                "relations": sorted(Counter(item.relation for item in items if item.relation).items()),
            },
            "history": self._history(rater),
        }

    def queue(self, name: str, wanted: Filter, skipped: bool, limit: int) -> dict[str, Any]:
        """The next pictures of a rater, and how far they are; nothing of what others said."""
        rater = rater_name(name)
        votes = self._votes()
        stand = self._standing(rater, votes, wanted)
        tasks = stand.skipped if skipped else stand.waiting
        mine = [vote.seconds for vote in votes if vote.rater == rater and 0 < vote.seconds < PAUSE]
        return {
            "set": self.set_id,
            "tasks": list(islice((shown for task in tasks if (shown := self._shown(task)) is not None), limit)),
            "done": stand.done,
            "waiting": len(stand.waiting),
            "skipped": len(stand.skipped),
            "seconds": round(statistics.median(mine[-RECENT:]), 2) if mine else None,
        }

    def vote(self, vote: Vote) -> bool:
        """Keep a vote on items named by their ids.

        Returns:
            False where it is there already.

        Raises:
            UnknownItemError: no such picture, or a pair that is not of one case.
            InputError: the picture has changed since it was shown, the score is not one of this mode, or the id is
                taken.
            StoreError: it could not be written; it may be sent again.
        """
        task = self._task(vote)
        allowed = (0, 1, 2) if task.other else (1, 2, 3, 4, 5)
        if vote.score is not None and vote.score not in allowed:
            raise InputError(f"a score is one of {', '.join(map(str, allowed))}")
        if vote.picture != self.marks.of_task(task):
            raise InputError("the picture has changed since it was shown")
        return self.ratings.record(replace(self._keyed(vote, task), at=time.time()))

    def undo(self, vote: Vote) -> bool:
        """Take a vote back, also one that has not arrived; errors as for `vote`."""
        return self.ratings.undo(self._keyed(vote, self._task(vote)))

    def picture(self, id: str) -> Path:
        """The file of a picture.

        Raises:
            UnknownItemError: there is none of that id.
            StoreError: it is gone, or lies outside the source's folder.
        """
        return inside(self.source.folder, self._item(id).picture)

    def reference(self, id: str, subject: int, number: int) -> Path:
        """The file of a subject's reference; errors as for `picture`."""
        subjects = self._item(id).subjects
        if not 0 <= subject < len(subjects) or not 0 <= number < len(subjects[subject].references):
            raise UnknownItemError("no such reference")
        return inside(self.source.folder, subjects[subject].references[number])

    def _item(self, id: str) -> Item:
        item = self._items.get(id)
        if item is None:
            raise UnknownItemError("no such picture; the data have changed: load the page again")
        return item

    def _task(self, vote: Vote) -> Task:
        if bool(vote.other) != self.settings.pairs:
            raise UnknownItemError("a pair is wanted" if self.settings.pairs else "one picture is wanted, not two")
        task = Task(self._item(vote.item), self._item(vote.other) if vote.other else None)
        if task.other and (task.other.case != task.item.case or task.other.method == task.item.method):
            raise UnknownItemError("these two pictures are not to be compared")
        return task

    def _keyed(self, vote: Vote, task: Task) -> Vote:
        other = task.other.key if task.other else ""
        return replace(vote, rater=rater_name(vote.rater), item=task.item.key, other=other)

    def _votes(self) -> list[Vote]:
        return self.marks.fresh(vote for vote in self.ratings.votes() if bool(vote.other) == self.settings.pairs)

    def _standing(self, rater: str, votes: list[Vote], wanted: Filter) -> Standing:
        return standing(self._tasks(rater), votes, rater, wanted, self.settings.votes)

    def _tasks(self, rater: str) -> list[Task]:
        settings = self.settings
        if settings.order != "random" and not settings.pairs:
            predicted = self._predict() if self._predict else {}
            return rater_order(self.source.items, rater, settings.seed, settings.order, predicted)
        with self._lock:
            if rater not in self._orders:
                make = pair_order if settings.pairs else rater_order
                self._orders[rater] = make(self.source.items, rater, settings.seed)
                if len(self._orders) > ORDERS_KEPT:
                    self._orders.popitem(last=False)
            self._orders.move_to_end(rater)
            return self._orders[rater]

    def _shown(self, task: Task) -> dict[str, Any] | None:
        """A task as the page gets it; None where its picture cannot be read, which is no rater's concern."""
        try:
            mark = self.marks.of_task(task)
        except StoreError:
            return None
        item = task.item
        return {
            "item": item.id,
            "other": task.other.id if task.other else "",
            "mark": mark,
            "caption": item.caption,
            "detailed": item.detailed,
            "subjects": [
                {
                    "noun": one.noun,
                    "references": len(one.references),
                    "box": one.box.as_tuple() if one.box and not task.other else None,
                }
                for one in item.subjects
            ],
        }

    def _history(self, rater: str) -> list[dict[str, Any]]:
        keys = {item.key: item for item in self.source.items}
        found = []
        for vote in self.marks.fresh(counting(self.ratings.history(rater)))[-HISTORY:]:
            item, other = keys[vote.item], keys.get(vote.other)
            if bool(other) != self.settings.pairs:
                continue
            shown = self._shown(Task(item, other))
            if shown is not None:
                found.append({"id": vote.id, "score": vote.score, "task": shown})
        return found
