"""Resumed = uninterrupted, to the bit."""

import random

import numpy as np
import pytest
import torch
from torch import nn

from vivant.errors import StoreError
from vivant.training.state import RunState


class Toy:
    """A recipe in small that draws from every kind of randomness."""

    def __init__(self, path, fingerprint: str = "f") -> None:
        torch.manual_seed(0)
        random.seed(0)
        np.random.seed(0)  # noqa: NPY002
        self.model = nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.5), nn.Linear(4, 1))
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=0.05)
        self.draw, self.rng = torch.Generator().manual_seed(1), np.random.default_rng(2)
        sources = {"torch": self.draw, "numpy": self.rng}
        self.state = RunState(path, fingerprint, dict(self.model.named_parameters()), self.optimiser, sources)

    def run(self, start: int, end: int, save_at: int | None = None) -> list[float]:
        losses = []
        for step in range(start, end):
            seen = torch.randn(5, 3, generator=self.draw) + float(self.rng.normal())
            noise = random.random() + np.random.rand()  # noqa: NPY002
            loss = (self.model(seen) - noise).square().mean()
            self.optimiser.zero_grad()
            loss.backward()
            self.optimiser.step()
            losses.append(loss.item())
            if step + 1 == save_at:
                self.state.save(step + 1, {"best": 0.5, "words": ["a"]})
        return losses


def test_a_run_that_is_killed_and_continued_is_one_run(tmp_path):
    whole = Toy(tmp_path / "a.pt").run(0, 12)
    first = Toy(tmp_path / "b.pt")
    begun = first.run(0, 9, save_at=7)  # two steps are lost
    second = Toy(tmp_path / "b.pt")
    step, kept = second.state.load()
    assert (step, kept) == (7, {"best": 0.5, "words": ["a"]})
    assert begun[:7] + second.run(7, 12) == whole


def test_without_a_state_a_run_starts(tmp_path):
    assert Toy(tmp_path / "a.pt").state.load() == (0, {})


def test_a_state_of_other_settings_is_not_continued(tmp_path):
    Toy(tmp_path / "a.pt").run(0, 1, save_at=1)
    with pytest.raises(StoreError, match=r"a\.pt: begun with other settings or data"):
        Toy(tmp_path / "a.pt", "g").state.load()


@pytest.mark.parametrize("content", [b"", b"nothing of ours"])
def test_a_broken_state_says_so(tmp_path, content):
    (tmp_path / "a.pt").write_bytes(content)
    with pytest.raises(StoreError, match=r"a\.pt: not a run's state; delete it"):
        Toy(tmp_path / "a.pt").state.load()


def test_a_save_that_fails_leaves_the_old_state(tmp_path, monkeypatch):
    toy = Toy(tmp_path / "a.pt")
    toy.run(0, 2, save_at=2)
    before = toy.state.path.read_bytes()

    def fail(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(StoreError, match=r"a\.pt"):
        toy.state.save(3)
    assert toy.state.path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [toy.state.path]
