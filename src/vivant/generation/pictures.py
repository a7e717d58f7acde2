"""Planned pictures, drawn batch by batch, each on disk as soon as its batch is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from vivant.adapters.attention import fix_text
from vivant.adapters.ms import MsAdapter
from vivant.adapters.sharing import Sharing
from vivant.adapters.sources import MEMORY as ENCODER_MEMORY
from vivant.adapters.sources import AdapterSources
from vivant.generation.layout_free import LayoutFree
from vivant.generation.plan import Picture, Sampling
from vivant.generation.sample import Recorder, guided, sampled, set_steps
from vivant.generation.subjects import ADVICE, MEMORY, Subjects, draw_with_subjects, prepare_subjects, ready
from vivant.images import write_png
from vivant.models.bundle import Bundle
from vivant.models.text import Text, encode_empty, encode_text, join, left_out, tokens_read
from vivant.models.torch_models import explained
from vivant.types import Image


@dataclass(frozen=True)
class Portraits:
    """What pictures of given subjects need beside the base.

    Attributes:
        adapter: made for the base.
        subjects: prompt -> what its pictures show.
        layout: finds places for subjects without a box.
    """

    adapter: MsAdapter
    subjects: Mapping[str, Subjects]
    layout: LayoutFree | None = None


def draw_all(
    bundle: Bundle,
    pictures: Sequence[Picture],
    how: Sampling,
    *,
    batch: int,
    portraits: Portraits | None = None,
    encode: Callable[[str], Text] | None = None,
    record: Recorder | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Iterator[Picture]:
    """Draw pictures and write them; each comes back once it is on disk.

    Args:
        bundle: the base.
        pictures: what to draw.
        how: steps, guidance and size.
        batch: pictures drawn together.
        portraits: from `prepare`; None draws from the text alone.
        encode: a prompt to its text; None is `encode_text`.
        record: told of every step of every batch.
        say: told of the end of a prompt that the base cannot read.

    Raises:
        ModelError: not enough memory, or the base gives no numbers.
        SettingsError: steps or a size that do not suit the base.
        StoreError: a file cannot be written.
    """
    with explained(bundle.name, advice=ADVICE, memory_advice=MEMORY), torch.inference_mode():
        read = encode or (lambda prompt: encode_text(bundle, [prompt]))
        texts = {prompt: read(prompt) for prompt in dict.fromkeys(item.prompt for item in pictures)}
        empty = encode_branch(bundle, how)
    for text in (*texts, how.negative or ""):
        lost = left_out(bundle, text)
        if lost:
            say(f"the base reads {tokens_read(bundle)} tokens of a prompt and no more; left out: {lost!r}")
    for start in range(0, len(pictures), batch):
        group = pictures[start : start + batch]
        told, seeds = [texts[item.prompt] for item in group], [item.seed for item in group]
        if portraits is None:
            images = draw(bundle, told, empty, seeds, how, record)
        else:
            subjects, options = [portraits.subjects[item.prompt] for item in group], {"layout": portraits.layout}
            images = draw_with_subjects(
                bundle, portraits.adapter, told, empty, seeds, how, subjects, record=record, **options
            )
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
    sharing: Sharing | None = None,
) -> list[Image]:
    """One batch of pictures, HWC uint8 RGB each; up to rounding a picture does not depend on its batch.

    Args:
        bundle: the base.
        texts: one encoded prompt a picture.
        empty: the branch without the prompt, one text; None without guidance.
        seeds: one a picture.
        how: steps, guidance and size.
        record: told of every step.
        sharing: which pictures look at each other; None is none.

    Raises:
        ModelError: not enough memory, the base gives no numbers, or pictures that are not whole groups of `sharing`.
        SettingsError: steps or a size that do not suit the base.
    """
    with explained(bundle.name, advice=ADVICE, memory_advice=MEMORY), torch.inference_mode(), ready(bundle.unet):
        text, branch = join(texts), None if empty is None else join([empty] * len(texts))
        states = text.states if branch is None else torch.cat([branch.states, text.states])
        predict = guided(
            bundle,
            text,
            branch,
            size=(how.height, how.width),
            guidance=how.guidance,
            rescale=how.rescale,
            attention={"fixed": fix_text(bundle.unet, states), "sharing": sharing},
        )
        return sampled(bundle, predict, seeds, steps=how.steps, height=how.height, width=how.width, record=record)


def steps_in_all(bundle: Bundle, pictures: int, how: Sampling, batch: int) -> int:
    """Steps of all batches together, for a bar of progress."""
    return len(set_steps(bundle.fresh_scheduler(), how.steps)) * -(-pictures // batch)


def encode_branch(bundle: Bundle, how: Sampling) -> Text | None:
    """One text for the branch without the prompt; None where there is no guidance, so no such branch."""
    if how.guidance == 1.0:
        return None
    return encode_empty(bundle) if how.negative is None else encode_text(bundle, [how.negative])


def prepare(
    bundle: Bundle, pictures: Sequence[Picture], sources: AdapterSources, layout: LayoutFree | None = None
) -> Portraits:
    """What pictures with subjects need. The encoders are in memory only until every photo is read, once.

    Args:
        bundle: the base.
        pictures: each with its subjects.
        sources: of adapter and encoders.
        layout: finds places for subjects without a box.

    Raises:
        InputError: a prompt that does not name a subject, or names it where the base reads no more.
        ModelError: an adapter or an encoder that is missing, broken or for another base, or not enough memory.
    """
    encoder = sources.load_encoder(bundle)
    photos = {photo.hash: photo.pixels for item in pictures for one in item.subjects for photo in one.photos}
    with explained(sources.image_encoder, advice=ADVICE, memory_advice=ENCODER_MEMORY):
        features = {known: encoder.features([pixels])[0] for known, pixels in photos.items()}
    width = encoder.width
    del encoder
    found = {item.prompt: item for item in pictures}
    subjects = {prompt: _prepared(bundle, item, features) for prompt, item in found.items()}
    return Portraits(sources.load_adapter(bundle, width), subjects, layout)


def _prepared(bundle: Bundle, item: Picture, features: Mapping[str, Tensor]) -> Subjects:
    """Features of several photos of a subject one after another."""
    shown = [torch.cat([features[photo.hash] for photo in one.photos]) for one in item.subjects]
    nouns, boxes, scales = zip(*((one.noun, one.box, one.scale) for one in item.subjects), strict=True)
    return prepare_subjects(bundle, item.prompt, nouns, shown, boxes, scales)
