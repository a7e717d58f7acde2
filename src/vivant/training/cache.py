"""What frozen models say, computed once: text, latents, image features, each under a hash of all that it depends on.

One safetensors file an item, `<folder>/<kind>/<key>.safetensors`. A file carries its key and a digest of its tensors:
one that is broken, cut short or somebody else's is computed again and replaced.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from vivant.errors import ModelError
from vivant.images import content_hash
from vivant.models.bundle import Bundle
from vivant.models.tensor_files import read_tensors, write_tensors
from vivant.models.text import Text, encode_text
from vivant.types import Image

FORMAT = "1"
"""Goes into every key: raise it when what is stored changes its meaning."""

Row = dict[str, Tensor]
"""What is stored of one item, by name, on the CPU."""


@dataclass(frozen=True)
class Cache:
    """A folder of results.

    Attributes:
        folder: may be shared by runs and processes; an item is written atomically.
    """

    folder: Path

    def rows(
        self,
        kind: str,
        model: str,
        contents: Sequence[str],
        compute: Callable[[list[int]], Iterable[Mapping[str, Tensor]]],
    ) -> list[Row]:
        """Results of some items, from disk where they are there.

        Args:
            kind: what is computed ("text"); the folder's name.
            model: everything else that a result depends on: hashes of weights, precision, settings.
            contents: a hash an item.
            compute: told the numbers of the items that are missing, each content once; gives a row each, in
                order, and each is stored as soon as it comes.
        """
        keys = [content_hash(FORMAT, kind, model, content) for content in contents]
        found = {key: row for key in set(keys) if (row := self._read(kind, key)) is not None}
        missing = {key: number for number, key in reversed(list(enumerate(keys))) if key not in found}
        if missing:
            numbers = sorted(missing.values())
            for number, computed in zip(numbers, compute(numbers), strict=True):
                row = {name: value.detach().cpu().contiguous() for name, value in computed.items()}
                header = {"kind": kind, "key": keys[number], "digest": _digest(row)}
                write_tensors(self._path(kind, keys[number]), row, header)
                found[keys[number]] = row
        return [found[key] for key in keys]

    def _path(self, kind: str, key: str) -> Path:
        return self.folder / kind / f"{key}.safetensors"

    def _read(self, kind: str, key: str) -> Row | None:
        path = self._path(kind, key)
        if not path.is_file():
            return None
        try:
            row, header = read_tensors(path)
        except ModelError:
            return None
        told = (header.get("kind"), header.get("key"), header.get("digest"))
        return row if told == (kind, key, _digest(row)) else None


def _digest(row: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name, value in sorted(row.items()):
        digest.update(f"{name} {value.dtype} {list(value.shape)} ".encode())
        digest.update(value.contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def picture_hash(picture: Image) -> str:
    """Of a picture's pixels and its shape."""
    return content_hash(picture, str(picture.shape))


def cached_text(cache: Cache, bundle: Bundle, texts: Sequence[str]) -> Text:
    """`encode_text` of each, on the bundle's device."""
    parts = sorted(part for part in bundle.hashes if part.startswith(("text_encoder", "tokenizer")))
    model = " ".join([bundle.layout, str(bundle.dtype), *(bundle.hashes[part] for part in parts)])

    def compute(numbers: list[int]) -> Iterator[Row]:
        for number in numbers:  # one by one, so that an item does not depend on its neighbours
            text = encode_text(bundle, [texts[number]])
            yield {"states": text.states[0], **({} if text.pooled is None else {"pooled": text.pooled[0]})}

    rows = cache.rows("text", model, [content_hash(text) for text in texts], compute)
    pooled = [row["pooled"] for row in rows if "pooled" in row]
    states = torch.stack([row["states"] for row in rows]).to(bundle.device)
    return Text(states, torch.stack(pooled).to(bundle.device) if pooled else None)


def cached_moments(cache: Cache, bundle: Bundle, pictures: Sequence[Image]) -> Tensor:
    """The autoencoder's moments of pictures of one size, for `draw_latents`.

    Args:
        cache: where to look first.
        bundle: the base.
        pictures: HWC uint8 RGB, sides multiples of the base's factor.

    Returns:
        [B, 2, C, h, w] float32 on the bundle's device: mean and standard deviation, in the scale of the UNet's latents.
    """
    model = f"{bundle.hashes['vae']} {bundle.vae.dtype} {_scale(bundle)}"

    def compute(numbers: list[int]) -> Iterator[Row]:
        return ({"moments": encode_moments(bundle, pictures[number])} for number in numbers)

    rows = cache.rows("moments", model, [picture_hash(picture) for picture in pictures], compute)
    return torch.stack([row["moments"] for row in rows]).to(bundle.device)


def encode_moments(bundle: Bundle, picture: Image) -> Tensor:
    """Of one picture [H, W, 3] uint8: [2, C, h, w] float32, mean and standard deviation as the UNet's latents."""
    pixels = torch.from_numpy(picture).to(bundle.device).permute(2, 0, 1)[None]
    with torch.no_grad():
        found = bundle.vae.encode((pixels.float() / 127.5 - 1.0).to(bundle.vae.dtype)).latent_dist
    mean, deviation = found.mean[0].float(), found.std[0].float()
    factor, shift, spread = _scale(bundle)
    if shift is not None and spread is not None:
        centre, width = (mean.new_tensor(values)[:, None, None] for values in (shift, spread))
        return torch.stack([(mean - centre) / width * factor, deviation / width * factor])
    return torch.stack([mean * factor, deviation * factor])


def draw_latents(moments: Tensor, noise: Tensor) -> Tensor:
    """x_0 ~ N(mean, deviation^2): moments [B, 2, C, h, w] and standard normal noise [B, C, h, w] to [B, C, h, w]."""
    return moments[:, 0] + moments[:, 1] * noise


def _scale(bundle: Bundle) -> tuple[float, list[float] | None, list[float] | None]:
    config = bundle.vae.config
    return config.scaling_factor, config.get("latents_mean"), config.get("latents_std")
