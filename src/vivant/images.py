"""Pictures in and out: the only place that decodes what a user brings.

Decoding has a pixel limit, turns by EXIF, takes the first frame of an animation and brings any mode to 8-bit RGB or
RGBA. Every picture written carries its recipe as PNG text.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import warnings
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image as PILImage
from PIL import ImageOps, UnidentifiedImageError

from vivant.errors import ImageError
from vivant.files import write_bytes
from vivant.types import Image, Mask

MAX_PIXELS = 80_000_000
"""More than any camera photo; less than what fills the memory of a small machine."""
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif"})
RECIPE_KEY = "vivant"
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER_END = 33  # signature and IHDR


def read_image(path: Path, *, min_side: int = 16, max_pixels: int = MAX_PIXELS, max_side: int | None = None) -> Image:
    """Decode a picture.

    Args:
        path: any format that Pillow reads.
        min_side: fewer pixels on the short side are refused.
        max_pixels: more are refused before decoding.
        max_side: shrink to this many pixels on the long side; a JPEG is decoded small, which is faster.

    Returns:
        HWC uint8, RGB, or RGBA when the file has transparency that is used.

    Raises:
        ImageError: the file is missing, empty, broken, no picture, too small or too large.
    """
    try:
        if path.stat().st_size == 0:
            raise ImageError(f"{path}: the file is empty")
        data = path.read_bytes()
    except OSError as error:
        raise ImageError(f"{path}: cannot be read ({error.strerror or error})") from error
    return decode_image(data, name=str(path), min_side=min_side, max_pixels=max_pixels, max_side=max_side)


def decode_image(
    data: bytes, *, name: str, min_side: int = 1, max_pixels: int = MAX_PIXELS, max_side: int | None = None
) -> Image:
    """Decode the bytes of a picture; arguments, result and errors as in `read_image`."""
    try:
        with warnings.catch_warnings(), PILImage.open(_quietly(data)) as opened:
            width, height = opened.size
            if width * height > max_pixels:
                raise ImageError(
                    f"{name}: {width} x {height} pixels are more than the limit of {max_pixels:,}: make it smaller"
                )
            if min(width, height) < min_side:
                raise ImageError(f"{name}: {width} x {height} pixels are too few; {min_side} a side is the least")
            opened.seek(0)
            if max_side is not None:
                opened.draft(None, (max_side, max_side))
            opened.load()
            pixels = _to_rgb_or_rgba(ImageOps.exif_transpose(opened))
            return pixels if max_side is None else fit_within(pixels, max_side)
    except ImageError:
        raise
    except UnidentifiedImageError as error:
        raise ImageError(f"{name}: not a picture that can be read") from error
    except PILImage.DecompressionBombError as error:
        raise ImageError(f"{name}: too many pixels: make it smaller") from error
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        IndexError,
        struct.error,
        zlib.error,
        MemoryError,
    ) as error:
        raise ImageError(f"{name}: broken or cut short ({error})") from error


def _quietly(data: bytes) -> io.BytesIO:
    """Pillow warns of what the pixel limit here refuses anyway; a file's odd metadata is no concern of the user's."""
    warnings.simplefilter("ignore")
    return io.BytesIO(data)


def _to_rgb_or_rgba(picture: PILImage.Image) -> Image:
    if picture.mode.startswith("I") or picture.mode == "F":
        return _from_deep_grey(np.asarray(picture, dtype=np.float64), sixteen_bit=picture.mode.startswith("I;16"))
    has_alpha = "A" in picture.getbands() or "a" in picture.getbands() or "transparency" in picture.info
    pixels = np.array(picture.convert("RGBA" if has_alpha else "RGB"), dtype=np.uint8)
    if has_alpha and pixels[..., 3].min() == 255:
        pixels = np.ascontiguousarray(pixels[..., :3])
    return pixels


def _from_deep_grey(values: np.ndarray[Any, np.dtype[np.float64]], *, sixteen_bit: bool) -> Image:
    """16-bit, 32-bit and float grey; where the type does not say what white is, the values do."""
    finite = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    top = finite.max(initial=0.0)
    white = 65535.0 if sixteen_bit else next((limit for limit in (1.0, 255.0, 65535.0) if top <= limit), top)
    grey = np.clip(finite / white * 255.0, 0, 255).round().astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def on_white(image: Image) -> Image:
    """RGB of a picture whose clear parts become white: readers that drop the alpha would show what it hid."""
    if image.shape[2] == 3:
        return image
    alpha = image[..., 3:].astype(np.float32) / 255.0
    return np.asarray((image[..., :3] * alpha + 255.0 * (1.0 - alpha)).round(), dtype=np.uint8)


def fit_within(image: Image, side: int) -> Image:
    """Shrink so that the long side is at most `side` pixels; a smaller picture stays as it is."""
    height, width = image.shape[:2]
    scale = side / max(height, width)
    if scale >= 1.0:
        return image
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def encode_png(image: Image | Mask, recipe: Mapping[str, Any] | None = None) -> bytes:
    """PNG bytes of HW, HWC RGB or HWC RGBA uint8, with the recipe as an iTXt chunk named "vivant"."""
    # On photos the average filter halves the time of trying all filters, and the file is no larger.
    options = [cv2.IMWRITE_PNG_COMPRESSION, 1]
    if image.ndim == 3:
        order = cv2.COLOR_RGBA2BGRA if image.shape[2] == 4 else cv2.COLOR_RGB2BGR
        pixels = cv2.cvtColor(image, order)
        options += [cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_AVG]
    else:
        pixels = image
    done, buffer = cv2.imencode(".png", pixels, options)
    if not done:
        raise ImageError("a picture could not be encoded as PNG")
    data = buffer.tobytes()
    return data if recipe is None else _with_text(data, json.dumps(recipe, ensure_ascii=False, sort_keys=True))


def _with_text(png: bytes, text: str) -> bytes:
    body = b"iTXt" + RECIPE_KEY.encode() + b"\0\0\0\0\0" + text.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    assert png.startswith(_PNG_SIGNATURE)
    return png[:_PNG_HEADER_END] + chunk + png[_PNG_HEADER_END:]


def write_png(path: Path, image: Image | Mask, recipe: Mapping[str, Any] | None = None) -> None:
    """Write atomically: the file is there whole or not at all."""
    write_bytes(path, encode_png(image, recipe))


def write_jpeg(path: Path, image: Image, *, quality: int = 90) -> None:
    """Write HWC RGB uint8 atomically as JPEG; for sheets and previews, never for training data."""
    done, buffer = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ImageError(f"{path}: could not be encoded as JPEG")
    write_bytes(path, buffer.tobytes())


def read_recipe(path: Path) -> dict[str, Any]:
    """The recipe that a picture carries.

    Raises:
        ImageError: the picture cannot be read or carries none.
    """
    try:
        with PILImage.open(path) as opened:
            text = opened.info.get(RECIPE_KEY)
        if not isinstance(text, str):
            raise ImageError(f"{path}: carries no recipe; only pictures made by vivant do")
        recipe = json.loads(text)
    except (OSError, UnidentifiedImageError, json.JSONDecodeError) as error:
        raise ImageError(f"{path}: its recipe cannot be read ({error})") from error
    if not isinstance(recipe, dict):
        raise ImageError(f"{path}: its recipe is not a table of settings")
    return recipe


def content_hash(*parts: bytes | Image | str) -> str:
    """16 hex digits of SHA-256 over the parts, each with its length."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part if isinstance(part, bytes) else part.tobytes()
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()[:16]
