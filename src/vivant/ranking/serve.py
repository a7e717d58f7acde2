"""The page on a port: address, token, and a server that stops when asked."""

from __future__ import annotations

import ipaddress
import os
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from vivant.errors import InputError, MissingExtraError, SettingsError, StoreError
from vivant.ranking.items import Source
from vivant.ranking.ratings import DATABASE, Ratings
from vivant.settings.rank import RankSettings

if TYPE_CHECKING:
    import uvicorn

    from vivant.ranking.board import Board

TOKEN_FILE = "ratings.token"
"""Beside the ratings, for its owner's eyes only: the link stays the same when the server is started again."""


def open_ratings(source: Source, settings: RankSettings, *, create: bool = True) -> Ratings:
    """The votes on a source: beside it, or in the database that `settings.ratings` names; errors as for `Ratings`."""
    if settings.ratings is None:
        return Ratings(source.folder / DATABASE, create=create)
    return Ratings(settings.ratings, settings.name or source.title, create=create)


def needs_token(host: str) -> bool:
    """Whether others than this machine can reach an address."""
    if host == "localhost":
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True


def token_for(source: Source, settings: RankSettings) -> str | None:
    """The token that a rater's link must carry; None where only this machine is served and none was asked for.

    Raises:
        StoreError: a new token cannot be kept.
        SettingsError: the kept one is too short to be safe.
    """
    if settings.token is not None or not needs_token(settings.host):
        return settings.token
    path = source.folder / TOKEN_FILE
    try:
        if path.is_file():
            kept = path.read_text(encoding="ascii").strip()
            if len(kept) < 16:
                raise SettingsError(f"{path}: is no token of 16 characters or more; delete it to get a new one")
            return kept
        token = secrets.token_urlsafe(24)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(token + "\n")
        return token
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{path}: the token cannot be kept ({error}); give one with --token") from error


def listen(host: str, port: int) -> socket.socket:
    """A socket that already listens, so that the address can be told.

    Raises:
        InputError: the port is taken, or the host is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(128)
    except OSError as error:
        found.close()
        raise InputError(
            f"{host}:{port}: cannot listen there ({error.strerror or error}); --port 0 takes a free port"
        ) from error
    return found


def link(listening: socket.socket, token: str | None) -> str:
    """What a rater opens."""
    host, port = listening.getsockname()[:2]
    name = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{port}/" + (f"?token={token}" if token else "")


def serve(board: Board, listening: socket.socket, token: str | None, ready: Callable[[], None]) -> None:
    """Answer until Ctrl-C.

    Args:
        board: what is rated.
        listening: from `listen`.
        token: from `token_for`.
        ready: called once when answers can be given.

    Raises:
        MissingExtraError: FastAPI or uvicorn is not installed.
    """
    try:
        server = _server(board, token)
        ready()
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listening])
    finally:
        listening.close()
        board.ratings.close()


def _server(board: Board, token: str | None) -> uvicorn.Server:
    try:
        import uvicorn

        from vivant.ranking.app import make_app
    except ImportError as error:
        raise MissingExtraError(error.name or "fastapi", "rank", "the rating page") from error
    config = uvicorn.Config(
        make_app(board, token),
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        limit_concurrency=512,
        timeout_graceful_shutdown=5,
    )
    return uvicorn.Server(config)


def default_kept(folder: Path) -> Path:
    """Where the kept set goes unless said otherwise: ``data-kept`` beside ``data``."""
    place = folder.resolve()
    return place.with_name(f"{place.name}-kept")
