"""Curves survive a stop, wherever they are drawn."""

import sys
import types
from typing import Any, ClassVar

import numpy as np
import pytest

from vivant.errors import MissingExtraError, StoreError
from vivant.training.log import SCALARS, RunLog, curve, read_scalars


class Writer:
    """Stands in for TensorBoard's."""

    made: ClassVar[list["Writer"]] = []

    def __init__(self, log_dir: str, purge_step: int) -> None:
        self.log_dir, self.purge_step, self.open = log_dir, purge_step, True
        self.seen: list[Any] = []
        Writer.made.append(self)

    def add_scalar(self, name, value, step):
        self.seen.append((name, value, step))

    def add_image(self, name, image, step, dataformats):
        self.seen.append((name, image.shape, step, dataformats))

    def close(self):
        self.open = False


@pytest.fixture
def no_board(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)


@pytest.fixture
def board(monkeypatch):
    Writer.made.clear()
    module = types.SimpleNamespace(SummaryWriter=Writer)
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)


def test_without_tensorboard_json_lines_and_a_word(tmp_path, no_board):
    said: list[str] = []
    with RunLog(tmp_path, 0, say=said.append) as log:
        log.scalars(0, {"total": 1.5})
        log.scalars(1, {"total": 0.5, "keypoint": 2.0})
        log.picture("grid", 1, np.zeros((2, 2, 3), np.uint8))
    assert "TensorBoard is not installed" in said[0]
    assert "scalars.jsonl" in said[0]
    rows = read_scalars(tmp_path / SCALARS)
    assert rows == [{"step": 0, "total": 1.5}, {"step": 1, "total": 0.5, "keypoint": 2.0}]
    assert curve(rows, "keypoint") == [2.0]


def test_steps_that_come_again_are_forgotten(tmp_path, no_board):
    with RunLog(tmp_path, 0, say=lambda line: None) as log:
        for step in range(5):
            log.scalars(step, {"total": float(step)})
    with (tmp_path / SCALARS).open("a") as file:
        file.write('{"step": 5, "tot')  # killed while writing
    with RunLog(tmp_path, 3, say=lambda line: None) as log:
        log.scalars(3, {"total": 30.0})
    assert [(row["step"], row["total"]) for row in read_scalars(tmp_path / SCALARS)] == [
        (0, 0),
        (1, 1),
        (2, 2),
        (3, 30),
    ]


def test_a_line_that_is_no_row_is_named(tmp_path):
    (tmp_path / SCALARS).write_text('nonsense\n{"step": 1}\n')
    with pytest.raises(StoreError, match=r"scalars\.jsonl, line 1"):
        read_scalars(tmp_path / SCALARS)


def test_tensorboard_gets_everything(tmp_path, board):
    said: list[str] = []
    with RunLog(tmp_path, 2, say=said.append) as log:
        log.scalars(2, {"total": 1.0})
        log.picture("grid", 2, np.zeros((2, 4, 3), np.uint8))
    writer = Writer.made[0]
    assert (writer.purge_step, writer.open, said) == (2, False, [])
    assert writer.seen == [("total", 1.0, 2), ("grid", (2, 4, 3), 2, "HWC")]


def test_wandb_is_an_extra(tmp_path, board, monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(MissingExtraError, match=r"vivant\[wandb\]"):
        RunLog(tmp_path, 0, say=print, wandb={"project": "p"})
    told: list[Any] = []
    run = types.SimpleNamespace(
        log=lambda values, step: told.append((step, values)), finish=lambda: told.append("finished")
    )

    def init(**given):
        told.append(given)
        return run

    fake = types.SimpleNamespace(init=init, Image=lambda image: image.shape)
    monkeypatch.setitem(sys.modules, "wandb", fake)
    with RunLog(tmp_path, 0, say=print, wandb={"project": "p"}) as log:
        log.scalars(0, {"total": 1.0})
        log.picture("grid", 0, np.zeros((2, 4, 3), np.uint8))
    assert told == [{"project": "p"}, (0, {"total": 1.0}), (0, {"grid": (2, 4, 3)}), "finished"]
