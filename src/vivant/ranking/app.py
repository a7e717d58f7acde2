"""The page over HTTP: addresses, bodies and status codes; `board` has the answers, `guard` stands before it."""

from __future__ import annotations

import sys
from importlib import resources
from typing import Annotated, Any

from fastapi import FastAPI, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from vivant.errors import InputError, VivantError
from vivant.ranking.board import Board, UnknownItemError
from vivant.ranking.guard import Guard
from vivant.ranking.orders import Filter
from vivant.ranking.ratings import Vote
from vivant.ranking.served import LONGEST, REFERENCE, Served

PAGES = {
    "": ("rank.html", "text/html; charset=utf-8"),
    "rank.css": ("rank.css", "text/css; charset=utf-8"),
    "rank.js": ("rank.js", "text/javascript; charset=utf-8"),
    "rank_outbox.js": ("rank_outbox.js", "text/javascript; charset=utf-8"),
    "rank_wire.js": ("rank_wire.js", "text/javascript; charset=utf-8"),
    "rank_view.js": ("rank_view.js", "text/javascript; charset=utf-8"),
    "rank.svg": ("rank.svg", "image/svg+xml"),
}
"""Address -> file among the package's assets, and its type."""
ItemId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Name = Annotated[str, Field(min_length=1, max_length=80)]
FRESH = {"cache-control": "no-store"}
KEPT = {"cache-control": "private, max-age=86400, immutable"}
"""A picture's address holds its hash: another picture has another address."""


class VoteBody(BaseModel):
    """A vote as the page sends it; fields as in `Vote`."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    set: ItemId
    id: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{8,64}$")]
    rater: Name
    item: ItemId
    other: ItemId | Annotated[str, Field(max_length=0)] = ""
    mark: Annotated[str, Field(pattern=r"^[0-9a-f]{16,32}$")]
    score: Annotated[int, Field(ge=0, le=5)] | None
    seconds: Annotated[float, Field(ge=0, le=1e7)] = 0.0

    def vote(self) -> Vote:
        """The same, with ids in the place of keys."""
        return Vote(self.id, self.rater, self.item, self.other, self.score, self.seconds, self.mark)


def make_app(board: Board, token: str | None) -> Guard:
    """The page as an ASGI application.

    Args:
        board: what is rated.
        token: see `Guard`.
    """
    app = FastAPI(title="vivant rank", docs_url=None, redoc_url=None, openapi_url=None)
    _add_errors(app)
    _add_pages(app)
    _add_pictures(app, board)
    _add_votes(app, board)
    return Guard(app, token)


def _add_pages(app: FastAPI) -> None:
    def page(name: str) -> Response:
        file, kind = PAGES[name]
        data = resources.files("vivant.assets").joinpath(file).read_bytes()
        return Response(data, media_type=kind, headers={"cache-control": "no-cache"})

    @app.get("/")
    def index() -> Response:
        return page("")

    @app.get("/{name}")
    def asset(name: str) -> Response:
        return page(name) if name in PAGES else _problem(404, "There is nothing here.")


def _add_pictures(app: FastAPI, board: Board) -> None:
    served = Served()

    @app.get("/picture/{item}/{mark}.png")
    def picture(item: Annotated[str, Path(max_length=16)], mark: Annotated[str, Path(max_length=32)]) -> Response:
        return Response(served.png(board.picture(item), LONGEST), media_type="image/png", headers=KEPT)

    @app.get("/reference/{item}/{mark}/{subject}/{number}.png")
    def reference(
        item: Annotated[str, Path(max_length=16)],
        mark: Annotated[str, Path(max_length=32)],
        subject: Annotated[int, Path(ge=0, le=99)],
        number: Annotated[int, Path(ge=0, le=99)],
    ) -> Response:
        path = board.reference(item, subject, number)
        return Response(served.png(path, REFERENCE), media_type="image/png", headers=KEPT)


def _add_votes(app: FastAPI, board: Board) -> None:
    @app.get("/api/about")
    def about() -> Response:
        return _json(board.about())

    @app.get("/api/session")
    def session(rater: Annotated[str, Query(max_length=80)]) -> Response:
        return _json(board.session(rater))

    @app.get("/api/queue")
    def queue(
        rater: Annotated[str, Query(max_length=80)],
        subjects: Annotated[int, Query(ge=0, le=99)] = 0,
        noun: Annotated[str, Query(max_length=200)] = "",
        relation: Annotated[str, Query(max_length=200)] = "",
        words: Annotated[str, Query(max_length=200)] = "",
        skipped: bool = False,
        limit: Annotated[int, Query(ge=1, le=500)] = 8,
    ) -> Response:
        return _json(board.queue(rater, Filter(subjects, noun, relation, words), skipped, limit))

    @app.post("/api/vote")
    def vote(body: VoteBody) -> Response:
        if body.set != board.set_id:
            return _problem(409, "These are votes on another set.")
        return _json({"id": body.id, "new": board.vote(body.vote())})

    @app.post("/api/undo")
    def undo(body: VoteBody) -> Response:
        if body.set != board.set_id:
            return _problem(409, "These are votes on another set.")
        return _json({"id": body.id, "new": board.undo(body.vote())})


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(RequestValidationError)
    def malformed(_request: Request, error: RequestValidationError) -> Response:
        # Not FastAPI's own answer: that repeats what was sent, which may be anything.
        first = error.errors()[0]
        return _problem(422, f"{first['loc'][-1]}: {first['msg']}")

    @app.exception_handler(UnknownItemError)
    def unknown(_request: Request, error: UnknownItemError) -> Response:
        return _problem(404, str(error))

    @app.exception_handler(InputError)
    def wrong(_request: Request, error: InputError) -> Response:
        return _problem(409, str(error))

    @app.exception_handler(VivantError)
    @app.exception_handler(OSError)
    def broken(_request: Request, error: Exception) -> Response:
        # It may name files and methods, which are no rater's business; whoever runs the server reads it.
        print(f"vivant rank: {error}", file=sys.stderr, flush=True)
        return _problem(503, "The server could not do this; what went wrong is in its terminal.")


def _json(value: Any) -> Response:
    return JSONResponse(value, headers=FRESH)


def _problem(status: int, text: str) -> Response:
    return JSONResponse({"detail": text}, status_code=status, headers=FRESH)
