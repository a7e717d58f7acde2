"""The sheet of scenes: every picture over its caption, whatever the size of the set."""

import numpy as np
import pytest

from vivant.data.reader import read_data_set
from vivant.data.sheet import GAP, TILE, scene_sheet
from vivant.files import write_jsonl
from vivant.images import write_png


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (3, 3), (6, 4)])
def test_every_scene_has_its_place(tmp_path, count, columns):
    rows = []
    for number in range(count):
        name = f"images/{number:06d}.png"
        write_png(tmp_path / name, np.full((40, 60, 3), (200, 30, 30), np.uint8))
        rows.append({"file_name": name, "text": "a", "text_detailed": "b " * 90, "subjects": [], "background": "c"})
    write_jsonl(tmp_path / "metadata.jsonl", rows)
    sheet = scene_sheet(read_data_set(tmp_path))
    assert sheet.shape[1] == columns * (TILE + GAP) + GAP
    red = (sheet == (200, 30, 30)).all(axis=2).sum()
    assert red == count * TILE * TILE * 40 // 60
