"""The training loop: it learns, resumes to the same weights, averages, and stops when told."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor, nn

from vivant.errors import ModelError
from vivant.pocket import loop
from vivant.pocket.loop import Run, fit


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture
def fixed_steps(monkeypatch):
    """The schedule settles on 12 steps whatever the machine's speed, and stays there."""

    def settle(trainer, seconds, mark, mark_step):
        trainer.steps = 12

    monkeypatch.setattr(loop._Trainer, "_settle", settle)
    monkeypatch.setattr(loop._Trainer, "_revise", lambda trainer, seconds, rate: None)


def make_run(out: Path) -> Run:
    return Run(out=out, device=torch.device("cpu"), seed=3, minutes=1.0)


def make_model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.2), nn.Linear(8, 1))


def make_step(run: Run, model: nn.Module, fail_at: int | None = None) -> Callable[[int], Tensor]:
    def step(i: int) -> Tensor:
        if i == fail_at:
            raise RuntimeError("killed")
        x = torch.randn(16, 4, generator=run.generator("toy", i))
        return ((model(x) - x.sum(1, keepdim=True)) ** 2).mean()

    return step


def weights_of(model: nn.Module) -> Tensor:
    return torch.cat([value.float().flatten() for value in model.state_dict().values()])


def test_resumed_equals_uninterrupted(tmp_path, fixed_steps, monkeypatch):
    whole = make_model()
    run = make_run(tmp_path / "whole")
    fit(run, "toy", whole, make_step(run, whole), lr=1e-2, batch=16, warmup=3, seconds=60)
    monkeypatch.setattr(loop, "SAVE_SECONDS", 0.0)
    run = make_run(tmp_path / "broken")
    first, second = make_model(), make_model()
    with pytest.raises(RuntimeError):
        fit(run, "toy", first, make_step(run, first, fail_at=7), lr=1e-2, batch=16, warmup=3, seconds=60)
    figures = fit(run, "toy", second, make_step(run, second), lr=1e-2, batch=16, warmup=3, seconds=60)
    assert figures["steps"] == 12
    assert torch.equal(weights_of(second), weights_of(whole))
    assert not torch.equal(weights_of(second), weights_of(make_model()))


def test_it_learns_and_reports(tmp_path, monkeypatch):
    monkeypatch.setattr(loop._Trainer, "_settle", lambda trainer, *_: setattr(trainer, "steps", 300))
    monkeypatch.setattr(loop._Trainer, "_revise", lambda *_: None)
    model, run = nn.Linear(4, 1), make_run(tmp_path)
    figures = fit(run, "toy", model, make_step(run, model), lr=5e-2, batch=16, warmup=5, ema=0.9, seconds=60)
    assert figures["train_loss"] < 0.01
    assert figures["pictures"] == 300 * 16
    assert figures["gflops_per_picture"] * 1e9 == 4 * 2 * 2  # forward and the weights' gradient; none for the input
    assert torch.allclose(model.weight, torch.ones(1, 4), atol=0.1)


def test_the_time_share_stands_when_the_machine_slows_down(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "SAVE_SECONDS", 0.1)
    model, run = nn.Linear(4, 1), make_run(tmp_path)
    step = make_step(run, model)

    def slower(i: int) -> Tensor:
        time.sleep(0.02 if i > 20 else 0.0)
        return step(i)

    began = time.monotonic()
    figures = fit(run, "toy", model, slower, lr=1e-3, batch=16, seconds=1.0)
    assert 20 < figures["steps"] < 70
    assert time.monotonic() - began < 4.0


def test_samples_see_the_average_and_training_goes_on_from_the_raw_weights(tmp_path, fixed_steps, monkeypatch):
    monkeypatch.setattr(loop, "SAMPLE_SECONDS", 0.0)
    run, plain, sampled, seen = make_run(tmp_path / "a"), make_model(), make_model(), []

    def look(model):
        assert not model.training
        seen.append(weights_of(model).clone())

    fit(run, "toy", plain, make_step(run, plain), lr=1e-2, batch=16, seconds=60)
    run = make_run(tmp_path / "b")
    fit(run, "toy", sampled, make_step(run, sampled), lr=1e-2, batch=16, seconds=60, on_sample=look)
    assert torch.equal(weights_of(plain), weights_of(sampled))
    assert torch.equal(seen[-1], weights_of(sampled))
    assert len(seen) == 13


def test_a_loss_that_is_no_number_is_refused_and_not_saved(tmp_path):
    model, run = nn.Linear(1, 1), make_run(tmp_path)
    with pytest.raises(ModelError, match="lower the learning rate"):
        fit(run, "toy", model, lambda i: model(torch.full((1, 1), torch.nan)).sum(), lr=1.0, batch=1, seconds=0.1)
    assert not list(run.state.glob("*.pt"))


def test_sigterm_saves_and_the_same_call_continues(tmp_path, fixed_steps, capsys):
    run, whole, model = make_run(tmp_path / "broken"), make_model(), make_model()
    plain = make_run(tmp_path / "whole")
    fit(plain, "toy", whole, make_step(plain, whole), lr=1e-2, batch=16, seconds=60)
    step = make_step(run, model)

    def told_to_stop(i):
        os.kill(os.getpid(), signal.SIGTERM) if i == 5 else None
        return step(i)

    usual = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        fit(run, "toy", model, told_to_stop, lr=1e-2, batch=16, seconds=60)
    assert signal.getsignal(signal.SIGTERM) == usual
    fit(run, "toy", model, step, lr=1e-2, batch=16, seconds=60)
    assert "continues at step 6" in capsys.readouterr().err
    assert torch.equal(weights_of(model), weights_of(whole))


def test_a_run_that_was_through_goes_on_when_it_gets_more_time(tmp_path, monkeypatch):
    """By a clock of its own, a hundredth of a second a step: how busy the machine is says nothing here."""
    run, clock = make_run(tmp_path), SimpleNamespace(now=0.0)
    monkeypatch.setattr(loop, "time", SimpleNamespace(monotonic=lambda: clock.now))

    def timed(model: nn.Module) -> Callable[[int], Tensor]:
        step = make_step(run, model)

        def one(i: int) -> Tensor:
            clock.now += 0.01
            return step(i)

        return one

    first, second = nn.Linear(4, 1), nn.Linear(4, 1)
    short = fit(run, "toy", first, timed(first), lr=1e-3, batch=16, seconds=0.2)
    longer = fit(run, "toy", second, timed(second), lr=1e-3, batch=16, seconds=0.6)
    assert (short["steps"], longer["steps"]) == (20, 60)
    assert longer["minutes"] * 60 == pytest.approx(0.6)
