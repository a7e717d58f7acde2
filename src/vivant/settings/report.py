"""Settings of ``vivant report``."""

from __future__ import annotations

from pydantic import Field

from vivant.settings.base import Settings


class ReportSettings(Settings):
    """What a report shows.

    Attributes:
        title: of the page; None names what it is of.
        methods: of the evaluations, in this order; none for all, by name. The others are tested against the first, and
            its worst cases come first.
        worst_by: score that cases are ordered by; None takes a case's mean rank over all scores.
        cases: most that are shown of an evaluation, the worst ones.
        samples: pictures shown of a case and a method.
        thumbnail: pixels on a picture's long side; larger ones are shrunk. Photos of subjects have half of it.
        seed: of the tests between methods.
    """

    title: str | None = Field(None, min_length=1, max_length=200)
    methods: tuple[str, ...] = ()
    worst_by: str | None = None
    cases: int = Field(200, ge=0, le=100_000)
    samples: int = Field(1, ge=1, le=100)
    thumbnail: int = Field(256, ge=32, le=2048)
    seed: int = Field(0, ge=0)
