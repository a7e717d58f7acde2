"""Teddy bear and rubber duck."""

from __future__ import annotations

from vivant.data.painted.canvas import Colour
from vivant.data.painted.shapes import curve, oval, points, sided
from vivant.data.painted.sky import mix
from vivant.demo.parts import BLACK, WHITE, Pose, limb, line
from vivant.demo.sculpt import Sculpture
from vivant.demo.skins import PLUSH, RUBBER, WET, Skin


def teddy_bear(s: Sculpture, pose: Pose) -> None:
    """A honey-coloured bear with a blue bow."""
    honey, cream, thread = (0.80, 0.58, 0.34), (0.93, 0.82, 0.64), (0.20, 0.12, 0.09)
    s.part(
        curve(points("0.5 0.46, 0.63 0.52, 0.7 0.68, 0.685 0.82, 0.5 0.89, 0.315 0.82, 0.3 0.68, 0.37 0.52")),
        honey,
        PLUSH,
    )
    s.part(oval(0.5, 0.70, 0.115, 0.135), cream, PLUSH, bulge=0.45, shade=0.1)
    for k in (-1, 1):
        hand = pose.look * 0.03 * k
        arm = [(0.5 + k * 0.125, 0.53), (0.5 + k * 0.215, 0.61), (0.5 + k * 0.262, 0.735 - hand)]
        s.part(limb(arm, [0.10, 0.115, 0.125]), honey, PLUSH, flow=(k * 0.5, 0.8), shade=0.4)
        s.part(oval(0.5 + k * 0.267, 0.738 - hand, 0.036, 0.042), cream, PLUSH, bulge=0.4, shade=0.05)
    for k in (-1, 1):
        s.part(
            limb([(0.5 + k * 0.11, 0.82), (0.5 + k * 0.20, 0.85), (0.5 + k * 0.235, 0.86)], [0.15, 0.16, 0.15]),
            honey,
            PLUSH,
            flow=(k * 0.7, 0.5),
            shade=0.4,
        )
        s.part(oval(0.5 + k * 0.225, 0.848, 0.092, 0.100), honey, PLUSH, shade=0.35)
        s.part(oval(0.5 + k * 0.228, 0.852, 0.064, 0.072), cream, PLUSH, bulge=0.5, shade=0.1)
        for x, y in ((-0.030, -0.028), (0.0, -0.042), (0.030, -0.028)):
            s.dot(0.5 + k * 0.228 + x, 0.845 + y, 0.010, 0.010, mix(honey, thread, 0.25), soft=0.002, opacity=0.8)
        s.dot(0.5 + k * 0.228, 0.868, 0.030, 0.026, mix(honey, thread, 0.25), soft=0.003, opacity=0.8)
    with s.turned(pose.tilt, (0.5, 0.47)):
        _teddy_head(s, honey, cream, thread)
    _bow(s, (0.20, 0.40, 0.66))


def _teddy_head(s: Sculpture, honey: Colour, cream: Colour, thread: Colour) -> None:
    for k in (-1, 1):
        s.part(oval(0.5 + k * 0.155, 0.165, 0.078, 0.078), honey, PLUSH, flow=(k * 0.4, -0.6))
        s.part(oval(0.5 + k * 0.155, 0.172, 0.046, 0.046), cream, PLUSH, bulge=-0.4, shade=0.0)
    s.part(
        curve(
            points(
                "0.5 0.13, 0.62 0.165, 0.7 0.28, 0.68 0.4, 0.59 0.47, 0.5 0.485, 0.41 0.47, 0.32 0.4, "
                "0.3 0.28, 0.38 0.165"
            )
        ),
        honey,
        PLUSH,
        shade=0.5,
    )
    s.part(oval(0.5, 0.385, 0.098, 0.080), cream, PLUSH, bulge=0.9, shade=0.18)
    s.part(
        curve(points("0.458 0.335, 0.5 0.325, 0.542 0.335, 0.525 0.368, 0.5 0.38, 0.475 0.368")),
        thread,
        WET,
        bulge=0.9,
    )
    line(s, [(0.5, 0.378), (0.5, 0.415)], 0.006, thread)
    for k in (-1, 1):
        line(s, [(0.5, 0.414), (0.5 + k * 0.026, 0.430), (0.5 + k * 0.052, 0.416)], 0.006, thread)
        s.part(oval(0.5 + k * 0.090, 0.285, 0.027, 0.029), (0.10, 0.06, 0.05), WET, shade=0.3)
        s.dot(0.5 + k * 0.090 - 0.009, 0.275, 0.0065, 0.0065, (1.0, 1.0, 1.0), soft=0.0008)
        s.dot(0.5 + k * 0.150, 0.365, 0.030, 0.020, (0.95, 0.50, 0.40), soft=0.012, opacity=0.28)


def _bow(s: Sculpture, bow: Colour) -> None:
    ribbon = Skin(contrast=0.05, weave=4.0, gloss=0.25, tight=10.0)
    for k in (-1, 1):
        s.part(
            curve(sided(k, "0.5 0.505, 0.56 0.462, 0.615 0.46, 0.62 0.515, 0.61 0.56, 0.555 0.545")),
            bow,
            ribbon,
            bulge=0.8,
            shade=0.4,
        )
        line(s, [(0.5 + k * 0.02, 0.508), (0.5 + k * 0.075, 0.508)], 0.006, mix(bow, (0.0, 0.0, 0.0), 0.4), 0.6, 0.003)
    s.part(oval(0.5, 0.507, 0.025, 0.028), mix(bow, (1.0, 1.0, 1.0), 0.08), ribbon, shade=0.4)


def rubber_duck(s: Sculpture, pose: Pose) -> None:
    """A yellow bath duck with an orange bill."""
    yellow, orange = (0.98, 0.80, 0.16), (0.96, 0.46, 0.12)
    with s.turned(pose.tilt * 0.5, (0.5, 0.85)):
        body = curve(
            points(
                "0.16 0.555, 0.2 0.525, 0.28 0.6, 0.4 0.615, 0.52 0.56, 0.66 0.56, 0.79 0.64, "
                "0.815 0.76, 0.74 0.86, 0.56 0.895, 0.36 0.89, 0.22 0.82, 0.165 0.7"
            )
        )
        s.part(body, yellow, RUBBER, belly=(0.93, 0.66, 0.10))
        with s.turned(pose.tilt, (0.62, 0.60), (-0.012, 0.055)):
            s.part(oval(0.625, 0.385, 0.175, 0.172), yellow, RUBBER, shade=0.35)
            s.part(
                curve(points("0.545 0.215, 0.585 0.165, 0.62 0.205, 0.6 0.245, 0.56 0.245")),
                yellow,
                RUBBER,
                shade=0.1,
                bulge=0.8,
            )
            s.part(
                curve(points("0.735 0.425, 0.8 0.435, 0.865 0.452, 0.885 0.47, 0.83 0.492, 0.755 0.485, 0.72 0.455")),
                mix(orange, BLACK, 0.12),
                RUBBER,
                shade=0.3,
            )
            s.part(
                curve(points("0.725 0.395, 0.775 0.382, 0.83 0.405, 0.895 0.425, 0.88 0.452, 0.8 0.45, 0.735 0.45")),
                orange,
                RUBBER,
                shade=0.2,
            )
            x = 0.690 + 0.006 * pose.look
            s.dot(x, 0.335, 0.036, 0.046, (0.99, 0.98, 0.95), soft=0.0015)
            s.part(oval(x + 0.008, 0.338, 0.023, 0.032), BLACK, WET, shade=0.0)
            s.dot(x + 0.001, 0.325, 0.008, 0.009, WHITE)
            s.dot(0.655, 0.445, 0.032, 0.020, (1.0, 0.52, 0.24), soft=0.014, opacity=0.35)
        wing = curve(points("0.255 0.68, 0.37 0.645, 0.5 0.665, 0.545 0.725, 0.48 0.785, 0.37 0.8, 0.29 0.765"))
        s.part(wing, yellow, RUBBER, bulge=0.7, shade=0.25)
        for dy in (0.0, 0.028):
            line(
                s,
                [(0.33, 0.745 + dy), (0.40, 0.765 + dy * 0.7), (0.47, 0.755 + dy * 0.6)],
                0.006,
                (0.82, 0.56, 0.06),
                0.6,
                0.003,
            )
