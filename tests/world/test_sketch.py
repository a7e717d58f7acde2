"""Shapes, their antialiasing, and whose pixels are whose."""

import math

import numpy as np
import pytest

from vivant.world.sketch import PARTS, SHAPES, Paint, Sketch, mix, rasterise, shade, silhouette

RED = Paint(255, 0, 0, 1 * PARTS + 3)
BLUE = Paint(0, 0, 255, 2 * PARTS + 5)


def test_a_disk_covers_its_area_at_any_size():
    for size in (64, 128, 300):
        sketch = Sketch()
        sketch.ellipse(0.5, 0.5, 0.3, 0.2, RED)
        covered = rasterise(sketch, size).alpha.sum() / 255 / size**2
        assert covered == pytest.approx(math.pi * 0.3 * 0.2, rel=0.03)


def test_edges_are_soft_and_the_middle_is_solid():
    sketch = Sketch()
    sketch.ellipse(0.5, 0.5, 0.3, 0.3, RED)
    raster = rasterise(sketch, 64, ink=False)
    assert raster.alpha[32, 32] == 255 and tuple(raster.colour[32, 32]) == (255, 0, 0)
    assert ((raster.alpha > 0) & (raster.alpha < 255)).sum() > 30


def test_the_later_shape_hides_the_earlier_and_masks_say_so():
    sketch = Sketch()
    sketch.ellipse(0.4, 0.5, 0.25, 0.25, RED)
    sketch.ellipse(0.6, 0.5, 0.25, 0.25, BLUE)
    raster = rasterise(sketch, 96)
    red, blue = raster.mask(1), raster.mask(2)
    assert red[48, 20] == 255 and red[48, 58] == 0 and blue[48, 58] == 255
    assert np.abs(red.astype(int) + blue - raster.alpha).max() <= 2
    alone = Sketch()
    alone.items = sketch.items[:1]
    assert silhouette(alone, 96)[48, 55] == 255


def test_ink_lies_between_parts_and_not_within_one():
    def darkest(second: Paint) -> int:
        sketch = Sketch()
        sketch.stamp("square", 0.5, 0.5, 0.4, 0.4, RED)
        sketch.stamp("square", 0.5, 0.5, 0.2, 0.2, second)
        return int(rasterise(sketch, 96).colour[48, 20:76, 0].min())

    assert darkest(Paint(255, 0, 0, RED.part)) == 255
    assert darkest(Paint(255, 0, 0, RED.part + 1)) < 200


def test_a_limb_reaches_both_ends_with_both_radii():
    sketch = Sketch()
    sketch.limb((0.2, 0.5), 0.1, (0.8, 0.5), 0.03, RED)
    alpha = rasterise(sketch, 200).alpha
    assert np.flatnonzero(alpha[100] > 127)[[0, -1]] == pytest.approx([20, 166], abs=2)
    assert (alpha[:, 40] > 127).sum() == pytest.approx(40, abs=3)
    assert (alpha[:, 160] > 127).sum() == pytest.approx(12, abs=3)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_unit_shape_fills_within_its_frame(shape):
    sketch = Sketch()
    sketch.stamp(shape, 0.5, 0.5, 0.4, 0.4, RED)
    alpha = rasterise(sketch, 100).alpha
    rows, columns = np.nonzero(alpha > 127)
    assert len(rows) > 150
    assert min(rows.min(), columns.min()) >= 9 and max(rows.max(), columns.max()) <= 90


def test_stamps_mirror_and_turn():
    def drawn(sx: float, angle: float = 0.0) -> np.ndarray:
        sketch = Sketch()
        sketch.stamp("drop", 0.5, 0.5, sx, 0.4, RED, angle)
        return rasterise(sketch, 90, ink=False).alpha.astype(int)

    assert np.abs(drawn(0.2) - drawn(-0.2)[:, ::-1]).mean() < 1 < np.abs(drawn(0.2) - drawn(0.3)).mean()
    assert np.abs(drawn(0.4, math.pi / 2) - np.rot90(drawn(0.4), -1)).mean() < 3


def test_polygons_keep_their_place_in_the_order():
    sketch = Sketch()
    sketch.polygon([(0, 0), (1, 0), (1, 1), (0, 1)], RED)
    sketch.ellipse(0.5, 0.5, 0.2, 0.2, BLUE)
    sketch.polygon([(0.45, 0.45), (0.55, 0.45), (0.55, 0.55), (0.45, 0.55)], RED)
    colour = rasterise(sketch, 100, ink=False).colour
    assert [tuple(colour[50, x]) for x in (10, 35, 50)] == [(255, 0, 0), (0, 0, 255), (255, 0, 0)]


def test_an_empty_sketch_is_clear():
    assert rasterise(Sketch(), 32).alpha.max() == 0


def test_colours():
    assert shade((100, 50, 0), 0.5) == (50, 25, 0)
    assert shade((100, 50, 0), 2.0) == (255, 255, 255)
    assert mix((0, 0, 0), (100, 200, 50), 0.5) == (50, 100, 25)
