"""Training with subjects shown: what is fixed is computed once, what is trained along moves, a run is one run."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.generation.tiny import load_unet, save_tiny_adapter, save_tiny_encoder
from tests.relations.test_published import HUG
from tests.relations.triplets import write_small_relation
from tests.tiny_bases import save_tiny_sdxl
from tests.training.test_relation import settings, stopping, train, two_processes
from vivant.adapters.attention import attached
from vivant.adapters.local_linear import LINEAR, load_local_linear
from vivant.adapters.lora_file import MADE, WEIGHTS, read_lora
from vivant.adapters.sources import AdapterChoice, load_image_prompting
from vivant.errors import ModelError, SettingsError
from vivant.images import read_image
from vivant.models.bundle import load_bundle
from vivant.models.tensor_files import read_tensors
from vivant.relations.published import read_relation
from vivant.training.augment import Augmentation
from vivant.training.cache import Cache
from vivant.training.grids import FOLDER
from vivant.training.held_out import SCORE
from vivant.training.image_prompts import ImagePrompts, encode_references
from vivant.training.log import curve
from vivant.training.relation import BEST
from vivant.training.relation_data import vary


@pytest.fixture(scope="module")
def places(tmp_path_factory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("models")
    base = save_tiny_sdxl(folder / "base")
    adapter = save_tiny_adapter(folder / "ms_adapter.safetensors", load_unet(base), 16)
    encoder, local = save_tiny_encoder(folder / "clip"), save_tiny_encoder(folder / "local", seed=4)
    return {"base": str(base), "adapter": str(adapter), "image_encoder": str(encoder), "local_encoder": str(local)}


@pytest.fixture(scope="module")
def hugging(tmp_path_factory) -> Path:
    return write_small_relation(tmp_path_factory.mktemp("hugging"))


def chosen(places: dict[str, str], **changes: Any) -> Any:
    usual = {"width": 64, "steps": 4, "image_prompts": True, "factor": 2, "grid": 1, "lr": 0.02}
    return settings(**{**places, **usual, **changes})


def test_a_run_with_everything_that_is_stopped_goes_on_as_if_it_was_not(places, hugging, tmp_path, monkeypatch):
    everything = chosen(places, validate_every=2, injection="linear", save_every=1)
    whole, rows, said = train(hugging, tmp_path / "whole", everything)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        stopping(patched, 3)
        train(hugging, tmp_path / "parts", everything)
    parts, again, _ = train(hugging, tmp_path / "parts", everything)
    assert again == rows
    assert [row["step"] for row in rows if SCORE in row] == [1, 3]
    for name in (WEIGHTS, LINEAR, f"{BEST}/{WEIGHTS}", f"{BEST}/{LINEAR}"):
        one, other = (read_tensors(tmp_path / run / name)[0] for run in ("whole", "parts"))
        assert all(torch.equal(value, other[key]) for key, value in one.items())
    grids = [read_image(path.parent / FOLDER / "step-000004.png") for path in (whole, parts)]
    assert np.array_equal(grids[0], grids[1])
    assert sum("held-out loss" in line for line in said) == 2


def test_the_best_checkpoint_is_that_of_the_least_held_out_loss(places, hugging, tmp_path):
    _, rows, _ = train(hugging, tmp_path, chosen(places, validate_every=1, steps=5, lr=0.1, grid=0))
    scores = curve(rows, SCORE)
    made = json.loads(read_tensors(tmp_path / BEST / WEIGHTS)[1][MADE])
    assert made[SCORE] == pytest.approx(min(scores))
    assert made["steps"] == 1 + int(np.argmin(scores))
    assert not (tmp_path / FOLDER).exists()


def test_image_prompts_change_what_is_learned(places, hugging, tmp_path):
    _, shown, _ = train(hugging, tmp_path / "a", chosen(places))
    _, alone, _ = train(hugging, tmp_path / "b", chosen(places, image_prompts=False))
    _, weak, _ = train(hugging, tmp_path / "c", chosen(places, scale=0.0))
    assert curve(shown, "total")[0] != pytest.approx(curve(alone, "total")[0], rel=1e-3)
    assert curve(weak, "total") == pytest.approx(curve(alone, "total"), rel=1e-4)


@pytest.mark.parametrize("changes", [{"fix_image_keys": False}, {"micro_batch": 1}, {"gradient_checkpointing": True}])
def test_savings_change_nothing(places, hugging, tmp_path, changes):
    _, usual, _ = train(hugging, tmp_path / "a", chosen(places, steps=3))
    _, saving, _ = train(hugging, tmp_path / "b", chosen(places, steps=3, **changes))
    for one, other in zip(usual, saving, strict=True):
        assert one == pytest.approx(other, rel=1e-3)


@pytest.mark.parametrize(
    "changes",
    [
        {"local_encoder": "none"},
        {"partitions": 2},
        {"injection": "add"},
        {"concepts": "crops"},
        {"keypoint_weight": 0.0},
    ],
)
def test_each_ablation_is_another_run(places, hugging, tmp_path, changes):
    _, usual, _ = train(hugging, tmp_path / "a", chosen(places, steps=1))
    _, other, _ = train(hugging, tmp_path / "b", chosen(places, steps=1, **changes))
    assert curve(usual, "total") != pytest.approx(curve(other, "total"), rel=1e-6)


def test_linear_starts_as_the_image_features_alone_and_moves(places, hugging, tmp_path):
    _, linear, _ = train(hugging, tmp_path / "a", chosen(places, injection="linear"))
    _, without, _ = train(hugging, tmp_path / "b", chosen(places, local_encoder="none"))
    assert curve(linear, "total")[0] == pytest.approx(curve(without, "total")[0], rel=1e-4)
    layer = load_local_linear(tmp_path / "a", 16)
    assert not torch.allclose(layer.weight[:, 16:], torch.zeros(16, 16))
    assert (layer.weight[:, :16] - torch.eye(16)).abs().max() > 0


def test_a_base_without_an_adapter_says_what_to_do(places, hugging, tmp_path):
    with pytest.raises(ModelError, match=r"--adapter.*--no-image-prompts"):
        train(hugging, tmp_path, settings(places["base"], image_prompts=True))


def test_a_triplet_must_be_left_to_train_on(places, hugging, tmp_path):
    with pytest.raises(SettingsError, match="held_out 2: of 2 triplets"):
        train(hugging, tmp_path, chosen(places, held_out=2))


@pytest.fixture(scope="module")
def prepared(places, hugging, tmp_path_factory):
    bundle = load_bundle(places["base"], "cpu", "float32")
    names = ("adapter", "image_encoder", "local_encoder")
    prompting = load_image_prompting(bundle, AdapterChoice(**{name: places[name] for name in names}, factor=2))
    one = read_relation(write_small_relation(tmp_path_factory.mktemp("one"), subjects=1, count=1))
    triplets = [*read_relation(hugging), *one]
    variations = vary(triplets, 1, np.random.default_rng(0), Augmentation(flip=0.0, crop=1.0), 64, 32)
    cache = Cache(tmp_path_factory.mktemp("cache"))
    return bundle, prompting, cache, triplets, variations


def test_references_are_features_nouns_and_boxes(prepared, monkeypatch):
    bundle, prompting, cache, triplets, variations = prepared
    found = encode_references(bundle, cache, prompting, triplets, variations)
    assert found.features.shape == (3, 2, 17 + 16, 16)
    assert torch.equal(found.boxes[0], torch.from_numpy(variations[0].target.boxes))
    assert not found.boxes[2, 1].any() and found.boxes[2, 0].any()
    again = prompting.encoder.features([variations[1].concepts[0].picture])[0]
    assert torch.allclose(found.features[1, 0], again, atol=1e-5)
    monkeypatch.setattr(type(prompting.encoder), "features", lambda *given: pytest.fail("computed again"))
    assert torch.equal(encode_references(bundle, cache, prompting, triplets, variations).features, found.features)


def test_fixed_keys_are_those_of_each_batch(prepared):
    bundle, prompting, cache, triplets, variations = prepared
    references = encode_references(bundle, cache, prompting, triplets, variations)
    both = [
        ImagePrompts(bundle.unet, prompting.adapter, references, size=(4, 8), scale=0.6, fixed=fixed)
        for fixed in (True, False)
    ]
    rows = torch.tensor([2, 0, 0])
    seen, states = torch.randn(3, 4, 4, 8), torch.randn(3, 77, 40)
    told = {"text_embeds": torch.zeros(3, 16), "time_ids": torch.zeros(3, 6)}
    answers = []
    with attached(bundle.unet), torch.no_grad():
        for prompts in both:
            kwargs = {"fixed": prompts(rows), "recorder": None}
            answers.append(bundle.unet(seen, 500, states, added_cond_kwargs=told, cross_attention_kwargs=kwargs).sample)
    assert torch.allclose(*answers, atol=1e-5)


def test_weights_of_the_lora_differ_only_because_of_what_is_shown(places, hugging, tmp_path):
    first, _, _ = train(hugging, tmp_path / "a", chosen(places, steps=1))
    again, _, _ = train(hugging, tmp_path / "b", chosen(places, steps=1))
    assert all(torch.equal(one.up, read_lora(again)[name].up) for name, one in read_lora(first).items())


@pytest.mark.skipif(not HUG.is_dir(), reason="needs the published triplets")
def test_the_published_triplets_train_with_their_subjects_shown(places, tmp_path):
    long = chosen(places, preset="paper", steps=40, batch=4, variations=1, validate_every=40, save_every=40)
    _, rows, _ = train(HUG, tmp_path / "run", long)
    _, before, _ = train(HUG, tmp_path / "still", long.model_copy(update={"lr": 1e-9, "grid": 0}))
    late, untrained = (np.mean(curve(found, "total")[-15:]) for found in (rows, before))
    assert late < 0.97 * untrained
    assert curve(rows, SCORE)[-1] < curve(before, SCORE)[-1]


def test_two_processes_learn_what_one_does_beside_a_lora_too(places, hugging, tmp_path):
    both = {"method": "embedding", "injection": "linear", "preset": "paper"}
    everything = chosen(places, **both, batch=4, steps=2, validate_every=2)
    two = two_processes(hugging, tmp_path / "two", everything)
    _, one, _ = train(hugging, tmp_path / "one", everything)
    assert len(two) == 2 and SCORE in two[1]
    for row, other in zip(one, two, strict=True):
        assert row == pytest.approx(other, rel=1e-3, abs=1e-6)
