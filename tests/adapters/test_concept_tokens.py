"""Learned tokens in both layouts of text encoders, at a millionth of the size."""

import pytest
import torch
from safetensors.torch import save_file

from tests.tiny_bases import save_tiny_sd15, save_tiny_sdxl
from vivant.adapters.concept_files import LEARNED, load_concept_tokens, save_concept_tokens, token_files
from vivant.adapters.concept_tokens import (
    ConceptTokens,
    new_concept_tokens,
    rare_numbers,
    with_concept_tokens,
    without_concept_tokens,
)
from vivant.errors import InputError, ModelError
from vivant.models.bundle import Bundle, load_bundle
from vivant.models.text import encode_text, encode_tokens, left_out, token_numbers

PROMPT = "photo of a <cat> cat, a <dog> and a <fox>"


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return {
        "sdxl": save_tiny_sdxl(tmp_path_factory.mktemp("sdxl")),
        "sd15": save_tiny_sd15(tmp_path_factory.mktemp("sd15")),
    }


@pytest.fixture(params=["sdxl", "sd15"])
def bundle(request, folders):
    return load_bundle(str(folders[request.param]), "cpu", "float32")


def taught(bundle: Bundle, length: int = 1) -> tuple[ConceptTokens, Bundle]:
    tokens = new_concept_tokens(bundle, {"<cat>": None, "<dog>": "dog", "<fox>": None}, length=length)
    return tokens, with_concept_tokens(bundle, tokens)


@pytest.mark.parametrize("length", [1, 3])
def test_a_step_moves_every_token_and_nothing_else(bundle, length):
    tables = [encoder.get_input_embeddings().weight.clone() for encoder in bundle.text_encoders]
    states = [{k: v.clone() for k, v in encoder.state_dict().items()} for encoder in bundle.text_encoders]
    tokens, tuned = taught(bundle, length)
    before = [one.detach().clone() for one in tokens.vectors]
    optimiser = torch.optim.AdamW(tokens.parameters(), lr=0.1, weight_decay=0.5)
    text = encode_tokens(tuned, token_numbers(tuned, [PROMPT]))
    (text.states.square().sum() + (0.0 if text.pooled is None else text.pooled.sum())).backward()
    optimiser.step()
    for one, old in zip(tokens.vectors, before, strict=True):
        assert len(one) == 3 * length
        assert ((one - old).abs().max(dim=1).values > 1e-3).all()
    for encoder, table, state in zip(bundle.text_encoders, tables, states, strict=True):
        assert torch.equal(encoder.get_input_embeddings().weight, table)
        assert all(torch.equal(value, state[name]) for name, value in encoder.state_dict().items())
        assert encoder.get_input_embeddings().weight.grad is None


def test_only_the_tokens_of_a_prompt_get_a_gradient(bundle):
    tokens, tuned = taught(bundle)
    encode_tokens(tuned, token_numbers(tuned, ["a <dog>"])).states.square().sum().backward()
    for one in tokens.vectors:
        assert one.grad is not None
        assert [bool(row.abs().sum() > 0) for row in one.grad] == [False, True, False]


def test_the_base_says_what_it_said(bundle):
    plain = encode_text(bundle, [PROMPT, "a cat"])
    _, tuned = taught(bundle)
    again = encode_text(bundle, [PROMPT, "a cat"])
    assert torch.equal(plain.states, again.states)
    other = encode_text(tuned, [PROMPT, "a cat"])
    assert torch.equal(plain.states[1], other.states[1])
    assert not torch.allclose(plain.states[0], other.states[0])
    without_concept_tokens(bundle)
    assert all(not one._forward_pre_hooks for one in bundle.text_encoders)


def test_a_token_that_starts_as_a_word_is_that_word(folders):
    bundle = load_bundle(str(folders["sdxl"]), "cpu", "float32")
    tuned = with_concept_tokens(bundle, new_concept_tokens(bundle, {"<cat>": "x"}))
    told, wanted = encode_text(tuned, ["a <cat> y"]), encode_text(bundle, ["a x y"])
    assert torch.equal(told.states, wanted.states)
    assert torch.equal(told.pooled, wanted.pooled)


def test_the_pooled_text_is_still_that_of_the_end(folders):
    # Where the configuration has the old end token 2, CLIP takes the largest number for the end: a new one is larger.
    bundle = load_bundle(str(folders["sdxl"]), "cpu", "float32")
    for encoder in bundle.text_encoders:
        encoder.config.eos_token_id = 2
        for module in encoder.modules():
            if hasattr(module, "eos_token_id"):
                module.eos_token_id = 2
    tuned = with_concept_tokens(bundle, new_concept_tokens(bundle, {"<cat>": "x"}))
    assert torch.equal(encode_text(tuned, ["a <cat> y"]).pooled, encode_text(bundle, ["a x y"]).pooled)


def test_several_vectors_are_written_as_one_word_and_read_as_several(bundle):
    _, tuned = taught(bundle, 3)
    one, several = (token_numbers(base, [text])[0][0] for base, text in ((bundle, "a z"), (tuned, "A <Cat>")))
    end = bundle.tokenizers[0].eos_token_id
    assert several.tolist().index(end) == one.tolist().index(end) + 2
    first = len(bundle.tokenizers[0])
    assert several[2:5].tolist() == [first, first + 1, first + 2]
    assert left_out(tuned, "<cat> " * 40).endswith("<cat> <cat>")
    assert left_out(tuned, "<cat> " * 25) == ""


def test_tokens_that_cannot_be(bundle):
    for wrong in ("cat", "<a cat>", "<Cat>", "<a|b>"):
        with pytest.raises(InputError, match="write it as <cat>"):
            new_concept_tokens(bundle, {wrong: None})
    _, tuned = taught(bundle)
    with pytest.raises(InputError, match=r"'<dog>' is in the vocabulary of .* already"):
        new_concept_tokens(tuned, {"<dog>": None})
    with pytest.raises(ModelError, match="take those out first"):
        with_concept_tokens(bundle, new_concept_tokens(bundle, {"<owl>": None}))
    with pytest.raises(InputError, match="no word"):
        new_concept_tokens(bundle, {"<owl>": " "})


def test_more_tokens_beside_the_first_ones(bundle):
    _, tuned = taught(bundle)
    more = new_concept_tokens(tuned, {"<owl>": "x"})
    both = with_concept_tokens(tuned, more)
    assert torch.equal(encode_text(both, [PROMPT]).states, encode_text(tuned, [PROMPT]).states)
    assert torch.equal(encode_text(both, ["<owl>"]).states, encode_text(bundle, ["x"]).states)


def test_rare_ones_differ(bundle):
    numbers = rare_numbers(bundle.tokenizers[0], 5)
    assert len(set(numbers)) == 5
    with pytest.raises(InputError, match="no more than"):
        rare_numbers(bundle.tokenizers[0], 1000)


@pytest.mark.parametrize("length", [1, 2])
def test_saved_is_loaded(bundle, tmp_path, length):
    tokens, tuned = taught(bundle, length)
    wanted = encode_text(tuned, [PROMPT])
    save_concept_tokens(tokens, tmp_path, {"steps": 3})
    without_concept_tokens(bundle)
    files = token_files(tmp_path)
    assert [path.stem for path in files] == ["<cat>", "<dog>", "<fox>"]
    loaded = load_concept_tokens(bundle, files)
    assert torch.equal(encode_text(with_concept_tokens(bundle, loaded), [PROMPT]).states, wanted.states)


def test_diffusers_reads_what_is_saved(folders, tmp_path):
    from diffusers import StableDiffusionPipeline

    bundle = load_bundle(str(folders["sd15"]), "cpu", "float32")
    tokens = new_concept_tokens(bundle, {"<cat>": "x y", "<dog>": None})
    save_concept_tokens(tokens, tmp_path, {})
    pipeline = StableDiffusionPipeline.from_pretrained(folders["sd15"])
    pipeline.load_textual_inversion(str(tmp_path), weight_name="<cat>.safetensors")
    table = pipeline.text_encoder.get_input_embeddings().weight
    assert torch.allclose(table[pipeline.tokenizer.convert_tokens_to_ids("<cat>")], tokens.of("<cat>")[0][0])


def test_files_that_do_not_fit(folders, tmp_path):
    large, small = (load_bundle(str(folders[name]), "cpu", "float32") for name in ("sdxl", "sd15"))
    save_file({"<cat>": torch.zeros(1, 24)}, tmp_path / "<cat>.safetensors")
    assert load_concept_tokens(small, token_files(tmp_path)).lengths == {"<cat>": 1}
    with pytest.raises(ModelError, match=r"<cat>_2\.safetensors of the second text encoder is not beside it"):
        load_concept_tokens(large, token_files(tmp_path))
    save_file({"<cat>": torch.zeros(5)}, tmp_path / f"{LEARNED}.safetensors")
    with pytest.raises(ModelError, match=r"in another file too|made for another base"):
        load_concept_tokens(small, token_files(tmp_path))
    save_file({"clip_l": torch.ones(2, 16), "clip_g": torch.ones(2, 24)}, tmp_path / "Owl.safetensors")
    assert load_concept_tokens(large, [tmp_path / "Owl.safetensors"]).lengths == {"<owl>": 2}
