"""Files of tensors hold data and nothing else, and fit or are refused."""

import os
from pathlib import Path

import pytest
import torch
from torch import nn

from vivant.errors import ModelError
from vivant.models.tensor_files import load_strict, read_tensors, write_pickle, write_tensors


class Trap:
    """Runs a command when it is unpickled by a careless reader."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


def test_a_pickle_with_code_is_refused_and_not_run(tmp_path):
    torch.save({"weight": torch.ones(1), "trap": Trap(tmp_path / "ran")}, tmp_path / "a.bin")
    with pytest.raises(ModelError, match=r"a\.bin: not a file of tensors alone"):
        read_tensors(tmp_path / "a.bin")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["a.bin", "a.safetensors"])
def test_broken_and_missing_files_are_named(tmp_path, name):
    with pytest.raises(ModelError, match=f"{name}: cannot be read"):
        read_tensors(tmp_path / name)
    for data in (b"", b"not tensors at all", b"\x80\x02}q\x00."):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ModelError, match=f"{name}: not "):
            read_tensors(tmp_path / name)


def test_nested_tables_are_joined_by_dots(tmp_path):
    write_pickle(tmp_path / "a.bin", {"a": {"b.c": torch.ones(2)}, "d": torch.zeros(1)})
    assert {name: value.tolist() for name, value in read_tensors(tmp_path / "a.bin")[0].items()} == {
        "a.b.c": [1.0, 1.0],
        "d": [0.0],
    }
    torch.save([torch.ones(1)], tmp_path / "list.bin")
    with pytest.raises(ModelError, match="not a table of tensors but a list"):
        read_tensors(tmp_path / "list.bin")


def test_written_is_read_with_its_metadata(tmp_path):
    tensors = {"a": torch.randn(2, 3).half(), "b": torch.randn(3, 2).T}
    write_tensors(tmp_path / "a.safetensors", tensors, {"who": "me"})
    found, metadata = read_tensors(tmp_path / "a.safetensors")
    assert metadata["who"] == "me" and found.keys() == tensors.keys()
    assert all(torch.equal(found[name], tensors[name]) and found[name].dtype == tensors[name].dtype for name in found)


def test_a_module_without_memory_takes_its_tensors_as_they_are():
    with torch.device("meta"):
        module = nn.Linear(2, 3)
    weight = torch.randn(3, 2).half()
    load_strict(module, {"weight": weight, "bias": torch.ones(3)}, "x")
    assert module.weight.dtype == torch.float16 and torch.equal(module.weight, weight)
    with pytest.raises(ModelError, match="x: missing bias"):
        load_strict(module, {"weight": weight}, "x")


def test_the_same_tensors_and_metadata_give_the_same_bytes(tmp_path):
    tensors = {"b": torch.arange(3.0), "a": torch.ones(2, 2, dtype=torch.float16)}
    metadata = {f"key {number}": str(number) for number in range(12)}
    for name in ("one", "two", "three"):
        write_tensors(tmp_path / f"{name}.safetensors", tensors, metadata)
    first, *others = [(tmp_path / f"{name}.safetensors").read_bytes() for name in ("one", "two", "three")]
    assert all(other == first for other in others)
    found, told = read_tensors(tmp_path / "one.safetensors")
    assert told == {"format": "pt", **metadata}
    assert torch.equal(found["b"], tensors["b"]) and torch.equal(found["a"], tensors["a"])
