"""R*: a relation as one learned word, the way of ReVersion. It stands in place of the words that say the relation.

DreamRelation compares itself with it (sections 3.2 and 4.2): the text alone is learned, and no weight of the base.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from vivant.errors import InputError, ModelError
from vivant.models.bundle import Bundle
from vivant.models.tensor_files import read_tensors, write_tensors
from vivant.models.text import Text, encode_tokens, token_numbers
from vivant.relations.predicate import Span, predicate_span, token_positions
from vivant.types.triplet import word_spans

EMBEDDING = "relation_embedding.safetensors"
"""What it is called in a run's folder."""
_METADATA = "vivant.predicate"
_MADE = "vivant"


class RelationEmbedding(nn.Module):  # type: ignore[misc]
    """One vector for each text encoder.

    Attributes:
        predicate: the words that it stands for, "hugging".
        vectors: of the encoders, in order, float32.
    """

    def __init__(self, predicate: str, vectors: Sequence[Tensor]) -> None:
        super().__init__()
        self.predicate = predicate
        self.vectors = nn.ParameterList([nn.Parameter(one.detach().float().clone()) for one in vectors])


def new_relation_embedding(bundle: Bundle, prompt: str, span: Span) -> RelationEmbedding:
    """An embedding to be trained. It starts as the mean of the words that it stands for: what the base knows of it.

    Args:
        bundle: the base.
        prompt: says the relation.
        span: where, in characters.

    Raises:
        InputError: no token of the relation is read.
    """
    starts = []
    for numbers, encoder, tokenizer in zip(
        token_numbers(bundle, [prompt]), bundle.text_encoders, bundle.tokenizers, strict=True
    ):
        places = token_positions(tokenizer, prompt, span)
        table = encoder.get_input_embeddings().weight.detach()
        starts.append(table[numbers[0, places].to(table.device)].float().mean(dim=0))
    return RelationEmbedding(prompt[slice(*span)], starts)


def encode_with_relation(bundle: Bundle, prompts: Sequence[str], embedding: RelationEmbedding) -> Text:
    """`encode_text`, the words of the relation replaced by R*: one token, however many they are.

    A prompt that does not hold the very words is searched for a predicate of its own; one without any is encoded as it
    is. The result has a graph to the vectors where gradients are on.

    Args:
        bundle: the base.
        prompts: one or more.
        embedding: R*, on the base's device.

    Raises:
        InputError: a relation that stands where the encoder reads no more.
    """
    spans = [relation_span(prompt, embedding.predicate) for prompt in prompts]
    shortened, places = [], []
    for numbers, tokenizer in zip(token_numbers(bundle, prompts), bundle.tokenizers, strict=True):
        found = [
            [] if span is None else token_positions(tokenizer, prompt, span)
            for prompt, span in zip(prompts, spans, strict=True)
        ]
        shortened.append(
            torch.stack([_one_token(*pair, tokenizer.pad_token_id) for pair in zip(numbers, found, strict=True)])
        )
        places.append([(row, held[0]) for row, held in enumerate(found) if held])
    with ExitStack() as stack:
        for encoder, vector, where in zip(bundle.text_encoders, embedding.vectors, places, strict=True):
            stack.enter_context(_replaced(encoder, vector, where))
        return encode_tokens(bundle, shortened)


def relation_span(prompt: str, predicate: str) -> Span | None:
    """Where a prompt says the relation: at the very words, else where its own predicate is; None where it says none."""
    exact = word_spans(prompt, predicate)
    if exact:
        return exact[0]
    try:
        return predicate_span(prompt)
    except InputError:
        return None


def embedding_path(path: Path) -> Path | None:
    """The embedding's file, whether a run's folder or the file is named; None where that is something else."""
    file = path / EMBEDDING if path.is_dir() else path
    return file if file.name == EMBEDDING and file.is_file() else None


def save_relation_embedding(embedding: RelationEmbedding, folder: Path, made: Mapping[str, Any]) -> None:
    """Write `relation_embedding.safetensors`, atomically; how it was made goes into its header.

    Raises:
        StoreError: it cannot be written.
    """
    tensors = {str(number): one.detach().cpu() for number, one in enumerate(embedding.vectors)}
    header = {_METADATA: json.dumps(embedding.predicate), _MADE: json.dumps(dict(made), sort_keys=True)}
    write_tensors(folder / EMBEDDING, tensors, header)


def load_relation_embedding(bundle: Bundle, path: Path) -> RelationEmbedding:
    """From a run's folder or the file, on the base's device, frozen.

    Raises:
        ModelError: missing, broken, or made for a base of other text encoders.
    """
    file = path / EMBEDDING if path.is_dir() else path
    tensors, header = read_tensors(file)
    try:
        predicate = str(json.loads(header[_METADATA]))
        vectors = [tensors[str(number)] for number in range(len(tensors))]
    except (KeyError, ValueError) as error:
        raise ModelError(f"{file}: not the embedding of a relation ({error})") from error
    wanted = [[encoder.config.hidden_size] for encoder in bundle.text_encoders]
    if [list(one.shape) for one in vectors] != wanted:
        found = [list(one.shape) for one in vectors]
        raise ModelError(f"{file}: vectors of {found} for text encoders of {wanted}: it was made for another base")
    return RelationEmbedding(predicate, vectors).to(bundle.device).requires_grad_(False)  # type: ignore[no-any-return]


def _one_token(numbers: Tensor, places: Sequence[int], pad: int) -> Tensor:
    """Token numbers [tokens] with all but the first of some places taken out, filled up at the end."""
    if len(places) < 2:
        return numbers
    kept = torch.ones(len(numbers), dtype=torch.bool)
    kept[list(places[1:])] = False
    return torch.cat([numbers[kept], numbers.new_full((len(places) - 1,), pad)])


@contextmanager
def _replaced(encoder: Any, vector: Tensor, places: Sequence[tuple[int, int]]) -> Iterator[None]:
    """A text encoder that finds the vector at these places (row, token) of a batch, whatever the tokens are."""

    def put(module: Any, inputs: Any, output: Tensor) -> Tensor:
        mask = torch.zeros(output.shape[:2], dtype=torch.bool, device=output.device)
        if places:
            rows, columns = zip(*places, strict=True)
            mask[list(rows), list(columns)] = True
        return torch.where(mask[..., None], vector.to(output), output)

    handle = encoder.get_input_embeddings().register_forward_hook(put)
    try:
        yield
    finally:
        handle.remove()
