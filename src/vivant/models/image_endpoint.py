"""Pictures from an OpenAI-compatible HTTP endpoint, several in one conversation."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any, Literal

from vivant.errors import EndpointError, ImageError, RefusedError
from vivant.images import decode_image, encode_png, on_white
from vivant.models.language import JSON, ChatEndpoint, TryAgain, data_url
from vivant.types import Image

Api = Literal["chat", "images"]
MAX_PICTURE_BYTES = 60_000_000
"""Of an answer: a picture of 2048 pixels a side as PNG in base64 has about 16 million."""
LEAST_SIDE = 64
_DATA = re.compile(r"data:image/[\w.+-]+;base64,([A-Za-z0-9+/=\s]+)")


class Conversation:
    """Pictures drawn one after another; each request after the first sees the first picture and speaks of "the same".

    Args:
        endpoint: where the model is.
        api: "chat" asks /chat/completions for an answer with a picture in it; "images" asks /images/generations for
            the first and /images/edits for the others.
        size: pixels of a side that are asked for, where the interface has words for it.
    """

    def __init__(self, endpoint: ChatEndpoint, api: Api = "chat", size: int = 1024) -> None:
        self._endpoint, self._api, self._size = endpoint, api, size
        self._messages: list[dict[str, Any]] = []
        self._first: Image | None = None

    def draw(self, text: str) -> Image:
        """The next picture, HWC uint8 RGB.

        Raises:
            RefusedError: the model answers in words, or its server forbids the picture.
            EndpointError: no whole picture after the retries; says why.
        """
        picture = self._chat(text) if self._api == "chat" else self._images(text)
        self._first = picture if self._first is None else self._first
        return picture

    def _chat(self, text: str) -> Image:
        content: Any = text
        if self._first is not None:
            shown = {"type": "image_url", "image_url": {"url": data_url(self._first)}}
            content = [{"type": "text", "text": text}, shown]
        asked = [*self._messages, {"role": "user", "content": content}]
        body = {"model": self._endpoint.settings.model, "messages": asked, "modalities": ["image", "text"]}
        picture = self._exchange("/chat/completions", content=json.dumps(body).encode(), headers=JSON)
        self._messages = [*asked, {"role": "assistant", "content": "Here is the picture."}]
        return picture

    def _images(self, text: str) -> Image:
        fields = {"model": self._endpoint.settings.model, "prompt": text, "size": f"{self._size}x{self._size}"}
        if self._first is None:
            return self._exchange("/images/generations", content=json.dumps(fields).encode(), headers=JSON)
        file = ("first.png", encode_png(self._first), "image/png")
        return self._exchange("/images/edits", data=fields, files={"image": file})

    def _exchange(self, path: str, **request: Any) -> Image:
        return self._endpoint.exchange(path, self._read, most=MAX_PICTURE_BYTES, **request)

    def _read(self, data: bytes) -> Image:
        try:
            answer = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise TryAgain("the answer is no whole JSON") from error
        for encoded in _encoded(answer):
            try:
                raw = base64.b64decode("".join(encoded.split()), validate=True)
                return on_white(decode_image(raw, name="the picture", min_side=LEAST_SIDE))
            except (binascii.Error, ValueError, ImageError) as error:
                raise TryAgain(f"half a picture ({error})") from error
        said = " ".join(self._endpoint.safe(" ".join(_texts(answer))).split())[:160]
        if not said:
            raise TryAgain("the answer holds no picture")
        if said.startswith(("http://", "https://")):
            raise EndpointError(f"{self._endpoint.name}: gives an address instead of a picture: choose another model")
        raise RefusedError(f"{self._endpoint.name}: answers in words instead of a picture: {said}")


def _encoded(answer: Any) -> Iterator[str]:
    """Base64 of the pictures in an answer, wherever servers put them."""
    if isinstance(answer, dict):
        for value in (answer.get("b64_json"), answer.get("b64")):
            if isinstance(value, str) and value:
                yield value
        for value in answer.values():
            yield from _encoded(value)
    elif isinstance(answer, list):
        for value in answer:
            yield from _encoded(value)
    elif isinstance(answer, str):
        yield from _DATA.findall(answer)


def _texts(answer: Any) -> Iterator[str]:
    """What an answer says: the message's words, its refusal, or addresses of pictures."""
    choices = answer.get("choices", answer.get("data")) if isinstance(answer, dict) else None
    for choice in choices if isinstance(choices, list) else []:
        message = choice.get("message", choice) if isinstance(choice, dict) else {}
        for name in ("refusal", "content", "url") if isinstance(message, dict) else ():
            value = message.get(name)
            for part in value if isinstance(value, list) else [value]:
                words = part.get("text") if isinstance(part, dict) else part
                if isinstance(words, str) and words.strip():
                    yield words.strip()
