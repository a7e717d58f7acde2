"""The recipe on models of SDXL's layout at a millionth of the size."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.relations.test_published import HUG
from tests.relations.triplets import write_small_relation
from tests.tiny_bases import save_tiny_sd15, save_tiny_sdxl
from vivant.adapters.lora_file import MADE, WEIGHTS, read_lora
from vivant.adapters.relation_lora import load_lora
from vivant.errors import ModelError, SettingsError, StoreError
from vivant.models.bundle import load_bundle
from vivant.models.tensor_files import read_tensors
from vivant.relations.published import read_relation
from vivant.settings.base import load_settings
from vivant.settings.train_relation import TrainRelationSettings
from vivant.training.augment import Augmentation
from vivant.training.cache import Cache
from vivant.training.learner import sample_losses
from vivant.training.log import SCALARS, curve, read_scalars
from vivant.training.objective import PAPER, RELEASED
from vivant.training.relation import train_relation
from vivant.training.relation_data import draw_step, encode_relation, predicate_places, vary
from vivant.training.relation_setup import loss_constants


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return str(save_tiny_sdxl(tmp_path_factory.mktemp("sdxl")))


@pytest.fixture(scope="module")
def hugging(tmp_path_factory):
    return write_small_relation(tmp_path_factory.mktemp("hugging"))


def settings(base: str, **changes) -> TrainRelationSettings:
    usual = {"base": base, "steps": 6, "batch": 2, "variations": 2, "width": 128, "height": 64, "device": "cpu"}
    plain = {"image_prompts": False, "validate_every": 0, "preset": "released", "save_every": 2}
    return load_settings(TrainRelationSettings, flags={**usual, **plain, **changes})


def stopping(monkeypatch, calls: int) -> None:
    """The recipe is interrupted the so-many-th time that it looks at a batch."""
    left = iter(range(calls))

    def losses(*given):
        if next(left) == calls - 1:
            raise KeyboardInterrupt
        return sample_losses(*given)

    monkeypatch.setattr("vivant.training.learner.sample_losses", losses)


def train(
    source: Path, out: Path, chosen: TrainRelationSettings, **more: Any
) -> tuple[Path, list[dict[str, float]], list[str]]:
    said: list[str] = []
    path = train_relation(source, out, chosen, say=said.append, **more)
    return path, read_scalars(out / SCALARS), said


def test_it_trains_and_leaves_a_lora_that_acts(base, hugging, tmp_path):
    path, rows, _ = train(hugging, tmp_path, settings(base))
    assert path == tmp_path / WEIGHTS
    assert [row["step"] for row in rows] == list(range(6))
    assert all(set(row) == {"step", "total", "denoising", "keypoint", "predicate"} for row in rows)
    assert any(layer.up.abs().max() > 0 for layer in read_lora(path).values())
    assert all(layer.rank == 4 for layer in read_lora(path).values())
    load_lora(load_bundle(base, "cpu", "float32").unet, tmp_path, "hug")
    made = json.loads(read_tensors(path)[1][MADE])
    assert (made["base"], made["steps"], made["settings"]["preset"]) == (base, 6, "released")


def test_the_loss_falls(base, tmp_path):
    source = write_small_relation(tmp_path / "one", count=1)
    chosen = settings(base, steps=60, lr=0.02, flip=0.0, crop=1.0, variations=1, save_every=60)
    _, rows, _ = train(source, tmp_path / "run", chosen)
    # The same noise again: what an untrained LoRA had to say of it.
    _, before, _ = train(source, tmp_path / "still", chosen.model_copy(update={"lr": 1e-9}))
    late, untrained = (np.mean(curve(found, "total")[-20:]) for found in (rows, before))
    assert late < 0.97 * untrained


def test_a_run_that_is_stopped_and_started_again_is_one_run(base, hugging, tmp_path, monkeypatch):
    whole, rows, _ = train(hugging, tmp_path / "whole", settings(base))
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        stopping(patched, 5)
        train(hugging, tmp_path / "parts", settings(base))
    parts, again, _ = train(hugging, tmp_path / "parts", settings(base))
    assert again == rows
    one, other = read_lora(whole), read_lora(parts)
    assert all(torch.equal(one[name].up, other[name].up) for name in one)
    assert all(torch.equal(one[name].down, other[name].down) for name in one)


def test_more_steps_go_on_with_a_finished_run(base, hugging, tmp_path):
    _, longer, _ = train(hugging, tmp_path / "a", settings(base, steps=8))
    train(hugging, tmp_path / "b", settings(base, steps=4))
    _, _, said = train(hugging, tmp_path / "b", settings(base, steps=4))
    assert "has its 4 steps already" in said[-1]
    _, rows, _ = train(hugging, tmp_path / "b", settings(base, steps=8))
    assert rows == longer


def test_other_settings_or_data_are_another_run(base, hugging, tmp_path):
    train(hugging, tmp_path / "run", settings(base, steps=2))
    with pytest.raises(StoreError, match=r"state\.pt: begun with other settings or data"):
        train(hugging, tmp_path / "run", settings(base, steps=4, lr=0.5))
    other = write_small_relation(tmp_path / "other", count=1)
    with pytest.raises(StoreError, match="begun with other settings or data"):
        train(other, tmp_path / "run", settings(base, steps=4))


@pytest.mark.parametrize("checkpointing", [False, True])
def test_pieces_of_a_batch_are_the_batch(base, hugging, tmp_path, checkpointing):
    _, whole, _ = train(hugging, tmp_path / "whole", settings(base, steps=3, batch=3, lr=0.01))
    chosen = settings(base, steps=3, batch=3, lr=0.01, micro_batch=2, gradient_checkpointing=checkpointing)
    _, pieces, _ = train(hugging, tmp_path / "pieces", chosen)
    for one, other in zip(whole, pieces, strict=True):
        assert one == pytest.approx(other, rel=1e-4)


def test_one_subject_one_text_encoder_and_the_paper_s_loss(tmp_path):
    base = str(save_tiny_sd15(tmp_path / "base"))
    source = write_small_relation(tmp_path / "dancing", subjects=1, predicate=False)
    _, rows, _ = train(source, tmp_path / "run", settings(base, preset="paper", min_snr_gamma=5.0, steps=2))
    assert set(rows[0]) == {"step", "total", "denoising", "keypoint"}


def test_a_size_that_the_base_cannot_draw_is_refused(base, hugging, tmp_path):
    class Odd(TrainRelationSettings):
        width: int | None = 100

    with pytest.raises(SettingsError, match="multiples of 8"):
        train(hugging, tmp_path, Odd(base=base, device="cpu", height=64, image_prompts=False))


def test_a_loss_that_is_no_number_stops_the_run(base, hugging, tmp_path):
    with pytest.raises(ModelError, match="not a number at step"):
        train(hugging, tmp_path, settings(base, lr=1.0, keypoint_weight=1e300))


def test_settings_override_the_preset(base):
    assert loss_constants(settings(base, preset="paper")) == PAPER
    changed = loss_constants(settings(base, keypoint_weight=0.0, min_snr_gamma=5.0))
    assert (changed.keypoint_weight, changed.min_snr_gamma) == (0.0, 5.0)
    assert changed.predicate_weight == RELEASED.predicate_weight


def two_processes(source: Path, out: Path, chosen: TrainRelationSettings) -> list[dict[str, float]]:
    """The same run by two processes on the CPU."""
    script = out.with_suffix(".py")
    script.write_text(
        "import sys\n"
        "from pathlib import Path\n"
        "from vivant.settings.train_relation import TrainRelationSettings\n"
        "from vivant.training.relation import train_relation\n"
        "settings = TrainRelationSettings.model_validate_json(sys.argv[1])\n"
        "train_relation(Path(sys.argv[2]), Path(sys.argv[3]), settings)\n"
    )
    # What `accelerate launch` starts; it has no flag of its own for several processes on one machine's CPU.
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(script)]
    told = [chosen.model_dump_json(), str(source), str(out)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run([*command, *told], check=True, capture_output=True, env=environment, timeout=300)
    return read_scalars(out / SCALARS)


def test_two_processes_learn_what_one_does(base, hugging, tmp_path):
    chosen = settings(base, steps=3, batch=4, lr=0.01)
    two = two_processes(hugging, tmp_path / "two", chosen)
    _, one, _ = train(hugging, tmp_path / "one", chosen)
    assert [row["step"] for row in two] == [0, 1, 2]
    for row, other in zip(one, two, strict=True):
        assert row == pytest.approx(other, rel=1e-4, abs=1e-7)


def test_a_batch_that_processes_cannot_share_is_refused(base, hugging, tmp_path, monkeypatch):
    monkeypatch.setattr("accelerate.Accelerator.num_processes", 2)
    with pytest.raises(SettingsError, match="multiple of 2 processes"):
        train(hugging, tmp_path, settings(base, batch=3))


@pytest.fixture(scope="module")
def bundle(base):
    return load_bundle(base, "cpu", "float32")


def test_data_is_padded_with_hidden_subjects(bundle, tmp_path):
    two = read_relation(write_small_relation(tmp_path / "two", count=1))
    one = read_relation(write_small_relation(tmp_path / "one", subjects=1, count=1))
    triplets = [*two, *one]
    variations = vary(triplets, 1, np.random.default_rng(0), Augmentation(flip=0.0, crop=1.0), 64, 32)
    data = encode_relation(bundle, Cache(tmp_path / "cache"), triplets, variations)
    assert data.concepts.shape == (2, 2, 4, 4, 8)
    assert data.target_points[1, 0, :, 2].all()
    assert not data.target_points[1, 1].any()
    assert data.masks.shape == (2, 32, 64)
    assert torch.equal(data.masks[0] > 0, torch.from_numpy(variations[0].target.masks.max(axis=0) > 0))
    assert data.selection.sum(dim=1).flatten().tolist() == pytest.approx([1.0, 1.0])


def test_the_predicate_s_tokens(bundle, tmp_path):
    triplet = read_relation(write_small_relation(tmp_path, count=1))[0]
    prompt, start = triplet.prompt, triplet.prompt.index("hugging")
    # The tiny tokenizer has a token a letter, and none for spaces.
    first = 1 + len(prompt[:start].replace(" ", ""))
    marked = list(range(first, first + len("hugging")))
    assert predicate_places(bundle, triplet) == marked
    assert set(marked) <= set(predicate_places(bundle, triplet.model_copy(update={"predicate": ()})))
    plain = triplet.model_copy(update={"predicate": (), "prompt": "a red cat and a dog"})
    assert predicate_places(bundle, plain) == []


def test_every_part_of_a_batch_is_drawn_once_for_all_processes(bundle, hugging, tmp_path):
    triplets = read_relation(hugging)
    variations = vary(triplets, 2, np.random.default_rng(0), Augmentation(), 64, 32)
    data = encode_relation(bundle, Cache(tmp_path), triplets, variations)
    whole = draw_step(data, 4, 1000, torch.Generator().manual_seed(0))
    halves = [whole.part(at, at + 2, torch.device("cpu")) for at in (0, 2)]
    assert torch.equal(torch.cat([half.latents(data) for half in halves]), whole.latents(data))
    assert torch.equal(torch.cat([half.timesteps for half in halves]), whole.timesteps)


@pytest.mark.skipif(not HUG.is_dir(), reason="needs the published triplets")
def test_the_published_triplets_train(base, tmp_path):
    chosen = settings(base, steps=40, width=64, lr=0.02, variations=1, save_every=40, batch=4)
    _, rows, said = train(HUG, tmp_path / "run", chosen)
    _, before, _ = train(HUG, tmp_path / "still", chosen.model_copy(update={"lr": 1e-9}))
    late, untrained = (np.mean(curve(found, "total")[-15:]) for found in (rows, before))
    assert late < 0.97 * untrained
    assert [line for line in said if "exchanged" in line] == [
        f"{HUG}, triplet '2': keypoints were listed in another order than masks; exchanged"
    ]
