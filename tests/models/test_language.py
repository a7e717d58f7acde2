"""The endpoint client against a fake network: what it sends, what it survives, what it never tells."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import httpx
import numpy as np
import pytest
from pydantic import SecretStr

from vivant.errors import EndpointError, SettingsError
from vivant.images import decode_image
from vivant.models.language import IMAGE_SIDE, ChatEndpoint, data_url
from vivant.settings.plan import EndpointSettings, endpoint_from_environment

KEY = "sk-very-secret-0123456789"
ASK = [{"role": "user", "content": "hello"}]

Handler = Callable[[httpx.Request], httpx.Response]


def answer(content: Any = "fine", **message: Any) -> httpx.Response:
    return httpx.Response(200, json={"choices": [{"message": {"role": "assistant", "content": content, **message}}]})


def endpoint(handler: Handler, waits: list[float] | None = None, **values: Any) -> ChatEndpoint:
    settings = EndpointSettings(
        **{"base_url": "https://example.test/v1", "model": "tiny", "api_key": SecretStr(KEY), "retries": 2, **values}
    )
    waited = waits if waits is not None else []
    return ChatEndpoint(
        settings,
        rng=np.random.default_rng(0),
        transport=httpx.MockTransport(handler),
        sleep=waited.append,
    )


def in_turn(*responses: httpx.Response | Exception) -> Handler:
    queue = list(responses)

    def handle(_: httpx.Request) -> httpx.Response:
        response = queue.pop(0) if len(queue) > 1 else queue[0]
        if isinstance(response, Exception):
            raise response
        return response

    return handle


def test_sends_what_the_api_wants():
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer("  fine \n")

    with endpoint(handle, temperature=0.2, max_tokens=50) as chat:
        assert chat.complete(ASK) == "fine"
    request = seen[0]
    assert str(request.url) == "https://example.test/v1/chat/completions"
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert json.loads(request.content) == {
        "model": "tiny",
        "messages": ASK,
        "temperature": 0.2,
        "max_tokens": 50,
    }


def test_no_key_no_header_and_none_is_left_out():
    def handle(request: httpx.Request) -> httpx.Response:
        assert "Authorization" not in request.headers
        assert set(json.loads(request.content)) == {"model", "messages"}
        return answer()

    assert endpoint(handle, api_key=None, temperature=None, max_tokens=None).complete(ASK) == "fine"


@pytest.mark.parametrize(("channels", "kind"), [(3, "jpeg"), (4, "png")])
def test_images_go_as_data_urls(channels, kind):
    image = np.full((40, 30, channels), 128, np.uint8)

    def handle(request: httpx.Request) -> httpx.Response:
        system, user = json.loads(request.content)["messages"]
        assert system == {"role": "system", "content": "look"}
        text, picture = user["content"]
        assert text == {"type": "text", "text": "what is this?"}
        head, _, data = picture["image_url"]["url"].partition(",")
        assert head == f"data:image/{kind};base64"
        assert decode_image(base64.b64decode(data), name="sent").shape == image.shape
        return answer("grey")

    messages = [{"role": "system", "content": "look"}, {"role": "user", "content": "what is this?"}]
    assert endpoint(handle).complete(messages, images=[image]) == "grey"
    assert messages[1]["content"] == "what is this?"


def test_large_images_are_shrunk():
    data = base64.b64decode(data_url(np.zeros((100, 3000, 3), np.uint8)).partition(",")[2])
    assert max(decode_image(data, name="sent").shape) == IMAGE_SIDE


@pytest.mark.parametrize(
    "failure",
    [
        httpx.Response(429, json={"error": {"message": "slow down"}}),
        httpx.Response(500, text="<html>oops</html>"),
        httpx.Response(503),
        httpx.ReadTimeout("slow"),
        httpx.ConnectTimeout("slow"),
        httpx.ConnectError("refused"),
        httpx.RemoteProtocolError("gone"),
        answer(""),
        answer(None),
    ],
    ids=str,
)
def test_what_may_pass_is_tried_again(failure):
    waits: list[float] = []
    assert endpoint(in_turn(failure, answer()), waits).complete(ASK) == "fine"
    assert len(waits) == 1
    with pytest.raises(EndpointError, match="3 attempts"):
        endpoint(in_turn(failure), waits).complete(ASK)


def test_waits_double_and_spread_and_repeat_with_the_seed():
    def waits() -> list[float]:
        waited: list[float] = []
        with pytest.raises(EndpointError):
            endpoint(in_turn(httpx.Response(500)), waited, retries=6, backoff=1.0, max_wait=20.0).complete(ASK)
        return waited

    first = waits()
    assert len(first) == 6 and first == waits()
    for attempt, wait in enumerate(first):
        assert 0.5 * 2**attempt <= wait <= 1.5 * 2**attempt or wait == 20.0
    assert max(first) == 20.0


def test_retry_after_is_honoured():
    waits: list[float] = []
    busy = httpx.Response(429, headers={"Retry-After": "17"})
    assert endpoint(in_turn(busy, answer()), waits).complete(ASK) == "fine"
    assert waits == [17.0]
    dated = httpx.Response(503, headers={"Retry-After": formatdate(usegmt=True)})
    assert endpoint(in_turn(dated, answer()), waits).complete(ASK) == "fine"
    for odd in ("soon", "nan", "-5", ""):
        assert endpoint(in_turn(httpx.Response(429, headers={"Retry-After": odd}), answer())).complete(ASK) == "fine"
    with pytest.raises(EndpointError, match="asks to wait 7200 s"):
        endpoint(in_turn(httpx.Response(429, headers={"Retry-After": "7200"}))).complete(ASK)


@pytest.mark.parametrize(
    ("response", "told"),
    [
        (httpx.Response(401, json={"error": {"message": f"bad key {KEY}"}}), "does not accept the key"),
        (httpx.Response(403), "not allowed"),
        (httpx.Response(404, text="no such model"), "base URL"),
        (httpx.Response(400, json={"error": "temperature unsupported"}), "temperature unsupported"),
        (httpx.Response(302, headers={"Location": "https://elsewhere.test"}), "302"),
        (httpx.Response(200, text="<!doctype html><title>Welcome</title>"), "no JSON"),
        (httpx.Response(200, text=""), "no JSON"),
        (httpx.Response(200, content=b"\xff\x00\xfe"), "no JSON"),
        (httpx.Response(200, text="[" * 100_000), "no JSON"),
        (httpx.Response(200, json={"choices": []}), "no message"),
        (httpx.Response(200, json=[1, 2]), "no message"),
        (httpx.Response(200, text="null"), "no message"),
        (httpx.Response(200, json={"choices": [{"message": None}]}), "no message"),
        (httpx.Response(200, json={"error": f"leaked {KEY}"}), "no message"),
        (answer(None, refusal="I cannot help with that."), "refuses"),
        (httpx.Response(200, content=b"x" * 5_000_000), "more than"),
    ],
)
def test_what_stays_wrong_is_told_at_once(response, told):
    waits: list[float] = []
    with pytest.raises(EndpointError) as error:
        endpoint(in_turn(response), waits).complete(ASK)
    assert told in str(error.value) and "tiny at example.test" in str(error.value)
    assert KEY not in str(error.value)
    assert len(str(error.value)) < 400
    assert waits == []


def test_content_in_parts_is_joined():
    parts = [{"type": "text", "text": "one "}, {"type": "other"}, {"type": "text", "text": "two"}]
    assert endpoint(in_turn(answer(parts))).complete(ASK) == "one two"


def test_the_key_never_shows(caplog):
    caplog.set_level("DEBUG")
    chat = endpoint(in_turn(httpx.ConnectError(f"cannot use {KEY}")))
    with pytest.raises(EndpointError) as error:
        chat.complete(ASK)
    for text in (str(error.value), repr(chat), repr(chat.settings), chat.settings.model_dump_json(), caplog.text):
        assert KEY not in text
    hidden = endpoint(in_turn(answer()), base_url="https://user:password@example.test/v1")
    assert "password" not in hidden.name


@pytest.mark.parametrize("key", ["sk-new\nline", "schlüssel", "sk-\x00"])
def test_a_key_that_no_header_can_hold_is_refused(key):
    with pytest.raises(EndpointError, match="copy it again") as error:
        endpoint(in_turn(answer()), api_key=SecretStr(key))
    assert key not in str(error.value)


def test_endpoint_from_environment():
    assert endpoint_from_environment({}) is None
    assert endpoint_from_environment({"OPENAI_API_KEY": "k"}) is None
    openai = endpoint_from_environment({"VIVANT_LLM_MODEL": "m", "OPENAI_API_KEY": "k"})
    assert openai is not None and openai.base_url == "https://api.openai.com/v1"
    assert openai.api_key is not None and openai.api_key.get_secret_value() == "k"
    local = endpoint_from_environment(
        {"VIVANT_LLM_MODEL": "m", "VIVANT_LLM_BASE_URL": "http://localhost:1/v1/", "OPENAI_API_KEY": "k"}
    )
    assert local is not None and local.base_url == "http://localhost:1/v1"
    assert local.api_key is None  # another server never gets OpenAI's key
    flags = endpoint_from_environment(
        {"VIVANT_LLM_MODEL": "m", "VIVANT_LLM_API_KEY": "k"}, model="n", base_url="http://h/v1", api_key="l"
    )
    assert flags is not None and (flags.model, flags.base_url) == ("n", "http://h/v1")
    assert flags.api_key is not None and flags.api_key.get_secret_value() == "l"
    with pytest.raises(SettingsError, match="VIVANT_LLM_MODEL"):
        endpoint_from_environment({"VIVANT_LLM_BASE_URL": "http://h/v1"})
    with pytest.raises(SettingsError, match="base_url"):
        endpoint_from_environment({"VIVANT_LLM_MODEL": "m"}, base_url="localhost:8000")


def test_the_usual_names_of_other_tools_count_too():
    usual = {"OPENAI_BASE_URL": "http://localhost:1/v1/", "OPENAI_API_KEY": "k"}
    assert endpoint_from_environment(usual) is None, "an address for other tools asks for nothing"
    found = endpoint_from_environment({**usual, "VIVANT_LLM_MODEL": "m"})
    assert found is not None and found.base_url == "http://localhost:1/v1"
    assert found.api_key is not None and found.api_key.get_secret_value() == "k"
    elsewhere = endpoint_from_environment(
        {**usual, "VIVANT_LLM_MODEL": "m", "VIVANT_LLM_BASE_URL": "https://api.openai.com/v1"}
    )
    assert elsewhere is not None and elsewhere.api_key is None
