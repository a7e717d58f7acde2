"""Antialiasing, the order of painting, ink, and whose pixels are whose."""

import math

import numpy as np
import pytest

from vivant.world.raster import rasterise, silhouette
from vivant.world.sketch import PARTS, Paint, Sketch

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


def test_polygons_keep_their_place_in_the_order():
    sketch = Sketch()
    sketch.polygon([(0, 0), (1, 0), (1, 1), (0, 1)], RED)
    sketch.ellipse(0.5, 0.5, 0.2, 0.2, BLUE)
    sketch.polygon([(0.45, 0.45), (0.55, 0.45), (0.55, 0.55), (0.45, 0.55)], RED)
    colour = rasterise(sketch, 100, ink=False).colour
    assert [tuple(colour[50, x]) for x in (10, 35, 50)] == [(255, 0, 0), (0, 0, 255), (255, 0, 0)]


def test_an_empty_sketch_is_clear():
    assert rasterise(Sketch(), 32).alpha.max() == 0
