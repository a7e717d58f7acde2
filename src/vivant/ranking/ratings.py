"""Ratings in a database: one row a vote, written and committed before it is acknowledged.

A vote carries an id that the page made, so that one sent twice is kept once. Nothing is deleted: an undone vote keeps
its row and says when it was undone. What counts is the last vote of a rater on an item that was not undone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vivant.errors import InputError, MissingExtraError, StoreError

if TYPE_CHECKING:
    from sqlalchemy import Engine, Table

DATABASE = "ratings.sqlite3"
"""Beside the data."""
PATIENCE = 30.0
"""Seconds that a vote waits for another one to be written."""


@dataclass(frozen=True)
class Vote:
    """What one person said of one picture, or of two.

    Attributes:
        id: made by the page, unique.
        rater: who.
        item: key of the picture; the left one of a pair.
        other: key of the right one of a pair; empty for a rating.
        score: a rating of 1 to 5; of a pair 1 where the left one is better, 2 the right one, 0 neither. None: skipped.
        seconds: how long it was looked at.
        picture: hash of the pictures that were rated, so that a picture made anew is not taken for the old one.
        at: seconds since 1970, when the server received it.
        undone: the same, when it was taken back; None where it counts.
    """

    id: str
    rater: str
    item: str
    other: str = ""
    score: int | None = None
    seconds: float = 0.0
    picture: str = ""
    at: float = 0.0
    undone: float | None = None

    @property
    def subject(self) -> tuple[str, str]:
        """What was judged: a pair is the same whichever is on the left."""
        return (min(self.item, self.other), max(self.item, self.other)) if self.other else (self.item, "")


class Ratings:
    """The votes on one set.

    Args:
        where: a SQLite file, or a SQLAlchemy URL.
        data_set: the set's name where a database holds several; empty beside the data.
        create: make the table where there is none.

    Raises:
        MissingExtraError: SQLAlchemy is not installed.
        InputError: the URL is none, or its driver is not installed; or there are no ratings and `create` is False.
        StoreError: the database cannot be opened.
    """

    def __init__(self, where: Path | str, data_set: str = "", *, create: bool = True) -> None:
        if isinstance(where, Path) and not create and not where.is_file():
            raise InputError(f"{where}: no ratings yet; start `vivant rank` and rate some pictures")
        self.data_set = data_set
        self._engine = _engine(where)
        self.where = str(where) if isinstance(where, Path) else self._engine.url.render_as_string(hide_password=True)
        self._votes = _table()
        with self._told():
            self._votes.metadata.create_all(self._engine)

    def record(self, vote: Vote) -> bool:
        """Write a vote and commit it.

        Returns:
            False where a vote of this id is there already: the same one sent again, or one undone before it arrived.

        Raises:
            InputError: that id belongs to a vote of someone else or on something else.
            StoreError: it could not be written.
        """
        from sqlalchemy.exc import IntegrityError

        row = {name: getattr(vote, name) for name in _COLUMNS} | {"data_set": self.data_set}
        with self._told():
            try:
                with self._engine.begin() as connection:
                    connection.execute(self._votes.insert().values(**row))
                return True
            except IntegrityError:
                there = self._find(vote.id)
        if there is None or (there.rater, there.item, there.other) != (vote.rater, vote.item, vote.other):
            raise InputError(f"the id {vote.id} belongs to another vote")
        return False

    def undo(self, vote: Vote) -> bool:
        """Take a vote back; one that has not arrived yet is taken back before it does.

        Returns:
            False where it was undone already.

        Raises:
            InputError: that id belongs to a vote of someone else or on something else.
            StoreError: it could not be written.
        """
        now = time.time()
        tombstone = Vote(vote.id, vote.rater, vote.item, vote.other, None, 0.0, "", vote.at or now, undone=now)
        if self.record(tombstone):
            return True
        table = self._votes
        with self._told(), self._engine.begin() as connection:
            mine = (table.c.id == vote.id) & (table.c.undone.is_(None))
            return connection.execute(table.update().where(mine).values(undone=now)).rowcount == 1

    def history(self, rater: str | None = None) -> list[Vote]:
        """Every vote ever given, also the undone, oldest first."""
        table = self._votes
        wanted = table.select().where(table.c.data_set == self.data_set)
        if rater is not None:
            wanted = wanted.where(table.c.rater == rater)
        with self._told(), self._engine.connect() as connection:
            return [_vote(row) for row in connection.execute(wanted.order_by(table.c.number))]

    def votes(self, rater: str | None = None) -> list[Vote]:
        """What counts, oldest first: of each rater the last vote on each item."""
        return counting(self.history(rater))

    def close(self) -> None:
        """Let go of the file; SQLite folds its log into it."""
        self._engine.dispose()

    def _find(self, id: str) -> Vote | None:
        with self._engine.connect() as connection:
            row = connection.execute(self._votes.select().where(self._votes.c.id == id)).first()
        return None if row is None else _vote(row)

    @contextmanager
    def _told(self) -> Iterator[None]:
        from sqlalchemy.exc import SQLAlchemyError

        try:
            yield
        except SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise StoreError(
                f"{self.where}: the ratings cannot be used ({reason}); --ratings URL takes another database"
            ) from error


def counting(history: Sequence[Vote]) -> list[Vote]:
    """Of each rater the last vote on each item that was not undone, in the order given."""
    last: dict[tuple[str, tuple[str, str]], Vote] = {}
    for vote in history:
        if vote.undone is None:
            last.pop((vote.rater, vote.subject), None)
            last[vote.rater, vote.subject] = vote
    return list(last.values())


_COLUMNS = ("id", "rater", "item", "other", "score", "seconds", "picture", "at", "undone")


def _vote(row: Any) -> Vote:
    return Vote(**{name: getattr(row, name) for name in _COLUMNS})


def _table() -> Table:
    from sqlalchemy import Column, Float, Integer, MetaData, String, Table

    return Table(
        "votes",
        MetaData(),
        Column("number", Integer, primary_key=True, autoincrement=True),
        Column("id", String(64), nullable=False, unique=True),
        Column("data_set", String(200), nullable=False, index=True),
        Column("rater", String(80), nullable=False),
        Column("item", String(500), nullable=False),
        Column("other", String(500), nullable=False),
        Column("score", Integer),
        Column("seconds", Float, nullable=False),
        Column("picture", String(64), nullable=False),
        Column("at", Float, nullable=False),
        Column("undone", Float),
    )


def _engine(where: Path | str) -> Engine:
    try:
        from sqlalchemy import URL, create_engine, event
        from sqlalchemy.exc import ArgumentError
    except ImportError as error:
        raise MissingExtraError("sqlalchemy", "rank", "rating pictures") from error
    try:
        url = URL.create("sqlite", database=str(where)) if isinstance(where, Path) else where
        engine = create_engine(url, pool_pre_ping=True)
    except (ArgumentError, ValueError) as error:
        # The URL itself may hold a password, so it is not repeated.
        raise InputError(
            "--ratings: not a SQLAlchemy URL; write sqlite:///FILE or postgresql://USER@HOST/NAME"
        ) from error
    except ImportError as error:
        raise InputError(f"--ratings: its driver is not installed: pip install {error.name}") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _durable)
    return engine


def _durable(connection: Any, _record: Any) -> None:
    """A vote is on the disk when its commit returns; readers and the writer do not wait for each other."""
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {int(PATIENCE * 1000)}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()
