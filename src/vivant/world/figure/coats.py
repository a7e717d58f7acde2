"""Patterns: of coats on head and torso, and printed on clothes."""

from __future__ import annotations

from vivant.world.colours import COLOURS
from vivant.world.figure.pen import INK, WHITE, Pen
from vivant.world.figure.wear import is_dressed
from vivant.world.sketch import Paint, mix

_BELLIED = frozenset(
    ("cat", "dog", "fox", "rabbit", "bear", "lion", "frog", "penguin", "teddy bear", "plush bunny", "monster", "alien")
)


def torso_coat(pen: Pen) -> None:
    """Belly and pattern of the bare torso."""
    one = pen.one
    if is_dressed(one):
        return
    if one.pattern != "plain" and one.clothing == "none" and one.kind != "robot":
        _TORSO.get(one.pattern, _nothing)(pen, pen.named(one.pattern_colour, "torso"))
    if one.kind in _BELLIED:
        _belly(pen)
    if one.kind == "robot":
        _panel(pen)
    elif one.clothing == "none" and one.pattern in ("heart", "patched", "checks"):
        PRINTS[one.pattern](pen, pen.named(one.pattern_colour, "pocket"))


def _belly(pen: Pen) -> None:
    one, front, girth = pen.one, pen.front, pen.girth
    wide = 0.7 * girth * (1.0 - 0.25 * abs(pen.puppet.facing))
    paint = pen.named(one.second, "torso")
    if one.kind == "penguin":
        pen.patch("disk", 0.1, front * 1.2, wide * 1.2, 0.16, paint)
    else:
        pen.patch("disk", 0.065, front, wide, 0.095, paint)
    if one.kind in ("teddy bear", "plush bunny"):
        x = front * 1.15
        seam = pen.tint(mix(COLOURS[one.second], INK, 0.4), "torso")
        pen.patch("block", 0.065, x, 0.006, 0.085, seam)
        for up in (0.02, 0.065, 0.11):
            pen.patch("block", up, x, 0.024, 0.006, seam)
    if one.pattern == "crescent":
        pen.patch("crescent", 0.165, front, 0.085, 0.05, pen.named(one.pattern_colour, "torso"))


def _panel(pen: Pen) -> None:
    """A robot's front."""
    one, x, girth = pen.one, pen.front, pen.girth
    pen.patch("cushion", 0.12, x, girth * 0.66, 0.088, pen.named(one.second, "pocket"))
    paint = pen.named(one.pattern_colour, "buttons")
    if one.pattern == "heart":
        pen.patch("heart", 0.12, x, 0.058, 0.056, paint)
    elif one.pattern == "stripes":
        for up in (0.08, 0.12, 0.16):
            pen.patch("block", up, x, girth * 0.5, 0.011, paint)
    elif one.pattern == "bolts":
        for dx, up in ((-0.34, 0.165), (0.34, 0.165), (-0.34, 0.075), (0.34, 0.075)):
            pen.patch("disk", up, x + dx, 0.022, 0.022, paint)
    elif one.pattern == "screen":
        pen.patch("cushion", 0.12, x, girth * 0.5, 0.062, pen.tint(INK, "buttons"))
        for dx, high in ((-0.28, 0.02), (0.0, 0.045), (0.28, 0.03)):
            pen.patch("block", 0.075 + high, x + dx, 0.014, high, pen.named(one.pattern_colour, "buttons"))
    else:
        pen.patch("disk", 0.15, x - 0.25, 0.026, 0.026, paint)
        pen.patch(
            "disk", 0.15, x + 0.25, 0.026, 0.026, pen.tint(mix(COLOURS[one.pattern_colour], WHITE, 0.5), "buttons")
        )
        pen.patch("block", 0.085, x, girth * 0.46, 0.018, paint)


def _nothing(pen: Pen, paint: Paint) -> None:
    """Patterns that do not show on the torso."""


def _torso_spots(pen: Pen, paint: Paint) -> None:
    for up, right, size in ((0.17, -0.55, 0.034), (0.13, 0.72, 0.034), (0.03, -0.82, 0.03), (0.0, 0.6, 0.03)):
        pen.patch("disk", up, right, size, size, paint)


def _torso_stripes(pen: Pen, paint: Paint) -> None:
    for up, right in ((0.14, 0.5), (0.055, 0.66)):
        for way in (-1.0, 1.0):
            pen.patch("leaf", up, way * right, 0.022, 0.045, paint, way * 1.4)


def _torso_patches(pen: Pen, paint: Paint) -> None:
    pen.patch("disk", 0.14, -0.5, 0.075, 0.07, paint)


_TORSO = {"spots": _torso_spots, "stripes": _torso_stripes, "patches": _torso_patches}


def head_coat(pen: Pen) -> None:
    """Pattern of the head; drawn before the face."""
    one = pen.one
    if one.pattern != "plain" and not is_dressed(one):
        _HEAD.get(one.pattern, _nothing)(pen, pen.named(one.pattern_colour, "head"))


def _flatness(pen: Pen) -> float:
    """How much lower the forehead is than that of a round head."""
    return 0.56 if pen.one.kind == "frog" else 0.0


def _head_stripes(pen: Pen, paint: Paint) -> None:
    shift, low = 0.2 * pen.turn, _flatness(pen)
    for dx, size in ((-0.3, 0.18), (0.0, 0.26), (0.3, 0.18)):
        pen.dab("leaf", shift + dx, low - 0.72 + 0.1 * abs(dx), 0.11, size, paint)
    for way in (-1.0, 1.0):
        pen.dab("leaf", way * 0.8, 0.2, 0.09, 0.22, paint, way * 1.5)


def _head_spots(pen: Pen, paint: Paint) -> None:
    shift, low = 0.12 * pen.turn, _flatness(pen)
    for right, down, size in ((-0.5, -0.58, 0.19), (0.12, -0.74, 0.15), (0.72, -0.34, 0.16), (-0.82, 0.08, 0.13)):
        pen.dab("disk", shift + right, low + down, size, size * 0.95, paint)


def _head_patches(pen: Pen, paint: Paint) -> None:
    x, y = pen.puppet.eye["left"]
    pen.disk((x, y), 0.04, -0.06, 0.38 - 0.1 * max(0.0, pen.turn), 0.44, paint)


def _head_mask(pen: Pen, paint: Paint) -> None:
    for way in (-1.0, 1.0):
        x = 0.36 * pen.turn + way * (0.46 - 0.12 * abs(pen.turn))
        pen.dab("disk", x, 0.02, 0.4 - 0.08 * abs(pen.turn), 0.31, paint, way * 0.35)


def _head_patched(pen: Pen, paint: Paint) -> None:
    cloth = pen.named(pen.one.pattern_colour, "ears")
    pen.dab("cushion", 0.5 + 0.1 * pen.turn, -0.58, 0.22, 0.2, cloth, 0.4)


_HEAD = {
    "spots": _head_spots,
    "stripes": _head_stripes,
    "patches": _head_patches,
    "mask": _head_mask,
    "patched": _head_patched,
}


def _print_stripes(pen: Pen, paint: Paint) -> None:
    for up, wide in ((0.03, 0.92), (0.095, 0.92), (0.16, 0.8)):
        pen.patch("block", up, 0.0, pen.girth * wide, 0.016, paint)


def _print_spots(pen: Pen, paint: Paint) -> None:
    for up, right in (
        (0.165, -0.35),
        (0.165, 0.35),
        (0.105, 0.0),
        (0.105, -0.68),
        (0.105, 0.68),
        (0.04, -0.4),
        (0.04, 0.4),
    ):
        pen.patch("disk", up, right + 0.15 * pen.front, 0.021, 0.021, paint)


def _print_checks(pen: Pen, paint: Paint) -> None:
    for up in (0.04, 0.13):
        pen.patch("block", up, 0.0, pen.girth * 0.92, 0.012, paint)
    for right in (-0.4, 0.4):
        pen.patch("block", 0.085, right + 0.2 * pen.front, 0.012, 0.11, paint)


def _print_heart(pen: Pen, paint: Paint) -> None:
    pen.patch("heart", 0.11, pen.front, 0.06, 0.056, paint)


def _print_patch(pen: Pen, paint: Paint) -> None:
    pen.patch("cushion", 0.02, pen.front - 0.52, 0.042, 0.042, paint, 0.2)


PRINTS = {
    "stripes": _print_stripes,
    "spots": _print_spots,
    "checks": _print_checks,
    "heart": _print_heart,
    "patched": _print_patch,
}
"""What may be printed on a torso or its garment."""
