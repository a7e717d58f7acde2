"""The tokenizers: a word of the world is one token, anything encodes, SDXL's padding, and saved equals built."""

import random

import pytest
import torch

from vivant.pocket.run import Run
from vivant.pocket.tokenizer import build, load_tokenizer
from vivant.world import RELATIONS, sample_script


@pytest.fixture(scope="module")
def tokenizers():
    return build()


def test_every_word_of_a_fresh_caption_is_one_token(tokenizers):
    rng = random.Random(12345)
    for relation in RELATIONS:
        for _ in range(20):
            script = sample_script(rng, relations=[relation])
            for text in (script.text, script.text_present, script.text_detailed):
                pieces = tokenizers["tokenizer"].tokenize(text)
                assert all(piece.endswith("</w>") for piece in pieces), (text, pieces)


def test_captions_fit_the_encoder(tokenizers):
    rng = random.Random(1)
    lengths = [len(tokenizers["tokenizer"](sample_script(rng).text_detailed).input_ids) for _ in range(500)]
    assert max(lengths) <= 77


def test_any_text_encodes_and_comes_back(tokenizers):
    text = "zyzzyva — naïve 日本 🦊 x²"
    ids = tokenizers["tokenizer"](text).input_ids
    assert tokenizers["tokenizer"].unk_token_id not in ids[1:-1]
    assert tokenizers["tokenizer"].decode(ids, skip_special_tokens=True).replace(" ", "") == text.replace(" ", "")


def test_padding_is_sdxls(tokenizers):
    first, second = tokenizers["tokenizer"], tokenizers["tokenizer_2"]
    ids = [t("a fox", padding="max_length", truncation=True).input_ids for t in (first, second)]
    assert len(ids[0]) == len(ids[1]) == 77
    assert ids[0][:4] == ids[1][:4]
    assert set(ids[0][4:]) == {first.eos_token_id} == {len(first) - 1}
    assert set(ids[1][4:]) == {second.convert_tokens_to_ids("!")} == {0}


def test_saved_and_loaded_cuts_the_same(tokenizers, tmp_path):
    run = Run(tmp_path, torch.device("cpu"), 0, 1.0)
    text = "two Foxes are riding a bike, don't they? 42 kilometres"
    tokenizers["tokenizer_2"].save_pretrained(run.weights / "base" / "tokenizer_2")
    loaded = load_tokenizer(run, 16)
    assert loaded(text).input_ids == tokenizers["tokenizer"](text).input_ids
    assert loaded.model_max_length == 16
    assert loaded.pad_token == "!"
