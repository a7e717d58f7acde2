"""What reaches the page, and what a browser may do with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from vivant.ranking.guard import MAX_BODY, Guard

TOKEN = "a-token-that-is-long-enough"


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the body that it got."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def ask(method: str, path: str, token: str | None = None, host: str = "127.0.0.1:8765", **more: Any) -> httpx.Response:
    async def asking() -> httpx.Response:
        transport = httpx.ASGITransport(app=Guard(echo, token))
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
            return await client.request(method, path, **more)

    return asyncio.run(asking())


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost", "[::1]:8765", "LOCALHOST:1"])
def test_this_machine_is_served_without_a_token(host: str) -> None:
    answer = ask("GET", "/", host=host)
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "192.168.0.7:8765"])
def test_another_name_for_this_machine_is_not(host: str) -> None:
    assert ask("GET", "/", host=host).status_code == 421


def test_a_link_gives_a_cookie_and_the_cookie_opens() -> None:
    first = ask("GET", f"/?token={TOKEN}", TOKEN, host="192.168.0.7")
    assert first.status_code == 303 and first.headers["location"] == "/"
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and TOKEN not in cookie
    pair = cookie.split(";")[0]
    assert ask("GET", "/api/about", TOKEN, headers={"cookie": pair}).status_code == 200
    assert ask("GET", "/api/about", TOKEN + "x", headers={"cookie": pair}).status_code == 401


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/", {}),
        ("/?token=", {}),
        (f"/?token={TOKEN[:-1]}", {}),
        (f"/?token={TOKEN}x", {}),
        ("/?token=%ff%fe%00", {}),
        ("/?token=wrong&token=" + TOKEN, {}),
        (f"/api/about?token={TOKEN}", {}),
        ("/api/about", {"cookie": f"vivant_rank={TOKEN}"}),
        ("/api/about", {"cookie": 'a="\\x; =;;'}),
        ("/api/about", {"authorization": f"Bearer {TOKEN}"}),
    ],
)
def test_anything_but_the_token_is_refused(path: str, headers: dict[str, str]) -> None:
    assert ask("GET", path, TOKEN, headers=headers).status_code == 401


def test_a_cookie_with_a_wrong_value_is_refused() -> None:
    name = ask("GET", f"/?token={TOKEN}", TOKEN).headers["set-cookie"].split("=")[0]
    for value in ("", "0" * 64, TOKEN):
        assert ask("GET", "/", TOKEN, headers={"cookie": f"{name}={value}"}).status_code == 401


@pytest.mark.parametrize(("size", "status"), [(MAX_BODY, 200), (MAX_BODY + 1, 413), (50_000_000, 413)])
def test_a_body_has_a_limit(size: int, status: int) -> None:
    answer = ask("POST", "/", content=b"x" * size, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert status != 200 or len(answer.content) == size


@pytest.mark.parametrize(("chunks", "status"), [(10, 200), (1000, 413)])
def test_a_body_without_a_length_has_the_same(chunks: int, status: int) -> None:
    sent = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(chunks):
            sent += 1
            yield b"x" * 1000

    answer = ask("POST", "/", content=body(), headers={"content-type": "application/json"})
    assert answer.status_code == status and sent <= 18


@pytest.mark.parametrize("length", ["-1", "many", "1e3", "99999999999999999999"])
def test_a_length_that_is_none_is_refused(length: str) -> None:
    headers = {"content-type": "application/json", "content-length": length}
    assert ask("POST", "/", content=b"{}", headers=headers).status_code == 413


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "application/json"}, 200),
        ({"content-type": "application/json; charset=utf-8", "origin": "http://127.0.0.1:8765"}, 200),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({}, 415),
        ({"content-type": "application/json", "origin": "http://evil.example"}, 403),
        ({"content-type": "application/json", "origin": "null"}, 403),
    ],
)
def test_a_vote_comes_from_the_page_itself(headers: dict[str, str], status: int) -> None:
    assert ask("POST", "/", content=b"{}", headers=headers).status_code == status


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_other_methods_are_refused(method: str) -> None:
    assert ask(method, "/").status_code == 405


def test_a_web_socket_is_closed() -> None:
    sent: list[Any] = []

    async def closing() -> None:
        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            raise AssertionError("nothing is read from it")

        await Guard(echo, None)({"type": "websocket"}, receive, send)

    asyncio.run(closing())
    assert sent == [{"type": "websocket.close", "code": 1008}]
