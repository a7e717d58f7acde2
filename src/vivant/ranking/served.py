"""Pictures as the page gets them: decoded and encoded anew, so that no recipe and no broken file reaches a browser."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

from vivant.images import encode_png, read_image

LONGEST = 2048
"""Pixels on the long side; more than a screen shows, and every pixel of the papers' pictures."""
REFERENCE = 768
"""The same for a reference, which is shown small."""
ROOM = 64 * 1024 * 1024
"""Bytes of encoded pictures that are kept."""
AT_ONCE = 2
"""Pictures decoded at the same time; each may need some hundred megabytes for a moment."""


class Served:
    """PNG bytes of files, the ones asked for last kept at hand."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int, int, int], bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()
        self._turn = threading.BoundedSemaphore(AT_ONCE)

    def png(self, path: Path, side: int) -> bytes:
        """A picture at most `side` pixels long, without any of the file's other content.

        Raises:
            ImageError: it cannot be read.
            OSError: it is gone.
        """
        state = path.stat()
        key = (str(path), state.st_mtime_ns, state.st_size, side)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        with self._turn:
            data = encode_png(read_image(path, min_side=1, max_side=side))
        with self._lock:
            if key not in self._kept:
                self._kept[key] = data
                self._size += len(data)
            while self._size > ROOM and len(self._kept) > 1:
                self._size -= len(self._kept.popitem(last=False)[1])
        return data
