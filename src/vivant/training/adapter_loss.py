"""What is left out at random while MS-Diffusion's adapter is trained, and the image prompts of what is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from vivant.adapters.attention import FixedKeys
from vivant.adapters.ms import GAMMA, MsAdapter, fix_keys


@dataclass(frozen=True)
class Dropping:
    """Chances, a sample each; `grounding` a subject.

    Attributes:
        text: the caption alone is left out.
        image: the image prompts alone are.
        both: nothing is told, as in the branch that guidance starts from.
        grounding: the resampler is not told a subject's noun and box: its learned queries stand in for them.
    """

    text: float = 0.05
    image: float = 0.05
    both: float = 0.05
    grounding: float = 0.1

    def draw(self, batch: int, subjects: int, source: torch.Generator) -> Kept:
        """What stays in a batch; the numbers are drawn on the generator's device."""
        chance = torch.rand(batch, generator=source, device=source.device)
        grounding = torch.rand((batch, subjects), generator=source, device=source.device) < self.grounding
        no_text = (chance < self.text) | (chance > 1.0 - self.both)
        no_image = ((chance >= self.text) & (chance < self.text + self.image)) | (chance > 1.0 - self.both)
        return Kept(~no_text, ~no_image, grounding)


@dataclass(frozen=True)
class Kept:
    """What stays of a batch.

    Attributes:
        text, image: [B] bool.
        dropped: [B, N] bool, the subjects whose grounding is left out.
    """

    text: Tensor
    image: Tensor
    dropped: Tensor

    def to(self, device: torch.device) -> Kept:
        """The same, on a device."""
        return Kept(*(part.to(device) for part in (self.text, self.image, self.dropped)))


@dataclass(frozen=True)
class Subjects:
    """The subjects of a batch of pictures.

    Attributes:
        features: [B, N, tokens, D] of their reference photos.
        phrases: [B, N, P] of their nouns.
        boxes: [B, N, 4] x0, y0, x1, y1 in [0, 1]; all 0 for a place that is empty.
    """

    features: Tensor
    phrases: Tensor
    boxes: Tensor


def subject_keys(
    unet: Any, adapter: MsAdapter, subjects: Subjects, kept: Kept, *, size: tuple[int, int], gamma: float = GAMMA
) -> FixedKeys:
    """Keys and values of image prompts, with their graph. Those left out get a box of zero area, which has no effect.

    Args:
        unet: the base, see `vivant.adapters.attention.attach`.
        adapter: in training.
        subjects: of the batch.
        kept: what of them stays.
        size: height and width of the latents.
        gamma: how strong the image's term is; train with what is drawn with.
    """
    boxes = subjects.boxes * kept.image[:, None, None]
    prompt = adapter.prompt(subjects.features, subjects.phrases, boxes, dropped=kept.dropped, scales=gamma)
    return fix_keys(unet, adapter, prompt, size=size)
