"""Weight files by name: an explicit path, then the folders where they usually lie, then a download.

A download is checked by its SHA-256 or MD5, continues where a broken one stopped and appears under its name only when
it is whole.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vivant.errors import ModelError

if TYPE_CHECKING:
    import httpx

CHUNK = 1 << 20
TIMEOUT_S = 30.0
_RELEASE = "https://github.com/danielgatis/rembg/releases/download/v0.0.0/"


@dataclass(frozen=True)
class WeightFile:
    """A published file.

    Attributes:
        name: file name, in the cache too.
        url: where it is published.
        md5: its checksum as published.
        megabytes: about how much a download is.
        aliases: names that other tools give the same file.
    """

    name: str
    url: str
    md5: str
    megabytes: int
    aliases: tuple[str, ...] = ()


ISNET = WeightFile(
    name="isnet-general-use.onnx",
    url=_RELEASE + "isnet-general-use.onnx",
    md5="fc16ebd8b0c10d971d3513d564d01e29",
    megabytes=179,
)
BIREFNET = WeightFile(
    name="BiRefNet-general-epoch_244.onnx",
    url=_RELEASE + "BiRefNet-general-epoch_244.onnx",
    md5="7a35a0141cbbc80de11d9c9a28f52697",
    megabytes=973,
    aliases=("birefnet-general.onnx",),
)


def default_cache() -> Path:
    """`~/.cache/vivant`."""
    return Path.home() / ".cache" / "vivant"


def shared_folders() -> tuple[Path, ...]:
    """Where other tools keep the same files."""
    return (Path.home() / ".u2net",)


def find_weights(
    spec: WeightFile,
    path: Path | None = None,
    cache_dir: Path | None = None,
    *,
    download: bool = True,
    client: httpx.Client | None = None,
) -> Path:
    """The file on disk, fetched if it must and may be.

    Args:
        spec: which file.
        path: the file itself, or a folder that holds it; nothing else is looked at then.
        cache_dir: where downloads are kept; None is `default_cache()`.
        download: whether to fetch a file that is nowhere.
        client: how to fetch; None opens one for the occasion.

    Raises:
        ModelError: it is not there and cannot be fetched, or what was fetched is not the published file.
    """
    if path is not None:
        return _explicit(spec, path)
    cache = cache_dir or default_cache()
    cached = cached_weights(spec, cache)
    if cached is not None:
        return cached
    if not download:
        raise ModelError(f"{spec.name} is not in {cache} and downloads are off: {_by_hand(spec, cache)}")
    target = cache / spec.name
    with _client(client) as opened:
        _fetch(spec, target, opened)
    return target


def cached_weights(spec: WeightFile, cache: Path) -> Path | None:
    """The file in the cache or where another tool keeps it, if it is there."""
    places = (folder / name for folder in (cache, *shared_folders()) for name in (spec.name, *spec.aliases))
    return next((place for place in places if place.is_file()), None)


def _explicit(spec: WeightFile, path: Path) -> Path:
    for candidate in (path, *(path / name for name in (spec.name, *spec.aliases))):
        if candidate.is_file():
            return candidate
    raise ModelError(f"{path}: no such weight file; expected {spec.name}")


def _by_hand(spec: WeightFile, cache: Path) -> str:
    return f"fetch {spec.url} ({spec.megabytes} MB) and put it there, or name it with the setting 'weights'"


@contextlib.contextmanager
def _client(given: httpx.Client | None) -> Iterator[httpx.Client]:
    if given is not None:
        yield given
        return
    import httpx

    with httpx.Client(follow_redirects=True, timeout=TIMEOUT_S) as opened:
        yield opened


def _fetch(spec: WeightFile, target: Path, client: httpx.Client) -> None:
    """Stream into `<name>.part`, going on from what is there; rename once the checksum is right."""
    import httpx

    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        have = part.stat().st_size if part.is_file() else 0
        with client.stream("GET", spec.url, headers={"Range": f"bytes={have}-"} if have else {}) as reply:
            # 416: nothing is left to send, the part may be whole. 206: the rest follows. 200: all of it again.
            if reply.status_code != httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                reply.raise_for_status()
                resumed = reply.status_code == httpx.codes.PARTIAL_CONTENT
                with part.open("ab" if resumed else "wb") as file:
                    for chunk in reply.iter_bytes(CHUNK):
                        file.write(chunk)
        found = _md5(part)
        if found != spec.md5:
            part.unlink()
            raise ModelError(f"{spec.url}: not the published file (MD5 {found}, expected {spec.md5}): run it again")
        part.replace(target)
    except httpx.HTTPError as error:
        reason = str(error) or type(error).__name__
        raise ModelError(
            f"{spec.name} could not be fetched ({reason}): without a network, {_by_hand(spec, target.parent)}"
        ) from error
    except OSError as error:
        raise ModelError(f"{target}: cannot be written ({error.strerror or error})") from error


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        # A checksum against broken downloads, as published; not a signature.
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
