"""CLIP's own tokenizer, from its published merges: how long a caption is for a text encoder that stops at 77 tokens."""

from __future__ import annotations

import gzip
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

LIMIT = 77
"""Tokens that CLIP's text encoder reads, the two specials included; it never sees what comes after."""
START = "<|startoftext|>"
END = "<|endoftext|>"
_END_OF_WORD = "</w>"
# A contraction, a run of letters, a single digit, or a run of anything else that is not blank.
_WORDS = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+"
_PRINTABLE = (range(0x21, 0x7F), range(0xA1, 0xAD), range(0xAE, 0x100))


def count_tokens(text: str) -> int:
    """Tokens of a caption as CLIP counts them, start and end included: 2 for an empty text."""
    return len(clip_tokenizer().encode(text).ids)


@lru_cache(maxsize=1)
def clip_tokenizer() -> Tokenizer:
    """The tokenizer; loaded once, in about 0.1 s. It neither pads nor cuts."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    vocabulary, merges = clip_vocabulary()
    tokenizer = Tokenizer(
        models.BPE(
            vocab=vocabulary,
            merges=merges,
            continuing_subword_prefix="",
            end_of_word_suffix=_END_OF_WORD,
            unk_token=END,
        )
    )
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORDS), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.add_special_tokens([START, END])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{START} $A {END}",
        special_tokens=[(START, vocabulary[START]), (END, vocabulary[END])],
    )
    return tokenizer


def clip_vocabulary() -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Token to id (49408 of them) and the 48894 merges in order, as `transformers.CLIPTokenizer` takes them."""
    packed = resources.files("vivant.assets").joinpath("clip_merges.txt.gz").read_bytes()
    lines = gzip.decompress(packed).decode("utf-8").splitlines()
    merges = [(left, right) for left, _, right in (line.partition(" ") for line in lines)]
    symbols = _byte_symbols()
    tokens = [*symbols, *(symbol + _END_OF_WORD for symbol in symbols)]
    tokens += [left + right for left, right in merges]
    tokens += [START, END]
    return {token: number for number, token in enumerate(tokens)}, merges


def _byte_symbols() -> list[str]:
    """One printable character a byte: printable bytes stand for themselves, the others count up from U+0100."""
    printable = [byte for part in _PRINTABLE for byte in part]
    return [chr(byte) for byte in printable] + [chr(0x100 + number) for number in range(256 - len(printable))]
