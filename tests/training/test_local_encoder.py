"""The recipe on a CLIP at a millionth of the size."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from tests.models.test_image_encoder import open_clip_names
from tests.training.tiny_clip import tiny_clip
from vivant.commands.train import train as train_command
from vivant.errors import InputError, ModelError, StoreError
from vivant.images import write_png
from vivant.models.image_encoder import load_image_encoder
from vivant.settings.base import load_settings
from vivant.settings.train_local_encoder import TrainLocalEncoderSettings
from vivant.training import local_encoder
from vivant.training.clipself import clipself_loss
from vivant.training.local_encoder import train_local_encoder
from vivant.training.log import SCALARS, curve, read_scalars


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clip")
    tiny_clip().save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Coarse patches of colour, of different sizes."""
    folder, rng = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    for number in range(12):
        coarse = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)
        write_png(folder / f"{number:02}.png", np.kron(coarse, np.ones((20, 16 + number, 1), np.uint8)))
    return folder


def settings(clip: str, **changes) -> TrainLocalEncoderSettings:
    usual = {"encoder": clip, "factor": 2, "batch": 4, "regions": 3, "steps": 6, "save_every": 2, "device": "cpu"}
    return load_settings(TrainLocalEncoderSettings, flags={**usual, "lr": 1e-3, "readers": 2, "held_out": 1, **changes})


def train(source: Path, out: Path, chosen: TrainLocalEncoderSettings) -> tuple[list[dict[str, float]], list[str]]:
    said: list[str] = []
    assert train_local_encoder(source, out, chosen, say=said.append) == out
    return read_scalars(out / SCALARS), said


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return dict(load_image_encoder(folder).model.state_dict())


def test_what_it_leaves_is_an_encoder_that_agrees_better_with_crops(clip, pictures, tmp_path):
    rows, _ = train(pictures, tmp_path, settings(clip, steps=40, lr=3e-3, check_every=20))
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["after"]["cosine"] > figures["before"]["cosine"] + 0.1
    assert (figures["pictures"], figures["held_out"], figures["steps"]) == (11, 1, 40)
    assert curve(rows, "cosine")[-1] == figures["after"]["cosine"] and len(curve(rows, "cosine")) == 2
    assert len(curve(rows, "total")) == 40
    assert np.mean(curve(rows, "total")[-5:]) < np.mean(curve(rows, "total")[:5]) - 0.1
    before, after = weights(Path(clip)), weights(tmp_path)
    assert torch.equal(before["visual_projection.weight"], after["visual_projection.weight"])
    assert not torch.equal(*(one["vision_model.encoder.layers.2.self_attn.v_proj.weight"] for one in (before, after)))


def test_a_run_that_is_stopped_and_started_again_is_one_run(clip, pictures, tmp_path, monkeypatch):
    rows, _ = train(pictures, tmp_path / "whole", settings(clip))
    calls = 0

    def stopping(*features):
        nonlocal calls
        calls += 1
        if calls == 4:
            raise KeyboardInterrupt
        return clipself_loss(*features)

    with monkeypatch.context() as patched:
        patched.setattr(local_encoder, "clipself_loss", stopping)
        with pytest.raises(KeyboardInterrupt):
            train(pictures, tmp_path / "parts", settings(clip))
    assert not (tmp_path / "parts" / "config.json").exists()
    again, _ = train(pictures, tmp_path / "parts", settings(clip))
    assert again == rows
    one, other = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert (tmp_path / "parts" / "figures.json").read_bytes() == (tmp_path / "whole" / "figures.json").read_bytes()


def test_more_epochs_go_on_and_a_finished_run_is_finished(clip, pictures, tmp_path):
    train(pictures, tmp_path, settings(clip, steps=None, epochs=1.0))  # 11 pictures in batches of 4: 3 steps
    _, said = train(pictures, tmp_path, settings(clip, steps=None, epochs=1.0))
    assert "has its 3 steps already" in said[-1]
    rows, _ = train(pictures, tmp_path, settings(clip, steps=None, epochs=2.0))
    assert [row["step"] for row in rows if "total" in row] == list(range(6))
    with pytest.raises(StoreError, match="begun with other settings or data"):
        train(pictures, tmp_path, settings(clip, seed=1))


def test_small_pieces_and_checkpoints_change_nothing_but_memory(clip, pictures, tmp_path):
    rows, _ = train(pictures, tmp_path / "whole", settings(clip, steps=3))
    pieces, _ = train(
        pictures, tmp_path / "pieces", settings(clip, steps=3, micro_batch=1, gradient_checkpointing=True, readers=1)
    )
    np.testing.assert_allclose(curve(pieces, "total"), curve(rows, "total"), rtol=1e-4)


def test_half_precision_is_half_the_bytes(clip, pictures, tmp_path):
    train(pictures, tmp_path / "a", settings(clip, steps=1))
    train(pictures, tmp_path / "b", settings(clip, steps=1, half=True))
    sizes = [(tmp_path / name / "model.safetensors").stat().st_size for name in "ab"]
    assert sizes[1] < 0.6 * sizes[0]
    one, other = weights(tmp_path / "a"), weights(tmp_path / "b")
    assert all(torch.equal(one[name].half().float(), other[name].float()) for name in one)


def test_a_broken_picture_is_on_record_and_the_run_goes_on(clip, pictures, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for path in pictures.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "05.png").write_bytes(b"no picture")
    _, said = train(folder, tmp_path / "run", settings(clip, steps=4))
    assert "1 pictures cannot be read" in said[-1]
    record = json.loads((tmp_path / "run" / "rejects.jsonl").read_text())
    assert record["file"].endswith("05.png") and record["reason"]


def test_an_open_clip_state_dict_is_distilled_as_the_folder_is(clip, pictures, tmp_path):
    file = tmp_path / "clip.pt"
    torch.save({f"visual.{name}": value for name, value in open_clip_names(tiny_clip()).items()}, file)
    rows, _ = train(pictures, tmp_path / "folder", settings(clip, steps=2))
    told = settings(str(file), steps=2, heads=2, activation="quick_gelu")
    same, _ = train(pictures, tmp_path / "file", told)
    np.testing.assert_allclose(curve(same, "total"), curve(rows, "total"), rtol=1e-5)


def test_what_cannot_be_trained_on_is_told_of(clip, tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        train(tmp_path / "missing", tmp_path / "run", settings(clip))
    write_png(tmp_path / "one" / "a.png", np.zeros((20, 20, 3), np.uint8))
    with pytest.raises(InputError, match="the only picture"):
        train(tmp_path / "one", tmp_path / "run", settings(clip))
    write_png(tmp_path / "one" / "b.png", np.zeros((20, 20, 3), np.uint8))
    with pytest.raises(ModelError, match=r"no config\.json"):
        train(tmp_path / "one", tmp_path / "run", settings(str(tmp_path / "one")))


def test_the_command(clip, pictures, tmp_path):
    arguments = ["local-encoder", str(pictures), "-o", str(tmp_path), "--encoder", clip, "--steps", "1"]
    result = CliRunner().invoke(
        train_command, [*arguments, "--factor", "2", "--batch", "2", "--regions", "2", "--device", "cpu"]
    )
    assert result.exit_code == 0, result.output
    assert f"trained: {tmp_path}" in result.output
    assert load_image_encoder(tmp_path).local_tokens([np.zeros((40, 40, 3), np.uint8)], factor=2).shape == (1, 16, 16)
    told = json.loads((tmp_path / "settings.json").read_text())
    assert (told["weight_decay"], told["epochs"], told["lr"]) == (0.1, 6.0, 1e-5)


def test_two_processes_are_one(clip, pictures, tmp_path):
    rows, _ = train(pictures, tmp_path / "one", settings(clip, steps=3))
    arguments = [str(pictures), str(tmp_path / "two"), settings(clip, steps=3).model_dump_json()]
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from vivant.settings.train_local_encoder import TrainLocalEncoderSettings as S\n"
        "from vivant.training.local_encoder import train_local_encoder\n"
        "train_local_encoder(Path(sys.argv[1]), Path(sys.argv[2]), S.model_validate_json(sys.argv[3]))\n"
    )
    script = tmp_path / "two.py"
    script.write_text(code)
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2", str(script)]
    ran = subprocess.run(
        [*launch, *arguments], env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=240
    )
    assert ran.returncode == 0, ran.stderr
    both = read_scalars(tmp_path / "two" / SCALARS)
    np.testing.assert_allclose(curve(both, "total"), curve(rows, "total"), rtol=1e-4)
