"""Detailed captions by a vision model: LLaVA-1.5 as in Gen4Gen section 3.2, or any OpenAI-compatible endpoint.

What a model says is not trusted: it is cleaned, must mention every subject and fit into CLIP's 77 tokens; otherwise the
rule-based caption stays and the reason is noted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from vivant.data.captions.caption import Captions
from vivant.data.captions.words import word_set
from vivant.errors import EndpointError, ModelError
from vivant.models.clip_tokens import LIMIT, count_tokens
from vivant.models.language import ChatEndpoint
from vivant.models.torch_models import explained, pick_device, pick_dtype, quiet
from vivant.settings.caption import LlavaSettings
from vivant.types import Image

INSTRUCTION = "Describe what you see in this image in detail. The number of words is limited to 30"
"""The paper's instruction to LLaVA, as printed in section 3.2."""
FEWEST_WORDS = 4
LONGEST_REPLY = 2000
"""Characters of a reply that are looked at."""
_NO_CAPTION = re.compile(r"[{}\[\]<>|\\=;$]|https?:|^\W*$")
_PREFACE = re.compile(
    r"^(?:(?:sure|certainly|of course|okay|ok)[,.!:]*\s+)?(?:here(?:'s| is)[^:.]{0,60}:|(?:caption|description|answer|"
    r"assistant|response)\s*:)\s*",
    re.IGNORECASE,
)
_MARKDOWN = re.compile(r"```\w*|[*_`#~]+|^\s*(?:[-•>]|\d+[.)])\s+", re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_DANGLING = word_set("a an and are as at by for from in is its near of on or that the their to under which while with")
_QUOTES = "\"'“”‘’«»"
_SHORT_NOUN = 6
"""Letters up to which a noun might lie hidden across two other words."""
_FILES = "give the folder of a model in the transformers layout, or allow downloads (caption.llava.model, .download)"
_MEMORY = "lower caption.llava.batch_size, or turn on caption.llava.offload"


@dataclass(frozen=True)
class Reply:
    """What a model said of one picture: its words as they came, or why there are none."""

    text: str
    fault: str = ""


class Captioner(Protocol):
    """Describes pictures."""

    name: str

    def describe(self, images: Sequence[Image]) -> list[Reply]:
        """One reply a picture (HWC uint8 RGB).

        Raises:
            ModelError: the model cannot run here.
        """
        ...


class LlavaCaptioner:
    """LLaVA-1.5 through transformers, loaded once.

    Raises:
        MissingExtraError: torch or transformers is not installed.
        ModelError: no weights, broken weights, no such device, or not enough memory.
    """

    def __init__(self, settings: LlavaSettings) -> None:
        self.settings = settings
        self.name = settings.model
        self._device = pick_device(settings.device, "LLaVA captioning")
        if settings.offload and self._device.type == "cpu":
            raise ModelError("caption.llava.offload moves weights off a GPU, and there is none here: turn it off")
        with explained(settings.model, advice=_FILES, memory_advice=_MEMORY):
            self._processor, self._model = self._load()

    def describe(self, images: Sequence[Image]) -> list[Reply]:
        """As `Captioner.describe`, `batch_size` pictures at a time; greedy, so the same picture has the same words."""
        size = self.settings.batch_size
        replies: list[Reply] = []
        for start in range(0, len(images), size):
            with explained(self.name, advice=_FILES, memory_advice=_MEMORY), quiet("transformers"):
                replies += map(Reply, self._generate(images[start : start + size]))
        return replies

    def _load(self) -> tuple[Any, Any]:
        with quiet("transformers"):
            from transformers import AutoProcessor, LlavaForConditionalGeneration

            local = {"local_files_only": not self.settings.download}
            processor = AutoProcessor.from_pretrained(self.settings.model, **local)
            processor.tokenizer.padding_side = "left"  # answers start where prompts end
            model = LlavaForConditionalGeneration.from_pretrained(
                self.settings.model,
                dtype=pick_dtype(self.settings.dtype, self._device),
                use_safetensors=True,
                **local,
            ).eval()
        if not self.settings.offload:
            return processor, model.to(self._device)
        from accelerate import cpu_offload

        return processor, cpu_offload(model, execution_device=self._device)

    def _generate(self, images: Sequence[Image]) -> list[str]:
        import torch
        from PIL import Image as PILImage

        inputs = self._processor(
            images=[PILImage.fromarray(image) for image in images],
            text=[self._prompt()] * len(images),
            padding=True,
            return_tensors="pt",
        ).to(self._device, self._model.dtype)
        with torch.inference_mode():
            tokens = self._model.generate(**inputs, max_new_tokens=self.settings.max_new_tokens, do_sample=False)
        new = tokens[:, inputs["input_ids"].shape[1] :]
        return [text.strip() for text in self._processor.batch_decode(new, skip_special_tokens=True)]

    def _prompt(self) -> str:
        """The conversation as this checkpoint was trained on it; LLaVA-1.5's own where it does not say."""
        if not getattr(self._processor, "chat_template", None):
            return f"USER: <image>\n{INSTRUCTION} ASSISTANT:"
        content = [{"type": "image"}, {"type": "text", "text": INSTRUCTION}]
        conversation = [{"role": "user", "content": content}]
        return str(self._processor.apply_chat_template(conversation, add_generation_prompt=True))


class EndpointCaptioner:
    """Any vision model behind an OpenAI-compatible endpoint, with the paper's instruction."""

    def __init__(self, endpoint: ChatEndpoint) -> None:
        self.name = endpoint.name
        self._endpoint = endpoint

    def describe(self, images: Sequence[Image]) -> list[Reply]:
        """As `Captioner.describe`; a request that fails for good is a reply with a fault."""
        return [self._describe(image) for image in images]

    def _describe(self, image: Image) -> Reply:
        try:
            return Reply(self._endpoint.complete([{"role": "user", "content": INSTRUCTION}], images=[image]))
        except EndpointError as error:
            return Reply("", str(error))


def recaption(
    captioner: Captioner, images: Sequence[Image], captions: Sequence[Captions], nouns: Sequence[Sequence[str]]
) -> list[Captions]:
    """Detailed captions by a model, where it gives usable ones.

    Args:
        captioner: the model.
        images: finished pictures, HWC uint8 RGB.
        captions: of the rules, one a picture; they stay where the model's will not do.
        nouns: of the subjects in each picture.

    Returns:
        Captions with the model's detailed text, or the rules' with a note that says why.

    Raises:
        ModelError: the model cannot run here.
    """
    replies = captioner.describe(images)
    return [
        adopt(reply, kept, named, captioner.name) for reply, kept, named in zip(replies, captions, nouns, strict=True)
    ]


def adopt(reply: Reply, captions: Captions, nouns: Sequence[str], model: str) -> Captions:
    """Take over a model's words as the detailed caption, or note why not."""
    text = trim(clean(reply.text))
    fault = reply.fault or _fault(text, nouns)
    if fault:
        return replace(captions, note=f"rules wrote the detailed caption, since {model}: {fault}")
    return replace(captions, text_detailed=text)


def clean(reply: str) -> str:
    """One line of plain words: no markdown, no quotes around it, no "Here is a caption:", no control characters."""
    text = _MARKDOWN.sub(" ", reply[:LONGEST_REPLY])
    text = "".join(char if char.isprintable() else " " for char in text)
    text = " ".join(text.split())
    before = ""
    while text != before:
        before = text
        text = _PREFACE.sub("", text.strip(_QUOTES + " ")).strip()
    return text


def trim(text: str, limit: int = LIMIT) -> str:
    """Shorten to that many CLIP tokens: whole sentences if a good part is left, else whole words."""
    if count_tokens(text) <= limit:
        return text
    kept = _SENTENCE_END.split(text)
    while len(kept) > 1:
        kept.pop()
        shorter = " ".join(kept)
        if count_tokens(shorter) <= limit:
            return shorter
    words = text.split()[:limit]  # a word is a token at least
    while words and (count_tokens(f"{' '.join(words)}.") > limit or words[-1].lower().strip(",;:") in _DANGLING):
        words.pop()
    return f"{' '.join(words).rstrip(',;:.')}." if words else ""


def _fault(text: str, nouns: Sequence[str]) -> str:
    """Why a cleaned reply is no caption of these subjects; empty when it is one."""
    if not text:
        return "it said nothing"
    if _NO_CAPTION.search(text) or len(text.split()) < FEWEST_WORDS:
        return f"this is no caption: {text[:60]!r}"
    missing = [noun for noun in dict.fromkeys(nouns) if not _mentions(text, noun)]
    return f"it does not mention the {' or the '.join(missing)}" if missing else ""


def _mentions(text: str, noun: str) -> bool:
    """The noun, its last word ("plant" for a house plant), or the noun written in one word or several."""
    words = noun.lower().replace("_", " ").split()
    lower = text.lower()
    forms = [" ".join(words), words[-1], "".join(words)]
    if any(re.search(rf"\b{re.escape(form)}(?:s|es)?\b", lower) for form in forms):
        return True
    return len(forms[2]) > _SHORT_NOUN and forms[2] in re.sub(r"[\s-]+", "", lower)
