"""Blend on and under water."""

from __future__ import annotations

import numpy as np
import pytest

from tests.data.composing import GARDEN, at, disc, plan
from vivant.data.compose import compose
from vivant.data.repaint.blend import blend
from vivant.settings.repaint import BlendSettings
from vivant.types import Background, Image, Layout

SEA = Background(scene="reef", prompt="under water", places=("underwater",), surface="water")


def painted(layout: Layout, picture: Image, background: Background, **strengths: float) -> Image:
    composite = compose(layout, {"red": disc("red", (200, 40, 30))}, picture.shape[1], picture.shape[0])
    settings = BlendSettings.paste().model_copy(update=strengths)
    return blend(composite, picture, background, layout, settings, np.random.default_rng(0))


def test_what_lies_on_water_is_mirrored_below_its_foot():
    picture = np.full((256, 256, 3), (90, 120, 150), np.uint8)
    layout = plan(at("red", (0.35, 0.2, 0.65, 0.5), 0.5, "water"))
    result = painted(layout, picture, GARDEN, reflection=0.6).astype(int)
    mirrored = result[130:150, 115:140]
    assert (mirrored[..., 0] > 100).all()
    assert (mirrored[..., 2] < 140).all()
    fading = result[128:210, 128, 0]
    assert fading[10] > fading[40] > fading[75]
    assert np.array_equal(result[:120, :60], picture[:120, :60])
    assert np.array_equal(painted(layout, picture, SEA, reflection=0.6), painted(layout, picture, SEA))


def test_under_water_everything_takes_its_colour():
    picture = np.full((128, 128, 3), (30, 130, 150), np.uint8)
    layout = plan(at("red", (0.2, 0.2, 0.8, 0.8), 0.5, "water"))
    red, green, blue = (int(v) for v in painted(layout, picture, SEA, water=0.5)[64, 64])
    assert (red, green, blue) == pytest.approx((115, 85, 90), abs=2)
