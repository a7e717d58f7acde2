"""What recipes share."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from vivant.errors import ModelError
from vivant.settings.training import TrainSettings
from vivant.training.setup import Curves, Processes, adam, fingerprint, memory_explained


def processes(batch: int, index: int = 0) -> Processes:
    accelerator = SimpleNamespace(process_index=index, is_main_process=index == 0, reduce=lambda value, how: value)
    return Processes(accelerator, torch.float32, batch)


def test_pieces_are_this_process_s_part_of_the_batch():
    assert processes(4, index=1).pieces(3) == [range(4, 7), range(7, 8)]
    assert processes(4).pieces(None) == [range(4)]
    assert processes(2).pieces(8) == [range(2)]


def test_numbers_are_told_by_their_steps_and_nonsense_stops():
    rows: list[tuple[int, dict[str, float]]] = []
    curves = Curves(processes(1))
    log: Any = SimpleNamespace(scalars=lambda step, values: rows.append((step, values)))
    for value in (1.0, 2.0):
        curves.add({"total": torch.tensor(value)})
    curves.write(7, log)
    assert rows == [(5, {"total": 1.0}), (6, {"total": 2.0})] and not curves.waiting
    curves.add({"total": torch.tensor(float("nan"))})
    with pytest.raises(ModelError, match="not a number at step 7"):
        curves.write(8, log)
    assert len(rows) == 2


def test_no_memory_says_what_to_do():
    with pytest.raises(ModelError, match="--micro-batch"), memory_explained():
        raise torch.OutOfMemoryError


def test_without_decay_it_is_adam():
    moved = []
    for ours in (True, False):
        parameter = torch.nn.Parameter(torch.tensor([1.0, -2.0]))
        optimiser = adam([parameter], 0.1) if ours else torch.optim.Adam([parameter], lr=0.1)
        for _ in range(3):
            parameter.grad = parameter.detach() ** 3
            optimiser.step()
        moved.append(parameter.detach())
    assert torch.allclose(*moved)


def test_open_settings_do_not_make_another_run():
    usual = TrainSettings()
    assert fingerprint(usual, "data") == fingerprint(TrainSettings(steps=9, micro_batch=2, log_every=1), "data")
    assert fingerprint(usual, "data") != fingerprint(TrainSettings(lr=0.5), "data")
    assert fingerprint(usual, "data") != fingerprint(usual, "other data")
