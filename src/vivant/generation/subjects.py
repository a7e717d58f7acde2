"""Pictures of given subjects: their photos' features, nouns and places become image prompts beside the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from vivant.adapters.attention import CrossProcessor, attached
from vivant.adapters.ms import GAMMA, ImagePrompt, MsAdapter, fix_keys, join_prompts
from vivant.adapters.subjects import phrase_embeds
from vivant.errors import InputError
from vivant.generation.layout_free import LayoutFree, placing, recorder_for
from vivant.generation.plan import Sampling
from vivant.generation.sample import Predict, Recorder, guided, sampled, set_steps
from vivant.models.bundle import Bundle
from vivant.models.text import Text, join
from vivant.models.torch_models import explained
from vivant.relations.predicate import subject_spans, token_positions
from vivant.types import Box, Image

ADVICE = "try another base"
MEMORY = "lower --batch, --width and --height, set --dtype float16, or choose a smaller --base"


@dataclass(frozen=True)
class Subjects:
    """The subjects of one picture, on the base's device.

    Attributes:
        features: one a subject, [tokens, D] of the image encoder; a subject of several photos has more tokens.
        phrases: [N, P] of the nouns, see `phrase_embeds`.
        boxes: [N, 4] x0, y0, x1, y1 in [0, 1]; one of zero area says that no box is known.
        scales: [N], how strong each is beside the text.
        words: the places of each subject's tokens in the encoded prompt.
    """

    features: tuple[Tensor, ...]
    phrases: Tensor
    boxes: Tensor
    scales: Tensor
    words: tuple[tuple[int, ...], ...]


def prepare_subjects(
    bundle: Bundle,
    prompt: str,
    nouns: Sequence[str],
    features: Sequence[Tensor],
    boxes: Sequence[Box | None],
    scales: float | Sequence[float] = GAMMA,
) -> Subjects:
    """What a picture of these subjects needs, whatever its seed.

    Args:
        bundle: the base.
        prompt: names every subject.
        nouns: one a subject.
        features: one a subject, [tokens, D], see `SubjectEncoder.features`.
        boxes: one a subject, None where no box is known.
        scales: one for all, or one a subject.

    Raises:
        InputError: the prompt does not name a subject, or names it where the base reads no more.
    """
    if not nouns or not len(nouns) == len(features) == len(boxes):
        raise InputError(f"{len(nouns)} subjects, {len(features)} photos' features and {len(boxes)} boxes: one each")
    spans = subject_spans(prompt, nouns)
    places = [(0.0,) * 4 if box is None else box.as_tuple() for box in boxes]
    return Subjects(
        features=tuple(features),
        phrases=phrase_embeds(bundle, nouns),
        boxes=torch.tensor(places, device=bundle.device),
        scales=torch.as_tensor(scales, dtype=torch.float32, device=bundle.device).expand(len(nouns)),
        words=tuple(tuple(token_positions(bundle.tokenizers[0], prompt, span)) for span in spans),
    )


def image_prompt(adapter: MsAdapter, subjects: Subjects) -> ImagePrompt:
    """The image prompt of one picture. The resampler is not told phrase and box of a subject that has no box."""
    unknown = ~_has_area(subjects.boxes)
    tokens = [
        adapter(one[None, None], phrase[None, None], box[None, None], dropped[None, None])
        for one, phrase, box, dropped in zip(subjects.features, subjects.phrases, subjects.boxes, unknown, strict=True)
    ]
    shown = torch.cat(tokens, dim=1)
    return ImagePrompt(shown, subjects.boxes[None], subjects.scales[None].to(shown.dtype))


def draw_with_subjects(
    bundle: Bundle,
    adapter: MsAdapter,
    texts: Sequence[Text],
    empty: Text | None,
    seeds: Sequence[int],
    how: Sampling,
    subjects: Sequence[Subjects],
    *,
    layout: LayoutFree | None = None,
    record: Recorder | None = None,
) -> list[Image]:
    """One batch of pictures, HWC uint8 RGB each; up to rounding a picture does not depend on its batch.

    The UNet may be attached already, see `vivant.adapters.attention.attach`; LoRAs in it act as they are weighed.

    Args:
        bundle: the base.
        adapter: made for it.
        texts: one encoded prompt a picture.
        empty: the branch without the prompt, one text; None without guidance.
        seeds: one a picture.
        how: steps, guidance and size.
        subjects: of each picture; their number may differ.
        layout: finds places for subjects without a box; None leaves such subjects out of the picture.
        record: told of every step.

    Raises:
        ModelError: not enough memory, or the base gives no numbers.
        SettingsError: steps or a size that do not suit the base.
    """
    with explained(bundle.name, advice=ADVICE, memory_advice=MEMORY), torch.inference_mode(), ready(bundle.unet):
        branch = None if empty is None else join([empty] * len(texts))
        predict = _predictor(bundle, adapter, join(texts), branch, subjects, how, layout)
        size = {"height": how.height, "width": how.width}
        return sampled(bundle, predict, seeds, steps=how.steps, **size, record=record)


def _predictor(
    bundle: Bundle,
    adapter: MsAdapter,
    text: Text,
    empty: Text | None,
    subjects: Sequence[Subjects],
    how: Sampling,
    layout: LayoutFree | None,
) -> Predict:
    """With all keys and values computed now, and the image's term in the conditional branch alone."""
    prompts = {id(one): image_prompt(adapter, one) for one in subjects}
    prompt = join_prompts([prompts[id(one)] for one in subjects])
    states = text.states if empty is None else torch.cat([empty.states, text.states])
    latents = (how.height // bundle.factor, how.width // bundle.factor)
    fixed = fix_keys(bundle.unet, adapter, prompt, size=latents, states=states)
    attention: dict[str, Any] = {"fixed": fixed}
    predict = guided(
        bundle,
        text,
        empty,
        size=(how.height, how.width),
        guidance=how.guidance,
        rescale=how.rescale,
        attention=attention,
    )
    if layout is None or all(_has_area(one.boxes).all() for one in subjects):
        return predict
    words = [one.words for one in subjects]
    attention["recorder"] = recorder_for(words, states.shape[1], fixed, bundle.device)
    boxed = _has_area(prompt.boxes)
    return placing(predict, attention, boxed, layout, len(set_steps(bundle.fresh_scheduler(), how.steps)))


def _has_area(boxes: Tensor) -> Tensor:
    """[..., 4] -> [...] bool."""
    return (boxes[..., 2:] > boxes[..., :2]).all(dim=-1)


@contextmanager
def ready(unet: Any) -> Iterator[None]:
    """For the time of a block, fixed keys reach the UNet's attention; in training they do so already."""
    if any(isinstance(one, CrossProcessor) for one in unet.attn_processors.values()):
        yield
        return
    with attached(unet):
        yield
