"""The subjects of triplets as image prompts: everything frozen is computed once, and what is left is looked up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from vivant.adapters.attention import FixedKeys
from vivant.adapters.ms import MsAdapter, fix_keys
from vivant.adapters.sources import ImagePrompting
from vivant.adapters.subjects import phrase_embeds
from vivant.models.bundle import Bundle
from vivant.training.cache import Cache, Row, picture_hash
from vivant.training.relation_data import Variation
from vivant.types import Image, Triplet

CHUNK = 8
"""Variations whose keys are computed together."""


@dataclass(frozen=True)
class References:
    """The subjects of V variations, on the training device. A variation of fewer than N has boxes of zero area.

    Attributes:
        features: [V, N, tokens, D] of their own pictures.
        phrases: [V, N, P] of their nouns.
        boxes: [V, N, 4] in the picture of the relation, x0, y0, x1, y1 in [0, 1].
    """

    features: Tensor
    phrases: Tensor
    boxes: Tensor


def encode_references(
    bundle: Bundle,
    cache: Cache,
    prompting: ImagePrompting,
    triplets: Sequence[Triplet],
    variations: Sequence[Variation],
) -> References:
    """What the adapter is told of each variation; features that the cache knows are not computed again."""
    most = max(len(one.concepts) for one in variations)
    pictures = [view.picture for one in variations for view in one.concepts]
    features = iter(cached_features(cache, bundle, prompting, pictures))
    embeds = {noun: phrase_embeds(bundle, [noun])[0] for noun in {s.noun for one in triplets for s in one.subjects}}
    rows: list[tuple[Tensor, Tensor, Tensor]] = []
    for one in variations:
        shown = [next(features) for _ in one.concepts]
        nouns = [embeds[subject.noun] for subject in triplets[one.triplet].subjects]
        boxes = torch.zeros(most, 4)
        boxes[: len(shown)] = torch.from_numpy(one.target.boxes)
        rows.append((_filled(shown, most), _filled(nouns, most), boxes))
    found = (torch.stack(part).to(bundle.device) for part in zip(*rows, strict=True))
    return References(*found)


def cached_features(cache: Cache, bundle: Bundle, prompting: ImagePrompting, pictures: Sequence[Image]) -> list[Tensor]:
    """Of each picture [tokens, D], image features and local tokens joined as the encoder says, on the CPU."""
    encoder, how = prompting.encoder, prompting.encoder.how
    local = None if encoder.local is None else f"{how.partitions} {how.factor} {how.injection}"
    hashes = " ".join(f"{name} {value}" for name, value in sorted(prompting.hashes.items()) if name != "adapter")
    model = f"{hashes} {bundle.dtype} {local}"

    def compute(numbers: list[int]) -> Iterator[Row]:
        for number in numbers:  # one by one, so that an item does not depend on its neighbours
            yield {"features": encoder.features([pictures[number]])[0]}

    rows = cache.rows("features", model, [picture_hash(picture) for picture in pictures], compute)
    return [row["features"] for row in rows]


class ImagePrompts:
    """Keys and values of the image prompts of any variations.

    The LoRA does not touch what they are made of, so they stay the same for the whole run; only where a layer joins
    local tokens to the features and is trained along, they are computed at every step, with their graph.
    """

    def __init__(
        self,
        unet: Any,
        adapter: MsAdapter,
        references: References,
        *,
        size: tuple[int, int],
        scale: float,
        linear: nn.Module | None = None,
        fixed: bool = True,
    ) -> None:
        """Compute what can be computed now.

        Args:
            unet: the base.
            adapter: frozen, made for it.
            references: of all variations.
            size: height and width of the latents.
            scale: gamma of equation 4.
            linear: joins features and local tokens; None where they are joined already.
            fixed: compute all keys now; else those of a batch when it is asked for, which needs less memory.
        """
        self.unet, self.adapter, self.references = unet, adapter, references
        self.size, self.scale, self.linear = size, scale, linear
        self.keys: FixedKeys | None = None
        if fixed and linear is None:
            rows = torch.arange(len(references.boxes), device=references.boxes.device)
            with torch.no_grad():
                self.keys = _joined([self._compute(part) for part in rows.split(CHUNK)])

    def __call__(self, rows: Tensor) -> FixedKeys:
        """Of the variations with these numbers [B], in their order."""
        if self.keys is None:
            return self._compute(rows)
        image = {layer: (key[rows], value[rows]) for layer, (key, value) in self.keys.image.items()}
        looks = {positions: look[rows] for positions, look in self.keys.looks.items()}
        return FixedKeys(image=image, looks=looks, sizes=self.keys.sizes)

    def features(self, rows: Tensor) -> Tensor:
        """[B, N, tokens, D] as the adapter reads them."""
        found = self.references.features[rows]
        return found if self.linear is None else self.linear(found.float())

    def _compute(self, rows: Tensor) -> FixedKeys:
        told = self.references
        prompt = self.adapter.prompt(self.features(rows), told.phrases[rows], told.boxes[rows], scales=self.scale)
        return fix_keys(self.unet, self.adapter, prompt, size=self.size)


def _filled(rows: Sequence[Tensor], most: int) -> Tensor:
    return torch.stack([*rows, *([torch.zeros_like(rows[0])] * (most - len(rows)))])


def _joined(parts: Sequence[FixedKeys]) -> FixedKeys:
    """Several batches as one."""
    first = parts[0]
    image = {
        layer: (torch.cat([one.image[layer][0] for one in parts]), torch.cat([one.image[layer][1] for one in parts]))
        for layer in first.image
    }
    looks = {positions: torch.cat([one.looks[positions] for one in parts]) for positions in first.looks}
    return FixedKeys(image=image, looks=looks, sizes=first.sizes)
