"""Shapes as they are when filled, and colours."""

import math

import numpy as np
import pytest

from vivant.world.raster import rasterise
from vivant.world.sketch import PARTS, SHAPES, Paint, Sketch, mix, shade

RED = Paint(255, 0, 0, 1 * PARTS + 3)


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


def test_colours():
    assert shade((100, 50, 0), 0.5) == (50, 25, 0)
    assert shade((100, 50, 0), 2.0) == (255, 255, 255)
    assert mix((0, 0, 0), (100, 200, 50), 0.5) == (50, 100, 25)
