"""Pictures of a report as small JPEGs inside the file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from vivant.data.html_page import picture_url
from vivant.errors import ImageError
from vivant.evaluation.report.sources import Line, Method
from vivant.images import on_white, read_image
from vivant.types import Image

QUALITY = 80
"""Of JPEG: a photo of 256 pixels a side has about 13 kB."""


@dataclass(frozen=True)
class Thumbnail:
    """A picture, or why there is none.

    Attributes:
        url: its data URI; empty where there is none.
        width, height: pixels.
        missing: the reason.
    """

    url: str = ""
    width: int = 1
    height: int = 1
    missing: str = ""


def thumbnail(path: Path, side: int, digest: str | None = None) -> Thumbnail:
    """A picture shrunk to at most `side` pixels.

    Args:
        path: of the picture.
        side: pixels on the long side.
        digest: SHA-256 that the file had when it was scored; None takes the file as it is.
    """
    try:
        if digest is not None and hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            return Thumbnail(missing="changed since it was scored")
        return _encoded(on_white(read_image(path, min_side=1, max_side=side)))
    except OSError:
        return Thumbnail(missing="not found")
    except ImageError:
        return Thumbnail(missing="cannot be read")


def _encoded(picture: Image) -> Thumbnail:
    height, width = picture.shape[:2]
    return Thumbnail(picture_url(picture, QUALITY), width, height)


def picture_file(folder: Path, method: Method, line: Line) -> Path:
    """Where a scored picture lies; results that do not say so are of what was drawn in the benchmark's folder.

    Args:
        folder: of the benchmark.
        method: whose picture it is.
        line: the picture.
    """
    if line.path is not None:
        return folder / line.path
    drawn = method.folder / line.file
    return drawn if drawn.is_file() else method.folder / line.case / line.file


@dataclass
class Photos:
    """Photos of subjects, each in the file once, however many cases show it.

    Attributes:
        side: pixels on the long side.
    """

    side: int
    _known: dict[Path, tuple[str, Thumbnail]] = field(default_factory=dict)

    def show(self, path: Path, label: str) -> str:
        """HTML that shows a photo.

        Args:
            path: of the photo.
            label: what a screen reader says.
        """
        if path not in self._known:
            self._known[path] = (f"photo-{len(self._known)}", thumbnail(path, self.side))
        name, shot = self._known[path]
        if shot.missing:
            return f'<span class="gone">{shot.missing}</span>'
        return (
            f'<svg class="photo" viewBox="0 0 {shot.width} {shot.height}" role="img" aria-label="{escape(label)}">'
            f'<use href="#{name}"/></svg>'
        )

    def definitions(self) -> str:
        """All photos that were shown; to stand before what shows them."""
        images = "".join(
            f'<image id="{name}" width="{shot.width}" height="{shot.height}" href="{shot.url}"/>'
            for name, shot in self._known.values()
            if not shot.missing
        )
        return f'<svg class="store" aria-hidden="true"><defs>{images}</defs></svg>' if images else ""
