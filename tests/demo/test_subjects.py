"""The demo's photos: all there, the right shape, the same from the same seed, whole within the frame."""

from __future__ import annotations

import numpy as np
import pytest

from vivant.data.painted.shapes import box, oval
from vivant.demo.parts import Pose
from vivant.demo.sculpt import Mark, Sculpture
from vivant.demo.skins import CLAY, FUR
from vivant.demo.subjects import SUBJECTS, draw_figure, draw_photo, draw_photos
from vivant.errors import StoreError
from vivant.images import encode_png, read_image, read_recipe


def draw_upright(subject: str) -> np.ndarray:
    drawing = Sculpture(256, np.random.default_rng(0))
    SUBJECTS[subject].draw(drawing, Pose())
    return drawing.finished()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    draw_photos(folder, seed=1)
    return folder


def test_writes_three_photos_of_every_subject(folder):
    assert sorted(path.name for path in folder.iterdir()) == sorted(SUBJECTS)
    assert 6 <= len(SUBJECTS) <= 8
    for subject in SUBJECTS:
        assert [path.name for path in sorted((folder / subject).iterdir())] == ["01.png", "02.png", "03.png"]


def test_photos_have_size_and_recipe(folder):
    for subject in SUBJECTS:
        path = folder / subject / "02.png"
        picture = read_image(path)
        assert min(picture.shape[:2]) >= 512 and max(picture.shape[:2]) <= 768
        assert read_recipe(path) == {"made_by": "vivant demo", "seed": 1, "shot": 2, "subject": subject}


def test_one_subject_has_alpha_that_is_used(folder):
    with_alpha = [name for name in SUBJECTS if read_image(folder / name / "01.png").shape[2] == 4]
    assert with_alpha == ["house_plant"]
    alpha = read_image(folder / "house_plant" / "03.png")[..., 3]
    assert alpha.min() == 0 and alpha.max() == 255
    assert 0.05 < (alpha > 127).mean() < 0.6


@pytest.mark.parametrize("subject", ["cat", "teapot", "house_plant"])
def test_same_seed_same_bytes(folder, subject):
    path = folder / subject / "02.png"
    assert path.read_bytes() == encode_png(draw_photo(subject, 1, seed=1), read_recipe(path))


def test_shots_and_seeds_differ():
    first, second, other = (
        draw_photo("rubber_duck", 0),
        draw_photo("rubber_duck", 1),
        draw_photo("rubber_duck", 0, seed=9),
    )
    assert np.abs(first.astype(int) - second).mean() > 5
    assert np.abs(first.astype(int) - other).mean() > 1


@pytest.mark.parametrize("subject", SUBJECTS)
def test_subject_lies_within_the_frame(subject):
    figure = draw_upright(subject)
    rows, columns = np.flatnonzero(figure[..., 3].max(axis=1)), np.flatnonzero(figure[..., 3].max(axis=0))
    side = figure.shape[0]
    assert rows[0] > 0.01 * side and rows[-1] < 0.99 * side
    assert columns[0] > 0.01 * side and columns[-1] < 0.99 * side
    foot = SUBJECTS[subject].foot * side
    assert abs(rows[-1] - foot) < 0.025 * side, "the shadow belongs under the foot"


def test_figure_is_the_truth_of_its_photo():
    figure, photo = draw_figure("backpack", 0), draw_photo("backpack", 0)
    inside = figure.rgba[..., 3] == 255
    inside[1:-1, 1:-1] &= inside[:-2, 1:-1] & inside[2:, 1:-1] & inside[1:-1, :-2] & inside[1:-1, 2:]
    difference = np.abs(figure.rgba[..., :3].astype(int) - photo)
    assert difference[inside].mean() < 12 < difference[~inside].mean()


def test_part_is_lit_from_the_light():
    drawing = Sculpture(128, np.random.default_rng(0), light=(-1.0, 0.0, 0.5))
    drawing.part(oval(0.5, 0.5, 0.3, 0.3), (0.5, 0.5, 0.5), CLAY)
    rgba = drawing.finished().astype(int)
    assert rgba[64, 40, :3].mean() > rgba[64, 88, :3].mean() + 20


def test_hair_stands_out_over_the_outline_and_marks_stay_inside():
    bald, hairy = (Sculpture(128, np.random.default_rng(0)) for _ in range(2))
    patch = Mark(box(0.0, 0.0, 1.0, 0.5), (0.0, 0.0, 1.0), soft=0.0)
    bald.part(oval(0.5, 0.5, 0.3, 0.3), (1.0, 0.0, 0.0), CLAY, marks=[patch])
    hairy.part(oval(0.5, 0.5, 0.3, 0.3), (1.0, 0.0, 0.0), FUR)
    smooth, rough = bald.finished(), hairy.finished()
    assert (rough[..., 3] > 0).sum() > (smooth[..., 3] > 0).sum() * 1.02
    assert smooth[50, 64, 2] > smooth[50, 64, 0] and smooth[80, 64, 0] > smooth[80, 64, 2]
    assert smooth[10, 10, 3] == 0


def test_turned_parts_turn_clockwise_and_only_inside():
    drawing = Sculpture(128, np.random.default_rng(0))
    with drawing.turned(90, (0.5, 0.5)):
        drawing.part(oval(0.5, 0.2, 0.08, 0.08), (1.0, 1.0, 1.0), CLAY)
    drawing.part(oval(0.5, 0.85, 0.05, 0.05), (1.0, 1.0, 1.0), CLAY)
    alpha = drawing.finished()[..., 3]
    assert alpha[64, 102] == 255 and alpha[25, 64] == 0
    assert alpha[109, 64] == 255


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(StoreError, match="file"):
        draw_photos(blocked)
