"""K and V of the text's cross-attention: attached they change the output, taken off nothing is left of them."""

from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.adapters.tiny import TEXT, noise, predict, tiny_unet
from vivant.adapters.custom_diffusion import (
    WEIGHTS,
    KeyValues,
    key_values,
    key_values_path,
    load_key_values,
    new_key_values,
    put_key_values,
    save_key_values,
)
from vivant.adapters.relation_lora import add_relation_lora, without_loras
from vivant.errors import ModelError

LATENTS, STATES = noise(2, 4, 8, 8), noise(2, 5, TEXT, seed=7)


def changed(unet: Any) -> KeyValues:
    tuned = new_key_values(unet)
    with torch.no_grad():
        for number, weight in enumerate(tuned.weights):
            weight.add_(noise(*weight.shape, seed=number), alpha=0.3)
    return tuned


def test_untrained_they_are_the_base_and_trained_they_are_not():
    unet = tiny_unet()
    base = predict(unet, LATENTS, STATES)
    own = {name: value.clone() for name, value in unet.state_dict().items()}
    with key_values(unet, new_key_values(unet)):
        assert torch.equal(predict(unet, LATENTS, STATES), base)
    with key_values(unet, changed(unet)):
        assert not torch.allclose(predict(unet, LATENTS, STATES), base)
    assert torch.equal(predict(unet, LATENTS, STATES), base)
    assert all(torch.equal(value, own[name]) for name, value in unet.state_dict().items())


def test_only_keys_and_values_of_the_text_are_there():
    unet = tiny_unet()
    tuned = new_key_values(unet)
    assert {name.rpartition(".")[2] for name in tuned.names} == {"to_k", "to_v"}
    assert all(".attn2." in name for name in tuned.names)
    assert len(tuned.names) == 2 * sum(name.endswith("attn2.processor") for name in unet.attn_processors)
    with key_values(unet, tuned):
        predict(unet, LATENTS, STATES).square().sum().backward()
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in tuned.weights)


def test_saved_is_loaded_and_put_in_for_good(tmp_path):
    unet = tiny_unet()
    tuned = changed(unet)
    with key_values(unet, tuned):
        wanted = predict(unet, LATENTS, STATES)
    path = save_key_values(tuned, tmp_path, {"steps": 1})
    assert key_values_path(tmp_path) == path
    loaded = load_key_values(unet, path)
    with key_values(unet, loaded):
        assert torch.equal(predict(unet, LATENTS, STATES), wanted)
    put_key_values(unet, loaded)
    assert torch.equal(predict(unet, LATENTS, STATES), wanted)


def test_a_lora_acts_on_top_of_them():
    unet = tiny_unet()
    tuned = changed(unet)
    with key_values(unet, tuned):
        alone = predict(unet, LATENTS, STATES)
    add_relation_lora(unet, torch.Generator().manual_seed(0))
    for name, value in unet.named_parameters():
        if ".lora_B." in name:
            value.data.fill_(0.1)
    put_key_values(unet, tuned)
    with without_loras(unet):
        assert torch.equal(predict(unet, LATENTS, STATES), alone)
    assert not torch.allclose(predict(unet, LATENTS, STATES), alone)


def test_diffusers_reads_what_is_saved_and_the_other_way_round(tmp_path):
    import diffusers.models.attention_processor as processors

    unet = tiny_unet()
    path = save_key_values(changed(unet), tmp_path, {})
    tensors = load_file(path)
    ours = tiny_unet()
    with key_values(ours, load_key_values(ours, path)):
        wanted = predict(ours, LATENTS, STATES)
    theirs = {}
    for name in unet.attn_processors:
        held = {key.removeprefix(f"{name}."): value for key, value in tensors.items() if key.startswith(f"{name}.")}
        if not held:
            theirs[name] = processors.CustomDiffusionAttnProcessor2_0(train_kv=False, train_q_out=False)
            continue
        out, width = held["to_k_custom_diffusion.weight"].shape
        theirs[name] = processors.CustomDiffusionAttnProcessor2_0(
            train_kv=True, train_q_out=False, hidden_size=out, cross_attention_dim=width
        )
        theirs[name].load_state_dict(held)
    unet.set_attn_processor(theirs)
    unet.save_attn_procs(tmp_path / "theirs", safe_serialization=False)
    found = unet(LATENTS, 500, STATES).sample
    assert torch.allclose(found, wanted, atol=1e-5)
    back = load_key_values(ours, tmp_path / "theirs" / f"{WEIGHTS}.bin")
    with key_values(ours, back):
        assert torch.equal(predict(ours, LATENTS, STATES), wanted)


def test_files_that_do_not_fit(tmp_path):
    unet = tiny_unet()
    path = save_key_values(new_key_values(unet), tmp_path, {})
    tensors = load_file(path)
    first = min(tensors)
    cases = {
        "missing": ({key: value for key, value in tensors.items() if key != first}, "missing .*to_k_custom_diffusion"),
        "more": ({**tensors, "x.weight": torch.zeros(1)}, r"unexpected x\.weight"),
        "output": (
            {**tensors, first.replace("to_k", "to_q"): tensors[first].clone().clone()},
            "trained with queries and outputs too",
        ),
        "shape": ({**tensors, first: torch.zeros(3, 3)}, r"has shape \[3, 3\]"),
    }
    for name, (held, message) in cases.items():
        save_file(held, tmp_path / f"{name}.safetensors")
        with pytest.raises(ModelError, match=message):
            load_key_values(unet, tmp_path / f"{name}.safetensors")
