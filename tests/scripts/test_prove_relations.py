"""The proof on models of random weights: every unit is made once, and the table holds all of them."""

import importlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.generation.tiny import load_unet, save_tiny_adapter, save_tiny_encoder
from tests.tiny_bases import save_tiny_sdxl
from vivant.pocket.judge import build, save_judge
from vivant.relations.order import in_order
from vivant.relations.published import read_relation

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
MODULES = ("prove_relations", "relation_proof", "relation_tables")


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    yield importlib.import_module("prove_relations")
    for name in MODULES:
        sys.modules.pop(name)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    base = save_tiny_sdxl(folder / "base")
    adapter = save_tiny_adapter(folder / "ms_adapter.safetensors", load_unet(base), 16)
    encoder, local = save_tiny_encoder(folder / "clip"), save_tiny_encoder(folder / "local", seed=4)
    torch.manual_seed(0)
    save_judge(build(), folder / "judge")
    named = {"base": base, "adapter": adapter, "image-encoder": encoder, "local-encoder": local}
    named["judge"] = folder / "judge"
    return [text for name, path in named.items() for text in (f"--{name}", str(path))]


def test_units_are_done_once_and_told_in_a_table(script, models, tmp_path, monkeypatch, capsys):
    variants = ["base", "embedding", "no-local", "full", "linear"]
    told = [*models, "--out", str(tmp_path), "--relations", "hugging", "--seeds", "0", "--pictures", "2"]
    told += ["--steps", "1", "--sampling-steps", "1", "--factor", "2", "--variants", *variants]
    script.main(told)
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text().splitlines()]
    assert [row["variant"] for row in rows] == [*variants, "truth"]
    assert all(0.0 <= share <= 1.0 for row in rows for share in row["scores"].values())
    said = capsys.readouterr().out
    assert "| full | " in said and "| R* on crops, no relation-aware data | " in said and "| 28.9 | 20.4 |" in said
    assert {path.stem for path in (tmp_path / "grids").iterdir()} == {f"hugging-0-{n}" for n in ("all", *variants)}
    for name in ("train_relation", "_unit"):
        monkeypatch.setattr(script, name, lambda *given, **more: pytest.fail("done again"))
    script.main(told)
    assert len((tmp_path / "rows.jsonl").read_text().splitlines()) == 6


def test_triplets_of_the_world_are_whole_and_exact(script, tmp_path):
    relation_proof = importlib.import_module("relation_proof")
    scripts = relation_proof.write_triplets(tmp_path / "a", "carrying", 3)
    triplets = read_relation(tmp_path / "a")
    assert len(triplets) == 5 and all(triplet == in_order(triplet) for triplet in triplets)
    assert [triplet.prompt for triplet in triplets] == [one.text for one in scripts]
    assert all(triplet.predicate == ("carrying",) for triplet in triplets)
    assert relation_proof.write_triplets(tmp_path / "a", "carrying", 3) == scripts
    assert relation_proof.write_triplets(tmp_path / "b", "carrying", 4) != scripts


def test_cases_are_the_same_for_all_and_elsewhere_than_the_triplets(script, tmp_path):
    relation_proof = importlib.import_module("relation_proof")
    scripts = relation_proof.write_triplets(tmp_path, "hugging", 0)
    cases, again = (relation_proof.make_cases("hugging", 0, 3, scripts) for _ in range(2))
    assert [case.script for case in cases] == [case.script for case in again]
    assert np.array_equal(cases[1].portraits, again[1].portraits)
    assert not {case.script.backdrop for case in cases} & {one.backdrop for one in scripts}
    assert not {who for case in cases for who in case.script.cast} & {who for one in scripts for who in one.cast}


def test_spread_is_that_of_the_seeds(script):
    relation_tables = importlib.import_module("relation_tables")
    rows = [
        {
            "relation": relation,
            "seed": seed,
            "variant": "full",
            "scores": {"relation": share, "identity": 1, "present": 0},
        }
        for seed, shares in ((0, (0.2, 0.4)), (1, (0.4, 0.6)))
        for relation, share in zip(("hugging", "carrying"), shares, strict=True)
    ]
    assert "| full | 40.0 ± 14.1 % | 100.0 ± 0.0 % |" in relation_tables.table(rows)
    assert "| full | 50.0 ± 14.1 % | 30.0 ± 14.1 % |" in relation_tables.table_by_relation(rows)
