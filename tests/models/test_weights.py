"""Weights are found by path, cache or download; a broken download never passes for a whole one."""

from __future__ import annotations

import hashlib
from pathlib import Path

import httpx
import pytest

from vivant.errors import ModelError
from vivant.models import weights
from vivant.models.weights import BIREFNET, ISNET, WeightFile, find_weights

BODY = bytes(range(256)) * 40
SPEC = WeightFile("tiny.onnx", "https://example.org/tiny.onnx", hashlib.md5(BODY).hexdigest(), 1, ("small.onnx",))


@pytest.fixture(autouse=True)
def no_shared_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(weights, "shared_folders", lambda: (tmp_path / "elsewhere",))


def serve(body: bytes, seen: list[httpx.Request], status: int = 200) -> httpx.Client:
    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        start = request.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-")
        if status != 200:
            return httpx.Response(status)
        if int(start) >= len(body):
            return httpx.Response(416)
        return httpx.Response(206 if int(start) else 200, content=body[int(start) :])

    return httpx.Client(transport=httpx.MockTransport(answer))


def test_explicit_file_and_folder(tmp_path: Path) -> None:
    file = tmp_path / "small.onnx"
    file.write_bytes(b"x")
    assert find_weights(SPEC, file) == file
    assert find_weights(SPEC, tmp_path) == file
    with pytest.raises(ModelError, match=r"gone\.onnx.*tiny\.onnx"):
        find_weights(SPEC, tmp_path / "gone.onnx")


def test_cache_and_shared_folder_come_before_the_network(tmp_path: Path) -> None:
    seen: list[httpx.Request] = []
    shared = tmp_path / "elsewhere" / "tiny.onnx"
    shared.parent.mkdir()
    shared.write_bytes(b"x")
    assert find_weights(SPEC, cache_dir=tmp_path / "cache", client=serve(BODY, seen)) == shared
    assert not seen


def test_download_is_whole_and_then_cached(tmp_path: Path) -> None:
    seen: list[httpx.Request] = []
    client = serve(BODY, seen)
    path = find_weights(SPEC, cache_dir=tmp_path, client=client)
    assert path.read_bytes() == BODY
    assert find_weights(SPEC, cache_dir=tmp_path, client=client) == path
    assert len(seen) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["tiny.onnx"]


@pytest.mark.parametrize("have", [1, 5000, len(BODY)])
def test_download_goes_on_where_it_stopped(tmp_path: Path, have: int) -> None:
    seen: list[httpx.Request] = []
    (tmp_path / "tiny.onnx.part").write_bytes(BODY[:have])
    assert find_weights(SPEC, cache_dir=tmp_path, client=serve(BODY, seen)).read_bytes() == BODY
    assert seen[0].headers["Range"] == f"bytes={have}-"


def test_wrong_content_is_refused_and_removed(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not the published file"):
        find_weights(SPEC, cache_dir=tmp_path, client=serve(b"an error page", []))
    assert list(tmp_path.iterdir()) == []


def test_offline_says_what_to_do(tmp_path: Path) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)

    client = httpx.Client(transport=httpx.MockTransport(fail))
    with pytest.raises(ModelError, match=r"tiny\.onnx.*no route.*fetch https://example.org/tiny\.onnx"):
        find_weights(SPEC, cache_dir=tmp_path, client=client)
    with pytest.raises(ModelError, match="404"):
        find_weights(SPEC, cache_dir=tmp_path, client=serve(BODY, [], status=404))
    with pytest.raises(ModelError, match="downloads are off"):
        find_weights(SPEC, cache_dir=tmp_path, download=False)


def test_unwritable_cache(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ModelError, match="cannot be written"):
        find_weights(SPEC, cache_dir=tmp_path / "file" / "cache", client=serve(BODY, []))


@pytest.mark.parametrize("spec", [ISNET, BIREFNET])
def test_known_files_are_pinned(spec: WeightFile) -> None:
    assert spec.url.startswith("https://")
    assert spec.name.endswith(".onnx")
    assert len(bytes.fromhex(spec.md5)) == 16
