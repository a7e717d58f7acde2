"""Where the weights lie, and installing a run."""

from pathlib import Path

import pytest

from vivant.errors import ModelError, StoreError
from vivant.pocket import family


def finished(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "model.safetensors").write_bytes(name.encode())
    return folder


def test_install_replaces_whole_members(tmp_path, monkeypatch):
    monkeypatch.setattr(family, "weights_dir", lambda: tmp_path / "package")
    finished(tmp_path / "package", "clip", "dino")
    (tmp_path / "package/clip/old.bin").write_bytes(b"old")
    (tmp_path / "package/README.md").write_text("card")
    assert family.install(finished(tmp_path / "run", "clip", "base")) == ["base", "clip"]
    assert family.installed() == ["base", "clip", "dino"]
    assert not (family.path("clip") / "old.bin").exists()
    assert (tmp_path / "package/README.md").is_file()
    assert family.size_of(family.path("base")) == len(b"base")


def test_a_family_that_is_too_large_is_not_installed(tmp_path, monkeypatch):
    monkeypatch.setattr(family, "LIMIT", 3)
    with pytest.raises(StoreError, match="more than"):
        family.install(finished(tmp_path / "run", "clip"), tmp_path / "package")
    assert not (tmp_path / "package").exists()


def test_what_is_missing_is_named_with_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setattr(family, "weights_dir", lambda: tmp_path)
    with pytest.raises(ModelError, match="train it with"):
        family.path("base")
    with pytest.raises(ModelError, match="the family is base"):
        family.path("bass")
    with pytest.raises(StoreError, match="no finished models"):
        family.install(tmp_path)
