"""Two who like each other: hugging, kissing, dancing, shaking hands, carrying, sitting back to back."""

from __future__ import annotations

import math
from collections.abc import Callable

from vivant.world.props.music import note
from vivant.world.props.palette import BRIGHTS
from vivant.world.puppet import Puppet, Side
from vivant.world.relations.together import (
    PLACED,
    ground_shadow,
    half_body,
    half_head,
    head_shift,
    make_room,
    opposite,
    paint_both,
    plant,
)
from vivant.world.sketch import Colour
from vivant.world.stage import Stage

_HEARTS: tuple[Colour, ...] = ((232.0, 62.0, 96.0), (240.0, 96.0, 130.0), (214.0, 48.0, 72.0))


def hugging(stage: Stage) -> None:
    """Belly to belly, the near arms around the other's back in front, the far arms behind it."""
    rng = stage.rng
    make_room(stage, 0.4, 0.4)
    front = rng.randrange(2)
    close, lean = rng.uniform(0.7, 0.82), rng.uniform(0.05, 0.13)
    pair = []
    for index, side in PLACED:
        apart = close * half_body(stage, index)
        puppet = stage.stand(index, side * apart, -side * rng.uniform(0.75, 0.95), lean=-side * lean)
        # Heads side by side, bent outward; the one behind looks out, so that both faces stay whole.
        look = rng.uniform(0.3, 0.5) if index == front else rng.uniform(-0.3, -0.05)
        clear = (0.74 * half_head(stage, index) - apart) * stage.zoom / puppet.unit + puppet.build.torso * lean
        bend = math.asin(min(0.5, max(0.15, clear / (0.86 * puppet.build.head) + 0.15 * look)))
        puppet.turn_head(-puppet.forward * (bend + 0.5 * lean + rng.uniform(0.0, 0.06)), puppet.forward * look)
        pair.append(puppet)
    one, other = pair
    high, low = rng.uniform(0.17, 0.21), rng.uniform(0.08, 0.14)
    _embrace(one, other, high, low)
    _embrace(other, one, low, high)
    for puppet in pair:
        ground_shadow(stage, puppet)
    paint_both(stage, front, ("tail", "back", "far_leg"), ("far_arm",), ("torso", "near_leg"), ("head",), ("near_arm",))


def _embrace(puppet: Puppet, other: Puppet, near: float, far: float) -> None:
    """Both arms around the other: near hand on its back in front, far hand out at the other side from behind."""
    girth = other.build.girth
    puppet.reach(puppet.near, other.along(near, -0.55 * other.forward * girth))
    puppet.reach(puppet.far, other.along(far, -1.1 * other.forward * girth))


def kissing(stage: Stage) -> None:
    """Leaning in, muzzles touch; hands held low between them, hearts above."""
    rng = stage.rng
    make_room(stage, 0.43, 0.43)
    heel = rng.randrange(3)
    pair = []
    for index, side in PLACED:
        puppet = opposite(
            stage, index, side, gap=0.96, scale=0.96, facing=rng.uniform(0.85, 1.0), lean=rng.uniform(0.12, 0.26),
            tilt=-rng.uniform(0.18, 0.3),
        )  # fmt: skip
        if index == heel:  # a foot kicked up behind
            puppet.step(puppet.near, puppet.along(-0.12, -0.24 * puppet.forward))
        pair.append(puppet)
    one, other = pair
    hands = stage.between(one.along(0.06), other.along(0.06))
    for puppet in pair:
        puppet.reach(puppet.far, hands)
        if rng.random() < 0.5:
            puppet.reach(puppet.near, hands)
        else:
            puppet.arm(puppet.near, -0.5, 0.0)
        ground_shadow(stage, puppet)
    paint_both(stage, 1, ("tail", "back", "far_leg", "far_arm"), ("torso", "near_leg", "head"), ("near_arm",))
    _hearts(stage, one, other)


def _hearts(stage: Stage, one: Puppet, other: Puppet) -> None:
    """One to three hearts that rise above the two heads."""
    rng = stage.rng
    x, _ = stage.between(one.head, other.head)
    y = min(one.on_head(0.0, -1.15)[1], other.on_head(0.0, -1.15)[1])
    colour, size = rng.choice(_HEARTS), rng.uniform(0.045, 0.055)
    stage.sketch.stamp("heart", x, max(0.08, y - 0.02), size, size, stage.prop(colour, 1), stage.jitter(0.2))
    for number in range(rng.randrange(3)):
        x += stage.side * (-0.2 if number else 0.1)
        size *= 0.75
        stage.sketch.stamp("heart", x, max(0.06, y - 0.05), size, size, stage.prop(colour, 2), stage.jitter(0.3))


def dancing(stage: Stage) -> None:
    """One pair of hands held high, a hand on the waist, a free arm thrown out, a leg kicked up."""
    rng = stage.rng
    make_room(stage, 0.43, 0.43)
    sway, lead = stage.jitter(0.06), rng.randrange(2)
    pair = [
        opposite(
            stage, index, side, gap=1.25, facing=rng.uniform(0.4, 0.6), lean=-rng.uniform(0.1, 0.18) - sway * side,
            tilt=-rng.uniform(0.05, 0.2), scale=0.91,
        )
        for index, side in PLACED
    ]  # fmt: skip
    leader, partner = pair[lead], pair[1 - lead]
    x, y = stage.between(leader.head, partner.head)
    y -= rng.uniform(0.0, 0.05)
    for puppet in pair:
        puppet.reach(puppet.far, (x, y), bend=-puppet.forward)
    leader.reach(leader.near, partner.along(rng.uniform(0.04, 0.1), 0.5 * partner.build.girth * partner.forward))
    plant(stage, leader, leader.near, -rng.uniform(0.06, 0.12))
    partner.arm(partner.near, -rng.uniform(1.0, 1.4), -rng.uniform(1.5, 2.3))
    partner.leg(partner.near, -rng.uniform(0.4, 0.7), -rng.uniform(1.1, 1.5))
    for puppet in pair:
        ground_shadow(stage, puppet)
        x, y = puppet.on_head(-0.85 * puppet.forward, -1.15)
        y = max(0.12, y - rng.uniform(0.0, 0.05))
        note(stage.sketch, (x, y), 0.085, rng.choice(BRIGHTS), stage.jitter(0.3))
    paint_both(stage, lead, ("tail", "back", "far_leg", "torso", "near_leg", "head"), ("far_arm", "near_arm"))


def shaking(stage: Stage) -> None:
    """A step apart, upright, hands clasped in the middle."""
    rng = stage.rng
    make_room(stage, 0.42, 0.42)
    pair = []
    for index, side in PLACED:
        apart = max(1.16 * half_head(stage, index), half_body(stage, index) + 0.07)
        facing, lean, tilt = -side * rng.uniform(0.7, 0.95), -side * rng.uniform(0.0, 0.06), stage.jitter(0.08)
        pair.append(stage.stand(index, side * apart, facing, lean=lean, tilt=tilt, scale=0.93))
    lift = rng.uniform(0.1, 0.16)
    hands = stage.between(pair[0].along(lift), pair[1].along(lift))
    for puppet in pair:
        puppet.reach(puppet.far, hands)
        puppet.arm(puppet.near, -rng.uniform(0.1, 0.5), stage.jitter(0.4))
        ground_shadow(stage, puppet)
    paint_both(
        stage, rng.randrange(2), ("tail", "back", "far_leg", "far_arm", "torso", "near_leg", "head"), ("near_arm",)
    )


def carrying(stage: Stage) -> None:
    """The first holds the second in its arms, one under the back, one under the knees."""
    rng = stage.rng
    make_room(stage, 0.4, 0.36)
    scale, middle = 0.94, 0.07
    facing, lean, tilt = rng.uniform(-0.1, 0.35), rng.uniform(0.0, 0.1), rng.uniform(0.0, 0.12)
    carrier = stage.stand(0, middle, facing, lean=lean, tilt=tilt, scale=scale)
    head = middle + scale * head_shift(stage, 0, facing, lean, tilt)
    passenger = _reclined(stage, head, carrier.along(rng.uniform(0.06, 0.09))[1], scale)
    head_side: Side = "right" if passenger.forward > 0 else "left"
    knee_side: Side = "left" if passenger.forward > 0 else "right"
    carrier.reach(head_side, passenger.along(0.12, -1.25 * passenger.forward * passenger.build.girth))
    carrier.reach(knee_side, passenger.knee[passenger.near])
    passenger.reach(passenger.far, carrier.along(0.2))
    passenger.reach(passenger.near, passenger.along(0.06, 0.3 * passenger.forward * passenger.build.girth))
    behind, front = ("near_arm", "far_arm") if head_side == carrier.near else ("far_arm", "near_arm")
    ground_shadow(stage, carrier)
    stage.paint_except(0, "near_arm", "far_arm")
    stage.paint(0, behind)
    stage.paint(1)
    stage.paint(0, front)


def _reclined(stage: Stage, head: float, hips: float, scale: float) -> Puppet:
    """The second, lying back, its head beside the first's (at ``head``), feet out at the other side."""
    rng = stage.rng
    recline, nod, turn = -rng.uniform(1.05, 1.25), -rng.uniform(0.25, 0.45), rng.uniform(0.1, 0.4)
    beside = 0.8 * (half_head(stage, 0) + half_head(stage, 1)) + head_shift(stage, 1, turn, recline, nod)
    puppet = stage.place(1, head - scale * beside, hips, rng.uniform(0.6, 0.8), lean=recline, scale=scale)
    puppet.turn_head(nod * puppet.forward, turn * puppet.forward)
    for leg, ahead, down in ((puppet.far, 0.19, 0.0), (puppet.near, 0.17, 0.05)):
        x, y = puppet.hip[leg]
        ahead, down = ahead + stage.jitter(0.02), down + stage.jitter(0.03)
        puppet.step(leg, (x + puppet.forward * ahead * puppet.unit, y + down * puppet.unit))
    return puppet


def back_to_back(stage: Stage) -> None:
    """On the ground, backs touching, knees up, faces outward."""
    rng = stage.rng
    make_room(stage, 0.42, 0.42)
    for index, side in PLACED:
        height, build = stage.height(index), stage.cast[index].build
        lean = rng.uniform(0.04, 0.12)
        apart = 0.98 * half_body(stage, index) + build.torso * 0.4 * lean * height / stage.zoom
        hips = stage.ground - (1.6 * build.limb + 0.02) * height
        facing, tilt = side * rng.uniform(0.7, 0.95), side * rng.uniform(0.24, 0.4)
        puppet = stage.place(index, side * apart, hips, facing, lean=-side * lean, tilt=tilt)
        for leg, ahead in ((puppet.near, 0.08), (puppet.far, 0.14)):
            plant(stage, puppet, leg, ahead + rng.uniform(0.0, 0.04))
            puppet.reach(leg, puppet.knee[leg])
        stage.shadow(stage.between(puppet.root, puppet.foot["left"])[0], 0.25 * height)
    front = rng.randrange(2)
    stage.paint(1 - front)
    stage.paint(front)


ACTS: dict[str, Callable[[Stage], None]] = {
    "hugging": hugging,
    "kissing": kissing,
    "partner dancing with": dancing,
    "shaking hands with": shaking,
    "carrying": carrying,
    "sitting back to back with": back_to_back,
}
PLACES: dict[str, tuple[str, ...]] = {
    "hugging": ("park", "garden", "fireside", "bedroom", "village", "hilltop"),
    "kissing": ("park", "rooftop", "beach", "lakeside", "garden", "restaurant"),
    "partner dancing with": ("ballroom", "stage", "rooftop", "restaurant", "beach"),
    "shaking hands with": ("village", "street court", "library", "stage", "rooftop", "road"),
    "carrying": ("meadow", "beach", "forest", "mountain", "road", "lakeside"),
    "sitting back to back with": ("meadow", "hilltop", "lakeside", "beach", "library", "park"),
}
