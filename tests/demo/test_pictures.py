"""The demo's sentences."""

import numpy as np
import pytest

from vivant.images import write_png
from vivant.models.bases import pocket_folder
from vivant.world import BACKDROPS, KINDS, RELATIONS, UNSEEN


def test_every_sentence_is_one_that_the_pocket_base_was_trained_on():
    from vivant.demo.pictures import PROMPTS

    for prompt in PROMPTS:
        assert sum(f" {kind} " in f" {prompt} " for kind in KINDS) >= 1, prompt
        assert next(name for name in RELATIONS if f"is {name} " in prompt) not in UNSEEN, prompt
        assert any(prompt.endswith(place.phrase) for place in BACKDROPS.values()), prompt


def test_the_sheet_has_a_tile_a_sentence(tmp_path):
    from vivant.demo.pictures import PROMPTS, picture_sheet

    for number in range(len(PROMPTS)):
        write_png(tmp_path / f"{number}.png", np.full((128, 128, 3), 20 * number, np.uint8))
    sheet = picture_sheet(tmp_path)
    assert {20 * number for number in range(len(PROMPTS))} <= set(np.unique(sheet))


@pytest.mark.skipif(not (pocket_folder() / "model_index.json").is_file(), reason="the pocket base is not installed")
def test_the_pocket_base_draws_them_once(tmp_path):
    from vivant.demo import pictures

    drawn = list(pictures.draw_pictures(tmp_path, 0))
    times = {picture.path: picture.path.stat().st_mtime_ns for picture in drawn}
    assert len(times) == len(pictures.PROMPTS)
    again = list(pictures.draw_pictures(tmp_path, 0))
    assert {picture.path: picture.path.stat().st_mtime_ns for picture in again} == times
