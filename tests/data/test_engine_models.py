"""The engine with models behind its roles: a language and vision model over HTTP, SDXL in its layout."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np
import pytest
from pydantic import SecretStr

from tests.data.tiny_sdxl import save_tiny_sdxl
from vivant.data.engine import compose_set
from vivant.data.reader import read_data_set
from vivant.errors import MissingExtraError
from vivant.images import write_png
from vivant.settings.compose import ComposeSettings
from vivant.settings.plan import EndpointSettings
from vivant.settings.sdxl import SdxlSettings

KEY = "sk-very-secret"
PROSE = "A red ball and a blue block lie close together on the ground, seen in soft light."


def quiet(line: str) -> None:
    """Notes are not under test here."""


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """A ball and a block with their alpha: nothing to segment."""
    folder = tmp_path_factory.mktemp("given") / "photos"
    ball, block = np.zeros((96, 96, 4), np.uint8), np.zeros((96, 96, 4), np.uint8)
    cv2.circle(ball, (48, 48), 40, (200, 40, 30, 255), -1)
    cv2.circle(ball, (36, 34), 10, (240, 150, 140, 255), -1)
    cv2.rectangle(block, (10, 12), (84, 90), (40, 70, 190, 255), -1)
    cv2.rectangle(block, (24, 26), (70, 76), (90, 130, 220, 255), -1)
    write_png(folder / "ball" / "a.png", ball)
    write_png(folder / "toy_block" / "a.png", block)
    return folder


@contextmanager
def server(answer) -> Iterator[tuple[str, list[str]]]:
    """An endpoint on this machine; `answer` turns a request's text into a reply or a status."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.headers["Authorization"] == f"Bearer {KEY}"
            text = json.dumps(body["messages"])
            asked.append(text)
            reply = answer(text)
            status = reply if isinstance(reply, int) else 200
            data = json.dumps({"choices": [{"message": {"content": reply}}]}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args):
            """Quiet."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_port}/v1", asked
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()


def settings(url: str, **options) -> ComposeSettings:
    endpoint = EndpointSettings(base_url=url, model="m", api_key=SecretStr(KEY), backoff=0.0, retries=1)
    return ComposeSettings(
        count=2, width=192, height=192, planner="language-model", captioner="endpoint", endpoint=endpoint, **options
    )


def sensible(text: str) -> str:
    if "image_url" in text:
        return PROSE
    if "combinations" in text:
        groups = [{"subjects": ["ball", "toy_block"], "backgrounds": ["in the garden", "on the beach", "in the park"]}]
        return "Sure!\n```json\n" + json.dumps({"combinations": groups}) + "\n```"
    return "import os; os.system('true')"


def test_a_vision_model_writes_and_rubbish_layouts_are_replaced(photos, tmp_path):
    with server(sensible) as (url, asked):
        report = compose_set(photos, tmp_path / "data", settings(url), workers=1, say=quiet)
        assert report.accepted == 2
        first = len(asked)
        compose_set(photos, tmp_path / "data", settings(url), workers=1, say=quiet)
        assert len(asked) == first, "a finished run asks nothing"
    for scene in read_data_set(tmp_path / "data").scenes:
        assert scene.text_detailed == PROSE
        assert scene.made["layout"] == "rules" and "language model" in str(scene.made["note"])
    for path in (tmp_path / "data").rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes()


@pytest.mark.parametrize("reply", [500, 429, 403, "", "{", "I cannot help with that.", '{"combinations": []}'])
def test_a_useless_model_costs_nothing_but_a_note(photos, tmp_path, reply):
    with server(lambda text: reply) as (url, _):
        said: list[str] = []
        report = compose_set(photos, tmp_path / "data", settings(url), workers=1, say=said.append)
    assert report.accepted == 2
    assert any("by the rules" in line for line in said)
    for scene in read_data_set(tmp_path / "data").scenes:
        assert "rules" in str(scene.made["note"])


def test_no_endpoint_means_the_rules(photos, tmp_path):
    said: list[str] = []
    asking = ComposeSettings(count=1, width=192, height=192, planner="language-model", captioner="endpoint")
    compose_set(photos, tmp_path / "data", asking, workers=1, say=said.append)
    (scene,) = read_data_set(tmp_path / "data").scenes
    assert scene.made["planner"] == "rules" and scene.made["captioner"] == "rules"
    assert sum("VIVANT_LLM_MODEL" in line for line in said) == 2


def test_sdxl_paints_the_scenes(photos, tmp_path):
    base, refiner = save_tiny_sdxl(tmp_path / "models")
    sdxl = SdxlSettings(model=str(base), refiner=str(refiner), steps=4, device="cpu", paste_back=True)
    painted = ComposeSettings(
        count=3,
        width=192,
        height=160,
        repainter="sdxl",
        sdxl=sdxl,
        check={"seam": 0.0, "detail": 0.0, "structure": 0.0, "colour": 0.0, "exposure": 0.0},
    )
    report = compose_set(photos, tmp_path / "data", painted, workers=2, say=quiet)
    assert report.accepted == 3
    again = compose_set(photos, tmp_path / "again", painted, workers=1, say=quiet)
    assert report.scenes == again.scenes
    for scene in read_data_set(tmp_path / "data").scenes:
        one, two = (tmp_path / name / scene.file_name for name in ("data", "again"))
        assert one.read_bytes() == two.read_bytes()


def test_a_missing_library_is_said_at_once(photos, tmp_path, monkeypatch):
    monkeypatch.setattr("vivant.data.engine.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"repainter sdxl needs torch: pip install 'vivant\[models\]'"):
        compose_set(photos, tmp_path / "data", ComposeSettings(repainter="sdxl"), say=quiet)
    assert not (tmp_path / "data").exists()
