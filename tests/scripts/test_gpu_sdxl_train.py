"""The script that times SDXL's full size, on a toy."""

import importlib
import json
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    yield importlib.import_module("gpu_sdxl_train")
    sys.modules.pop("gpu_sdxl_train")


def test_blocks_are_measured_once_and_what_is_missing_is_added(script, tmp_path, capsys):
    out = tmp_path / "rows.jsonl"
    told = ["--tiny", "--out", str(out), "--batch", "2"]
    script.main([*told, "--steps", "2"])
    first = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["steps"] for row in first] == [2] and first[0]["flops"] > 1e5
    assert "500 steps take" in capsys.readouterr().out
    script.main([*told, "--steps", "3"])
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["steps"] for row in rows] == [2, 1] and rows[0] == first[0]
    script.main([*told, "--steps", "3"])
    assert len(out.read_text().splitlines()) == 2
    assert "3 steps in" in capsys.readouterr().out


def test_checkpointing_counts_what_is_computed_twice(script, tmp_path):
    flops = []
    for more in ([], ["--gradient-checkpointing"]):
        out = tmp_path / f"{len(more)}.jsonl"
        script.main(["--tiny", "--out", str(out), "--batch", "2", "--steps", "1", *more])
        flops.append(json.loads(out.read_text())["flops"])
    assert 1.1 < flops[1] / flops[0] < 1.6


def test_the_paper_s_sizes_are_sdxl_s(script):
    import torch

    unet = script.build_unet(script.SDXL, "meta", torch.float32)
    assert sum(value.numel() for value in unet.parameters()) == 2_567_463_684
