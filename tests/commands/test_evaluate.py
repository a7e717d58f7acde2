"""``vivant evaluate`` as a user meets it: the four steps, on tiny random models."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from tests.evaluation import tiny_encoders as tiny
from tests.generation.tiny import load_unet, save_tiny_adapter, save_tiny_encoder
from tests.tiny_bases import save_tiny_sdxl
from vivant.adapters.concept_files import save_concept_tokens
from vivant.adapters.concept_tokens import new_concept_tokens
from vivant.adapters.relation_embedding import new_relation_embedding, relation_span, save_relation_embedding
from vivant.commands.evaluate import evaluate
from vivant.errors import InputError, SettingsError, VivantError
from vivant.evaluation.benchmarks.cases import read_manifest
from vivant.evaluation.draw import case_settings
from vivant.files import write_json
from vivant.generation.session import rounds
from vivant.images import read_image, read_recipe, write_png
from vivant.models.bundle import load_bundle
from vivant.models.checkpoint import open_checkpoint


def run(*arguments: Any) -> str:
    done = CliRunner().invoke(evaluate, [str(argument) for argument in arguments])
    if isinstance(done.exception, VivantError):
        raise done.exception
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Flags that name tiny scorers."""
    found = tiny.save_all(tmp_path_factory.mktemp("scorers"))
    return [part for role, folder in found.items() for part in (f"--{role}", folder)] + ["--threshold", "0"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Flags that name a tiny base, its adapter and image encoder."""
    folder = tmp_path_factory.mktemp("family")
    save_tiny_sdxl(folder / "base")
    save_tiny_adapter(folder / "adapter" / "ms_adapter.safetensors", load_unet(folder / "base"), 16)
    save_tiny_encoder(folder / "clip", 16)
    return [
        "--base",
        str(folder / "base"),
        "--adapter",
        str(folder / "adapter"),
        "--image-encoder",
        str(folder / "clip"),
    ]


DRAWING = ["--sampling-steps", "2", "--device", "cpu"]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for name in ("cat1", "cat2", "dog"):
        for number in range(2):
            pixels = rng.integers(0, 256, (32, 32, 3)).astype(np.uint8)
            write_png(tmp_path / "photos" / name / f"{number}.png", pixels)
    return tmp_path / "photos"


def test_the_whole_road_on_the_world(tmp_path: Path, models: list[str], base: list[str]) -> None:
    bench = tmp_path / "bench"
    said = run("cases", "world", "-o", bench, "-n", 3, "--size", 64, "--relation", "dancing", "--relation", "hugging")
    assert said.endswith(f"3 cases of 1 pictures in {bench}\n")
    plain = ("generate", bench, "--name", "plain", "--text-only", *base[:2], *DRAWING)
    assert "3 pictures drawn, 0 were there" in run(*plain)
    assert "0 pictures drawn, 3 were there" in run(*plain)
    run("score", bench, bench / "truth", "--name", "true scenes", *models)
    said = run("score", bench, "--name", "plain", *models)
    assert "plain: 3 pictures of 3 of 3 cases" in said and "relation" in said
    said = run("table", bench, "true_scenes", "plain", "--order")
    assert "| score | true scenes | plain | true scenes, shuffled | in order |" in said
    text = (bench / "table.md").read_text()
    assert "**true scenes**" in text and "## Differences" in text and "judge: pocket/judge" in text
    assert r"\toprule" in (bench / "table.tex").read_text()
    lines = [json.loads(line) for line in (bench / "scores" / "plain" / "pictures.jsonl").read_text().splitlines()]
    assert {"clip_t", "relation", "place"} <= lines[0]["scores"].keys()


def test_a_relation_learned_as_an_embedding_draws_other_pictures(tmp_path: Path, base: list[str]) -> None:
    bench, drawn = tmp_path / "bench", {}
    run("cases", "world", "-o", bench, "-n", 2, "--size", 64, "--relation", "dancing")
    bundle = load_bundle(open_checkpoint(base[1]), "cpu", "float32")
    case = read_manifest(bench).cases[0]
    span = relation_span(case.prompt, str(case.predicate))
    assert span is not None
    embedding = new_relation_embedding(bundle, case.prompt, span)
    with torch.no_grad():
        for vector in embedding.parameters():
            vector.add_(1.0)
    save_relation_embedding(embedding, tmp_path / "run", {})
    for name, flags in (("plain", []), ("learned", ["--lora", tmp_path / "run"])):
        run("generate", bench, "--name", name, "--text-only", *flags, *base[:2], *DRAWING)
        drawn[name] = [read_image(bench / "methods" / name / f"{case.name}.png")]
    assert not np.array_equal(drawn["plain"], drawn["learned"])


def test_a_tuned_run_draws_its_own_subjects_by_their_words(tmp_path: Path, photos: Path, base: list[str]) -> None:
    bench, run_folder, drawn = tmp_path / "bench", tmp_path / "run", {}
    run("cases", "relationbench", "--subjects", photos, "-o", bench, "-n", 6, "--which", "single")
    cases = {case.name: case for case in read_manifest(bench).cases}
    tokens = new_concept_tokens(load_bundle(open_checkpoint(base[1]), "cpu", "float32"), {"<rex>": None})
    with torch.no_grad():
        for vectors in tokens.vectors:
            vectors.add_(1.0)
    save_concept_tokens(tokens, run_folder, {})
    write_json(run_folder / "tokens.json", {"<rex>": {"name": "dog", "noun": "dog"}})
    for name, flags in (("plain", []), ("tuned", ["--tuned", run_folder])):
        said = run("generate", bench, "--name", name, "--text-only", *flags, *base[:2], *DRAWING)
        drawn[name] = {path.stem: path for path in (bench / "methods" / name).iterdir()}
    assert "4 cases show others than" in said and "2 pictures drawn" in said
    assert {cases[name].subjects[0].name for name in drawn["tuned"]} == {"dog"}
    for name, path in drawn["tuned"].items():
        recipe = read_recipe(path)
        assert "<rex> dog" in recipe["prompt"] and recipe["prompt"].replace("<rex> ", "") == cases[name].prompt
        assert not np.array_equal(read_image(path), read_image(drawn["plain"][name]))


def test_subjects_are_drawn_from_their_photos(tmp_path: Path, photos: Path, base: list[str]) -> None:
    bench = tmp_path / "bench"
    run("cases", "relationbench", "--subjects", photos, "-o", bench, "-n", 3, "--which", "multi", "--samples", 2)
    names = [case.name for case in read_manifest(bench).cases]
    run("generate", bench, "--name", "ours", "--seed", 5, *base, *DRAWING)
    drawn = sorted(path.name for path in (bench / "methods" / "ours").iterdir())
    assert drawn == sorted(f"{name}-{number}.png" for name in names for number in range(2))
    recipe = read_recipe(bench / "methods" / "ours" / f"{names[0]}-1.png")
    assert recipe["seed"] == 6 and len(recipe["subjects"]) == 2
    with pytest.raises(SettingsError, match="--adapter changes nothing beside --text-only"):
        run("generate", bench, "--name", "ours", "--text-only", *base, *DRAWING)


def test_two_subjects_of_one_noun_are_numbered(tmp_path: Path, photos: Path) -> None:
    run("cases", "mycanvas", "--subjects", photos, "-o", tmp_path / "bench", "-n", 2, "--samples", 1)
    cases = read_manifest(tmp_path / "bench").cases
    pair = next(case for case in cases if [one.noun for one in case.subjects].count("cat") == 2)
    settings = case_settings(pair, 1, {"photos": 2}, with_subjects=True)
    assert {"cat1", "cat2"} <= settings.subjects.keys()
    assert all(len(one.photos) == 2 for one in settings.subjects.values())
    assert not case_settings(pair, 1, {}, with_subjects=False).subjects


def test_one_prompt_with_different_subjects_is_drawn_in_rounds() -> None:
    class Shown:
        def __init__(self, prompt: str, *names: str) -> None:
            self.prompt = prompt
            self.subjects = [type("One", (), {"name": n, "box": None, "scale": 1.0, "photos": ()})() for n in names]

    pictures: list[Any] = [Shown("p", "a"), Shown("p", "b"), Shown("p", "a"), Shown("q", "a"), Shown("p", "c")]
    parts = [[(item.prompt, item.subjects[0].name) for item in part] for part in rounds(pictures)]
    assert parts == [[("p", "a"), ("p", "a"), ("q", "a")], [("p", "b")], [("p", "c")]]


def test_anyones_pictures(tmp_path: Path, photos: Path, models: list[str]) -> None:
    bench, theirs = tmp_path / "bench", tmp_path / "theirs"
    run("cases", "dreambench", "--subjects", photos, "-o", bench)
    names = [case.name for case in read_manifest(bench).cases]
    for name in (f"{names[0]}.png", f"{names[1]}-0.png", f"{names[1]}-1.png", "holiday.png"):
        write_png(theirs / name, np.random.default_rng(1).integers(0, 256, (20, 30, 3)).astype(np.uint8))
    said = run("score", bench, theirs, *models)
    assert "1 pictures are of no case and left out, as holiday.png" in said
    assert f"theirs: 3 pictures of 2 of {len(names)} cases" in said
    assert run("table", bench).startswith(str(bench / "table"))
    assert "(printed)" in (bench / "table.md").read_text()


def test_what_cannot_be_done_is_said(tmp_path: Path, photos: Path) -> None:
    bench = tmp_path / "bench"
    with pytest.raises(InputError, match="relationbench needs --subjects"):
        run("cases", "relationbench", "-o", bench)
    with pytest.raises(SettingsError, match="--prompts changes nothing for world"):
        run("cases", "world", "-o", bench, "--prompts", "long")
    with pytest.raises(SettingsError, match="the world has no relation 'juggling'"):
        run("cases", "world", "-o", bench, "--relation", "juggling")
    run("cases", "dreambench", "--subjects", photos, "-o", bench)
    with pytest.raises(InputError, match="name a method"):
        run("score", bench)
    with pytest.raises(InputError, match="nothing is scored yet"):
        run("table", bench)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"no picture of any case; name them after the cases, as cat1_00\.png"):
        run("score", bench, tmp_path / "empty")
    with pytest.raises(InputError, match="holds other cases"):
        run("cases", "relationbench", "--subjects", photos, "-o", bench)


def test_a_manifest_of_ones_own(tmp_path: Path, photos: Path) -> None:
    mine = photos / "mine.jsonl"
    row = {"prompt": "A dog is hugging a cat in a garden.", "subjects": [{"noun": "dog", "photos": ["dog/0.png"]}]}
    row["subjects"] += [{"noun": "cat", "photos": ["cat1/0.png"]}]  # type: ignore[operator]
    mine.write_text(json.dumps(row))
    run("cases", "relationbench", "--manifest", mine, "-o", tmp_path / "bench")
    (case,) = read_manifest(tmp_path / "bench").cases
    assert case.predicate == "hugging" and case.subjects[1].photos[0].is_file()
    with pytest.raises(SettingsError, match="--seed changes nothing beside --manifest"):
        run("cases", "relationbench", "--manifest", mine, "-o", tmp_path / "bench", "--seed", 1)
