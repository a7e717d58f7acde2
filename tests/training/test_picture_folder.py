import threading

import numpy as np
import pytest

from vivant.errors import InputError
from vivant.images import write_png
from vivant.training.picture_folder import AHEAD, PictureFolder, order, read_ahead


def picture(value: int, channels: int = 3):
    return np.full((20, 24, channels), value, np.uint8)


def test_pictures_are_found_in_folders_of_any_depth_and_clear_ones_lie_on_white(tmp_path):
    write_png(tmp_path / "b.png", picture(7))
    write_png(tmp_path / "a" / "deep" / "c.png", picture(0, 4))
    (tmp_path / "notes.txt").write_text("no picture")
    found = PictureFolder.find(tmp_path)
    assert [path.name for path in found.files] == ["c.png", "b.png"]
    assert found.read(0).shape == (20, 24, 3) and found.read(0).min() == 255
    assert found.read(1).max() == 7
    other = found.hash()
    write_png(tmp_path / "d.png", picture(9))
    assert PictureFolder.find(tmp_path).hash() != other


def test_a_broken_picture_is_noted_and_the_next_stands_in(tmp_path):
    write_png(tmp_path / "a.png", picture(1))
    (tmp_path / "b.png").write_bytes(b"no picture")
    folder = PictureFolder.find(tmp_path)
    assert folder.read(1).max() == 1
    assert list(folder.broken) == [tmp_path / "b.png"]
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(InputError, match="none of its pictures can be read"):
        PictureFolder.find(tmp_path).read(0)


def test_a_folder_without_pictures_is_told_of(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        PictureFolder.find(tmp_path / "missing")
    with pytest.raises(InputError, match="no pictures in it"):
        PictureFolder.find(tmp_path)


def test_every_picture_comes_once_an_epoch_in_another_order_each_time():
    rows = list(order(7, 3, range(14), seed=5))
    numbers = [number for row in rows for number in row]
    epochs = [numbers[at : at + 7] for at in range(0, 42, 7)]
    assert all(sorted(epoch) == list(range(7)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 6
    assert list(order(7, 3, range(9, 14), seed=5)) == rows[9:]
    assert list(order(7, 3, range(14), seed=6)) != rows
    assert next(order(2, 5, range(2), seed=0)).count(0) in (2, 3)  # a batch may be larger than the folder


def test_rows_come_in_order_and_are_read_ahead():
    seen, lock = [], threading.Lock()

    def read(number: int) -> int:
        with lock:
            seen.append(number)
        return number * 10

    rows = read_ahead([[1, 2], [3], [4], [5], [6]], read, 2)
    assert next(rows) == [10, 20]
    assert len(seen) <= 2 + 1 + AHEAD
    assert list(rows) == [[30], [40], [50], [60]]
    assert sorted(seen) == [1, 2, 3, 4, 5, 6]


def test_an_error_while_reading_comes_through():
    def read(number: int) -> int:
        raise InputError("broken")

    with pytest.raises(InputError, match="broken"):
        list(read_ahead([[1], [2], [3], [4]], read, 2))
