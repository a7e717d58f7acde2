"""The recipe's command: stages in order, done ones skipped, errors in one line."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import save_file

from vivant.errors import ModelError
from vivant.pocket import train
from vivant.pocket.run import SHARES, Figures, Run
from vivant.pocket.save import adopt, begin


@pytest.fixture
def ran(monkeypatch):
    """Stages that only note that they ran; "dino" fails the first time."""
    notes: list[str] = []

    def stage_module(name: str) -> SimpleNamespace:
        def run_it(run: Run) -> Figures:
            notes.append(name)
            if name == "dino" and notes.count("dino") == 1:
                raise ModelError("dino: no")
            (run.weights / name).mkdir(parents=True)
            (run.weights / name / "model.safetensors").write_bytes(b"weights")
            return {"steps": 1.0}

        return SimpleNamespace(train=run_it)

    for stage, module in train.MODULES.items():
        monkeypatch.setitem(sys.modules, f"vivant.pocket.{module}", stage_module(stage))
    return notes


def command(out: Path, *more: str) -> int:
    return train.main(["--device", "cpu", "--minutes", "1", "--out", str(out), *more])


def test_shares_are_the_whole_and_every_stage_is_a_module():
    assert sum(SHARES.values()) == pytest.approx(1.0)
    assert list(SHARES)[:4] == ["world", "clip", "vae", "base"]
    assert set(train.MODULES) == set(SHARES)


def test_stages_run_in_order_and_a_failed_one_is_continued(ran, tmp_path, capsys):
    assert command(tmp_path) == 1
    assert "error: dino: no" in capsys.readouterr().err
    stages = list(SHARES)
    assert ran == stages[: stages.index("dino") + 1]
    assert command(tmp_path) == 0
    assert ran[stages.index("dino") + 1 :] == stages[stages.index("dino") :]
    table = json.loads((tmp_path / "figures.json").read_text())
    assert list(table) == stages
    assert table["base"]["device"].startswith("CPU")
    assert table["base"]["steps"] == 1.0


def test_stages_that_run_side_by_side_keep_each_others_figures(ran, tmp_path, monkeypatch):
    def beside(run: Run) -> Figures:
        assert command(tmp_path, "--stage", "vae") == 0
        return {"steps": 2.0}

    monkeypatch.setattr(sys.modules["vivant.pocket.clip"], "train", beside)
    assert command(tmp_path, "--stage", "clip") == 0
    assert set(json.loads((tmp_path / "figures.json").read_text())) == {"clip", "vae"}


def test_install_copies_what_is_finished(ran, tmp_path, monkeypatch):
    installed: list[Path] = []

    def install(weights: Path) -> list[str]:
        installed.append(weights)
        return ["clip"]

    monkeypatch.setattr(train, "install", install)
    assert command(tmp_path, "--stage", "clip", "--install") == 0
    assert ran == ["clip"]
    assert installed == [tmp_path / "weights"]


def test_values_that_cannot_be_are_refused(tmp_path, capsys, monkeypatch):
    assert train.main(["--minutes", "0", "--out", str(tmp_path)]) == 1
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert train.main(["--device", "cuda", "--out", str(tmp_path)]) == 1
    assert "use --device cpu" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        train.main(["--stage", "everything"])


def test_a_run_starts_from_given_weights(tmp_path):
    start, model = tmp_path / "start", torch.nn.Linear(3, 2)
    (start / "dino").mkdir(parents=True)
    (start / "dino" / "config.json").write_text("{}")
    half = {name: value.detach().half() for name, value in model.state_dict().items()}
    save_file(half, start / "dino" / "w.safetensors")
    run = Run(tmp_path / "out", torch.device("cpu"), 0, 1.0, start)
    adopt(run)
    assert (run.weights / "dino" / "w.safetensors").is_file()
    other = torch.nn.Linear(3, 2)
    begin(run, "dino", other)
    assert torch.allclose(other.weight, model.weight, atol=1e-3)
    with pytest.raises(ModelError, match="weight has shape"):
        begin(run, "dino", torch.nn.Linear(4, 2))
    with pytest.raises(ModelError, match="no weights"):
        begin(run, "vitpose", other)
    begin(Run(tmp_path, torch.device("cpu"), 0, 1.0), "vitpose", other)  # nothing to start from: left as it is
