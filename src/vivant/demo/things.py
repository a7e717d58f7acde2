"""Teapot, backpack and house plant."""

from __future__ import annotations

import numpy as np

from vivant.data.painted.canvas import Colour
from vivant.data.painted.shapes import box, curve, oval, points, sided
from vivant.data.painted.sky import mix
from vivant.demo.parts import BLACK, WHITE, Pose, limb, line
from vivant.demo.sculpt import Mark, Sculpture
from vivant.demo.skins import CLAY, CLOTH, GLAZE, LEAF, WET, Skin


def teapot(s: Sculpture, pose: Pose) -> None:
    """A blue glazed teapot with white blossoms and a gold rim."""
    blue, gold, white = (0.13, 0.28, 0.52), (0.86, 0.67, 0.30), (0.95, 0.95, 0.93)
    with s.turned(pose.tilt * 0.35, (0.5, 0.88)):
        handle = points("0.685 0.46, 0.8 0.42, 0.885 0.5, 0.87 0.63, 0.775 0.725, 0.69 0.735")
        s.part(limb(handle, [0.05, 0.048, 0.046, 0.044, 0.042, 0.045]), blue, GLAZE)
        spout = curve(
            points(
                "0.305 0.76, 0.235 0.7, 0.195 0.58, 0.15 0.475, 0.105 0.43, 0.12 0.402, 0.175 0.405, "
                "0.235 0.455, 0.275 0.54, 0.335 0.58"
            )
        )
        s.part(spout, blue, GLAZE)
        s.part(oval(0.136, 0.414, 0.034, 0.013), mix(gold, WHITE, 0.1), WET, bulge=0.3, shade=0.1)
        s.part(oval(0.5, 0.878, 0.155, 0.030), mix(blue, BLACK, 0.2), GLAZE)
        body = curve(
            points(
                "0.5 0.402, 0.6 0.408, 0.695 0.465, 0.755 0.58, 0.755 0.69, 0.7 0.8, 0.6 0.865, "
                "0.5 0.876, 0.4 0.865, 0.3 0.8, 0.245 0.69, 0.245 0.58, 0.305 0.465, 0.4 0.408"
            )
        )
        s.part(body, blue, GLAZE, marks=_blossoms(white, gold), shade=0.3)
        s.part(
            curve(points("0.5 0.395, 0.6 0.4, 0.645 0.425, 0.6 0.448, 0.5 0.455, 0.4 0.448, 0.355 0.425, 0.4 0.4")),
            gold,
            GLAZE,
            bulge=0.5,
            shade=0.25,
        )
        lid = curve(
            points(
                "0.5 0.3, 0.56 0.31, 0.615 0.355, 0.632 0.412, 0.57 0.432, 0.5 0.437, 0.43 0.432, "
                "0.368 0.412, 0.385 0.355, 0.44 0.31"
            )
        )
        s.part(lid, blue, GLAZE, shade=0.3, marks=[Mark(box(0.3, 0.395, 0.7, 0.405), white, 0.001, 0.9)])
        s.part(
            curve(points("0.478 0.305, 0.488 0.275, 0.512 0.275, 0.522 0.305, 0.5 0.312")),
            gold,
            GLAZE,
            shade=0.2,
        )
        s.part(oval(0.5, 0.250, 0.040, 0.037), gold, GLAZE, shade=0.3)


def _blossoms(white: Colour, gold: Colour) -> list[Mark]:
    marks = [
        Mark(
            limb(points("0.3 0.74, 0.42 0.67, 0.55 0.69, 0.7 0.6"), [0.008] * 4),
            mix(white, (0.5, 0.6, 0.75), 0.3),
            0.001,
        )
    ]
    for x, y, turn in ((0.36, 0.675, -0.6), (0.47, 0.70, 0.9), (0.60, 0.685, 0.8), (0.655, 0.595, -0.9)):
        tip = (x + 0.055 * np.cos(turn), y + 0.055 * np.sin(turn))
        side = (-0.014 * np.sin(turn), 0.014 * np.cos(turn))
        middle = ((x + tip[0]) / 2, (y + tip[1]) / 2)
        marks.append(
            Mark(
                curve(
                    [
                        (x, y),
                        (middle[0] + side[0], middle[1] + side[1]),
                        tip,
                        (middle[0] - side[0], middle[1] - side[1]),
                    ]
                ),
                (0.62, 0.74, 0.86),
                0.001,
            )
        )
    for x, y, r in ((0.395, 0.605, 0.036), (0.545, 0.615, 0.044), (0.335, 0.765, 0.026), (0.665, 0.705, 0.028)):
        for k in range(5):
            a = 2 * np.pi * k / 5 + x * 9
            marks.append(
                Mark(oval(x + r * 0.72 * np.cos(a), y + r * 0.72 * np.sin(a), r * 0.52, r * 0.52), white, 0.0012)
            )
        marks.append(Mark(oval(x, y, r * 0.34, r * 0.34), gold, 0.0012))
    return [
        *marks,
        Mark(box(0.2, 0.810, 0.8, 0.817), white, 0.001, 0.85),
        Mark(box(0.2, 0.478, 0.8, 0.485), white, 0.001, 0.85),
    ]


def backpack(s: Sculpture, pose: Pose) -> None:
    """A red canvas backpack with leather patches."""
    red, leather, dark = (0.76, 0.16, 0.17), (0.58, 0.36, 0.20), (0.20, 0.08, 0.09)
    hide = Skin(contrast=0.06, weave=3.0, gloss=0.16, tight=9.0)
    brass: Colour = (0.84, 0.68, 0.36)
    with s.turned(pose.tilt * 0.5, (0.5, 0.9)):
        for k in (-1, 1):
            strap = sided(k, "0.66 0.22, 0.742 0.38, 0.765 0.62, 0.735 0.82")
            s.part(limb(strap, [0.06, 0.075, 0.075, 0.05]), mix(red, dark, 0.45), CLOTH)
        s.part(
            limb(points("0.44 0.15, 0.462 0.108, 0.5 0.1, 0.538 0.108, 0.56 0.15"), [0.036] * 5),
            leather,
            hide,
        )
        body = curve(
            points(
                "0.5 0.125, 0.61 0.135, 0.7 0.205, 0.735 0.35, 0.75 0.62, 0.745 0.86, 0.7 0.905, "
                "0.5 0.915, 0.3 0.905, 0.255 0.86, 0.25 0.62, 0.265 0.35, 0.3 0.205, 0.39 0.135"
            )
        )
        s.part(body, red, CLOTH, bulge=0.8, belly=mix(red, dark, 0.25))
        zip_path = points("0.283 0.56, 0.3 0.34, 0.345 0.225, 0.5 0.182, 0.655 0.225, 0.7 0.34, 0.717 0.56")
        line(s, zip_path, 0.016, dark, 0.9)
        line(s, zip_path, 0.0045, (0.72, 0.66, 0.56), 0.8)
        s.part(limb([(0.700, 0.34), (0.722, 0.40)], [0.014, 0.020]), leather, hide, shade=0.4)
        pocket = curve(
            points(
                "0.33 0.555, 0.5 0.54, 0.67 0.555, 0.7 0.62, 0.705 0.82, 0.66 0.875, 0.5 0.882, "
                "0.34 0.875, 0.295 0.82, 0.3 0.62"
            )
        )
        s.part(pocket, mix(red, WHITE, 0.03), CLOTH, bulge=0.7, shade=0.5)
        line(s, [(0.325, 0.610), (0.5, 0.598), (0.675, 0.610)], 0.016, dark, 0.9)
        line(s, [(0.325, 0.610), (0.5, 0.598), (0.675, 0.610)], 0.0045, (0.72, 0.66, 0.56), 0.8)
        s.part(limb([(0.64, 0.608), (0.648, 0.665)], [0.014, 0.020]), leather, hide, shade=0.4)
        s.part(
            curve(points("0.45 0.385, 0.55 0.385, 0.565 0.43, 0.55 0.475, 0.45 0.475, 0.435 0.43")),
            leather,
            hide,
            bulge=0.3,
            shade=0.35,
        )
        for k in (-1, 1):
            s.dot(0.5 + k * 0.030, 0.430, 0.008, 0.020, mix(leather, dark, 0.8))
            s.part(
                curve(sided(k, "0.745 0.86, 0.675 0.905, 0.705 0.922, 0.755 0.895")),
                leather,
                hide,
                bulge=0.6,
                shade=0.1,
            )
        s.part(oval(0.385, 0.735, 0.048, 0.048), (0.94, 0.82, 0.40), CLOTH, bulge=0.3, shade=0.3)
        for k in (-1, 1):
            s.dot(0.385 + k * 0.016, 0.724, 0.006, 0.008, dark)
        line(s, [(0.362, 0.745), (0.385, 0.760), (0.408, 0.745)], 0.006, dark)
        s.part(oval(0.722, 0.408, 0.010, 0.010), brass, WET, shade=0.1)


def house_plant(s: Sculpture, pose: Pose) -> None:
    """A broad-leaved plant in a clay pot."""
    clay, green = (0.78, 0.45, 0.31), (0.22, 0.50, 0.22)
    stems = [
        (-62, 0.30, 0.15),
        (58, 0.31, 0.15),
        (-38, 0.40, 0.17),
        (40, 0.41, 0.165),
        (-14, 0.47, 0.17),
        (16, 0.49, 0.165),
        (-78, 0.20, 0.12),
        (76, 0.21, 0.12),
        (0, 0.34, 0.15),
        (-30, 0.24, 0.13),
        (32, 0.25, 0.13),
    ]
    with s.turned(pose.tilt * 0.3, (0.5, 0.9)):
        s.part(oval(0.5, 0.675, 0.150, 0.030), (0.20, 0.14, 0.10), CLAY, bulge=0.2)
        for index, (lean, reach, size) in enumerate(stems):
            angle = np.radians(lean + pose.tilt * 0.8)
            tip = (0.5 + reach * np.sin(angle) * 0.95, 0.655 - reach * np.cos(angle))
            bend = (0.5 + reach * 0.35 * np.sin(angle), 0.655 - reach * 0.62)
            s.part(
                limb([(0.5 + np.sin(angle) * 0.04, 0.675), bend, tip], [0.014, 0.012, 0.009]),
                (0.36, 0.50, 0.22),
                LEAF,
                shade=0.15,
            )
            tone = mix(mix(green, (0.08, 0.26, 0.14), 0.5 - 0.5 * index / 10), (0.52, 0.68, 0.26), 0.06 * (index % 4))
            _leaf(s, tip, float(angle) * 1.15, size, tone)
        s.part(
            curve(points("0.335 0.69, 0.5 0.7, 0.665 0.69, 0.645 0.8, 0.615 0.905, 0.5 0.918, 0.385 0.905, 0.355 0.8")),
            clay,
            CLAY,
            bulge=0.9,
            shade=0.3,
        )
        s.part(
            curve(
                points("0.315 0.655, 0.5 0.672, 0.685 0.655, 0.69 0.69, 0.675 0.722, 0.5 0.738, 0.325 0.722, 0.31 0.69")
            ),
            mix(clay, WHITE, 0.06),
            CLAY,
            bulge=0.7,
            shade=0.4,
        )


def _leaf(s: Sculpture, at: tuple[float, float], angle: float, size: float, tone: Colour) -> None:
    """One leaf from its stalk's end: two lobes, a light midrib and side veins."""
    forward, side = np.array([np.sin(angle), -np.cos(angle)]), np.array([np.cos(angle), np.sin(angle)])

    def put(u: float, v: float) -> tuple[float, float]:
        spot = np.array(at) + forward * (u - 0.25) * size + side * v * size
        return (float(spot[0]), float(spot[1]))

    outline = [
        put(0.0, 0.0),
        put(-0.10, 0.20),
        put(0.10, 0.42),
        put(0.42, 0.44),
        (put(0.78, 0.24)),
        put(1.05, 0.0),
        put(0.78, -0.24),
        put(0.42, -0.44),
        put(0.10, -0.42),
        put(-0.10, -0.20),
    ]
    shaded = Mark(curve(outline[5:] + outline[:1], 6), mix(tone, (0.02, 0.12, 0.08), 0.35), 0.004)
    s.part(curve(outline, 6), tone, LEAF, bulge=0.45, marks=[shaded], shade=0.42)
    vein = mix(tone, (0.85, 0.95, 0.60), 0.5)
    line(s, [put(0.0, 0.0), put(0.5, 0.0), put(0.98, 0.0)], 0.0055, vein, 0.85)
    for u in (0.16, 0.38, 0.60):
        for k in (-1, 1):
            line(s, [put(u, 0.0), put(u + 0.10, k * 0.16), put(u + 0.15, k * 0.32 * (1.15 - u))], 0.003, vein, 0.55)
