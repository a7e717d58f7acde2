"""Compositions, prompts and tables of the experiment; its training is the recipe's own, tested there."""

import importlib
import sys
from pathlib import Path

import pytest

from vivant.data.photos import find_subjects
from vivant.training.concepts import read_material

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.fixture
def parts(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    yield importlib.import_module("table1_parts")
    sys.modules.pop("table1_parts")


@pytest.fixture
def tables(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    yield importlib.import_module("table1_tables")
    sys.modules.pop("table1_tables")


def test_a_composition_is_the_same_whatever_else_is_asked_for(parts):
    one, again = parts.composition(3, 1, 0), parts.composition(3, 1, 0)
    assert one == again and one != parts.composition(3, 2, 0)
    assert len({who.kind for who in one.cast}) == 3
    seen, unseen = parts.places()
    assert one.place in unseen and not set(seen) & set(unseen)


def test_the_prompt_says_the_words_that_were_learned(parts, tmp_path):
    one = parts.composition(2, 0, 0)
    material = read_material(parts.write_photos(tmp_path, one, alpha=False))
    prompt = one.prompt(tokens=True, whole=True)
    assert prompt.startswith("a <scene> composition: ")
    for concept in material.concepts:
        assert f"{concept.token} {concept.noun}" in prompt
    assert "<" not in one.prompt()
    assert one.scripts(2)[0].text == one.prompt()
    subjects, rejects = find_subjects(tmp_path)
    assert not rejects and [len(who.photos) for who in subjects] == [parts.PHOTOS] * 2


def row(composition: str, variant: str, value: float) -> dict[str, object]:
    scores = {"cp_clip": value, "ti_clip": 0.2, "present": 1.0, "identity": 0.5, "likeness": 0.1, "dino": value}
    return {"composition": composition, "size": int(composition[0]), "variant": variant, "scores": scores}


def test_tables_sum_up_by_group_beside_the_paper(tables):
    rows = [row("2-00", "source", 0.2), row("3-00", "source", 0.4), row("3-00", "composed", 0.5)]
    table = tables.table(rows)
    assert "| <= 3 | Custom Diffusion + source photos | 0.300 ± 0.141 | 0.200 ± 0.000 |" in table
    assert "| 2 | 0.26 | 0.16 |" in table
    found = tables.differences(rows)
    assert (
        "| Custom Diffusion + source photos -> Custom Diffusion + composed scenes | +0.100 | 1 of 1 | +0.000 |" in found
    )
    assert set(tables.TABLE1) | set(tables.PARTS) | set(tables.FIGURE6) == set(tables.VARIANTS)
