"""The demo's photos: seven subjects, three pictures each, drawn by the project."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from vivant.data.painted.sheet import contact_sheet
from vivant.demo import animals, things, toys
from vivant.demo.parts import Pose
from vivant.demo.sculpt import Sculpture
from vivant.demo.studio import SIDE, Setting, photograph
from vivant.images import write_jpeg, write_png
from vivant.types import Image

SHOTS = 3
"""Photos a subject: what personalisation papers work with is three to six."""
MADE_BY = "vivant demo"


@dataclass(frozen=True)
class Model:
    """Who is photographed and where.

    Attributes:
        draw: puts the subject, in a pose, on an empty square.
        foot: y of its lowest point in that square.
        settings: one a shot; none for a subject whose pictures have alpha instead of a background.
    """

    draw: Callable[[Sculpture, Pose], None]
    foot: float
    settings: tuple[Setting, ...] = ()


SUBJECTS: dict[str, Model] = {
    "cat": Model(
        animals.cat,
        0.945,
        (
            Setting(wall=(0.36, 0.56, 0.60)),
            Setting(wall=(0.62, 0.55, 0.68)),
            Setting(wall=(0.70, 0.74, 0.80), floor=(0.42, 0.46, 0.52)),
        ),
    ),
    "dog": Model(
        animals.dog,
        0.945,
        (
            Setting(wall=(0.55, 0.68, 0.78)),
            Setting(wall=(0.62, 0.72, 0.56), floor=(0.50, 0.58, 0.44)),
            Setting(scene="garden"),
        ),
    ),
    "teddy_bear": Model(
        toys.teddy_bear,
        0.955,
        (
            Setting(wall=(0.60, 0.70, 0.72), floor=(0.46, 0.52, 0.58)),
            Setting(wall=(0.50, 0.60, 0.74)),
            Setting(wall=(0.80, 0.84, 0.88)),
        ),
    ),
    "rubber_duck": Model(
        toys.rubber_duck,
        0.895,
        (
            Setting(wall=(0.42, 0.62, 0.76)),
            Setting(wall=(0.76, 0.82, 0.86), floor=(0.48, 0.66, 0.70)),
            Setting(wall=(0.56, 0.50, 0.62)),
        ),
    ),
    "teapot": Model(
        things.teapot,
        0.908,
        (
            Setting(wall=(0.76, 0.54, 0.53)),
            Setting(wall=(0.66, 0.56, 0.64)),
            Setting(wall=(0.78, 0.58, 0.58), floor=(0.62, 0.48, 0.48)),
        ),
    ),
    "backpack": Model(
        things.backpack,
        0.925,
        (
            Setting(wall=(0.74, 0.78, 0.76)),
            Setting(wall=(0.84, 0.82, 0.76), floor=(0.56, 0.60, 0.62)),
            Setting(scene="mountain"),
        ),
    ),
    "house_plant": Model(things.house_plant, 0.918),
}
"""The demo's cast. Every setting differs from its subject in hue or lightness, as in photos that one would choose."""

POSES = (Pose(), Pose(tilt=7.0, look=0.7), Pose(tilt=-6.0, look=-0.8))
"""A subject's three poses; a few degrees of chance come on top."""


def draw_photos(folder: Path, seed: int = 0) -> None:
    """Write `folder/<subject>/01.png` to `03.png`, 640 x 640, for every subject of the demo.

    All are RGB photos in a setting but those of `house_plant`, which are RGBA cutouts. Each file carries a recipe
    (made_by, seed, subject, shot). The same seed writes the same bytes.

    Raises:
        StoreError: the folder cannot be written.
    """
    for subject in SUBJECTS:
        for shot in range(SHOTS):
            recipe = {"made_by": MADE_BY, "seed": seed, "subject": subject, "shot": shot + 1}
            write_png(folder / subject / f"{shot + 1:02d}.png", draw_photo(subject, shot, seed), recipe)


def draw_photo(subject: str, shot: int, seed: int = 0) -> Image:
    """One photo of a subject of `SUBJECTS`, HWC uint8 RGB (RGBA where it has no setting); `shot` from 0."""
    model = SUBJECTS[subject]
    figure = draw_figure(subject, shot, seed)
    if not model.settings:
        return figure.rgba
    setting = model.settings[shot % len(model.settings)]
    return photograph(figure.rgba, setting, figure.light_x, figure.rng, ground=figure.ground)


@dataclass(frozen=True)
class Figure:
    """A subject as it stands in a photo.

    Attributes:
        rgba: HWC uint8, SIDE x SIDE; its alpha is the truth that a segmenter is to find.
        ground: y of its foot, fraction.
        light_x: where light comes from, -1 left to 1 right.
        rng: goes on to the setting.
    """

    rgba: Image
    ground: float
    light_x: float
    rng: np.random.Generator


def draw_figure(subject: str, shot: int, seed: int = 0) -> Figure:
    """The subject alone, exactly as `draw_photo` shows it with the same arguments."""
    model = SUBJECTS[subject]
    rng = np.random.default_rng([seed, list(SUBJECTS).index(subject), shot])
    base = POSES[shot % len(POSES)]
    pose = Pose(base.tilt + float(rng.normal(0, 1.2)), base.look)
    light_x = float(rng.uniform(0.35, 0.85) * rng.choice((-1, 1)))
    drawing = Sculpture(SIDE, rng, light=(light_x, -0.65, 0.80), warmth=float(rng.uniform(-0.6, 0.9)))
    model.draw(drawing, pose)
    size, flip = float(rng.uniform(0.76, 0.90)), shot == SHOTS - 1
    rgba, ground = _placed(drawing.finished(), model.foot, size, float(rng.uniform(-0.04, 0.04)), flip=flip)
    return Figure(rgba, ground, -light_x if flip else light_x, rng)


def _placed(figure: Image, foot: float, size: float, shift: float, *, flip: bool) -> tuple[Image, float]:
    """The figure made smaller, set with its foot a little above the lower edge, perhaps mirrored; and y of its foot."""
    if flip:
        figure = np.ascontiguousarray(figure[:, ::-1])
    ground = 0.5 + 0.5 * size * 0.86
    move = np.array([[size, 0, (0.5 * (1 - size) + shift) * SIDE], [0, size, (ground - foot * size) * SIDE]])
    premultiplied = figure.astype(np.float32)
    premultiplied[..., :3] *= premultiplied[..., 3:] / 255
    moved = np.asarray(cv2.warpAffine(premultiplied, move, (SIDE, SIDE), flags=cv2.INTER_LINEAR), np.float32)
    moved[..., :3] /= np.maximum(moved[..., 3:] / 255, 1e-3)
    return np.asarray(np.clip(moved + 0.5, 0, 255), np.uint8), ground


def subject_sheet(side: int = 220, seed: int = 0) -> Image:
    """All photos, a column a subject, `side` pixels each; cutouts on white. HWC uint8 RGB."""
    pictures = {}
    for shot in range(SHOTS):
        for subject in SUBJECTS:
            photo = draw_photo(subject, shot, seed)
            if photo.shape[2] == 4:
                alpha = photo[..., 3:].astype(np.float32) / 255
                photo = np.asarray(photo[..., :3] * alpha + 255 * (1 - alpha), np.uint8)
            small = cv2.resize(photo, (side, side), interpolation=cv2.INTER_AREA)
            pictures[f"{subject} {shot + 1}"] = np.asarray(small, np.uint8)
    return contact_sheet(pictures, columns=len(SUBJECTS))


def main() -> None:
    """Write the sheet: `python -m vivant.demo.subjects -o FILE`."""
    parser = argparse.ArgumentParser(description="A picture of all the demo's photos.")
    parser.add_argument("-o", "--output", type=Path, required=True, help="JPEG file to write")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other poses and light")
    options = parser.parse_args()
    write_jpeg(options.output, subject_sheet(seed=options.seed), quality=86)


if __name__ == "__main__":
    main()
