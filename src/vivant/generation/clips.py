"""Clips on disk: MP4, GIF, WebP, or a folder of PNG frames. Each carries its recipe; files are whole or not there."""

from __future__ import annotations

import io
import json
import struct
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Literal
from uuid import UUID

import cv2
import numpy as np
from PIL import Image as PILImage
from PIL import UnidentifiedImageError

from vivant.errors import ImageError, InputError, ModelError, StoreError
from vivant.files import write_bytes
from vivant.images import read_recipe, write_png
from vivant.settings.animate import Codec
from vivant.types import Image

Kind = Literal["mp4", "gif", "webp", "frames"]
FOURCC: dict[Codec, str] = {"mp4v": "mp4v", "vp9": "vp09"}
RECIPE_BOX = UUID("6f0c1f1e-4a8e-4d0b-9a57-2c7f3e1b8d64")
"""Of the box that an MP4's recipe lies in. A "uuid" box is where ISO 14496-12 (section 11.1) lets anyone keep anything,
and players pass over it; XMP lies in one too."""
WEBP_QUALITY = 90
_DESCRIPTION = 0x010E  # EXIF's ImageDescription
_MOST_RECIPE, _MOST_FILE = 1 << 20, 1 << 50


def clip_kind(out: Path) -> Kind:
    """What a name asks for: its suffix, or a folder of frames without one.

    Raises:
        InputError: another suffix.
    """
    suffix = out.suffix.lower()
    if out.is_dir() or not suffix:
        return "frames"
    kinds: dict[str, Kind] = {".mp4": "mp4", ".gif": "gif", ".webp": "webp"}
    if suffix not in kinds:
        raise InputError(f"{out}: end it in .mp4, .gif or .webp, or name a folder for the frames as PNG")
    return kinds[suffix]


def write_clip(
    out: Path, frames: Sequence[Image], fps: int, recipe: Mapping[str, Any], *, codec: Codec = "mp4v"
) -> None:
    """Write a clip with its recipe.

    Args:
        out: see `clip_kind`. In a folder, frames go to 0000.png, 0001.png and so on.
        frames: HWC uint8 RGB, all of one size, sides even.
        fps: frames a second.
        recipe: how it was made.
        codec: of an MP4.

    Raises:
        ModelError: OpenCV has no such codec here.
        StoreError: the clip cannot be written.
    """
    kind = clip_kind(out)
    if kind == "frames":
        _write_frames(out, frames, recipe)
    elif kind == "mp4":
        write_bytes(out, _mp4(out, frames, fps, codec) + _box(recipe))
    else:
        write_bytes(out, _animation(kind, frames, fps, recipe))


def read_clip_recipe(out: Path) -> dict[str, Any]:
    """The recipe that a clip carries; of a folder, what its first frame carries.

    Raises:
        ImageError: the file cannot be read or carries none.
    """
    if out.is_dir():
        recipe = read_recipe(frame_path(out, 0))
        recipe.pop("frame", None)
        return recipe
    try:
        text = _recipe_text(out)
        found: Any = json.loads(text) if text else None
    except (OSError, UnidentifiedImageError, ValueError, struct.error) as error:
        raise ImageError(f"{out}: its recipe cannot be read ({error})") from error
    if not isinstance(found, dict):
        raise ImageError(f"{out}: carries no recipe; only clips made by vivant do")
    return found


def frame_path(folder: Path, number: int) -> Path:
    """Where a frame of a folder lies."""
    return folder / f"{number:04d}.png"


def _write_frames(folder: Path, frames: Sequence[Image], recipe: Mapping[str, Any]) -> None:
    for number, frame in enumerate(frames):
        write_png(frame_path(folder, number), frame, {**recipe, "frame": number})
    for path in folder.glob("[0-9][0-9][0-9][0-9].png"):
        if int(path.stem) >= len(frames) and _made_by(path, recipe.get("verb")):
            path.unlink()  # of a longer clip that was here before


def _made_by(path: Path, verb: Any) -> bool:
    try:
        return bool(read_recipe(path).get("verb") == verb)
    except ImageError:
        return False


def _mp4(out: Path, frames: Sequence[Image], fps: int, codec: Codec) -> bytes:
    """Through a file, as OpenCV's encoder wants one; read back, as it is silent when a disk is full."""
    height, width = frames[0].shape[:2]
    with tempfile.TemporaryDirectory(prefix="vivant-") as folder:
        path = Path(folder) / "clip.mp4"
        fourcc = cv2.VideoWriter.fourcc(*FOURCC[codec])
        writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, fourcc, float(fps), (width, height))
        if not writer.isOpened():
            raise ModelError(f"{out}: this OpenCV has no encoder for {codec}: set --codec mp4v, or end -o in .webp")
        for frame in frames:
            writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
        writer.release()
        if len(read_frames(path)) != len(frames):
            raise StoreError(f"{out}: its frames could not be encoded whole; is the disk full ({folder})?")
        return path.read_bytes()


def read_frames(path: Path) -> list[Image]:
    """Every frame of an MP4, HWC uint8 RGB; none where it is no film."""
    film = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    frames: list[Image] = []
    while True:
        there, frame = film.read()
        if not there:
            film.release()
            return frames
        frames.append(np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), dtype=np.uint8))


def _animation(kind: Kind, frames: Sequence[Image], fps: int, recipe: Mapping[str, Any]) -> bytes:
    pictures = [PILImage.fromarray(frame) for frame in frames]
    text, buffer = json.dumps(recipe, sort_keys=True), io.BytesIO()  # ASCII, which both formats ask for
    # Rounded times, not rounded durations, keep the clip's length; a GIF counts in hundredths of a second.
    unit = 10 if kind == "gif" else 1
    times = [round(1000 / unit * number / fps) * unit for number in range(len(frames) + 1)]
    options: dict[str, Any] = {"comment": text.encode()}
    if kind == "webp":
        exif = PILImage.Exif()
        exif[_DESCRIPTION] = text
        options = {"quality": WEBP_QUALITY, "exif": exif.tobytes()}
    pictures[0].save(
        buffer,
        kind.upper(),
        save_all=True,
        append_images=pictures[1:],
        loop=0,
        duration=np.diff(times).tolist(),
        **options,
    )
    return buffer.getvalue()


def _box(recipe: Mapping[str, Any]) -> bytes:
    body = b"uuid" + RECIPE_BOX.bytes + json.dumps(recipe, ensure_ascii=False, sort_keys=True).encode()
    return struct.pack(">I", len(body) + 4) + body


def _recipe_text(path: Path) -> str | None:
    if path.suffix.lower() == ".mp4":
        with path.open("rb") as file:
            return _find_box(file)
    with PILImage.open(path) as opened:
        comment = opened.info.get("comment")
        text = comment.decode() if isinstance(comment, bytes) else opened.getexif().get(_DESCRIPTION)
    return text if isinstance(text, str) else None


def _find_box(file: BinaryIO) -> str | None:
    """Boxes one after the other: 4 bytes of size, 4 of type; a size of 1 has 8 more bytes, of 0 is the rest."""
    start = 0
    while True:
        file.seek(start)
        header = file.read(8)
        if len(header) < 8:
            return None
        size, kind = struct.unpack(">I4s", header)
        used = 8
        if size == 1:
            size, used = struct.unpack(">Q", file.read(8))[0], 16
        if not used <= size < _MOST_FILE:
            return None
        if kind == b"uuid" and used + 16 < size <= _MOST_RECIPE and file.read(16) == RECIPE_BOX.bytes:
            return file.read(size - used - 16).decode()
        start += size
