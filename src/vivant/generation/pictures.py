"""Planned pictures, drawn batch by batch, each on disk as soon as its batch is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch

from vivant.generation.plan import Picture, Sampling
from vivant.generation.sample import Recorder, decode, denoise, draw_noise, generators, guided, set_steps
from vivant.images import write_png
from vivant.models.bundle import Bundle
from vivant.models.text import Text, encode_empty, encode_text, join, left_out, tokens_read
from vivant.models.torch_models import explained
from vivant.types import Image

_ADVICE = "try another base"
_MEMORY = "lower --batch, --width and --height, set --dtype float16, or choose a smaller --base"


def draw_all(
    bundle: Bundle,
    pictures: Sequence[Picture],
    how: Sampling,
    *,
    batch: int,
    record: Recorder | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Iterator[Picture]:
    """Draw pictures and write them; each comes back once it is on disk.

    Args:
        bundle: the base.
        pictures: what to draw.
        how: steps, guidance and size.
        batch: pictures drawn together.
        record: told of every step of every batch.
        say: told of the end of a prompt that the base cannot read.

    Raises:
        ModelError: not enough memory, or the base gives no numbers.
        SettingsError: steps or a size that do not suit the base.
        StoreError: a file cannot be written.
    """
    with explained(bundle.name, advice=_ADVICE, memory_advice=_MEMORY), torch.inference_mode():
        texts = {prompt: encode_text(bundle, [prompt]) for prompt in dict.fromkeys(item.prompt for item in pictures)}
        empty = _empty(bundle, how)
    for text in (*texts, how.negative or ""):
        lost = left_out(bundle, text)
        if lost:
            say(f"the base reads {tokens_read(bundle)} tokens of a prompt and no more; left out: {lost!r}")
    for start in range(0, len(pictures), batch):
        group = pictures[start : start + batch]
        images = draw(bundle, [texts[item.prompt] for item in group], empty, [item.seed for item in group], how, record)
        for item, image in zip(group, images, strict=True):
            write_png(item.path, image, item.recipe)
            yield item


def draw(
    bundle: Bundle,
    texts: Sequence[Text],
    empty: Text | None,
    seeds: Sequence[int],
    how: Sampling,
    record: Recorder | None = None,
) -> list[Image]:
    """One batch of pictures, HWC uint8 RGB each; up to rounding a picture does not depend on its batch.

    Args:
        bundle: the base.
        texts: one encoded prompt a picture.
        empty: the branch without the prompt, one text; None without guidance.
        seeds: one a picture.
        how: steps, guidance and size.
        record: told of every step.

    Raises:
        ModelError: not enough memory, or the base gives no numbers.
        SettingsError: steps or a size that do not suit the base.
    """
    with explained(bundle.name, advice=_ADVICE, memory_advice=_MEMORY), torch.inference_mode():
        sources = generators(seeds)
        noise = draw_noise(bundle, sources, how.height, how.width)
        predict = guided(
            bundle,
            join(texts),
            None if empty is None else join([empty] * len(texts)),
            size=(how.height, how.width),
            guidance=how.guidance,
            rescale=how.rescale,
        )
        scheduler = bundle.fresh_scheduler()
        latents = denoise(predict, scheduler, noise, steps=how.steps, sources=sources, record=record)
        pixels = decode(bundle, latents)
    return list((pixels * 255.0).round().astype(np.uint8))


def steps_in_all(bundle: Bundle, pictures: int, how: Sampling, batch: int) -> int:
    """Steps of all batches together, for a bar of progress."""
    return len(set_steps(bundle.fresh_scheduler(), how.steps)) * -(-pictures // batch)


def _empty(bundle: Bundle, how: Sampling) -> Text | None:
    if how.guidance == 1.0:
        return None
    return encode_empty(bundle) if how.negative is None else encode_text(bundle, [how.negative])
