"""The demo's sentences."""

import numpy as np
import pytest

from vivant.images import write_png
from vivant.models.bases import pocket_folder
from vivant.world import BACKDROPS, KINDS, RELATIONS, UNSEEN


def test_every_sentence_is_one_that_the_pocket_base_was_trained_on():
    from vivant.demo.pictures import FRIENDS, PROMPTS, TOGETHER

    for prompt in (*PROMPTS, *TOGETHER):
        assert sum(f" {kind} " in f" {prompt} " for kind in KINDS) >= 1, prompt
        assert next(name for name in RELATIONS if f"is {name} " in prompt) not in UNSEEN, prompt
        assert any(prompt.endswith(place.phrase) for place in BACKDROPS.values()), prompt
    assert all(f" {kind} " in prompt for kind in FRIENDS for prompt in TOGETHER)


def test_the_sheet_has_a_tile_a_sentence(tmp_path):
    from vivant.demo.pictures import PROMPTS, picture_sheet

    paths = [tmp_path / f"{number}.png" for number in range(len(PROMPTS))]
    for number, path in enumerate(paths):
        write_png(path, np.full((128, 128, 3), 20 * number, np.uint8))
    sheet = picture_sheet(paths, PROMPTS)
    assert {20 * number for number in range(len(PROMPTS))} <= set(np.unique(sheet))


def test_portraits_stay_the_same(tmp_path):
    from vivant.demo.pictures import draw_portraits

    first = [path.read_bytes() for path in draw_portraits(tmp_path / "a", 0)]
    assert first == [path.read_bytes() for path in draw_portraits(tmp_path / "b", 0)]
    assert first[0] != first[1] != draw_portraits(tmp_path / "c", 1)[1].read_bytes()


@pytest.mark.skipif(not (pocket_folder().parent / "adapter").is_dir(), reason="the pocket adapter is not installed")
def test_the_pocket_family_draws_them_once(tmp_path):
    from vivant.demo import pictures

    portraits = pictures.draw_portraits(tmp_path / "portraits", 0)
    settings = pictures.together(portraits, 0).model_copy(update={"prompts": pictures.TOGETHER[:2]})
    drawn = list(pictures.draw_pictures(settings, tmp_path / "out"))
    times = {picture.path: picture.path.stat().st_mtime_ns for picture in drawn}
    assert len(times) == 2
    again = list(pictures.draw_pictures(settings, tmp_path / "out"))
    assert {picture.path: picture.path.stat().st_mtime_ns for picture in again} == times
