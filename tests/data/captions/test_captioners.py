"""Captions by models: what is taken over, what is refused and why; LLaVA's real code on a tiny random model."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vivant.data.captions.caption import Captions
from vivant.data.captions.captioners import (
    INSTRUCTION,
    EndpointCaptioner,
    LlavaCaptioner,
    Reply,
    adopt,
    clean,
    recaption,
    trim,
)
from vivant.errors import EndpointError, MissingExtraError, ModelError
from vivant.models.clip_tokens import LIMIT, count_tokens
from vivant.settings.caption import LlavaSettings
from vivant.types import Image

RULES = Captions("a cat and a house plant in the garden", "A cat on the left and a house plant, in the garden.")
NOUNS = ("cat", "house plant")
GOOD = "A ginger cat sits beside a tall plant in a sunny garden."
PICTURE = np.full((40, 60, 3), 128, np.uint8)


def test_the_instruction_is_the_papers() -> None:
    assert INSTRUCTION == "Describe what you see in this image in detail. The number of words is limited to 30"


@pytest.mark.parametrize(
    "reply",
    [
        GOOD,
        f'  "{GOOD}"\n',
        f"**Caption:** {GOOD}",
        f"Sure! Here is a caption of the image:\n\n> {GOOD}",
        f"```text\n{GOOD}\n```",
        f"- {GOOD}",
        "A ginger cat sits\nbeside a\ttall plant\u0000 in a sunny\u00a0garden.",
        f"ASSISTANT: {GOOD}",
    ],
)
def test_replies_are_cleaned(reply: str) -> None:
    assert clean(reply) == GOOD
    assert adopt(Reply(reply), RULES, NOUNS, "m") == Captions(RULES.text, GOOD)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "said nothing"),
        ("\n\t ```\n", "said nothing"),
        ("A dog runs along the beach in the evening.", "does not mention the cat or the house plant"),
        ("A cat sleeps on a sofa in a living room.", "does not mention the house plant"),
        ('{"caption": "a cat and a house plant in a garden"}', "no caption"),
        ("import os; os.system('rm -rf cat plant')", "no caption"),
        ("cat plant", "no caption"),
        ("<script>a cat and a plant in the garden</script>", "no caption"),
        ("I cannot help with that request, I am sorry.", "does not mention"),
        ("A category of planets in the garden of scatter.", "does not mention"),
    ],
)
def test_unusable_replies_leave_the_rules_caption_and_a_note(reply: str, reason: str) -> None:
    kept = adopt(Reply(reply), RULES, NOUNS, "llava")
    assert (kept.text, kept.text_detailed) == (RULES.text, RULES.text_detailed)
    assert reason in kept.note
    assert "llava" in kept.note


@pytest.mark.parametrize(
    ("noun", "words"),
    [
        ("teddybear", "A brown teddy bear lies on the grass."),
        ("teddy bear", "Two teddybears lie on the grass."),
        ("sloth_plushie", "A grey plushie hangs from the tree."),
        ("box", "Wooden boxes stand on the grass."),
    ],
)
def test_a_noun_may_be_said_in_other_ways(noun: str, words: str) -> None:
    assert adopt(Reply(words), RULES, [noun], "m").text_detailed == words


def test_long_replies_end_with_a_sentence_or_a_word() -> None:
    sentences = "A cat sits by a plant in the garden. " * 12
    short = trim(sentences.strip())
    assert short.endswith("garden.")
    assert count_tokens(short) <= LIMIT
    endless = "a cat and a plant and the " * 60
    cut = trim(endless)
    assert count_tokens(cut) <= LIMIT
    assert cut.endswith(("plant.", "cat."))
    assert count_tokens(trim("x" * 5000)) <= LIMIT


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text(max_size=600))
def test_nothing_that_a_model_says_breaks_the_rules(reply: str) -> None:
    taken = adopt(Reply(f"{reply} a cat by a house plant {reply}"), RULES, NOUNS, "m")
    assert count_tokens(taken.text_detailed) <= LIMIT
    assert taken.text_detailed.isprintable()
    assert "  " not in taken.text_detailed
    assert "cat" in taken.text_detailed.lower()
    assert taken.text == RULES.text


class Scripted:
    name = "scripted"

    def __init__(self, replies: Sequence[str]) -> None:
        self.replies = replies

    def describe(self, images: Sequence[Image]) -> list[Reply]:
        return [Reply(text) for text in self.replies]


def test_recaption_goes_picture_by_picture() -> None:
    first, second = recaption(Scripted([GOOD, "no"]), [PICTURE] * 2, [RULES] * 2, [NOUNS] * 2)
    assert (first.text_detailed, first.note) == (GOOD, "")
    assert second.text_detailed == RULES.text_detailed
    assert second.note


class FakeEndpoint:
    name = "vision at localhost"

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def complete(self, messages: Sequence[dict[str, str]], images: Sequence[Image] = ()) -> str:
        self.asked.append((messages[-1]["content"], len(images)))
        if len(self.asked) == 2:
            raise EndpointError("vision at localhost: answered 401")
        return GOOD


def test_an_endpoint_gets_instruction_and_picture_and_may_fail() -> None:
    endpoint = FakeEndpoint()
    captioner = EndpointCaptioner(endpoint)  # type: ignore[arg-type]
    taken = recaption(captioner, [PICTURE] * 3, [RULES] * 3, [NOUNS] * 3)
    assert endpoint.asked == [(INSTRUCTION, 1)] * 3
    assert [item.text_detailed for item in taken] == [GOOD, RULES.text_detailed, GOOD]
    assert "401" in taken[1].note


# LLaVA.


@pytest.fixture(scope="module")
def tiny_llava(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_llava(tmp_path_factory.mktemp("llava"))


def save_tiny_llava(folder: Path) -> Path:
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from tokenizers import Tokenizer, models, pre_tokenizers

    torch.manual_seed(0)
    words = ["<unk>", "<s>", "</s>", "<pad>", "<image>", "USER", ":", "ASSISTANT", "."]
    words += sorted(set(INSTRUCTION.replace(".", "").split()) | set(GOOD.replace(".", "").split()))
    backend = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=backend,
        unk_token="<unk>",
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        additional_special_tokens=["<image>"],
    )
    vision = transformers.CLIPVisionConfig(
        hidden_size=16, intermediate_size=32, num_hidden_layers=3, num_attention_heads=2, image_size=28, patch_size=14
    )
    text = transformers.LlamaConfig(
        vocab_size=len(words),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=128,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=3,
    )
    config = transformers.LlavaConfig(
        vision_config=vision, text_config=text, image_token_index=4, image_seq_length=4, pad_token_id=3
    )
    model = transformers.LlavaForConditionalGeneration(config)
    side = {"height": 28, "width": 28}
    images = transformers.CLIPImageProcessorPil(size={"shortest_edge": 28}, crop_size=side)
    processor = transformers.LlavaProcessor(
        image_processor=images,
        tokenizer=tokenizer,
        patch_size=14,
        vision_feature_select_strategy="default",
        image_token="<image>",
        num_additional_image_tokens=1,
    )
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def test_llava_describes_batches_like_single_pictures(tiny_llava: Path) -> None:
    captioner = LlavaCaptioner(
        LlavaSettings(model=str(tiny_llava), device="cpu", download=False, batch_size=2, max_new_tokens=9)
    )
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (size, 50, 3), dtype=np.uint8) for size in (40, 60, 30)]
    together = captioner.describe(pictures)
    assert len(together) == 3
    assert together == [captioner.describe([picture])[0] for picture in pictures]
    assert all(len(reply.text.split()) <= 9 for reply in together)
    assert not any("ASSISTANT" in reply.text and INSTRUCTION in reply.text for reply in together)
    assert any(reply.text for reply in together)


def test_llava_asks_what_the_paper_asks(tiny_llava: Path) -> None:
    captioner = LlavaCaptioner(LlavaSettings(model=str(tiny_llava), device="cpu", download=False))
    assert captioner._prompt() == f"USER: <image>\n{INSTRUCTION} ASSISTANT:"
    captioner._processor.chat_template = (
        "{% for m in messages %}{{ m.role }}:{% for c in m.content %}"
        "{% if c.type == 'image' %}<image>{% else %}{{ c.text }}{% endif %}{% endfor %}{% endfor %}"
    )
    assert captioner._prompt() == f"user:<image>{INSTRUCTION}"


def test_llava_without_weights_memory_or_libraries(
    tiny_llava: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = LlavaSettings(model=str(tiny_llava), device="cpu", download=False)
    with pytest.raises(ModelError, match=r"caption\.llava\.model"):
        LlavaCaptioner(usual.model_copy(update={"model": str(tmp_path)}))
    with pytest.raises(ModelError, match="offload"):
        LlavaCaptioner(usual.model_copy(update={"offload": True}))
    captioner = LlavaCaptioner(usual)
    torch = pytest.importorskip("torch")

    def full(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(captioner._model, "generate", full)
    with pytest.raises(ModelError, match=r"caption\.llava\.batch_size"):
        captioner.describe([PICTURE])
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingExtraError, match=r"vivant\[models\]"):
        LlavaCaptioner(usual)
