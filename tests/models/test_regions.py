"""Means of regions: of cells where the edges lie on the grid, RoIAlign's samples elsewhere."""

import pytest
import torch

from vivant.models.regions import partition, pool_boxes

GRID = torch.arange(2 * 3 * 6 * 9, dtype=torch.float32).view(2, 3, 6, 9).square()


def test_cells_go_column_by_column():
    boxes = partition(2)
    assert boxes.tolist() == [[0, 0, 0.5, 0.5], [0, 0.5, 0.5, 1], [0.5, 0, 1, 0.5], [0.5, 0.5, 1, 1]]


@pytest.mark.parametrize("cells", [1, 3])
def test_on_the_grid_it_is_the_mean_of_the_cells(cells):
    found = pool_boxes(GRID, partition(cells).expand(2, -1, -1))
    for i in range(cells):
        for j in range(cells):
            part = GRID[:, :, j * 6 // cells : (j + 1) * 6 // cells, i * 9 // cells : (i + 1) * 9 // cells]
            torch.testing.assert_close(found[:, i * cells + j], part.mean(dim=(2, 3)))


def test_off_the_grid_points_are_sampled_evenly():
    """2.5 cells from 1: three points at 1.41, 2.25, 3.08 of the grid's lines, half a cell less of its centres."""
    line = torch.tensor([0.0, 10.0, 20.0, 40.0, 80.0]).view(1, 1, 1, 5)
    found = pool_boxes(line, torch.tensor([[[1 / 5, 0.0, 3.5 / 5, 1.0]]]))
    points = [1 + (s + 0.5) * 2.5 / 3 - 0.5 for s in range(3)]
    values = [
        10 + 10 * (points[0] - 1) if points[0] >= 1 else 10 * points[0],
        10 * points[1],
        20 + 20 * (points[2] - 2),
    ]
    assert found.item() == pytest.approx(sum(values) / 3, rel=1e-5)


def test_each_picture_has_its_own_boxes_and_a_small_one_is_one_point():
    boxes = torch.tensor([[[0.0, 0.0, 1.0, 1.0]], [[4 / 9, 2 / 6, 5 / 9, 3 / 6]]])
    found = pool_boxes(GRID, boxes)
    torch.testing.assert_close(found[0, 0], GRID[0].mean(dim=(1, 2)))
    torch.testing.assert_close(found[1, 0], GRID[1, :, 2, 4])
