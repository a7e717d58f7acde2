import pytest
import torch

from tests.pocket.little import noise
from vivant.pocket.crops import cut, fit_size, inside, roughened, shaken, square, to_unit


def test_the_whole_picture_comes_back():
    unit = torch.rand(2, 3, 32, 32, generator=noise())
    whole = torch.tensor([[0.0, 0.0, 1.0, 1.0]]).repeat(2, 1)
    torch.testing.assert_close(cut(unit, whole, 32), unit, atol=1e-6, rtol=0)


def test_a_quarter_is_that_quarter():
    unit = torch.zeros(1, 1, 32, 32)
    unit[:, :, :16, 16:] = 1.0
    assert cut(unit, torch.tensor([[0.5, 0.0, 1.0, 0.5]]), 16).min() == 1.0
    assert cut(unit, torch.tensor([[0.0, 0.5, 0.4, 0.9]]), 16).max() == 0.0


def test_beyond_the_edge_is_black_or_repeats():
    region = torch.tensor([[-1.0, 0.0, 0.0, 1.0]])
    assert cut(torch.ones(1, 3, 8, 8), region, 8, padding="zeros")[..., :-1].max() == 0.0
    assert cut(torch.ones(1, 3, 8, 8), region, 8).min() == 1.0


def test_square_regions_keep_the_centre():
    region = square(torch.tensor([[0.2, 0.1, 0.4, 0.9]]), 0.1)
    torch.testing.assert_close(region, torch.tensor([[0.3 - 0.48, 0.5 - 0.48, 0.3 + 0.48, 0.5 + 0.48]]))


def test_inside_marks_the_box():
    box = torch.tensor([[0.25, 0.0, 0.75, 1.0]])
    marks = inside(box, torch.tensor([[0.0, 0.0, 1.0, 1.0]]), 8)
    assert marks[0, 0].sum(dim=1).tolist() == [4.0] * 8 and marks[0, 0, 0].tolist() == [0, 0, 1, 1, 1, 1, 0, 0]


def test_roughened_pictures_stay_recognisable():
    unit = torch.rand(64, 3, 32, 32, generator=noise()) * 0.2 + torch.linspace(0, 0.8, 32)
    rough = roughened(unit, noise(1))
    assert rough.shape == unit.shape and rough.min() >= 0.0 and rough.max() <= 1.0
    assert 0.02 < (rough - unit).abs().mean() < 0.15
    torch.testing.assert_close(rough, roughened(unit, noise(1)))
    flat = torch.full((64, 3, 32, 32), 0.5)
    tint = roughened(flat, noise(2)).mean(dim=(2, 3)).std(dim=1)
    assert tint.max() < 0.05  # a red scarf stays red


def test_shaken_boxes_move_by_no_more_than_the_part():
    boxes = torch.tensor([[0.2, 0.2, 0.4, 0.8]]).repeat(100, 1)
    moved = (shaken(boxes, 0.1, noise()) - boxes).abs().amax(dim=0)
    assert moved[0] == pytest.approx(0.02, abs=2e-3) and moved[1] == pytest.approx(0.06, abs=6e-3)


def test_sizes_and_ranges():
    pictures = torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8, generator=noise())
    unit = to_unit(pictures)
    assert unit.shape == (2, 3, 64, 64) and unit[1, 2, 5, 7] == pictures[1, 5, 7, 2] / 255.0
    assert fit_size(unit, 64) is unit and fit_size(unit, 128).shape == (2, 3, 128, 128)
