"""Folders of background photos: what each is called, where its ground is, and how it fills a canvas.

``backgrounds/garden/*`` are photos of one scene; a photo lying directly in the folder is a scene by its own name. What
the name does not say, a sidecar may: ``<photo>.toml`` for one photo, ``background.toml`` for all of a folder, or
``<photo>.txt`` with nothing but the prompt.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from pydantic import Field, ValidationError

from vivant.data.ground import estimate_ground
from vivant.data.painted import paint
from vivant.data.plan.knowledge import PLACES, scene_indoors, scene_places, scene_prompt, scene_surface
from vivant.errors import ImageError, InputError
from vivant.images import SUFFIXES, fit_within, read_image
from vivant.types import Background, Image, Record, Support, Unit

FOLDER_SIDECAR = "background.toml"
SIDECAR_SUFFIXES = frozenset({".toml", ".txt"})
LEAST_SIDE = 256
"""Pixels on a photo's short side below which it would look like a blur on any canvas."""
CANVAS_ROOM = 2048
"""Least long side to which decoded photos are shrunk before they are kept; at least twice the canvas, so that a crop
stays sharp."""
ZOOM_RANGE = (0.84, 1.0)
"""Share of the largest crop that is taken: a little variety without losing the scene."""
LEAST_GROUND = 0.26
"""Share of the crop's height that should be ground, so that there is room for feet."""
BOTTOM_SLACK = 0.12
"""Share of the photo's height that a crop may leave out below: the nearest ground is what subjects stand on."""

Rejects = list[tuple[Path, str]]
Decoded = MutableMapping[Path, Image]


class BackgroundNotes(Record):
    """What a sidecar may say; every field is optional. Units and meaning as in `Background`."""

    prompt: str | None = Field(default=None, min_length=1, max_length=200)
    horizon: Unit | None = None
    ground_top: Unit | None = None
    places: tuple[str, ...] | None = None
    surface: Support | None = None
    indoors: bool | None = None


def load_backgrounds(folder: Path, *, least_side: int = LEAST_SIDE) -> tuple[list[Background], Rejects]:
    """Read a folder of scenes.

    Args:
        folder: holds a folder a scene, or pictures directly.
        least_side: pictures with fewer pixels on their short side are rejected; half the canvas is a good limit, for
            enlarging more than twice shows.

    Returns:
        The backgrounds, sorted by path, and the files that cannot be used, each with the reason.

    Raises:
        InputError: the folder is missing, or a sidecar cannot be understood (an unknown key names the nearest one).
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder of backgrounds")
    root = folder.resolve()
    backgrounds: list[Background] = []
    rejects: Rejects = []
    for path, scene in _candidates(folder):
        if not path.resolve().is_relative_to(root):
            rejects.append((path, "is a link that leads out of the folder"))
        elif path.is_dir():
            rejects.append((path, "a folder inside a scene's folder is not read"))
        elif path.suffix.lower() not in SUFFIXES:
            rejects.append((path, "not a picture by its name"))
        else:
            try:
                backgrounds.append(_background(path, scene, read_image(path, min_side=least_side)))
            except ImageError as error:
                rejects.append((path, str(error).removeprefix(f"{path}: ")))
    return backgrounds, rejects


def render_background(
    background: Background, width: int, height: int, rng: np.random.Generator, decoded: Decoded | None = None
) -> tuple[Image, Background]:
    """Fill a canvas with a background: a seeded crop that keeps the ground in view, at random mirrored.

    Args:
        background: of a photo, or painted when its path is None.
        width, height: of the canvas, in pixels.
        rng: chooses the crop and the mirroring, or what is painted.
        decoded: photos decoded before, by path; read from and added to. The caller bounds it (see `RecentPhotos`).

    Returns:
        HWC uint8 RGB, and the background with horizon and ground_top in fractions of this crop.

    Raises:
        ImageError: the photo can no longer be read.
    """
    if background.path is None:
        return paint(background.scene, width, height, rng), background
    photo = None if decoded is None else decoded.get(background.path)
    if photo is None:
        photo = _read_photo(background.path, max(CANVAS_ROOM, 2 * max(width, height)))
        if decoded is not None:
            decoded[background.path] = photo
    x0, y0, wide, high = _crop(photo.shape[1], photo.shape[0], width / height, background.ground_top, rng)
    picture = photo[y0 : y0 + high, x0 : x0 + wide]
    if rng.random() < 0.5:
        picture = picture[:, ::-1]
    shrinking = width < wide or height < high
    method = cv2.INTER_AREA if shrinking else cv2.INTER_LANCZOS4
    canvas = np.asarray(cv2.resize(np.ascontiguousarray(picture), (width, height), interpolation=method), np.uint8)
    full = photo.shape[0]
    horizon, ground = ((value * full - y0) / high for value in (background.horizon, background.ground_top))
    seen = {"horizon": min(1.0, max(0.0, horizon)), "ground_top": min(1.0, max(0.0, ground))}
    return canvas, background.model_copy(update=seen)


class RecentPhotos(dict[Path, Image]):
    """Decoded photos, the oldest dropped first, for a caller that renders the same backgrounds many times."""

    def __init__(self, limit: int = 8) -> None:
        super().__init__()
        self._limit = limit

    def __setitem__(self, path: Path, photo: Image) -> None:
        while len(self) >= self._limit:
            del self[next(iter(self))]
        super().__setitem__(path, photo)


def _candidates(folder: Path) -> Iterator[tuple[Path, str]]:
    """Everything that might be a background, with its scene's name; hidden files and sidecars are passed over."""
    for entry in _visible(folder):
        if entry.is_dir() and entry.resolve().is_relative_to(folder.resolve()):
            yield from ((path, entry.name) for path in _visible(entry))
        else:
            yield entry, entry.stem


def _visible(folder: Path) -> list[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise InputError(f"{folder}: cannot be read ({error.strerror or error})") from error
    return [path for path in entries if not path.name.startswith(".") and path.suffix.lower() not in SIDECAR_SUFFIXES]


def _read_photo(path: Path, side: int) -> Image:
    photo = read_image(path)
    if photo.shape[2] == 4:  # a background has nothing behind it: clear parts are filled with white paper
        alpha = photo[..., 3:].astype(np.uint16)
        photo = ((photo[..., :3] * alpha + 255 * (255 - alpha)) // 255).astype(np.uint8)
    return fit_within(photo, side)


def _background(path: Path, scene: str, photo: Image) -> Background:
    notes = _notes(path)
    horizon, ground = notes.horizon, notes.ground_top
    if horizon is None or ground is None:
        guessed_horizon, guessed_ground = estimate_ground(np.ascontiguousarray(photo[..., :3]))
        if ground is None:
            ground = guessed_ground if horizon is None else max(guessed_ground, horizon)
        if horizon is None:
            horizon = min(guessed_horizon, ground)
    return Background(
        scene=scene,
        prompt=notes.prompt or scene_prompt(scene),
        path=path,
        places=scene_places(scene) if notes.places is None else notes.places,
        horizon=horizon,
        ground_top=ground,
        surface=notes.surface or scene_surface(scene),
        indoors=scene_indoors(scene) if notes.indoors is None else notes.indoors,
    )


def _notes(path: Path) -> BackgroundNotes:
    """The folder's sidecar, then the photo's own over it; a text file gives the prompt where no table does."""
    values: dict[str, Any] = {}
    for sidecar in (path.with_name(FOLDER_SIDECAR), path.with_suffix(".toml")):
        if sidecar.is_file():
            values |= _read_sidecar(sidecar)
    text = path.with_suffix(".txt")
    if text.is_file():
        try:
            prompt = " ".join(text.read_text(encoding="utf-8").split())
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{text}: cannot be read ({error})") from error
        if prompt:
            values.setdefault("prompt", prompt)
    return _validated(values, path)


def _read_sidecar(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: not valid TOML ({error})") from error
    for key in values:
        if key not in BackgroundNotes.model_fields:
            raise InputError(f"{path}: unknown key {key!r}; {_nearest(key, list(BackgroundNotes.model_fields))}")
    _validated(values, path)
    for place in values.get("places", ()):
        if place not in PLACES:
            raise InputError(f"{path}: unknown place {place!r}; {_nearest(place, list(PLACES))}")
    return values


def _validated(values: dict[str, Any], path: Path) -> BackgroundNotes:
    try:
        notes = BackgroundNotes.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{path}: {name}: {first['msg']}, got {first['input']!r}") from error
    if notes.horizon is not None and notes.ground_top is not None and notes.horizon > notes.ground_top:
        raise InputError(f"{path}: the horizon ({notes.horizon}) must not be below ground_top ({notes.ground_top})")
    return notes


def _nearest(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"


def _crop(
    wide: int, high: int, aspect: float, ground_top: float, rng: np.random.Generator
) -> tuple[int, int, int, int]:
    """Left, top, width and height of a crop of that aspect with ground in its lower part."""
    zoom = rng.uniform(*ZOOM_RANGE)
    crop_wide = max(1, min(wide, round(min(wide, high * aspect) * zoom)))
    crop_high = max(1, min(high, round(min(high, wide / aspect) * zoom)))
    lowest = high - crop_high
    # The crop's bottom must leave enough ground above it; a photo with little ground is taken from its very bottom.
    highest = max(lowest - BOTTOM_SLACK * high, ground_top * high - (1.0 - LEAST_GROUND) * crop_high)
    x0 = round(rng.uniform(0, wide - crop_wide))
    y0 = round(rng.uniform(min(max(0.0, highest), lowest), lowest))
    return x0, y0, crop_wide, crop_high
