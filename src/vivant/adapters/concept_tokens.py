"""Words for subjects that a base never heard of: Textual Inversion, and the modifier tokens of Custom Diffusion.

Nothing of the base is changed. A token gets a number beyond the vocabulary, in tokenizers of its own; a text encoder
that meets such a number is shown another one, and the learned vector is put where that one's embedding would be. So
these vectors alone can learn, whatever the optimiser does to its parameters, and the old tokenizers say what they
always said.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from vivant.errors import InputError, ModelError
from vivant.models.bundle import Bundle

RARE = ("ktn", "pll", "ucd", "sks")
"""Words that mean next to nothing to Stable Diffusion: Custom Diffusion's three, and DreamBooth's."""
_SHAPE = re.compile(r"<[^\s<>|]+>")
_BYTES = 256
"""CLIP's vocabulary begins with every byte inside a word, then with every byte at a word's end."""
_MASK = 0
"""Shown to an encoder in place of a number that it does not have; what it says of it is replaced."""
_KEY = "_vivant_tokens"


class ConceptTokens(nn.Module):  # type: ignore[misc]
    """Learned vectors, in float32.

    Attributes:
        lengths: token -> how many vectors it has, in order.
        vectors: one [R, width] a text encoder, R all vectors of all tokens one after another.
    """

    def __init__(self, lengths: Mapping[str, int], vectors: Sequence[Tensor]) -> None:
        super().__init__()
        self.lengths = dict(lengths)
        self.vectors = nn.ParameterList([nn.Parameter(one.detach().float().clone()) for one in vectors])

    @property
    def rows(self) -> dict[str, range]:
        """Token -> its rows of every table."""
        found, start = {}, 0
        for token, length in self.lengths.items():
            found[token] = range(start, start + length)
            start += length
        return found

    def of(self, token: str) -> list[Tensor]:
        """One [length, width] a text encoder."""
        rows = self.rows[token]
        return [one[rows.start : rows.stop] for one in self.vectors]


def check_tokens(bundle: Bundle, tokens: Sequence[str]) -> None:
    """Refuse what cannot be a new word of this base.

    Raises:
        InputError: a token of another shape than <name>, twice the same, or one that the base knows already.
    """
    for token in tokens:
        if not _SHAPE.fullmatch(token) or token != token.lower():
            raise InputError(f"token {token!r}: write it as <cat>, in small letters, without spaces or bars")
        if tokens.count(token) > 1:
            raise InputError(f"token {token!r} is given twice: every subject needs one of its own")
        for tokenizer in bundle.tokenizers:
            if token in tokenizer.get_vocab():
                raise InputError(
                    f"token {token!r} is in the vocabulary of base {bundle.name!r} already: choose another"
                )


def new_concept_tokens(bundle: Bundle, starts: Mapping[str, str | None], *, length: int = 1) -> ConceptTokens:
    """Tokens to be trained.

    Args:
        bundle: the base.
        starts: token -> words that it starts as, whose mean every vector gets; None is a rare token, each its own.
        length: vectors a token.

    Raises:
        InputError: tokens that cannot be, or words without a token.
    """
    check_tokens(bundle, list(starts))
    tables = []
    for tokenizer, encoder in zip(bundle.tokenizers, bundle.text_encoders, strict=True):
        known = encoder.get_input_embeddings().weight.detach().float()
        rare = iter(rare_numbers(tokenizer, len(starts)))
        rows = []
        for words in starts.values():
            numbers = [next(rare)] if words is None else _numbers(tokenizer, words)
            rows.append(known[numbers].mean(dim=0).expand(length, -1))
        tables.append(torch.cat(rows) if rows else known.new_zeros(0, known.shape[1]))
    return ConceptTokens(dict.fromkeys(starts, length), tables).to(bundle.device)  # type: ignore[no-any-return]


def rare_numbers(tokenizer: Any, count: int) -> list[int]:
    """Numbers of tokens that hardly a text holds: `RARE` where they are one token, then CLIP's last bytes.

    Args:
        tokenizer: transformers' CLIPTokenizer.
        count: how many.

    Raises:
        InputError: more than there are.
    """
    vocabulary = tokenizer.get_vocab()
    known = [vocabulary[f"{word}</w>"] for word in RARE if f"{word}</w>" in vocabulary]
    found = [*known, *range(2 * _BYTES - 1, _BYTES - 1, -1)][:count]
    if len(found) < count:
        raise InputError(f"{count} tokens at once: a base has no more than {len(found)} rare ones to start from")
    return found


def with_concept_tokens(bundle: Bundle, tokens: ConceptTokens) -> Bundle:
    """The same base with these words in its vocabulary. The one that is given stays as it is, and shares all weights.

    Args:
        bundle: the base; may have been given other tokens before.
        tokens: on its device; a change of their vectors acts at once.

    Raises:
        InputError: a token that the base knows already.
        ModelError: vectors for other text encoders, or others are in these encoders at the same numbers.
    """
    check_tokens(bundle, list(tokens.lengths))
    wanted = [encoder.config.hidden_size for encoder in bundle.text_encoders]
    if [one.shape[1] for one in tokens.vectors] != wanted:
        found = [one.shape[1] for one in tokens.vectors]
        raise ModelError(f"vectors of widths {found} for text encoders of {wanted}: they were made for another base")
    tokenizers = []
    for encoder, tokenizer, vectors in zip(bundle.text_encoders, bundle.tokenizers, tokens.vectors, strict=True):
        _put_in(encoder, len(tokenizer), vectors)
        tokenizers.append(taught(tokenizer, tokens.lengths))
    return replace(bundle, tokenizers=tuple(tokenizers))


def without_concept_tokens(bundle: Bundle) -> None:
    """Free a base's text encoders of all tokens that were put into them."""
    for encoder in bundle.text_encoders:
        for _, *handles in encoder.__dict__.pop(_KEY, ()):
            for handle in handles:
                handle.remove()


def _put_in(encoder: Any, first: int, vectors: Tensor) -> None:
    """Let an encoder find vectors at the numbers from `first` on.

    The number itself never reaches it: it may be beyond its table, and CLIP finds the end of some texts by the largest
    number, which a new one would be.
    """
    held = encoder.__dict__.setdefault(_KEY, [])
    if any(first < end for end, *_ in held):
        raise ModelError("other learned tokens are in this base's text encoders: take those out first")
    seen: list[Tensor] = []

    def hide(module: Any, given: tuple[Any, ...], named: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        numbers = given[0] if given else named["input_ids"]
        own = (numbers >= first) & (numbers < first + len(vectors))
        seen[:] = [torch.where(own, numbers - first, -1)]
        hidden = numbers.masked_fill(own, _MASK)
        return ((hidden, *given[1:]), named) if given else (given, {**named, "input_ids": hidden})

    def show(module: Any, given: Any, output: Tensor) -> Tensor:
        places = seen[0]
        if not bool((places >= 0).any()):
            return output
        return torch.where((places >= 0)[..., None], vectors[places.clamp(min=0)].to(output), output)

    before = encoder.register_forward_pre_hook(hide, with_kwargs=True)
    held.append((first + len(vectors), before, encoder.get_input_embeddings().register_forward_hook(show)))


def taught(tokenizer: Any, lengths: Mapping[str, int]) -> Any:
    """A copy of a tokenizer that knows some tokens. One of several vectors is spelled as several, written as one.

    Args:
        tokenizer: transformers' CLIPTokenizer.
        lengths: token -> how many vectors it has.
    """
    from tokenizers import AddedToken, normalizers

    learned = copy.deepcopy(tokenizer)
    for token, length in lengths.items():
        parts = [token] if length == 1 else [f"{token[:-1]}|{number}>" for number in range(length)]
        if len(parts) > 1:
            before = learned.backend_tokenizer.normalizer
            spelled = normalizers.Replace(token, "".join(parts))
            learned.backend_tokenizer.normalizer = normalizers.Sequence([before, spelled])
        learned.add_tokens([AddedToken(part, normalized=True) for part in parts])
    return learned


def _numbers(tokenizer: Any, words: str) -> list[int]:
    numbers = tokenizer(words, add_special_tokens=False).input_ids
    if not numbers:
        raise InputError(f"{words!r} has no word that a token could start from")
    return list(numbers)
