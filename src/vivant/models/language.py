"""A language or vision model behind any OpenAI-compatible HTTP endpoint: text (and pictures) in, text out."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import urlsplit

import cv2
import numpy as np

from vivant.errors import EndpointError, RefusedError
from vivant.images import encode_png, fit_within
from vivant.settings.plan import EndpointSettings
from vivant.types import Image

if TYPE_CHECKING:
    import httpx

IMAGE_SIDE = 1024
"""Pictures are shrunk to this long side: what vision models look at, and a request of a few hundred kilobytes."""
MAX_REPLY_BYTES = 4_000_000
"""More than any chat reply; a server that sends more is not a chat endpoint."""
_RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_REASONS = {
    401: "it does not accept the key (VIVANT_LLM_API_KEY)",
    403: "the key is not allowed to do this",
    404: "nothing is there: check the base URL (it mostly ends in /v1) and the model's name",
    413: "the request is too large",
    429: "too many requests, or the quota is used up",
}

_FORBIDDEN = ("content_policy", "content policy", "moderation_blocked", "safety system")
"""How servers say that a request is against their rules."""
JSON = {"Content-Type": "application/json"}
Reply = TypeVar("Reply")
Message = Mapping[str, str]
"""``{"role": "system" | "user" | "assistant", "content": text}``."""


class TryAgain(Exception):
    """A failure that may pass: its reason, and how many seconds the server wants to be left alone."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class ChatEndpoint:
    """Chat completions over HTTP, with time-outs and retries. The key never shows in an error, a log or a repr.

    Args:
        settings: address, model, key and patience.
        rng: spreads the waits between retries.
        transport: stands in for the network in tests.
        sleep: stands in for the clock in tests.

    Raises:
        EndpointError: the key holds characters that no HTTP header may hold.
    """

    def __init__(
        self,
        settings: EndpointSettings,
        *,
        rng: np.random.Generator,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        import httpx

        self.settings = settings
        self._rng = rng
        self._sleep = sleep
        self._key = settings.api_key.get_secret_value().strip() if settings.api_key else ""
        if not (self._key.isascii() and self._key.isprintable()):
            raise EndpointError("the API key holds characters that no key has: copy it again")
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        self._client = httpx.Client(headers=headers, timeout=settings.timeout, transport=transport)

    def __repr__(self) -> str:
        return f"ChatEndpoint({self.name})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    @property
    def name(self) -> str:
        """The model and its host, for records and messages: "llava at localhost:11434"."""
        place = urlsplit(self.settings.base_url)
        return f"{self.settings.model} at {place.netloc.rpartition('@')[2]}"

    def complete(self, messages: Sequence[Message], *, images: Sequence[Image] = ()) -> str:
        """The model's answer to a conversation.

        Args:
            messages: role and text, oldest first, ending with the user's.
            images: HWC uint8 RGB or RGBA, shown with the last message.

        Returns:
            The reply's text, stripped, never empty.

        Raises:
            EndpointError: no usable answer after the retries; says why.
        """
        body = json.dumps(self._request(messages, images)).encode()
        return self.exchange(
            "/chat/completions", lambda data: _reply_text(data, self.name, self.safe), content=body, headers=JSON
        )

    def exchange(
        self, path: str, read: Callable[[bytes], Reply], *, most: int = MAX_REPLY_BYTES, **request: Any
    ) -> Reply:
        """Post a request and read its answer, with time-outs and retries.

        Args:
            path: behind the base URL.
            read: the body of a 2xx answer; raises `TryAgain` where another answer may be better.
            most: bytes of an answer.
            request: content, files, data and headers, as httpx takes them.

        Raises:
            RefusedError: the server's rules forbid it.
            EndpointError: no usable answer after the retries; says why.
        """
        for attempt in range(self.settings.retries + 1):
            try:
                return read(self._post(path, most, request))
            except TryAgain as error:
                if attempt == self.settings.retries:
                    raise EndpointError(f"{self.name}: {error} ({attempt + 1} attempts)") from error
                self._sleep(self._wait(attempt, error))
        raise AssertionError("the loop returns or raises")

    def _request(self, messages: Sequence[Message], images: Sequence[Image]) -> dict[str, Any]:
        sent: list[dict[str, Any]] = [dict(message) for message in messages]
        if images:
            parts: list[dict[str, Any]] = [{"type": "text", "text": sent[-1]["content"]}]
            parts += [{"type": "image_url", "image_url": {"url": data_url(image)}} for image in images]
            sent[-1]["content"] = parts
        limits = {"temperature": self.settings.temperature, "max_tokens": self.settings.max_tokens}
        given = {name: value for name, value in limits.items() if value is not None}
        return {"model": self.settings.model, "messages": sent, **given}

    def _post(self, path: str, most: int, request: Mapping[str, Any]) -> bytes:
        """One request; the body of a 2xx answer."""
        import httpx

        url = self.settings.base_url.rstrip("/") + path
        start = time.monotonic()
        data = bytearray()
        try:
            with self._client.stream("POST", url, **request) as response:
                for chunk in response.iter_bytes():
                    data += chunk
                    if len(data) > most:
                        raise EndpointError(f"{self.name}: an answer of more than {most:,} bytes")
                    if time.monotonic() - start > self.settings.timeout:
                        raise TryAgain(f"no whole answer within {self.settings.timeout:g} s")
                self._refuse_status(response, bytes(data))
        except httpx.TimeoutException as error:
            raise TryAgain(f"no answer within {self.settings.timeout:g} s") from error
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError) as error:
            raise EndpointError(f"{self.name}: not an address that can be called ({type(error).__name__})") from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise TryAgain(f"the connection failed ({self.safe(str(error)) or type(error).__name__})") from error
        return bytes(data)

    def _refuse_status(self, response: httpx.Response, data: bytes) -> None:
        status = response.status_code
        if response.is_success:
            return
        reason = _REASONS.get(status, "")
        said = _server_message(self.safe(data.decode("utf-8", "replace")))
        text = f"answered {status}" + (f", {reason}" if reason else "") + (f": {said}" if said else "")
        if any(word in said.lower() or word in data[:2000].decode("utf-8", "replace") for word in _FORBIDDEN):
            raise RefusedError(f"{self.name}: {text}")
        if status not in _RETRIED:
            raise EndpointError(f"{self.name}: {text}")
        wait = _retry_after(response.headers.get("Retry-After"))
        if wait is not None and wait > self.settings.max_wait:
            raise EndpointError(f"{self.name}: {text}; it asks to wait {wait:.0f} s, more than max_wait")
        raise TryAgain(text, wait)

    def _wait(self, attempt: int, error: TryAgain) -> float:
        """Exponential backoff with full-range jitter, at least what the server asks for."""
        backoff = self.settings.backoff * 2.0**attempt * self._rng.uniform(0.5, 1.5)
        return min(max(backoff, error.wait or 0.0), self.settings.max_wait)

    def safe(self, text: str) -> str:
        """Some servers repeat the key in their error."""
        return text.replace(self._key, "***") if self._key else text


def data_url(image: Image) -> str:
    """A picture as a data URL, at most `IMAGE_SIDE` pixels a side: JPEG, or PNG where it has transparency."""
    small = fit_within(image, IMAGE_SIDE)
    if small.shape[2] == 4:
        kind, data = "png", encode_png(small)
    else:
        done, buffer = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 90])
        if not done:
            raise EndpointError("a picture could not be encoded for the model")
        kind, data = "jpeg", buffer.tobytes()
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"


def _reply_text(data: bytes, name: str, safe: Callable[[str], str]) -> str:
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError) as error:
        start = _one_line(safe(data.decode("utf-8", "replace")))
        raise EndpointError(f"{name}: the answer is no JSON, is the base URL right? It begins {start!r}") from error
    try:
        message = answer["choices"][0]["message"]
        content = message.get("content")
        refusal = message.get("refusal")
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        said = _one_line(safe(json.dumps(answer, ensure_ascii=False)))
        raise EndpointError(f"{name}: the answer holds no message: {said}") from error
    if isinstance(content, list):  # some servers send parts
        content = "".join(part["text"] for part in content if isinstance(part, dict) and _is_text(part.get("text")))
    if _is_text(content) and content.strip():
        return str(content).strip()
    if _is_text(refusal) and refusal:
        raise RefusedError(f"{name}: the model refuses: {_one_line(safe(refusal))}")
    raise TryAgain("the model answered nothing")


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _server_message(text: str) -> str:
    """What a server says of its error: OpenAI's ``error.message`` where there is one, else the text's beginning."""
    with suppress(ValueError, RecursionError):
        answer = json.loads(text)
        error = answer.get("error", answer) if isinstance(answer, dict) else answer
        message = error.get("message") if isinstance(error, dict) else error
        if isinstance(message, str):
            text = message
    return _one_line(text)


def _one_line(text: str, limit: int = 160) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[:limit] + "…"


def _retry_after(value: str | None) -> float | None:
    """Seconds from a Retry-After header: a number, or a date."""
    if not value:
        return None
    with suppress(ValueError):
        seconds = float(value)
        return max(0.0, seconds) if np.isfinite(seconds) else None
    with suppress(ValueError, TypeError):
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    return None
