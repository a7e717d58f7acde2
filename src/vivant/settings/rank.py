"""Settings of ``vivant rank``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from vivant.settings.base import Settings

Order = Literal["random", "best", "worst", "unsure"]
"""Of the pictures: each rater's own, or by what the ratings so far predict."""


class RankSettings(Settings):
    """The rating page.

    Attributes:
        host: address to listen on. Any but this machine's own needs a token.
        port: to listen on; 0 takes a free one.
        token: what a rater's link must carry; None makes one where it is needed and keeps it beside the ratings.
        ratings: SQLAlchemy URL of the database; None is a SQLite file in the folder that is rated.
        name: of this set in a database that several sets share; None is the folder's name there.
        pairs: show two pictures of a case, and ask which is better.
        seed: of every rater's order; the order also depends on the rater's name.
        order: `random`, or by predicted rating: `best` first, `worst` first, or `unsure` (nearest to 3.5) first.
        votes: a picture that so many raters have rated is not shown to others; None lets all rate all.
    """

    host: str = Field("127.0.0.1", min_length=1)
    port: int = Field(8765, ge=0, le=65535)
    token: str | None = Field(None, min_length=16, max_length=200, pattern=r"^[A-Za-z0-9._~-]+$")
    ratings: str | None = None
    name: str | None = Field(None, min_length=1, max_length=200)
    pairs: bool = False
    seed: int = Field(0, ge=0)
    order: Order = "random"
    votes: int | None = Field(None, ge=1)
