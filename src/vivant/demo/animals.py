"""Cat and dog, sitting and looking at the camera."""

from __future__ import annotations

from vivant.data.painted.canvas import Colour
from vivant.data.painted.shapes import curve, oval, points, sided
from vivant.data.painted.sky import mix
from vivant.demo.parts import Pose, eye, limb, line
from vivant.demo.sculpt import Mark, Sculpture
from vivant.demo.skins import CLOTH, FUR, SHORT_FUR, WET


def cat(s: Sculpture, pose: Pose) -> None:
    """An orange tabby with a white bib and green eyes."""
    coat, stripe, white, pink = (0.90, 0.57, 0.27), (0.66, 0.33, 0.11), (0.97, 0.94, 0.89), (0.93, 0.60, 0.56)
    tail = points("0.62 0.86, 0.76 0.88, 0.84 0.82, 0.83 0.72, 0.77 0.68")
    rings = [
        Mark(limb([(x - 0.05, y - 0.045), (x + 0.03, y + 0.05)], [0.022] * 2), stripe, 0.006, 0.75)
        for x, y in ((0.72, 0.88), (0.80, 0.85), (0.835, 0.78))
    ]
    s.part(limb(tail, [0.085, 0.085, 0.08, 0.075, 0.06]), coat, FUR, marks=rings, flow=(0.6, 0.2))
    body = curve(
        points(
            "0.5 0.4, 0.6 0.48, 0.655 0.62, 0.7 0.8, 0.64 0.905, 0.5 0.915, 0.36 0.905, 0.3 0.8, 0.345 0.62, 0.4 0.48"
        )
    )
    flank = [
        Mark(limb([(0.5 + k * 0.20, y), (0.5 + k * 0.125, y + 0.015)], [0.026, 0.012]), stripe, 0.007, 0.7)
        for k in (-1, 1)
        for y in (0.60, 0.66, 0.72, 0.78)
    ]
    bib = Mark(
        curve(points("0.5 0.42, 0.58 0.5, 0.565 0.66, 0.53 0.78, 0.47 0.78, 0.435 0.66, 0.42 0.5")),
        white,
        0.014,
    )
    s.part(body, coat, FUR, marks=[*flank, bib], bulge=0.9)
    _cat_legs(s, coat, stripe, white)
    with s.turned(pose.tilt, (0.5, 0.44), (pose.look * 0.012, 0.0)):
        _cat_head(s, pose, coat, stripe, white, pink)


def _cat_legs(s: Sculpture, coat: Colour, stripe: Colour, white: Colour) -> None:
    for k in (-1, 1):
        thigh = [
            Mark(limb([(0.5 + k * 0.20, y), (0.5 + k * 0.12, y + 0.01)], [0.024, 0.01]), stripe, 0.007, 0.7)
            for y in (0.75, 0.80, 0.85)
        ]
        s.part(
            oval(0.5 + k * 0.145, 0.825, 0.085, 0.10), coat, FUR, marks=thigh, flow=(k * 0.4, 0.9), shade=0.2, melt=0.5
        )
        s.part(oval(0.5 + k * 0.155, 0.912, 0.075, 0.033), white, SHORT_FUR, flow=(k * 0.3, 0.6))
    for k in (-1, 1):
        x = 0.5 + k * 0.055
        legs = [
            Mark(limb([(x - 0.05, y), (x + 0.05, y + 0.006)], [0.016] * 2), stripe, 0.005, 0.6) for y in (0.70, 0.75)
        ]
        socks = Mark(curve([(x - 0.08, 0.83), (x + 0.08, 0.83), (x + 0.08, 0.99), (x - 0.08, 0.99)]), white, 0.012)
        s.part(
            limb([(x + k * 0.012, 0.60), (x + k * 0.004, 0.74), (x, 0.91)], [0.085, 0.082, 0.074]),
            coat,
            SHORT_FUR,
            marks=[*legs, socks],
            shade=0.3,
            melt=0.4,
        )
        s.part(oval(x, 0.915, 0.052, 0.034), white, SHORT_FUR, shade=0.2)
        for toe in (-0.016, 0.014):
            line(s, [(x + toe, 0.915), (x + toe, 0.938)], 0.003, (0.55, 0.42, 0.38), 0.6)


def _cat_head(s: Sculpture, pose: Pose, coat: Colour, stripe: Colour, white: Colour, pink: Colour) -> None:
    for k in (-1, 1):
        ear = curve(sided(k, "0.55 0.2, 0.6 0.115, 0.663 0.045, 0.695 0.14, 0.695 0.26, 0.6 0.27"))
        s.part(ear, coat, SHORT_FUR, flow=(k * 0.3, -0.7), bulge=0.5)
        inner = curve(sided(k, "0.595 0.185, 0.655 0.09, 0.675 0.2, 0.62 0.22"))
        s.part(inner, pink, SHORT_FUR, flow=(-k * 0.5, -0.3), bulge=-0.4, shade=0.0)
    face = curve(
        points(
            "0.5 0.145, 0.6 0.165, 0.675 0.25, 0.695 0.335, 0.655 0.405, 0.57 0.452, 0.5 0.462, "
            "0.43 0.452, 0.345 0.405, 0.305 0.335, 0.325 0.25, 0.4 0.165"
        )
    )
    marks = [
        Mark(limb([(0.5 + x, 0.155), (0.5 + x * 0.8, 0.225)], [0.020, 0.009]), stripe, 0.005, 0.8)
        for x in (-0.075, -0.026, 0.026, 0.075)
    ]
    for k in (-1, 1):
        marks += [
            Mark(limb([(0.5 + k * 0.19, y), (0.5 + k * 0.125, y - 0.006)], [0.017, 0.007]), stripe, 0.005, 0.75)
            for y in (0.325, 0.362)
        ]
    marks.append(
        Mark(
            curve(points("0.5 0.275, 0.535 0.33, 0.6 0.385, 0.575 0.46, 0.5 0.475, 0.425 0.46, 0.4 0.385, 0.465 0.33")),
            white,
            0.010,
        )
    )
    s.part(face, coat, SHORT_FUR, marks=marks, bulge=0.95, shade=0.45)
    for k in (-1, 1):
        eye(s, 0.5 + k * 0.085, 0.295, 0.040, (0.48, 0.70, 0.26), pose.look, slit=True)
    s.part(oval(0.5, 0.425, 0.038, 0.024), white, SHORT_FUR, shade=0.15, bulge=0.7)
    for k in (-1, 1):
        s.part(oval(0.5 + k * 0.036, 0.392, 0.046, 0.034), white, SHORT_FUR, flow=(k * 0.7, 0.3), shade=0.16, bulge=0.8)
    s.part(
        curve(points("0.47 0.355, 0.5 0.35, 0.53 0.355, 0.515 0.375, 0.5 0.383, 0.485 0.375")),
        pink,
        WET,
        bulge=0.8,
        shade=0.15,
    )
    mouth: Colour = (0.42, 0.22, 0.18)
    line(s, [(0.5, 0.383), (0.5, 0.405)], 0.0045, mouth)
    for k in (-1, 1):
        line(s, [(0.5, 0.404), (0.5 + k * 0.022, 0.418), (0.5 + k * 0.048, 0.410)], 0.0045, mouth)
        for dy, reach in ((-0.018, 0.135), (0.004, 0.145), (0.026, 0.13)):
            hair = limb(
                [
                    (0.5 + k * 0.055, 0.392 + dy * 0.4),
                    (0.5 + k * 0.13, 0.385 + dy),
                    (0.5 + k * (0.06 + reach), 0.395 + dy * 2.1),
                ],
                [0.003, 0.0025, 0.001],
            )
            s.flat(hair, (1.0, 0.99, 0.96), opacity=0.85)


def dog(s: Sculpture, pose: Pose) -> None:
    """A beagle pup with a red collar, its tongue out."""
    tan, white, black = (0.74, 0.46, 0.25), (0.96, 0.94, 0.90), (0.17, 0.14, 0.14)
    s.part(
        limb([(0.66, 0.84), (0.78, 0.76), (0.83, 0.62)], [0.06, 0.05, 0.035]),
        black,
        SHORT_FUR,
        flow=(0.4, -0.5),
        marks=[Mark(oval(0.83, 0.62, 0.04, 0.05), white, 0.012)],
    )
    body = curve(
        points(
            "0.5 0.44, 0.61 0.5, 0.655 0.64, 0.685 0.8, 0.64 0.9, 0.5 0.91, 0.36 0.9, 0.315 0.8, 0.345 0.64, 0.39 0.5"
        )
    )
    bib = Mark(
        curve(points("0.5 0.42, 0.585 0.52, 0.585 0.7, 0.56 0.9, 0.44 0.9, 0.415 0.7, 0.415 0.52")),
        white,
        0.012,
    )
    s.part(body, black, SHORT_FUR, marks=[bib], bulge=0.9, belly=tan)
    for k in (-1, 1):
        s.part(oval(0.5 + k * 0.150, 0.82, 0.085, 0.098), tan, SHORT_FUR, flow=(k * 0.4, 0.9), shade=0.25, melt=0.2)
        s.part(oval(0.5 + k * 0.165, 0.908, 0.078, 0.034), white, SHORT_FUR, flow=(k * 0.3, 0.6))
    for k in (-1, 1):
        x = 0.5 + k * 0.062
        s.part(
            limb([(x + k * 0.02, 0.60), (x + k * 0.004, 0.75), (x, 0.91)], [0.105, 0.092, 0.078]),
            white,
            SHORT_FUR,
            shade=0.25,
            melt=0.4,
        )
        s.part(oval(x, 0.913, 0.058, 0.037), white, SHORT_FUR, shade=0.22)
        for toe in (-0.018, 0.016):
            line(s, [(x + toe, 0.915), (x + toe, 0.940)], 0.0034, (0.45, 0.38, 0.36), 0.6)
    s.part(limb([(0.395, 0.485), (0.5, 0.525), (0.605, 0.485)], [0.042] * 3), (0.80, 0.16, 0.16), CLOTH, bulge=0.7)
    s.part(oval(0.5, 0.558, 0.026, 0.028), (0.92, 0.74, 0.30), WET, shade=0.4)
    with s.turned(pose.tilt, (0.5, 0.47), (pose.look * 0.012, 0.028)):
        _dog_head(s, pose, tan, white)


def _dog_head(s: Sculpture, pose: Pose, tan: Colour, white: Colour) -> None:
    face = curve(
        points(
            "0.5 0.135, 0.595 0.155, 0.655 0.235, 0.665 0.33, 0.62 0.42, 0.55 0.475, 0.5 0.485, "
            "0.45 0.475, 0.38 0.42, 0.335 0.33, 0.345 0.235, 0.405 0.155"
        )
    )
    blaze = Mark(
        curve(
            points(
                "0.5 0.12, 0.518 0.2, 0.53 0.29, 0.6 0.37, 0.58 0.5, 0.5 0.51, 0.42 0.5, 0.4 0.37, 0.47 0.29, 0.482 0.2"
            )
        ),
        white,
        0.009,
    )
    s.part(face, tan, SHORT_FUR, marks=[blaze], shade=0.45)
    s.part(
        curve(points("0.468 0.43, 0.532 0.43, 0.535 0.5, 0.5 0.53, 0.465 0.5")),
        (0.90, 0.44, 0.47),
        WET,
        bulge=0.7,
        shade=0.1,
    )
    line(s, [(0.5, 0.44), (0.5, 0.505)], 0.0045, (0.72, 0.28, 0.34), 0.7)
    for k in (-1, 1):
        s.part(
            curve(sided(k, "0.5 0.335, 0.555 0.345, 0.592 0.395, 0.572 0.445, 0.52 0.448, 0.5 0.43")),
            white,
            SHORT_FUR,
            flow=(k * 0.5, 0.6),
            shade=0.2,
            bulge=0.9,
        )
    s.part(
        curve(points("0.452 0.335, 0.5 0.322, 0.548 0.335, 0.54 0.372, 0.5 0.388, 0.46 0.372")),
        (0.12, 0.10, 0.11),
        WET,
        bulge=0.9,
        shade=0.3,
    )
    line(s, [(0.5, 0.388), (0.5, 0.430)], 0.005, (0.25, 0.17, 0.16))
    for k in (-1, 1):
        for dx, dy in ((0.040, 0.395), (0.055, 0.412), (0.036, 0.420)):
            s.dot(0.5 + k * dx, dy, 0.0035, 0.0035, (0.45, 0.38, 0.36), opacity=0.7)
        eye(s, 0.5 + k * 0.080, 0.275, 0.036, (0.42, 0.24, 0.12), pose.look, slit=False)
        s.dot(0.5 + k * 0.078, 0.222, 0.022, 0.008, mix(tan, (1.0, 1.0, 1.0), 0.3), soft=0.005, opacity=0.6)
        ear = curve(
            sided(k, "0.595 0.15, 0.665 0.165, 0.725 0.27, 0.74 0.39, 0.705 0.45, 0.665 0.41, 0.65 0.3, 0.625 0.21")
        )
        s.part(ear, mix(tan, (0.32, 0.16, 0.08), 0.45), SHORT_FUR, flow=(k * 0.2, 1.0), bulge=0.7, shade=0.42)
