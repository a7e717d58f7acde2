"""The pocket family's CLIP tokenizers: every word of the world is one token, and any text encodes."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from typing import Any, Literal

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from vivant.pocket.run import Run
from vivant.pocket.words import EVERYDAY, RELATION_PROMPTS
from vivant.world import sample_script

START, END = "<|startoftext|>", "<|endoftext|>"
MAX_LENGTH = 77
PAD = {"tokenizer": END, "tokenizer_2": "!"}
"""What fills a text up to 77 tokens, as in SDXL's two tokenizers."""
_SCRIPTS = 6000
"""Drawn once to collect the world's words; every relation, backdrop and value of a feature turns up many times."""

Name = Literal["tokenizer", "tokenizer_2"]


def vocabulary_texts() -> list[str]:
    """Texts that together hold every word the world can say, and the everyday ones; the same each time."""
    rng = random.Random(0)
    scripts = [sample_script(rng) for _ in range(_SCRIPTS)]
    said = {text for script in scripts for text in (script.text, script.text_present, script.text_detailed)}
    looks = {" ".join(one.words()) for script in scripts for one in script.cast}
    return [RELATION_PROMPTS, EVERYDAY, *sorted(said), *sorted(looks)]


def load_tokenizer(run: Run, length: int = MAX_LENGTH) -> Any:
    """The family's tokenizer ("!" pads) for at most `length` tokens; built where the run has not saved it yet."""
    from transformers import CLIPTokenizer

    folder = run.weights / "base" / "tokenizer_2"
    if not folder.is_dir():
        return build(length=length)["tokenizer_2"]
    return CLIPTokenizer.from_pretrained(folder, model_max_length=length)


def train_merges(texts: Iterable[str]) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Byte-pair merges that make each word of the texts one token.

    Returns:
        Vocabulary in CLIP's order (256 bytes, the same closing a word, merges, start, end) and the merges.
    """
    reader = _clip_tokenizer({START: 0, END: 1}, [], "tokenizer", MAX_LENGTH).backend_tokenizer
    words = {
        piece
        for text in texts
        for piece, _ in reader.pre_tokenizer.pre_tokenize_str(reader.normalizer.normalize_str(text))
    }
    bytes_ = sorted(pre_tokenizers.ByteLevel.alphabet(), key=_byte_order)
    raw = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    raw.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(
        vocab_size=100_000, min_frequency=1, end_of_word_suffix="</w>", initial_alphabet=bytes_, show_progress=False
    )
    raw.train_from_iterator(sorted(words), trainer)
    merges = [(left, right) for left, right in json.loads(raw.to_str())["model"]["merges"]]
    tokens = [*bytes_, *(byte + "</w>" for byte in bytes_)]
    tokens += [left + right for left, right in merges]
    return {token: index for index, token in enumerate(dict.fromkeys([*tokens, START, END]))}, merges


def _byte_order(symbol: str) -> tuple[bool, int]:
    """CLIP's order: printable bytes first, as themselves ("!" is 0), then the shifted ones."""
    return (ord(symbol) > 255, ord(symbol))


def _clip_tokenizer(vocab: dict[str, int], merges: list[tuple[str, str]], name: Name, length: int) -> Any:
    from transformers import CLIPTokenizer

    return CLIPTokenizer(vocab=vocab, merges=merges, pad_token=PAD[name], model_max_length=length)


def build(texts: Iterable[str] | None = None, length: int = MAX_LENGTH) -> dict[Name, Any]:
    """Both tokenizers (transformers' CLIPTokenizer), alike but for padding; of the world's words unless given texts."""
    vocab, merges = train_merges(vocabulary_texts() if texts is None else texts)
    names: tuple[Name, Name] = ("tokenizer", "tokenizer_2")
    return {name: _clip_tokenizer(vocab, merges, name, length) for name in names}
