"""Features of pictures, crops and texts, in batches and never twice.

A picture is known by the hash of its file, so that a second evaluation of the same pictures does not even decode them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from vivant.errors import ImageError
from vivant.evaluation.boxes import Boxes, cut_out, squared
from vivant.evaluation.cache import FeatureCache
from vivant.evaluation.copying import pixel_likeness
from vivant.evaluation.detector import Detections
from vivant.evaluation.encoders import Identity
from vivant.images import content_hash, read_image
from vivant.progress import Ticker
from vivant.types import Image

CropRule = Literal["box", "square"]
"""What of a picture stands for a subject: the pixels in its box, or the square around it, with what surrounds it."""
Array = NDArray[np.float32]
Watch = Callable[[str, int], AbstractContextManager[Ticker]]
"""What is counted and how many -> a context that is told of every finished item."""
PIXELS = "pixel likeness 1"
"""What the cache knows likenesses under: raise the number when they are computed otherwise."""
LEAST_SIDE = 8
"""Pixels of a picture."""


@dataclass(frozen=True)
class Photo:
    """A picture's file.

    Attributes:
        path: of the file.
        digest: SHA-256 of its bytes.
    """

    path: Path
    digest: str

    @classmethod
    def of(cls, path: Path) -> Photo:
        """Read the file once, to know it.

        Raises:
            ImageError: it cannot be read.
        """
        try:
            with path.open("rb") as file:
                return cls(path, hashlib.file_digest(file, "sha256").hexdigest())
        except OSError as error:
            raise ImageError(f"{path}: cannot be read ({error.strerror or error})") from error


@dataclass(frozen=True)
class View:
    """A picture, or what a box cuts out of it.

    Attributes:
        photo: the picture.
        box: x0, y0, x1, y1 in [0, 1]; None for all of it.
        rule: what a box takes.
    """

    photo: Photo
    box: tuple[float, float, float, float] | None = None
    rule: CropRule = "box"

    @property
    def key(self) -> str:
        """What the cache knows it by."""
        if self.box is None:
            return self.photo.digest
        return f"{self.photo.digest} {self.rule} {' '.join(f'{edge:.6f}' for edge in self.box)}"

    def cut(self, image: Image) -> Image:
        """The view's part of its decoded picture."""
        if self.box is None:
            return image
        box = np.array(self.box, dtype=np.float32)
        return cut_out(image, squared(box, *image.shape[:2]) if self.rule == "square" else box)


class PictureEncoder(Protocol):
    """Features of pictures."""

    identity: Identity

    def pictures(self, images: Sequence[Image]) -> Array:
        """[N, D]."""
        ...


class TextEncoder(PictureEncoder, Protocol):
    """Features of pictures and texts in one space."""

    def texts(self, texts: Sequence[str]) -> Array:
        """[N, D]."""
        ...


class BoxFinder(Protocol):
    """Boxes for labels."""

    identity: Identity

    def detect(self, images: Sequence[Image], labels: Sequence[Sequence[str]]) -> list[Detections]:
        """One a picture."""
        ...


class PointFinder(Protocol):
    """Keypoints in boxes."""

    identity: Identity
    pairs: list[tuple[int, int]]

    def locate(self, images: Sequence[Image], boxes: Boxes) -> Array:
        """[N, K, 3]."""
        ...


def _unticked(*, rejected: bool = False) -> None:
    pass


def _unwatched(name: str, total: int) -> AbstractContextManager[Ticker]:
    return nullcontext(_unticked)


class Features:
    """Encoders behind a cache. Results do not depend on the batch, the order, or what was asked for together."""

    def __init__(self, cache: FeatureCache, *, batch: int = 64, watch: Watch = _unwatched) -> None:
        """
        Args:
            cache: where features are looked up and kept.
            batch: pictures that an encoder is given together; each batch is kept before the next one begins.
            watch: shows the progress of what has to be computed, as `vivant.progress.progress` does.
        """
        self._cache, self._batch, self._watch = cache, batch, watch

    def pictures(self, encoder: PictureEncoder, views: Sequence[View]) -> Array:
        """[N, D] features of views, of any length.

        Raises:
            ImageError: a picture cannot be read.
        """

        def compute(rows: Sequence[int]) -> Iterator[Array]:
            return iter(encoder.pictures(list(_images([views[row] for row in rows]))))

        keys = [view.key for view in views]
        found = self._rows(f"{encoder.identity.role} of pictures", f"{encoder.identity.key} picture", keys, compute)
        return np.stack(found) if found else np.zeros((0, 1), dtype=np.float32)

    def texts(self, encoder: TextEncoder, texts: Sequence[str]) -> Array:
        """[N, D] features of texts, of any length."""

        def compute(rows: Sequence[int]) -> Iterator[Array]:
            return iter(encoder.texts([texts[row] for row in rows]))

        keys = [content_hash(text) for text in texts]
        found = self._rows("clip of texts", f"{encoder.identity.key} text", keys, compute)
        return np.stack(found) if found else np.zeros((0, 1), dtype=np.float32)

    def detections(
        self, detector: BoxFinder, photos: Sequence[Photo], labels: Sequence[Sequence[str]]
    ) -> list[Detections]:
        """Boxes in each picture for its own labels.

        Raises:
            ImageError: a picture cannot be read.
        """

        def compute(rows: Sequence[int]) -> Iterator[Array]:
            images = list(_images([View(photos[row]) for row in rows]))
            for found in detector.detect(images, [labels[row] for row in rows]):
                table = np.concatenate([found.boxes, found.scores[:, None], found.labels[:, None]], axis=1)
                yield table.astype(np.float32)

        keys = [f"{photo.digest} {content_hash(*names)}" for photo, names in zip(photos, labels, strict=True)]
        tables = self._rows("boxes in pictures", f"{detector.identity.key} boxes", keys, compute)
        return [Detections(table[:, :4], table[:, 4], table[:, 5].astype(np.int64)) for table in tables]

    def keypoints(self, finder: PointFinder, views: Sequence[View]) -> Array:
        """[N, K, 3] x, y in pixels of the picture and how surely a point is seen, of the subject in each view's box.

        Raises:
            ImageError: a picture cannot be read.
        """

        def compute(rows: Sequence[int]) -> Iterator[Array]:
            images = list(_images([View(views[row].photo) for row in rows]))
            boxes = np.array([views[row].box or (0.0, 0.0, 1.0, 1.0) for row in rows], dtype=np.float32)
            return iter(finder.locate(images, boxes))

        keys = [View(view.photo, view.box).key for view in views]
        found = self._rows("keypoints of subjects", f"{finder.identity.key} points", keys, compute)
        return np.stack(found) if found else np.zeros((0, 0, 3), dtype=np.float32)

    def likenesses(self, views: Sequence[View], photos: Sequence[View]) -> list[float]:
        """`pixel_likeness` of pairs of views.

        Raises:
            ImageError: a picture cannot be read.
        """

        def compute(rows: Sequence[int]) -> Iterator[Array]:
            ones, others = (_images([side[row] for row in rows]) for side in (views, photos))
            for one, other in zip(ones, others, strict=True):
                yield np.array([pixel_likeness(one, other)], dtype=np.float32)

        keys = [f"{one.key} | {other.key}" for one, other in zip(views, photos, strict=True)]
        return [float(value[0]) for value in self._rows("pairs of pixels", PIXELS, keys, compute)]

    def _rows(
        self, what: str, encoder: str, keys: Sequence[str], compute: Callable[[Sequence[int]], Iterator[Array]]
    ) -> list[Array]:
        """An array a key, computed for the keys that the cache does not have, each once and in the order given."""
        found = self._cache.read(encoder, dict.fromkeys(keys))
        first = {key: row for row, key in reversed(list(enumerate(keys)))}
        missing = [row for row, key in enumerate(keys) if key not in found and first[key] == row]
        if not missing:
            return [found[key] for key in keys]
        with self._watch(what, len(missing)) as tick:
            for start in range(0, len(missing), self._batch):
                rows = missing[start : start + self._batch]
                new = {keys[row]: array for row, array in zip(rows, compute(rows), strict=True)}
                self._cache.write(encoder, new)
                found |= new
                for _ in rows:
                    tick()
        return [found[key] for key in keys]


def _images(views: Sequence[View]) -> Iterator[Image]:
    """Views decoded; neighbours of one picture share its decoding."""
    last: tuple[str, Image] | None = None
    for view in views:
        if last is None or last[0] != view.photo.digest:
            last = view.photo.digest, read_image(view.photo.path, min_side=LEAST_SIDE)
        yield view.cut(last[1])
