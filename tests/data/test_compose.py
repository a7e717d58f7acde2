"""Compose: places, masks and edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.composing import at, disc, plan, slab
from vivant.data.compose import compose, resize_cutout, soften
from vivant.errors import InputError

CUTOUTS = {
    "red": disc("red", (200, 40, 30)),
    "blue": slab("blue", (20, 60, 210)),
    "green": disc("green", (30, 180, 60)),
}


def test_empty_layout_gives_an_empty_foreground():
    composite = compose(plan(), {}, 40, 30)
    assert composite.foreground.shape == (30, 40, 3)
    assert not composite.foreground.any()
    assert not composite.hard_mask.any()
    assert not composite.soft_mask.any()
    assert composite.layers == ()


def test_missing_cutout_is_named():
    with pytest.raises(InputError, match="no cutout for cat"):
        compose(plan(at("cat", (0, 0, 1, 1), 0.5)), {}, 32, 32)


@pytest.mark.parametrize(("width", "height"), [(200, 200), (320, 120), (90, 240)])
def test_visible_masks_and_the_background_make_up_the_whole(width: int, height: int):
    layout = plan(
        at("red", (0.1, 0.2, 0.6, 0.9), 0.9), at("blue", (0.3, 0.1, 0.7, 0.8), 0.5), at("green", (0.4, 0.5, 0.9, 1), 0)
    )
    composite = compose(layout, CUTOUTS, width, height)
    total = np.sum([layer.visible.astype(int) for layer in composite.layers], axis=0)
    assert total.max() == 255
    assert (composite.hard_mask[total > 129] == 255).all()
    assert (composite.hard_mask[total < 126] == 0).all()
    for one, other in zip(composite.layers[:-1], composite.layers[1:], strict=True):
        assert not ((one.visible > 200) & (other.visible > 200)).any()
    assert set(np.unique(composite.hard_mask)) <= {0, 255}


def test_the_nearer_covers_the_farther_whatever_the_order():
    far, near = at("red", (0.2, 0.2, 0.8, 0.8), 0.9), at("blue", (0.3, 0.2, 0.7, 0.8), 0.1)
    one, other = compose(plan(far, near), CUTOUTS, 200, 200), compose(plan(near, far), CUTOUTS, 200, 200)
    assert np.array_equal(one.foreground, other.foreground)
    assert [layer.subject for layer in one.layers] == ["red", "blue"]
    assert tuple(one.foreground[100, 100]) == (20, 60, 210)
    red, blue = one.layers
    assert red.visible[100, 100] == 0
    assert blue.visible[100, 100] == 255
    assert blue.covered == 0.0
    assert 0.5 < red.covered < 0.9


def test_a_subject_wholly_behind_has_no_visible_box():
    layout = plan(at("red", (0.4, 0.4, 0.5, 0.5), 0.9), at("blue", (0.2, 0.1, 0.8, 0.95), 0.1))
    red = compose(layout, CUTOUTS, 200, 200).layers[0]
    assert red.visible_box is None
    assert red.covered == pytest.approx(1.0)


def test_visible_box_is_tight():
    layout = plan(at("red", (0.1, 0.5, 0.6, 1.0), 0.9), at("blue", (0.35, 0.2, 0.868, 1.0), 0.1))
    red = compose(layout, CUTOUTS, 200, 200).layers[0]
    assert red.visible_box is not None
    rows, columns = np.nonzero(red.visible >= 128)
    expected = (columns.min() / 200, rows.min() / 200, (columns.max() + 1) / 200, (rows.max() + 1) / 200)
    assert red.visible_box.as_tuple() == pytest.approx(expected)
    assert red.box.as_tuple() == pytest.approx((0.1, 0.5, 0.6, 1.0))


def test_flip_mirrors():
    cutout = slab("blue", (0, 0, 0))
    cutout.rgba[:, :40, 0] = 255
    placement = at("blue", (0, 0, 1, 1), 0)
    plain = compose(plan(placement), {"blue": cutout}, 80, 120).foreground
    turned = compose(plan(placement.model_copy(update={"flip": True})), {"blue": cutout}, 80, 120).foreground
    assert np.array_equal(turned, plain[:, ::-1])
    assert plain[60, 5, 0] == 255


@pytest.mark.parametrize(("rests_on", "top", "bottom"), [("ground", 0.5, 1.0), ("wall", 0.25, 0.75)])
def test_a_box_of_another_shape_never_stretches(rests_on: str, top: float, bottom: float):
    layout = plan(at("red", (0.25, 0.0, 0.75, 1.0), 0.5, rests_on))
    layer = compose(layout, CUTOUTS, 200, 200).layers[0]
    assert layer.box.as_tuple() == pytest.approx((0.25, top, 0.75, bottom))


@pytest.mark.parametrize("size", [(37, 37), (240, 240), (300, 100)])
@pytest.mark.parametrize("outside", [0, 255])
def test_no_fringe_from_what_lies_outside(size: tuple[int, int], outside: int):
    """Colours under clear pixels must not reach the edge, however the cutout is resized."""
    resized = resize_cutout(disc("red", (200, 40, 30), outside=outside).rgba, *size)
    edge = (resized[..., 3] > 8) & (resized[..., 3] < 250)
    assert edge.any()
    assert np.abs(resized[edge][:, :3].astype(int) - (200, 40, 30)).max() <= 2
    assert not resized[resized[..., 3] == 0][:, :3].any()


def test_soft_mask_is_the_average_over_five_by_five():
    hard = np.zeros((20, 20), np.uint8)
    hard[8:, 6:] = 255
    padded = np.pad(hard.astype(float), 2, mode="edge")
    expected = np.lib.stride_tricks.sliding_window_view(padded, (5, 5)).mean(axis=(2, 3))
    assert np.abs(soften(hard) - expected).max() <= 0.51


def test_same_input_same_bytes():
    layout = plan(at("red", (0.1, 0.2, 0.6, 0.7), 0.9), at("blue", (0.31, 0.1, 0.77, 0.8), 0.5))
    one, other = (compose(layout, CUTOUTS, 177, 131) for _ in range(2))
    assert one.foreground.tobytes() == other.foreground.tobytes()
    assert one.layers[0].rgba.tobytes() == other.layers[0].rgba.tobytes()


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(*(st.floats(0, 1) for _ in range(5))), min_size=1, max_size=3),
    st.integers(1, 60),
    st.integers(1, 60),
)
def test_any_boxes_on_any_canvas(boxes: list[tuple[float, ...]], width: int, height: int):
    placements = [
        at(name, (min(a, c), min(b, d), max(a, c), max(b, d)), depth)
        for name, (a, b, c, d, depth) in zip(CUTOUTS, boxes, strict=False)
    ]
    composite = compose(plan(*placements), CUTOUTS, width, height)
    assert composite.foreground.shape == (height, width, 3)
    assert np.sum([layer.visible.astype(int) for layer in composite.layers], axis=0).max() <= 255
    assert all(0.0 <= layer.covered <= 1.0 for layer in composite.layers)
