"""R*: one token in place of the words of a relation."""

import pytest
import torch
from click.testing import CliRunner

from tests.relations.triplets import write_small_relation
from tests.tiny_bases import save_tiny_sd15, save_tiny_sdxl
from tests.training.test_relation import settings, train
from vivant.adapters.relation_embedding import (
    EMBEDDING,
    encode_with_relation,
    load_relation_embedding,
    new_relation_embedding,
    save_relation_embedding,
)
from vivant.cli import vivant
from vivant.errors import InputError, ModelError, SettingsError
from vivant.images import read_image
from vivant.models.bundle import load_bundle
from vivant.models.text import encode_text, token_numbers

PROMPT = "a cat is hugging a dog"
SPAN = (9, 16)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return save_tiny_sdxl(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def bundle(base):
    return load_bundle(str(base), "cpu", "float32")


def test_it_starts_as_the_mean_of_its_words(bundle):
    found = new_relation_embedding(bundle, PROMPT, SPAN)
    assert found.predicate == "hugging"
    numbers = token_numbers(bundle, [PROMPT])[0][0]
    first = 1 + len("acatis")  # a token a letter
    table = bundle.text_encoders[0].get_input_embeddings().weight
    assert torch.allclose(found.vectors[0], table[numbers[first : first + 7]].mean(dim=0))
    assert [list(one.shape) for one in found.vectors] == [[16], [24]]


def test_a_word_of_one_token_with_its_own_vector_is_the_word(bundle):
    prompt = "a cat s a dog"
    found = new_relation_embedding(bundle, prompt, (6, 7))
    one, plain = encode_with_relation(bundle, [prompt], found), encode_text(bundle, [prompt])
    assert torch.allclose(one.states, plain.states, atol=1e-6)
    assert torch.allclose(one.pooled, plain.pooled, atol=1e-6)


def test_only_what_comes_after_the_relation_hears_of_it(bundle):
    found = new_relation_embedding(bundle, PROMPT, SPAN)
    before = encode_with_relation(bundle, [PROMPT, "a red ball"], found)
    with torch.no_grad():
        for vector in found.vectors:
            vector += 5.0
    after = encode_with_relation(bundle, [PROMPT, "a red ball"], found)
    place = 1 + len("acatis")
    assert torch.allclose(before.states[0, :place], after.states[0, :place], atol=1e-6)
    assert not torch.allclose(before.states[0, place:], after.states[0, place:], atol=1e-2)
    assert torch.allclose(before.states[1], after.states[1], atol=1e-6)
    assert torch.allclose(after.states[1], encode_text(bundle, ["a red ball"]).states[0], atol=1e-6)


def test_another_relation_s_words_are_replaced_where_the_own_are_missing(bundle):
    found = new_relation_embedding(bundle, PROMPT, SPAN)
    with torch.no_grad():
        found.vectors[0] += 5.0
    told = encode_with_relation(bundle, ["a cat is embracing a dog"], found).states
    assert torch.allclose(told, encode_with_relation(bundle, [PROMPT], found).states, atol=1e-6)


def test_it_is_saved_and_loaded_exactly_and_only_for_its_base(bundle, tmp_path):
    found = new_relation_embedding(bundle, PROMPT, SPAN)
    save_relation_embedding(found, tmp_path, {"steps": 1})
    for path in (tmp_path, tmp_path / EMBEDDING):
        again = load_relation_embedding(bundle, path)
        assert again.predicate == "hugging"
        assert all(torch.equal(one, other) for one, other in zip(again.vectors, found.vectors, strict=True))
    other = load_bundle(str(save_tiny_sd15(tmp_path / "sd15")), "cpu", "float32")
    with pytest.raises(ModelError, match="made for another base"):
        load_relation_embedding(other, tmp_path)


@pytest.mark.parametrize("save", [save_tiny_sdxl, save_tiny_sd15])
def test_it_is_learned_and_nothing_else_is(save, tmp_path):
    base, source = save(tmp_path / "base"), write_small_relation(tmp_path / "hugging")
    chosen = settings(str(base), method="embedding", lr=0.05, steps=3, width=64)
    path, rows, _ = train(source, tmp_path / "run", chosen)
    assert path == tmp_path / "run" / EMBEDDING
    assert all(set(row) == {"step", "total", "denoising"} for row in rows)
    bundle = load_bundle(str(base), "cpu", "float32")
    start = new_relation_embedding(bundle, "A red cat is hugging a dog", (13, 20))
    moved = load_relation_embedding(bundle, tmp_path / "run")
    assert all((one - other).abs().max() > 0.01 for one, other in zip(moved.vectors, start.vectors, strict=True))


def test_attention_to_words_that_are_gone_is_refused(base, tmp_path):
    source = write_small_relation(tmp_path / "hugging")
    with pytest.raises(SettingsError, match="predicate_weight"):
        train(source, tmp_path / "run", settings(str(base), method="embedding", predicate_weight=1e-3))


def test_pictures_are_drawn_with_it(base, bundle, tmp_path):
    found = new_relation_embedding(bundle, PROMPT, SPAN)
    with torch.no_grad():
        for vector in found.vectors:
            vector += 5.0
    save_relation_embedding(found, tmp_path / "run", {})
    usual = ["generate", PROMPT, "--base", str(base), "--sampling-steps", "2", "--device", "cpu"]
    for name, more in (("plain", []), ("learned", ["--lora", str(tmp_path / "run")])):
        done = CliRunner().invoke(vivant, [*usual, "-o", str(tmp_path / f"{name}.png"), *more], catch_exceptions=False)
        assert done.exit_code == 0, done.output
    plain, learned = (read_image(tmp_path / f"{name}.png").astype(int) for name in ("plain", "learned"))
    assert abs(plain - learned).max() > 5
    with pytest.raises(InputError, match="without a weight"):
        again = [*usual, "-o", str(tmp_path / "again.png"), "--lora", f"{tmp_path / 'run'}:0.5"]
        CliRunner().invoke(vivant, again, catch_exceptions=False)
