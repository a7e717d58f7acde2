"""The jointed body that all figures share: 17 joints, placed by where hips, hands and feet should be.

A puppet lives in the picture's plane. `facing` turns it: -1 to the left, 0 to the viewer, 1 to the right; its own left
hand is at the viewer's right when it faces the viewer. The side that is nearer to the viewer is painted later.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from vivant.world.sketch import Point

Side: TypeAlias = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")

KEYPOINTS = (
    "left_eye", "right_eye", "nose", "neck", "tail_root",
    "left_shoulder", "left_elbow", "left_hand", "right_shoulder", "right_elbow", "right_hand",
    "left_hip", "left_knee", "left_foot", "right_hip", "right_knee", "right_foot",
)  # fmt: skip
"""AP-10K's order; front paws are hands here, back paws feet."""

_STRETCH = 1.15  # how far a limb may be drawn out to touch what it reaches for, as storybooks do


@dataclass(frozen=True, slots=True)
class Build:
    """Proportions, as fractions of the figure's height.

    Attributes:
        head: radius of the head, upright.
        head_width: of the head, beside its height.
        torso: from the hips to the neck.
        girth: half the width of the torso.
        arm, leg: whole length.
        limb: radius of an arm; a leg is a quarter thicker.
        height: of the figure, beside others of the world.
    """

    head: float = 0.212
    head_width: float = 1.12
    torso: float = 0.26
    girth: float = 0.145
    arm: float = 0.28
    leg: float = 0.2
    limb: float = 0.045
    height: float = 1.0


class Puppet:
    """One body in one pose.

    Args:
        build: its proportions.
        x, y: the middle of the hips, fractions of the picture.
        height: of the whole figure, fraction of the picture.
        facing: -1 (left) to 1 (right).
        lean: of the torso, radians, positive to the viewer's right.
        tilt: of the head beyond the lean, radians.
    """

    def __init__(
        self, build: Build, x: float, y: float, height: float, facing: float = 0.0, lean: float = 0.0, tilt: float = 0.0
    ) -> None:
        self.build = build
        self.unit = height
        self.facing = facing
        self.forward = 1.0 if facing >= 0 else -1.0
        self.near: Side = "right" if facing >= 0 else "left"
        self.far: Side = "left" if facing >= 0 else "right"
        self.lean = lean
        self.root: Point = (x, y)
        self.neck = self.along(build.torso)
        self.turn_head(tilt)
        self.tail_root = self.along(0.04, -self.forward * build.girth * (0.35 + 0.5 * abs(facing)))
        spread = build.girth * (0.92 - 0.5 * abs(facing))
        self.shoulder: dict[Side, Point] = {
            side: self.along(build.torso - 0.045, self.outward(side) * spread) for side in SIDES
        }
        self.hip: dict[Side, Point] = {side: self.along(0.0, self.outward(side) * spread * 0.6) for side in SIDES}
        self.elbow: dict[Side, Point] = {}
        self.hand: dict[Side, Point] = {}
        self.knee: dict[Side, Point] = {}
        self.foot: dict[Side, Point] = {}
        for side in SIDES:
            self.arm(side, 0.2, 0.35)
            self.leg(side, 0.04, 0.0)

    def outward(self, side: Side) -> float:
        """The direction of that side in the picture when facing the viewer: 1 is the viewer's right."""
        return 1.0 if side == "left" else -1.0

    def along(self, up: float, right: float = 0.0) -> Point:
        """The point that far up the torso from the hips and to the viewer's right of it, in fractions of the height."""
        sin, cos = math.sin(self.lean), math.cos(self.lean)
        x, y = self.root
        return (x + self.unit * (up * sin + right * cos), y + self.unit * (-up * cos + right * sin))

    def turn_head(self, tilt: float, facing: float | None = None) -> None:
        """Tilt the head by that many radians beyond half the lean, and turn it elsewhere than the body."""
        build = self.build
        self.head_facing = self.facing if facing is None else facing
        self.head_angle = 0.5 * self.lean + tilt
        reach = build.head * 0.86 * self.unit
        self.head: Point = (
            self.neck[0] + reach * math.sin(self.head_angle) + 0.12 * build.head * self.unit * self.head_facing,
            self.neck[1] - reach * math.cos(self.head_angle),
        )
        shift, spread = 0.36 * self.head_facing, 0.4 - 0.1 * abs(self.head_facing)
        self.eye: dict[Side, Point] = {side: self.on_head(shift + self.outward(side) * spread, -0.02) for side in SIDES}
        self.nose = self.on_head(0.56 * self.head_facing, 0.3)

    def on_head(self, right: float, down: float) -> Point:
        """A point of the head: (0, 0) is its middle, 1 its edge, along the tilted head's own directions."""
        sin, cos = math.sin(self.head_angle), math.cos(self.head_angle)
        rx = self.build.head * self.build.head_width * self.unit * right
        ry = self.build.head * self.unit * down
        return (self.head[0] + rx * cos - ry * sin, self.head[1] + rx * sin + ry * cos)

    def arm(self, side: Side, upper: float, lower: float) -> None:
        """Set an arm by the angles of its two bones from straight down, radians.

        Positive swings forward, or outward when facing the viewer.
        """
        self.elbow[side], self.hand[side] = self._bones(self.shoulder[side], side, self.build.arm, upper, lower)

    def leg(self, side: Side, upper: float, lower: float) -> None:
        """Set a leg by angles, as `arm` does."""
        self.knee[side], self.foot[side] = self._bones(self.hip[side], side, self.build.leg, upper, lower)

    def reach(self, side: Side, target: Point, bend: float | None = None) -> None:
        """Put a hand there, or as near as the arm goes; the elbow hangs down and back, or where ``bend`` says.

        Args:
            side: whose hand.
            target: point of the picture.
            bend: which way the elbow points: see `two_bones`.
        """
        back = self.outward(side) if self.is_frontal else -self.forward
        bone = self.build.arm * self.unit / 2
        self.elbow[side], self.hand[side] = two_bones(self.shoulder[side], target, bone, bend, (0.6 * back, 1.0))

    def step(self, side: Side, target: Point, bend: float | None = None) -> None:
        """Put a foot there; the knee points forward and up, or where ``bend`` says."""
        front = self.outward(side) if self.is_frontal else self.forward
        bone = self.build.leg * self.unit / 2
        self.knee[side], self.foot[side] = two_bones(self.hip[side], target, bone, bend, (front, -0.5))

    @property
    def is_frontal(self) -> bool:
        """Whether it faces the viewer rather than a side."""
        return abs(self.facing) <= 0.3

    def keypoints(self) -> list[Point]:
        """17 points in AP-10K's order."""
        one: dict[str, Point] = {"nose": self.nose, "neck": self.neck, "tail_root": self.tail_root}
        for side in SIDES:
            for joint in ("eye", "shoulder", "elbow", "hand", "hip", "knee", "foot"):
                one[f"{side}_{joint}"] = getattr(self, joint)[side]
        return [one[name] for name in KEYPOINTS]

    def _bones(self, start: Point, side: Side, length: float, upper: float, lower: float) -> tuple[Point, Point]:
        way = self.outward(side) if self.is_frontal else self.forward
        half = length * self.unit / 2
        middle = (start[0] + way * half * math.sin(upper), start[1] + half * math.cos(upper))
        return middle, (middle[0] + way * half * math.sin(lower), middle[1] + half * math.cos(lower))


def standing_height(build: Build) -> float:
    """From the sole to the hips of a standing figure, as a fraction of its height."""
    return build.leg + 1.1 * build.limb


def two_bones(
    start: Point, target: Point, bone: float, bend: float | None, towards: tuple[float, float]
) -> tuple[Point, Point]:
    """Two equal bones from a joint towards a target: the middle joint and the end.

    Args:
        start: shoulder or hip.
        target: where the end should be; beyond reach, the end stays on the way there.
        bone: length of one.
        bend: on which side of the way the middle joint lies: 1 is to the left of someone who walks it, as the viewer
            sees them; None chooses the side that lies more in the direction ``towards``.
        towards: x, y.
    """
    dx, dy = target[0] - start[0], target[1] - start[1]
    distance = max(1e-6, math.hypot(dx, dy))
    ux, uy = dx / distance, dy / distance
    span = min(distance, 2 * bone * _STRETCH)
    bone = max(bone, span / 2)
    away = math.sqrt(max(0.0, bone * bone - span * span / 4))
    if bend is None:
        bend = 1.0 if towards[0] * uy - towards[1] * ux >= 0 else -1.0
    middle = (start[0] + ux * span / 2 + bend * uy * away, start[1] + uy * span / 2 - bend * ux * away)
    return middle, (start[0] + ux * span, start[1] + uy * span)
