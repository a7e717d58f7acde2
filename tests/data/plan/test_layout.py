"""Properties of the rule-based layout, and what the check of layouts finds."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vivant.data.plan.knowledge import Knowledge, Thing, scene_indoors, scene_places, scene_prompt, scene_surface
from vivant.data.plan.layout import LayoutItem, layout_faults, plan_layout
from vivant.data.plan.layout_geometry import Ground, covered_shares, needed_sides, real_size, relative_sizes
from vivant.settings.plan import LayoutSettings
from vivant.types import Background, Box, Layout, Placement

KNOWLEDGE = Knowledge.load()
GROUND_THINGS = [t for t in KNOWLEDGE if t.rests_on[0] == "ground"]
SCENES = ("garden", "street", "kitchen", "kitchen table", "sea", "sky", "underwater", "living room")


def make_background(scene: str, horizon: float = 0.45, ground_top: float = 0.6) -> Background:
    return Background(
        scene=scene,
        prompt=scene_prompt(scene),
        places=scene_places(scene),
        surface=scene_surface(scene),
        indoors=scene_indoors(scene),
        horizon=horizon,
        ground_top=ground_top,
    )


def item(noun: str, aspect: float = 1.0, cut: str = "", name: str = "") -> LayoutItem:
    thing = KNOWLEDGE.look_up(noun)
    assert thing is not None
    return LayoutItem(name or noun, thing, aspect, frozenset(cut.split()))


def plan(items, background=None, seed=0, aspect=1.0, **values) -> Layout:
    return plan_layout(
        items, background or make_background("garden"), LayoutSettings(**values), np.random.default_rng(seed), aspect
    )


aspects = st.floats(0.2, 5.0)


@st.composite
def any_items(draw, things: list[Thing]) -> list[LayoutItem]:
    count = draw(st.integers(1, 6))
    return [LayoutItem(f"s{i}", draw(st.sampled_from(things)), draw(aspects), frozenset()) for i in range(count)]


@settings(max_examples=150, deadline=None)
@given(
    any_items(list(KNOWLEDGE)),
    st.sampled_from(SCENES),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
    aspects,
    st.integers(0, 2**32),
)
def test_any_layout_is_faultless(items, scene, horizon, ground_top, aspect, seed):
    background = make_background(scene, horizon, ground_top)
    layout = plan(items, background, seed, aspect)
    assert sorted(p.subject for p in layout.placements) == sorted(i.name for i in items)
    named = {i.name: i for i in items}
    for placement in layout.placements:
        wanted = named[placement.subject].aspect
        assert placement.box.width * aspect / placement.box.height == pytest.approx(wanted, rel=0.02)
    assert [p.depth for p in layout.placements] == sorted((p.depth for p in layout.placements), reverse=True)
    if not layout.note:
        assert layout_faults(layout, items, background, LayoutSettings()) == []
        assert max(covered_shares(layout.placements).values()) <= LayoutSettings().max_overlap + 1e-6


@settings(max_examples=80, deadline=None)
@given(any_items(GROUND_THINGS), st.integers(0, 2**32))
def test_nearer_is_lower(items, seed):
    layout = plan(items, seed=seed)
    standing = [p for p in layout.placements if p.rests_on == "ground"]
    for far, near in itertools.pairwise(standing):
        assert near.box.y1 >= far.box.y1 - 1e-6
    for placement in standing:
        assert 0.6 <= placement.box.y1 <= 0.97


@settings(max_examples=80, deadline=None)
@given(any_items(GROUND_THINGS), st.sampled_from(["left", "right", "bottom", "left bottom"]), st.integers(0, 2**32))
def test_cut_sides_touch_the_frame(items, cut, seed):
    first, *rest = items
    items = [LayoutItem(first.name, first.thing, first.aspect, frozenset(cut.split())), *rest]
    layout = plan(items, seed=seed)
    if layout.note:
        return
    placement = layout[first.name]
    box = placement.box
    at = {"left": box.x0 == 0.0, "right": box.x1 == 1.0, "bottom": box.y1 == 1.0}
    assert all(at[side] for side in needed_sides(items[0], placement.flip))


def test_the_rules_find_a_layout_for_ordinary_subjects():
    """A note means that the row had to do; for two to four whole subjects it never should."""
    rng = np.random.default_rng(0)
    portable = [t for t in GROUND_THINGS if 0.1 < t.height_m < 2.0]
    for seed in range(200):
        items = [
            LayoutItem(f"s{i}", portable[rng.integers(len(portable))], float(rng.uniform(0.4, 2.0)))
            for i in range(rng.integers(2, 5))
        ]
        assert plan(items, seed=seed).note == ""


def test_the_group_fills_the_picture():
    for seed in range(30):
        layout = plan([item("cat", 0.5), item("dog", 0.7), item("teapot", 0.9)], seed=seed)
        tallest = max(p.box.height for p in layout.placements)
        assert 0.4 <= tallest <= 0.73


def test_a_small_thing_stays_smaller_and_visible():
    for seed in range(30):
        layout = plan([item("dog", 0.7), item("teapot", 0.9)], seed=seed)
        assert 0.1 <= layout["teapot"].box.height <= 0.6 * layout["dog"].box.height
        assert layout["teapot"].box.y1 >= layout["dog"].box.y1 - 1e-6


def test_size_follows_the_pinhole():
    """Things of one true size look as high as they are below the horizon, whatever the arrangement."""
    background = make_background("garden")
    ground = Ground.of(background, LayoutSettings())
    for seed in range(20):
        twins = [item("backpack", 0.8, name="a"), item("backpack", 0.8, name="b")]
        one, two = plan(twins, background, seed).placements
        ratio = one.box.height / two.box.height
        assert ratio == pytest.approx(ground.nearness(one.box.y1) / ground.nearness(two.box.y1), rel=1e-3)


def test_relative_sizes_keep_their_order_below_the_floor():
    items = [item("elephant", 1.2), item("horse", 1.2), item("cat"), item("teapot"), item("strawberry")]
    sizes = list(relative_sizes(items, min_ratio=0.4).values())
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == 1.0 and sizes[-1] > 0.03
    horse, elephant = real_size(items[1]), real_size(items[0])
    assert sizes[1] == pytest.approx(horse / elephant)


def test_a_lying_animal_is_lower_than_a_sitting_one():
    lying, sitting = item("cat", 2.0), item("cat", 0.5)
    assert real_size(lying) / lying.aspect**0.5 < real_size(sitting) / sitting.aspect**0.5


def test_things_stand_on_tables():
    on_it = 0
    for seed in range(20):
        layout = plan([item("table", 1.6), item("teapot"), item("cat", 0.5)], make_background("living room"), seed)
        held = layout["teapot"]
        if held.rests_on == "table":
            on_it += 1
            table = layout["table"].box
            assert table.x0 <= held.box.x0 and held.box.x1 <= table.x1
            assert table.y0 < held.box.y1 < table.y0 + 0.2 * table.height
            assert held.depth < layout["table"].depth
    assert on_it >= 15


def test_what_flies_hangs_and_swims():
    airplane = plan([item("airplane", 3.0), item("car", 2.2)], make_background("street"))["airplane"]
    assert airplane.rests_on == "air" and airplane.box.y1 <= 0.45
    painting = plan([item("painting"), item("sofa", 2.2)], make_background("living room"))["painting"]
    assert painting.rests_on == "wall" and painting.box.y1 < 0.6
    boat = plan([item("sailboat", 0.7), item("duck")], make_background("sea"))["sailboat"]
    assert boat.rests_on == "water" and boat.box.y1 >= 0.6


def test_scenes_vary():
    items = [item("cat", 0.5), item("dog", 0.7), item("teapot", 0.9)]
    layouts = [plan(items, seed=seed) for seed in range(20)]
    orders = {tuple(sorted(("cat", "dog", "teapot"), key=lambda n: x[n].box.centre[0])) for x in layouts}
    assert len(orders) >= 4
    assert len({p.flip for x in layouts for p in x.placements}) == 2
    heights = [x["dog"].box.height for x in layouts]
    assert max(heights) - min(heights) > 0.08


def test_no_flip_where_writing_would_show_it():
    for seed in range(10):
        assert not any(p.flip for p in plan([item("cat"), item("clock")], seed=seed, flip=False).placements)


def test_same_seed_same_layout():
    items = [item("cat", 0.5), item("dog", 0.7, "bottom"), item("teapot", 0.9)]
    assert plan(items, seed=5) == plan(items, seed=5)
    assert plan(items, seed=5) != plan(items, seed=6)


def test_two_cut_on_one_side_are_turned_apart():
    for seed in range(10):
        layout = plan([item("cat", 0.6, "left"), item("dog", 0.7, "left")], seed=seed)
        assert layout.note == ""
        assert {layout["cat"].box.x0 == 0.0, layout["dog"].box.x0 == 0.0} == {True, False}


def test_wrong_calls_are_refused():
    for items in ([], [item("cat")] * 2, [item("cat", name=str(i)) for i in range(7)], [item("cat", -1.0)]):
        with pytest.raises(ValueError):
            plan(items)


def place(name: str, *box: float, depth: float = 0.1, on: str = "ground") -> Placement:
    return Placement(subject=name, box=Box.model_validate(box), depth=depth, rests_on=on)


CAT_AND_DOG = [item("cat", 0.6), item("dog", 0.7)]


@pytest.mark.parametrize(
    ("placements", "items", "told"),
    [
        ([place("cat", 0.1, 0.5, 0.3, 0.8)], CAT_AND_DOG, "each once"),
        ([place("cat", 0.1, 0.1, 0.3, 0.4)], [item("cat")], "floats"),
        ([place("cat", 0.1, 0.5, 0.1, 0.8)], [item("cat")], "empty box"),
        ([place("cat", 0.1, 0.5, 0.3, 0.8, on="wall")], [item("cat")], "cannot rest on"),
        ([place("cat", 0.1, 0.5, 0.3, 0.8, on="cat")], [item("cat")], "itself"),
        ([place("cat", 0.1, 0.5, 0.13, 0.55, on="ground")], [item("cat")], "floats"),
        ([place("cat", 0.4, 0.65, 0.45, 0.72)], [item("cat")], "too small"),
        ([place("dog", 0.1, 0.3, 0.5, 0.8, depth=0.3), place("cat", 0.2, 0.35, 0.5, 0.85)], CAT_AND_DOG, "covered"),
        ([place("cat", 0.1, 0.2, 0.5, 0.8), place("dog", 0.6, 0.6, 0.7, 0.8)], CAT_AND_DOG, "times as large"),
        ([place("dog", 0.1, 0.3, 0.5, 0.9, depth=0.5), place("cat", 0.6, 0.4, 0.8, 0.7)], CAT_AND_DOG, "lower"),
        ([place("dog", 0.1, 0.1, 0.7, 0.8), place("cat", 0.8, 0.75, 0.83, 0.8)], CAT_AND_DOG, "too small beside"),
        ([place("cat", 0.1, 0.4, 0.4, 0.9)], [item("cat", cut="bottom")], "touch that edge"),
        ([place("cat", 0.1, 0.4, 0.4, 0.9)], [item("cat", cut="left")], "touch that edge"),
        ([place("airplane", 0.1, 0.4, 0.6, 0.9, on="air")], [item("airplane", 3.0)], "in the air"),
    ],
)
def test_faults_are_told(placements, items, told):
    layout = Layout(placements=tuple(placements), source="test")
    faults = layout_faults(layout, items, make_background("garden"), LayoutSettings())
    assert any(told in fault for fault in faults), faults


def test_what_stands_on_another_is_checked():
    table, cup = item("table", 1.6), item("cup")
    background = make_background("living room")

    def faults(on: str, *box: float) -> list[str]:
        low = place("table", 0.2, 0.5, 0.8, 0.875, depth=0.3)
        layout = Layout(placements=(low, place("cup", *box, depth=0.2, on=on)), source="test")
        return layout_faults(layout, [table, cup], background, LayoutSettings())

    assert faults("table", 0.4, 0.45, 0.49, 0.54) == []
    assert any("must end at" in fault for fault in faults("table", 0.4, 0.1, 0.5, 0.2))
    assert any("beside it" in fault for fault in faults("table", 0.85, 0.45, 0.95, 0.54))


def test_coverage_counts_overlaps_once():
    shares = covered_shares(
        [place("a", 0.0, 0.0, 1.0, 1.0), place("b", 0.0, 0.0, 0.5, 0.5), place("c", 0.25, 0.25, 0.75, 0.75)]
    )
    assert shares["a"] == pytest.approx(0.25 + 0.25 - 0.0625)
    assert shares["b"] == pytest.approx(0.25) and shares["c"] == 0.0
