"""What stands between the network and the page: who may ask, how much, and what a browser may do with the answer.

Without a token the page answers to this machine's own names only, so that no other site's name can be pointed at it.
With one, the first request carries it in the link and gets a cookie; every other request needs the cookie.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_BODY = 16_384
"""Bytes of a request. A vote has about 300."""
LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
COOKIE_SECONDS = 30 * 24 * 3600
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Only what this server sends, nothing inline, and in no other page's frame."""
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
NO_TOKEN = "This page needs its whole link, with the token in it. Ask whoever started it."


class Guard:
    """An ASGI application around another one.

    Args:
        app: what is guarded.
        token: what the first request must carry; None where only this machine is served.
    """

    def __init__(self, app: App, token: str | None) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, _with_headers(send))
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return await _answer(send, 405, "Only GET, HEAD and POST are answered.")
        if self._token is None and _host_name(headers.get(b"host", "")) not in LOCAL_NAMES:
            return await _answer(send, 421, "This page answers to 127.0.0.1 and localhost only.")
        if self._token is not None and not self._knows(headers.get(b"cookie", "")):
            return await self._first(scope, send)
        if scope["method"] != "POST":
            return await self._app(scope, receive, send)
        if (reason := _foreign(headers)) is not None:
            return await _answer(send, *reason)
        body = await _body(headers, receive)
        if body is None:
            return await _answer(send, 413, f"More than {MAX_BODY} bytes are not taken.")
        return await self._app(scope, _replay(body, receive), send)

    async def _first(self, scope: Scope, send: Send) -> None:
        """A request without the cookie: the link with the token gets it, and leads to the page without the token."""
        given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[0]
        assert self._token is not None
        right = hmac.compare_digest(_digest(given), _digest(self._token))
        if not right or scope["path"] != "/" or scope["method"] != "GET":
            return await _answer(send, 401, NO_TOKEN)
        cookie = (
            f"{_cookie_name(self._token)}={_cookie(self._token)}; Path=/; Max-Age={COOKIE_SECONDS}; "
            "HttpOnly; SameSite=Lax"
        )
        return await _answer(send, 303, "", ((b"location", b"/"), (b"set-cookie", cookie.encode())))

    def _knows(self, header: str) -> bool:
        assert self._token is not None
        try:
            cookies = SimpleCookie(header)
        except CookieError:
            return False
        found = cookies.get(_cookie_name(self._token))
        return found is not None and hmac.compare_digest(_digest(found.value), _digest(_cookie(self._token)))


def _digest(text: str) -> bytes:
    """Equally long whatever the text: comparing two of them takes the same time for any guess."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


def _cookie(token: str) -> str:
    """Not the token itself: whoever reads the cookie cannot make a link of it."""
    return hmac.new(token.encode(), b"vivant rank", hashlib.sha256).hexdigest()


def _cookie_name(token: str) -> str:
    """Browsers share cookies among the ports of a host: two pages there must not take each other's."""
    return "vivant_rank_" + hmac.new(token.encode(), b"name", hashlib.sha256).hexdigest()[:8]


def _host_name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _foreign(headers: MutableMapping[bytes, str]) -> tuple[int, str] | None:
    """Why a POST is not from our own page; another site's page can only send forms, and cannot hide its origin."""
    if headers.get(b"content-type", "").split(";")[0].strip().lower() != "application/json":
        return 415, "Only JSON is taken."
    origin = headers.get(b"origin")
    if origin is not None and urlsplit(origin).netloc.lower() != headers.get(b"host", "").lower():
        return 403, "This request comes from another site."
    return None


async def _body(headers: MutableMapping[bytes, str], receive: Receive) -> bytes | None:
    """All of the body, or None as soon as it is too long."""
    length = headers.get(b"content-length", "0")
    if not length.isdigit() or int(length) > MAX_BODY:
        return None
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > MAX_BODY:
            return None
        if message["type"] != "http.request" or not message.get("more_body", False):
            return body


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting = [body]

    async def replay() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replay


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *HEADERS]}
        await send(message)

    return sending


async def _answer(send: Send, status: int, text: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
    body = text.encode()
    plain = (
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    )
    await send({"type": "http.response.start", "status": status, "headers": [*plain, *headers]})
    await send({"type": "http.response.body", "body": body})
