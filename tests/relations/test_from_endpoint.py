"""Triplets from an image endpoint: the conversation, and what a server can do wrong."""

from __future__ import annotations

import json

import numpy as np
import pytest
from pydantic import SecretStr

from tests.relations.image_server import chat_answer, playing, png
from vivant.errors import EndpointError, RefusedError
from vivant.images import decode_image
from vivant.models.language import ChatEndpoint
from vivant.relations.from_endpoint import EndpointSource
from vivant.relations.propose import request
from vivant.settings.plan import EndpointSettings

KEY = "sk-very-secret-0123456789"
ASKED = request("hugging", ("lion", "polar bear"), 0, 0)


def source(url: str, api="chat", waits=None, **values) -> EndpointSource:
    settings = EndpointSettings(base_url=url, model="painter", api_key=SecretStr(KEY), **{"retries": 2, **values})
    waited = waits if waits is not None else []
    return EndpointSource(ChatEndpoint(settings, rng=np.random.default_rng(0), sleep=waited.append), api, 256)


def test_one_conversation_that_speaks_of_the_same():
    with playing() as server:
        drawn = source(server.url).draw(ASKED)
        first, second, third = server.bodies()
    assert [path for path, _, _ in server.requests] == ["/v1/chat/completions"] * 3
    assert all(headers["Authorization"] == f"Bearer {KEY}" for _, headers, _ in server.requests)
    assert first["modalities"] == ["image", "text"] and first["model"] == "painter"
    assert "A lion is hugging a polar bear" in first["messages"][0]["content"]
    assert [message["role"] for message in third["messages"]] == ["user", "assistant"] * 2 + ["user"]
    for body, noun in ((second, "lion"), (third, "polar bear")):
        text, shown = body["messages"][-1]["content"]
        assert text["text"].startswith(f"The photo of the same {noun}")
        assert shown["image_url"]["url"].startswith("data:image/jpeg;base64,")
    assert np.array_equal(drawn.target, decode_image(png(0), name="")) and len(drawn.concepts) == 2
    assert KEY not in json.dumps(dict(drawn.made))


def test_the_images_interface_edits_the_first_picture():
    with playing() as server:
        source(server.url, "images").draw(ASKED)
    paths = [path for path, _, _ in server.requests]
    assert paths == ["/v1/images/generations", "/v1/images/edits", "/v1/images/edits"]
    assert json.loads(server.requests[0][2])["size"] == "256x256"
    assert png(0) in server.requests[1][2] and b"The photo of the same lion" in server.requests[1][2]


@pytest.mark.parametrize(
    ("faults", "waited"),
    [
        ([(429, {"Retry-After": "7"}, b"{}")], 7.0),
        ([(500, {}, b"oops"), (503, {}, b"")], 0.5),
        ([(200, {}, chat_answer(png(0)[:2000]))], 0.5),
        ([(200, {}, chat_answer(png(0))[:500])], 0.5),
        ([(200, {}, b'{"choices": [{"message": {"content": ""}}]}')], 0.5),
        ([(200, {}, chat_answer(png(0, side=16)))], 0.5),
    ],
    ids=["rate limit", "server errors", "half a picture", "half an answer", "nothing", "a thumbnail"],
)
def test_what_may_pass_is_tried_again(faults, waited):
    waits: list[float] = []
    with playing() as server:
        server.faults += faults
        drawn = source(server.url, waits=waits).draw(ASKED)
    assert len(server.requests) == 3 + len(faults) and len(waits) == len(faults)
    assert waits[0] >= waited and waits == sorted(waits)
    assert drawn.target.shape == (64, 64, 3)


def test_silence_is_a_time_out():
    with playing() as server:
        server.faults += [10.0, 10.0]
        with pytest.raises(EndpointError, match=r"within 0\.2 s"):
            source(server.url, timeout=0.2, retries=1).draw(ASKED)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ((200, {}, b'{"choices": [{"message": {"content": "I cannot draw that."}}]}'), "I cannot draw that"),
        ((200, {}, b'{"choices": [{"message": {"content": null, "refusal": "No."}}]}'), "No."),
        ((400, {}, b'{"error": {"code": "content_policy_violation", "message": "rejected"}}'), "rejected"),
    ],
    ids=["in words", "refusal", "policy"],
)
def test_a_refusal_is_told_at_once(fault, told):
    with playing() as server:
        server.faults.append(fault)
        with pytest.raises(RefusedError, match=told):
            source(server.url).draw(ASKED)
    assert len(server.requests) == 1


def test_a_wrong_key_is_no_refusal_and_never_repeated():
    with playing() as server:
        server.faults.append((401, {}, json.dumps({"error": {"message": f"bad key {KEY}"}}).encode()))
        with pytest.raises(EndpointError, match="does not accept the key") as error:
            source(server.url).draw(ASKED)
    assert not isinstance(error.value, RefusedError) and KEY not in str(error.value)


def test_an_address_instead_of_a_picture():
    with playing() as server:
        server.faults.append((200, {}, b'{"data": [{"url": "https://elsewhere.test/a.png"}]}'))
        with pytest.raises(EndpointError, match="address instead of a picture"):
            source(server.url, "images").draw(ASKED)
