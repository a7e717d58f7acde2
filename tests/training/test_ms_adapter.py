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
from click.testing import CliRunner

from tests.relations.triplets import write_small_relation
from tests.tiny_bases import save_tiny_sd15, save_tiny_sdxl
from tests.training.small_scenes import write_small_scenes
from tests.training.tiny_clip import tiny_clip
from vivant.adapters.ms import MsAdapter, load_ms_adapter, new_ms_adapter
from vivant.adapters.resampler import ResamplerSizes
from vivant.adapters.sources import AdapterChoice, adapter_file, load_image_prompting
from vivant.commands.train import train as train_command
from vivant.errors import ModelError, SettingsError, StoreError
from vivant.images import read_image
from vivant.models.bundle import load_bundle
from vivant.settings.base import load_settings
from vivant.settings.train_ms_adapter import TrainMsAdapterSettings
from vivant.training import adapter_setup, ms_adapter
from vivant.training.adapter_data import draw_step
from vivant.training.log import SCALARS, curve, read_scalars
from vivant.training.ms_adapter import train_ms_adapter


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return str(save_tiny_sdxl(tmp_path_factory.mktemp("sdxl")))


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clip")
    tiny_clip().save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    return write_small_scenes(tmp_path_factory.mktemp("scenes"), count=10)


@pytest.fixture
def settings(base, clip):
    small = {"dim": 16, "depth": 1, "head": 8, "heads": 2, "queries": 2, "width": 128, "height": 64}
    usual = {"base": base, "image_encoder": clip, "local_encoder": "same", "factor": 2, "device": "cpu", **small}
    run = {"steps": 6, "batch": 2, "save_every": 2, "validate_every": 0, "lr": 1e-3}

    def make(**changes) -> TrainMsAdapterSettings:
        return load_settings(TrainMsAdapterSettings, flags={**usual, **run, **changes})

    return make


def train(source: Path, out: Path, chosen: TrainMsAdapterSettings) -> tuple[list[dict[str, float]], list[str]]:
    said: list[str] = []
    assert train_ms_adapter(source, out, chosen, say=said.append) == out
    return read_scalars(out / SCALARS), said


def trained(out: Path, base: str) -> MsAdapter:
    return load_ms_adapter(adapter_file(str(out)), load_bundle(base, "cpu", "float32").unet)


def same(one: MsAdapter, other: MsAdapter) -> bool:
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def test_the_loss_falls_and_what_is_saved_is_what_was_trained(base, scenes, settings, tmp_path, monkeypatch):
    kept: dict[str, Any] = {}
    frozen: dict[str, torch.Tensor] = {}
    monkeypatch.setattr(adapter_setup, "new_ms_adapter", lambda unet, sizes: _noted(unet, sizes, kept, frozen))
    told = {"drop_text": 0.0, "drop_image": 0.0, "drop_both": 0.0}
    chosen = settings(steps=60, batch=4, lr=0.02, held_out=1, validate_every=20, grid=0, save_every=60, **told)
    rows, said = train(scenes, tmp_path / "run", chosen)
    # The same noise again: what an adapter that does not learn has to say of it.
    monkeypatch.undo()
    still, _ = train(scenes, tmp_path / "still", chosen.model_copy(update={"lr": 1e-12, "validate_every": 0}))
    late, untrained = (np.mean(curve(found, "denoising")[-15:]) for found in (rows, still))
    assert late < 0.97 * untrained
    figures = json.loads((tmp_path / "run" / "figures.json").read_text())
    assert figures["held_out"] == pytest.approx(curve(rows, "held_out")[-1]) and len(curve(rows, "held_out")) == 3
    assert (figures["pictures"], figures["pictures_held_out"]) == (9, 1)
    assert f"the base alone {figures['base_alone']:.5f}" in said[-1]
    assert same(trained(tmp_path / "run", base), kept["adapter"])
    after = kept["unet"].state_dict()
    assert all(torch.equal(value, after[name]) for name, value in frozen.items()), "the base is not to learn"


def _noted(unet: Any, sizes: ResamplerSizes, kept: dict[str, Any], frozen: dict[str, torch.Tensor]) -> MsAdapter:
    adapter = new_ms_adapter(unet, sizes)
    kept.update(unet=unet, adapter=adapter)
    frozen.update({name: value.clone() for name, value in unet.state_dict().items()})
    return adapter


def test_what_it_leaves_is_an_adapter_that_generation_loads(base, clip, scenes, settings, tmp_path):
    train(scenes, tmp_path, settings(steps=2, validate_every=2, grid=2, held_out=1))
    bundle = load_bundle(base, "cpu", "float32")
    prompting = load_image_prompting(bundle, AdapterChoice(str(tmp_path), clip, "same", factor=2))
    assert (prompting.adapter.sizes.queries, prompting.adapter.sizes.head) == (2, 8)
    best = load_ms_adapter(adapter_file(str(tmp_path / "best")), bundle.unet)
    assert same(best, prompting.adapter)
    grid = read_image(tmp_path / "validation" / "step-000002.png")
    assert grid.shape[2] == 3 and grid.std() > 10


def test_a_run_that_is_stopped_and_started_again_is_one_run(base, scenes, settings, tmp_path, monkeypatch):
    rows, _ = train(scenes, tmp_path / "whole", settings(held_out=1, validate_every=3, grid=0))
    calls = 0

    def stopping(*given):
        nonlocal calls
        calls += 1
        if calls == 4:
            raise KeyboardInterrupt
        return draw_step(*given)

    with monkeypatch.context() as patched:
        patched.setattr(ms_adapter, "draw_step", stopping)
        with pytest.raises(KeyboardInterrupt):
            train(scenes, tmp_path / "parts", settings(held_out=1, validate_every=3, grid=0))
    again, _ = train(scenes, tmp_path / "parts", settings(held_out=1, validate_every=3, grid=0))
    assert again == rows
    assert same(trained(tmp_path / "whole", base), trained(tmp_path / "parts", base))
    names = ("figures.json", "ms_adapter.safetensors")
    assert all((tmp_path / "whole" / name).read_bytes() == (tmp_path / "parts" / name).read_bytes() for name in names)


def test_more_steps_go_on_and_other_settings_are_another_run(scenes, settings, tmp_path):
    longer, _ = train(scenes, tmp_path / "a", settings(steps=4))
    train(scenes, tmp_path / "b", settings(steps=2))
    _, said = train(scenes, tmp_path / "b", settings(steps=2))
    assert "has its 2 steps already" in said[-1]
    rows, _ = train(scenes, tmp_path / "b", settings(steps=4, micro_batch=1))
    np.testing.assert_allclose(curve(rows, "total"), curve(longer, "total"), rtol=1e-4)
    with pytest.raises(StoreError, match="begun with other settings or data"):
        train(scenes, tmp_path / "b", settings(steps=5, drop_text=0.2))


def test_frozen_models_speak_once(scenes, settings, tmp_path, monkeypatch):
    train(scenes, tmp_path, settings(steps=1))

    def never(*_, **__):
        raise AssertionError("encoded again")

    monkeypatch.setattr("vivant.training.cache.encode_moments", never)
    monkeypatch.setattr("vivant.adapters.subjects.SubjectEncoder.features", never)
    rows, _ = train(scenes, tmp_path, settings(steps=2))
    assert len(curve(rows, "total")) == 2


def test_an_adapter_is_learned_on_from(base, scenes, settings, tmp_path):
    train(scenes, tmp_path / "first", settings(steps=2, half=True))
    bare = dict.fromkeys(("dim", "depth", "head", "heads", "queries"))
    train(scenes, tmp_path / "second", settings(steps=1, lr=1e-12, start=str(tmp_path / "first"), **bare))
    one, other = trained(tmp_path / "first", base), trained(tmp_path / "second", base)
    for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True):
        torch.testing.assert_close(a, b, atol=1e-6, rtol=1e-6)
    with pytest.raises(SettingsError, match="dim: is that of the adapter to start from"):
        train(scenes, tmp_path / "third", settings(start=str(tmp_path / "first")))


def test_triplets_and_the_other_layout_train_too(clip, settings, tmp_path):
    source = write_small_relation(tmp_path / "triplets", count=2)
    small = str(save_tiny_sd15(tmp_path / "sd15"))
    rows, _ = train(source, tmp_path / "run", settings(base=small, steps=2, local_encoder="none", width=128, height=64))
    assert len(curve(rows, "denoising")) == 2
    assert trained(tmp_path / "run", small).sizes.features == 16


def test_what_cannot_be_trained_with_is_told_of(base, scenes, settings, tmp_path):
    with pytest.raises(ModelError, match=r"no image encoder of its own: name one with --image-encoder"):
        train(scenes, tmp_path / "a", settings(image_encoder=None))
    with pytest.raises(StoreError, match=r"no metadata\.jsonl"):
        train(tmp_path, tmp_path / "a", settings())
    with pytest.raises(SettingsError, match="width"):
        train(scenes, tmp_path / "a", settings(width=132))
    assert not (tmp_path / "a" / "state.pt").exists()


def test_the_command(base, clip, scenes, tmp_path):
    arguments = [
        "ms-adapter",
        str(scenes),
        "-o",
        str(tmp_path),
        "--base",
        base,
        "--image-encoder",
        clip,
        "--steps",
        "1",
    ]
    small = ["--dim", "16", "--depth", "1", "--head", "8", "--heads", "2", "--queries", "2", "--batch", "2"]
    more = ["--local-encoder", "none", "--width", "128", "--height", "64", "--grid", "0", "--device", "cpu"]
    result = CliRunner().invoke(train_command, [*arguments, *small, *more])
    assert result.exit_code == 0, result.output
    assert f"trained: {tmp_path}" in result.output
    assert trained(tmp_path, base).sizes.dim == 16


def test_two_processes_learn_what_one_does(scenes, settings, tmp_path):
    script = tmp_path / "run.py"
    script.write_text(
        "import sys\n"
        "from pathlib import Path\n"
        "from vivant.settings.train_ms_adapter import TrainMsAdapterSettings\n"
        "from vivant.training.ms_adapter import train_ms_adapter\n"
        "settings = TrainMsAdapterSettings.model_validate_json(sys.argv[1])\n"
        "train_ms_adapter(Path(sys.argv[2]), Path(sys.argv[3]), settings)\n"
    )
    chosen = settings(steps=3, batch=4, held_out=1, validate_every=3, grid=0)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(script)]
    told = [chosen.model_dump_json(), str(scenes), str(tmp_path / "two")]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run([*command, *told], check=True, capture_output=True, env=environment, timeout=300)
    rows, _ = train(scenes, tmp_path / "one", chosen)
    two = read_scalars(tmp_path / "two" / SCALARS)
    for row, other in zip(rows, two, strict=True):
        assert row == pytest.approx(other, rel=1e-4, abs=1e-7)
