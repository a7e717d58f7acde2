"""Pictures of the same individuals, drawn in one batch by a base that knows nothing but text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from vivant.adapters.sharing import Sharing
from vivant.generation.pictures import draw, encode_branch
from vivant.generation.plan import Sampling, sampling
from vivant.generation.subjects import ADVICE, MEMORY
from vivant.models.bundle import Bundle, load_bundle
from vivant.models.checkpoint import Checkpoint
from vivant.models.text import encode_text
from vivant.models.torch_models import explained, one_thread_if_small, pick_device
from vivant.settings.base import load_settings
from vivant.settings.generate import GenerateSettings
from vivant.settings.relate import RelateSettings
from vivant.types import Image


@dataclass(frozen=True)
class Together:
    """Draws a group of pictures at a time.

    Attributes:
        bundle: the base.
        how: steps, guidance and size.
        share: see `vivant.adapters.sharing.Sharing`.
    """

    bundle: Bundle
    how: Sampling
    share: float

    def __call__(self, prompts: Sequence[str], seeds: Sequence[int]) -> list[Image]:
        """One picture a prompt, HWC uint8 RGB each.

        Args:
            prompts: of one group.
            seeds: of the noise of each picture.

        Raises:
            ModelError: not enough memory, or the base gives no numbers.
            SettingsError: steps or a size that do not suit the base.
        """
        with explained(self.bundle.name, advice=ADVICE, memory_advice=MEMORY), torch.inference_mode():
            texts = [encode_text(self.bundle, [prompt]) for prompt in prompts]
            empty = encode_branch(self.bundle, self.how)
        return draw(self.bundle, texts, empty, seeds, self.how, sharing=Sharing(len(prompts), self.share))


def sampling_of(settings: RelateSettings, checkpoint: Checkpoint) -> Sampling:
    """How the pictures of triplets are drawn.

    Raises:
        SettingsError: a size that is no multiple of 8.
    """
    flags = {
        "prompts": [settings.relation],
        "sampling_steps": settings.sampling_steps,
        "guidance": settings.guidance,
        "width": settings.size,
        "height": settings.size,
    }
    return sampling(load_settings(GenerateSettings, flags=flags), checkpoint)


def load_together(settings: RelateSettings, checkpoint: Checkpoint) -> Together:
    """The base in memory, on one thread where it is small.

    Raises:
        VivantError: weights or a device that are not there or do not fit; see `load_bundle`.
    """
    one_thread_if_small(checkpoint.defaults.small, pick_device(settings.device, "vivant relate"))
    how = sampling_of(settings, checkpoint)
    return Together(load_bundle(checkpoint, settings.device), how, settings.share)
