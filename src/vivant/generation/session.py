"""From settings to pictures on disk, for every command that draws: first what costs nothing, then the models."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vivant.adapters.lora_file import lora_path
from vivant.adapters.relation_embedding import (
    RelationEmbedding,
    embedding_path,
    encode_with_relation,
    load_relation_embedding,
)
from vivant.adapters.relation_lora import load_lora
from vivant.adapters.sources import AdapterChoice, AdapterSources, find_sources
from vivant.adapters.tuned import load_tuned, tuned_files
from vivant.errors import InputError
from vivant.generation.inputs import read_subjects
from vivant.generation.layout_free import LayoutFree
from vivant.generation.pictures import draw_all, prepare
from vivant.generation.plan import Given, Picture, Sampling, plan_pictures, sampling
from vivant.generation.sample import Recorder
from vivant.models.bundle import Bundle, load_bundle
from vivant.models.checkpoint import Checkpoint, hash_files, open_checkpoint
from vivant.models.text import Text
from vivant.models.torch_models import one_thread_if_small, pick_device, pick_dtype
from vivant.settings.generate import GenerateSettings

Say = Callable[[str], None]


@dataclass(frozen=True)
class Session:
    """All that settings come to before a model is in memory: photos read, weights at least there.

    Attributes:
        settings: what to draw and how.
        checkpoint: of the base.
        how: steps, guidance and size.
        sources: of image prompts, where there are subjects.
        given: subjects, hashes of adapter, encoders, LoRAs and what was tuned.
        device: torch's.
        dtype: torch's name of what the UNet computes in.
    """

    settings: GenerateSettings
    checkpoint: Checkpoint
    how: Sampling
    sources: AdapterSources | None
    given: Given
    device: Any
    dtype: str

    @property
    def batch(self) -> int:
        """Pictures drawn together."""
        return self.settings.batch or self.checkpoint.defaults.batch

    def plan(self, out: Path) -> list[Picture]:
        """Every picture, see `plan_pictures`."""
        return plan_pictures(self.settings, self.how, self.checkpoint, out, self.dtype, self.given)


def open_session(settings: GenerateSettings, purpose: str, say: Say = lambda line: None) -> Session:
    """Look at everything that drawing needs.

    Args:
        settings: what to draw and how.
        purpose: for messages, as "vivant generate".
        say: told of a download.

    Raises:
        VivantError: photos, weights or a device that are not there or do not fit; see the functions called.
    """
    device = pick_device(settings.device, purpose)
    dtype = pick_dtype(settings.dtype, device)
    checkpoint = open_checkpoint(settings.base, half=dtype.itemsize == 2, say=say)
    sources = None
    if settings.subjects:
        choice = AdapterChoice(settings.adapter, settings.image_encoder, settings.local_encoder)
        sources = find_sources(checkpoint.name, choice)
    paths = [Path(lora.path).expanduser() for lora in settings.loras]
    learned = [hash_files([embedding_path(path) or lora_path(path)]) for path in paths]
    hashes = {} if sources is None else dict(sources.hashes())
    if settings.tuned:
        hashes["tuned"] = hash_files(tuned_files(Path(settings.tuned).expanduser()))
    given = Given(read_subjects(settings), hashes, learned)
    how = sampling(settings, checkpoint)
    return Session(settings, checkpoint, how, sources, given, device, str(dtype).removeprefix("torch."))


def load_session(session: Session) -> Bundle:
    """The base, on one thread where it is small, with the subjects that it has learned."""
    one_thread_if_small(session.checkpoint.defaults.small, session.device)
    bundle = load_bundle(session.checkpoint, session.settings.device, session.settings.dtype)
    tuned = session.settings.tuned
    return load_tuned(bundle, Path(tuned).expanduser()) if tuned else bundle


def draw_session(
    session: Session,
    bundle: Bundle,
    pictures: Sequence[Picture],
    *,
    record: Recorder | None = None,
    say: Say = lambda line: None,
) -> Iterator[Picture]:
    """Draw planned pictures, part by part (see `rounds`); each comes back once it is on disk.

    Args:
        session: whose they are.
        bundle: from `load_session`.
        pictures: those of its plan that are wanted.
        record: told of every step of every batch.
        say: told of the end of a prompt that the base cannot read.

    Raises:
        VivantError: see `prepare`, `load_lora` and `draw_all`.
    """
    settings = session.settings
    encode = _learned(bundle, settings)
    free = LayoutFree(settings.layout_start, settings.layout_threshold) if settings.layout == "attention" else None
    for part in rounds(pictures):
        portraits = prepare(bundle, part, session.sources, free) if session.sources else None
        yield from draw_all(
            bundle,
            part,
            session.how,
            batch=session.batch,
            portraits=portraits,
            encode=encode,
            record=record,
            say=say,
        )


def rounds(pictures: Sequence[Picture]) -> Iterator[list[Picture]]:
    """Pictures in parts in which no two have one prompt and different subjects.

    What a prompt's pictures show is prepared once a prompt, so such two cannot be drawn in one go.
    """
    left = list(pictures)
    while left:
        first: dict[str, Any] = {}
        now = [item for item in left if first.setdefault(item.prompt, _shown(item)) == _shown(item)]
        yield now
        left = [item for item in left if first[item.prompt] != _shown(item)]


def _shown(item: Picture) -> tuple[Any, ...]:
    return tuple((one.name, one.box, one.scale, tuple(photo.hash for photo in one.photos)) for one in item.subjects)


def _learned(bundle: Bundle, settings: GenerateSettings) -> Callable[[str], Text] | None:
    """Put LoRAs into the base; where a relation was learned as an embedding, how prompts are encoded with it."""
    embeddings: list[RelationEmbedding] = []
    for number, lora in enumerate(settings.loras):
        path = Path(lora.path).expanduser()
        if embedding_path(path) is None:
            load_lora(bundle.unet, path, f"lora{number}", lora.weight)
            continue
        if embeddings or lora.weight != 1.0:
            raise InputError(f"{path}: an embedding stands for the relation's words: give one alone, without a weight")
        embeddings.append(load_relation_embedding(bundle, path))
    return (lambda prompt: encode_with_relation(bundle, [prompt], embeddings[0])) if embeddings else None
