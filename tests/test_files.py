"""Files are there whole or not at all."""

import os
from pathlib import Path

import pytest

from vivant.errors import StoreError
from vivant.files import read_json, read_jsonl, write_bytes, write_json, write_jsonl


def test_json_comes_back(tmp_path):
    write_json(tmp_path / "deep" / "a.json", {"b": "ü", "a": 1})
    assert read_json(tmp_path / "deep" / "a.json") == {"a": 1, "b": "ü"}
    write_jsonl(tmp_path / "a.jsonl", [{"a": 1}, {"b": "\n\u2028\x85"}])
    assert list(read_jsonl(tmp_path / "a.jsonl")) == [{"a": 1}, {"b": "\n\u2028\x85"}]


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "a.bin"
    write_bytes(path, b"old")

    def full(self, data):
        with self.open("wb") as file:
            file.write(data[:1])
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StoreError, match=r"a\.bin.*No space left"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert [child.name for child in tmp_path.iterdir()] == ["a.bin"]


def test_a_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(StoreError, match=r"b\.json"):
        write_json(tmp_path / "a" / "b.json", {})


@pytest.mark.parametrize(("text", "words"), [("{}\n[1]\n", "line 2"), ('{"a"', "line 1")])
def test_a_broken_line_is_named(tmp_path, text, words):
    (tmp_path / "a.jsonl").write_text(text)
    with pytest.raises(StoreError, match=words):
        list(read_jsonl(tmp_path / "a.jsonl"))
